"""Horizontal bars with a label, a value and a note: apps, categories, anything that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message

from coach.core.stats import sparkline
from coach.tui.widgets.cursor import Rows
from coach.tui.widgets.paint import LEVEL_MARKS, MOVES, Line, Painted, bar, fit, productivity, right

MOST_COURSE = 31
"""A course is drawn in so many cells at most."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`level` is a productivity level, 0 to 1, shown as a mark before the label; None shows none. `course` are values
    over time, drawn behind the bar where there is room; `key` names the row in a table."""

    label: str
    value: float
    text: str
    note: str = ""
    level: float | None = None
    course: Sequence[float] = ()
    key: str = ""


class Bars(Painted):
    """As many bars as are given to `show`, scaled to the largest or to `top`; `empty` is said when there are none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._bars: Sequence[Bar] = ()
        self._empty = ""
        self._top: float | None = None

    def show(self, bars: Sequence[Bar], empty: str, top: float | None = None) -> None:
        self._bars, self._empty, self._top = bars, empty, top
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._bars:
            return [[(fit(self._empty, width), "muted")]] if self._empty else []
        top = self._top or max(b.value for b in self._bars) or 1.0
        text_width = max(cell_len(b.text) for b in self._bars)
        note_width = max(cell_len(b.note) for b in self._bars) if width >= 44 else 0
        longest = max(cell_len(b.label) for b in self._bars)
        label_width = max(6, min(longest, (width - text_width - note_width - 6) * 6 // 10))
        room = max(1, width - 2 - label_width - 1 - text_width - 1 - (note_width + 1 if note_width else 0))
        course = max(len(b.course) for b in self._bars) if width >= 72 else 0
        course_width = min(MOST_COURSE, course, room - 12) if course > 1 and room >= 16 else 0
        room -= course_width + 2 if course_width else 0
        return [
            self._line(n, b, top, label_width, room, text_width, note_width, course_width) for n, b in enumerate(self._bars)
        ]

    def _label_tone(self, number: int) -> str:
        return ""

    def _line(
        self, number: int, b: Bar, top: float, label_width: int, room: int, text_width: int, note_width: int, course_width: int,
    ) -> Line:
        step = productivity(b.level) if b.level is not None else 2
        mark = LEVEL_MARKS[step] if b.level is not None else " "
        filled, rest = bar(b.value / top, room)
        tone = f"p{step}" if b.level is not None else "l4"
        line: Line = [
            (f"{mark} ", f"p{step}"), (fit(b.label, label_width), self._label_tone(number)), (" ", ""),
            (filled, tone), (rest, "track"), (" ", ""), (right(b.text, text_width), "strong"),
        ]
        if note_width:
            line += [(" ", ""), (right(b.note, note_width), "muted")]
        if course_width:
            line += [("  ", ""), (right(sparkline(b.course[-course_width:]), course_width), tone)]
        return line


class AmountTable(Bars, Rows, can_focus=True):
    """Bars with a cursor: up and down choose a row, Enter or a second click opens what it is made of."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    class Opened(Message):
        """The row under the cursor was asked about."""

        def __init__(self, table: AmountTable, key: str) -> None:
            super().__init__()
            self.table, self.key = table, key

        @property
        def control(self) -> AmountTable:
            return self.table

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.cursor = 0

    @property
    def selected(self) -> Bar | None:
        """The row under the cursor."""
        return self._bars[self.cursor] if self._bars else None

    def show(self, bars: Sequence[Bar], empty: str, top: float | None = None) -> None:
        """The cursor stays on its row while there is one of that key."""
        here = self.selected.key if self.selected else ""
        super().show(bars, empty, top)
        self.cursor = next((n for n, b in enumerate(bars) if b.key == here), max(0, min(self.cursor, len(bars) - 1)))

    def _label_tone(self, number: int) -> str:
        return "cursor" if number == self.cursor and self.has_focus else ""

    @property
    def count(self) -> int:
        return len(self._bars)

    def action_open(self) -> None:
        if self.selected is not None:
            self.post_message(self.Opened(self, self.selected.key))

    def on_click(self, event: events.Click) -> None:
        if event.y == self.cursor:
            self.action_open()
        else:
            self._go(event.y)
