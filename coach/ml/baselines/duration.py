"""What a learned length must beat: the person's own estimate, that times their running ratio, the category's median, and the
nearest finished tasks. Each gives minutes from what was known before the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import exp

from coach.core.duration import Asked, Evidence, minutes

NOTHING_MIN = 30.0
"""Where there is neither estimate nor history: `plan.default_estimate_min`."""


def own_estimate(asked: Asked, found: Evidence) -> float:
    """The estimate as it is; without one the person's median."""
    return float(asked.estimate_min) if asked.estimate_min else own_median(asked, found)


def running_ratio(asked: Asked, found: Evidence) -> float:
    """The estimate times the median of actual over estimate so far."""
    if not asked.estimate_min:
        return own_median(asked, found)
    return asked.estimate_min * exp(found.own_ratio or 0.0)


def kind_median(asked: Asked, found: Evidence) -> float:
    """The median of the category, label or project."""
    return minutes(found.kind_log) if found.kind_log is not None else own_median(asked, found)


def nearest(asked: Asked, found: Evidence) -> float:
    """The median of the nine most similar tasks."""
    return minutes(found.near_log) if found.near_log is not None else own_median(asked, found)


def own_median(asked: Asked, found: Evidence) -> float:
    return minutes(found.own_log) if found.own_log is not None else NOTHING_MIN


BASELINES: Mapping[str, Callable[[Asked, Evidence], float]] = {
    "own estimate": own_estimate, "estimate x running ratio": running_ratio, "category median": kind_median,
    "similar tasks": nearest,
}
