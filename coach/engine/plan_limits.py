"""Which limits the blocks of the plan break, of what the store holds: see `core/plan_limits.py`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.plan import Block, Busy, Reason
from coach.core.plan_limits import Limits, broken
from coach.core.task import Task
from coach.core.when import end_of, start_of, zone
from coach.engine.planning_hours import category_hours, work_hours
from coach.store import calendars
from coach.store import tasks as tasks_store
from coach.store.db import Connection


def of(db: Connection, config: Config, task: Task, span: tuple[datetime, datetime], tz: ZoneInfo) -> Limits:
    """What binds a block of a task in a stretch of time, of which the events are read."""
    hours = category_hours(config.plan.hours)
    category = next((n for n in (task.category, task.project) if n and n.casefold() in hours), "")
    due = end_of(task.due, zone(task.time_zone)).astimezone(UTC) if task.due is not None and task.due_hard else None
    return Limits(
        work_hours(config.time), tz, busy(db, span), due, ready_at(task), hours.get(category.casefold()), category)


def ready_at(task: Task) -> datetime | None:
    """When a task may begin at the earliest: its wait and its scheduled date have gone by."""
    moments = [start_of(m, zone(task.time_zone)) for m in (task.wait, task.scheduled) if m is not None]
    return max(moments).astimezone(UTC) if moments else None


def busy(db: Connection, span: tuple[datetime, datetime]) -> tuple[Busy, ...]:
    """Busy calendar events that overlap it."""
    return tuple(Busy(e.start, e.end, e.title) for e in calendars.events_between(db, *span) if e.busy)


def broken_by(
    db: Connection, config: Config, found: Iterable[Block], now: datetime, tz: ZoneInfo,
) -> dict[str, tuple[Reason, ...]]:
    """The limits that blocks which are not over break, by block; without those that break none."""
    wrongs: dict[str, tuple[Reason, ...]] = {}
    for block in found:
        task = tasks_store.get(db, block.task_id)
        if task is None or block.end <= now or block.status not in ("accepted", "proposed"):
            continue
        if wrong := broken(block, of(db, config, task, (block.start, block.end), tz)):
            wrongs[block.id] = wrong
    return wrongs
