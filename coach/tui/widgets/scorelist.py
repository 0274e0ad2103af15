"""Open tasks with their avoidance scores as bars, the highest first; one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Region

from coach.tui.widgets.paint import MOVES, Line, Painted, bar, fit, right

BAR = 14


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """`score` 0 to 100; `marked` for one that is called avoided; `why` its strongest sign in words."""

    num: int
    title: str
    score: float
    marked: bool
    why: str


class ScoreList(Painted, can_focus=True):
    """Up and down choose a task."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *MOVES, Binding("pageup", "page(-1)", show=False), Binding("pagedown", "page(1)", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[ScoreRow] = ()
        self._empty: list[Line] = []
        self.cursor = 0

    def show(self, rows: Sequence[ScoreRow], empty: list[Line]) -> None:
        """`empty` is said where there is no row."""
        self._rows, self._empty = rows, empty
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._rows:
            return self._empty
        numbers = max(len(str(row.num)) for row in self._rows)
        rest = width - 2 - numbers - 1 - BAR - 1 - 4 - 2
        title = min(max(14, rest // 2), max(len(row.title) for row in self._rows))
        return [self._row(n, row, numbers, title, rest - title - 2) for n, row in enumerate(self._rows)]

    def _row(self, number: int, row: ScoreRow, numbers: int, title: int, why: int) -> Line:
        here = number == self.cursor
        filled, empty = bar(row.score / 100, BAR)
        tone = "bad" if row.marked else "l4"
        return [
            ("▸ " if here else "  ", "accent"), (right(str(row.num), numbers) + " ", "muted"),
            (fit(row.title, title), "cursor" if here and self.has_focus else "strong" if here else ""), ("  ", ""),
            (filled, tone), (empty, "track"), (f" {row.score:>3.0f}", ""), (" ! " if row.marked else "   ", tone),
            (fit(row.why, max(0, why)).rstrip(), "muted"),
        ]

    # The cursor

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()

    def _go(self, row: int) -> None:
        self.cursor = max(0, min(row, len(self._rows) - 1))
        self.repaint()
        if not isinstance(self.parent, VerticalScroll):
            return
        if self.cursor in (0, len(self._rows) - 1):  # what stands above and below the list is read with it
            (self.parent.scroll_end if self.cursor else self.parent.scroll_home)(animate=False)
        else:
            self.parent.scroll_to_region(Region(0, self.virtual_region.y + self.cursor, 1, 1), animate=False)

    def action_cursor_down(self) -> None:
        self._go(self.cursor + 1)

    def action_cursor_up(self) -> None:
        self._go(self.cursor - 1)

    def action_page(self, by: int) -> None:
        self._go(self.cursor + by * max(1, self.screen.size.height // 2))

    def action_cursor_left(self) -> None:
        """Nothing lies to the left."""

    def action_cursor_right(self) -> None:
        """Nothing lies to the right."""

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(len(self._rows) - 1)

    def on_click(self, event: events.Click) -> None:
        self._go(event.y)
