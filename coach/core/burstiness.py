"""How unevenly in time something happens. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

LEAST_EVENTS = 10


def burstiness(times: Sequence[float]) -> float | None:
    """-1 for a clock, 0 for chance (Poisson), 1 for one burst after endless silence; None for fewer than LEAST_EVENTS times.

    Of n gaps with mean m and standard deviation s, r = s / m: A = (sqrt(n + 1) r - sqrt(n - 1)) / ((sqrt(n + 1) - 2) r +
    sqrt(n - 1)), which Kim and Jo (2016) put in place of Goh and Barabási's (r - 1) / (r + 1), because that one depends on n: it
    is below 0 by chance, and cannot reach 1. The times, in any unit and order, begin and end with an event."""
    if len(times) < LEAST_EVENTS:
        return None
    ordered = sorted(times)
    gaps = [b - a for a, b in pairwise(ordered)]
    n = len(gaps)
    mean = sum(gaps) / n
    if mean <= 0:
        return None
    r = sqrt(sum((gap - mean) ** 2 for gap in gaps) / n) / mean
    above, below = sqrt(n + 1), sqrt(n - 1)
    return (above * r - below) / ((above - 2) * r + below)
