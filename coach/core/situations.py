"""The situations that Coach may speak about: each a pure predicate over a view of the day, with what it proposes."""

from __future__ import annotations

from coach.core import situations_attention as attention
from coach.core import situations_calendar as calendar
from coach.core import situations_days as days
from coach.core import situations_tasks as tasks
from coach.core.nudge_view import ACTIONS, NudgeView, Proposal, Situation, length, minutes_until, short_title, situation

__all__ = ["ACTIONS", "SITUATIONS", "NudgeView", "Proposal", "Situation", "length", "minutes_until", "short_title"]

SITUATIONS: tuple[Situation, ...] = (
    situation(calendar.meeting_soon, 100, 0.25, "minutes", interrupting=True),
    situation(tasks.deadline_close, 95, 1, "task minutes", interrupting=True),
    situation(calendar.plan_block_now, 90, 0.5, "task"),
    situation(calendar.plan_slipping, 85, 1, "task minutes"),
    situation(attention.break_due, 80, 1, "minutes", interrupting=True, patience_min=10),
    situation(attention.started_then_left, 77, 1, "task"),
    situation(attention.distraction_streak, 75, 1, "minutes", patience_min=10),
    situation(attention.goal_over, 74, 4, "goal minutes"),
    situation(attention.goal_near, 72, 4, "goal minutes"),
    situation(calendar.meeting_over, 71, 1, "task"),
    situation(tasks.deadline_today, 70, 3, "task", patience_min=60),
    situation(attention.back_from_break, 67, 2, "task"),
    situation(days.quiet_comeback, 65, 72, ""),
    situation(attention.goal_behind, 64, 4, "goal minutes", patience_min=30),
    situation(days.morning_plan, 63, 20, "count", patience_min=20),
    situation(attention.streak_at_risk, 62, 20, "count", patience_min=30),
    situation(days.end_of_day, 61, 20, "count"),
    situation(tasks.first_win, 60, 20, "task"),
    situation(attention.goal_met, 59, 4, "goal minutes"),
    situation(attention.deep_work_done, 58, 2, "minutes"),
    situation(attention.streak_kept, 57, 20, "count"),
    situation(tasks.momentum, 55, 4, "count"),
    situation(tasks.took_longer, 54, 4, "task minutes"),
    situation(attention.inbox_loop, 53, 3, "count", patience_min=15),
    situation(tasks.running_over, 52, 3, "task minutes", patience_min=30),
    situation(attention.context_thrash, 51, 3, "count", patience_min=15),
    situation(tasks.overdue_pile, 50, 20, "count", patience_min=120),
    situation(calendar.overload_ahead, 49, 20, "count", patience_min=120),
    situation(tasks.snoozed_again, 48, 20, "task count", patience_min=120),
    situation(calendar.best_hour_now, 47, 20, "task"),
    situation(tasks.avoided_task, 46, 20, "task", patience_min=120),
    situation(tasks.overdue_one, 45, 8, "task", patience_min=120),
    situation(tasks.deadline_tomorrow, 44, 8, "task minutes", patience_min=120),
    situation(tasks.task_returns, 42, 20, "task", patience_min=60),
    situation(tasks.big_task_untouched, 40, 20, "task minutes", patience_min=120),
    situation(days.weekly_review, 38, 20, "count", patience_min=60),
    situation(days.nothing_planned, 35, 20, "count", patience_min=60),
    situation(days.late_night, 30, 20, ""),
    situation(tasks.quick_win, 20, 20, "task minutes", patience_min=60),
)
"""Most pressing first. Cool-downs are per situation, beside the one between any two nudges. Only what stays true for hours has
the patience to wait for a better moment."""
