"""Heartbeats into events with what is remembered between calls: the same as without, whatever other connections do."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.event import Event
from coach.engine import activity, categories, tracking
from coach.store import events
from coach.store.db import Connection, Unlocked, connect, transaction


def beat(now: datetime, start_s: float, end_s: float, app: str = "code") -> Event:
    return Event(now + timedelta(seconds=start_s), now + timedelta(seconds=end_s), "x11", app, f"{app} window")


def kept(db: Connection, now: datetime) -> list[tuple[str, float, float]]:
    found = events.between(db, now - timedelta(days=1), now + timedelta(days=1))
    return [(e.app, (e.start - now).total_seconds(), (e.end - now).total_seconds()) for e in found]


def test_remembered_or_looked_up_the_events_are_the_same(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> None:
    rules, newest = categories.load(db, config), activity.Newest()
    spans = ((0, 0, "code"), (0, 2, "code"), (2, 4, "code"), (4, 4, "firefox"), (4, 6, "firefox"), (60, 61, "firefox"))
    for span in spans:
        activity.record(db, [beat(now, *span)], 0.5, rules, tz, newest)
    assert kept(db, now) == [("code", 0, 4), ("firefox", 4, 6), ("firefox", 60, 61)]


def test_an_event_that_another_connection_erased_is_not_extended(
    db: Connection, unlocked: Unlocked, config: Config, tz: ZoneInfo, now: datetime
) -> None:
    rules, newest = categories.load(db, config), activity.Newest()
    activity.record(db, [beat(now, 0, 2)], 0.5, rules, tz, newest)
    with closing(connect(unlocked)) as other, transaction(other):
        other.execute("DELETE FROM event")
    activity.record(db, [beat(now, 2, 4)], 0.5, rules, tz, newest)
    assert kept(db, now) == [("code", 2, 4)]


def test_events_of_a_clock_that_was_ahead_are_looked_for(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> None:
    rules, newest = categories.load(db, config), activity.Newest()
    activity.record(db, [beat(now, 10, 12)], 0.5, rules, tz)
    activity.record(db, [beat(now, 0, 10)], 0.5, rules, tz, newest)
    activity.record(db, [beat(now, 10, 14)], 0.5, rules, tz, newest)
    assert kept(db, now) == [("code", 0, 10), ("code", 10, 14)]


def test_what_a_failed_delivery_wrote_is_forgotten(
    db: Connection, config: Config, tz: ZoneInfo, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = tracking._Recorder(db, config, tz)

    def full(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(activity, "rebuild", full)
        with pytest.raises(OSError, match="disk full"):
            recorder.sink([beat(now, 0, 2)], 0.5)
    recorder.sink([beat(now, 0, 2), beat(now, 2, 4)], 0.5)
    assert kept(db, now) == [("code", 0, 4)]
