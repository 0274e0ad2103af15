from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coach.config import Config, home_at
from coach.core.errors import InvalidInput
from coach.core.event import Event
from coach.core.timeline import CUT_MS, Stretch, derive
from coach.core.when import to_ms
from coach.engine import activity, categories, manual
from coach.engine.categories import Rules
from coach.store import bulk, chat, events, opening, rollups, timeline
from coach.store.db import Connection, connect, transaction
from coach.store.opening import Access

START = datetime(2026, 3, 28, 20, 0, tzinfo=UTC)
"""The evening before daylight saving begins in Berlin."""
BERLIN = ZoneInfo("Europe/Berlin")


def beat(source: str, start_s: float, length_s: float, app: str = "", title: str = "", **data: str) -> Event:
    start = START + timedelta(seconds=start_s)
    return Event(start, start + timedelta(seconds=length_s), source, app, title, data=data)


def line(db: Connection) -> list[tuple[int, int, str]]:
    return [
        (round((e.start - START).total_seconds()), round((e.end - START).total_seconds()), e.app)
        for e in timeline.between(db, START - timedelta(days=1), START + timedelta(days=3))
    ]


def rules(db: Connection) -> Rules:
    return categories.load(db, Config())


def test_heartbeats_merge_and_the_timeline_follows(db: Connection) -> None:
    known = rules(db)
    for second in range(0, 60, 2):
        activity.record(db, [beat("x11", second, 2, "xterm", "vim")], 1.0, known, BERLIN)
    for second in range(60, 90, 2):
        activity.record(db, [beat("x11", second, 2, "firefox", "News")], 1.0, known, BERLIN)
    assert line(db) == [(0, 60, "xterm"), (60, 90, "firefox")]
    assert len(activity.log(db, START, START + timedelta(hours=1))) == 2
    assert db.execute("SELECT count(*) FROM timeline").fetchone()[0] == 2


def test_idle_is_cut_at_the_last_input(db: Connection) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 400, "xterm")], 1.0, known, BERLIN)
    activity.record(db, [beat("afk", 100, 300, status="afk"), beat("x11", 400, 100, "xterm")], 1.0, known, BERLIN)
    activity.record(db, [beat("afk", 400, 50, status="afk"), beat("afk", 450, 50, status="not-afk")], 1.0, known, BERLIN)
    assert line(db) == [(0, 100, "xterm"), (450, 500, "xterm")]
    timeline.roll(db, known.day_start_min)
    assert rollups.disagreements(db, known.day_start_min) == []


def test_a_call_without_input_is_not_being_away(db: Connection) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 3000, "zoom")], 1.0, known, BERLIN)
    activity.record(db, [beat("afk", 10, 2000, status="afk")], 1.0, known, BERLIN)
    assert line(db) == [(0, 3000, "zoom")]


def test_rows_end_where_the_clocks_change(db: Connection) -> None:
    """Berlin's clocks go forward at 01:00 UTC: five hours after START."""
    known = rules(db)
    activity.record(db, [beat("x11", 16_000, 1000, "firefox")], 1.0, known, BERLIN)
    activity.record(db, [beat("x11", 17_000, 3000, "firefox")], 1.0, known, BERLIN)
    lived = [(r[0] // 1000 - round(START.timestamp()), r[1]) for r in db.execute("SELECT start_ms, offset_min FROM timeline")]
    assert lived == [(16_000, 60), (18_000, 120)]
    timeline.roll(db, known.day_start_min)
    assert {r[0]: r[1] for r in db.execute("SELECT hour, sum(ms) / 1000 FROM rollup_hour GROUP BY hour")} == {1: 2000, 3: 2000}
    rows = [tuple(r) for r in db.execute("SELECT start_ms, end_ms, context, offset_min FROM timeline")]
    db.execute("DELETE FROM timeline")
    with transaction(db):
        whole = (rows[0][0], rows[1][1], rows[0][2])
        bulk.line(db, 1, [whole, (whole[1], whole[1], whole[2])], lambda ms: activity.offset_min(ms, BERLIN))
    assert [tuple(r) for r in db.execute("SELECT start_ms, end_ms, context, offset_min FROM timeline")] == rows


def test_a_derivation_writes_nothing_where_nothing_changed(db: Connection) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 3600, "firefox"), beat("x11", 3600, 600, "xterm"), beat("x11", 9000, 600, "zoom")], 1.0,
                    known, BERLIN)
    activity.record(db, [beat("tmux", 3700, 200, "vim")], 1.0, known, BERLIN)
    timeline.roll(db, known.day_start_min)
    before = db.total_changes
    activity.rebuild(db, to_ms(START), to_ms(START) + 20_000_000, known, BERLIN)
    assert db.total_changes == before


