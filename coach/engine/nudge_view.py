"""What the situations look at, read from the store: tasks, the day's timeline, calendar, plan, focus timer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core.event import Event
from coach.core.nudge_view import NudgeView, Present
from coach.core.task import Task
from coach.core.when import end_of, logical_day, parse_iso, start_of, zone
from coach.engine import activity, categories, focusing, goals, nudge_days, nudge_plan, tasks
from coach.engine.nudge_present import STALE_S, present
from coach.store import leases, timeline
from coach.store import tasks as stored_tasks
from coach.store.db import Connection

BEAT_S = 180.0
AVOIDED = 70.0
"""From this score on, of 100, a task is avoided so much that it is worth a word."""
CALL_CATEGORIES = ("Communication > Calls",)


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> NudgeView:
    """The view of this moment. Reads today's timeline once; some milliseconds."""
    rules, local = categories.load(db, config), now.astimezone(tz)
    today = logical_day(now, tz, clock(config.time.day_start))
    start, end = activity.bounds(today, config, tz)
    last = timeline.newest(db, now)
    seen = present(timeline.spans(db, start, now), last.title if last else "", rules, now)
    opened = tuple(t for t, _ in tasks.ready(db, config, now))
    plan, met = nudge_plan.blocks(db, start, end, now), nudge_plan.meetings(db, now)
    absent_days, streak, streak_before = nudge_days.absent_days_and_streaks(db, rules, today)
    working = nudge_days.works(config, local)
    week_start, is_last = nudge_days.week(config, today)
    return NudgeView(
        now=local, open_tasks=opened,
        overdue=tuple(t for t in opened if t.due is not None and _due_end(t) <= now),
        due_today=tuple(t for t in opened if _is_due_in(t, start, end)),
        due_tomorrow=tuple(t for t in opened if _is_due_in(t, end, end + timedelta(days=1))),
        returned=tuple(t for t in opened if _has_returned(t, start, now)),
        done_today=tuple(reversed(stored_tasks.completed_between(db, start, now + timedelta(seconds=1)))),
        done_week=_done_since(db, week_start, config, tz, now) if is_last and working else 0,
        next_task=plan.current or plan.task or next(iter(opened), None),
        avoided=_avoided(db, config, opened, now, tz), unfit=nudge_plan.overload(db, config, opened, now, tz),
        streak=streak, streak_before=streak_before, absent_days=absent_days,
        best_hour=working and nudge_days.best_hour(db, local, config),
        next_meeting=met.soon, meeting_ago_min=met.ago_min,
        block_start=plan.start, block_task=plan.task, slipping=plan.slipping, slipping_min=plan.slipping_min,
        planned_today=plan.planned,
        working_hours=working, workday=nudge_days.is_workday(config, local), last_workday=is_last,
        work_left_min=nudge_days.work_left_min(config, local),
        away=_is_away(db, last, now), in_meeting=met.now or seen.category in CALL_CATEGORIES,
        in_focus_session=focusing.running(db, now) is not None,
        goals=goals.view(db, config, now, tz).standings,
        **{f.name: getattr(seen, f.name) for f in fields(Present)},
    )


def _avoided(db: Connection, config: Config, opened: Sequence[Task], now: datetime, tz: ZoneInfo) -> Task | None:
    """The open task that is avoided most, where that is much and profiling is allowed."""
    from coach.engine import avoidance  # it reads what the views read, and is asked once a minute

    found = avoidance.worst(db, config, now, tz)
    return next((t for t in opened if found and t.id == found[0] and found[1] >= AVOIDED), None)


def _due_end(task: Task) -> datetime:
    assert task.due is not None
    return end_of(task.due, zone(task.time_zone))


def _is_due_in(task: Task, start: datetime, end: datetime) -> bool:
    """A timed due inside the day, or a whole-day one that ends within it: midnight, before the day does."""
    return task.due is not None and start < _due_end(task) <= end


def _has_returned(task: Task, start: datetime, now: datetime) -> bool:
    """Snoozed until some moment of today that has come."""
    if not task.snooze_count or task.wait is None:
        return False
    return start <= start_of(task.wait, zone(task.time_zone)) <= now


def _done_since(db: Connection, day: date, config: Config, tz: ZoneInfo, now: datetime) -> int:
    start, _ = activity.bounds(day, config, tz)
    found: Sequence[Task] = stored_tasks.completed_between(db, start, now + timedelta(seconds=1))
    return len(found)


def _is_away(db: Connection, last: Event | None, now: datetime) -> bool:
    """Somebody tracks, and has seen nobody for a while. Without a live tracker nobody knows: then not."""
    row = leases.row(db, "tracker")
    if row is None or not 0 <= (now - parse_iso(row["beat"])).total_seconds() < BEAT_S:
        return False
    info = json.loads(row["info"] or "{}")
    if info.get("paused") or not info.get("probe"):
        return False
    return last is None or (now - last.end).total_seconds() > STALE_S
