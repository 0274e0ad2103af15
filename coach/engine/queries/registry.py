"""Which function answers which intent, and which intents look ahead or need a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coach.core.facts import FactsCard
from coach.engine.queries import (
    about,
    ahead,
    avoiding,
    days,
    focusing,
    habits,
    howto,
    lists,
    machinery,
    noticing,
    overview,
    plan,
    results,
    tasks,
    time,
    why,
)
from coach.engine.queries.asked import Asked

Query = Callable[[Asked], FactsCard]

QUERIES: Mapping[str, Query] = {
    **{f.__name__: f for f in (
        time.time_in_app, time.time_in_category, time.time_in_project, time.time_total, time.top_apps, time.top_sites,
        habits.start_end, habits.distractions, habits.switches, habits.breaks,
        focusing.focus_score, focusing.best_hours, focusing.focus_sessions, focusing.longest_session, focusing.streak,
        overview.compare_periods, overview.day_summary, overview.current_activity,
        days.productive_day, days.busiest_day, days.trend, days.daily_average, days.meetings_share, days.unusual_days,
        noticing.interruptions, noticing.resumption_lag, noticing.patterns, noticing.focus_factors, noticing.weekly_review,
        noticing.advice,
        tasks.tasks_due, tasks.tasks_overdue, tasks.next_task, tasks.tasks_done, tasks.tasks_open, tasks.task_detail,
        tasks.avoidance, tasks.estimate_accuracy,
        lists.longest_task, lists.tasks_by_tag, lists.tasks_by_priority, lists.most_snoozed, lists.oldest_tasks,
        lists.quick_tasks, lists.in_progress, lists.recently_added,
        results.done_by_category, results.on_time_share, results.completion_time, results.estimate_bias, results.habits,
        results.project_progress, results.goals, results.task_time,
        avoiding.avoidance_score, avoiding.avoidance_trend,
        plan.plan_today, plan.unplaced, plan.meetings, plan.free_time,
        ahead.focus_forecast, ahead.best_time, ahead.next_free_slot, ahead.workload, ahead.task_chance, ahead.what_if,
        why.why_task, why.why_block,
        machinery.model_serving, machinery.model_accuracy, machinery.nudge_effect, machinery.nudge_rules, machinery.undo_what,
        about.nudges_history, about.tracker_status, about.privacy, about.models_status, about.greeting, about.action,
        howto.how_to,
    )},
    "help": about.help_,
}

AHEAD = frozenset({
    "tasks_due", "next_task", "plan_today", "unplaced", "meetings", "free_time", "task_detail", "focus_forecast", "best_time",
    "next_free_slot", "workload", "task_chance", "why_block",
})
"""A bare weekday or month in these questions lies ahead."""

NAMES_TASK = frozenset({
    "task_detail", "plan_today", "task_time", "best_time", "task_chance", "why_task", "why_block", "avoidance_score", "habits",
})
ONLY_NAMED = frozenset({"plan_today", "why_task", "why_block", "avoidance_score", "habits", "task_chance"})
"""Questions that need no task: one counts only where it is named in so many words."""

TIME_IN = frozenset({"time_in_app", "time_in_category", "time_in_project"})
