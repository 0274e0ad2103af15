"""A recurring task as a habit: streaks and how often it was kept. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from coach.core.task import Task
from coach.core.when import Moment, end_of, zone

MOST_OCCURRENCES = 5000


@dataclass(frozen=True, slots=True)
class Habit:
    """`kept` of `expected` occurrences whose day is over or that were done; streaks count occurrences in a row.

    `rate` is None before the first of them."""

    kept: int
    expected: int
    streak: int
    longest: int

    @property
    def rate(self) -> float | None:
        return self.kept / self.expected if self.expected else None

    def document(self) -> dict[str, Any]:
        return {
            "kept": self.kept, "expected": self.expected, "rate": None if self.rate is None else round(self.rate, 4),
            "streak": self.streak, "longest": self.longest,
        }


def habit_of(series: Task, occurrences: Collection[Task], now: datetime) -> Habit:
    """The habit of a series from its done occurrences. One that is due and not over yet breaks no streak.

    From schedule, the rule says which occurrences were due. From completion, each done one counts as kept when it was done
    before its day was over."""
    done = [t for t in occurrences if t.status == "completed" and t.due is not None]
    if series.recurrence is None:
        return Habit(0, 0, 0, 0)
    tz = zone(series.time_zone)
    if series.recurrence.anchor == "completion":
        return _counted([_in_time(t, tz) for t in sorted(done, key=lambda t: _at(t.due, tz))] + _open(series, tz, now))
    kept = {_at(t.due, tz) for t in done}
    days = sorted({*_expected(series, done, tz, now), *kept})
    return _counted([day in kept for day in days if day in kept or day <= now])


def _expected(series: Task, done: Collection[Task], tz: tzinfo, now: datetime) -> list[datetime]:
    """Ends of the occurrences that are over."""
    from coach.core.recurrence import starts

    rule, first = series.recurrence, series.series_start or series.due
    assert rule is not None
    dues = [t.due for t in (*done, series) if t.due is not None]
    if first is None:
        return []
    first = min((first, *dues), key=lambda moment: _at(moment, tz))
    found = [_at(first, tz)]
    for start in starts(rule.rrule, series.series_start or first, first, tz):
        end = _at(start, tz)
        if end > now or len(found) == MOST_OCCURRENCES:
            break
        found.append(end)
    return found


def _at(moment: Moment | None, tz: tzinfo) -> datetime:
    """When the day of an occurrence is over: it may be done later than planned on its day."""
    assert moment is not None
    return end_of(moment.astimezone(tz).date() if isinstance(moment, datetime) else moment, tz)


def _in_time(task: Task, tz: tzinfo) -> bool:
    return task.completed is not None and task.completed < _at(task.due, tz)


def _open(series: Task, tz: tzinfo, now: datetime) -> list[bool]:
    """An open occurrence whose day is over has not been kept."""
    return [False] if series.status == "pending" and series.due is not None and _at(series.due, tz) <= now else []


def _counted(kept: Sequence[bool]) -> Habit:
    longest = run = 0
    for one in kept:
        run = run + 1 if one else 0
        longest = max(longest, run)
    return Habit(sum(kept), len(kept), run, longest)
