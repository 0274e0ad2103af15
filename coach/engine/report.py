"""A day, a week, a month or a year in numbers, from roll-ups alone, each beside as much of the period before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import stats
from coach.core.goal import history
from coach.core.stats import HourOfWeek
from coach.core.when import iso, logical_day
from coach.engine import categories, goals
from coach.engine.activity import bounds
from coach.engine.categories import Rules
from coach.engine.estimates import Estimates, compared, estimates_json
from coach.engine.sums import DayTotal, focus_hours, summed, weighted
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
class Done:
    """A task that was completed in the period; minutes are None where nobody estimated or tracked."""

    num: int
    title: str
    project: str
    at: datetime
    estimate_min: int | None
    actual_min: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A goal over the period: `kept` of the `n` whole days or weeks in it that something was tracked in."""

    text: str
    about: str
    period: str
    used_s: float
    kept: int
    n: int


@dataclass(frozen=True, slots=True)
class Report:
    """`last` is the newest day that has come; the period before is cut to as many days, and where `until` is given both
    end at that time of their last day. `score` is the mean of `n` hours weighted by active time, by formula `version`."""

    period: Period
    first: date
    last: date
    until: datetime | None
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
    before_days: tuple[DayTotal, ...]
    hours: HourOfWeek
    done: tuple[Done, ...]
    before_completed: int
    estimates: Estimates
    goals: tuple[Kept, ...]
    spark: Mapping[str, tuple[float, ...]]
    """Seconds by step of the period, by "app NAME", "category NAME" or "project NAME"."""

    @property
    def completed(self) -> int:
        return len(self.done)

    @property
    def difference(self) -> stats.Difference | None:
        """Active hours a tracked day, beside the period before."""
        return stats.difference([d.active_s / 3600 for d in self.days], [d.active_s / 3600 for d in self.before_days])


def report(db: Connection, period: Period, day: date, config: Config, now: datetime, tz: ZoneInfo) -> Report:
    """The period that holds `day`. Tracked time up to the last roll-up, at most a minute ago; nothing after `now`."""
    from coach.core import focus

    rules = categories.load(db, config)
    today = logical_day(now, tz, bounds_time(config))
    start_hour = bounds_time(config).hour
    first, end = extent(period, day, config)
    last = min(end, max(today, first))
    before_first, before_end = extent(period, first - timedelta(days=1), config)
    before_last = before_end if last == end else min(before_end, before_first + (last - first))
    until = now if last == today else None
    day_begins, before_begins = bounds(last, config, tz)[0], bounds(before_last, config, tz)[0]
    before_until = before_begins + (now - day_begins) if until else None
    here = summed(db, first, last, until, bounds(last, config, tz)[1])
    there = summed(db, before_first, before_last, before_until, bounds(before_last, config, tz)[1])
    scores = focus_hours(db, first, last, start_hour, _hour(until, tz))
    score, n = weighted(scores)
    before_score, before_n = weighted(focus_hours(db, before_first, before_last, start_hour, _hour(before_until, tz)))
    days, before_days = here.day_totals(rules), there.day_totals(rules)
    done = tasks.completed_between(db, bounds(first, config, tz)[0], until or bounds(last, config, tz)[1])
    done_before = tasks.completed_between(
        db, bounds(before_first, config, tz)[0], before_until or bounds(before_last, config, tz)[1]
    )
    return Report(
        period, first, last, until, before_first, before_last,
        sum(d.active_s for d in days), sum(d.active_s for d in before_days),
        sum(d.focus_s for d in days), sum(d.focus_s for d in before_days),
        score, n, before_score, before_n, focus.FORMULA,
        _amounts(here.categories, there.categories, rules), _amounts(here.apps, there.apps),
        _amounts(here.projects, there.projects), days, before_days,
        stats.hour_of_week((date.fromisoformat(name), hour, value) for name, hour, value, _ in scores),
        tuple(Done(t.num, t.title, t.project or "", t.completed, t.estimate_min, t.actual_min)
              for t in done if t.completed is not None),
        len(done_before), compared(done), tuple(kept(db, rules, first, last, days, until, config)), here.sparks(first, last),
    )


def kept(
    db: Connection, rules: Rules, first: date, last: date, days: Sequence[DayTotal], until: datetime | None, config: Config
) -> Iterator[Kept]:
    """How the goals of today went in days first..last; the day or week that still runs is not judged."""
    tracked = {d.day: d.active_s for d in days}
    judged = last if until else last + timedelta(days=1)
    for goal in goals.every(db):
        used = goals.used_by_day(db, goal, rules, first, last)
        _, met, n = history(goal, used, tracked, judged, first, week_start(config))
        yield Kept(goal.text(), goal.about(), goal.period, sum(used.values()), met, n)


