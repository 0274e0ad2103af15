"""Expected values with their band: hours as columns of a chart, days as rows. Knows floats and labels only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor
from typing import ClassVar

from textual import events
from textual.binding import BindingType

from coach.tui.widgets.cursor import Columns
from coach.tui.widgets.hourweek import BOUNDS
from coach.tui.widgets.paint import MOVES, Line, Painted, fit

GUTTER = 5
HEIGHT = 9
STEPS = (0.025, 0.05, 0.1, 0.2)
"""Values between rows."""
LIKELY = 0.25
"""An hour that is less likely to be worked is drawn faint."""


@dataclass(frozen=True, slots=True)
class Point:
    """An hour: `tick` stands below it, `label` names it in full; `active` is the probability that it is worked."""

    tick: str
    label: str
    value: float
    low: float
    high: float
    active: float = 1.0

    @property
    def likely(self) -> bool:
        return self.active >= LIKELY

    def words(self) -> str:
        """The point read aloud."""
        return f"focus {self.value:.2f}, {self.low:.2f} to {self.high:.2f} in four of five; worked {self.active:.0%}"


class BandChart(Columns, can_focus=True):
    """Columns of hours: ━ the expected value, ░ its band; hours that are hardly worked only as dots."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._points: Sequence[Point] = ()
        self._rows = HEIGHT
        self.cursor = 0

    def show(self, points: Sequence[Point], rows: int = HEIGHT) -> None:
        """In so many rows. The cursor stands on the first hour that is likely worked, unless it was moved."""
        self._rows = max(5, rows)
        moved = self.cursor and self.cursor < len(points)
        self._points = points
        self.cursor = self.cursor if moved else next((i for i, p in enumerate(points) if p.likely), 0)
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._points:
            return []
        cell = max(1, min(6, (width - GUTTER) // len(self._points)))
        shown = self._points[:max(1, (width - GUTTER) // cell)]
        high, step = self._scale(shown)
        rows = [self._row(high - i * step, step, shown, cell, labelled=i % 2 == 0) for i in range(self._rows)]
        return [*rows, self._ticks(shown, cell), self._reading()]

    def _scale(self, shown: Sequence[Point]) -> tuple[float, float]:
        """The value of the topmost row and the step to the next: a round one, the finest with which every band fits."""
        low, high = min(p.low for p in shown), max(p.high for p in shown)
        for step in STEPS:
            base = floor(low / (2 * step)) * 2 * step
            top = base + (self._rows - 1) * step
            if top >= high:
                break
        return top, step

    def _row(self, level: float, step: float, shown: Sequence[Point], cell: int, *, labelled: bool) -> Line:
        line: Line = [(f"{level:.2f} " if labelled else " " * GUTTER, "muted")]
        for number, p in enumerate(shown):
            line.append(self._cell(p, level, step / 2, cell, here=number == self.cursor))
        return line

    def _cell(self, p: Point, level: float, half: float, cell: int, *, here: bool) -> tuple[str, str]:
        gap = 1 if cell > 2 else 0
        fill = cell - gap
        if level - half < p.value <= level + half:
            glyph = "━" if p.likely else "·"
            tone = ("cursor" if self.has_focus else "accent") if here else "l4" if p.likely else "faint"
            return glyph * fill + " " * gap, tone
        if p.likely and p.low - half <= level <= p.high + half:
            return "░" * fill + " " * gap, "accent" if here else "l1"
        return " " * cell, ""

    def _ticks(self, shown: Sequence[Point], cell: int) -> Line:
        text, free = "", 0
        for number, p in enumerate(shown):
            at = number * cell
            if at >= free and p.tick:
                text = text.ljust(at) + p.tick
                free = at + len(p.tick) + 1
        return [(" " * GUTTER + text, "muted")]

    def _reading(self) -> Line:
        p = self._points[self.cursor]
        return [("  ◆ ", "accent"), (p.label, "strong"), (f"  {p.words()}", "")]

    @property
    def count(self) -> int:
        return len(self._points)

    def on_click(self, event: events.Click) -> None:
        if self._points:
            self._go((event.x - GUTTER) // max(1, min(6, (self.size.width - GUTTER) // len(self._points))))


@dataclass(frozen=True, slots=True)
class DayBand:
    """What is expected of a day, in its band; `note` stands at the end of its row."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""


class WeekBand(Painted):
    """A row for each day: the expected value as ◆ inside its band, on a scale from 0 to 1."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._days: Sequence[DayBand] = ()

    def show(self, days: Sequence[DayBand]) -> None:
        self._days = days
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._days:
            return []
        label = max(len(d.label) for d in self._days) + 1
        note = max(len(d.note) for d in self._days) + 2
        scale = max(10, min(60, width - label - len(NUMBERS) - note - 1))
        head = "0" + " " * (scale // 2 - 2) + "0.5"
        head = head.ljust(scale - 1)[:scale - 1] + "1"
        rows: list[Line] = [[(" " * label + head, "muted")]]
        return rows + [self._row(d, label, scale) for d in self._days]

    @staticmethod
    def _row(d: DayBand, label: int, scale: int) -> Line:
        low, at, high = (max(0, min(scale - 1, round(v * (scale - 1)))) for v in (d.low, d.value, d.high))
        text = "".join("◆" if i == at else "━" if low <= i <= high else "·" for i in range(scale))
        step = 1 + sum(d.value >= b for b in BOUNDS)
        return [
            (fit(d.label, label), "muted"), (text[:low], "track"), (text[low:high + 1], f"l{step}"), (text[high + 1:], "track"),
            (f" {d.value:.2f} ({d.low:.2f} to {d.high:.2f})", ""), (f"  {d.note}", "muted"),
        ]


NUMBERS = " 0.00 (0.00 to 0.00)"
