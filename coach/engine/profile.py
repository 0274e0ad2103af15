"""When the person focuses: the profile that the plan uses."""

from __future__ import annotations

from datetime import date, timedelta

from coach.core import slots, stats
from coach.store import rollups
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


def _drawn(total: float, n: int, towards: float) -> float:
    return (total + SHRINK * towards) / (n + SHRINK)
