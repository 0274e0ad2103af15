"""What the screen Today shows: one frozen dataclass, built by one function. Plan, Insights and Setup have their own modules.
The shell prints the same view as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core.exploring import Tie
from coach.core.goal import Standing
from coach.core.nudge import Nudge, by_itself, capped, is_quiet
from coach.core.plan import Block, Busy, Reason, block_json
from coach.core.task import Task, status_at, task_json
from coach.core.when import iso, logical_day
from coach.engine import asking, categories, day, goals, planning, task_view, tasks, tracking
from coach.engine.activity import bounds
from coach.engine.asking import Question
from coach.engine.categories import Rules
from coach.engine.day import DayFocus, Lived
from coach.engine.outdated import Outdated, outdated
from coach.engine.profile import Expected, expected_focus
from coach.engine.task_view import TaskGroup, TaskRow
from coach.engine.watch import edits
from coach.store import calendars, nudges, timeline
from coach.store import tasks as tasks_store
from coach.store.db import Connection, DatabaseError

TASKS = 12
"""Due today and overdue come first; the most urgent of the others fill up to this many."""
LIVE_S = 15.0
"""The newest state is the present one while it ended less than this ago: heartbeats reach the store every 2 s."""


@dataclass(frozen=True, slots=True)
class Current:
    """What is in front now, and for how long without a break."""

    app: str
    title: str
    category: str
    level: float
    since: datetime


@dataclass(frozen=True, slots=True)
class PlanBlock:
    """A block with its task's words; `breaks` are the limits of the plan that it breaks, where they were asked for."""

    block: Block
    num: int
    title: str
    due: str
    breaks: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class TodayView:
    """`tracking` is on, paused or no consent; whether a tracker runs at all the runtime knows. `nudge` is the last one
    of the day, `nudge_words` says when the next may come."""

    now: datetime
    day: date
    start: datetime
    end: datetime
    tracking: str
    paused_until: datetime | None
    current: Current | None
    lived: tuple[Lived, ...]
    blocks: tuple[PlanBlock, ...]
    meetings: tuple[Busy, ...]
    next_meeting: Busy | None
    tasks: tuple[TaskGroup, ...]
    open_tasks: int
    done_today: int
    focus: DayFocus
    gaps: tuple[tuple[datetime, datetime], ...]
    """Time between the first and the last state that nothing explains."""
    goals: tuple[Standing, ...]
    nudge: Nudge | None
    nudge_words: str
    expected: tuple[Expected, ...]
    """Focus forecast of the day's hours; none before the first forecast."""
    question: Question | None = None
    ties: Mapping[str, Tie] = field(default_factory=dict)
    """Tasks whose order might have been drawn by lot, as near ties."""
    outdated: Outdated = field(default_factory=Outdated)
    """Why the plan that is shown no longer holds."""


