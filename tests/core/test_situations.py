"""Every situation of the catalogue: a view in which it holds, and one in which it just does not."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.core.goal import Goal, Standing
from coach.core.situations import ACTIONS, SITUATIONS, NudgeView
from coach.core.task import Task

NOW = datetime(2026, 11, 18, 14, 0, tzinfo=ZoneInfo("Europe/Berlin"))
EMPTY = NudgeView(NOW)
BUSY = replace(EMPTY, since_break_min=120.0)


def task(**values):
    old = NOW - timedelta(days=5)
    base = {"id": "t1", "title": "Send the report", "created": old, "modified": old, "time_zone": "Europe/Berlin"}
    return Task(**{**base, **values})


def in_minutes(minutes):
    return NOW + timedelta(minutes=minutes)


def goal(bound, used_min, active=True, period="day", **values):
    about = Goal("g1", bound, 30, "category", "Social > Forums", period)
    return replace(EMPTY, goals=(Standing(about, used_min, 0.5, active=active),), **values)


AT_WORK = {"workday": True, "working_hours": True, "work_left_min": 50.0}


HOLDS = {
    "goal_behind": goal("at_least", 4, active=False, **AT_WORK),
    "goal_near": goal("at_most", 25), "goal_over": goal("at_most", 31), "goal_met": goal("at_least", 49, active=False),
    "meeting_soon": replace(EMPTY, next_meeting=in_minutes(5)),
    "deadline_close": replace(EMPTY, open_tasks=(task(due=in_minutes(90)),)),
    "plan_block_now": replace(EMPTY, block_start=in_minutes(-3), block_task=task()),
    "break_due": BUSY,
    "distraction_streak": replace(EMPTY, distracted_min=25.0),
    "deadline_today": replace(EMPTY, due_today=(task(due=NOW.date()),)),
    "quiet_comeback": replace(EMPTY, absent_days=4.0, active_today_min=10.0),
    "first_win": replace(EMPTY, done_today=(task(completed=in_minutes(-5)),)),
    "deep_work_done": replace(EMPTY, session_min=60.0, session_ago_min=5.0),
    "momentum": replace(EMPTY, done_today=(task(completed=in_minutes(-5)),) * 3),
    "running_over": replace(EMPTY, open_tasks=(task(started=in_minutes(-100), estimate_min=30),)),
    "overdue_pile": replace(EMPTY, overdue=(task(due=in_minutes(-600)),) * 3),
    "snoozed_again": replace(EMPTY, open_tasks=(task(snooze_count=3),)),
    "overdue_one": replace(EMPTY, overdue=(task(due=in_minutes(-600)),)),
    "big_task_untouched": replace(EMPTY, open_tasks=(task(estimate_min=180),)),
    "nothing_planned": replace(EMPTY, open_tasks=(task(), task()), working_hours=True),
    "late_night": replace(EMPTY, now=NOW.replace(hour=23, minute=30), category_min=10.0),
    "quick_win": replace(EMPTY, open_tasks=(task(estimate_min=10),), working_hours=True),
    "plan_slipping": replace(EMPTY, slipping=task(), slipping_min=11.0),
    "overload_ahead": replace(EMPTY, unfit=2, workday=True),
    "inbox_loop": replace(EMPTY, visits=8, activity="communication"),
    "context_thrash": replace(EMPTY, switches=30),
    "streak_kept": replace(EMPTY, streak=3, streak_before=2, sessions=1, session_min=20.0, session_ago_min=3.0),
    "streak_at_risk": replace(EMPTY, streak=4, streak_before=4, workday=True, work_left_min=60.0),
    "avoided_task": replace(EMPTY, avoided=task()),
    "started_then_left": replace(EMPTY, distracted_min=6.0, open_tasks=(task(started=in_minutes(-12)),)),
    "best_hour_now": replace(EMPTY, best_hour=True, working_hours=True,
                             open_tasks=(task(estimate_min=15), task(estimate_min=60))),
    "meeting_over": replace(EMPTY, meeting_ago_min=4.0, working_hours=True, next_task=task()),
    "back_from_break": replace(EMPTY, since_break_min=3.0, last_break_min=12.0, open_tasks=(task(started=in_minutes(-90)),)),
    "task_returns": replace(EMPTY, returned=(task(snooze_count=1),)),
    "deadline_tomorrow": replace(EMPTY, due_tomorrow=(task(estimate_min=60),)),
    "took_longer": replace(EMPTY, done_today=(task(completed=in_minutes(-5), estimate_min=30, actual_min=45),)),
    "morning_plan": replace(EMPTY, now=NOW.replace(hour=9), working_hours=True, active_today_min=10.0,
                            open_tasks=(task(), task())),
    "end_of_day": replace(EMPTY, workday=True, work_left_min=15.0, done_today=(task(completed=in_minutes(-90)),)),
    "weekly_review": replace(EMPTY, last_workday=True, working_hours=True, done_week=1),
}

NOT_CLOSE = (task(due=in_minutes(121)), task(due=in_minutes(-1)), task(due=NOW.date()))

JUST_NOT = {
    "goal_behind": goal("at_least", 6, active=False, **AT_WORK),
    "goal_near": goal("at_most", 25, active=False), "goal_over": goal("at_most", 30.5), "goal_met": goal("at_least", 51),
    "meeting_soon": replace(EMPTY, next_meeting=in_minutes(11)),
    "deadline_close": replace(EMPTY, open_tasks=NOT_CLOSE),
    "plan_block_now": replace(EMPTY, block_start=in_minutes(-3), block_task=task(started=in_minutes(-2))),
    "break_due": replace(EMPTY, since_break_min=89.0),
    "distraction_streak": replace(EMPTY, distracted_min=19.0),
    "deadline_today": replace(EMPTY, due_today=(task(due=in_minutes(-1)),)),
    "quiet_comeback": replace(EMPTY, absent_days=2.0, active_today_min=10.0),
    "first_win": replace(EMPTY, done_today=(task(completed=in_minutes(-25)),)),
    "deep_work_done": replace(EMPTY, session_min=60.0, session_ago_min=5.0, flow_min=20.0),
    "momentum": replace(EMPTY, done_today=(task(completed=in_minutes(-5)),) * 2),
    "running_over": replace(EMPTY, open_tasks=(task(started=in_minutes(-40), estimate_min=30),)),
    "overdue_pile": replace(EMPTY, overdue=(task(due=in_minutes(-600)),) * 2),
    "snoozed_again": replace(EMPTY, open_tasks=(task(snooze_count=2),)),
    "overdue_one": EMPTY,
    "big_task_untouched": replace(EMPTY, open_tasks=(task(estimate_min=180, started=in_minutes(-5)),)),
    "nothing_planned": replace(EMPTY, open_tasks=(task(), task()), working_hours=True, planned_today=1),
    "late_night": replace(EMPTY, now=NOW.replace(hour=23, minute=30)),
    "quick_win": replace(EMPTY, open_tasks=(task(estimate_min=10),)),
    "plan_slipping": replace(EMPTY, slipping=task(started=in_minutes(-2)), slipping_min=11.0),
    "overload_ahead": replace(EMPTY, unfit=1, workday=True),
    "inbox_loop": replace(EMPTY, visits=8, activity="focus"),
    "context_thrash": replace(EMPTY, switches=29),
    "streak_kept": replace(EMPTY, streak=2, streak_before=2, sessions=1, session_min=20.0, session_ago_min=3.0),
    "streak_at_risk": replace(EMPTY, streak=5, streak_before=4, workday=True, work_left_min=60.0),
    "avoided_task": replace(EMPTY, avoided=task(started=in_minutes(-5))),
    "started_then_left": replace(EMPTY, distracted_min=6.0, open_tasks=(task(started=in_minutes(-30)),)),
    "best_hour_now": replace(EMPTY, best_hour=True, working_hours=True, open_tasks=(task(estimate_min=15),)),
    "meeting_over": replace(EMPTY, meeting_ago_min=11.0, working_hours=True, next_task=task()),
    "back_from_break": replace(EMPTY, since_break_min=6.0, last_break_min=12.0, open_tasks=(task(started=in_minutes(-90)),)),
    "task_returns": replace(EMPTY, returned=(task(started=in_minutes(-5)),)),
    "deadline_tomorrow": replace(EMPTY, due_tomorrow=(task(estimate_min=60, actual_min=10),)),
    "took_longer": replace(EMPTY, done_today=(task(completed=in_minutes(-5), estimate_min=30, actual_min=44),)),
    "morning_plan": replace(EMPTY, now=NOW.replace(hour=9), working_hours=True, active_today_min=10.0,
                            open_tasks=(task(), task()), planned_today=1),
    "end_of_day": replace(EMPTY, workday=True, work_left_min=15.0),
    "weekly_review": replace(EMPTY, last_workday=True, working_hours=True, done_week=0),
}


def named(name):
    return next(s for s in SITUATIONS if s.name == name)


def test_every_situation_is_covered_here():
    assert len(SITUATIONS) == 39
    assert set(HOLDS) == set(JUST_NOT) == {s.name for s in SITUATIONS}


@pytest.mark.parametrize("name", HOLDS)
def test_a_situation_holds_and_fills_what_it_promises(name):
    proposal = named(name).propose(HOLDS[name])
    assert proposal is not None
    assert proposal.action in ACTIONS
    assert set(proposal.values) == named(name).fills


@pytest.mark.parametrize("name", JUST_NOT)
def test_a_situation_does_not_hold(name):
    assert named(name).propose(JUST_NOT[name]) is None


@pytest.mark.parametrize(("view", "holds"), [
    (goal("at_least", 4, active=True, **AT_WORK), False),  # it is being done
    (goal("at_least", 4, active=False, **AT_WORK | {"working_hours": False}), False),
    (goal("at_least", 4, active=False, **AT_WORK | {"work_left_min": 25.0}), False),  # too late
    (goal("at_least", 16, active=False, **AT_WORK | {"work_left_min": 20.0}), False),  # it keeps its pace
    (goal("at_most", 4, active=False, **AT_WORK), False),
    (goal("at_least", 4, active=False, period="week", **AT_WORK), False),
    (goal("at_least", 4, active=False, period="week", last_workday=True, **AT_WORK), True),
])
def test_an_aim_falls_behind_only_while_it_can_still_be_met(view, holds):
    assert (named("goal_behind").propose(view) is not None) is holds
