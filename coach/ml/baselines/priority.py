"""What a learned order must beat: earliest due date, Eisenhower's priority before date, weighted shortest job first, and urgency.
Each gives a score, higher is sooner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from coach.core.task import Task
from coach.core.urgency import Coefficients, urgency
from coach.core.when import end_of, zone

_FAR = 9999.0
_VALUE = {1: 8.0, 2: 4.0, 3: 2.0}
_USUAL_MIN = 30.0


def due_days(task: Task, now: datetime) -> float:
    """Days until the task is due; far away without a due."""
    return _FAR if task.due is None else (end_of(task.due, zone(task.time_zone)) - now).total_seconds() / 86_400


def edd(task: Task, now: datetime) -> float:
    """Earliest due date (Jackson 1955)."""
    return -due_days(task, now)


def eisenhower(task: Task, now: datetime) -> float:
    """Priority first, then the date."""
    return -(task.priority or 4) * 2 * _FAR - due_days(task, now)


def wsjf(task: Task, now: datetime) -> float:
    """Weighted shortest job first (Smith 1956): value and time criticality over length."""
    critical = 0.0 if task.due is None else 8.0 / (1.0 + max(0.0, due_days(task, now)))
    return (_VALUE.get(task.priority or 4, 1.0) + critical) / (task.estimate_min or _USUAL_MIN)


def heuristics(coefficients: Coefficients) -> Mapping[str, Callable[[Task, datetime], float]]:
    """All of them by name."""
    return {
        "EDD": edd, "Eisenhower": eisenhower, "WSJF": wsjf,
        "urgency": lambda task, now: urgency(task, now, coefficients, blocked=False, blocking=False),
    }
