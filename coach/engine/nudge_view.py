"""What the situations look at, read from the store: tasks, the day's timeline, calendar, plan, focus timer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import focus
from coach.core.event import Event
from coach.core.situations import NudgeView
from coach.core.task import Task
from coach.core.when import end_of, iso, logical_day, parse_iso, zone
from coach.engine import activity, categories, focusing, goals, tasks
from coach.engine.categories import Rules
from coach.store import changes, leases, nudges, rollups, timeline
from coach.store import tasks as stored_tasks
from coach.store.db import Connection

DISTRACTING = 0.25
"""A category of this productivity level or less distracts."""
INTERLUDE_S = 60.0
"""Time elsewhere that does not end a streak."""
STALE_S = 120.0
"""While the tracker is alive, a newest state older than this means that nobody is there."""
BEAT_S = 180.0
CALL_CATEGORIES = ("Communication > Calls",)
ABSENCE_DAYS = 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class _Present:
    """What the timeline of today says about this moment, in minutes."""

    category: str = ""
    category_min: float = 0.0
    distracted_min: float = 0.0
    since_break_min: float = 0.0
    active_today_min: float = 0.0
    focus_today_min: float = 0.0
    flow_min: float = 0.0
    session_min: float = 0.0
    session_ago_min: float = 0.0


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> NudgeView:
    """The view of this moment. Reads today's timeline once; some milliseconds."""
    rules = categories.load(db, config)
    day = logical_day(now, tz, clock(config.time.day_start))
    start, end = activity.bounds(day, config, tz)
    present = _present(timeline.between(db, start, now), rules, now)
    opened = tuple(t for t, _ in tasks.ready(db, config, now))
    done = stored_tasks.completed_between(db, start, now + timedelta(seconds=1))
    meetings = nudges.meetings(db, now, now + timedelta(hours=1))
    block_start, block_task, planned = _plan(db, start, end, now)
    return NudgeView(
        now=now.astimezone(tz), open_tasks=opened,
        overdue=tuple(t for t in opened if t.due is not None and _due_end(t) <= now),
        due_today=tuple(t for t in opened if t.due is not None and _is_due_on(t, start, end)),
        done_today=tuple(reversed(done)),
        category=present.category, category_min=present.category_min, distracted_min=present.distracted_min,
        since_break_min=present.since_break_min, active_today_min=present.active_today_min,
        focus_today_min=present.focus_today_min, flow_min=present.flow_min, session_min=present.session_min,
        session_ago_min=present.session_ago_min,
        absent_days=_absent_days(db, now, tz, config),
        next_meeting=next((s for s, _ in meetings if s > now), None),
        block_start=block_start, block_task=block_task, planned_today=planned,
        working_hours=_works(config, now.astimezone(tz)),
        away=_is_away(db, now),
        in_meeting=any(s <= now < e for s, e in meetings) or present.category in CALL_CATEGORIES,
        in_focus_session=focusing.running(db, now) is not None,
        goals=goals.view(db, config, now, tz).standings,
    )


def _due_end(task: Task) -> datetime:
    assert task.due is not None
    return end_of(task.due, zone(task.time_zone))


def _is_due_on(task: Task, start: datetime, end: datetime) -> bool:
    """A timed due inside the day, or a whole-day one that ends within it: midnight, before the day does."""
    due = _due_end(task)
    return start < due <= end


