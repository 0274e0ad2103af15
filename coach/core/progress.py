"""Whether things go better than the month before: shares and means with the interval of their difference. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from coach.core import stats
from coach.core.effect import Tally, effect
from coach.core.promotion import t_quantile

Z95 = 1.959964
LEAST = 10
"""Fewer on either side than this are told as numbers, and compared with nothing."""
Unit = Literal["share", "min", "h", "score", "ratio", "count", "ms"]
Verdict = Literal["better", "worse", "same", "unknown"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A share or a mean of the last weeks beside the same of the weeks before, None where there is nothing to measure, with the
    numbers they stand on and the ends of the 95 % interval of their difference. `better` is 1 where more is better, -1 where
    less is, 0 where neither."""

    name: str
    title: str
    unit: Unit
    value: float | None
    n: int
    before: float | None = None
    before_n: int = 0
    low: float | None = None
    high: float | None = None
    better: int = 1

    @property
    def verdict(self) -> Verdict:
        """"unknown" where the data cannot tell: too few, or an interval that holds 0 and more than a tenth of the value."""
        if self.low is None or self.high is None:
            return "unknown"
        if self.better and (self.low > 0 or self.high < 0):
            return "better" if (self.low > 0) == (self.better > 0) else "worse"
        return "same" if max(abs(self.low), abs(self.high)) <= 0.1 * max(abs(self.before or 0.0), 1e-9) else "unknown"


def of_share(name: str, title: str, now: tuple[int, int], before: tuple[int, int], better: int = 1) -> Measure:
    """Of (yes, all) now and before; the difference by Newcombe's hybrid score interval (1998, method 10)."""
    (a, n), (b, m) = now, before
    value, old = (a / n if n else None), (b / m if m else None)
    found = effect(Tally(n, a, m, b), Z95) if min(n, m) >= LEAST else None
    low, high = (found.low, found.high) if found else (None, None)
    return Measure(name, title, "share", value, n, old, m, low, high, better)


def of_mean(
    name: str, title: str, unit: Unit, now: Sequence[float], before: Sequence[float], better: int = 1
) -> Measure:
    """The mean of values now and before; the difference by Welch's error, with Student's t for the smaller side."""
    here, there, apart = stats.mean(now), stats.mean(before), stats.difference(now, before)
    low = high = None
    if apart is not None and apart.error is not None and min(len(now), len(before)) >= LEAST:
        reach = t_quantile(0.975, min(len(now), len(before)) - 1) * apart.error
        low, high = apart.value - reach, apart.value + reach
    value, old = (found.value if found else None for found in (here, there))
    return Measure(name, title, unit, value, len(now), old, len(before), low, high, better)


def of_count(name: str, title: str, now: int, before: int) -> Measure:
    """How often something was used: told, not judged."""
    return Measure(name, title, "count", float(now), now, float(before), before, better=0)


def measure_json(one: Measure) -> dict[str, Any]:
    return {
        "name": one.name, "unit": one.unit, "value": one.value, "n": one.n, "before": one.before, "before_n": one.before_n,
        "low": one.low, "high": one.high, "verdict": one.verdict if one.better else None,
    }


def amount(value: float | None, unit: Unit) -> str:
    """The value in words: "62 %", "1.4 h", "12"."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{value * 100:.0f} %"
    if unit == "count":
        return f"{value:,.0f}"
    if unit in ("score", "ratio"):
        return f"{value:.2f}"
    return f"{value:,.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def words(one: Measure) -> str:
    """What the comparison says, with its numbers, honest where it says nothing."""
    if one.value is None:
        return "nothing to measure yet"
    if not one.better:
        return f"{amount(one.before, one.unit)} before"
    if one.before is None:
        return "nothing to compare it with"
    said = f"{amount(one.before, one.unit)} before"
    if one.low is None or one.high is None:
        return f"{said}; too few to tell (n = {one.n} and {one.before_n})"
    change = f"{_signed(one.low, one.unit)} to {_signed(one.high, one.unit)}"
    told = {"better": "better", "worse": "worse", "same": "the same", "unknown": "the data cannot tell"}[one.verdict]
    return f"{said}; {told} (change {change}, n = {one.n} and {one.before_n})"


def _signed(value: float, unit: Unit) -> str:
    if unit == "share":
        return f"{value * 100:+.0f} points"
    return f"{value:+.2f}" if unit in ("score", "ratio") else f"{value:+.1f} {unit}"
