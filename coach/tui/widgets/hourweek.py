"""The hours of the week as a heatmap: 7 rows of 24 means, each with the number of hours it stands on."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType

from coach.core.stats import HourOfWeek, Mean
from coach.tui.widgets.heatmap import DAYS
from coach.tui.widgets.paint import MOVES, SHADES, SOLID, Line, Painted, fit

GUTTER = 4
BOUNDS = (0.35, 0.5, 0.65)
"""Fixed steps of the focus score, so that the picture means the same for everyone and in every month."""
LEAST_N = 3
"""A mean of fewer hours is drawn faint."""


class HourWeek(Painted, can_focus=True):
    """Focus by hour of the week; the cursor reads each cell with its n."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._means: HourOfWeek = tuple((None,) * 24 for _ in range(7))
        self.cursor = (0, 9)
        self.known = False
        """Whether there was a view yet."""

    def show(self, means: HourOfWeek, cursor: tuple[int, int] | None = None) -> None:
        """`cursor` is (weekday, hour), for the first time the hour that is now."""
        self._means, self.known = means, True
        if cursor is not None:
            self.cursor = cursor
        self.repaint(layout=True)

    def cell_width(self, width: int) -> int:
        return max(1, min(4, (width - GUTTER) // 24))

    def lines(self, width: int, height: int) -> list[Line]:
        cell = self.cell_width(width)
        step = 3 if cell * 3 >= 4 else 6
        hours = "".join(fit(f"{h:02d}", cell * step) for h in range(0, 24, step))
        drawn: list[Line] = [[(" " * GUTTER + hours, "muted")]]
        for day, row in enumerate(self._means):
            line: Line = [(fit(DAYS[day], GUTTER), "muted")]
            line.extend(self._cell(day, hour, mean, cell) for hour, mean in enumerate(row))
            drawn.append(line)
        return [*drawn, self._legend(), self._reading()]

    def _cell(self, day: int, hour: int, mean: Mean | None, cell: int) -> tuple[str, str]:
        if (day, hour) == self.cursor:
            return fit("◆", cell), "cursor" if self.has_focus else "accent"
        if mean is None:
            return fit(SHADES[0], cell), "l0"
        step = 1 + sum(mean.value >= b for b in BOUNDS)
        gap = 1 if cell > 2 else 0
        if mean.n < LEAST_N:
            return fit("▫", cell), "faint"
        return self._glyph(step) * (cell - gap) + " " * gap, f"l{step}"

    def _glyph(self, step: int) -> str:
        return (SOLID if self.in_colour else SHADES)[step]

    def _legend(self) -> Line:
        line: Line = [(" " * GUTTER + "·", "l0"), (" none  ", "muted"), ("▫", "faint"), (f" n < {LEAST_N}  ", "muted")]
        words = (f"< {BOUNDS[0]:.2f}", *(f"≥ {b:.2f}" for b in BOUNDS))
        for step, text in enumerate(words, start=1):
            line += [(self._glyph(step) * 2, f"l{step}"), (f" {text}  ", "muted")]
        return line

    def _reading(self) -> Line:
        day, hour = self.cursor
        when = f"{DAYS[day]} {hour:02d}:00 to {(hour + 1) % 24:02d}:00"
        return [("  ◆ ", "accent"), (when, "strong"), (f"  {_words(self._means[day][hour])}", "")]

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def action_cursor_left(self) -> None:
        self._go(0, -1)

    def action_cursor_right(self) -> None:
        self._go(0, 1)

    def action_cursor_up(self) -> None:
        self._go(-1, 0)

    def action_cursor_down(self) -> None:
        self._go(1, 0)

    def action_first(self) -> None:
        self._go(0, -self.cursor[1])

    def action_last(self) -> None:
        self._go(0, 23 - self.cursor[1])

    def _go(self, days: int, hours: int) -> None:
        day, hour = self.cursor
        self.cursor = ((day + days) % 7, (hour + hours) % 24)
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        day, hour = event.y - 1, (event.x - GUTTER) // self.cell_width(self.size.width)
        if 0 <= day < 7 and 0 <= hour < 24 and event.x >= GUTTER:
            self.cursor = (day, hour)
            self.repaint()


def _words(mean: Mean | None) -> str:
    if mean is None:
        return "no hour with 10 active minutes yet"
    hours = "1 hour" if mean.n == 1 else f"{mean.n} hours"
    spread = f" ± {mean.error:.2f}" if mean.error is not None else ""
    return f"focus {mean.value:.2f}{spread}, from {hours}"
