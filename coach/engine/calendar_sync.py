"""A calendar on a CalDAV server, read and written: its events become taken time, accepted blocks become its events.

Reading asks for the calendar's tag first, then for the ETags of the time that is kept, and fetches what is new. Writing is
a three-way merge for each block (`core/block_sync.py`); what is about to be sent is kept before it is sent, so that a
process that dies in between neither writes twice nor takes its own doing for somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.calendar import Calendar, CalendarEvent
from coach.core.errors import CoachError, InvalidInput, Unavailable
from coach.engine import block_writing
from coach.integrations import caldav, vevent
from coach.store import caldav as kept
from coach.store import calendars
from coach.store.caldav import Kept
from coach.store.calendars import LastRead
from coach.store.db import Connection, transaction

DAILY = timedelta(days=1)
"""After which a calendar is listed although its tag is the same: the time that is kept moves on."""
EVERY = timedelta(minutes=15)
"""How often a server is asked; sooner where a block waits to be written and the server answered last time."""

Connect = Callable[[caldav.Account], caldav.Server]


@dataclass(frozen=True, slots=True)
class Span:
    """The time whose events are kept, and the zone in which times without one are read."""

    start: datetime
    end: datetime
    tz: ZoneInfo


def sync(
    db: Connection, calendar: Calendar, config: Config, now: datetime, span: Span, connect: Connect = caldav.Server
) -> None:
    """Read the calendar and bring its blocks and the person's to the same state. What goes wrong is noted with the
    calendar; its last good state stays."""
    before = calendars.last_read(db, calendar.id)
    try:
        with closing(connect(account(db, calendar))) as server:
            read = _read(db, server, calendar, now, span, before)
            # Without a mark until it is known that nothing was written: a tag may be a hash of what is there, and be the same
            # again once somebody has deleted what was written.
            calendars.note(db, calendar.id, replace(read, mark=""))
            problems = block_writing.write(db, server, calendar, config, now, span.tz)
            read = replace(read, mark="" if server.has_written else read.mark)
    except CoachError as error:
        words = error.message + (f": {error.hint}" if error.hint else "")
        calendars.note(db, calendar.id, replace(before, at=now, problems=(words,), failed=True))
        return
    if problems:
        read = replace(read, problems=(*problems, *read.problems), failed=True)
    calendars.note(db, calendar.id, read)


def is_due(db: Connection, calendar: Calendar, config: Config, now: datetime) -> bool:
    """Whether it is time to ask the server again; asks nobody."""
    read = calendars.last_read(db, calendar.id)
    if read.at is None or not timedelta() <= now - read.at < EVERY:
        return True
    return not read.failed and block_writing.waiting(db, calendar, config, now)


def account(db: Connection, calendar: Calendar) -> caldav.Account:
    """Raises Unavailable where its password is not kept."""
    secret = kept.password(db, caldav.origin(calendar.location), calendar.user)
    if secret is None:
        raise Unavailable(f"the password for {caldav.host_of(calendar.location)} is not kept here",
                          "`coach calendar password` sets it")
    return caldav.Account(calendar.location, calendar.user, secret)


def _read(
    db: Connection, server: caldav.Server, calendar: Calendar, now: datetime, span: Span, before: LastRead
) -> LastRead:
    tag = server.tag(calendar.location)
    is_recent = before.whole is not None and timedelta() <= now - before.whole < DAILY
    if tag and is_recent and tag == before.mark:
        return replace(before, at=now, failed=False, problems=before.problems if not before.failed else ())
    have = kept.etags(db, calendar.id)
    there = server.listing(calendar.location, span.start, span.end)
    linked = {link.path for link in kept.links(db, calendar.id)}
    wanted = [path for path, etag in there.items() if not etag or have.get(path) != etag]
    beyond = sorted(linked - there.keys())  # moved out of the time that is kept, or deleted: only asking tells
    fetched = server.fetch(calendar.location, [*wanted, *beyond])
    gone = [
        path for path in {**have, **dict.fromkeys(beyond, "")} if path not in there and path not in fetched
        and (path not in linked or server.is_gone(calendar.location, path))  # a block is rejected for it
    ]
    return _keep(db, calendar, now, span, _Fresh(tag, fetched, gone, whole=not is_recent))


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What a reading brought: the new versions, the paths that are no longer there, and whether all events of the time that
    is kept are to be placed again."""

    tag: str
    items: dict[str, caldav.Item]
    gone: list[str]
    whole: bool


def _keep(db: Connection, calendar: Calendar, now: datetime, span: Span, fresh: _Fresh) -> LastRead:
    before = calendars.last_read(db, calendar.id)
    old = kept.objects(db, calendar.id)
    new = {path: Kept(item.etag, vevent.uid_of(item.data), item.data) for path, item in fresh.items.items()}
    changed = {**old, **new} if fresh.whole else new
    for path in fresh.gone:
        changed.pop(path, None)
    events, problems = placed(changed.values(), span)
    uids = {k.uid for path in (*fresh.gone, *new) for k in (old.get(path), new.get(path)) if k is not None}
    read = LastRead(now, problems, fresh.tag, now if fresh.whole else before.whole)
    with transaction(db):
        for path, item in new.items():
            kept.keep_object(db, calendar.id, path, item)
        kept.drop_objects(db, calendar.id, fresh.gone)
        if fresh.whole:
            calendars.replace_events(db, calendar.id, events, replace(read, mark=""))
        else:
            calendars.replace_events_of(db, calendar.id, uids, events)
    return read


def placed(objects: Iterable[Kept], span: Span) -> tuple[list[CalendarEvent], tuple[str, ...]]:
    """The occurrences of objects in the time that is kept, and what could not be read."""
    from coach.integrations import ics  # icalendar and its rules cost 150 ms

    found: list[CalendarEvent] = []
    problems: list[str] = []
    for number, item in enumerate(objects, 1):
        try:
            reading = ics.parse(item.data.encode(), f"event {number}", span.start, span.end, span.tz)
        except InvalidInput as error:
            problems.append(error.message)
            continue
        found += (replace(event, uid=item.uid) for event in reading.events)
        problems += reading.problems
    return found, tuple(problems)
