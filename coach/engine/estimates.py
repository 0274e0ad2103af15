"""Estimates against actuals: how long finished tasks took beside what was thought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from coach.core import stats
from coach.core.duration import LEAST_RATIOS, kinds_of, median_interval
from coach.core.task import Task

LEAST = 3
"""Fewer finished tasks make no median."""
MOST_OFF = 5
"""Kinds that are named."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A finished task with both numbers."""

    num: int
    title: str
    estimate_min: int
    actual_min: int


@dataclass(frozen=True, slots=True)
class Estimates:
    """`ratio` is the median of actual / estimate over `n` finished tasks, None below three. `off` are the kinds of tasks
    (project, label, category) whose own median ratio is not 1: (kind, ratio, n), the farthest off first."""

    ratio: float | None
    n: int
    within_quarter: int
    estimate_min: int
    actual_min: int
    latest: tuple[Estimate, ...]
    off: tuple[tuple[str, float, int], ...] = ()


def compared(finished: Iterable[Task], latest: int = 5) -> Estimates:
    """Of finished tasks, oldest first, those that have both an estimate and tracked time; `latest` of them by name."""
    done = tuple(finished)
    both = [
        Estimate(t.num, t.title, t.estimate_min, t.actual_min) for t in done if t.estimate_min and t.actual_min
    ]
    ratios = [e.actual_min / e.estimate_min for e in both]
    return Estimates(
        stats.median(ratios) if len(ratios) >= LEAST else None, len(both), sum(0.75 <= r <= 1.25 for r in ratios),
        sum(e.estimate_min for e in both), sum(e.actual_min for e in both), tuple(reversed(both[-latest:])), _off(done),
    )


def _off(done: Sequence[Task]) -> tuple[tuple[str, float, int], ...]:
    """The kinds whose interval of the median ratio excludes 1 (`core.duration.median_interval`)."""
    ratios: dict[str, list[float]] = {}
    for task in done:
        if task.estimate_min and task.actual_min:
            for kind in kinds_of(task.project, task.tags, task.category):
                ratios.setdefault(kind, []).append(task.actual_min / task.estimate_min)
    found = []
    for kind, some in ratios.items():
        low, high = median_interval(some)
        if len(some) >= LEAST_RATIOS and not low <= 1.0 <= high:
            found.append((kind, stats.median(some), len(some)))
    return tuple(sorted(found, key=lambda one: -abs(log(one[1])))[:MOST_OFF])


def estimates_json(found: Estimates) -> dict[str, Any]:
    """As plain JSON values."""
    return {
        "ratio": found.ratio, "n": found.n, "within_quarter": found.within_quarter,
        "estimate_min": found.estimate_min, "actual_min": found.actual_min,
        "off": [{"kind": kind, "ratio": round(ratio, 3), "n": n} for kind, ratio, n in found.off],
        "latest": [
            {"num": e.num, "title": e.title, "estimate_min": e.estimate_min, "actual_min": e.actual_min}
            for e in found.latest
        ],
    }
