"""Calendars, which are records of the change log, and their events, which are a cache replaced calendar by calendar."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coach.core.calendar import Calendar, CalendarEvent
from coach.core.errors import NotFound
from coach.core.when import from_ms, iso, parse_iso, to_ms
from coach.store import changes
from coach.store.db import Connection, meta, set_meta, transaction

NOT_OWN = (
    "NOT EXISTS (SELECT 1 FROM block_link l WHERE l.block = e.uid AND l.calendar = e.calendar AND l.left = 0)"
    " AND NOT EXISTS (SELECT 1 FROM block b WHERE b.id = e.uid AND b.status = 'accepted'"
    " AND unixepoch(b.start) * 1000 = e.start_ms)"
)
"""Leaves out of `calendar_event e` what is a plan block: it stands there once, as the block."""


def every(db: Connection) -> list[Calendar]:
    """All calendars, by name."""
    return [_calendar(r) for r in changes.read(db, "calendar", "1 ORDER BY name, id")]


def find(db: Connection, ref: str) -> Calendar:
    """By name, id, or an unambiguous beginning of the id (4 characters or more). Raises NotFound."""
    known = every(db)
    matches = (
        [c for c in known if c.id == ref], [c for c in known if c.name.casefold() == ref.casefold()],
        [c for c in known if len(ref) >= 4 and c.id.startswith(ref)],
    )
    for match in matches:
        if len(match) == 1:
            return match[0]
    if any(matches):
        raise NotFound(f"more than one calendar is meant by {ref!r}", "its id tells them apart: `coach calendar list`")
    names = ", ".join(repr(c.name) for c in known)
    raise NotFound(f"there is no calendar {ref!r}", f"there are: {names}" if names else "`coach calendar add` brings one in")


def values(calendar: Calendar) -> dict[str, Any]:
    """The fields of a calendar as a change holds them."""
    return {
        "name": calendar.name, "kind": calendar.kind, "location": calendar.location, "enabled": int(calendar.enabled),
        "created": iso(calendar.created), "user": calendar.user or None,
    }


@dataclass(frozen=True, slots=True)
class LastRead:
    """When a calendar was last looked at and last read whole (None: never), what could not be read, the mark of what was
    read (a feed's ETag), and whether the last look found nothing readable."""

    at: datetime | None = None
    problems: tuple[str, ...] = ()
    mark: str = ""
    whole: datetime | None = None
    failed: bool = False


def replace_events(db: Connection, calendar_id: str, events: Iterable[CalendarEvent], read: LastRead) -> None:
    """The calendar's events as they are now; the old ones are forgotten."""
    with transaction(db):
        db.execute("DELETE FROM calendar_event WHERE calendar = ?", (calendar_id,))
        _insert(db, calendar_id, events)
        note(db, calendar_id, read)


def replace_events_of(db: Connection, calendar_id: str, uids: Iterable[str], events: Iterable[CalendarEvent]) -> None:
    """The events of these UIDs as they are now; the others stay. Wants a surrounding transaction."""
    db.executemany("DELETE FROM calendar_event WHERE calendar = ? AND uid = ?", ((calendar_id, uid) for uid in uids))
    _insert(db, calendar_id, events)


def note(db: Connection, calendar_id: str, read: LastRead) -> None:
    plain = {
        "at": iso(read.at), "problems": list(read.problems), "mark": read.mark, "whole": iso(read.whole), "failed": read.failed,
    }
    set_meta(db, f"calendar_read.{calendar_id}", json.dumps(plain))


def last_read(db: Connection, calendar_id: str) -> LastRead:
    plain = meta(db, f"calendar_read.{calendar_id}")
    if not plain:
        return LastRead()
    found = json.loads(plain)
    whole = found.get("whole")
    return LastRead(
        parse_iso(found["at"]), tuple(found["problems"]), found["mark"], parse_iso(whole) if whole else None,
        found.get("failed", False),
    )


def forget_events(db: Connection, calendar_id: str) -> None:
    with transaction(db):
        db.execute("DELETE FROM calendar_event WHERE calendar = ?", (calendar_id,))
        db.execute("DELETE FROM meta WHERE key = ?", (f"calendar_read.{calendar_id}",))


def count_events(db: Connection, calendar_id: str) -> int:
    return int(db.execute("SELECT count(*) FROM calendar_event WHERE calendar = ?", (calendar_id,)).fetchone()[0])


def events_between(db: Connection, start: datetime, end: datetime) -> list[CalendarEvent]:
    """Events of enabled calendars that overlap [start, end), earliest first, without those that are Coach's own blocks:
    written there by a synchronisation, or come back with a feed or a folder that holds them."""
    found = db.execute(
        "SELECT e.* FROM calendar_event e JOIN calendar c ON c.id = e.calendar WHERE c.enabled = 1 AND e.start_ms < ?"
        " AND (e.end_ms > ? OR e.start_ms >= ?)"
        f" AND {NOT_OWN} ORDER BY e.start_ms, e.id",
        (to_ms(end), to_ms(start), to_ms(start)),
    )
    return [
        CalendarEvent(r["uid"], from_ms(r["start_ms"]), from_ms(r["end_ms"]), bool(r["all_day"]), bool(r["busy"]), r["title"])
        for r in found
    ]


def _insert(db: Connection, calendar_id: str, events: Iterable[CalendarEvent]) -> None:
    db.executemany(
        "INSERT INTO calendar_event(calendar, uid, start_ms, end_ms, all_day, busy, title) VALUES(?,?,?,?,?,?,?)",
        ((calendar_id, e.uid, to_ms(e.start), to_ms(e.end), int(e.all_day), int(e.busy), e.title) for e in events),
    )


def _calendar(row: dict[str, Any]) -> Calendar:
    return Calendar(row["id"], row["name"], row["kind"], row["location"], parse_iso(row["created"]), bool(row["enabled"]),
                    row["user"] or "")
