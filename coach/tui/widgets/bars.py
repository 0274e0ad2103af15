"""Horizontal bars with a label, a value and a note: apps, categories, anything that is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from coach.tui.widgets.paint import LEVEL_MARKS, Line, Painted, bar, fit, productivity, right


@dataclass(frozen=True, slots=True)
class Bar:
    """`level` is a productivity level, 0 to 1, shown as a mark before the label; None shows none."""

    label: str
    value: float
    text: str
    note: str = ""
    level: float | None = None


class Bars(Painted):
    """As many bars as are given to `show`, scaled to the largest; `empty` is said when there are none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._bars: Sequence[Bar] = ()
        self._empty = ""

    def show(self, bars: Sequence[Bar], empty: str) -> None:
        self._bars, self._empty = bars, empty
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._bars:
            return [[(fit(self._empty, width), "muted")]]
        top = max(b.value for b in self._bars) or 1.0
        text_width = max(cell_len(b.text) for b in self._bars)
        note_width = max(cell_len(b.note) for b in self._bars) if width >= 44 else 0
        longest = max(cell_len(b.label) for b in self._bars)
        label_width = max(6, min(longest, (width - text_width - note_width - 6) * 6 // 10))
        room = max(1, width - 2 - label_width - 1 - text_width - 1 - (note_width + 1 if note_width else 0))
        return [self._line(b, top, label_width, room, text_width, note_width) for b in self._bars]

    @staticmethod
    def _line(b: Bar, top: float, label_width: int, room: int, text_width: int, note_width: int) -> Line:
        step = productivity(b.level) if b.level is not None else 2
        mark = LEVEL_MARKS[step] if b.level is not None else " "
        filled, rest = bar(b.value / top, room)
        tone = f"p{step}" if b.level is not None else "l4"
        line: Line = [
            (f"{mark} ", f"p{step}"), (fit(b.label, label_width), ""), (" ", ""),
            (filled, tone), (rest, "track"), (" ", ""), (right(b.text, text_width), "strong"),
        ]
        return [*line, (" ", ""), (right(b.note, note_width), "muted")] if note_width else line
