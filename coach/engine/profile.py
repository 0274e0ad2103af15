"""When the person focuses, and when they will: the profile by hour of the week, and over it what the forecast of the day says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.core import cold_start, slots, stats
from coach.engine import preferences
from coach.store import expected, models, rollups
from coach.store.db import Connection

FOCUS_WEEKS = 12
LEAST_FOCUS_DAYS = 14
"""With fewer days of data the plan does without a focus profile."""
SHRINK = 3.0
"""An hour of the week counts in full only beside this many hours of the mean of that time of day."""


def focus_profile(db: Connection, today: date) -> tuple[float, ...] | None:
    """Focus by hour of the week over the last 12 weeks, each hour drawn towards the mean of its time of day, that towards
    the mean of all; None with less than 14 days of data."""
    found = rollups.focus_by_hour(db, today - timedelta(weeks=FOCUS_WEEKS), today)
    if len({r["day"] for r in found}) < LEAST_FOCUS_DAYS:
        return None
    table = stats.hour_of_week((date.fromisoformat(r["day"]), r["hour"], r["score"]) for r in found)
    overall = sum(r["score"] for r in found) / len(found)
    profile = [0.0] * slots.HOURS_IN_WEEK
    for hour in range(24):
        seen = [row[hour] for row in table]
        by_time = _drawn(sum(m.value * m.n for m in seen if m), sum(m.n for m in seen if m), overall)
        for day, cell in enumerate(seen):
            profile[day * 24 + hour] = _drawn(cell.value * cell.n if cell else 0.0, cell.n if cell else 0, by_time)
    return tuple(profile)


@dataclass(frozen=True, slots=True)
class Expected:
    """Focus forecast of the local hour from `start` on, with its 80 % band, by that version (-1 is the baseline)."""

    start: datetime
    value: float
    low: float | None
    high: float | None
    version: int

    @property
    def by(self) -> str:
        """Who said so."""
        return "the baseline" if self.version == models.BASELINE else f"the model, version {self.version}"


def expected_focus(db: Connection, first: date, last: date, tz: ZoneInfo) -> tuple[Expected, ...]:
    """The forecast of the hours of dates first..last, as it was kept when it was made; none before the first one."""
    rows = expected.latest(db, "focus", first - timedelta(days=1), first.isoformat(), (last + timedelta(days=1)).isoformat())
    return tuple(
        Expected(datetime.fromisoformat(f"{key}:00").replace(tzinfo=tz), value, low, high, version)
        for key, value, low, high, version in rows
    )


def answered_focus(db: Connection, today: date) -> tuple[float, ...] | None:
    """Focus by hour of the week as the chronotype the person named makes likely, with the few hours that were measured; None
    where the question was left out, and from LEAST_FOCUS_DAYS of data on."""
    prior = cold_start.focus_prior(str(preferences.get(db, "chronotype")))
    if prior is None:
        return None
    found = rollups.focus_by_hour(db, today - timedelta(weeks=FOCUS_WEEKS), today)
    if len({r["day"] for r in found}) >= LEAST_FOCUS_DAYS:
        return None
    return cold_start.blended(prior, [(date.fromisoformat(r["day"]).weekday() * 24 + r["hour"], r["score"]) for r in found])


def focus_source(db: Connection, today: date) -> str:
    """On what the focus of a plan stands while there is no profile: "your answers, no data yet"; empty otherwise."""
    found = rollups.focus_by_hour(db, today - timedelta(weeks=FOCUS_WEEKS), today)
    days = len({r["day"] for r in found})
    if days >= LEAST_FOCUS_DAYS or not preferences.get(db, "chronotype"):
        return ""
    return f"your answers and {days} {'day' if days == 1 else 'days'} of data" if days else "your answers, no data yet"


def focus_ahead(db: Connection, now: datetime, tz: ZoneInfo) -> tuple[float, ...] | None:
    """The profile with the hours of the next day as the model forecasts them; where the baseline serves, the profile alone;
    before there is one, what the person's answers make likely."""
    today = now.astimezone(tz).date()
    profile = focus_profile(db, today)
    if profile is None:
        return answered_focus(db, today)
    ahead = list(profile)
    for hour in expected_focus(db, today, today + timedelta(days=1), tz):
        if hour.version != models.BASELINE and timedelta(hours=-1) < hour.start - now < timedelta(days=1):
            ahead[hour.start.weekday() * 24 + hour.start.hour] = hour.value
    return tuple(ahead)


def _drawn(total: float, n: int, towards: float) -> float:
    return (total + SHRINK * towards) / (n + SHRINK)