def test_a_manual_entry_beats_what_was_seen(db: Connection, tz: ZoneInfo) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 3600, "firefox")], 1.0, known, BERLIN)
    manual.tag(
        db, START + timedelta(seconds=600), START + timedelta(seconds=1200), "Team meeting", known, tz, START + timedelta(hours=2)
    )
    assert line(db) == [(0, 600, "firefox"), (600, 1200, "manual"), (1200, 3600, "firefox")]
    timeline.roll(db, known.day_start_min)
    assert rollups.disagreements(db, known.day_start_min) == []


def test_erasing_a_range_is_real(db: Connection, tz: ZoneInfo) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 3600, "firefox", "planted-secret"), beat("x11", 3600, 60, "xterm")], 1.0, known, BERLIN)
    activity.erase_range(
        db, START + timedelta(seconds=600), START + timedelta(seconds=1200), known, tz, START + timedelta(hours=2)
    )
    assert line(db) == [(0, 600, "firefox"), (1200, 3600, "firefox"), (3600, 3660, "xterm")]
    activity.erase_range(db, START, START + timedelta(hours=2), known, tz, START + timedelta(hours=2), app="firefox")
    assert line(db) == [(3600, 3660, "xterm")]
    assert db.execute("SELECT count(*) FROM context WHERE title = 'planted-secret'").fetchone()[0] == 0
    timeline.roll(db, known.day_start_min)
    assert rollups.disagreements(db, known.day_start_min) == []


def test_travel_leaves_the_past_as_it_was_lived(db: Connection) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 3000, "firefox")], 1.0, known, BERLIN)
    timeline.roll(db, known.day_start_min)
    lived = {tuple(r) for r in db.execute("SELECT day, hour FROM rollup_hour")}
    start, now = START + timedelta(seconds=600), START + timedelta(hours=2)
    manual.tag(db, start, start + timedelta(minutes=5), "Call", known, ZoneInfo("Asia/Tokyo"), now)
    timeline.roll(db, known.day_start_min)
    assert {tuple(r) for r in db.execute("SELECT day, hour FROM rollup_hour")} == lived
    assert {r[0] for r in db.execute("SELECT offset_min FROM timeline")} == {60}
    activity.record(db, [beat("x11", 3600, 60, "firefox")], 1.0, known, ZoneInfo("Asia/Tokyo"))
    assert db.execute("SELECT offset_min FROM timeline ORDER BY start_ms DESC LIMIT 1").fetchone()[0] == 540


def test_a_range_that_ends_before_it_starts_erases_nothing(db: Connection, tz: ZoneInfo) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 3600, "firefox")], 1.0, known, BERLIN)
    later, earlier = START + timedelta(seconds=1200), START + timedelta(seconds=600)
    with pytest.raises(InvalidInput, match="ends before"):
        activity.erase_range(db, later, earlier, known, tz, START + timedelta(hours=2))
    assert line(db) == [(0, 3600, "firefox")]


def test_a_clock_that_was_once_ahead_does_no_harm_for_good(db: Connection) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 86_400 * 900, 60, "firefox")], 1.0, known, BERLIN)
    for second in range(0, 60, 2):
        activity.record(db, [beat("x11", second, 2, "xterm", "vim")], 1.0, known, BERLIN)
    assert line(db) == [(0, 60, "xterm")]
    assert db.execute("SELECT count(*) FROM event").fetchone()[0] == 2
    present = timeline.newest(db, START + timedelta(seconds=61))
    assert present
    assert present.app == "xterm"
    timeline.roll(db, known.day_start_min)
    assert rollups.disagreements(db, known.day_start_min) == []


def test_erasing_cuts_what_reaches_over_its_edges(db: Connection, tz: ZoneInfo) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 3600, "firefox"), beat("manual", 600, 0, "zoom")], 1.0, known, BERLIN)
    now = START + timedelta(hours=2)
    assert activity.erase_range(db, START - timedelta(hours=1), START + timedelta(seconds=1200), known, tz, now) == 2
    assert line(db) == [(1200, 3600, "firefox")]
    assert activity.erase_range(db, START + timedelta(hours=1), START + timedelta(hours=3), known, tz, now) == 0
    assert line(db) == [(1200, 3600, "firefox")]


