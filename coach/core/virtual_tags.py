"""Taskwarrior's virtual tags: +OVERDUE, +TODAY, +READY and their like, as functions of a task and the moment."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from coach.core.task import Task, status_at
from coach.core.when import end_of, start_of, zone


class Context(Protocol):
    """What a virtual tag depends on besides the task: the moment, the zone, and ids of tasks that depend or are depended on,
    and the highest number of a task."""

    now: datetime
    tz: ZoneInfo
    blocked: Collection[str]
    blocking: Collection[str]
    latest: int


def _day(task: Task, state: Context) -> date | None:
    if task.due is None:
        return None
    return task.due.astimezone(state.tz).date() if isinstance(task.due, datetime) else task.due


def _today(state: Context) -> date:
    return state.now.astimezone(state.tz).date()


def _between(task: Task, state: Context, first: date, last: date) -> bool:
    day = _day(task, state)
    return _open(task, state) and day is not None and first <= day <= last


def _open(task: Task, state: Context) -> bool:
    return task.status == "pending"


def _overdue(task: Task, state: Context) -> bool:
    return _open(task, state) and task.due is not None and end_of(task.due, zone(task.time_zone)) <= state.now


def _week(task: Task, state: Context) -> bool:
    monday = _today(state) - timedelta(days=_today(state).weekday())
    return _between(task, state, monday, monday + timedelta(days=6))


def _same(task: Task, state: Context, form: str) -> bool:
    day = _day(task, state)
    return _open(task, state) and day is not None and f"{day:{form}}" == f"{_today(state):{form}}"


def _quarter(task: Task, state: Context) -> bool:
    day, today = _day(task, state), _today(state)
    return _open(task, state) and day is not None and (day.year, (day.month - 1) // 3) == (today.year, (today.month - 1) // 3)


def _due_soon(task: Task, state: Context) -> bool:
    """Due within seven days, or overdue (Taskwarrior's rc.due)."""
    day = _day(task, state)
    return _open(task, state) and day is not None and day <= _today(state) + timedelta(days=7)


def _ready(task: Task, state: Context) -> bool:
    waits = status_at(task, state.now) == "waiting"
    later = task.scheduled is not None and start_of(task.scheduled, zone(task.time_zone)) > state.now
    return _open(task, state) and not waits and not later and task.id not in state.blocked


VIRTUAL_TAGS: dict[str, Callable[[Task, Context], bool]] = {
    "OVERDUE": _overdue,
    "DUE": _due_soon,
    "TODAY": lambda task, state: _between(task, state, _today(state), _today(state)),
    "DUETODAY": lambda task, state: _between(task, state, _today(state), _today(state)),
    "TOMORROW": lambda task, state: _between(task, state, *[_today(state) + timedelta(days=1)] * 2),
    "YESTERDAY": lambda task, state: _between(task, state, *[_today(state) - timedelta(days=1)] * 2),
    "WEEK": _week,
    "MONTH": lambda task, state: _same(task, state, "%Y%m"),
    "QUARTER": _quarter,
    "YEAR": lambda task, state: _same(task, state, "%Y"),
    "PENDING": lambda task, state: status_at(task, state.now) == "pending",
    "WAITING": lambda task, state: status_at(task, state.now) == "waiting",
    "COMPLETED": lambda task, state: task.status == "completed",
    "DELETED": lambda task, state: task.status == "deleted",
    "ACTIVE": lambda task, state: task.started is not None and _open(task, state),
    "READY": _ready,
    "BLOCKED": lambda task, state: task.id in state.blocked,
    "UNBLOCKED": lambda task, state: task.id not in state.blocked,
    "BLOCKING": lambda task, state: task.id in state.blocking,
    "SCHEDULED": lambda task, state: task.scheduled is not None,
    "UNTIL": lambda task, state: task.until is not None,
    "TAGGED": lambda task, state: bool(task.tags),
    "ANNOTATED": lambda task, state: bool(task.annotations),
    "PROJECT": lambda task, state: bool(task.project),
    "PRIORITY": lambda task, state: task.priority is not None,
    "RECURRING": lambda task, state: task.recurrence is not None,
    "INSTANCE": lambda task, state: task.series_id is not None,
    "CHILD": lambda task, state: task.series_id is not None,
    "TEMPLATE": lambda task, state: task.recurrence is not None,
    "LATEST": lambda task, state: task.num == state.latest,
    "UDA": lambda task, state: bool(task.extra),
    "ORPHAN": lambda task, state: bool(task.extra),  # fields that came from elsewhere and that nothing here defines
    "SUBTASK": lambda task, state: task.parent is not None,
    "REMIND": lambda task, state: bool(task.remind),
    "NOTES": lambda task, state: bool(task.notes),
    "PARENT": lambda task, state: task.recurrence is not None,
    "SNOOZED": lambda task, state: task.snooze_count > 0,
    "ESTIMATED": lambda task, state: task.estimate_min is not None,
    "HARD": lambda task, state: task.due_hard,
}
