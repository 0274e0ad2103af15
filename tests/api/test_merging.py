from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.config import Config, home_at
from coach.engine import following, inbox, ingest, opening, watchers
from coach.engine.inbox import Inbox
from coach.store import rollups
from coach.store.opening import Access
from tests.api import aw_server

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
KINDS = ("currentwindow", "web.tab.current", "app.editor.activity", "afkstatus", "anything.else")
NAMES = itertools.count()


@pytest.fixture(scope="module")
def shared() -> Iterator[Inbox]:
    """One store for all examples: each has a bucket of its own."""
    with TemporaryDirectory() as folder:
        unlocked = opening.unlock(home_at(Path(folder)), Access(use_keyring=False), NOW)
        box = inbox.opened(unlocked, Config(), ZoneInfo("Europe/Berlin"))
        yield box
        box.db.close()


def data(kind: str, number: int) -> dict[str, Any]:
    return {
        "currentwindow": {"app": f"app{number}", "title": "" if number == 2 else "Größe"},
        "web.tab.current": {"url": f"https://example.org/{number}", "title": "x", "audible": number == 1, "incognito": False},
        "app.editor.activity": {"file": f"/home/me/{number}.py", "project": "/home/me/coach/", "language": "python"},
        "afkstatus": {"status": "afk" if number else "not-afk"},
        "anything.else": {} if number == 0 else {"title": None if number == 1 else 7, "list": [{"a": number}], "app": "x"},
    }[kind]


def stored(box: Inbox, name: str) -> list[tuple[datetime, timedelta, dict[str, Any]]]:
    pages = watchers.events_json(box, name, None, None, -1, NOW)
    return [
        (datetime.fromisoformat(e["timestamp"]), timedelta(seconds=e["duration"]), e["data"]) for page in pages for e in page
    ]


BEATS = st.lists(
    st.tuples(
        st.one_of(st.just(0), st.integers(-40_000_000, 90_000_000), st.integers(0, 4_000_000)),  # microseconds onwards
        st.one_of(st.just(0.0), st.floats(0, 20, allow_nan=False)), st.integers(0, 2), st.sampled_from((0, 1.5, 5, 60)),
    ),
    min_size=1, max_size=25,
)


@settings(max_examples=120, deadline=None)
@given(kind=st.sampled_from(KINDS), beats=BEATS)
def test_heartbeats_become_the_events_that_aw_server_makes_of_them(shared: Inbox, kind: str, beats: Any) -> None:
    name = f"bucket {next(NAMES)}"
    watchers.create(shared, name, {"type": kind, "client": "test", "hostname": "pc"}, NOW)
    peer, at = aw_server.Bucket(), NOW - timedelta(days=2)
    for step, duration, number, pulse in beats:
        at += timedelta(microseconds=step)
        theirs = peer.heartbeat(aw_server.event(at, duration, data(kind, number)), pulse)
        sent = {"timestamp": at.isoformat(), "duration": duration, "data": data(kind, number)}
        ours = ingest.heartbeat(shared, name, sent, pulse, NOW)
        assert datetime.fromisoformat(ours["timestamp"]) == theirs.timestamp
        assert timedelta(seconds=ours["duration"]) == theirs.duration
    assert stored(shared, name) == [(e.timestamp, e.duration, e.data) for e in peer.events()]


def test_the_timeline_of_all_that_never_overlaps_and_agrees_with_its_roll_ups(shared: Inbox) -> None:
    test_heartbeats_become_the_events_that_aw_server_makes_of_them(shared)
    following.catch_up(shared)
    assert shared.db.execute("SELECT count(*) FROM timeline").fetchone()[0] > 0
    assert rollups.disagreements(shared.db, 240) == []
    first = shared.db.execute("SELECT start_ms, end_ms, context FROM timeline ORDER BY 1").fetchall()
    with inbox.writing(shared, NOW):
        for bucket in shared.buckets.values():
            inbox.touch_all(shared, bucket)
    following.catch_up(shared)
    assert shared.db.execute("SELECT start_ms, end_ms, context FROM timeline ORDER BY 1").fetchall() == first


def test_many_brief_events_inside_a_long_one_are_followed_in_few_steps(tmp_path: Path) -> None:
    """Each second of the long state would otherwise cost all of it: two windows' watchers on one machine stop everything."""
    unlocked = opening.unlock(home_at(tmp_path), Access(use_keyring=False), NOW)
    box = inbox.opened(unlocked, Config(), ZoneInfo("Europe/Berlin"))
    began = NOW - timedelta(hours=3)
    for name in ("long", "brief"):
        watchers.create(box, name, {"type": "currentwindow", "client": "test", "hostname": "pc"}, NOW)
    for number in range(3000):
        at = (began + timedelta(seconds=number)).isoformat()
        ingest.heartbeat(box, "long", {"timestamp": at, "duration": 0, "data": data("currentwindow", 1)}, 5, NOW)
        ingest.heartbeat(box, "brief", {"timestamp": at, "duration": 0, "data": {"app": "x", "title": str(number)}}, 5, NOW)
    steps, length_ms = 0, following.AT_LEAST_MS
    while (step := following.follow_some(box, length_ms)) is not None:
        steps, length_ms = steps + 1, step
    assert steps < 100
    spent_ms = box.db.execute("SELECT sum(end_ms - start_ms) FROM timeline").fetchone()[0]
    assert spent_ms == 2_999_000
    assert rollups.disagreements(box.db, 240) == []
    box.db.close()


def test_a_list_of_events_is_stored_as_it_is(shared: Inbox) -> None:
    watchers.create(shared, "list", {"type": "currentwindow", "client": "test", "hostname": "pc"}, NOW)
    sent = [
        {"timestamp": (NOW - timedelta(seconds=n % 7)).isoformat(), "duration": n / 3, "data": data("currentwindow", n % 3)}
        for n in range(50)
    ]
    assert ingest.insert(shared, "list", sent, NOW) is None
    wanted = [aw_server.event(datetime.fromisoformat(e["timestamp"]), e["duration"], e["data"]) for e in sent]
    assert stored(shared, "list") == [
        (e.timestamp, e.duration, e.data) for e in aw_server.Bucket(wanted).events()
    ]
