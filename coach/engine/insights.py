"""What the Insights screen shows: the year, the week's hours, where time went, one day, estimates, what is put off.

Only sums and means over what was really tracked, each with the number of days or hours it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import stats
from coach.core.stats import HourOfWeek, Mean
from coach.core.task import Task
from coach.core.when import iso, logical_day
from coach.engine import categories, day
from coach.engine.activity import bounds
from coach.engine.day import DayFocus, Lived
from coach.engine.estimates import Estimates, compared, estimates_json
from coach.engine.report import Period, Report, bounds_time, report, report_json, week_start
from coach.engine.sums import DayTotal, day_totals
from coach.store import rollups, tasks
from coach.store.db import Connection

Measure = Literal["active", "focus"]

YEAR_DAYS = 53 * 7
WEEKS = 12
"""The hours of the week look back this far: long enough for means, short enough to be you."""
LEAST_DAYS = 3
ESTIMATES_DAYS = 180
PUT_OFF = 5
OLDEST_DAYS = 70
"""A task that has lain for longer is put off no more than that."""
GOAL_MIN = 60.0
"""A day with this many focus minutes continues the streak."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One aggregate in words, with what it stands on."""

    kind: str
    text: str
    n: int
    unit: str


@dataclass(frozen=True, slots=True)
class PutOff:
    """An open task that shows signs of being put off, with each sign in words."""

    id: str
    num: int
    title: str
    evidence: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class InsightsView:
    today: date
    measure: Measure
    week_start: int
    year: dict[date, float]
    """Seconds a day, active or in focus categories; days without tracking are left out."""
    hours: HourOfWeek
    hours_days: int
    report: Report
    day: date
    day_lived: tuple[Lived, ...]
    day_focus: DayFocus
    gaps: tuple[tuple[datetime, datetime], ...]
    """Time of the chosen day that nothing explains."""
    day_start: datetime
    day_end: datetime
    streak: stats.Streak
    patterns: tuple[Pattern, ...]
    estimates: Estimates
    put_off: tuple[PutOff, ...]

    @property
    def empty(self) -> bool:
        return not self.year and not self.estimates.n and not self.put_off


def insights(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, *, period: Period = "week",
    measure: Measure = "active", chosen: date | None = None,
) -> InsightsView:
    """All of the screen; `chosen` is the day of the timeline, by default today."""
    rules = categories.load(db, config)
    today = logical_day(now, tz, bounds_time(config))
    chosen = min(chosen or today, today)
    totals = day_totals(db, today - timedelta(days=YEAR_DAYS), today, rules)
    hours, hours_days = focus_hours(db, today)
    start, end = bounds(chosen, config, tz)
    told = day.told(db, start, min(end, max(now, start)), rules)
    return InsightsView(
        today, measure, week_start(config),
        {d.day: (d.active_s if measure == "active" else d.focus_s) for d in totals},
        hours, hours_days, report(db, period, today, config, now, tz),
        chosen, told.lived, told.focus, told.gaps, start, end,
        stats.streak({d.day: d.focus_s / 60 for d in totals}, GOAL_MIN, today),
        patterns(totals, hours, today), estimates(db, now), put_off(_slipping(db, now), now, tz),
    )


def focus_hours(db: Connection, today: date) -> tuple[HourOfWeek, int]:
    """Mean focus by hour of the week over the last 12 weeks, and how many days have a score."""
    found = rollups.focus_by_hour(db, today - timedelta(weeks=WEEKS), today + timedelta(days=1))
    scores = [(date.fromisoformat(r["day"]), r["hour"], r["score"]) for r in found]
    return stats.hour_of_week(scores), len({d for d, _, _ in scores})


def patterns(totals: Sequence[DayTotal], hours: HourOfWeek, today: date) -> tuple[Pattern, ...]:
    """The best hour, the strongest and weakest weekday, the direction of the last weeks. Nothing is said on less than
    three days."""
    recent = [d for d in totals if d.day > today - timedelta(weeks=WEEKS) and d.day < today]
    found = [*_best_hour(hours), *_weekdays(recent), *_direction(recent, today)]
    return tuple(found)


def _best_hour(hours: HourOfWeek) -> Iterable[Pattern]:
    by_hour = [_pooled([row[h] for row in hours]) for h in range(24)]
    known = [(m.value, h, m.n) for h, m in enumerate(by_hour) if m is not None and m.n >= LEAST_DAYS]
    if len(known) >= 2:
        best, worst = max(known), min(known)
        yield Pattern("best_hour", f"{best[1]:02d}:00 is your best hour: focus {best[0]:.2f}", best[2], "hours")
        yield Pattern("worst_hour", f"{worst[1]:02d}:00 is your weakest hour: focus {worst[0]:.2f}", worst[2], "hours")


