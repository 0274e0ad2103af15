"""What a simulated person does to their tasks, and the clock by which they do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from coach.core.task import Task
from coach.core.when import resolve


@dataclass(frozen=True, slots=True)
class Step:
    """One action of the person on a task: create, snooze, complete, delete; `task` is its state afterwards. Completing
    an occurrence of a recurring task makes `task` that occurrence and moves `series` on."""

    at: datetime
    action: str
    task: Task
    series: Task | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A day in a zone."""

    day: date
    tz: ZoneInfo

    def at(self, hour: float) -> datetime:
        """That local hour of the day as an instant, to the minute."""
        wall = datetime.combine(self.day, time()) + timedelta(minutes=round(hour * 60))
        return resolve(wall, self.tz).astimezone(UTC)

    def wall(self, day: date, hour: int) -> datetime:
        return resolve(datetime.combine(day, time(hour)), self.tz)
