from __future__ import annotations

from datetime import UTC, datetime, timedelta

from coach.core.event import Event
from coach.core.when import to_ms
from coach.store import events, watchers
from coach.store.db import Connection
from coach.store.watchers import HOUR_MS, New

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def test_overlapping_finds_short_and_long_events_by_index(db: Connection) -> None:
    bucket = events.bucket(db, "x11", "currentwindow", NOW)
    context = events.context(db, "a", "t", "", "", lambda *words: None)
    lengths = {1: 30, 2: 90, 3: 60 * 20, 4: 5}
    for back, minutes in lengths.items():
        start = NOW - timedelta(hours=back)
        events.insert(db, bucket, Event(start, start + timedelta(minutes=minutes), "x11"), context)
    values = {"low": to_ms(NOW - timedelta(minutes=40)), "high": to_ms(NOW)}
    found = {r[0] for r in db.execute(events.OVERLAPPING, values)}
    every = db.execute("SELECT id FROM event WHERE end_ms > :low AND start_ms < :high", values)
    assert found == {r[0] for r in every} == {1, 2, 3}
    steps = " ".join(r[3] for r in db.execute(f"EXPLAIN QUERY PLAN {events.OVERLAPPING}", values))
    assert "SCAN event" not in steps


def test_the_finer_end_and_what_has_been_lived_come_back(db: Connection) -> None:
    assert watchers.create(db, "w", "currentwindow", "c", "h", {}, NOW)
    bucket = watchers.buckets(db)["w"]
    context = events.context(db, "a", "t", "", "", lambda *words: None)
    now_ms = to_ms(NOW)
    past = watchers.insert(db, bucket, New(now_ms - 5000, (now_ms - 2000) * 1000 + 7, context, None), now_ms)
    ahead = watchers.insert(db, bucket, New(now_ms - 1000, (now_ms + 9000) * 1000 + 7, context, None), now_ms)
    first, second = (watchers.event(db, bucket, i) for i in (past, ahead))
    assert first is not None
    assert second is not None
    assert (first.end_us, first.lived_ms) == ((now_ms - 2000) * 1000 + 7, now_ms - 2000)
    assert (second.end_us, second.lived_ms) == ((now_ms + 9000) * 1000 + 7, now_ms)


def test_every_hour_of_a_bucket_is_marked(db: Connection) -> None:
    watchers.create(db, "w", "currentwindow", "c", "h", {}, NOW)
    bucket = watchers.buckets(db)["w"]
    context = events.context(db, "a", "t", "", "", lambda *words: None)
    hour = to_ms(NOW) // HOUR_MS
    watchers.insert(db, bucket, New((hour - 3) * HOUR_MS + 5, (hour - 1) * HOUR_MS * 1000 + 5000, context, None), to_ms(NOW))
    watchers.mark_bucket(db, bucket)
    assert watchers.marked(db) == [hour - 3, hour - 2, hour - 1]
