"""A day by groups of categories, as it usually is and as it is wished: up and down choose a group, a step more or less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from coach.tui.actions import bindings
from coach.tui.widgets.cursor import Rows
from coach.tui.widgets.paint import Line, bar, fit, right

STEP_MIN = 15
MOST_MIN = 480
LABEL = 18


class GoalForm(Rows, can_focus=True):
    """`show` gives the usual minutes of each group, `answer` what the days made have."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, name, show=False) for key, name in (
            ("down", "cursor_down"), ("up", "cursor_up"), ("home", "first"), ("end", "last"))),
        *bindings("whatif"),
    ]

    class Wished(Message):
        """Another change is wished for: minutes a day by group, none where nothing is."""

        def __init__(self, changes: Mapping[str, int]) -> None:
            super().__init__()
            self.changes = changes

    class Stopped(Message):
        """The answer that is being worked out is not wanted any more."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._usual: Sequence[tuple[str, float]] = ()
        self._made: Mapping[str, float] = {}
        self.changes: dict[str, int] = {}
        self.cursor = 0

    def show(self, usual: Sequence[tuple[str, float]]) -> None:
        """(group, minutes a day) in the order of the rows. What was wished for stays."""
        self._usual = usual
        self.cursor = max(0, min(self.cursor, len(usual) - 1))
        self.repaint(layout=True)

    def answer(self, made: Mapping[str, float]) -> None:
        """Minutes a day of each group in the days that were made; empty while they are not known."""
        self._made = made
        self.repaint()

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._usual:
            return []
        top = max(60.0, *(m for _, m in self._usual))
        room = max(0, min(40, width - LABEL - 42))
        head = f"  {fit('minutes a day', LABEL)} {right('usually', 8)} {right('wished', 8)} {right('then', 6)}"
        return [[(head, "muted")], *(self._row(n, name, usual, top, room) for n, (name, usual) in enumerate(self._usual))]

    def _row(self, number: int, name: str, usual: float, top: float, room: int) -> Line:
        here = number == self.cursor
        change = self.changes.get(name, 0)
        made = self._made.get(name)
        after = usual if made is None else made
        filled, rest = bar(after / top, room) if room >= 8 else ("", "")
        wished = f"{change:+d}" if change else "·"
        chosen = "cursor" if here and self.has_focus else "strong" if here else ""
        return [
            ("▸ " if here else "  ", "accent"), (fit(name, LABEL), chosen), (right(f"{usual:.0f}", 9), "muted"),
            (right(wished, 9), "accent" if change else "muted"), (right("–" if made is None else f"{made:.0f}", 7), ""),
            ("  ", ""), (filled, "l4" if change else "l2"), (rest, "track"),
        ]

    # Keys

    @property
    def count(self) -> int:
        return len(self._usual)

    def action_whatif_more(self) -> None:
        self._wish(STEP_MIN)

    def action_whatif_less(self) -> None:
        self._wish(-STEP_MIN)

    def _wish(self, by: int) -> None:
        if not self._usual:
            return
        name, usual = self._usual[self.cursor]
        least = -(int(usual) // STEP_MIN) * STEP_MIN
        change = max(least, min(MOST_MIN, self.changes.get(name, 0) + by))
        self._set(name, change)

    def action_whatif_clear(self) -> None:
        if self._usual:
            self._set(self._usual[self.cursor][0], 0)

    def _set(self, name: str, change: int) -> None:
        if self.changes.get(name, 0) == change:
            return
        if change:
            self.changes[name] = change
        else:
            self.changes.pop(name, None)
        self._made = {}
        self.repaint()
        self.post_message(self.Wished(dict(self.changes)))

    def action_whatif_stop(self) -> None:
        self.post_message(self.Stopped())

    def on_click(self, event: events.Click) -> None:
        self._go(event.y - 1)
