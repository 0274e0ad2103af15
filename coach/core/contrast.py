"""Differences between groups of days that follow one another, with an error that knows that neighbouring days are alike. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from coach.core import stats
from coach.core.discovery import two_sided
from coach.core.promotion import t_quantile

Z95 = 1.959964
MOST_ALIKE = 0.9


@dataclass(frozen=True, slots=True)
class Contrast:
    """A difference of means with the ends of its 95 % interval, the chance of one so large where there is none, and how many
    days stand on either side."""

    value: float
    low: float
    high: float
    p: float
    n: int
    other_n: int


def between(values: Sequence[float], inside: Sequence[bool], least: int) -> Contrast | None:
    """Days `inside` less the others, in their order; None with fewer than `least` on either side.

    Welch's error, widened by sqrt((1 + r) / (1 - r)) for the product r of the lag-1 correlations of values and grouping
    (Bartlett 1935): a slow drift would otherwise pass for a difference."""
    here = [v for v, i in zip(values, inside, strict=True) if i]
    there = [v for v, i in zip(values, inside, strict=True) if not i]
    if min(len(here), len(there)) < max(2, least):
        return None
    found = stats.difference(here, there)
    if found is None or found.error is None:
        return None
    r = min(MOST_ALIKE, max(0.0, lag_one(values) * lag_one([float(i) for i in inside])))
    error = found.error * sqrt((1 + r) / (1 - r))
    return _contrast(found.value, error, min(found.n, found.before_n), found.n, found.before_n)


def from_zero(values: Sequence[float], least: int) -> Contrast | None:
    """The mean of differences within days, against 0; the error is widened for days that are alike."""
    found = stats.mean(values)
    if found is None or found.error is None or found.n < max(2, least):
        return None
    r = min(MOST_ALIKE, max(0.0, lag_one(values)))
    return _contrast(found.value, found.error * sqrt((1 + r) / (1 - r)), found.n, found.n, found.n)


def lag_one(values: Sequence[float]) -> float:
    """The correlation of each value with the one before; 0 where there is no spread."""
    centre = sum(values) / len(values) if values else 0.0
    spread = sum((v - centre) ** 2 for v in values)
    if spread <= 0:
        return 0.0
    return sum((a - centre) * (b - centre) for a, b in pairwise(values)) / spread


def _contrast(value: float, error: float, smaller: int, n: int, other_n: int) -> Contrast:
    """Student's t for the smaller side: few days make a wider interval and a larger p."""
    t = t_quantile(0.975, smaller - 1)
    return Contrast(value, value - t * error, value + t * error, two_sided(value, error * t / Z95), n, other_n)
