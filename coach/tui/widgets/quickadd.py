"""Quick-add: one line that is understood while it is typed. Also edits a task, in the same words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from rich.highlighter import Highlighter
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Input, Static

from coach.core import quickadd
from coach.core.errors import CoachError
from coach.core.task import Draft
from coach.engine import language, tasks
from coach.engine.task_text import superseded, understood
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.conversing import models_of
from coach.tui.widgets.paint import clean

if TYPE_CHECKING:
    from coach.core.language import Expansion
    from coach.engine.suggesting import Hint
    from coach.tui.app import CoachApp

Ignored = frozenset[tuple[int, int]]

HINT_S = 0.12
"""A moment without a key after which a category is suggested."""
PAUSE_S = 0.4
"""A pause in typing after which dateparser is asked."""

LOOKS = {
    "due": ("primary", "underline"), "scheduled": ("primary", "underline"), "wait": ("primary", "underline"),
    "until": ("primary", "underline"), "recurrence": ("secondary", "underline italic"),
    "remind": ("secondary", "underline"), "project": ("success", "bold underline"),
    "tag": ("success", "italic underline"), "priority": ("error", "bold underline"),
    "estimate": ("accent", "underline"), "depends": ("secondary", "underline"), "notes": ("quiet", "italic underline"),
}
"""Theme colour and style by kind of span; the underline alone shows what was recognised."""


class Spans(Highlighter):
    """Paints the spans of the last reading. `style_of` maps a kind to a style."""

    def __init__(self, style_of: Callable[[str], Style]) -> None:
        self.draft: Draft | None = None
        self._style_of = style_of

    def highlight(self, text: Text) -> None:
        for span in self.draft.spans if self.draft else ():
            text.stylize(self._style_of(span.kind), span.start, span.end)


class GrammarInput(Input):
    """An input that reads its text as quick-add. `ignored` are the spans that were turned back into words."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("quickadd")

    app: CoachApp

    class Read(Message):
        """The text was read anew."""

        def __init__(self, draft: Draft | None) -> None:
            super().__init__()
            self.draft = draft

    class Taken(Message):
        """What is offered beside the text is taken."""

    def __init__(self, value: str = "", ignored: Ignored = frozenset(), placeholder: str = "", line: str = "") -> None:
        """`line` is the task that is edited, in whose words what is typed replaces what stands there."""
        self._line = line
        self._spans = Spans(self._style_of)
        self.ignored = ignored
        self._read_text = value
        self._pause: Timer | None = None
        super().__init__(value, placeholder=placeholder, highlighter=self._spans, select_on_focus=False)
        self.cursor_blink = False

    def on_mount(self) -> None:
        self.read()

    def on_input_changed(self) -> None:
        self.ignored = shifted(self.ignored, self._read_text, self.value)
        self.read()

    def read(self) -> None:
        """Understand the text (without asking dateparser, which is slow) and repaint."""
        self._read_text = self.value
        draft = None
        if self.value.strip():
            app = self.app
            day_first = app.runtime.config.time.day_first
            read = partial(quickadd.parse, now=app.now(), tz=app.tz, day_first=day_first, ignore=self.ignored)
            draft = read(superseded(self._line, self.value, read) if self._line else self.value)
        self._show(draft)
        if self._pause:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE_S, self._read_slowly) if draft else None

    def _read_slowly(self) -> None:
        """After a pause in typing: with dateparser, for dates in other languages."""
        text, ignored, line, app = self.value, self.ignored, self._line, self.app

        def read(now: datetime) -> Draft:
            parse = partial(tasks.parse, config=app.runtime.config, now=now, tz=app.tz, ignore=ignored)
            return parse(superseded(line, text, parse) if line else text)

        async def ask() -> None:
            draft = await app.read(lambda db, now: read(now))
            if (text, ignored) == (self.value, self.ignored) and self.is_attached:
                self._show(draft)

        self.run_worker(ask(), group="languages", exclusive=True)

    def _show(self, draft: Draft | None) -> None:
        self._spans.draft = draft
        self.refresh()
        self.post_message(self.Read(draft))

    def action_quickadd_plain(self) -> None:
        """The words at the cursor stay text; pressed again there, they are a mark again."""
        at = self.cursor_position
        for start, end in self.ignored:
            if start <= at <= end:
                self.ignored -= {(start, end)}
                self.read()
                return
        spans = self._spans.draft.spans if self._spans.draft else ()
        here = [s for s in spans if s.start <= at <= s.end] or [s for s in spans if s.end <= at][-1:]
        self.ignored |= {(s.start, s.end) for s in here[:1]}
        self.read()

    def action_quickadd_take(self) -> None:
        self.post_message(self.Taken())

    def action_quickadd_leave(self) -> None:
        self.screen.dismiss()

    def _style_of(self, kind: str) -> Style:
        colour, look = LOOKS.get(kind, ("secondary", "underline"))
        value = self.app.theme_variables.get(colour, "")
        return Style.parse(f"{look} {value}" if value.startswith("#") else look)


