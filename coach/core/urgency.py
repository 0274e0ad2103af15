"""Urgency as Taskwarrior defines it (Task.cpp): a sum of coefficient times term, each term between 0 and 1."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from coach.core.task import Task, status_at
from coach.core.when import Moment, start_of, zone

_DAY = timedelta(days=1)


class Coefficients(Protocol):
    """What `coach.config.UrgencyConfig` holds."""

    @property
    def next(self) -> float: ...
    @property
    def due(self) -> float: ...
    @property
    def blocking(self) -> float: ...
    @property
    def priority_high(self) -> float: ...
    @property
    def priority_medium(self) -> float: ...
    @property
    def priority_low(self) -> float: ...
    @property
    def scheduled(self) -> float: ...
    @property
    def active(self) -> float: ...
    @property
    def age(self) -> float: ...
    @property
    def age_max_days(self) -> float: ...
    @property
    def annotations(self) -> float: ...
    @property
    def tags(self) -> float: ...
    @property
    def project(self) -> float: ...
    @property
    def waiting(self) -> float: ...
    @property
    def blocked(self) -> float: ...


def urgency(task: Task, now: datetime, coefficients: Coefficients, *, blocked: bool, blocking: bool) -> float:
    """The urgency of a task. `blocked`: it depends on an open task; `blocking`: an open task depends on it."""
    return sum(value for _, value in terms(task, now, coefficients, blocked=blocked, blocking=blocking))


def terms(task: Task, now: datetime, coefficients: Coefficients, *, blocked: bool, blocking: bool) -> list[tuple[str, float]]:
    """Each part of the urgency that is not zero, by name, in Taskwarrior's order."""
    c = coefficients
    tz = zone(task.time_zone)
    priority = {1: c.priority_high, 2: c.priority_medium, 3: c.priority_low}.get(task.priority or 0, 0.0)
    scheduled = task.scheduled is not None and start_of(task.scheduled, tz) < now
    parts = [
        ("next", c.next * ("next" in task.tags)),
        ("due", c.due * due_term(task.due, now, task.time_zone)),
        ("blocking", c.blocking * blocking),
        ("priority", priority),
        ("scheduled", c.scheduled * scheduled),
        ("active", c.active * (task.started is not None)),
        ("age", c.age * age_term(task.created, now, c.age_max_days)),
        ("annotations", c.annotations * count_term(len(task.annotations))),
        ("tags", c.tags * count_term(len(task.tags))),
        ("project", c.project * bool(task.project)),
        ("waiting", c.waiting * (status_at(task, now) == "waiting")),
        ("blocked", c.blocked * blocked),
    ]
    return [(name, value) for name, value in parts if value]


def due_term(due: Moment | None, now: datetime, time_zone: str) -> float:
    """0.2 until 14 days before, then linear up to 1.0 at 7 days overdue. A whole day is due when it begins."""
    if due is None:
        return 0.0
    days_overdue = (now - start_of(due, zone(time_zone))) / _DAY
    if days_overdue >= 7:
        return 1.0
    return (days_overdue + 14) * 0.8 / 21 + 0.2 if days_overdue >= -14 else 0.2


def age_term(created: datetime, now: datetime, age_max_days: float) -> float:
    """Whole days since creation as a share of `age_max_days`."""
    days = int((now - created) / _DAY)
    return 1.0 if age_max_days == 0 or days > age_max_days else days / age_max_days


def count_term(count: int) -> float:
    """0, 0.8, 0.9, 1.0 for none, one, two, more."""
    return (0.0, 0.8, 0.9, 1.0)[min(count, 3)]