def test_erasing_an_app_over_months_leaves_the_others(db: Connection, tz: ZoneInfo) -> None:
    known = rules(db)
    for day in range(0, 75, 25):
        at = day * 86_400
        activity.record(db, [beat("x11", at, 600, "firefox"), beat("x11", at + 600, 600, "xterm")], 1.0, known, BERLIN)
    chat.add(db, START, "how long was I in firefox?", "10 min", {})
    assert activity.erase_range(db, START, START + timedelta(days=90), known, tz, START, app="firefox") == 3
    assert [e.app for e in timeline.between(db, START, START + timedelta(days=90))] == ["xterm"] * 3
    timeline.roll(db, known.day_start_min)
    assert rollups.disagreements(db, known.day_start_min) == []
    assert chat.latest(db) == []


def test_a_day_long_ago_is_found_beside_an_event_of_a_week(db: Connection) -> None:
    known = rules(db)
    activity.record(db, [beat("x11", 0, 7 * 86_400, "player"), beat("manual", 600, 60, "zoom")], 1.0, known, BERLIN)
    middle = START + timedelta(days=3)
    assert [e.app for e in activity.log(db, middle, middle + timedelta(hours=1))] == ["player"]
    assert [e.app for e in activity.log(db, START, START + timedelta(hours=1))] == ["player", "zoom"]


BEATS = st.lists(
    st.tuples(
        st.sampled_from(["x11", "tmux", "afk", "manual"]), st.integers(0, 40_000), st.integers(0, 9_000),
        st.sampled_from(["xterm", "firefox", "zoom", "vim"]), st.sampled_from(["afk", "not-afk"]),
    ),
    max_size=40,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BEATS)
def test_any_stream_keeps_the_laws(stream: list[tuple[str, int, int, str, str]]) -> None:
    """In any order, overlapping, from several sources, across the daylight-saving night: rows never overlap, the
    incremental timeline equals one derived at once, and the roll-ups equal a recount."""
    with TemporaryDirectory() as folder:
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), START), durable=False)
        known = rules(db)
        for index, (source, start_s, length_s, app, status) in enumerate(stream):
            one = beat("afk", start_s, length_s, status=status) if source == "afk" else beat(source, start_s, length_s, app)
            activity.record(db, [one], 1.0, known, BERLIN)
            if index % 7 == 0:
                timeline.roll(db, known.day_start_min)
        timeline.roll(db, known.day_start_min)
        assert rollups.disagreements(db, known.day_start_min) == []
        found = line(db)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(found))
        activity.rebuild(db, 0, 2**42, known, BERLIN)
        timeline.roll(db, known.day_start_min)
        assert line(db) == found
        assert rollups.disagreements(db, known.day_start_min) == []
        total_ms = db.execute("SELECT coalesce(sum(ms), 0) FROM rollup_hour").fetchone()[0]
        assert total_ms == db.execute("SELECT coalesce(sum(end_ms - start_ms), 0) FROM timeline").fetchone()[0]
        fullest = "SELECT coalesce(max(t), 0) FROM (SELECT sum(ms) AS t FROM rollup_hour GROUP BY day, hour)"
        assert db.execute(fullest).fetchone()[0] <= 2 * 3_600_000  # an hour that the clock showed twice
        db.close()


SOURCES = ("x11", "other", "chrome", "tmux", "vim", "afk", "manual", "calendar")
KINDS = ("window", "window", "tab", "terminal", "editor", "afk", "manual", "meeting")
APPS = {"x11": ("firefox", "xterm", "zoom"), "other": ("code", "firefox"), "chrome": ("tab",), "tmux": ("shell",),
        "vim": ("vim",), "afk": ("",), "manual": ("manual",), "calendar": ("meeting",)}
STREAM = st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(0, 4), st.integers(1, 9), st.integers(0, 2)), max_size=20)
"""(source, gap and length in steps of ten minutes, which of its apps): much of it begins and ends together."""


