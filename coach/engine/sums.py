"""Sums over days of tracked time: by day, by category, app and project, and the mean of the hours' focus scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from coach.core.when import to_ms
from coach.engine.categories import Rules
from coach.store import rollups
from coach.store.db import Connection

SPARK_DAYS = 31
"""So many days are drawn one by one, more of them week by week."""


@dataclass(frozen=True, slots=True)
class DayTotal:
    day: date
    active_s: float
    focus_s: float


@dataclass(frozen=True, slots=True)
class Sums:
    """Milliseconds and visits by name, from one reading of the roll-up."""

    categories: dict[str, list[int]]
    apps: dict[str, list[int]]
    projects: dict[str, list[int]]
    days: dict[str, dict[str, int]]
    """Milliseconds by category, by day."""
    rows: list[rollups.DayRow]

    def day_totals(self, rules: Rules) -> tuple[DayTotal, ...]:
        """Active and focus time of each day that has any, oldest first."""
        focused = {name for name in self.categories if rules.named(name).focus}
        return tuple(
            DayTotal(
                date.fromisoformat(day), sum(spent.values()) / 1000,
                sum(ms for name, ms in spent.items() if name in focused) / 1000,
            )
            for day, spent in self.days.items() if any(ms > 0 for ms in spent.values())
        )

    def sparks(self, first: date, last: date) -> dict[str, tuple[float, ...]]:
        """A line of seconds for each name: by day up to a month, by week in a year."""
        number = (last - first).days + 1
        width = 1 if number <= SPARK_DAYS else 7
        steps = -(-number // width)
        if number < 2:
            return {}
        places = {
            (first + timedelta(days=n)).isoformat(): n // width for n in range(number)
        }
        found: dict[str, list[float]] = {}
        for day, app, category, project, ms, _ in self.rows:
            place = places.get(day)
            if place is None:
                continue
            for key in (f"app {app}", f"category {category}", f"project {project}"):
                line = found.get(key)
                if line is None:
                    line = found[key] = [0.0] * steps
                line[place] += ms / 1000
        return {key: tuple(line) for key, line in found.items()}


def summed(db: Connection, first: date, last: date, until: datetime | None, end: datetime) -> Sums:
    """Logical days first..last, without what came after `until` on the last of them, which is over at `end`."""
    found = Sums({}, {}, {}, {}, rollups.day_rows(db, first, last))
    if until is not None:
        over = rollups.counted_in(db, to_ms(until), to_ms(end))
        found.rows.extend((last.isoformat(), app, category, project, -ms, -n) for app, category, project, ms, n in over)
    for day, app, category, project, ms, visits in found.rows:
        for table, name in ((found.categories, category), (found.apps, app), (found.projects, project)):
            cell = table.get(name)
            if cell is None:
                table[name] = [ms, visits]
            else:
                cell[0] += ms
                cell[1] += visits
        spent = found.days.setdefault(day, {})
        spent[category] = spent.get(category, 0) + ms
    return found


def day_totals(db: Connection, first: date, last: date, rules: Rules) -> tuple[DayTotal, ...]:
    """Active and focus time of each day that has any, oldest first."""
    active: dict[str, float] = {}
    focused: dict[str, float] = {}
    flags: dict[str, bool] = {}
    for row in rollups.by_day(db, first, last):
        name, day, s = row["category"], row["day"], row["ms"] / 1000
        if name not in flags:
            flags[name] = rules.named(name).focus
        active[day] = active.get(day, 0.0) + s
        if flags[name]:
            focused[day] = focused.get(day, 0.0) + s
    return tuple(DayTotal(date.fromisoformat(d), s, focused.get(d, 0.0)) for d, s in active.items())


def mean_score(db: Connection, first: date, last: date, day_start_hour: int) -> tuple[float | None, int]:
    """The mean focus of the scored hours of logical days, weighted by active time, and how many there are."""
    return weighted(focus_hours(db, first, last, day_start_hour))


def focus_hours(
    db: Connection, first: date, last: date, day_start_hour: int, before: tuple[str, int] | None = None
) -> list[dict[str, Any]]:
    """The scored hours of logical days first..last; with `before`, those of earlier (date, hour)s only."""
    edges = ((first.isoformat(), False), ((last + timedelta(days=1)).isoformat(), True))
    outside = {(day, hour) for day, late in edges for hour in range(24) if (hour >= day_start_hour) is late}
    found = rollups.focus_by_hour(db, first, last + timedelta(days=1))
    return [
        h for h in found
        if (h["day"], h["hour"]) not in outside and (before is None or (h["day"], h["hour"]) < before)
    ]


def weighted(hours: Iterable[dict[str, Any]]) -> tuple[float | None, int]:
    """The mean score weighted by active time, and of how many hours."""
    found = list(hours)
    weight = sum(h["active_ms"] for h in found)
    return (sum(h["score"] * h["active_ms"] for h in found) / weight if weight else None), len(found)
