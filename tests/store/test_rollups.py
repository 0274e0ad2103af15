"""Sums of months beside sums of hours, and what a check finds when either is wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core import stats
from coach.core.event import Event
from coach.core.when import to_ms
from coach.engine import activity, categories
from coach.store import rollups, timeline
from coach.store.db import Connection, transaction

FIRST = date(2025, 11, 20)
HOURS = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 23), st.sampled_from(["Work", "News"]), st.integers(-50, 500)), max_size=60,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HOURS, st.integers(0, 120), st.integers(0, 100), st.integers(0, 6))
def test_hours_of_the_day_by_months_equal_those_by_days(
    db: Connection, hours: list[tuple[int, int, str, int]], begin: int, length: int, start: int
) -> None:
    """Added, taken away and deleted in any order; over any range, for any start of the day."""
    with transaction(db):
        db.execute("DELETE FROM rollup_hour")
        for back, hour, category, ms in hours:
            db.execute(
                "INSERT INTO rollup_hour VALUES(?,?,?,?,1) ON CONFLICT(day, hour, category) DO UPDATE SET ms = ms + excluded.ms",
                ((FIRST + timedelta(days=back)).isoformat(), hour, category, ms),
            )
        db.execute("DELETE FROM rollup_hour WHERE ms <= 0")
    first, last = FIRST + timedelta(days=begin), FIRST + timedelta(days=begin + length)
    expected: dict[tuple[int, str], int] = {}
    for day, hour, category, ms in rollups.category_hours(db, first, last + timedelta(days=1)):
        logical = date.fromisoformat(day) - timedelta(days=hour < start)
        if first <= logical <= last:
            expected[hour, category] = expected.get((hour, category), 0) + ms
    assert {(h, c): ms for h, c, ms in rollups.by_hour_of_day(db, first, last, start)} == expected
    kept = db.execute("SELECT coalesce(sum(ms), 0) FROM rollup_month").fetchone()[0]
    assert kept == db.execute("SELECT coalesce(sum(ms), 0) FROM rollup_hour").fetchone()[0]


@pytest.mark.parametrize(("statement", "named"), [
    ("INSERT INTO rollup_hour VALUES('2026-11-20', 9, 'Work', 1000, 1)", "hour 2026-11-20 09:00"),
    ("INSERT INTO rollup_day VALUES('2026-11-20', 'vim', 'Work', '', 1000, 1)", "day 2026-11-20"),
    ("INSERT INTO rollup_month VALUES('2026-11', 9, 'Work', 1000)", "month 2026-11"),
])
def test_a_check_names_what_is_wrong_and_a_rebuild_mends_it(db: Connection, statement: str, named: str) -> None:
    assert rollups.disagreements(db, 240) == []
    db.execute(statement)
    assert rollups.disagreements(db, 240) == [named]
    with transaction(db):
        rollups.rebuild_all(db, 240)
    assert rollups.disagreements(db, 240) == []


def test_means_are_compared_with_their_error() -> None:
    steady, other = [5.0, 5.1, 4.9, 5.0, 5.2], [7.0, 7.1, 6.9, 7.2, 7.0]
    found = stats.difference(other, steady)
    assert found is not None
    assert (round(found.value, 2), found.is_clear) == (2.0, True)
    noisy = stats.difference([1.0, 9.0, 5.0, 2.0, 8.0], [2.0, 8.0, 4.0, 1.0, 7.0])
    assert noisy is not None
    assert noisy.is_clear is False
    few = stats.difference([1.0, 2.0], [9.0, 9.5])
    assert few is not None
    assert few.is_clear is None
    assert stats.difference([], [1.0]) is None


def test_a_state_that_goes_on_after_a_roll_is_one_visit(db: Connection) -> None:
    rules = categories.load(db, Config())
    begun = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
    for minute in range(3):
        at = begun + timedelta(minutes=minute)
        beat = Event(at, at + timedelta(minutes=1), "x11", "vim", "a.py")
        activity.record(db, [beat], 1.0, rules, ZoneInfo("Europe/Berlin"))
        timeline.roll(db, rules.day_start_min)
    ((_, app, _, _, ms, visits),) = rollups.day_rows(db, date(2026, 11, 20), date(2026, 11, 20))
    assert (app, ms, visits) == ("vim", 180_000, 1)
    assert rollups.disagreements(db, rules.day_start_min) == []
    half = rollups.counted_in(db, to_ms(begun) + 90_000, to_ms(begun) + 3_600_000)
    assert [(a, ms, n) for a, _, _, ms, n in half] == [("vim", 90_000, 0)]