def _weekdays(recent: Sequence[DayTotal]) -> Iterable[Pattern]:
    means = {w: stats.mean([d.focus_s / 3600 for d in recent if d.day.weekday() == w]) for w in range(7)}
    known = [(m.value, w, m.n) for w, m in means.items() if m is not None and m.n >= LEAST_DAYS]
    if len(known) >= 2:
        best = max(known)
        yield Pattern("best_day", f"{WEEKDAYS[best[1]]}s hold the most focus time: {best[0]:.1f} h", best[2], "days")


def _direction(recent: Sequence[DayTotal], today: date) -> Iterable[Pattern]:
    weeks: list[list[float]] = [[] for _ in range(WEEKS)]
    for d in recent:
        weeks[WEEKS - 1 - min(WEEKS - 1, (today - d.day).days // 7)].append(d.focus_s / 3600)
    slope = stats.trend([sum(w) if w else None for w in weeks])
    n = sum(1 for w in weeks if w)
    if slope is not None:
        way = "rising by" if slope > 0 else "falling by"
        words = "steady" if abs(slope) < 0.1 else f"{way} {abs(slope):.1f} h a week"
        yield Pattern("trend", f"Focus time is {words}", n, "weeks")


def _pooled(means: Sequence[Mean | None]) -> Mean | None:
    known = [m for m in means if m is not None]
    n = sum(m.n for m in known)
    return Mean(sum(m.value * m.n for m in known) / n, n) if n else None


WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def estimates(db: Connection, now: datetime) -> Estimates:
    """Estimates against actuals of the tasks finished in the last half year."""
    return compared(tasks.completed_between(db, now - timedelta(days=ESTIMATES_DAYS), now + timedelta(seconds=1)))


def _slipping(db: Connection, now: datetime) -> list[Task]:
    """The open tasks that `put_off` may name: no list of thousands needs to be read for the oldest few."""
    found = [*tasks.slipping(db, now + timedelta(days=1)), *tasks.untouched(db, now, OLDEST_DAYS, PUT_OFF)]
    return list({task.id: task for task in found}.values())


def put_off(opened: Iterable[Task], now: datetime, tz: ZoneInfo, count: int = PUT_OFF) -> tuple[PutOff, ...]:
    """Open tasks that were snoozed, are late, or are old and never started, the clearest first."""
    found = [_evidence(task, now, tz) for task in opened if task.recurrence is None]
    return tuple(sorted((p for p in found if p.evidence), key=lambda p: (-p.weight, p.num))[:count])


def _evidence(task: Task, now: datetime, tz: ZoneInfo) -> PutOff:
    from coach.core.when import end_of, start_of

    signs: list[str] = []
    weight = 0.0
    if task.snooze_count:
        signs.append("snoozed once" if task.snooze_count == 1 else f"snoozed {task.snooze_count} times")
        weight += 2.0 * task.snooze_count
    late_days = 0
    if task.due is not None and end_of(task.due, tz) <= now:  # by the calendar, as the list of tasks counts
        late_days = (now.astimezone(tz).date() - start_of(task.due, tz).astimezone(tz).date()).days
    if late_days >= 1:
        signs.append(f"{late_days} {'day' if late_days == 1 else 'days'} late")
        weight += min(10.0, float(late_days))
    age_days = (now - task.created).days
    if age_days >= 14 and task.started is None and not task.actual_min:
        signs.append(f"{age_days} days old, never started")
        weight += min(OLDEST_DAYS, age_days) / 14
    return PutOff(task.id, task.num, task.title, tuple(signs), weight)


def insights_json(view: InsightsView) -> dict[str, Any]:
    """The view as plain JSON values."""
    return {
        "today": iso(view.today), "measure": view.measure,
        "year": [{"day": iso(d), "duration_s": round(s, 3)} for d, s in sorted(view.year.items())],
        "hour_of_week": hours_json(view.hours), "hour_of_week_days": view.hours_days,
        "report": report_json(view.report),
        "streak": {"current_days": view.streak.current, "longest_days": view.streak.longest, "goal_min": GOAL_MIN},
        "patterns": [{"kind": p.kind, "text": p.text, "n": p.n, "unit": p.unit} for p in view.patterns],
        "estimates": estimates_json(view.estimates),
        "put_off": [{"id": p.id, "num": p.num, "title": p.title, "evidence": list(p.evidence)} for p in view.put_off],
    }


def hours_json(hours: HourOfWeek) -> list[list[dict[str, Any] | None]]:
    """7 rows (Monday first) of 24 `{focus, n, error}`; null where there is no score."""
    def cell(m: Mean | None) -> dict[str, Any] | None:
        if m is None:
            return None
        return {"focus": round(m.value, 4), "n": m.n, "error": None if m.error is None else round(m.error, 4)}

    return [[cell(m) for m in row] for row in hours]
