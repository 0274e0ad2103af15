from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.config import Config
from coach.engine import following, inbox, ingest, watchers
from coach.engine.inbox import Inbox
from coach.store import rollups, timeline
from coach.store.db import Connection, Unlocked
from coach.store.watchers import HOUR_MS

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WINDOW, TAB, VIM, AFK = "aw-watcher-window_pc", "aw-watcher-web-firefox_pc", "aw-watcher-vim_pc", "aw-watcher-afk_pc"


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_NOW", NOW.isoformat())


@pytest.fixture
def box(unlocked: Unlocked) -> Inbox:
    box = inbox.opened(unlocked, Config(), ZoneInfo("Europe/Berlin"))
    kinds = {WINDOW: "currentwindow", TAB: "web.tab.current", VIM: "app.editor.activity", AFK: "afkstatus"}
    for name, kind in kinds.items():
        watchers.create(box, name, {"type": kind, "client": "c", "hostname": "pc"}, NOW)
    return box


def put(box: Inbox, name: str, first: float, last: float, now: datetime = NOW, **data: Any) -> None:
    """An event between two minutes before 10:00."""
    event = {"timestamp": (NOW + timedelta(minutes=first)).isoformat(), "duration": (last - first) * 60, "data": data}
    ingest.insert(box, name, [event], now)


def line(db: Connection) -> list[tuple[float, float, str, str]]:
    found = timeline.between(db, NOW - timedelta(days=2), NOW + timedelta(days=2))
    return [((e.start - NOW).total_seconds() / 60, (e.end - NOW).total_seconds() / 60, e.app, e.title) for e in found]


def test_a_tab_refines_its_browser_an_editor_its_terminal_and_time_away_cuts(box: Inbox, db: Connection) -> None:
    put(box, WINDOW, -60, -30, app="Firefox", title="a page")
    put(box, WINDOW, -30, -10, app="xterm", title="vim")
    put(box, TAB, -50, -20, url="https://example.org/x?y=1", title="Example")
    put(box, VIM, -25, -15, file="/h/coach/main.py", project="/h/coach", language="python")
    put(box, AFK, -60, -12, status="not-afk")
    put(box, AFK, -12, -5, status="afk")
    following.catch_up(box)
    assert line(db) == [
        (-60, -50, "Firefox", "a page"), (-50, -30, "firefox", "Example"), (-30, -25, "xterm", "vim"),
        (-25, -15, "vim", "/h/coach/main.py"), (-15, -12, "xterm", "vim"),
    ]
    assert timeline.between(db, NOW - timedelta(minutes=24), NOW)[0].project == "coach"
    assert rollups.disagreements(db, 240) == []


