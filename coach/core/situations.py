"""The situations that Coach may speak about: each a pure predicate over a view of the day, with what it proposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from coach.core.goal import Standing
from coach.core.task import Task
from coach.core.when import end_of, zone


@dataclass(frozen=True, slots=True)
class NudgeView:
    """What a situation may look at. `now` stands in the person's zone. Tasks come most urgent first, `done_today`
    latest first. Minutes run up to now; `flow_min` is the focus session that goes on, `session_min` the last one that
    ended, `session_ago_min` minutes ago. `away`: tracked and idle. `in_focus_session`: the timer runs. `goals` stand as
    they do now."""

    now: datetime
    open_tasks: tuple[Task, ...] = ()
    overdue: tuple[Task, ...] = ()
    due_today: tuple[Task, ...] = ()
    done_today: tuple[Task, ...] = ()
    category: str = ""
    category_min: float = 0.0
    distracted_min: float = 0.0
    since_break_min: float = 0.0
    active_today_min: float = 0.0
    focus_today_min: float = 0.0
    flow_min: float = 0.0
    session_min: float = 0.0
    session_ago_min: float = 0.0
    absent_days: float = 0.0
    next_meeting: datetime | None = None
    block_start: datetime | None = None
    block_task: Task | None = None
    planned_today: int = 0
    working_hours: bool = False
    away: bool = False
    in_meeting: bool = False
    in_focus_session: bool = False
    goals: tuple[Standing, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to do about it: `action` is one of ACTIONS, on that task if there is one. `values` fill the line."""

    action: str
    task_id: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


ACTIONS = ("do", "start", "review", "split", "plan", "return", "break", "stop", "enjoy", "wrap_up")


@dataclass(frozen=True, slots=True)
class Situation:
    """`fills` are the placeholders its lines may use. An `interrupting` one may speak into detected focus."""

    name: str
    priority: int
    cooldown: timedelta
    fills: frozenset[str]
    propose: Callable[[NudgeView], Proposal | None]
    interrupting: bool = False


TITLE_LENGTH = 60
JUST_MET_MIN = 20
"""So long after an aim was reached it is news."""


