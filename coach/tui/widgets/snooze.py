"""The snooze picker: a few good moments, or any in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from coach.core.errors import CoachError
from coach.core.when import Moment
from coach.engine import snoozing, tasks
from coach.engine.task_view import full_words

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


class SnoozePicker(ModalScreen[Moment | None]):
    """Dismissed with the moment that was picked, or None. Arrows choose; typing names another moment."""

    DEFAULT_CSS = """
    SnoozePicker {
        align: center middle;
        & > Vertical { width: 56; max-width: 100%; max-height: 100%; }
        #choices { height: auto; padding: 0 1; }
        #meant { height: auto; padding: 0 1; color: $quiet; }
        Input, Input:focus { background: $surface; }
    }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (14, "-high")]  # noqa: RUF012  Textual declares it without ClassVar
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "leave"), Binding("up", "choose(-1)", show=False),
        Binding("down", "choose(1)", show=False),
    ]

    app: CoachApp

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._choices: tuple[tuple[str, Moment], ...] = ()
        self._at = 0

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = "enter picks · esc leaves"
            yield Input(placeholder="or in words: fri 9:00, 2h, next week", select_on_focus=False)
            yield Static(id="choices")
            yield Static(id="meant", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._choices = snoozing.choices(self.app.runtime.config, self.app.now(), self.app.tz)
        self._draw()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def action_choose(self, by: int) -> None:
        entry = self.query_one(Input)
        if entry.value:
            entry.value = ""  # who goes to the choices after all means one of them
        else:
            self._at = (self._at + by) % len(self._choices)
        self._draw()

    def on_input_changed(self, event: Input.Changed) -> None:
        if not event.value.strip():
            self._say("")
            self._draw()
            return
        try:
            self._say(f"until {full_words(self._moment(event.value), self.app.tz, self.app.now())}")
        except CoachError as error:
            self._say(error.hint or error.message)
        self._draw()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        try:
            moment = self._moment(event.value) if event.value.strip() else self._choices[self._at][1]
        except CoachError as error:
            self._say(f"{error.message}; {error.hint}")
            return
        self.dismiss(moment)

    def _moment(self, words: str) -> Moment:
        return tasks.snooze_moment(words, self.app.runtime.config, self.app.now(), self.app.tz)

    def _say(self, words: str) -> None:
        self.query_one("#meant", Static).update(words)

    def _draw(self) -> None:
        typed = bool(self.query_one(Input).value.strip())
        lines = []
        for n, (words, moment) in enumerate(self._choices):
            here = n == self._at and not typed
            if self.has_class("-low") and n != self._at:
                continue  # one line is all the room there is; the arrows go through them
            line = f"{'›' if here else ' '} {words:<18} {full_words(moment, self.app.tz, self.app.now())}"
            lines.append(Content.styled(line, "bold $primary" if here else "$quiet" if typed else ""))
        self.query_one("#choices", Static).update(Content("\n").join(lines))
