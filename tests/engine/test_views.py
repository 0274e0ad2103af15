"""Today and Plan as values, from a real store."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home, NudgeConfig
from coach.core import change
from coach.core.nudge import Nudge
from coach.core.when import to_ms
from coach.engine import plan_view, planning, setup, tasks, tracking, views
from coach.store import bulk, changes, nudges
from coach.store.db import Connection
from tests.engine import filled
from tests.engine.filled import TODAY, at, fortnight

DAY = timedelta(days=1)


@pytest.fixture
def now() -> datetime:
    return filled.NOW


def meeting(db: Connection, start: datetime, minutes: int, title: str, *, all_day: bool = False) -> None:
    values = {"name": "Work", "kind": "ics", "location": "", "enabled": 1, "created": "2026-11-01T00:00:00Z"}
    changes.apply(db, [change.create("calendar", title, values)], now=start, label="add calendar")
    end = start + timedelta(minutes=minutes)
    row = {"uid": title, "start_ms": to_ms(start), "end_ms": to_ms(end), "title": title}
    bulk.calendar_events(db, title, [row])
    if all_day:
        db.execute("UPDATE calendar_event SET all_day = 1 WHERE uid = ?", (title,))


def test_today_in_an_empty_store(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    view = views.today(db, config, now, tz)
    assert (view.tracking, view.current, view.tasks, view.focus.score) == ("no consent", None, (), None)
    assert view.nudge is None
    assert "may come any time, 0 of 6" in view.nudge_words


def test_today_says_what_is_in_front(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    fortnight(db)
    tracking.set_consent(db, True, now)
    view = views.today(db, config, now, tz)
    assert view.tracking == "on"
    assert view.current is not None
    assert (view.current.app, view.current.since) == ("nvim", at(TODAY, 15))
    assert views.today(db, config, now + timedelta(minutes=5), tz).current is None


def test_today_lists_the_late_before_the_due_and_fills_up(db, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for text in ("Someday", "Tonight due:2026-11-19T18:00", "Late due:2026-11-18", "Hidden wait:2026-12-01"):
        tasks.add(db, text, config, now, tz)
    view = views.today(db, config, now, tz)
    assert [(g.name, [r.task.title for r in g.rows]) for g in view.tasks] == [
        ("overdue", ["Late"]), ("today", ["Tonight"]), ("next", ["Someday"]),
    ]


def test_the_next_meeting_is_the_one_ahead(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    meeting(db, now - timedelta(minutes=10), 30, "Running")
    meeting(db, now + timedelta(minutes=30), 30, "Ahead")
    meeting(db, at(TODAY, 0), 1440, "Holiday", all_day=True)
    view = views.today(db, config, now, tz)
    assert [m.title for m in view.meetings] == ["Running", "Ahead"]
    assert view.next_meeting is not None
    assert view.next_meeting.title == "Ahead"


def test_the_nudge_line_says_why_coach_is_quiet(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    nudges.insert(db, Nudge("n", now - timedelta(minutes=5), "late", "neutral", "coach", "bank", "Begin.", status="shown"))
    view = views.today(db, config, now, tz)
    assert view.nudge is not None
    assert (view.nudge.text, view.nudge_words) == ("Begin.", "next nudge not before 16:00, 1 of 6 today")
    for settings, words in (
        (NudgeConfig(enabled=False), "nudges are off"), (NudgeConfig(daily_cap=1), "1 nudges today, that is the cap"),
        (NudgeConfig(quiet_start="15:00", quiet_end="16:00"), "quiet hours until 16:00"),
    ):
        assert words in views.today(db, Config(nudge=settings), now, tz).nudge_words


def test_the_stamp_changes_with_edits_minutes_and_windows_only(db, config: Config, now: datetime, tz: ZoneInfo) -> None:
    fortnight(db)
    before = views.today_stamp(db, now)
    assert views.today_stamp(db, now + timedelta(seconds=3)) == before
    assert views.today_stamp(db, now + timedelta(seconds=60)) != before
    tasks.add(db, "Something", config, now, tz)
    assert views.today_stamp(db, now) != before


def test_a_plan_is_shown_accepted_and_refused(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for text in ("Report ~60m due:2026-11-21", "Call ~15m p1"):
        tasks.add(db, text, config, now, tz)
    assert all(not d.blocks for d in plan_view.plan(db, config, now, tz).days)
    empty = plan_view.stamp(db, config, now, tz)
    planning.replan(db, config, now, tz)
    view = plan_view.plan(db, config, now, tz)
    assert plan_view.stamp(db, config, now, tz) != empty
    blocks = [b for d in view.days for b in d.blocks]
    assert {b.title for b in blocks} == {"Report", "Call"}
    assert all(b.block.reasons for b in blocks)
    planning.accept(db, [blocks[0].block.id], now)
    planning.reject(db, [blocks[1].block.id], now)
    after = [b for d in plan_view.plan(db, config, now, tz).days for b in d.blocks]
    assert [(b.block.id, b.block.status) for b in after] == [(blocks[0].block.id, "accepted")]


def test_what_has_no_place_is_named_with_what_would_help(db, config: Config, now: datetime, tz: ZoneInfo) -> None:
    tasks.add(db, "Impossible ~60m {2026-11-19T15:30}", config, now, tz)
    planning.replan(db, config, now, tz)
    (left,) = plan_view.plan(db, config, now, tz).unplaced
    assert left.title == "Impossible"
    assert left.reason
    assert left.would_fit_if


def test_a_whole_day_event_is_named_but_not_drawn(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    meeting(db, at(TODAY, 0), 1440, "Holiday", all_day=True)
    day = plan_view.plan(db, config, now, tz).days[0]
    assert (day.all_day, day.meetings) == (("Holiday",), ())


def test_json_of_today_has_plain_values(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    import json

    fortnight(db)
    tasks.add(db, "Tonight due:2026-11-19T18:00 ~15m", config, now, tz)
    planning.replan(db, config, now, tz)
    plain = json.loads(json.dumps(views.today_json(views.today(db, config, now, tz))))
    assert plain["day"] == "2026-11-19"
    assert plain["tasks"][0]["title"] == "Tonight"
    assert plain["focus"]["n_hours"] == 6
    assert plain["blocks"][0]["title"] == "Tonight"


@pytest.mark.parametrize(("tracker", "words"), [
    ("on", "this process"), ("elsewhere", "another Coach process"), ("paused", "nobody while paused"), ("off", "nobody"),
])
def test_setup_names_who_tracks(
    db: Connection, config: Config, home: Home, now: datetime, tz: ZoneInfo, tracker: str, words: str
) -> None:
    view = setup.setup(db, config, home, now, tz, setup.Live(tracker))
    entries = {entry.id: entry for section in view.sections for entry in section.entries}
    assert entries["tracker"].value == words