def short_title(title: str) -> str:
    """A task's title fit for a line: one line, no control characters, at most 60 characters."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    return clean if len(clean) <= TITLE_LENGTH else clean[: TITLE_LENGTH - 1].rstrip() + "…"


def length(minutes: float) -> str:
    """A length of time in words: "1 minute", "45 minutes", "1 hour 20 minutes", "3 hours"."""
    whole = max(1, round(minutes))
    hours, rest = divmod(whole, 60)
    parts = [f"{n} {unit}{'' if n == 1 else 's'}" for n, unit in ((hours, "hour"), (rest, "minute")) if n]
    return " ".join(parts)


def minutes_until(instant: datetime, now: datetime) -> float:
    return (instant - now).total_seconds() / 60


def _deadline_close(view: NudgeView) -> Proposal | None:
    for task in view.open_tasks:
        if isinstance(task.due, datetime) and 0 < (left := minutes_until(task.due, view.now)) <= 120:
            return _about(task, "do", minutes=length(left))
    return None


def _deadline_today(view: NudgeView) -> Proposal | None:
    ahead = [t for t in view.due_today if t.due is not None and end_of(t.due, zone(t.time_zone)) > view.now]
    return _about(ahead[0], "do") if ahead else None


def _overdue_pile(view: NudgeView) -> Proposal | None:
    return Proposal("review", None, {"count": str(len(view.overdue))}) if len(view.overdue) >= 3 else None


def _overdue_one(view: NudgeView) -> Proposal | None:
    return _about(view.overdue[0], "do") if 1 <= len(view.overdue) <= 2 else None


def _snoozed_again(view: NudgeView) -> Proposal | None:
    often = max(view.open_tasks, key=lambda t: t.snooze_count, default=None)
    if often is None or often.snooze_count < 3:
        return None
    return _about(often, "split", count=str(often.snooze_count))


def _big_task_untouched(view: NudgeView) -> Proposal | None:
    for task in view.open_tasks:
        untouched = task.started is None and not task.actual_min and task.recurrence is None
        if untouched and (task.estimate_min or 0) >= 120 and view.now - task.created >= timedelta(days=3):
            return _about(task, "start", minutes=length(task.estimate_min or 0))
    return None


def _distraction_streak(view: NudgeView) -> Proposal | None:
    return Proposal("return", None, {"minutes": length(view.distracted_min)}) if view.distracted_min >= 20 else None


def _deep_work_done(view: NudgeView) -> Proposal | None:
    ended = view.flow_min == 0 and view.session_min >= 45 and view.session_ago_min <= 15
    return Proposal("enjoy", None, {"minutes": length(view.session_min)}) if ended else None


def _break_due(view: NudgeView) -> Proposal | None:
    return Proposal("break", None, {"minutes": length(view.since_break_min)}) if view.since_break_min >= 90 else None


def _late_night(view: NudgeView) -> Proposal | None:
    late = view.now.hour >= 23 or view.now.hour < 4
    return Proposal("stop") if late and view.category_min > 0 else None


def _nothing_planned(view: NudgeView) -> Proposal | None:
    blank = view.working_hours and not view.due_today and not view.overdue and not view.planned_today
    return Proposal("plan", None, {"count": str(len(view.open_tasks))}) if blank and len(view.open_tasks) >= 2 else None


def _just_done(view: NudgeView) -> Task | None:
    last = view.done_today[0] if view.done_today else None
    fresh = last is not None and last.completed is not None and minutes_until(view.now, last.completed) <= 20
    return last if fresh else None


def _first_win(view: NudgeView) -> Proposal | None:
    last = _just_done(view)
    if last is None or len(view.done_today) != 1:
        return None
    return Proposal("enjoy", None, {"task": short_title(last.title)})


def _momentum(view: NudgeView) -> Proposal | None:
    many = len(view.done_today) >= 3 and _just_done(view) is not None
    return Proposal("enjoy", None, {"count": str(len(view.done_today))}) if many else None


def _quiet_comeback(view: NudgeView) -> Proposal | None:
    return Proposal("start") if view.absent_days >= 3 and 0 < view.active_today_min <= 60 else None


def _meeting_soon(view: NudgeView) -> Proposal | None:
    if view.next_meeting is None or not 0 < (left := minutes_until(view.next_meeting, view.now)) <= 10:
        return None
    return Proposal("wrap_up", None, {"minutes": length(left)})


def _plan_block_now(view: NudgeView) -> Proposal | None:
    task, start = view.block_task, view.block_start
    if task is None or start is None or task.started is not None or not -10 <= minutes_until(start, view.now) <= 2:
        return None
    return _about(task, "start")


def _running_over(view: NudgeView) -> Proposal | None:
    for task in view.open_tasks:
        if task.started is None or not task.estimate_min:
            continue
        ran = minutes_until(view.now, task.started)
        if 1.5 * task.estimate_min <= ran <= 12 * 60:
            return _about(task, "split", minutes=length(ran))
    return None


def _quick_win(view: NudgeView) -> Proposal | None:
    if not view.working_hours:
        return None
    small = (t for t in view.open_tasks if t.estimate_min and t.estimate_min <= 15 and t.started is None)
    task = next(small, None)
    return None if task is None else _about(task, "do", minutes=length(task.estimate_min or 0))


def _goal_over(view: NudgeView) -> Proposal | None:
    """While it goes on: what is over and done with needs no word."""
    over = (s for s in view.goals if s.goal.bound == "at_most" and s.active and s.used_min >= s.goal.minutes + 1)
    return next((_of_goal(s, "return", s.used_min - s.goal.minutes) for s in over), None)


def _goal_near(view: NudgeView) -> Proposal | None:
    near = (s for s in view.goals if s.goal.bound == "at_most" and s.active and s.state == "near" and s.left_min >= 2)
    return next((_of_goal(s, "wrap_up", s.left_min) for s in near), None)


def _goal_met(view: NudgeView) -> Proposal | None:
    met = (s for s in view.goals if s.goal.bound == "at_least" and 0 <= s.used_min - s.goal.minutes <= JUST_MET_MIN)
    return next((_of_goal(s, "enjoy", s.goal.minutes) for s in met), None)


def _of_goal(standing: Standing, action: str, minutes: float) -> Proposal:
    return Proposal(action, None, {"goal": short_title(standing.goal.about()), "minutes": length(minutes)})


def _about(task: Task, action: str, **values: Any) -> Proposal:
    return Proposal(action, task.id, {"task": short_title(task.title), **values})


def _situation(
    propose: Callable[[NudgeView], Proposal | None], priority: int, hours: float, fills: str = "",
    interrupting: bool = False,
) -> Situation:
    name = propose.__name__.removeprefix("_")
    return Situation(name, priority, timedelta(hours=hours), frozenset(fills.split()), propose, interrupting)


SITUATIONS: tuple[Situation, ...] = (
    _situation(_meeting_soon, 100, 0.25, "minutes", interrupting=True),
    _situation(_deadline_close, 95, 1, "task minutes", interrupting=True),
    _situation(_plan_block_now, 90, 0.5, "task"),
    _situation(_break_due, 80, 1, "minutes", interrupting=True),
    _situation(_distraction_streak, 75, 1, "minutes"),
    _situation(_goal_over, 74, 4, "goal minutes"),
    _situation(_goal_near, 72, 4, "goal minutes"),
    _situation(_deadline_today, 70, 3, "task"),
    _situation(_quiet_comeback, 65, 72, ""),
    _situation(_first_win, 60, 20, "task"),
    _situation(_goal_met, 59, 4, "goal minutes"),
    _situation(_deep_work_done, 58, 2, "minutes"),
    _situation(_momentum, 55, 4, "count"),
    _situation(_running_over, 52, 3, "task minutes"),
    _situation(_overdue_pile, 50, 20, "count"),
    _situation(_snoozed_again, 48, 20, "task count"),
    _situation(_overdue_one, 45, 8, "task"),
    _situation(_big_task_untouched, 40, 20, "task minutes"),
    _situation(_nothing_planned, 35, 20, "count"),
    _situation(_late_night, 30, 20, ""),
    _situation(_quick_win, 20, 20, "task minutes"),
)
"""Most pressing first. Cool-downs are per situation, beside the one between any two nudges."""
