"""Which function answers which intent, and which intents look ahead or need a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coach.core.facts import FactsCard
from coach.engine.queries import about, focusing, habits, overview, plan, tasks, time
from coach.engine.queries.asked import Asked

Query = Callable[[Asked], FactsCard]

QUERIES: Mapping[str, Query] = {
    "time_in_app": time.time_in_app, "time_in_category": time.time_in_category, "time_in_project": time.time_in_project,
    "time_total": time.time_total, "start_end": habits.start_end, "top_apps": time.top_apps, "top_sites": time.top_sites,
    "distractions": habits.distractions, "focus_score": focusing.focus_score, "best_hours": focusing.best_hours,
    "focus_sessions": focusing.focus_sessions, "longest_session": focusing.longest_session, "streak": focusing.streak,
    "switches": habits.switches, "breaks": habits.breaks, "compare_periods": overview.compare_periods,
    "day_summary": overview.day_summary, "current_activity": overview.current_activity, "tasks_due": tasks.tasks_due,
    "tasks_overdue": tasks.tasks_overdue, "next_task": tasks.next_task, "tasks_done": tasks.tasks_done,
    "tasks_open": tasks.tasks_open, "task_detail": tasks.task_detail, "avoidance": tasks.avoidance,
    "estimate_accuracy": tasks.estimate_accuracy, "plan_today": plan.plan_today, "unplaced": plan.unplaced,
    "meetings": plan.meetings, "free_time": plan.free_time, "nudges_history": about.nudges_history,
    "tracker_status": about.tracker_status, "privacy": about.privacy, "models_status": about.models_status,
    "help": about.help_, "greeting": about.greeting, "action": about.action,
}

AHEAD = frozenset({"tasks_due", "next_task", "plan_today", "unplaced", "meetings", "free_time", "task_detail"})
"""A bare weekday or month in these questions lies ahead."""

NAMES_TASK = frozenset({"task_detail", "plan_today"})

TIME_IN = frozenset({"time_in_app", "time_in_category", "time_in_project"})
