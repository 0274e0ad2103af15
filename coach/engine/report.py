"""A day, a week, a month or a year in numbers, from roll-ups alone, each beside as much of the period before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import stats
from coach.core.when import iso, logical_day
from coach.engine import categories
from coach.engine.activity import bounds
from coach.engine.categories import Rules
from coach.store import rollups, tasks
from coach.store.db import Connection

Period = Literal["day", "week", "month", "year"]
PERIODS: tuple[Period, ...] = ("day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class Amount:
    """Time in one app, category or project, and in the period before. `change` is relative; None without a before."""

    name: str
    s: float
    before_s: float
    visits: int
    level: float | None = None

    @property
    def change(self) -> float | None:
        return stats.ratio(self.s, self.before_s)


@dataclass(frozen=True, slots=True)
class DayTotal:
    day: date
    active_s: float
    focus_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """`last` is the newest day that has come; the period before is cut to as many days. `score` is the mean of `n`
    hours weighted by active time, by formula `version`."""

    period: Period
    first: date
    last: date
    before_first: date
    before_last: date
    active_s: float
    before_active_s: float
    focus_s: float
    before_focus_s: float
    score: float | None
    n: int
    before_score: float | None
    before_n: int
    version: int
    categories: tuple[Amount, ...]
    apps: tuple[Amount, ...]
    projects: tuple[Amount, ...]
    days: tuple[DayTotal, ...]
    completed: int


def report(db: Connection, period: Period, day: date, config: Config, now: datetime, tz: ZoneInfo) -> Report:
    """The period that holds `day`. Tracked time up to the last roll-up, at most a minute ago."""
    from coach.core import focus

    rules = categories.load(db, config)
    today = logical_day(now, tz, bounds_time(config))
    start_hour = bounds_time(config).hour
    first, end = extent(period, day, config)
    last = min(end, max(today, first))
    before_first, before_end = extent(period, first - timedelta(days=1), config)
    before_last = before_end if last == end else min(before_end, before_first + (last - first))
    days = day_totals(db, first, last, rules)
    before = day_totals(db, before_first, before_last, rules)
    score, n = mean_score(db, first, last, start_hour)
    before_score, before_n = mean_score(db, before_first, before_last, start_hour)
    return Report(
        period, first, last, before_first, before_last,
        sum(d.active_s for d in days), sum(d.active_s for d in before),
        sum(d.focus_s for d in days), sum(d.focus_s for d in before),
        score, n, before_score, before_n, focus.FORMULA,
        _amounts(
            rollups.by_category(db, first, last), rollups.by_category(db, before_first, before_last), "category", rules
        ),
        _amounts(rollups.by_app(db, first, last), rollups.by_app(db, before_first, before_last), "app"),
        _amounts(rollups.by_project(db, first, last), rollups.by_project(db, before_first, before_last), "project"),
        days, len(tasks.completed_between(db, bounds(first, config, tz)[0], bounds(last, config, tz)[1])),
    )


def extent(period: Period, day: date, config: Config) -> tuple[date, date]:
    """First and last day of the period that holds `day`."""
    if period == "day":
        return day, day
    if period == "week":
        into = (day.weekday() - week_start(config)) % 7
        return day - timedelta(days=into), day + timedelta(days=6 - into)
    if period == "month":
        first = day.replace(day=1)
        return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return date(day.year, 1, 1), date(day.year, 12, 31)


def week_start(config: Config) -> int:
    return 6 if config.time.week_start == "sunday" else 0


def bounds_time(config: Config) -> time:
    """The setting `time.day_start`."""
    return clock(config.time.day_start)


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
    edges = ((first.isoformat(), False), ((last + timedelta(days=1)).isoformat(), True))
    outside = {(day, hour) for day, late in edges for hour in range(24) if (hour >= day_start_hour) is late}
    found = rollups.focus_by_hour(db, first, last + timedelta(days=1))
    hours = [h for h in found if (h["day"], h["hour"]) not in outside]
    weight = sum(h["active_ms"] for h in hours)
    return (sum(h["score"] * h["active_ms"] for h in hours) / weight if weight else None), len(hours)


def _amounts(
    found: Iterable[dict[str, Any]], before: Iterable[dict[str, Any]], key: str, rules: Rules | None = None,
) -> tuple[Amount, ...]:
    earlier = {row[key]: row["ms"] / 1000 for row in before}
    return tuple(
        Amount(
            row[key], row["ms"] / 1000, earlier.get(row[key], 0.0), row["visits"],
            rules.named(row[key]).level if rules else None,
        )
        for row in found
    )


def report_json(found: Report) -> dict[str, Any]:
    """The report as plain JSON values; durations in seconds."""
    def amounts(rows: Iterable[Amount]) -> list[dict[str, Any]]:
        return [
            {"name": a.name, "duration_s": round(a.s, 3), "before_s": round(a.before_s, 3), "change": _short(a.change),
             "visits": a.visits, **({"level": a.level} if a.level is not None else {})}
            for a in rows
        ]

    return {
        "period": found.period, "first": iso(found.first), "last": iso(found.last),
        "before": {"first": iso(found.before_first), "last": iso(found.before_last),
                   "active_s": round(found.before_active_s, 3), "focus_s": round(found.before_focus_s, 3),
                   "score": _short(found.before_score), "n_hours": found.before_n},
        "active_s": round(found.active_s, 3), "focus_s": round(found.focus_s, 3),
        "score": _short(found.score), "n_hours": found.n, "formula": found.version, "tasks_completed": found.completed,
        "categories": amounts(found.categories), "apps": amounts(found.apps), "projects": amounts(found.projects),
        "days": [
            {"day": iso(d.day), "active_s": round(d.active_s, 3), "focus_s": round(d.focus_s, 3)} for d in found.days
        ],
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
