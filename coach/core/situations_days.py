"""Situations about the day and the week: their beginnings and ends, late hours, coming back."""

from __future__ import annotations

from coach.core.nudge_view import NudgeView, Proposal, counted

FIRST_MIN = 45
"""Active minutes within which a day has just begun."""
LAST_MIN = 15
MORNING_ENDS = 12
AFTERNOON_BEGINS = 13


def late_night(view: NudgeView) -> Proposal | None:
    late = view.now.hour >= 23 or view.now.hour < 4
    return Proposal("stop") if late and view.category_min > 0 else None


def nothing_planned(view: NudgeView) -> Proposal | None:
    blank = view.working_hours and not view.due_today and not view.overdue and not view.planned_today
    return counted("plan", len(view.open_tasks)) if blank and len(view.open_tasks) >= 2 else None


def quiet_comeback(view: NudgeView) -> Proposal | None:
    return Proposal("start") if view.absent_days >= 3 and 0 < view.active_today_min <= 60 else None


def morning_plan(view: NudgeView) -> Proposal | None:
    begins = view.working_hours and 0 < view.active_today_min <= FIRST_MIN and view.now.hour < MORNING_ENDS
    return counted("plan", len(view.open_tasks)) if begins and not view.planned_today and len(view.open_tasks) >= 2 else None


def end_of_day(view: NudgeView) -> Proposal | None:
    ends = view.workday and 0 < view.work_left_min <= LAST_MIN
    return counted("wrap_up", len(view.done_today)) if ends and view.done_today else None


def weekly_review(view: NudgeView) -> Proposal | None:
    late = view.last_workday and view.working_hours and view.now.hour >= AFTERNOON_BEGINS
    return counted("review", view.done_week) if late and view.done_week >= 1 else None
