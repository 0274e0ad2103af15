"""Calendars on a real CalDAV server (Radicale on loopback), read and written, with another client changing them too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, parse
from coach.core import change
from coach.core.errors import Busy, NotFound
from coach.core.plan import Block
from coach.core.task import Task
from coach.engine import block_writing, calendar_accounts, calendar_edit, calendars, plan_why, planning, tasks
from coach.integrations import caldav
from coach.store import blocks, changes
from coach.store import caldav as kept
from coach.store.db import Connection
from tests.integrations.radicale import PASSWORD, USER, Radicale, running

# The fixture's now is Friday 2026-11-20, 11:00 in Berlin.
AT = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
WRITES = parse({"calendar": {"blocks": "Work"}})


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    with running(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@pytest.fixture
def work(radicale: Radicale, db: Connection, now: datetime, tz: ZoneInfo) -> Iterator[str]:
    """The address of an empty calendar Work that Coach knows."""
    address = radicale.calendar("Work")
    account = calendar_accounts.account(db, radicale.address, USER, lambda _: PASSWORD)
    found = calendar_accounts.calendars_of(account)
    calendar_accounts.add(db, account, calendar_accounts.choose(found, ["work"]), Config(), now, tz)
    yield address
    radicale.delete(f"/{USER}/work/")


def ics(uid: str, *lines: str, begin: str = "20261120T130000Z", end: str = "20261120T140000Z", more: str = "") -> str:
    body = "\n".join([f"UID:{uid}", "DTSTAMP:20260101T000000Z", f"DTSTART:{begin}", f"DTEND:{end}", *lines])
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\n{body}\nEND:VEVENT\n{more}END:VCALENDAR\n"


def accepted(db: Connection, now: datetime, tz: ZoneInfo, start: datetime = AT) -> tuple[Task, Block]:
    task = tasks.add(db, "Write report", Config(), now, tz)
    number = len(blocks.with_status(db, "accepted"))
    block = Block(f"0000000{number}-1111-2222-3333-444444444444", task.id, start, start + HOUR, status="accepted")
    changes.apply(db, [change.create("block", block.id, blocks.values(block, now))], now=now, label="accept block")
    return task, block


def moved(db: Connection, block: Block, start: datetime, now: datetime) -> None:
    there = replace(block, start=start, end=start + HOUR)
    edit = change.update("block", block.id, blocks.values(block, now), blocks.values(there, now))
    changes.apply(db, [edit], now=now, label="move block")


def sync(db: Connection, now: datetime, tz: ZoneInfo, config: Config = WRITES) -> tuple[str, ...]:
    """What went wrong; and no block may stand in the calendar twice."""
    row = calendars.sync(db, now, tz, config=config)[0]
    assert row.read.failed == bool(row.read.problems)
    return row.read.problems


def news(db: Connection) -> list[str]:
    return [str(one["text"]) for one in kept.news(db)]


def test_events_are_taken_time_and_those_deleted_there_go(radicale, work, db, now, tz) -> None:
    other = "BEGIN:VEVENT\nUID:weekly\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Berlin:20261127T090000\n" \
        "DTSTART;TZID=Europe/Berlin:20261127T150000\nDTEND;TZID=Europe/Berlin:20261127T160000\nSUMMARY:Moved\nEND:VEVENT\n"
    radicale.put(f"/{USER}/work/weekly.ics", ics(
        "weekly", "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Standup", more=other,
    ).replace("DTSTART:20261120T130000Z", "DTSTART;TZID=Europe/Berlin:20261120T090000").replace(
        "DTEND:20261120T140000Z", "DTEND;TZID=Europe/Berlin:20261120T100000"))
    radicale.put(f"/{USER}/work/day.ics", ics("day", "SUMMARY:Away").replace(
        "DTSTART:20261120T130000Z", "DTSTART;VALUE=DATE:20261121").replace("DTEND:20261120T140000Z", "DTEND;VALUE=DATE:20261122"))
    radicale.put(f"/{USER}/work/secret.ics", ics("secret", "SUMMARY:Doctor", "CLASS:PRIVATE"))
    radicale.put(f"/{USER}/work/old.ics", ics("old", "SUMMARY:Long ago", begin="20200101T130000Z", end="20200101T140000Z"))
    assert sync(db, now, tz) == ()

    def found() -> list[tuple[str, str, bool]]:
        days = calendars.events_between(db, now - timedelta(days=1), now + timedelta(days=20))
        return [(e.title, f"{e.start.astimezone(tz):%d %H:%M}", e.all_day) for e in days]

    assert found() == [
        ("Standup", "20 09:00", False), ("Busy", "20 14:00", False), ("Away", "21 00:00", True), ("Moved", "27 15:00", False),
        ("Standup", "04 09:00", False),
    ]
    assert not any(k.uid == "old" for k in kept.objects(db, calendars.rows(db)[0].calendar.id).values()), "beyond the kept time"
    radicale.delete(f"/{USER}/work/weekly.ics")
    radicale.put(f"/{USER}/work/secret.ics", ics("secret", "SUMMARY:Doctor", "CLASS:CONFIDENTIAL", begin="20261120T133000Z"))
    assert sync(db, now, tz) == ()
    assert found() == [("Busy", "20 14:30", False), ("Away", "21 00:00", True)]


def test_a_block_is_written_moved_and_taken_out_under_its_own_id(radicale, work, db, now, tz) -> None:
    task, block = accepted(db, now, tz)
    assert sync(db, now, tz) == ()
    path = f"/{USER}/work/{block.id}.ics"
    assert list(radicale.items(work)) == [path]
    written = radicale.items(work)[path]
    assert "SUMMARY:Busy" in written
    assert "report" not in written
    assert calendars.busy(db, now, now + timedelta(days=1)) == [], "a block stands in the plan once"
    moved(db, block, AT + HOUR, now)
    assert block_writing.waiting(db, calendars.rows(db)[0].calendar, WRITES, now)
    assert sync(db, now, tz) == ()
    assert not block_writing.waiting(db, calendars.rows(db)[0].calendar, WRITES, now)
    assert "DTSTART:20261120T140000Z" in radicale.items(work)[path]
    assert sync(db, now, tz, parse({"calendar": {"blocks": "Work", "block_titles": "task"}})) == ()
    assert "SUMMARY:Write report" in radicale.items(work)[path]
    tasks.done(db, [task], now)
    assert sync(db, now, tz) == ()
    assert radicale.items(work) == {}
    changes.undo(db, now)
    assert sync(db, now, tz) == ()
    planning.reject(db, [block.id], now)
    assert sync(db, now, tz) == ()
    assert radicale.items(work) == {}
    assert news(db) == []


def test_a_deletion_right_after_the_writing_is_seen_although_the_calendar_is_what_it_was(radicale, work, db, now, tz) -> None:
    _, block = accepted(db, now, tz)
    sync(db, now, tz)
    radicale.delete(f"/{USER}/work/{block.id}.ics")
    assert sync(db, now, tz) == ()
    assert blocks.find(db, block.id).status == "rejected"


def test_what_others_do_to_a_block_comes_back_and_what_they_wrote_into_it_stays(radicale, work, db, now, tz) -> None:
    _, block = accepted(db, now, tz)
    sync(db, now, tz)
    path = f"/{USER}/work/{block.id}.ics"
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:x\nTRIGGER:-PT5M\nEND:VALARM"
    theirs = ics(block.id, "SUMMARY:Deep work", "X-COLOUR;X-SHADE=dark:blue", "ATTENDEE;CN=\"A, B\":mailto:a@b.c", alarm,
                 begin="20261120T150000Z", end="20261120T163000Z")
    radicale.put(path, theirs)
    assert sync(db, now, tz) == ()
    found = blocks.find(db, block.id)
    assert (found.start, found.end, found.status) == (AT + 2 * HOUR, AT + 3.5 * HOUR, "accepted")
    moved(db, found, AT + 3 * HOUR, now)
    assert sync(db, now, tz) == ()
    after = radicale.items(work)[path]
    for line in ("SUMMARY:Deep work", "X-COLOUR;X-SHADE=dark:blue", "DTSTART:20261120T160000Z", "TRIGGER:-PT5M", "mailto:a@b.c"):
        assert line in after, "what others wrote stays, and a title of theirs"
    radicale.delete(path)
    assert sync(db, now, tz) == ()
    assert blocks.find(db, block.id).status == "rejected"
    assert news(db) == ["“Write report”, Fri 20 Nov 17:00: deleted in Work, so the block is rejected"]
    assert plan_why.why(db, Config(), block.id, now, tz).said == (
        "its block, Fri 20 Nov 17:00, was deleted in the calendar, which was seen on Fri 20 Nov 11:00, so it is rejected")


@pytest.mark.parametrize("same", [True, False])
def test_moved_on_both_sides_the_calendar_stands_and_the_person_is_told(same, radicale, work, db, now, tz) -> None:
    _, block = accepted(db, now, tz)
    sync(db, now, tz)
    radicale.put(f"/{USER}/work/{block.id}.ics", ics(block.id, "SUMMARY:Busy", begin="20261120T150000Z", end="20261120T160000Z"))
    moved(db, block, AT + (2 if same else 1) * HOUR, now)
    assert sync(db, now, tz) == ()
    assert blocks.find(db, block.id).start == AT + 2 * HOUR
    assert len(radicale.items(work)) == 1
    told = "“Write report” was moved here to Fri 20 Nov 15:00 and in Work to Fri 20 Nov 16:00: there it stays"
    assert news(db) == ([] if same else [told])


def test_a_change_outlives_a_deletion_on_either_side(radicale, work, db, now, tz) -> None:
    _, one = accepted(db, now, tz)
    _, two = accepted(db, now, tz, AT + 3 * HOUR)
    sync(db, now, tz)
    radicale.delete(f"/{USER}/work/{one.id}.ics")
    moved(db, one, AT + HOUR, now)
    radicale.put(f"/{USER}/work/{two.id}.ics", ics(two.id, "SUMMARY:Busy", begin="20261121T090000Z", end="20261121T100000Z"))
    planning.reject(db, [two.id], now)
    assert sync(db, now, tz) == ()
    assert "DTSTART:20261120T140000Z" in radicale.items(work)[f"/{USER}/work/{one.id}.ics"]
    assert (blocks.find(db, two.id).status, blocks.find(db, two.id).start.day) == ("accepted", 21)
    assert len(news(db)) == 2
    assert len(radicale.items(work)) == 2


def test_changed_between_reading_and_writing_nothing_is_written_over(radicale, work, db, now, tz, monkeypatch) -> None:
    _, block = accepted(db, now, tz)
    sync(db, now, tz)
    path = f"/{USER}/work/{block.id}.ics"
    moved(db, block, AT + HOUR, now)
    put = caldav.Server.replace

    def late(self: caldav.Server, *words: str) -> str:
        monkeypatch.setattr(caldav.Server, "replace", put)
        radicale.put(path, ics(block.id, "SUMMARY:Busy", begin="20261120T170000Z", end="20261120T180000Z"))
        return put(self, *words)

    monkeypatch.setattr(caldav.Server, "replace", late)
    assert sync(db, now, tz) == ()
    assert "DTSTART:20261120T170000Z" in radicale.items(work)[path]
    assert blocks.find(db, block.id).start == AT + 4 * HOUR
    assert len(news(db)) == 1


def test_an_event_that_became_a_series_is_left_to_the_person(radicale, work, db, now, tz) -> None:
    _, block = accepted(db, now, tz)
    sync(db, now, tz)
    path = f"/{USER}/work/{block.id}.ics"
    exception = f"BEGIN:VEVENT\nUID:{block.id}\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID:20261121T130000Z\n" \
        "DTSTART:20261121T150000Z\nDTEND:20261121T160000Z\nSUMMARY:Later that day\nEND:VEVENT\n"
    radicale.put(path, ics(block.id, "SUMMARY:Daily", "RRULE:FREQ=DAILY;COUNT=3", more=exception))
    before = radicale.items(work)[path]
    assert sync(db, now, tz) == ()
    assert news(db) == ["“Write report”: its event in Work repeats now, so Coach leaves it as it is"]
    planning.reject(db, [block.id], now)
    assert sync(db, now, tz) == ()
    assert radicale.items(work)[path] == before
    titles = [(e.title, e.start.hour) for e in calendars.events_between(db, now, now + timedelta(days=5))]
    assert titles == [("Daily", 13), ("Later that day", 15), ("Daily", 13)]


SERIES = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VTIMEZONE
TZID:Europe/Berlin
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
UID:standup
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:20261123T090000
DTEND;TZID=Europe/Berlin:20261123T091500
RRULE:FREQ=DAILY;COUNT=5
SUMMARY:Standup
X-ROOM;X-FLOOR="2:b":Blue
END:VEVENT
BEGIN:VEVENT
UID:standup
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Berlin:20261124T090000
DTSTART;TZID=Europe/Berlin:20261124T110000
DTEND;TZID=Europe/Berlin:20261124T111500
SUMMARY:Late standup
X-WHY:dentist
END:VEVENT
END:VCALENDAR
"""


