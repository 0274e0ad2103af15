"""Sums over days of tracked time: by day, by category, app and project, and the mean of the hours' focus scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from coach.core import focus
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
    pairs: dict[tuple[str, str, str], list[int]] = {}
    for day, app, category, project, ms, visits in found.rows:
        cell = pairs.get((app, category, project))
        if cell is None:
            pairs[app, category, project] = [ms, visits]
        else:
            cell[0] += ms
            cell[1] += visits
        spent = found.days.get(day)
        if spent is None:
            spent = found.days[day] = {}
        spent[category] = spent.get(category, 0) + ms
    for (app, category, project), (ms, visits) in pairs.items():  # few: a year has the same ones again and again
        for table, name in ((found.categories, category), (found.apps, app), (found.projects, project)):
            cell = table.setdefault(name, [0, 0])
            cell[0] += ms
            cell[1] += visits
    return found


def day_totals(db: Connection, first: date, last: date, rules: Rules) -> tuple[DayTotal, ...]:
    """Active and focus time of each day that has any, oldest first."""
    active: dict[str, int] = {}
    focused: dict[str, int] = {}
    flags: dict[str, bool] = {}
    for day, name, ms in rollups.day_categories(db, first, last):
        if name not in flags:
            flags[name] = rules.named(name).focus
        active[day] = active.get(day, 0) + ms
        if flags[name]:
            focused[day] = focused.get(day, 0) + ms
    return tuple(DayTotal(date.fromisoformat(d), ms / 1000, focused.get(d, 0) / 1000) for d, ms in active.items())


def mean_score(db: Connection, first: date, last: date, day_start_hour: int) -> tuple[float | None, int]:
    """The mean focus of the scored hours of logical days, weighted by active time, and how many there are."""
    return weighted(focus_hours(db, first, last, day_start_hour))


def focus_hours(
    db: Connection, first: date, last: date, day_start_hour: int, before: tuple[str, int] | None = None
) -> list[rollups.ScoreRow]:
    """The scored hours of logical days first..last; with `before`, those of earlier (date, hour)s only."""
    begins, ends = (first.isoformat(), day_start_hour), ((last + timedelta(days=1)).isoformat(), day_start_hour)
    ends = ends if before is None else min(ends, before)
    found = rollups.score_rows(db, first, last + timedelta(days=1))
    return [row for row in found if begins <= row[:2] < ends]


def weighted(hours: Sequence[rollups.ScoreRow]) -> tuple[float | None, int]:
    """The mean score weighted by active time, and of how many hours."""
    return focus.mean_score((row[2], row[3]) for row in hours), len(hours)


def focus_by_day(db: Connection, first: date, end: date, day_start_hour: int) -> dict[date, float]:
    """The focus of each logical day from `first` up to and without `end` that has a scored hour, earliest first."""
    found: dict[date, list[tuple[float, float]]] = {}
    for day, hour, score, active_ms in rollups.score_rows(db, first, end):
        logical = date.fromisoformat(day) - timedelta(days=int(hour < day_start_hour))
        if first <= logical < end:
            found.setdefault(logical, []).append((score, active_ms))
    return {day: mean for day in sorted(found) if (mean := focus.mean_score(found[day])) is not None}
