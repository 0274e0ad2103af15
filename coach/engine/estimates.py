"""Estimates against actuals: how long finished tasks took beside what was thought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from coach.core import stats
from coach.core.task import Task

LEAST = 3
"""Fewer finished tasks make no median."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A finished task with both numbers."""

    num: int
    title: str
    estimate_min: int
    actual_min: int


@dataclass(frozen=True, slots=True)
class Estimates:
    """`ratio` is the median of actual / estimate over `n` finished tasks, None below three."""

    ratio: float | None
    n: int
    within_quarter: int
    estimate_min: int
    actual_min: int
    latest: tuple[Estimate, ...]


def compared(done: Iterable[Task], latest: int = 5) -> Estimates:
    """Of finished tasks, oldest first, those that have both an estimate and tracked time; `latest` of them by name."""
    both = [
        Estimate(t.num, t.title, t.estimate_min, t.actual_min) for t in done if t.estimate_min and t.actual_min
    ]
    ratios = [e.actual_min / e.estimate_min for e in both]
    return Estimates(
        stats.median(ratios) if len(ratios) >= LEAST else None, len(both), sum(0.75 <= r <= 1.25 for r in ratios),
        sum(e.estimate_min for e in both), sum(e.actual_min for e in both), tuple(reversed(both[-latest:])),
    )


def estimates_json(found: Estimates) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "ratio": found.ratio, "n": found.n, "within_quarter": found.within_quarter,
        "estimate_min": found.estimate_min, "actual_min": found.actual_min,
        "latest": [
            {"num": e.num, "title": e.title, "estimate_min": e.estimate_min, "actual_min": e.actual_min}
            for e in found.latest
        ],
    }