def test_one_occurrence_is_moved_or_taken_out_and_the_exceptions_of_others_stay(radicale, work, db, now, tz, monkeypatch) -> None:
    path = f"/{USER}/work/standup.ics"
    radicale.put(path, SERIES)
    sync(db, now, tz)
    span = calendars.span(now, tz)

    def starts() -> list[str]:
        found = calendars.events_between(db, now, now + timedelta(days=20))
        return [f"{e.start.astimezone(tz):%d %H:%M} {e.title}" for e in found]

    def find(day: int, hour: int) -> calendar_edit.Occurrence:
        return calendar_edit.find(db, datetime(2026, 11, day, hour, tzinfo=tz).astimezone(UTC))

    calendar_edit.move(db, find(25, 9), datetime(2026, 11, 25, 15, tzinfo=tz).astimezone(UTC), now, span)
    calendar_edit.move(db, find(25, 15), datetime(2026, 11, 25, 16, tzinfo=tz).astimezone(UTC), now, span)
    calendar_edit.cancel(db, find(26, 9), span)
    after = ["23 09:00 Standup", "24 11:00 Late standup", "25 16:00 Standup", "27 09:00 Standup"]
    assert starts() == after
    sync(db, now, tz)
    assert starts() == after
    (written,) = radicale.items(work).values()
    kept_line, new_line = (f"RECURRENCE-ID;TZID=Europe/Berlin:202611{day}T090000" for day in (24, 25))
    assert [written.count(line) for line in (kept_line, "X-WHY:dentist", new_line)] == [1, 1, 1]
    assert "EXDATE;TZID=Europe/Berlin:20261126T090000" in written
    calendar_edit.cancel(db, find(24, 11), span)
    assert starts() == ["23 09:00 Standup", "25 16:00 Standup", "27 09:00 Standup"]

    put = caldav.Server.replace

    def late(self: caldav.Server, *words: str) -> str:
        monkeypatch.setattr(caldav.Server, "replace", put)
        radicale.put(path, SERIES)
        return put(self, *words)

    monkeypatch.setattr(caldav.Server, "replace", late)
    with pytest.raises(Busy):
        calendar_edit.cancel(db, find(27, 9), span)
    sync(db, now, tz)
    assert len(starts()) == 5, "somebody else's version stands"
    radicale.put(path, ics("standup", "SUMMARY:Once", begin="20261123T080000Z", end="20261123T090000Z"))
    sync(db, now, tz)
    calendar_edit.cancel(db, find(23, 9), span)
    assert (radicale.items(work), starts()) == ({}, [])
    with pytest.raises(NotFound):
        find(23, 9)


