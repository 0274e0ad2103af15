"""Habits: what the occurrences of a recurring task say."""

from __future__ import annotations

from datetime import datetime

from coach.core.habit import Habit, habit_of
from coach.core.task import Task
from coach.store import tasks
from coach.store.db import Connection


def of(db: Connection, task: Task, now: datetime) -> Habit | None:
    """The habit of a recurring task; None for a task that does not recur."""
    if task.recurrence is None:
        return None
    return habit_of(task, tasks.occurrences(db, task.id), now)
