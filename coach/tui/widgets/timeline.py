"""A day as a ribbon: what happened, hour by hour, with a cursor that reads each stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from coach.tui.widgets.cursor import Columns
from coach.tui.widgets.paint import LEVEL_BARS, LEVEL_WORDS, MOVES, Line, fit, productivity


@dataclass(frozen=True, slots=True)
class Stretch:
    """Minutes since the day's midnight; `label` says what, `detail` more of it."""

    start_min: float
    end_min: float
    label: str
    detail: str
    level: float


class Ribbon(Columns, can_focus=True):
    """Three lines: clock, ribbon, and the stretch under the cursor in words."""

    BINDINGS: ClassVar[list[BindingType]] = MOVES

    class Picked(Message):
        """A second click on the stretch under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._stretches: Sequence[Stretch] = ()
        self._first_min, self._last_min = 0, 1440
        self._now_min: float | None = None
        self._empty = ""
        self.cursor = 0

    def show(
        self, stretches: Sequence[Stretch], first_min: int, last_min: int, empty: str, now_min: float | None = None,
    ) -> None:
        """The hours `first_min` to `last_min`; `empty` is said when there are no stretches."""
        self._stretches, self._first_min, self._last_min = stretches, first_min, max(last_min, first_min + 60)
        self._empty, self._now_min = empty, now_min
        self.cursor = max(0, min(self.cursor, len(stretches) - 1))
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if not self._stretches:
            return [[(fit(self._empty, width), "muted")]]
        minutes = (self._last_min - self._first_min) / max(1, width)
        ribbon: Line = [self._cell(self._first_min + column * minutes, minutes) for column in range(width)]
        return [self._clock(width), ribbon, self._reading(width), _legend()]

    def _clock(self, width: int) -> Line:
        text = [" "] * (width + 6)
        span = self._last_min - self._first_min
        step = next((s for s in (1, 2, 3, 6) if s * 60 / span * width >= 6), 6)
        for hour in range(-(-self._first_min // 60), self._last_min // 60 + 1):
            if hour % step == 0:
                at = int((hour * 60 - self._first_min) / span * width)
                text[at:at + 2] = f"{hour % 24:02d}"
        return [("".join(text)[:width], "muted")]

    def _cell(self, low: float, minutes: float) -> tuple[str, str]:
        if self._now_min is not None and low <= self._now_min < low + minutes:
            return "┃", "now"
        best, most = None, 0.0
        for number, s in enumerate(self._stretches):
            spent = min(s.end_min, low + minutes) - max(s.start_min, low)
            if spent > most:
                best, most = number, spent
        if best is None or most < minutes / 4:
            return "·", "l0"
        index = productivity(self._stretches[best].level)
        if best == self.cursor:
            return LEVEL_BARS[index], "cursor" if self.has_focus else "accent"
        return LEVEL_BARS[index], f"p{index}"

    def _reading(self, width: int) -> Line:
        s = self._stretches[self.cursor]
        when = f"{_hhmm(s.start_min)} to {_hhmm(s.end_min)}"
        return [(fit(when, 15), "strong"), (fit(f"{s.label}  {s.detail}", max(0, width - 15)), "")]

    @property
    def count(self) -> int:
        return len(self._stretches)

    def on_click(self, event: events.Click) -> None:
        minute = self._first_min + event.x * (self._last_min - self._first_min) / max(1, self.size.width)
        near = [n for n, s in enumerate(self._stretches) if s.start_min <= minute < s.end_min]
        if near and near[0] == self.cursor:
            self.post_message(self.Picked())
        elif near:
            self._go(near[0])


def _legend() -> Line:
    line: Line = []
    for index in range(4, -1, -1):
        line += [(LEVEL_BARS[index], f"p{index}"), (f" {LEVEL_WORDS[index]}  ", "muted")]
    return line


def _hhmm(minute: float) -> str:
    return f"{int(minute) // 60 % 24:02d}:{int(minute) % 60:02d}"
