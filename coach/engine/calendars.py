"""Calendars: added, read again when they changed, and asked for events. Their busy events are taken time in the plan."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.calendar import Calendar, CalendarEvent, Kind
from coach.core.errors import CoachError, InvalidInput, Unavailable
from coach.core.plan import Busy
from coach.core.when import iso
from coach.engine import calendar_sync
from coach.integrations import caldav, feeds
from coach.store import caldav as kept
from coach.store import calendars, changes
from coach.store.calendars import LastRead
from coach.store.db import Connection

BACK = timedelta(days=31)
AHEAD = timedelta(days=100)
"""Occurrences are kept from this long ago to this far ahead: beyond the longest plan."""
DAILY = calendar_sync.DAILY
"""After which a source is read whole although it did not change: the range moves on."""
FEED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A calendar with what is known of its last reading; `place` is safe to show: a path, or a feed's host."""

    calendar: Calendar
    place: str
    events: int
    read: LastRead


def add(db: Connection, where: str, now: datetime, tz: ZoneInfo, name: str = "") -> CalendarRow:
    """Read a .ics file, a vdir folder or a feed, and keep it. Nothing is kept when it cannot be read at all.

    Raises InvalidInput, NotFound, Unavailable."""
    calendar = _calendar(where, name, now)
    if any(c.location == calendar.location for c in calendars.every(db)):
        raise InvalidInput("that calendar is there already", "`coach calendar sync` reads it again")
    calendar = replace(calendar, name=free_name(db, calendar.name))
    events, read = _read(calendar, now, tz, LastRead())
    changes.apply(db, [change.create("calendar", calendar.id, calendars.values(calendar))], now=now, label="add calendar")
    calendars.replace_events(db, calendar.id, events or (), read)
    return _row(db, calendar)


def remove(db: Connection, ref: str, now: datetime) -> Calendar:
    """Forget a calendar and its events; undo brings the calendar back, and the next reading its events."""
    calendar = calendars.find(db, ref)
    edit = change.delete("calendar", calendar.id, calendars.values(calendar))
    changes.apply(db, [edit], now=now, label="remove calendar")
    calendars.forget_events(db, calendar.id)
    if calendar.kind == "caldav":
        _forget_unused(db)
    return calendar


def sync(
    db: Connection, now: datetime, tz: ZoneInfo, refs: Sequence[str] = (), config: Config | None = None
) -> list[CalendarRow]:
    """Read calendars again, all when none is named, and write those on servers. One that cannot be read keeps its events,
    has `read.failed` and says why in `read.problems`. Raises NotFound for an unknown name."""
    chosen = [calendars.find(db, ref) for ref in refs] if refs else [c for c in calendars.every(db) if c.enabled]
    for calendar in _leavers_first(db, chosen, config or Config()):
        if calendar.kind != "demo":
            _sync(db, calendar, now, tz, config or Config())
    return [_row(db, c) for c in chosen]