def today(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> TodayView:
    """The logical day that holds `now`."""
    rules = categories.load(db, config)
    this_day = logical_day(now, tz, clock(config.time.day_start))
    start, end = bounds(this_day, config, tz)
    told = day.told(db, start, min(end, max(now, start)), rules)
    opened = tasks.open_by_urgency(db, config, now)
    listed, ties = _in_order(db, opened, config, now, tz)
    busy = meetings(db, start, end)
    paused = tracking.paused_until(db, now)
    state = "no consent" if not tracking.consent(db) else "paused" if paused else "on"
    said = nudges.since(db, start)
    last = next((n for n in said if n.status not in ("queued", "failed")), None)
    return TodayView(
        now=now, day=this_day, start=start, end=end, tracking=state,
        paused_until=paused if isinstance(paused, datetime) else None, current=current(db, rules, now),
        lived=told.lived, focus=told.focus, gaps=told.gaps, goals=goals.view(db, config, now, tz).standings,
        blocks=plan_blocks(db, start, end, now, tz), meetings=busy,
        next_meeting=next((m for m in busy if m.start > now), None),
        tasks=_pressing(task_view.rows_of(listed, config, now, tz)), open_tasks=len(opened), ties=ties,
        done_today=len(tasks_store.completed_between(db, start, end)), nudge=last,
        nudge_words=_nudge_words(config, now, tz, said),
        expected=expected_focus(db, this_day, this_day, tz), question=asking.due(db, config, now, tz),
        outdated=outdated(db, config, now, tz),
    )


def _in_order(
    db: Connection, opened: Sequence[tuple[Task, float]], config: Config, now: datetime, tz: ZoneInfo
) -> tuple[list[tuple[Task, float]], dict[str, Tie]]:
    """By what is likely to be done next, and which of them are near ties; waiting tasks stay last."""
    from coach.engine import prioritising

    ready = [pair for pair in opened if status_at(pair[0], now) == "pending"]
    waiting = opened[len(ready):]
    found = prioritising.ordered(db, ready, now, tz, explore=config.learning.explore).ranked
    return [*((one.task, one.urgency) for one in found), *waiting], {one.task.id: one.tie for one in found if one.tie}


def note_shown(db: Connection, view: TodayView) -> None:
    """The tasks were shown in this order, and the question was."""
    from coach.engine import prioritising

    with suppress(DatabaseError):  # a full or busy disk: these places stay unknown, and looking at the day goes on
        prioritising.note_shown(db, [row.id for group in view.tasks for row in group.rows], view.now, view.ties)
        if view.question is not None:
            asking.note(db, view.question)


def today_stamp(db: Connection, now: datetime) -> tuple[object, ...]:
    """Differs when Today may look different: a cheap question, asked once a second."""
    newest = timeline.newest(db, now)
    here = (newest.app, newest.title, newest.start) if newest and (now - newest.end).total_seconds() < LIVE_S else ()
    return edits(db), int(now.timestamp() // 60), here, tracking.paused_until(db, now)


def current(db: Connection, rules: Rules, now: datetime) -> Current | None:
    """The newest state while it is fresh."""
    newest = timeline.newest(db, now)
    if newest is None or abs((now - newest.end).total_seconds()) > LIVE_S:
        return None
    category = rules.named(newest.category)
    return Current(newest.app, newest.title, category.name, category.level, newest.start)


def plan_blocks(db: Connection, start: datetime, end: datetime, now: datetime, tz: ZoneInfo) -> tuple[PlanBlock, ...]:
    """The blocks of [start, end) that were not rejected, earliest first, with their tasks' words."""
    found = []
    for block in planning.blocks_between(db, start, end):
        task = tasks_store.get(db, block.task_id)
        if task is not None:
            due = "" if task.due is None else task_view.due_words(task.due, now, tz)
            found.append(PlanBlock(block, task.num, task.title, due))
    return tuple(found)


def meetings(db: Connection, start: datetime, end: datetime) -> tuple[Busy, ...]:
    """Busy calendar entries that overlap [start, end), whole days left out."""
    found = calendars.events_between(db, start, end)
    return tuple(Busy(e.start, e.end, e.title) for e in found if e.busy and not e.all_day and e.end > start)


def _pressing(rows: Sequence[TaskRow]) -> tuple[TaskGroup, ...]:
    """Overdue and due today in the order of `rows`, filled up with the first of the others; waiting ones are left out."""
    late = tuple(r for r in rows if r.group == "overdue")
    due = tuple(r for r in rows if r.group == "today")
    rest = tuple(r for r in rows if r.group in ("week", "later", "none"))[:max(0, TASKS - len(late) - len(due))]
    groups = (TaskGroup("overdue", "Overdue", late), TaskGroup("today", "Today", due), TaskGroup("next", "Next", rest))
    return tuple(g for g in groups if g.rows)


def _nudge_words(config: Config, now: datetime, tz: ZoneInfo, said: Sequence[Nudge]) -> str:
    """When the coach may speak next, or why it keeps quiet."""
    settings = config.nudge
    if not settings.enabled:
        return "nudges are off; `coach nudge` gives one any time"
    heard = len(capped(said))
    if heard >= settings.daily_cap:
        return f"{heard} nudges today, that is the cap"
    if is_quiet(now.astimezone(tz).time(), clock(settings.quiet_start), clock(settings.quiet_end)):
        return f"quiet hours until {settings.quiet_end}"
    free = max((n.at + timedelta(minutes=settings.cooldown_min) for n in by_itself(said)), default=now)
    if free > now:
        return f"next nudge not before {free.astimezone(tz):%H:%M}, {heard} of {settings.daily_cap} today"
    return f"a nudge may come any time, {heard} of {settings.daily_cap} today"


def today_json(view: TodayView) -> dict[str, Any]:
    """The view as plain JSON values; durations in seconds."""
    return {
        "now": iso(view.now), "day": iso(view.day), "tracking": view.tracking, "paused_until": iso(view.paused_until),
        "current": None if view.current is None else {
            "app": view.current.app, "title": view.current.title, "category": view.current.category,
            "since": iso(view.current.since),
        },
        "lived": [
            {"start": iso(x.start), "end": iso(x.end), "category": x.category, "app": x.app, "active_s": x.active_s}
            for x in view.lived
        ],
        "blocks": [{**block_json(b.block), "num": b.num, "title": b.title} for b in view.blocks],
        "outdated": view.outdated.document(),
        "meetings": [{"start": iso(m.start), "end": iso(m.end), "title": m.title} for m in view.meetings],
        "tasks": [task_json(r.task, view.now, round(r.urgency, 2)) for g in view.tasks for r in g.rows],
        "done_today": view.done_today,
        "focus": {
            "score": view.focus.score, "n_hours": view.focus.n, "active_s": round(view.focus.active_s, 3),
            "focus_s": round(view.focus.focus_s, 3), "formula": view.focus.version,
        },
        "nudge": None if view.nudge is None else {
            "at": iso(view.nudge.at), "text": view.nudge.text, "status": view.nudge.status,
        },
    }