def _hour(until: datetime | None, tz: ZoneInfo) -> tuple[str, int] | None:
    """The clock hour that is running then."""
    if until is None:
        return None
    local = until.astimezone(tz)
    return local.date().isoformat(), local.hour


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


def hours_of_day(db: Connection, found: Report, config: Config) -> tuple[HourTotal, ...]:
    """Time by hour of the day and category over the days of a report, the running day included as it is stored."""
    rows = rollups.by_hour_of_day(db, found.first, found.last, bounds_time(config).hour)
    return tuple(HourTotal(hour, category, ms / 1000) for hour, category, ms in rows)


@dataclass(frozen=True, slots=True)
class HourTotal:
    hour: int
    category: str
    s: float


def _amounts(
    here: Mapping[str, Sequence[int]], there: Mapping[str, Sequence[int]], rules: Rules | None = None,
) -> tuple[Amount, ...]:
    """Most time first."""
    ordered = sorted(((-cell[0], name) for name, cell in here.items() if cell[0] > 0))
    return tuple(
        Amount(
            name, -ms / 1000, there[name][0] / 1000 if name in there else 0.0, here[name][1],
            rules.named(name).level if rules else None,
        )
        for ms, name in ordered
    )


def kept_words(kept: int, n: int, period: str) -> str:
    """ "4 of 5 days"; a running day or week is not judged yet."""
    return f"{kept} of {n} {period if n == 1 else period + 's'}" if n else f"on no whole {period} yet"


def note(found: Report) -> str:
    """How far the comparison with the period before can be trusted, in words."""
    apart = found.difference
    if not found.before_days:
        return "nothing was tracked in the period before"
    if apart is None:
        return "nothing was tracked yet"
    if apart.is_clear is None:
        counts = f"{apart.n} tracked {'day' if apart.n == 1 else 'days'} against {apart.before_n}"
        return f"{counts}: too few to tell a change from chance"
    words = f"{apart.value:+.1f} ± {2 * (apart.error or 0):.1f} h a tracked day (n = {apart.n} and {apart.before_n})"
    words = words.replace("-", "−")
    return f"{words}: more than days differ by chance" if apart.is_clear else f"{words}: within what chance makes"


def report_json(found: Report, hours: Sequence[HourTotal] = ()) -> dict[str, Any]:
    """The report as plain JSON values; durations in seconds."""
    def amounts(rows: Iterable[Amount]) -> list[dict[str, Any]]:
        return [
            {"name": a.name, "duration_s": round(a.s, 3), "before_s": round(a.before_s, 3), "change": _short(a.change),
             "visits": a.visits, **({"level": a.level} if a.level is not None else {})}
            for a in rows
        ]

    return {
        "period": found.period, "first": iso(found.first), "last": iso(found.last), "until": iso(found.until),
        "before": {"first": iso(found.before_first), "last": iso(found.before_last),
                   "active_s": round(found.before_active_s, 3), "focus_s": round(found.before_focus_s, 3),
                   "score": _short(found.before_score), "n_hours": found.before_n, "n_days": len(found.before_days),
                   "tasks_completed": found.before_completed},
        "note": note(found), "n_days": len(found.days),
        "active_s": round(found.active_s, 3), "focus_s": round(found.focus_s, 3),
        "score": _short(found.score), "n_hours": found.n, "formula": found.version, "tasks_completed": found.completed,
        "categories": amounts(found.categories), "apps": amounts(found.apps), "projects": amounts(found.projects),
        "days": [
            {"day": iso(d.day), "active_s": round(d.active_s, 3), "focus_s": round(d.focus_s, 3)} for d in found.days
        ],
        "hours": [{"hour": h.hour, "category": h.category, "duration_s": round(h.s, 3)} for h in hours],
        "done": [
            {"num": d.num, "title": d.title, "project": d.project or None, "completed": iso(d.at),
             "estimate_min": d.estimate_min, "actual_min": d.actual_min}
            for d in found.done
        ],
        "estimates": estimates_json(found.estimates),
        "goals": [
            {"text": g.text, "used_min": round(g.used_s / 60, 1), "period": g.period, "kept": g.kept, "n": g.n}
            for g in found.goals
        ],
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
