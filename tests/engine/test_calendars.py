from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from coach.core.errors import InvalidInput, NotFound, Unavailable
from coach.engine import calendars
from coach.integrations import feeds
from coach.store import changes

ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:x\r
BEGIN:VEVENT\r
UID:a\r
DTSTAMP:20260101T000000Z\r
DTSTART:20261120T130000Z\r
DTEND:20261120T140000Z\r
SUMMARY:Board\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "work.ics"
    path.write_text(ICS, newline="")
    return path


def test_added_listed_removed_and_brought_back(db, now, tz, file) -> None:
    row = calendars.add(db, str(file), now, tz)
    assert (row.calendar.name, row.calendar.kind, row.events, row.read.at) == ("work", "file", 1, now)
    assert [b.title for b in calendars.busy(db, now, now + timedelta(days=1))] == ["Board"]
    with pytest.raises(InvalidInput, match="already"):
        calendars.add(db, str(file), now, tz)
    calendars.remove(db, "WORK", now)
    assert calendars.rows(db) == []
    assert calendars.busy(db, now, now + timedelta(days=1)) == []
    changes.undo(db, now)
    assert calendars.refresh(db, now, tz) == 1
    assert [r.events for r in calendars.rows(db)] == [1]


def test_what_cannot_be_read_is_not_added(db, now, tz, tmp_path) -> None:
    (tmp_path / "x.ics").write_text("hello")
    for where, error in ((str(tmp_path / "x.ics"), InvalidInput), (str(tmp_path / "y.ics"), NotFound),
                         ("ftp://x/y.ics", InvalidInput), ("caldav", InvalidInput)):
        with pytest.raises(error):
            calendars.add(db, where, now, tz)
    assert calendars.rows(db) == []
    with pytest.raises(NotFound):
        calendars.sync(db, now, tz, ["nothing"])


def test_only_what_changed_is_read_again_and_a_broken_file_keeps_its_events(db, now, tz, file) -> None:
    calendars.add(db, str(file), now, tz)
    assert calendars.refresh(db, now + timedelta(hours=1), tz) == 0
    file.write_text(ICS.replace("SUMMARY:Board", "SUMMARY:Board meeting"), newline="")
    assert calendars.refresh(db, now + timedelta(hours=1), tz) == 1
    assert calendars.busy(db, now, now + timedelta(days=1))[0].title == "Board meeting"
    file.write_text("hello")
    row = calendars.sync(db, now + timedelta(hours=2), tz)[0]
    assert row.events == 1
    assert row.read.problems == ("work.ics, line 1: this is not iCalendar",)


def test_a_feed_is_asked_once_an_hour_and_shown_by_its_host(db, now, tz, monkeypatch) -> None:
    asked: list[str] = []

    def fetch(address: str, etag: str = "") -> feeds.Feed | None:
        asked.append(etag)
        return None if etag else feeds.Feed(ICS.encode(), "tag")

    monkeypatch.setattr(feeds, "fetch", fetch)
    row = calendars.add(db, "https://cal.example/private-token/x.ics", now, tz)
    assert (row.place, row.calendar.name, row.events) == ("cal.example", "cal.example", 1)
    assert "private-token" not in str(calendars.row_json(row))
    assert calendars.refresh(db, now + timedelta(minutes=59), tz) == 0
    assert calendars.refresh(db, now + timedelta(hours=2), tz, network=False) == 0
    assert calendars.refresh(db, now + timedelta(hours=2), tz) == 1
    assert asked == ["", "tag"]
    assert calendars.rows(db)[0].events == 1
    later = now + timedelta(hours=25)
    assert calendars.refresh(db, later, tz) == 1
    assert asked[2:] == [""], "the range moves on, so that it is read whole once a day"

    def down(address: str, etag: str = "") -> None:
        raise Unavailable("cal.example answered 503")

    monkeypatch.setattr(feeds, "fetch", down)
    assert calendars.refresh(db, later + timedelta(hours=4), tz) == 1
    row = calendars.rows(db)[0]
    assert (row.events, row.read.problems, row.read.failed) == (1, ("cal.example answered 503",), True)
    monkeypatch.setattr(feeds, "fetch", fetch)
    assert calendars.refresh(db, later + timedelta(hours=6), tz) == 1
    assert (calendars.rows(db)[0].read.failed, asked[3:]) == (False, [""])


def test_one_source_that_cannot_be_read_does_not_keep_the_others_from_it(db, now, tz, file, tmp_path) -> None:
    calendars.add(db, str(file), now, tz)
    other = tmp_path / "home.ics"
    other.write_text(ICS.replace("UID:a", "UID:b"), newline="")
    calendars.add(db, str(other), now, tz)
    other.unlink()
    file.write_text(ICS.replace("SUMMARY:Board", "SUMMARY:Board meeting"), newline="")
    rows = {r.calendar.name: r for r in calendars.sync(db, now + timedelta(hours=1), tz)}
    assert (rows["work"].read.failed, rows["home"].read.failed, rows["home"].events) == (False, True, 1)
    assert {b.title for b in calendars.busy(db, now, now + timedelta(days=1))} == {"Board", "Board meeting"}
