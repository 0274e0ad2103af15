"""Patterns of days, two lines each: how often with its interval, what goes with it, and days to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from coach.tui.widgets.paint import MOVES, Line, Painted, fit, right

BAR = 16
SHARE = "100% (100% to 100%)"


@dataclass(frozen=True, slots=True)
class PatternRow:
    """`share` of the days with the ends of its interval, 0 to 1; `examples` are days in words, in the order of their keys."""

    title: str
    count: str
    share: float
    low: float
    high: float
    effect: str
    sure: bool
    examples: Sequence[str] = ()


class PatternList(Painted, can_focus=True):
    """Up and down choose a pattern, left and right one of its days."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[PatternRow] = ()
        self._empty: list[Line] = []
        self.cursor = (0, 0)
        """(pattern, example)"""

    def show(self, rows: Sequence[PatternRow], empty: list[Line]) -> None:
        """`empty` is said where there is no row."""
        self._rows, self._empty = rows, empty
        self._go(*self.cursor)
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._rows:
            return self._empty
        counts = max(len(r.count) for r in self._rows)
        rest = width - 2 - 1 - counts - 2 - len(SHARE)
        bars = rest - BAR - 1 >= 24
        title = max(12, rest - BAR - 1 if bars else rest)
        title = min(title, max(len(r.title) for r in self._rows))
        return [line for n, r in enumerate(self._rows) for line in self._two(n, r, title, counts, bars=bars)]

    def _two(self, number: int, r: PatternRow, title: int, counts: int, *, bars: bool) -> list[Line]:
        here = number == self.cursor[0]
        first: Line = [
            ("▸ " if here else "  ", "accent"),
            (fit(r.title, title), "cursor" if here and self.has_focus else "strong" if here else ""),
            (" " + right(r.count, counts) + "  ", "muted"),
        ]
        if bars:
            first += [*_interval(r), (" ", "")]
        first.append((f"{r.share:>4.0%} ({r.low:.0%} to {r.high:.0%})", ""))
        second: Line = [("    ", ""), (r.effect, ("good" if "+" in r.effect else "bad") if r.sure else "muted")]
        if r.examples:
            second.append(("  days ", "muted"))
            for n, day in enumerate(r.examples):
                chosen = here and n == self.cursor[1]
                second += [(f"[{day}]" if chosen else f" {day} ", "accent" if chosen else "muted")]
        return [first, second]

    # The cursor

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def _go(self, row: int, example: int) -> None:
        row = max(0, min(row, len(self._rows) - 1))
        most = len(self._rows[row].examples) - 1 if self._rows else 0
        self.cursor = (row, max(0, min(example, most)))
        self.repaint()

    def action_cursor_down(self) -> None:
        self._go(self.cursor[0] + 1, 0)

    def action_cursor_up(self) -> None:
        self._go(self.cursor[0] - 1, 0)

    def action_cursor_left(self) -> None:
        self._go(self.cursor[0], self.cursor[1] - 1)

    def action_cursor_right(self) -> None:
        self._go(self.cursor[0], self.cursor[1] + 1)

    def action_first(self) -> None:
        self._go(0, 0)

    def action_last(self) -> None:
        self._go(len(self._rows) - 1, 0)

    def on_click(self, event: events.Click) -> None:
        self._go(event.y // 2, 0)


def _interval(r: PatternRow) -> Line:
    """The share as a mark inside its interval, on a scale from 0 to 1."""
    low, high = round(r.low * (BAR - 1)), round(r.high * (BAR - 1))
    at = round(r.share * (BAR - 1))
    text = "".join("◆" if i == at else "━" if low <= i <= high else "─" for i in range(BAR))
    return [(text[:low], "track"), (text[low:high + 1], "l4"), (text[high + 1:], "track")]
