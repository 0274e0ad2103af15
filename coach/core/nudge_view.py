"""What a situation looks at, and what it proposes: the view of this moment, and words for lengths and titles. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from coach.core.goal import Standing
from coach.core.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What today's timeline says about this moment. Minutes run up to now.

    `category` is what is in front, `activity` its kind: focus, distraction, communication, other, or "" where nobody tracks or is
    there. `flow_min` is the focus session that goes on, `session_min` the last one that ended, `session_ago_min` minutes ago;
    `sessions` how many today has had; `last_break_min` the length of the break before `since_break_min`. `visits` are visits to
    mail and chat within the last hour, `switches` switches between apps within half an hour. `presenting`: a presentation is
    shown, or the screen shared."""

    category: str = ""
    activity: str = ""
    presenting: bool = False
    category_min: float = 0.0
    distracted_min: float = 0.0
    since_break_min: float = 0.0
    last_break_min: float = 0.0
    active_today_min: float = 0.0
    focus_today_min: float = 0.0
    flow_min: float = 0.0
    session_min: float = 0.0
    session_ago_min: float = 0.0
    sessions: int = 0
    visits: int = 0
    switches: int = 0


@dataclass(frozen=True, slots=True)
class NudgeView(Present):
    """What a situation may look at; `now` stands in the person's zone.

    Tasks come most urgent first, `done_today` latest first. `returned` were snoozed until today; `next_task` is what the plan,
    else the order, says next; `slipping` is the task of an accepted block that began `slipping_min` ago and goes on, untouched
    since; `avoided` has the highest avoidance score, where that is high; `unfit` is how many of the tasks due in the next days
    do not fit into the hours that are left.

    `streak_before` counts the days in a row up to yesterday with a focus goal met, `streak` those up to today.

    `workday`: today is one; `work_left_min` until its end, `last_workday` of the week. `best_hour`: an hour that is usually
    one of the best has just begun. `meeting_ago_min` since a meeting ended, None when none did lately.

    `away`: tracked and idle. `in_focus_session`: the timer runs. `do_not_disturb`: the desktop was told so. `goals` stand as
    they do now."""

    now: datetime
    open_tasks: tuple[Task, ...] = ()
    overdue: tuple[Task, ...] = ()
    due_today: tuple[Task, ...] = ()
    due_tomorrow: tuple[Task, ...] = ()
    returned: tuple[Task, ...] = ()
    done_today: tuple[Task, ...] = ()
    done_week: int = 0
    next_task: Task | None = None
    avoided: Task | None = None
    unfit: int = 0
    streak: int = 0
    streak_before: int = 0
    absent_days: float = 0.0
    best_hour: bool = False
    next_meeting: datetime | None = None
    meeting_ago_min: float | None = None
    block_start: datetime | None = None
    block_task: Task | None = None
    slipping: Task | None = None
    slipping_min: float = 0.0
    planned_today: int = 0
    working_hours: bool = False
    workday: bool = False
    last_workday: bool = False
    work_left_min: float = 0.0
    away: bool = False
    in_meeting: bool = False
    in_focus_session: bool = False
    do_not_disturb: bool = False
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
    """`fills` are the placeholders its lines may use. An `interrupting` one may speak into detected focus. `patience` is how
    long it may wait for a better moment."""

    name: str
    priority: int
    cooldown: timedelta
    fills: frozenset[str]
    propose: Callable[[NudgeView], Proposal | None]
    interrupting: bool = False
    patience: timedelta = timedelta(0)


def situation(
    propose: Callable[[NudgeView], Proposal | None], priority: int, hours: float, fills: str = "", *,
    interrupting: bool = False, patience_min: float = 0,
) -> Situation:
    """A predicate with its place in the catalogue; `hours` is its cool-down, its name is the function's."""
    return Situation(
        propose.__name__, priority, timedelta(hours=hours), frozenset(fills.split()), propose, interrupting,
        timedelta(minutes=patience_min),
    )


TITLE_LENGTH = 60


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


def about(task: Task, action: str, **values: Any) -> Proposal:
    """A proposal on a task, whose title fills {task}."""
    return Proposal(action, task.id, {"task": short_title(task.title), **values})


def counted(action: str, count: int) -> Proposal:
    return Proposal(action, None, {"count": str(count)})


def is_untouched(task: Task) -> bool:
    """Nobody has worked on it yet, as far as is known."""
    return task.started is None and not task.actual_min and task.recurrence is None
