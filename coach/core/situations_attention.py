"""Situations about attention: focus, distraction, breaks, streaks, and the goals that were set."""

from __future__ import annotations

from coach.core.goal import Standing
from coach.core.nudge_view import NudgeView, Proposal, about, counted, length, minutes_until, short_title

DISTRACTED_MIN = 20
LEFT_MIN = 5
"""So long a distraction after a start must go on before it is worth a word."""
LEFT_WITHIN_MIN = 10
BACK_MIN = 5
"""So fresh a comeback from a break is."""
VISITS = 8
SWITCHES = 30
"""One a minute over half an hour; people at screens switch about every three quarters of a minute on bad days (Mark 2023)."""
JUST_MET_MIN = 20
"""So long after an aim was reached it is news."""
NEARLY_OVER_MIN = 90
BEHIND_SHARE = 0.5
"""An aim is running out of time when it needs so much of the working time that is left."""


def distraction_streak(view: NudgeView) -> Proposal | None:
    return Proposal("return", None, {"minutes": length(view.distracted_min)}) if view.distracted_min >= DISTRACTED_MIN else None


def deep_work_done(view: NudgeView) -> Proposal | None:
    ended = view.flow_min == 0 and view.session_min >= 45 and view.session_ago_min <= 15
    return Proposal("enjoy", None, {"minutes": length(view.session_min)}) if ended else None


def break_due(view: NudgeView) -> Proposal | None:
    return Proposal("break", None, {"minutes": length(view.since_break_min)}) if view.since_break_min >= 90 else None


def inbox_loop(view: NudgeView) -> Proposal | None:
    return counted("return", view.visits) if view.visits >= VISITS and view.activity == "communication" else None


def context_thrash(view: NudgeView) -> Proposal | None:
    return counted("return", view.switches) if view.switches >= SWITCHES else None


def started_then_left(view: NudgeView) -> Proposal | None:
    if view.distracted_min < LEFT_MIN:
        return None
    for task in view.open_tasks:
        if task.started is None:
            continue
        worked_min = minutes_until(view.now, task.started) - view.distracted_min
        if 0 <= worked_min <= LEFT_WITHIN_MIN:
            return about(task, "return")
    return None


def back_from_break(view: NudgeView) -> Proposal | None:
    if not 0 < view.since_break_min <= BACK_MIN or not view.last_break_min:
        return None
    running = next((t for t in view.open_tasks if t.started is not None), None)
    return None if running is None else about(running, "return")


def streak_kept(view: NudgeView) -> Proposal | None:
    fresh = view.session_min >= 15 and view.session_ago_min <= 15 and view.flow_min == 0
    return counted("enjoy", view.streak) if fresh and view.streak > view.streak_before and view.streak >= 2 else None


def streak_at_risk(view: NudgeView) -> Proposal | None:
    late = view.workday and 0 < view.work_left_min <= NEARLY_OVER_MIN
    at_risk = late and view.streak_before >= 2 and view.streak == view.streak_before and not view.sessions and not view.flow_min
    return counted("start", view.streak_before) if at_risk else None


def goal_over(view: NudgeView) -> Proposal | None:
    """While it goes on: what is over and done with needs no word."""
    over = (s for s in view.goals if s.goal.bound == "at_most" and s.active and s.used_min >= s.goal.minutes + 1)
    return next((_of_goal(s, "return", s.used_min - s.goal.minutes) for s in over), None)


def goal_near(view: NudgeView) -> Proposal | None:
    near = (s for s in view.goals if s.goal.bound == "at_most" and s.active and s.state == "near" and s.left_min >= 2)
    return next((_of_goal(s, "wrap_up", s.left_min) for s in near), None)


def goal_behind(view: NudgeView) -> Proposal | None:
    """An aim that can still be met in what is left of the working time, and takes half of that or more. One of a week counts on
    its last working day; what is being done already needs no word."""
    if not view.workday or not view.working_hours:
        return None
    left_min = view.work_left_min
    behind = (
        s for s in view.goals if s.goal.bound == "at_least" and s.state == "behind" and not s.active
        and (s.goal.period == "day" or view.last_workday) and BEHIND_SHARE * left_min <= s.left_min <= left_min
    )
    return next((_of_goal(s, "start", s.left_min) for s in behind), None)


def goal_met(view: NudgeView) -> Proposal | None:
    met = (s for s in view.goals if s.goal.bound == "at_least" and 0 <= s.used_min - s.goal.minutes <= JUST_MET_MIN)
    return next((_of_goal(s, "enjoy", s.goal.minutes) for s in met), None)


def _of_goal(standing: Standing, action: str, minutes: float) -> Proposal:
    return Proposal(action, None, {"goal": short_title(standing.goal.about()), "minutes": length(minutes)})
