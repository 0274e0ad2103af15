"""From the probe's looks to the timeline of a day: whatever the clocks do, a day never holds more than was lived in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coach.config import Config, home_at
from coach.core.event import Event, Sample
from coach.engine import activity, categories
from coach.store import opening, timeline
from coach.store.db import Connection, connect
from coach.store.opening import Access
from coach.tracker.heartbeats import DRIFT_S, GAP_S, Heartbeats

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTS = {date(2026, 3, 28): 23, date(2026, 10, 24): 25, date(2026, 11, 21): 24}
"""The logical day that begins then, and the hours it has."""

Look = tuple[float, float, float, str, float, int]
"""Seconds that pass awake, seconds of suspend, how far the clock is set, the window, idle seconds, how many times."""
LOOKS = st.lists(
    st.tuples(
        st.sampled_from([0.3, 1.0, 1.75, 9.9, 10.1, 3600.0]), st.sampled_from([0.0, 0.0, 5.0, 40.0, 3 * 3600.0]),
        st.sampled_from([0.0, 0.0, 0.3, -0.7, 7200.0, -7200.0, 86_400.0, -86_400.0]),
        st.sampled_from(["xterm", "firefox", "zoom", ""]), st.sampled_from([0.0, 0.0, 200.0, 900.0]), st.integers(1, 20),
    ),
    max_size=25,
)


def sample(at: datetime, app: str, idle_s: float) -> Sample:
    inside = Sample(at, "tty", "make", "make") if app == "xterm" else None
    return Sample(at, "x11", app, app, idle_s=idle_s, inside=inside)


def record(db: Connection, day: date, looks: list[Look]) -> float:
    """Plays the looks from 20:00 UTC on and returns how many seconds were lived awake."""
    rules, beats = categories.load(db, Config()), Heartbeats(300)
    wall = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
    steady, lived = 0.0, 0.0
    for passed, asleep, is_set, app, idle_s, times in looks:
        wall += timedelta(seconds=asleep + is_set)  # while it sleeps, the steady clock of Linux stands still
        for _ in range(times):
            wall, steady = wall + timedelta(seconds=passed), steady + passed
            lived += passed if passed <= GAP_S else 0.0
            beats.see(sample(wall, app, idle_s), wall, steady)
        activity.record(db, beats.pending, DRIFT_S, rules, BERLIN)
        beats.delivered()
    return lived


def checked(day: date, looks: list[Look]) -> None:
    with TemporaryDirectory() as folder:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), start), durable=False)
        try:
            lived = record(db, day, looks)
            found: list[Event] = timeline.between(db, start, start + timedelta(days=400))
            for number in range(-3, 4):
                each = day + timedelta(days=number)
                low, high = activity.bounds(each, Config(), BERLIN)
                assert (high - low) == timedelta(hours=NIGHTS.get(each, 24))
                spent_s = sum(e.duration_s for e in timeline.between(db, low, high))
                assert spent_s <= (high - low).total_seconds()
            assert all(a.end <= b.start for a, b in pairwise(found))
            # What waits is bridged by at most the pulsetime wherever the clock is set by less than is noticed.
            assert sum(e.duration_s for e in found) <= lived + DRIFT_S * (1 + len(looks))
        finally:
            db.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(NIGHTS)), LOOKS)
@example(date(2026, 3, 28), [(9.9, 0.0, 0.0, "xterm", 0.0, 20), (9.9, 3 * 3600.0, 0.0, "xterm", 0.0, 20)])
@example(date(2026, 10, 24), [(9.9, 0.0, -7200.0, "xterm", 0.0, 20)] * 4)
def test_a_day_never_holds_more_than_was_lived(day: date, looks: list[Look]) -> None:
    checked(day, looks)


def test_a_whole_night_is_recorded_whole() -> None:
    """So that the law above could fail: what is lived is found again, to the second."""
    with TemporaryDirectory() as folder:
        start = datetime(2026, 1, 1, tzinfo=UTC)
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), start), durable=False)
        day = date(2026, 3, 28)
        lived = record(db, day, [(9.9, 0.0, 0.0, "xterm", 0.0, 20), (9.9, 0.0, 0.0, "firefox", 0.0, 3000)])
        low, high = activity.bounds(day, Config(), BERLIN)
        found = timeline.between(db, low, high)
        assert {e.app for e in found} == {"make", "firefox"}
        next_low, next_high = activity.bounds(day + timedelta(days=1), Config(), BERLIN)
        total = sum(e.duration_s for e in found) + sum(e.duration_s for e in timeline.between(db, next_low, next_high))
        assert abs(total - (lived - 9.9)) < 0.01
        db.close()
