"""Behind a number: the stretches of time that an app, a category, a project, a day or an hour of the week is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from coach.core.event import Event
from coach.core.when import resolve, to_ms
from coach.engine.categories import Rules
from coach.store import timeline
from coach.store.db import Connection

Field = Literal["", "app", "category", "project"]

MOST = 500
"""Rows that are shown; the sums count all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which stretches: all of [start, end), or those whose `field` has that `name`; with `hour`, only that hour of that
    `weekday` (0 Monday)."""

    title: str
    start: datetime
    end: datetime
    field: Field = ""
    name: str = ""
    weekday: int | None = None
    hour: int = 0


@dataclass(frozen=True, slots=True)
class Stretches:
    """Newest first, at most `MOST` of `count`; `total_s` is the time of all."""

    asked: Asked
    rows: tuple[Event, ...]
    count: int
    total_s: float
    levels: dict[str, float]
    """The productivity level of each category named in the rows."""


def stretches(db: Connection, asked: Asked, rules: Rules, tz: ZoneInfo) -> Stretches:
    """What the question names, clipped to its time."""
    if asked.weekday is not None:
        found = [e for low, high in _hours(asked, tz) for e in timeline.between(db, low, high)]
        found.reverse()
        count, total_s = len(found), sum((e.end - e.start).total_seconds() for e in found)
        rows = tuple(found[:MOST])
    else:
        low, high = to_ms(asked.start), to_ms(asked.end)
        rows = tuple(timeline.matching(db, low, high, asked.field, asked.name, MOST))
        count, total_ms = timeline.matching_sum(db, low, high, asked.field, asked.name)
        total_s = total_ms / 1000
    names = {e.category or "" for e in rows}
    return Stretches(asked, rows, count, total_s, {n: rules.named(n or None).level for n in names})


def _hours(asked: Asked, tz: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """That hour of that weekday in [start, end), by the clock of the zone; what lies ahead is left out."""
    first, last = asked.start.astimezone(tz).date(), asked.end.astimezone(tz).date()
    day = first + timedelta(days=((asked.weekday or 0) - first.weekday()) % 7)
    found = []
    while day <= last:
        begins = resolve(datetime.combine(day, time(asked.hour)), tz)
        low, high = max(begins, asked.start), min(begins + timedelta(hours=1), asked.end)
        if low < high:
            found.append((low, high))
        day += timedelta(weeks=1)
    return found


def of_hour(weekday: int, hour: int, title: str, today: date, weeks: int, now: datetime, tz: ZoneInfo) -> Asked:
    """That hour of the week over the last `weeks` weeks."""
    begins = resolve(datetime.combine(today - timedelta(weeks=weeks), time(0)), tz)
    return Asked(title, begins, now, weekday=weekday, hour=hour)
