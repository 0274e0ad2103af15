"""What kinds of answers there are: what each stands on, and what a bare "why?" asks after it."""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("focus_score", "best_hours", "productive_day", "focus_factors", "best_time"), "focus"),
    **dict.fromkeys((
        "tasks_due", "tasks_overdue", "next_task", "tasks_done", "tasks_open", "task_detail", "avoidance", "estimate_accuracy",
        "longest_task", "tasks_by_tag", "tasks_by_priority", "most_snoozed", "oldest_tasks", "quick_tasks", "in_progress",
        "recently_added", "done_by_category", "on_time_share", "completion_time", "estimate_bias", "habits", "project_progress",
        "task_time", "avoidance_score", "avoidance_trend", "why_task", "undo_what"), "tasks"),
    **dict.fromkeys(("plan_today", "unplaced", "meetings", "free_time", "next_free_slot", "workload", "why_block"), "plan"),
    **dict.fromkeys(("focus_forecast", "task_chance", "what_if"), "ahead"),
    **dict.fromkeys(("nudges_history", "tracker_status", "privacy", "models_status", "help", "greeting", "action", "how_to",
                     "model_serving", "model_accuracy", "nudge_effect", "nudge_rules", "goals"), "coach"),
}
"""What kind of rows an answer stands on; the rest is "time"."""
WHYS: Mapping[str, str] = {
    "next_task": "why_task", "tasks_due": "why_task", "tasks_open": "why_task", "why_task": "why_task", "plan_today": "why_block",
    "best_time": "why_block", "why_block": "why_block", "focus_score": "distractions", "productive_day": "focus_factors",
    "estimate_accuracy": "estimate_bias", "avoidance": "avoidance_score", "day_summary": "distractions",
}
"""What a bare "why?" asks after an answer."""
TOPICS: Mapping[str, str] = {
    **dict.fromkeys(("focus_score", "best_hours", "focus_sessions", "longest_session", "productive_day", "trend"), "my focus"),
    **dict.fromkeys(("time_total", "daily_average", "busiest_day", "start_end", "compare_periods"), "my working time"),
    **dict.fromkeys(("avoidance", "avoidance_score", "avoidance_trend", "most_snoozed"), "my procrastination"),
    **dict.fromkeys(("nudges_history", "nudge_effect", "nudge_rules"), "your nudges"),
    **dict.fromkeys(("tasks_due", "tasks_overdue", "tasks_open", "tasks_done", "oldest_tasks"), "my tasks"),
    **dict.fromkeys(("next_task", "task_detail", "task_time", "task_chance"), "this task"),
    **dict.fromkeys(("focus_forecast", "model_accuracy", "model_serving"), "the focus forecast"),
    **dict.fromkeys(("interruptions", "resumption_lag", "switches"), "the interruptions"),
    **dict.fromkeys(("plan_today", "unplaced", "why_block"), "my plan"), "meetings": "my meetings", "goals": "my goals",
    "estimate_accuracy": "my estimates", "estimate_bias": "my estimates", "habits": "my habits",
}
"""What "it" and "them" mean after an answer."""
