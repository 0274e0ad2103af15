"""Calendars in the app: their state in Setup, and reading them again by key or palette."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import parse
from coach.core import change
from coach.core.calendar import Calendar
from coach.engine import calendars, setup
from coach.engine.runtime import Runtime
from coach.store import caldav as kept
from coach.store import calendars as store
from coach.store import changes
from coach.store.db import Connection
from coach.tui.app import CoachApp
from tests.engine.test_calendars import ICS
from tests.tui.driving import press, running


def test_setup_names_each_calendar_its_last_reading_and_what_was_decided(
    db: Connection, runtime: Runtime, now: datetime, tz: ZoneInfo, tmp_path: Path
) -> None:
    file = tmp_path / "work.ics"
    file.write_text(ICS, newline="")
    calendars.add(db, str(file), now, tz)
    server = Calendar("c1", "Team", "caldav", "https://cal.example/secret-path/", now, user="me")
    changes.apply(db, [change.create("calendar", "c1", store.values(server))], now=now, label="add calendar")
    store.note(db, "c1", store.LastRead(now, ("cal.example does not answer",), failed=True))
    kept.tell(db, "“Report” was moved", now)
    config = parse({"calendar": {"blocks": "Team"}})
    view = setup.setup(db, config, runtime.home, now, tz, setup.Live())
    entries = {e.label: e for s in view.sections for e in s.entries}
    assert entries["work"].value == "1 event, read 20 Nov 11:00"
    assert (entries["Team"].value, entries["Team"].on) == ("cal.example does not answer", False)
    assert entries["Blocks in"].value == "Team"
    assert "“Report” was moved." in entries["Blocks in"].about
    assert "secret-path" not in str(setup.setup_json(view))


async def test_f7_reads_the_calendars_again(
    runtime: Runtime, db: Connection, now: datetime, tz: ZoneInfo, tmp_path: Path
) -> None:
    file = tmp_path / "work.ics"
    file.write_text(ICS, newline="")
    calendars.add(db, str(file), now, tz)
    file.write_text(ICS.replace("SUMMARY:Board", "SUMMARY:Board moved"), newline="")
    kept.tell(db, "“Report” was moved", now)
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "f7")
        said = [n.message for n in pilot.app._notifications]
    assert calendars.busy(db, now, now + timedelta(days=1))[0].title == "Board moved"
    assert {"“Report” was moved", "1 calendar read, 1 event"} <= set(said)
    assert calendars.news(db) == [], "what a toast has told is told"