KILLED = """
import os, signal, sys
from datetime import datetime
from zoneinfo import ZoneInfo
from coach.config import find_home, parse
from coach.engine import calendars, opening
from coach.integrations import caldav
from coach.store.opening import Access
put = caldav.Server.create
def create(self, *words):
    put(self, *words)
    os.kill(os.getpid(), signal.SIGKILL)
caldav.Server.create = create
now = datetime.fromisoformat(sys.argv[1])
db = opening.connect(opening.unlock(find_home(), Access(use_keyring=False), now))
calendars.sync(db, now, ZoneInfo("Europe/Berlin"), config=parse({"calendar": {"blocks": "Work"}}))
"""


def test_killed_between_sending_and_noting_it_writes_nothing_twice(radicale, work, db, now, tz) -> None:
    _, block = accepted(db, now, tz)
    command = [sys.executable, "-c", KILLED, now.isoformat()]
    ran = subprocess.run(command, env=os.environ, check=False, capture_output=True, timeout=60)
    assert ran.returncode == -signal.SIGKILL, ran.stderr.decode()
    assert len(radicale.items(work)) == 1
    moved(db, block, AT + HOUR, now)
    assert sync(db, now, tz) == ()
    (written,) = radicale.items(work).values()
    assert "DTSTART:20261120T140000Z" in written, "moved since: its own sending is no change of others"
    assert news(db) == []


