"""A year of days as a heatmap, with a cursor that reads each cell in words. Knows dates and floats only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from coach.core import stats
from coach.tui.widgets.paint import MOVES, SHADES, SQUARES, Line, Painted, fit

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
GUTTER = 4
WEEKS = 53


class YearHeatmap(Painted, can_focus=True):
    """Seven rows of weeks, as wide as there is room. Arrows move by day and week, Enter picks the day."""

    BINDINGS: ClassVar[list[BindingType]] = [*MOVES, Binding("enter", "pick", "open day", show=False)]

    class Moved(Message):
        """The cursor reads another day."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    class Picked(Moved):
        """Enter, or a click on the day under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._values: Mapping[date, float] = {}
        self._last = date(2000, 1, 1)
        self._week_start = 0
        self._words: Callable[[float | None], str] = str
        self._amount: Callable[[float], str] = str
        self._bounds: tuple[float, ...] = ()
        self.cursor = self._last

    def show(
        self, values: Mapping[date, float], last: date, *, words: Callable[[float | None], str],
        amount: Callable[[float], str], week_start: int = 0,
    ) -> None:
        """`words` reads a day's value aloud, `amount` writes a bound of the legend. The cursor keeps its day."""
        follow = self.cursor == self._last
        self._values, self._last, self._week_start = values, last, week_start
        self._words, self._amount = words, amount
        oldest = last - timedelta(days=7 * WEEKS)
        self._bounds = stats.thresholds(v for d, v in values.items() if d > oldest)
        if follow or not oldest < self.cursor <= last:
            self.cursor = last
        self.repaint(layout=True)

    def matrix(self, width: int) -> tuple[stats.YearMatrix, int]:
        """The matrix that fits, and how many cells wide a day is."""
        room = max(1, width - GUTTER)
        cell = 2 if room >= 2 * WEEKS else 1
        return stats.year_matrix(self._values, self._last, min(WEEKS, room // cell), self._week_start), cell

    def lines(self, width: int, height: int) -> list[Line]:
        matrix, cell = self.matrix(width)
        glyphs = [fit(self._glyph(step), cell) for step in range(len(SHADES))]
        drawn = [self._month_line(matrix, cell)]
        for row in range(7):
            name = DAYS[(self._week_start + row) % 7] if row % 2 == 0 or row == matrix.place(self.cursor)[0] else ""
            line: Line = [(fit(name, GUTTER), "muted")]
            line.extend(self._cell(matrix, row, column, glyphs) for column in range(matrix.weeks))
            drawn.append(line)
        return [*drawn, self._legend(), self._reading()]

    def _cell(self, matrix: stats.YearMatrix, row: int, column: int, glyphs: Sequence[str]) -> tuple[str, str]:
        """`glyphs`: one for each step, as wide as a day."""
        cell = len(glyphs[0])
        day = matrix.day(row, column)
        if day > self._last:
            return " " * cell, ""
        step = stats.level(matrix.cells[row][column], self._bounds)
        if day == self.cursor:
            return fit("◆", cell), "cursor" if self.has_focus else "accent"
        return glyphs[step], f"l{step}"

    def _glyph(self, step: int) -> str:
        return (SQUARES if self.in_colour else SHADES)[step]

    def _month_line(self, matrix: stats.YearMatrix, cell: int) -> Line:
        text = [" "] * (matrix.weeks * cell + 4)
        free = 0
        for column, first in matrix.months():
            at = column * cell
            if at >= free:
                text[at:at + 3] = MONTHS[first.month]
                free = at + 4
        return [(" " * GUTTER + "".join(text).rstrip(), "muted")]

    def _legend(self) -> Line:
        line: Line = [(" " * GUTTER, ""), (SHADES[0], "l0"), (" none  ", "muted")]
        if not self._bounds:
            return [*line, (self._glyph(1), "l1"), (" some", "muted")] if self._values else line
        for step in range(1, len(self._bounds) + 2):
            words = f"< {self._amount(self._bounds[0])}" if step == 1 else f"≥ {self._amount(self._bounds[step - 2])}"
            line += [(self._glyph(step), f"l{step}"), (f" {words}  ", "muted")]
        return line

    def _reading(self) -> Line:
        day = self.cursor
        when = f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month]} {day.year}"
        return [("  ◆ ", "accent"), (when, "strong"), (f"  {self._words(self._values.get(day))}", "")]

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def action_cursor_left(self) -> None:
        self.go(self.cursor - timedelta(days=7))

    def action_cursor_right(self) -> None:
        self.go(self.cursor + timedelta(days=7))

    def action_cursor_up(self) -> None:
        self.go(self.cursor - timedelta(days=1))

    def action_cursor_down(self) -> None:
        self.go(self.cursor + timedelta(days=1))

    def action_first(self) -> None:
        self.go(date.min)

    def action_last(self) -> None:
        self.go(self._last)

    def action_pick(self) -> None:
        self.post_message(self.Picked(self.cursor))

    def on_click(self, event: events.Click) -> None:
        matrix, cell = self.matrix(self.size.width)
        row, column = event.y - 1, (event.x - GUTTER) // cell
        if 0 <= row < 7 and 0 <= column < matrix.weeks and event.x >= GUTTER:
            day = matrix.day(row, column)
            if day == self.cursor:
                self.action_pick()
            elif day <= self._last:
                self.go(day)

    def go(self, day: date) -> None:
        """Put the cursor on that day, or on the nearest one shown."""
        first = self.matrix(self.size.width)[0].first
        day = min(self._last, max(first, day))
        if day != self.cursor:
            self.cursor = day
            self.repaint()
            self.post_message(self.Moved(day))
