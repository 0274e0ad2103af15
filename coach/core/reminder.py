"""When reminders are due. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from coach.core.task import Reminder, Task
from coach.core.when import resolve, to_ms, zone

WHOLE_DAY_AT = time(9)
"""A whole-day due counts as that hour for `30m before`."""


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder whose time has come. `id` is the same for everybody who finds it, so that it is given once."""

    id: str
    task: Task
    at: datetime


def reminder_at(task: Task, reminder: Reminder) -> datetime | None:
    """The instant of a reminder; None for one that counts from a due which is not there."""
    if reminder.at is not None:
        return reminder.at
    if task.due is None or reminder.before_min is None:
        return None
    tz = zone(task.time_zone)
    due = task.due if isinstance(task.due, datetime) else resolve(datetime.combine(task.due, WHOLE_DAY_AT), tz)
    return due - timedelta(minutes=reminder.before_min)


def due_reminders(tasks: Iterable[Task], after: datetime, now: datetime) -> list[DueReminder]:
    """The reminders of open tasks in (after, now], earliest first."""
    found = {}
    for task in tasks:
        if task.status != "pending":
            continue
        for reminder in task.remind:
            at = reminder_at(task, reminder)
            if at is not None and after < at <= now:
                one = DueReminder(str(uuid.uuid5(uuid.NAMESPACE_OID, f"reminder {task.id} {to_ms(at)}")), task, at)
                found[one.id] = one
    return sorted(found.values(), key=lambda r: (r.at, r.task.num))
