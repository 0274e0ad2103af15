"""Situations about tasks: due, late, put off, too big, done."""

from __future__ import annotations

from datetime import datetime, timedelta

from coach.core.nudge_view import NudgeView, Proposal, about, counted, is_untouched, length, minutes_until, short_title
from coach.core.task import Task
from coach.core.when import end_of, zone

BIG_MIN = 120
LATER_SHARE = 1.5
"""Half as much again as the estimate is much longer."""
JUST_DONE_MIN = 20


def deadline_close(view: NudgeView) -> Proposal | None:
    for task in view.open_tasks:
        if isinstance(task.due, datetime) and 0 < (left := minutes_until(task.due, view.now)) <= 120:
            return about(task, "do", minutes=length(left))
    return None


def deadline_today(view: NudgeView) -> Proposal | None:
    ahead = [t for t in view.due_today if t.due is not None and end_of(t.due, zone(t.time_zone)) > view.now]
    return about(ahead[0], "do") if ahead else None


def overdue_pile(view: NudgeView) -> Proposal | None:
    return counted("review", len(view.overdue)) if len(view.overdue) >= 3 else None


def overdue_one(view: NudgeView) -> Proposal | None:
    return about(view.overdue[0], "do") if 1 <= len(view.overdue) <= 2 else None


def snoozed_again(view: NudgeView) -> Proposal | None:
    often = max(view.open_tasks, key=lambda t: t.snooze_count, default=None)
    if often is None or often.snooze_count < 3:
        return None
    return about(often, "split", count=str(often.snooze_count))


def big_task_untouched(view: NudgeView) -> Proposal | None:
    for task in view.open_tasks:
        if is_untouched(task) and (task.estimate_min or 0) >= BIG_MIN and view.now - task.created >= timedelta(days=3):
            return about(task, "start", minutes=length(task.estimate_min or 0))
    return None


def _just_done(view: NudgeView) -> Task | None:
    last = view.done_today[0] if view.done_today else None
    fresh = last is not None and last.completed is not None and minutes_until(view.now, last.completed) <= JUST_DONE_MIN
    return last if fresh else None


def first_win(view: NudgeView) -> Proposal | None:
    last = _just_done(view)
    if last is None or len(view.done_today) != 1:
        return None
    return Proposal("enjoy", None, {"task": short_title(last.title)})


def momentum(view: NudgeView) -> Proposal | None:
    many = len(view.done_today) >= 3 and _just_done(view) is not None
    return counted("enjoy", len(view.done_today)) if many else None


def running_over(view: NudgeView) -> Proposal | None:
    for task in view.open_tasks:
        if task.started is None or not task.estimate_min:
            continue
        ran = minutes_until(view.now, task.started)
        if LATER_SHARE * task.estimate_min <= ran <= 12 * 60:
            return about(task, "split", minutes=length(ran))
    return None


def quick_win(view: NudgeView) -> Proposal | None:
    if not view.working_hours:
        return None
    small = (t for t in view.open_tasks if t.estimate_min and t.estimate_min <= 15 and t.started is None)
    task = next(small, None)
    return None if task is None else about(task, "do", minutes=length(task.estimate_min or 0))


def deadline_tomorrow(view: NudgeView) -> Proposal | None:
    task = next((t for t in view.due_tomorrow if t.estimate_min and is_untouched(t)), None)
    return None if task is None else about(task, "start", minutes=length(task.estimate_min or 0))


def avoided_task(view: NudgeView) -> Proposal | None:
    task = view.avoided
    return about(task, "split") if task is not None and task.started is None else None


def task_returns(view: NudgeView) -> Proposal | None:
    task = next((t for t in view.returned if t.started is None), None)
    return None if task is None else about(task, "do")


def took_longer(view: NudgeView) -> Proposal | None:
    last = _just_done(view)
    if last is None or not last.estimate_min or not last.actual_min:
        return None
    extra_min = last.actual_min - last.estimate_min
    if extra_min < 5 or last.actual_min < LATER_SHARE * last.estimate_min:
        return None
    return Proposal("review", None, {"task": short_title(last.title), "minutes": length(extra_min)})
