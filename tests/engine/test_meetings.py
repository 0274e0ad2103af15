"""Appointments count as meetings while nobody is at the keyboard, never twice, never where they should not be known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core import change
from coach.core.calendar import CalendarEvent
from coach.core.event import Event
from coach.engine import activity, categories, meetings, tracking
from coach.store import calendars, changes, rollups, timeline
from coach.store.calendars import LastRead
from coach.store.db import Connection

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def appointments(db: Connection, *found: tuple[float, float, str], calendar: str = "work", **more: bool) -> None:
    if not changes.read(db, "calendar", "id = ?", (calendar,)):
        values = {"name": calendar, "kind": "file", "location": calendar, "enabled": 1, "created": "2026-01-01T00:00:00Z"}
        changes.apply(db, [change.create("calendar", calendar, values)], now=START, label="add calendar")
    events = [CalendarEvent(f"u{a}", at(a), at(b), title=title, **more) for a, b, title in found]
    calendars.replace_events(db, calendar, events, LastRead())


def lived(db: Connection, *found: tuple[float, float, str]) -> None:
    rules = categories.load(db, Config())
    beats = [
        Event(at(a), at(b), "afk", data={"status": "afk"}) if app == "afk" else Event(at(a), at(b), "x11", app, app)
        for a, b, app in found
    ]
    activity.record(db, beats, 1.0, rules, BERLIN)


def follow(db: Connection, minute: float, config: Config | None = None) -> int:
    rules = categories.load(db, Config())
    done = meetings.follow(db, config or Config(), rules, BERLIN, at(minute))
    activity.roll(db, rules, at(minute))
    assert rollups.disagreements(db, rules.day_start_min) == []
    return done


def line(db: Connection) -> Sequence[tuple[int, int, str]]:
    return [
        (round((e.start - START).total_seconds() / 60), round((e.end - START).total_seconds() / 60), e.title)
        for e in timeline.between(db, at(-3000), at(6000))
    ]


@pytest.fixture(autouse=True)
def _consent(db: Connection) -> None:
    tracking.set_consent(db, True, START)


def test_a_meeting_fills_what_nobody_else_claims(db: Connection) -> None:
    lived(db, (0, 60, "code"), (20, 50, "afk"), (80, 100, "code"))
    appointments(db, (10, 75, "Review"))
    assert follow(db, 200) == 1
    assert line(db) == [(0, 20, "code"), (20, 50, "Review"), (50, 60, "code"), (60, 75, "Review"), (80, 100, "code")]
    assert timeline.between(db, at(20), at(50))[0].category == "Communication > Calls"
    assert follow(db, 201) == 0
    before = line(db)
    activity.rebuild(db, 0, 2**42, categories.load(db, Config()), BERLIN)
    assert line(db) == before


def test_a_running_meeting_grows_and_two_calendars_do_not_double_it(db: Connection) -> None:
    lived(db, (0, 10, "code"))
    appointments(db, (10, 40, "Review"))
    appointments(db, (10, 40, "Review"), (20, 30, "Other"), calendar="home")
    follow(db, 15)
    assert line(db) == [(0, 10, "code"), (10, 15, "Review")]
    follow(db, 16)
    assert line(db)[-1] == (10, 16, "Review")
    follow(db, 90)
    assert line(db) == [(0, 10, "code"), (10, 20, "Review"), (20, 30, "Other"), (30, 40, "Review")]


def test_a_call_stays_the_call(db: Connection) -> None:
    lived(db, (0, 60, "zoom"), (5, 55, "afk"))
    appointments(db, (0, 60, "Review"))
    follow(db, 100)
    assert line(db) == [(0, 60, "zoom")]


def test_what_was_not_attended_or_not_busy_is_no_meeting(db: Connection) -> None:
    lived(db, (0, 60, "code"))
    appointments(db, (91, 120, "Far from any work"), (-200, -100, "Long before"))
    appointments(db, (60, 80, "Holiday"), calendar="free", busy=False)
    appointments(db, (60, 80, "Birthday"), calendar="days", all_day=True)
    assert follow(db, 300) == 0
    appointments(db, (89, 120, "Near"))
    assert follow(db, 300) == 1


def test_what_moves_or_goes_in_the_calendar_does_so_here(db: Connection) -> None:
    lived(db, (0, 10, "code"), (100, 110, "code"))
    appointments(db, (10, 40, "Review"))
    follow(db, 200)
    appointments(db, (20, 60, "Review"))
    assert follow(db, 201) == 2
    assert line(db) == [(0, 10, "code"), (20, 60, "Review"), (100, 110, "code")]
    appointments(db)
    follow(db, 202)
    assert line(db) == [(0, 10, "code"), (100, 110, "code")]


def test_consent_setting_pause_and_exclusions_keep_meetings_out(db: Connection) -> None:
    lived(db, (0, 10, "code"), (100, 110, "code"))
    appointments(db, (10, 70, "Doctor"))
    config = Config()
    assert follow(db, 50, replace(config, tracking=replace(config.tracking, meetings=False))) == 0
    tracking.set_consent(db, False, START)
    assert follow(db, 50) == 0
    tracking.set_consent(db, True, START)
    tracking.pause(db, at(30), 30)
    for minute in range(31, 62):
        follow(db, minute)
    follow(db, 120)
    assert [row for row in line(db) if row[2] == "Doctor"] == [(10, 30, "Doctor"), (60, 70, "Doctor")]
    tracking.exclude(db, "title", "doctor", "drop", at(120))
    follow(db, 121)
    assert line(db) == [(0, 10, "code"), (100, 110, "code")]


def test_an_erased_meeting_does_not_come_back(db: Connection) -> None:
    lived(db, (0, 10, "code"), (100, 110, "code"))
    appointments(db, (10, 70, "Review"))
    follow(db, 120)
    rules = categories.load(db, Config())
    activity.erase_range(db, at(20), at(40), rules, BERLIN, at(120))
    follow(db, 121)
    assert [row for row in line(db) if row[2] == "Review"] == [(10, 20, "Review"), (40, 70, "Review")]
    activity.erase_range(db, at(-9999), at(9999), rules, BERLIN, at(122), app="meeting")
    follow(db, 123)
    assert line(db) == [(0, 10, "code"), (100, 110, "code")]