def sync_servers(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> int:
    """Synchronise the calendars on servers whose time has come, or in which a block is to be written; returns how many."""
    due = servers_due(db, config, now)
    for calendar in _leavers_first(db, due, config):
        _sync(db, calendar, now, tz, config)
    return len(due)


def servers_due(db: Connection, config: Config, now: datetime) -> list[Calendar]:
    """The calendars on servers whose time has come; asks nobody."""
    return [c for c in _on_servers(db) if c.enabled and calendar_sync.is_due(db, c, config, now)]


def refresh(db: Connection, now: datetime, tz: ZoneInfo, *, network: bool = True) -> int:
    """Read again what changed on disk, what is a day old, and, with `network`, feeds once an hour; returns how many."""
    stale = [c for c in calendars.every(db) if c.enabled and _stale(db, c, now, network)]
    for calendar in stale:
        _sync(db, calendar, now, tz, Config())
    if network:
        _forget_unused(db)
    return len(stale)


def span(now: datetime, tz: ZoneInfo) -> calendar_sync.Span:
    """The time whose events are kept."""
    return calendar_sync.Span(now - BACK, now + AHEAD, tz)


def rows(db: Connection) -> list[CalendarRow]:
    """All calendars, by name."""
    return [_row(db, c) for c in calendars.every(db)]


def news(db: Connection) -> list[dict[str, Any]]:
    """What synchronisations decided and nobody has been told yet, newest first; it counts as told from now on."""
    found = kept.news(db)
    if found:
        kept.see_news(db)
    return found


def decided(db: Connection, limit: int) -> list[dict[str, Any]]:
    """The last things that synchronisations decided, told or not, newest first."""
    return kept.news(db, unseen=False, limit=limit)


def events_between(db: Connection, start: datetime, end: datetime) -> list[CalendarEvent]:
    """Events of enabled calendars that overlap [start, end), busy or not, earliest first."""
    return calendars.events_between(db, start, end)


def busy(db: Connection, start: datetime, end: datetime) -> list[Busy]:
    """The taken time in [start, end), whole days too."""
    return [Busy(e.start, e.end, e.title) for e in events_between(db, start, end) if e.busy]


def row_json(row: CalendarRow) -> dict[str, Any]:
    c = row.calendar
    return {
        "id": c.id, "name": c.name, "kind": c.kind, "location": row.place, "enabled": c.enabled, "events": row.events,
        "read": iso(row.read.at), "failed": row.read.failed, "problems": list(row.read.problems),
    }


def _calendar(where: str, name: str, now: datetime) -> Calendar:
    def made(kind: Kind, location: str, fallback: str) -> Calendar:
        return Calendar(str(uuid.uuid4()), name.strip() or fallback, kind, location, now)

    if where.lower() == "caldav" or where.lower().startswith("caldav:"):
        raise InvalidInput("the address of the CalDAV server is missing", "`coach calendar add caldav https://example.org/dav/`")
    if feeds.is_address(where):
        return made("feed", where, feeds.host_of(where))
    if "://" in where:
        raise InvalidInput("only http, https and webcal addresses are read", "or name a .ics file or a folder")
    path = Path(where).expanduser().absolute()
    return made("folder", str(path), path.name) if path.is_dir() else made("file", str(path), path.stem)


def free_name(db: Connection, name: str) -> str:
    """The name, with a number behind it when another calendar has it."""
    taken = {c.name.casefold() for c in calendars.every(db)}
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _on_servers(db: Connection) -> list[Calendar]:
    return [c for c in calendars.every(db) if c.kind == "caldav"]


def _forget_unused(db: Connection) -> None:
    """Passwords and events of calendars that were removed, or whose adding was undone."""
    used = {(caldav.origin(c.location), c.user) for c in _on_servers(db)}
    for origin, user in kept.passwords(db):
        if (origin, user) not in used:
            kept.forget_password(db, origin, user)
    kept.forget_strays(db)


def _leavers_first(db: Connection, chosen: Sequence[Calendar], config: Config) -> list[Calendar]:
    """The calendar that blocks are written to comes last: a block leaves another one before it comes into this."""
    target = config.calendar.blocks.casefold()
    return sorted(chosen, key=lambda c: bool(target) and (c.name.casefold() == target or c.id.startswith(target)))


def _sync(db: Connection, calendar: Calendar, now: datetime, tz: ZoneInfo, config: Config) -> None:
    if calendar.kind == "caldav":
        calendar_sync.sync(db, calendar, config, now, span(now, tz))
        return
    before = calendars.last_read(db, calendar.id)
    try:
        events, read = _read(calendar, now, tz, before)
    except CoachError as error:
        calendars.note(db, calendar.id, replace(before, at=now, problems=(error.message,), failed=True))
        return
    if events is None:
        calendars.note(db, calendar.id, read)
    else:
        calendars.replace_events(db, calendar.id, events, read)


def _read(
    calendar: Calendar, now: datetime, tz: ZoneInfo, before: LastRead
) -> tuple[tuple[CalendarEvent, ...] | None, LastRead]:
    """Events and what to note; None for a feed that did not change."""
    from coach.integrations import ics  # icalendar and its rules cost 150 ms, and most commands read the cache

    start, end = now - BACK, now + AHEAD
    if calendar.kind != "feed":
        path = Path(calendar.location)
        mark = ics.mark(path)
        found = ics.read(path, start, end, tz)
        return found.events, LastRead(now, found.problems, mark, now)
    is_recent = before.whole is not None and not before.failed and timedelta() <= now - before.whole < DAILY
    known = before.mark if is_recent else ""
    feed = feeds.fetch(calendar.location, known)
    if feed is None:
        if not known:
            raise Unavailable(f"{feeds.host_of(calendar.location)} sent nothing", "try again later")
        return None, replace(before, at=now)
    found = ics.parse(feed.data, feeds.host_of(calendar.location), start, end, tz)
    return found.events, LastRead(now, found.problems, feed.etag, now)


def _stale(db: Connection, calendar: Calendar, now: datetime, network: bool) -> bool:
    read = calendars.last_read(db, calendar.id)
    if calendar.kind in ("demo", "caldav"):
        return False
    if calendar.kind == "feed":
        return network and (read.at is None or now - read.at >= FEED_EVERY)
    if read.at is None or now - read.at >= DAILY:
        return True
    from coach.integrations import ics

    return ics.mark(Path(calendar.location)) != read.mark


def _row(db: Connection, calendar: Calendar) -> CalendarRow:
    is_address = calendar.kind in ("feed", "caldav")
    place = feeds.host_of(calendar.location) if is_address else calendar.location
    return CalendarRow(calendar, place, calendars.count_events(db, calendar.id), calendars.last_read(db, calendar.id))