def beats(stream: list[tuple[str, int, int, int]]) -> list[list[Event]]:
    """Each source's heartbeats in order, without overlap, across the daylight-saving night and a cut of the timeline."""
    ends = dict.fromkeys(SOURCES, 14_400)  # an hour before the clocks change
    made: dict[str, list[Event]] = {name: [] for name in SOURCES}
    for source, gap, steps, number in stream:
        start_s, length_s = ends[source] + gap * 600, steps * 600
        ends[source] = start_s + length_s
        app = APPS[source][number % len(APPS[source])]
        data = {"status": "afk" if number else "not-afk"} if source == "afk" else {}
        made[source].append(beat(source, start_s, length_s, app, f"{app} {number}", **data))
    return [found for found in made.values() if found]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(STREAM, st.randoms(use_true_random=False))
@example([("x11", 0, 3, 0), ("other", 0, 5, 0)], Random(1))
@example([("x11", 0, 3, 0), ("other", 0, 5, 0)], Random(2))
@example([("x11", 0, 9, 1), ("tmux", 1, 9, 0), ("x11", 0, 9, 1)], Random(3))
@example([("x11", 0, 9, 0), ("chrome", 8, 2, 0)], Random(3))
@example([*[("x11", 0, 1, 0)] * 5, ("x11", 0, 7, 0), ("chrome", 0, 5, 0), ("chrome", 4, 6, 0), ("chrome", 0, 3, 0)], Random(1))
def test_the_order_of_arrival_does_not_matter(db: Connection, stream: list[tuple[str, int, int, int]], chance: Random) -> None:
    """Whichever source reports first, in pieces or at once: one timeline, and every millisecond of it from a source."""
    known = rules(db)
    with transaction(db):
        for name, kind in zip(SOURCES, KINDS, strict=True):
            events.bucket(db, name, events.BUCKET_TYPES[kind], START)
    found = []
    for turn in range(2):
        for table in ("event", "timeline", "context", "rollup_hour", "rollup_day", "focus_hour"):
            db.execute(f"DELETE FROM {table}")
        waiting = beats(stream)
        while waiting:
            source = chance.choice(waiting) if turn else waiting[0]
            one = source.pop(0)
            half = one.start + one.duration_s * timedelta(seconds=0.5)
            parts = [one] if chance.random() < 0.5 else [replace(one, end=half), replace(one, start=half)]
            for part in parts:
                activity.record(db, [part], 0.5, known, BERLIN)
            waiting = [w for w in waiting if w]
        timeline.roll(db, known.day_start_min)
        assert rollups.disagreements(db, known.day_start_min) == []
        found.append([tuple(r) for r in db.execute(
            "SELECT t.start_ms, t.end_ms, t.offset_min, c.title, t.bucket FROM timeline t JOIN context c ON c.id = t.context"
            " ORDER BY t.start_ms"
        )])
    assert found[0] == found[1]
    for start_ms, end_ms, offset, title, bucket in found[0]:
        for at_ms in (start_ms, end_ms - 1):
            assert activity.offset_min(at_ms, BERLIN) == offset
            assert db.execute(
                "SELECT 1 FROM event e JOIN context c ON c.id = e.context WHERE e.start_ms <= ? AND e.end_ms > ? AND c.title = ?"
                " AND e.bucket = ?", (at_ms, at_ms, title, bucket),
            ).fetchone()


BUCKETS = ("window", "terminal", "tab", "manual", "editor")
"""A bucket has one type."""
STRETCHES = st.lists(
    st.builds(
        lambda start, length, kind, context: Stretch(start, start + length, kind, context, BUCKETS.index(kind)),
        st.integers(0, 2 * CUT_MS), st.integers(0, CUT_MS), st.sampled_from(BUCKETS),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(STRETCHES, st.lists(st.tuples(st.integers(0, CUT_MS), st.integers(0, CUT_MS)), max_size=3))
def test_derive_is_ordered_disjoint_and_never_invents(stretches: list[Stretch], away: list[tuple[int, int]]) -> None:
    found = derive(stretches, [(a, a + b) for a, b in away], {1: "firefox", 2: "xterm", 3: "zoom"}.__getitem__)
    assert all(a.end_ms <= b.start_ms for a, b in itertools.pairwise(found))
    for row in found:
        assert row.end_ms - row.start_ms <= CUT_MS
        middle = (row.start_ms + row.end_ms) // 2
        assert any(s.start_ms <= middle <= s.end_ms and s.context == row.context for s in stretches)
        assert row.kind == "manual" or not any(a < middle < a + b for a, b in away)
