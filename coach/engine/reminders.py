"""Reminders: setting them, and giving each exactly once, also late after an absence."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.nudge import REMINDER, Nudge
from coach.core.reminder import DueReminder, due_reminders
from coach.core.task import Reminder, Task
from coach.core.when import start_of
from coach.engine import nudging, task_view, tasks
from coach.store import nudges
from coach.store import tasks as stored
from coach.store.db import Connection, transaction

LATE = timedelta(hours=24)
"""A reminder that nobody could give in time is given for so long afterwards."""

_BEFORE = re.compile(r"(.+?)\s+before", re.IGNORECASE)


def remind(db: Connection, task: Task, words: str, config: Config, now: datetime, tz: ZoneInfo) -> Task:
    """Add a reminder: "30m before" (the due time), "2h", "tomorrow 9am"; "none" drops them all. Raises InvalidInput."""
    if words.strip().lower() in ("none", "never", "off"):
        return tasks.update(db, task, now, "drop reminders", remind=())
    words, marked = words.strip().removeprefix("!"), words.strip().startswith("!")
    if marked and tasks.parse(f"x {words}", config, now, tz).estimate_min is not None:
        words += " before"  # in quick-add `!30m` counts back from the due time
    before = _BEFORE.fullmatch(words)
    if before:
        minutes = tasks.parse(f"x {before.group(1)}", config, now, tz).estimate_min
        if minutes is None:
            raise InvalidInput(f"{before.group(1)!r} is no length of time", "for example: coach remind 3 30m before")
        if task.due is None:
            raise InvalidInput(f"task {task.num} has no due date to count from", "name a time: coach remind 3 tomorrow 9am")
        new = Reminder(before_min=minutes)
    else:
        new = Reminder(at=start_of(tasks.snooze_moment(words, config, now, tz), tz))
    return tasks.update(db, task, now, "remind", remind=tuple(dict.fromkeys((*task.remind, new))))


def tick(db: Connection, config: Config, now: datetime, tz: ZoneInfo, deliver: nudging.Deliver) -> list[Nudge]:
    """Give what is due. Reminders were asked for, so neither quiet hours nor the daily cap hold them back; any number of
    processes may tick at once. What could not be given before is tried again."""
    said = nudging.drain(db, now, deliver, asked=True)
    due = due_reminders(stored.with_reminders(db), now - LATE, now)
    for one in due:
        nudge = _nudge(one, config, now, tz)
        with transaction(db):
            if nudges.get(db, nudge.id) is not None:
                continue
            nudges.insert(db, nudge)
        if sent := nudging.hand_over(db, nudge, deliver):
            said.append(sent)
    return said


def _nudge(one: DueReminder, config: Config, now: datetime, tz: ZoneInfo) -> Nudge:
    due = "" if one.task.due is None else f" · due {task_view.due_words(one.task.due, now, tz)}"
    late = "" if now - one.at < timedelta(minutes=5) else f" · reminder of {task_view.full_words(one.at, tz, now)}"
    return Nudge(one.id, now, REMINDER, "neutral", "neutral", "bank", f"{one.task.title}{due}{late}", one.task.id)