def shifted(ignored: Ignored, old: str, new: str) -> Ignored:
    """Spans after an edit of the text around them; those that the edit touched are dropped."""
    if old == new or not ignored:
        return ignored
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    tail = 0
    while tail < min(len(old), len(new)) - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    end, by = len(old) - tail, len(new) - len(old)
    kept = {(a, b) for a, b in ignored if b <= start}
    return frozenset(kept | {(a + by, b + by) for a, b in ignored if a >= end})


class QuickAdd(ModalScreen[None]):
    """The line over any screen. `act(db, now, text, ignored)` writes; `said` makes the toast's words of its result.

    With `keep`, text that was left with Esc is there again next time; with `edits`, it is a task's line;
    without `titled`, marks alone are no title."""

    DEFAULT_CSS = """
    QuickAdd {
        align: center top;
        & > Vertical { width: 92%; max-width: 110; margin-top: 2; }
        &.-low > Vertical { margin-top: 0; width: 100%; }
        #understood { height: auto; max-height: 4; color: $foreground; padding: 0 1; }
        #hint { height: auto; max-height: 3; color: $quiet; padding: 0 1; display: none; }
        &.-low #hint { max-height: 1; }
        GrammarInput, GrammarInput:focus { background: $surface; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (10, "-high")]  # noqa: RUF012  Textual declares it without ClassVar

    app: CoachApp

    def __init__(
        self, act: Callable[[Any, datetime, str, Ignored], Any], said: Callable[[Any], str], *,
        title: str = "Add a task", text: str = "", ignored: Ignored = frozenset(), keep: bool = False, edits: bool = False,
        titled: bool = True, suggests: bool = False,
        example: str = "Call mum tomorrow 18:00 #home p2 ~15m",
    ) -> None:
        super().__init__()
        self._act, self._said, self._title, self._keep, self._example = act, said, title, keep, example
        self._start, self._line = (text, ignored), text if edits else ""
        self._titled = titled
        self._suggests = suggests
        self._hinting: Timer | None = None
        self._offers: tuple[Expansion, ...] = ()
        self._busy = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            plain = keys_of(BY_ID["quickadd.plain"], self.app.keymap)
            box.border_subtitle = f"enter saves · {plain} as text · esc leaves"
            yield GrammarInput(*self._start, placeholder=self._example, line=self._line)
            yield Static(id="understood", markup=False)
            yield Static(id="hint", markup=False)

    def on_grammar_input_read(self, message: GrammarInput.Read) -> None:
        field = self.query_one(GrammarInput)
        kept = [field.value[start:end] for start, end in sorted(field.ignored)]
        bare = message.draft is not None and quickadd.only_marks(message.draft, field.value)
        line = reading_line(message.draft, self.app.now(), self.app.tz, kept, bare=bare, titled=self._titled)
        self.query_one("#understood", Static).update(line)
        if self._keep:
            self.app.quickadd_text = field.value
        if self._suggests and self.app.runtime.config.learning.suggest:
            self._hint_soon(message.draft)

    def _hint_soon(self, draft: Draft | None) -> None:
        """Category, length and tasks like it, after a moment without a key; what was asked about other words is forgotten."""
        if self._hinting:
            self._hinting.stop()
        self.workers.cancel_group(self, "hint")
        if draft is None:
            self._show_hint(None)
        else:
            self._hinting = self.set_timer(HINT_S, lambda: self.run_worker(self._ask_hint(draft), group="hint", exclusive=True))

    async def _ask_hint(self, draft: Draft) -> None:
        models, wanted = models_of(self.app), True

        def ask(db: Any, now: datetime) -> Hint | None:
            from coach.engine import suggesting  # the categoriser's modules: only for who adds a task

            return suggesting.hint(db, models, draft, now) if wanted else None

        try:
            found = await asyncio.wrap_future(self.app.begin_thinking(ask))
        except CoachError:
            return  # a suggestion that cannot be made is none
        finally:
            wanted = False
        if self.is_attached:
            self._show_hint(found)

    def _show_hint(self, hint: Hint | None) -> None:
        line = self.query_one("#hint", Static)
        self._offers = hint.offers if hint else ()
        parts = [*map(language.offer, self._offers), *(hint.parts() if hint else ())]
        if self._offers:
            parts[0] += f" {keys_of(BY_ID['quickadd.take'], self.app.keymap)} takes it"
        line.update(" · ".join(clean(part) for part in parts))
        line.display = bool(parts)

    def on_grammar_input_taken(self) -> None:
        """A project is written into the line, where it can be seen; what a short form means is remembered."""
        if not self._offers:
            return
        one, self._offers = self._offers[0], self._offers[1:]
        if one.kind == "project":
            field = self.query_one(GrammarInput)
            title, mark, notes = field.value.partition(" // ")
            field.value = f"{title.rstrip()} #{one.long}{mark}{notes}"
            field.cursor_position = len(title.rstrip()) + len(one.long) + 2
            return
        said = f"{language.meaning(one)} from now on · u takes it back"
        self.app.change(lambda db, now: language.accept(db, one.short, one.long, now), said)

    async def on_input_submitted(self) -> None:
        field = self.query_one(GrammarInput)
        text, ignored = field.value, field.ignored
        if not text.strip():
            self.dismiss()
            return
        if not self._busy:
            self._busy = True
            self.run_worker(self._write(text, ignored))

    async def _write(self, text: str, ignored: Ignored) -> None:
        try:
            result = await self.app.write(lambda db, now: self._act(db, now, text, ignored))
        except CoachError as error:
            self.app.complain(error)
            return
        finally:
            self._busy = False
        if self._keep:
            self.app.quickadd_text = ""
        self.app.notify(self._said(result), markup=False)
        self.dismiss()


def reading_line(
    draft: Draft | None, now: datetime, tz: ZoneInfo, kept: Sequence[str] = (), *, bare: bool = False, titled: bool = True
) -> Content:
    """The line below: the title, in words each thing that was understood, and what was turned back into text. `bare`: there
    are marks only, which make a title only where one is needed (`titled`)."""
    if draft is None:
        return Content.styled("#project  @label  p1  ~45m  tomorrow 18:00  every mon  by fri  // notes", "$faint")
    parts = [] if bare and not titled else [Content.styled(draft.title, "bold")]
    for kind, words in understood(draft, now, tz):
        colour, _ = LOOKS.get(kind, ("secondary", ""))
        parts.append(Content.styled(words, f"${colour}"))
    left = [] if bare else [words for words in quickadd.unread(draft.title) if words not in kept]
    parts += [Content.styled(f"“{clean(words)}” cannot be read", "$error") for words in left]
    parts += [Content.styled(f"“{words}” stays text", "$quiet") for words in kept]
    return Content.styled(" · ", "$faint").join(parts)
