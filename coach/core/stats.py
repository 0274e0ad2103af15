"""The numbers behind the pictures: levels of a heatmap, matrices of a year and of a week, trends, streaks. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

LEVELS = 4
"""Steps of a heatmap above "nothing"."""

SPARK = "▁▂▃▄▅▆▇█"
SHADES = " ░▒▓█"


def quantile(values: Sequence[float], q: float) -> float:
    """The q-quantile with linear interpolation (R's type 7). Raises ValueError for an empty sequence."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * min(1.0, max(0.0, q))
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    if ordered[below] == ordered[above]:  # exact: interpolating equal ends would round
        return ordered[below]
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float:
    return quantile(values, 0.5)


def thresholds(values: Iterable[float | None], steps: int = LEVELS) -> tuple[float, ...]:
    """Lower bounds of levels 2 to `steps`: quantiles of the values above zero, so that each level is about equally
    common and one exceptional day does not flatten the rest. Fewer where values repeat; empty without values."""
    positive = [v for v in values if v is not None and v > 0]
    if not positive:
        return ()
    bounds = {quantile(positive, i / steps) for i in range(1, steps)}
    return tuple(sorted(b for b in bounds if b > min(positive)))


def level(value: float | None, bounds: Sequence[float]) -> int:
    """0 for nothing, else 1 plus the number of bounds reached."""
    return 0 if value is None or value <= 0 else 1 + bisect_right(bounds, value)


@dataclass(frozen=True, slots=True)
class YearMatrix:
    """Seven rows, one per day of the week from `week_start`, by columns of whole weeks, oldest first."""

    first: date
    """The day in the upper left corner, always a `week_start`."""
    last: date
    """The newest day; cells after it are outside."""
    week_start: int
    """0 Monday to 6 Sunday, as `date.weekday`."""
    cells: tuple[tuple[float | None, ...], ...]

    @property
    def weeks(self) -> int:
        return len(self.cells[0])

    def day(self, row: int, column: int) -> date:
        return self.first + timedelta(days=7 * column + row)

    def place(self, day: date) -> tuple[int, int]:
        """Row and column of a day, which may lie outside."""
        column, row = divmod((day - self.first).days, 7)
        return row, column

    def months(self) -> list[tuple[int, date]]:
        """The columns in which a month begins, with its first day. The first column stands for its own month unless
        the next one begins too soon after it to leave room for a name."""
        starts = [(column, self._month_in(column)) for column in range(self.weeks)]
        found = [(column, first) for column, first in starts if first is not None]
        if not found or found[0][0] >= 3:
            found.insert(0, (0, self.first.replace(day=1)))
        return found

    def _month_in(self, column: int) -> date | None:
        for row in range(7):
            day = self.day(row, column)
            if day.day == 1 and day <= self.last:
                return day
        return None


def year_matrix(values: Mapping[date, float], last: date, weeks: int = 53, week_start: int = 0) -> YearMatrix:
    """The `weeks` weeks that end with the one holding `last`; days without a value are None."""
    into_week = (last.weekday() - week_start) % 7
    first = last - timedelta(days=into_week + 7 * (weeks - 1))
    days = [[first + timedelta(days=7 * column + row) for column in range(weeks)] for row in range(7)]
    cells = tuple(tuple(values.get(day) if day <= last else None for day in row) for row in days)
    return YearMatrix(first, last, week_start, cells)


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with what it stands on: how many values, and the standard error (None for fewer than two)."""

    value: float
    n: int
    error: float | None = None


def mean(values: Sequence[float]) -> Mean | None:
    """None without values."""
    n = len(values)
    if n == 0:
        return None
    centre = sum(values) / n
    if n < 2:
        return Mean(centre, n)
    variance = sum((v - centre) ** 2 for v in values) / (n - 1)
    return Mean(centre, n, sqrt(variance / n))


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two means are apart (first less second), with how many values each stands on."""

    value: float
    error: float | None
    n: int
    before_n: int

    @property
    def is_clear(self) -> bool | None:
        """Whether it is more than twice its standard error, about what chance alone makes in one of twenty such
        comparisons; None where fewer than five values stand on either side."""
        if self.error is None or min(self.n, self.before_n) < LEAST_COMPARED:
            return None
        return abs(self.value) > 2 * self.error


LEAST_COMPARED = 5
"""A mean of fewer values is compared with nothing."""


def difference(values: Sequence[float], before: Sequence[float]) -> Difference | None:
    """The difference of two means with the standard error of Welch (1947): the spreads need not be equal. None where
    either side is empty."""
    here, there = mean(values), mean(before)
    if here is None or there is None:
        return None
    error = None if here.error is None or there.error is None else sqrt(here.error**2 + there.error**2)
    return Difference(here.value - there.value, error, here.n, there.n)


HourOfWeek = tuple[tuple[Mean | None, ...], ...]
"""7 rows (Monday first) of 24 hours."""


def hour_of_week(scores: Iterable[tuple[date, int, float]]) -> HourOfWeek:
    """The mean of each hour of the week from (day, hour, value); None where there is no value at all."""
    cells: list[list[list[float]]] = [[[] for _ in range(24)] for _ in range(7)]
    for day, hour, value in scores:
        cells[day.weekday()][hour].append(value)
    return tuple(tuple(mean(values) for values in row) for row in cells)


def best_hours(matrix: HourOfWeek, least_n: int = 3, count: int = 3) -> list[tuple[int, int, Mean]]:
    """(weekday, hour, mean) of the highest means that stand on at least `least_n` values."""
    known = [(d, h, m) for d, row in enumerate(matrix) for h, m in enumerate(row) if m is not None and m.n >= least_n]
    return sorted(known, key=lambda found: (-found[2].value, found[0], found[1]))[:count]


def moving_mean(values: Sequence[float | None], window: int) -> list[float | None]:
    """The mean of each value and the `window` - 1 before it, gaps left out; None where all of them are gaps."""
    result: list[float | None] = []
    for end in range(1, len(values) + 1):
        known = [v for v in values[max(0, end - window):end] if v is not None]
        result.append(sum(known) / len(known) if known else None)
    return result


def trend(values: Sequence[float | None]) -> float | None:
    """Change per step: the median slope over all pairs (Theil 1950, Sen 1968), deaf to a single odd day.

    None for fewer than five known values. Quadratic: for weeks and months, not for years of days."""
    known = [(x, v) for x, v in enumerate(values) if v is not None]
    if len(known) < 5:
        return None
    return median([(b - a) / (j - i) for p, (i, a) in enumerate(known) for j, b in known[p + 1:]])


def ratio(value: float, before: float) -> float | None:
    """Relative change against the period before; None where there was nothing before."""
    return (value - before) / before if before else None


def sparkline(values: Sequence[float | None], top: float | None = None) -> str:
    """One glyph a value, a blank for a gap. Heights are shares of `top`, by default the largest value."""
    highest = top if top is not None else max((v for v in values if v is not None), default=0.0)
    if highest <= 0:
        return "".join(" " if v is None else SPARK[0] for v in values)
    return "".join(" " if v is None else SPARK[min(7, max(0, int(v / highest * 8 - 1e-9)))] for v in values)


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row on which a goal was met: the run that reaches today or yesterday, and the longest one."""

    current: int
    longest: int


def streak(values: Mapping[date, float], goal: float, today: date, *, at_most: bool = False) -> Streak:
    """Today counts when its goal is met already and does not break the run when it is not. With `at_most` the goal is a
    limit: the day must have a value, so days without tracking break a run instead of winning it."""
    met = sorted(d for d, v in values.items() if d <= today and (v <= goal if at_most else v >= goal))
    longest = run = 0
    before: date | None = None
    for day in met:
        run = run + 1 if before is not None and day - before == timedelta(days=1) else 1
        longest = max(longest, run)
        before = day
    reaches = before is not None and today - before <= timedelta(days=1)
    return Streak(run if reaches else 0, longest)
