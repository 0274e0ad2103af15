"""Focus sessions, timed and detected, are told apart and never counted twice."""

from __future__ import annotations

from datetime import timedelta

from coach.config import Config
from coach.engine import focusing
from coach.store.db import Connection
from tests.engine.filled import NOW, TODAY, at, derive, lived


def told(db: Connection) -> list[tuple[str, str, float, str]]:
    seen = focusing.spells(db, at(TODAY, 0), at(TODAY, 23), Config(), NOW)
    return [(f"{s.start:%H:%M}-{s.end:%H:%M}", s.source, s.focus_s / 60, s.label) for s in seen.spells]


def test_a_session_inside_a_timer_is_the_timers(db: Connection) -> None:
    lived(db, at(TODAY, 9), 50, "nvim")
    lived(db, at(TODAY, 10), 40, "nvim")
    lived(db, at(TODAY, 10, 40), 5, "firefox")
    derive(db, at(TODAY, 0), NOW)
    seen = focusing.spells(db, at(TODAY, 0), at(TODAY, 23), Config(), NOW)
    assert told(db) == [("08:00-08:50", "detected", 50, ""), ("09:00-09:40", "detected", 40, "")]
    assert seen.breaks == ((at(TODAY, 9, 50), at(TODAY, 10)),)
    begun = at(TODAY, 9, 55)
    focusing.start(db, begun, 60)
    focusing.stop(db, begun + timedelta(minutes=50))
    assert told(db) == [("08:00-08:50", "detected", 50, ""), ("08:55-09:45", "timer", 40, "")]
    assert seen.document()["breaks"] == [{"start": "2026-11-19T08:50:00Z", "end": "2026-11-19T09:00:00Z"}]


def test_a_running_timer_reaches_to_now_and_one_that_is_over_to_its_plan(db: Connection) -> None:
    focusing.start(db, NOW - timedelta(minutes=90), 25)
    focusing.start(db, NOW - timedelta(minutes=10), 50)
    assert [(s, k) for s, k, _, _ in told(db)] == [("12:50-13:15", "timer"), ("14:10-14:20", "timer")]
    assert focusing.spells(db, at(TODAY, 0), NOW - timedelta(hours=3), Config(), NOW).spells == ()