def _present(line: Sequence[Event], rules: Rules, now: datetime) -> _Present:
    if not line:
        return _Present()
    stretches = [
        focus.Stretch(e.start.timestamp(), e.end.timestamp(), c.level, e.app, c.focus)
        for e in line for c in (rules.named(e.category),)
    ]
    now_s = now.timestamp()
    is_here = now_s - stretches[-1].end_s < STALE_S
    category = (line[-1].category or rollups.UNCATEGORISED) if is_here else ""
    sessions = focus.sessions(stretches)
    last = sessions[-1] if sessions else None
    in_flow = last is not None and is_here and now_s - last.end_s < focus.ELSEWHERE_S
    return _Present(
        category=category,
        category_min=_run_min([(e.end - e.start).total_seconds() if (e.category or rollups.UNCATEGORISED) == category
                               else None for e in line]) if is_here else 0.0,
        distracted_min=_streak_min(stretches) if is_here else 0.0,
        since_break_min=_since_break_min(stretches) if is_here else 0.0,
        active_today_min=sum(s.end_s - s.start_s for s in stretches) / 60,
        focus_today_min=sum(s.end_s - s.start_s for s in stretches if s.focus) / 60,
        flow_min=(now_s - last.start_s) / 60 if last and in_flow else 0.0,
        session_min=(last.end_s - last.start_s) / 60 if last and not in_flow else 0.0,
        session_ago_min=(now_s - last.end_s) / 60 if last and not in_flow else 0.0,
    )


def _run_min(lengths_s: Sequence[float | None]) -> float:
    """Minutes of the unbroken tail of what is not None."""
    total = 0.0
    for length in reversed(lengths_s):
        if length is None:
            break
        total += length
    return total / 60


def _streak_min(stretches: Sequence[focus.Stretch]) -> float:
    """Minutes of distraction up to now; looking elsewhere for up to a minute does not end it, a break does."""
    total_s = elsewhere_s = 0.0
    later_s = stretches[-1].end_s
    for s in reversed(stretches):
        if later_s - s.end_s >= focus.BREAK_S:
            break
        later_s = s.start_s
        if s.level <= DISTRACTING:
            total_s, elsewhere_s = total_s + s.end_s - s.start_s, 0.0
            continue
        elsewhere_s += s.end_s - s.start_s
        if elsewhere_s > INTERLUDE_S:
            break
    return total_s / 60


def _since_break_min(stretches: Sequence[focus.Stretch]) -> float:
    """Active minutes since the last gap of at least five minutes."""
    total_s = 0.0
    later_s = stretches[-1].end_s
    for s in reversed(stretches):
        if later_s - s.end_s >= focus.BREAK_S:
            break
        total_s, later_s = total_s + s.end_s - s.start_s, s.start_s
    return total_s / 60


def _plan(db: Connection, start: datetime, end: datetime, now: datetime) -> tuple[datetime | None, Task | None, int]:
    """The accepted block that has just started or is about to, with its open task; how many blocks today has."""
    found = changes.read(
        db, "block", "status IN ('accepted', 'done') AND start >= ? AND start < ? ORDER BY start",
        (iso(start), iso(end)),
    )
    for block in reversed(found):
        begins = parse_iso(block["start"])
        if block["status"] == "accepted" and now - timedelta(minutes=15) <= begins <= now + timedelta(minutes=5):
            task = stored_tasks.get(db, block["task_id"])
            return begins, task if task is not None and task.status == "pending" else None, len(found)
    return None, None, len(found)


def _absent_days(db: Connection, now: datetime, tz: ZoneInfo, config: Config) -> float:
    """Whole days without a trace before today; 0 for somebody new."""
    today = logical_day(now, tz, clock(config.time.day_start))
    days = rollups.by_day(db, today - timedelta(days=ABSENCE_DAYS), today - timedelta(days=1))
    if not days:
        return 0.0
    last = datetime.fromisoformat(max(d["day"] for d in days)).date()
    return float((today - last).days - 1)


def _works(config: Config, local: datetime) -> bool:
    begins, ends = clock(config.time.work_start), clock(config.time.work_end)
    at: time = local.time()
    return WEEKDAYS[local.weekday()] in config.time.work_days and begins <= at < ends


def _is_away(db: Connection, now: datetime) -> bool:
    """Somebody tracks, and has seen nobody for a while. Without a live tracker nobody knows: then not."""
    row = leases.row(db, "tracker")
    if row is None or not 0 <= (now - parse_iso(row["beat"])).total_seconds() < BEAT_S:
        return False
    info = json.loads(row["info"] or "{}")
    if info.get("paused") or not info.get("probe"):
        return False
    newest = timeline.newest(db, now)
    return newest is None or (now - newest.end).total_seconds() > STALE_S