class Gone(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("what", ["replace", "delete"])
def test_cut_off_after_a_change_or_a_deletion_it_goes_on(what, radicale, work, db, now, tz, monkeypatch) -> None:
    _, block = accepted(db, now, tz)
    sync(db, now, tz)
    done = getattr(caldav.Server, what)

    def cut(self: caldav.Server, *words: str) -> str:
        done(self, *words)
        raise Gone

    moved(db, block, AT + HOUR, now)
    if what == "delete":
        planning.reject(db, [block.id], now)
    with monkeypatch.context() as patch:
        patch.setattr(caldav.Server, what, cut)
        with pytest.raises(Gone):
            sync(db, now, tz)
    back = replace(blocks.find(db, block.id), status="rejected")
    edit = change.update("block", block.id, blocks.values(back, now), blocks.values(replace(
        back, start=AT + 2 * HOUR, end=AT + 3 * HOUR, status="accepted"), now))
    changes.apply(db, [edit], now=now, label="move block")
    assert sync(db, now, tz) == ()
    (written,) = radicale.items(work).values()
    assert "DTSTART:20261120T150000Z" in written
    assert blocks.find(db, block.id).status == "accepted"
    assert news(db) == []


def test_blocks_go_over_to_another_calendar_and_a_name_that_is_none_takes_nothing_away(radicale, work, db, now, tz) -> None:
    _, block = accepted(db, now, tz)
    sync(db, now, tz)
    wrong = calendars.sync(db, now, tz, config=parse({"calendar": {"blocks": "Wrok"}}))[0]
    assert wrong.read.problems == ("calendar.blocks names 'Wrok', which is no calendar",)
    assert len(radicale.items(work)) == 1
    home = radicale.calendar("Home")
    try:
        account = calendar_accounts.account(db, radicale.address, USER, lambda _: "")
        found = calendar_accounts.calendars_of(account)
        calendar_accounts.add(db, account, calendar_accounts.choose(found, ["Home"]), Config(), now, tz)
        calendars.sync(db, now, tz, config=parse({"calendar": {"blocks": "Home"}}))
        assert (len(radicale.items(work)), list(radicale.items(home))) == (0, [f"/{USER}/home/{block.id}.ics"])
        calendars.sync(db, now, tz)
        assert radicale.items(home) == {}, "no calendar is named any more"
    finally:
        radicale.delete(f"/{USER}/home/")


def test_removed_from_coach_a_calendar_keeps_its_events_and_its_password_is_forgotten(radicale, work, db, now, tz) -> None:
    accepted(db, now, tz)
    sync(db, now, tz)
    calendars.remove(db, "Work", now)
    assert len(radicale.items(work)) == 1
    assert db.execute("SELECT count(*) FROM calendar_password").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM calendar_object").fetchone()[0] == 0
    changes.undo(db, now)
    assert sync(db, now, tz)[0].startswith("the password for 127.0.0.1 is not kept here")
    calendar_accounts.set_password(db, "Work", lambda _: PASSWORD)
    assert sync(db, now, tz) == ()
    assert len(radicale.items(work)) == 1, "found again, not written twice"


def test_of_a_calendar_whose_adding_was_undone_nothing_is_kept(radicale, work, db, now, tz) -> None:
    radicale.put(f"/{USER}/work/a.ics", ics("a", "SUMMARY:Board"))
    sync(db, now, tz)
    changes.undo(db, now)
    calendars.refresh(db, now, tz)
    for table in ("calendar_password", "calendar_object", "block_link", "calendar"):
        assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0, table
