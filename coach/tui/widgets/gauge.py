"""The focus gauge: one number between 0 and 1, what it stands on, and how the day's hours made it."""

from __future__ import annotations

from collections.abc import Sequence

from coach.core.stats import sparkline
from coach.tui.widgets.paint import Line, Painted, bar, fit

WORDS = ((0.8, "deep"), (0.65, "focused"), (0.5, "steady"), (0.35, "scattered"), (0.0, "adrift"))


class Gauge(Painted):
    """`show` once per view; three lines."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._value: float | None = None
        self._note = ""
        self._hours: Sequence[float | None] = ()
        self._first_hour = 0
        self._after = ""

    def show(self, value: float | None, note: str, hours: Sequence[float | None] = (), first_hour: int = 0,
             after: str = "") -> None:
        """`note` says what the value stands on; `hours` are the scores of the hours from `first_hour` o'clock on,
        `after` stands behind them."""
        self._after = after
        self._value, self._note, self._hours, self._first_hour = value, note, hours, first_hour
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        if self._value is None:
            head: Line = [("  –   ", "strong"), (fit(self._note, max(0, width - 6)), "muted")]
            filled, rest = "", "─" * width
        else:
            word = next(w for least, w in WORDS if self._value >= least)
            head = [(f"{self._value:.2f}  ", "strong"), (f"{word}  ", _tone(self._value)),
                    (fit(self._note, max(0, width - 8 - len(word))), "muted")]
            filled, rest = bar(self._value, width)
        drawn: list[Line] = [head, [(filled, _tone(self._value or 0)), (rest, "track")]]
        if any(h is not None for h in self._hours):
            last = (self._first_hour + len(self._hours)) % 24
            glyphs = sparkline(self._hours, top=1.0)
            first = f"{self._first_hour:02d} "
            after = f" {last:02d}   {self._after}"
            drawn.append([(first, "muted"), (glyphs, _tone(self._value or 0)), (after, "muted")])
        return drawn


def _tone(value: float) -> str:
    return "good" if value >= 0.65 else "accent" if value >= 0.5 else "warn"
