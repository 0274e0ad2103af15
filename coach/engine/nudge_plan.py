"""What calendar and plan say about this moment: meetings, the block that begins or slips, and whether the days ahead hold
what is due in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import slots
from coach.core.outdated import touched
from coach.core.overload import unfit
from coach.core.task import Task, status_at
from coach.core.when import end_of, iso, parse_iso, zone
from coach.engine.planning_hours import work_hours
from coach.store import changes, nudges
from coach.store import tasks as stored_tasks
from coach.store.db import Connection

BEGINS_WITHIN = timedelta(minutes=5)
BEGAN_WITHIN = timedelta(minutes=15)
LATELY = timedelta(minutes=15)
SOON = timedelta(hours=1)
AHEAD_DAYS = 3


@dataclass(frozen=True, slots=True)
class Blocks:
    """`task` and `start` of the accepted block that begins about now, with its open task; `slipping` the open task of one that
    began `slipping_min` ago, goes on, and was not touched since; `current` the task of the block that goes on; `planned` is how
    many accepted or done blocks today has."""

    start: datetime | None = None
    task: Task | None = None
    slipping: Task | None = None
    slipping_min: float = 0.0
    current: Task | None = None
    planned: int = 0


def blocks(db: Connection, start: datetime, end: datetime, now: datetime) -> Blocks:
    """Of the day [start, end)."""
    found = changes.read(
        db, "block", "status IN ('accepted', 'done') AND start >= ? AND start < ? ORDER BY start", (iso(start), iso(end)),
    )
    begins_at, begins, slipping, slipping_min, current = None, None, None, 0.0, None
    for block in reversed(found):
        at = parse_iso(block["start"])
        goes_on = at <= now < parse_iso(block["end"])
        about_now = now - BEGAN_WITHIN <= at <= now + BEGINS_WITHIN
        if block["status"] != "accepted" or not (goes_on or about_now):
            continue
        task = stored_tasks.get(db, block["task_id"])
        task = task if task is not None and status_at(task, now) == "pending" else None
        if about_now and begins_at is None:
            begins_at, begins = at, task
        if goes_on and task is not None and current is None:
            current = task
            if not touched(task, at):
                slipping, slipping_min = task, (now - at).total_seconds() / 60
    return Blocks(begins_at, begins, slipping, slipping_min, current, len(found))


@dataclass(frozen=True, slots=True)
class Meetings:
    """Whether one goes on, when the next within an hour begins, how many minutes ago the last one ended."""

    now: bool = False
    soon: datetime | None = None
    ago_min: float | None = None


def meetings(db: Connection, now: datetime) -> Meetings:
    found = nudges.meetings(db, now - LATELY, now + SOON)
    ended = [e for _, e in found if now - LATELY <= e <= now]
    on = any(s <= now < e for s, e in found)
    return Meetings(on, next((s for s, _ in found if s > now), None),
                    (now - max(ended)).total_seconds() / 60 if ended and not on else None)


def overload(db: Connection, config: Config, opened: Sequence[Task], now: datetime, tz: ZoneInfo) -> int:
    """How many of the tasks due within three days do not fit into the working hours until then that no meeting takes."""
    until = now + timedelta(days=AHEAD_DAYS)
    dues = [
        (due, float(t.estimate_min or config.plan.default_estimate_min))
        for t in opened if t.due is not None and now < (due := end_of(t.due, zone(t.time_zone))) <= until
    ]
    if len(dues) < 2:
        return 0
    return unfit(dues, slots.working(work_hours(config.time), now, tz, AHEAD_DAYS + 1), nudges.meetings(db, now, until), now)
