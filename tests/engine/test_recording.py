"""Heartbeats into events with what is remembered between calls: the same as without, whatever other connections do."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.event import Event
from coach.core.when import to_ms
from coach.engine import activity, categories, manual, tracking
from coach.store import events, timeline
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


def seen(now: datetime, start_s: float, end_s: float, source: str, app: str, **data: str) -> Event:
    return Event(now + timedelta(seconds=start_s), now + timedelta(seconds=end_s), source, app, data=data)


def test_the_remembered_row_grows_as_a_derivation_would_have_it(
    db: Connection, config: Config, tz: ZoneInfo, now: datetime
) -> None:
    rules, newest = categories.load(db, config), activity.Newest()
    for start, app, inside in ((0, "xterm", "vim"), (10, "firefox", ""), (20, "xterm", "vim"), (30, "xterm", "make")):
        for at in (start, *range(start, start + 10, 2)):
            end = at + 2 if newest.by_source and at > start - 1 else at
            beats = [seen(now, at, end, "tty", inside)] if inside else []
            beats += [seen(now, at, end, "x11", app), seen(now, 0, min(end, 24), "afk", "", status="not-afk")]
            activity.record(db, beats, 0.5, rules, tz, newest)
    activity.record(db, [seen(now, 33, 50, "afk", "", status="afk"), seen(now, 40, 44, "x11", "xterm")], 0.5, rules, tz, newest)
    grown = timeline.between(db, now, now + timedelta(minutes=2))
    activity.rebuild(db, 0, to_ms(now) + 120_000, rules, tz)
    assert [(e.app, e.duration_s) for e in grown] == [("vim", 10), ("firefox", 10), ("vim", 10), ("make", 3)]
    assert [(e.app, e.start, e.end) for e in timeline.between(db, now, now + timedelta(minutes=2))] == [
        (e.app, e.start, e.end) for e in grown
    ]


def test_time_said_by_hand_ends_the_remembered_row(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> None:
    recorder = tracking._Recorder(db, config, tz)
    recorder.sink([beat(now, 0, 2)], 0.5)
    recorder.sink([beat(now, 2, 4)], 0.5)
    manual.tag(db, now, now + timedelta(seconds=3), "Call", recorder.rules, tz, now + timedelta(seconds=9))
    recorder._notice(now)
    recorder.sink([beat(now, 4, 8)], 0.5)
    line = timeline.between(db, now, now + timedelta(minutes=1))
    assert [(e.title, e.duration_s) for e in line] == [("Call", 3), ("code window", 5)]
