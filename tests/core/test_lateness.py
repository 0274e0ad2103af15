"""The chance that a deadline is kept, by the strength that is left before it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.core import lateness
from coach.core.plan import Instance, PlanTask

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
"""A Monday, 9:00 in Berlin, when work begins."""
WEEK = Instance(
    now=NOW, tz=ZoneInfo("Europe/Berlin"), days=9, work_hours=dict.fromkeys(range(5), ((540, 1020),)), uncertain=True,
)
TASK = PlanTask(id="a", title="Write", estimate_min=60, priority=1, due=NOW + timedelta(days=2))


def hours(count: float) -> datetime:
    return NOW + timedelta(hours=count)


def test_nights_and_weekends_hold_no_strength() -> None:
    of = lateness.strength(WEEK)
    assert lateness.late(of, hours(8), hours(8)) == lateness.LIKELY
    assert lateness.late(of, hours(8), hours(24)) == pytest.approx(lateness.LIKELY)  # Monday evening to Tuesday morning
    assert lateness.late(of, hours(0), hours(8)) == pytest.approx(lateness.LIKELY * 0.36788, rel=1e-3)  # one whole day
    friday, monday = hours(4 * 24 + 8), hours(7 * 24)
    assert lateness.late(of, friday, monday) == pytest.approx(lateness.LIKELY)


def test_a_day_that_is_spoken_for_holds_less() -> None:
    free = lateness.late(lateness.strength(WEEK), hours(0), hours(8))
    busy = replace(WEEK, tire_after_min=240, worked=((date(2026, 11, 16), 240.0),))
    assert lateness.late(lateness.strength(busy), hours(0), hours(8)) == lateness.LIKELY > free


def test_only_a_due_that_can_still_be_kept_is_at_risk() -> None:
    of = lateness.strength(WEEK)
    assert lateness.risk(WEEK, TASK, hours(4), of) > lateness.risk(WEEK, TASK, hours(1), of) > 0
    assert -lateness.at_stake(TASK) < lateness.risk(WEEK, TASK, hours(49), of) < lateness.risk(WEEK, TASK, hours(54), of) < 0
    assert lateness.risk(WEEK, replace(TASK, due=NOW), hours(4), of) == 0
    assert lateness.risk(WEEK, replace(TASK, due=None), hours(4), of) == 0
    assert lateness.risk(replace(WEEK, uncertain=False), TASK, hours(4), of) == 0
    assert lateness.promise(replace(WEEK, uncertain=False), TASK) == 0
    assert lateness.at_stake(TASK) == 0.5 * 8 * 60 + lateness.PROMISE
