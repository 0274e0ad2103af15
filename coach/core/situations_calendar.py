"""Situations about the calendar and the plan: what begins, has ended, slips or does not fit."""

from __future__ import annotations

from coach.core.nudge_view import NudgeView, Proposal, about, counted, length, minutes_until

SLIPPING_MIN = 10
MEETING_OVER_MIN = 10
LARGER_MIN = 45


def meeting_soon(view: NudgeView) -> Proposal | None:
    if view.next_meeting is None or not 0 < (left := minutes_until(view.next_meeting, view.now)) <= 10:
        return None
    return Proposal("wrap_up", None, {"minutes": length(left)})


def plan_block_now(view: NudgeView) -> Proposal | None:
    task, start = view.block_task, view.block_start
    if task is None or start is None or task.started is not None or not -10 <= minutes_until(start, view.now) <= 2:
        return None
    return about(task, "start")


def plan_slipping(view: NudgeView) -> Proposal | None:
    task = view.slipping
    if task is None or task.started is not None or view.slipping_min <= SLIPPING_MIN:
        return None
    return about(task, "start", minutes=length(view.slipping_min))


def overload_ahead(view: NudgeView) -> Proposal | None:
    return counted("plan", view.unfit) if view.workday and view.unfit >= 2 else None


def meeting_over(view: NudgeView) -> Proposal | None:
    ended = view.meeting_ago_min is not None and view.meeting_ago_min <= MEETING_OVER_MIN
    task = view.next_task if ended and view.working_hours else None
    return about(task, "start") if task is not None and task.started is None else None


def best_hour_now(view: NudgeView) -> Proposal | None:
    if not view.best_hour or not view.working_hours:
        return None
    task = next((t for t in view.open_tasks if (t.estimate_min or 0) >= LARGER_MIN and t.started is None), None)
    return None if task is None else about(task, "start")