def test_time_that_has_not_come_does_not_count(box: Inbox, db: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    put(box, WINDOW, -5, 30, app="a", title="t")
    put(box, WINDOW, 90, 120, app="b", title="t")
    following.catch_up(box)
    assert line(db) == [(-5, 0, "a", "t")]
    later = NOW + timedelta(minutes=20)
    monkeypatch.setenv("COACH_NOW", later.isoformat())
    put(box, WINDOW, 20, 20, now=later, app="c")
    with inbox.writing(box, later):
        for bucket in box.buckets.values():
            inbox.touch_all(box, bucket)
    following.catch_up(box)
    assert line(db) == [(-5, 0, "a", "t")]  # nobody has said that it went on
    event = {"timestamp": later.isoformat(), "data": {"app": "a", "title": "t"}}
    box.places.clear()
    assert ingest.heartbeat(box, WINDOW, event, 1, later)["duration"] == 0


def test_what_a_killed_process_left_is_derived_by_the_next(box: Inbox, unlocked: Unlocked, db: Connection) -> None:
    put(box, WINDOW, -200, -10, app="a", title="t")
    box.db.close()
    assert line(db) == []
    again = inbox.opened(unlocked, Config(), ZoneInfo("Europe/Berlin"))
    following.catch_up(again)
    assert line(db)[0][0] == -200
    assert line(db)[-1][1] == -10
    assert db.execute("SELECT count(*) FROM watcher_hour").fetchone()[0] == 0
    again.db.close()


def test_a_deleted_event_and_a_deleted_bucket_leave_the_timeline_and_their_words_the_store(box: Inbox, db: Connection) -> None:
    put(box, WINDOW, -60, -50, app="a", title="first")
    put(box, WINDOW, -40, -30, app="a", title="second")
    put(box, TAB, -40, -35, url="https://x.org/", title="third")
    following.catch_up(box)
    assert len(line(db)) == 2
    (first,) = [e for e in next(watchers.events_json(box, WINDOW, None, None, -1, NOW)) if e["data"]["title"] == "first"]
    assert ingest.remove(box, WINDOW, first["id"], NOW)
    following.catch_up(box)
    assert [row[3] for row in line(db)] == ["second"]
    watchers.delete(box, WINDOW, NOW)
    following.catch_up(box)
    assert line(db) == []
    assert [r[0] for r in db.execute("SELECT title FROM context ORDER BY title")] == ["third"]
    assert rollups.disagreements(db, 240) == []


def test_what_the_rule_overwrites_stays_in_the_timeline(box: Inbox, db: Connection) -> None:
    def beat(minutes: float, title: str) -> None:
        event = {"timestamp": (NOW + timedelta(minutes=minutes)).isoformat(), "data": {"app": "a", "title": title}}
        ingest.heartbeat(box, WINDOW, event, 70, NOW)

    for second in range(0, 300, 60):
        beat(-20 + second / 60, "present")
    for second in range(0, 120, 60):
        beat(-100 + second / 60, "past")  # a clock was set back
    shown = [e["data"]["title"] for e in next(watchers.events_json(box, WINDOW, None, None, -1, NOW))]
    assert shown == ["past", "past"]  # as in aw-server, whose newest event is gone now
    following.catch_up(box)
    assert line(db) == [(-100, -99, "a", "past"), (-20, -16, "a", "present")]


@given(st.lists(st.tuples(st.integers(0, 5 * HOUR_MS), st.integers(-10, 2 * HOUR_MS)), max_size=30))
def test_hours_cover_what_each_range_touches(pairs: list[tuple[int, int]]) -> None:
    ranges = [(low, low + length) for low, length in pairs]
    expected: dict[int, tuple[int, int]] = {}
    for low, high in ranges:
        for hour in range(low // HOUR_MS, 8):
            start, end = max(low, hour * HOUR_MS), min(high, (hour + 1) * HOUR_MS)
            if start < end:
                held = expected.get(hour, (start, end))
                expected[hour] = min(start, held[0]), max(end, held[1])
    found: dict[int, tuple[int, int]] = {}
    for start, end, hour in inbox._by_hour(ranges):
        held = found.get(hour, (start, end))
        found[hour] = min(start, held[0]), max(end, held[1])
    assert found == expected


def test_a_list_of_any_length_is_stored_whole_and_in_order(box: Inbox) -> None:
    for number in (49, 50, 51, 120):
        values = [
            {"timestamp": (NOW - timedelta(hours=2, seconds=-n)).isoformat(), "duration": n / 7, "data": {"app": f"a{n % 9}"}}
            for n in range(number)
        ]
        watchers.create(box, f"b{number}", {"type": "currentwindow", "client": "c", "hostname": "pc"}, NOW)
        ingest.insert(box, f"b{number}", values, NOW)
        stored = [event for page in watchers.events_json(box, f"b{number}", None, None, -1, NOW) for event in page][::-1]
        assert [(e["timestamp"], e["data"]) for e in stored] == [(v["timestamp"], v["data"]) for v in values]
        assert [e["duration"] for e in stored] == [round(n / 7, 6) for n in range(number)]


def test_a_number_does_not_pass_for_a_truth_value(box: Inbox) -> None:
    sent = ["1", True, 1, 1.0, "1", None, True]
    at = (NOW - timedelta(hours=1)).isoformat()
    ingest.insert(box, WINDOW, [{"timestamp": at, "data": {"app": "a", "x": value}} for value in sent], NOW)
    found = [e["data"]["x"] for e in next(watchers.events_json(box, WINDOW, None, None, -1, NOW))][::-1]
    assert [(type(value), value) for value in found] == [(type(value), value) for value in sent]
