"""When many things are looked at, some look remarkable by chance: which of them to report. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, erfc, sqrt

RATE = 0.1
"""Of what is reported as found, this share may be chance."""


def benjamini_hochberg(p_values: Sequence[float], rate: float = RATE) -> list[bool]:
    """Which of these to report so that at most `rate` of the reported are false (Benjamini and Hochberg 1995)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    last = max((i for i, at in enumerate(order, start=1) if p_values[at] <= rate * i / len(order)), default=0)
    found = [False] * len(p_values)
    for at in order[:last]:
        found[at] = True
    return found


def at_least(count: int, n: int, rate: float) -> float:
    """The chance of `count` or more in `n` days when each has `rate`."""
    return min(1.0, sum(comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(count, n + 1)))


def two_sided(value: float, error: float | None) -> float:
    """The chance of a value so far from 0 with that standard error, by the normal law; 1 where the error is not known."""
    if error is None or error <= 0:
        return 1.0
    return erfc(abs(value) / error / sqrt(2))
