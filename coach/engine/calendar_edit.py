"""Events of calendars on servers changed from here, one occurrence at a time. What is done is done on the server first, and
only to the version that the server has at that moment; the store follows it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from coach.core.calendar import Calendar, CalendarEvent
from coach.core.errors import Busy, InvalidInput, NotFound
from coach.engine import calendar_sync
from coach.engine.calendar_sync import Span
from coach.integrations import caldav, vevent, vevent_series
from coach.store import caldav as kept
from coach.store import calendars as store
from coach.store.caldav import Kept
from coach.store.db import Connection, transaction


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of an event, the calendar that it is in, and the object that it comes from."""

    calendar: Calendar
    event: CalendarEvent
    path: str


def find(db: Connection, at: datetime, title: str = "") -> Occurrence:
    """The event of a calendar on a server that begins at `at`, and whose title has these words. Raises NotFound, and
    InvalidInput where there are several."""
    found = [
        Occurrence(calendar, event, path)
        for calendar in store.every(db) if calendar.kind == "caldav" and calendar.enabled
        for event, path in kept.beginning(db, calendar.id, at) if title.casefold() in event.title.casefold()
    ]
    if not found:
        raise NotFound("no event of a calendar on a server begins then", "`coach calendar events` shows them")
    if found[0].event.all_day:
        raise InvalidInput("it is a whole day", "change it in the calendar's own program")
    if len(found) > 1:
        raise InvalidInput(f"{len(found)} events begin then", "--title WORDS says which")
    return found[0]


def move(db: Connection, which: Occurrence, start: datetime, now: datetime, span: Span) -> CalendarEvent:
    """Move it, with its length; of a series only this occurrence. Raises Busy where somebody changed it meanwhile, NotFound,
    InvalidInput, Unavailable."""
    end = start + (which.event.end - which.event.start)

    def edited(data: str) -> str:
        return vevent_series.moved(data, which.event.uid, which.event.start, start, end, now, span.tz)

    _write(db, which, span, edited)
    event = which.event
    return CalendarEvent(event.uid, start, end, event.all_day, event.busy, event.title)


def cancel(db: Connection, which: Occurrence, span: Span) -> None:
    """Take it out; of a series only this occurrence. Raises as `move` does."""
    _write(db, which, span, lambda data: vevent_series.cancelled(data, which.event.uid, which.event.start, span.tz))


def _write(db: Connection, which: Occurrence, span: Span, edit: Callable[[str], str | None]) -> None:
    calendar, path, uid = which.calendar, which.path, which.event.uid
    with closing(caldav.Server(calendar_sync.account(db, calendar))) as server:
        item = server.fetch(calendar.location, [path]).get(path)
        if item is None:
            raise NotFound("there is no such event any more", "`coach calendar sync` reads the calendar again")
        data = edit(item.data)
        try:
            if data is None:
                etag = ""
                server.delete(calendar.location, path, item.etag)
            else:
                etag = server.replace(calendar.location, path, data, item.etag)
        except caldav.Changed as error:
            raise Busy(error.message, "try again") from error
    with transaction(db):
        if data is None:
            kept.drop_objects(db, calendar.id, [path])
            store.replace_events_of(db, calendar.id, [uid], ())
        else:
            now_there = Kept(etag, vevent.uid_of(data), data)
            kept.keep_object(db, calendar.id, path, now_there)
            store.replace_events_of(db, calendar.id, [uid], calendar_sync.placed([now_there], span)[0])
