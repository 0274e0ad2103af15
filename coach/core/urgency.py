"""Urgency as Taskwarrior defines it (Task.cpp): a sum of coefficient times term, each term between 0 and 1.

What of it does not move with time is a task's `Shape`, small enough to be a number in an index of the store."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from coach.core.record import Record
from coach.core.task import Task, status_at
from coach.core.when import start_of, zone

_DAY = timedelta(days=1)
OVERDUE_DAYS = 7
AHEAD_DAYS = 14
"""The due term moves from `AHEAD_DAYS` before the due time to `OVERDUE_DAYS` after it, and stands still elsewhere."""


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Shape(Record):
    """What urgency takes from a task apart from its times. `priority` 0 stands for none; `tags` and `annotations` count to
    three; `scheduled` and `waits` say that there is such a time, wherever it lies."""

    priority: int = 0
    tags: int = 0
    annotations: int = 0
    next: bool = False
    project: bool = False
    active: bool = False
    scheduled: bool = False
    waits: bool = False
    blocked: bool = False
    blocking: bool = False


_FLAGS = ("next", "project", "active", "scheduled", "waits", "blocked", "blocking")


def shape(
    *, priority: int | None, tags: Collection[str], annotations: int, project: bool, active: bool, scheduled: bool, waits: bool,
    blocked: bool, blocking: bool,
) -> Shape:
    return Shape(
        priority if priority in (1, 2, 3) else 0, min(len(tags), 3), min(annotations, 3), "next" in tags, project, active,
        scheduled, waits, blocked, blocking,
    )


def pack(of: Shape) -> int:
    """The shape as a number: two bits for each count, one for each flag."""
    number = of.priority | of.tags << 2 | of.annotations << 4
    return number | sum(int(getattr(of, name)) << 6 + place for place, name in enumerate(_FLAGS))


def unpack(number: int) -> Shape:
    """The inverse of `pack`."""
    return Shape(
        number & 3, number >> 2 & 3, number >> 4 & 3,
        **{name: bool(number >> 6 + place & 1) for place, name in enumerate(_FLAGS)},
    )


def urgency(task: Task, now: datetime, coefficients: Coefficients, *, blocked: bool, blocking: bool) -> float:
    """The urgency of a task. `blocked`: it depends on an open task; `blocking`: an open task depends on it."""
    return sum(value for _, value in terms(task, now, coefficients, blocked=blocked, blocking=blocking))


def terms(task: Task, now: datetime, coefficients: Coefficients, *, blocked: bool, blocking: bool) -> list[tuple[str, float]]:
    """Each part of the urgency that is not zero, by name, in Taskwarrior's order."""
    tz = zone(task.time_zone)
    of = shape(
        priority=task.priority, tags=task.tags, annotations=len(task.annotations), project=bool(task.project),
        active=task.started is not None, scheduled=task.scheduled is not None, waits=task.wait is not None, blocked=blocked,
        blocking=blocking,
    )
    due = None if task.due is None else start_of(task.due, tz)
    scheduled = task.scheduled is not None and start_of(task.scheduled, tz) < now
    waiting = status_at(task, now) == "waiting"
    age = age_term(task.created, now, coefficients.age_max_days)
    found = parts(of, coefficients, due=due_term(due, now), age=age, scheduled=scheduled, waiting=waiting)
    return [(name, value) for name, value in found if value]


def parts(
    of: Shape, coefficients: Coefficients, *, due: float, age: float, scheduled: bool, waiting: bool
) -> tuple[tuple[str, float], ...]:
    """Every part by name; `due` and `age` are the terms of those names, `scheduled` whether that time has come."""
    c = coefficients
    return (
        ("next", c.next * of.next),
        ("due", c.due * due),
        ("blocking", c.blocking * of.blocking),
        ("priority", (0.0, c.priority_high, c.priority_medium, c.priority_low)[of.priority]),
        ("scheduled", c.scheduled * scheduled),
        ("active", c.active * of.active),
        ("age", c.age * age),
        ("annotations", c.annotations * count_term(of.annotations)),
        ("tags", c.tags * count_term(of.tags)),
        ("project", c.project * of.project),
        ("waiting", c.waiting * waiting),
        ("blocked", c.blocked * of.blocked),
    )


def due_term(due: datetime | None, now: datetime) -> float:
    """0.2 until 14 days before, then linear up to 1.0 at 7 days overdue. `due` is when it begins, also of a whole day."""
    if due is None:
        return 0.0
    days_overdue = (now - due) / _DAY
    if days_overdue >= OVERDUE_DAYS:
        return 1.0
    return (days_overdue + AHEAD_DAYS) * 0.8 / 21 + 0.2 if days_overdue >= -AHEAD_DAYS else 0.2


def age_term(created: datetime, now: datetime, age_max_days: float) -> float:
    """Whole days since creation as a share of `age_max_days`."""
    days = int((now - created) / _DAY)
    return 1.0 if age_max_days == 0 or days > age_max_days else days / age_max_days


def count_term(count: int) -> float:
    """0, 0.8, 0.9, 1.0 for none, one, two, more."""
    return (0.0, 0.8, 0.9, 1.0)[min(count, 3)]
