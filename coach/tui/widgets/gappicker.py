"""Time that nothing explains: which of it, and what it was, by one letter or in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from coach.core import unexplained
from coach.core.words import duration
from coach.tui.actions import BY_ID, bindings, in_scope, keys_of

LABELS = {f"gaps.{name}": said for name, said in unexplained.LABELS.items()}
"""What each key says: the title, and the category."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """`category` is empty where the words speak for themselves."""

    start: datetime
    end: datetime
    text: str
    category: str


class GapPicker(ModalScreen[Labelled | None]):
    """Dismissed with what a gap was, or None. Arrows choose the gap, a letter labels it, Enter asks for other words."""

    DEFAULT_CSS = """
    GapPicker {
        align: center middle;
        & > Vertical { width: 66; max-width: 100%; max-height: 100%; }
        VerticalScroll { height: auto; max-height: 10; scrollbar-size-vertical: 1; }
        Static { height: auto; padding: 0 1; }
        #labels { color: $quiet; padding: 1 1 0 1; }
        Input, Input:focus { background: $surface; }
        Input { display: none; }
        &.-words Input { display: block; }
        &.-words #labels { display: none; }
        &.-low > Vertical { border: none; padding: 0; }
        &.-low VerticalScroll { max-height: 2; }
        &.-low #labels { padding: 0 1; }
    }
    """
    AUTO_FOCUS = ""
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012  Textual declares it without ClassVar
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("gaps"), Binding("escape", "leave", "leave"), Binding("up,k", "choose(-1)", show=False),
        Binding("down,j", "choose(1)", show=False), Binding("enter", "words", show=False),
    ]

    def __init__(self, gaps: Sequence[tuple[datetime, datetime]], day: str, tz: ZoneInfo) -> None:
        super().__init__()
        self._gaps, self._day, self._tz = list(gaps), day, tz
        self._at = max(range(len(gaps)), key=lambda n: gaps[n][1] - gaps[n][0], default=0)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = f"Time that nothing explains, {self._day}"
            box.border_subtitle = "↑↓ which · a letter says what · enter in words · esc leaves"
            with VerticalScroll(can_focus=False):
                yield Static(id="gaps")
            yield Static(id="labels")
            yield Input(placeholder="what it was, in your words", select_on_focus=False)

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        self._draw()

    def action_choose(self, by: int) -> None:
        self._at = (self._at + by) % len(self._gaps)
        self._draw()
        self.query_one(VerticalScroll).scroll_to(y=self._at - 4, animate=False)

    def action_words(self) -> None:
        self.add_class("-words")
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        if self.has_class("-words"):
            self.remove_class("-words")
            self.set_focus(None)
        else:
            self.dismiss(None)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            start, end = self._gaps[self._at]
            self.dismiss(Labelled(start, end, event.value.strip(), ""))

    def _label(self, action: str) -> None:
        start, end = self._gaps[self._at]
        self.dismiss(Labelled(start, end, *LABELS[action]))

    def action_gaps_meeting(self) -> None:
        self._label("gaps.meeting")

    def action_gaps_call(self) -> None:
        self._label("gaps.call")

    def action_gaps_break(self) -> None:
        self._label("gaps.break")

    def action_gaps_errand(self) -> None:
        self._label("gaps.errand")

    def action_gaps_reading(self) -> None:
        self._label("gaps.reading")

    def action_gaps_paper(self) -> None:
        self._label("gaps.paper")

    def _draw(self) -> None:
        lines = []
        for n, (start, end) in enumerate(self._gaps):
            here = n == self._at
            times = f"{start.astimezone(self._tz):%H:%M} to {end.astimezone(self._tz):%H:%M}"
            text = f"{'›' if here else ' '} {times}   {duration((end - start).total_seconds())}"
            lines.append(Content.styled(text, "bold $primary" if here else ""))
        self.query_one("#gaps", Static).update(Content("\n").join(lines))
        keymap = getattr(self.app, "keymap", {})
        labels = [
            Content.assemble((f"{keys_of(BY_ID[a.id], keymap)} ", "bold $primary"), LABELS[a.id][0]) for a in in_scope("gaps")
        ]
        self.query_one("#labels", Static).update(Content("   ").join(labels))
