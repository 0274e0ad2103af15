"""The connection through which watchers of ActivityWatch write, and what has been read through it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import NotFound
from coach.engine import categories, preferences, tracking
from coach.engine.categories import Rules
from coach.store import events, watchers
from coach.store.db import Connection, Unlocked, connect, data_version, transaction
from coach.store.watchers import HOUR_MS, Bucket, Row
from coach.tracker.privacy import Privacy

NAME_LIMIT = 250
"""Characters of a bucket's id and of each thing it says of itself."""

Words: TypeAlias = tuple[object, ...]
"""A bucket's row, then the keys of an event's data, then its values."""

Known: TypeAlias = tuple[int, str | None, Mapping[str, Any] | None]
"""What has been stored of an event's data: its context, the rest, and the data as watchers read it, None for as it was sent."""


@dataclass(slots=True)
class Place:
    """Where a bucket stands. `last` is the event that was written last, which the next heartbeat may extend; ActivityWatch's
    server writes the result over the newest, `top` (start in ms, id), which out of order is another one."""

    last: Row | None
    top: tuple[int, int] | None


@dataclass(slots=True)
class Inbox:
    """What threads share that serve watchers; they use it in turn (`writing`)."""

    db: Connection
    config: Config
    tz: ZoneInfo
    lock: threading.RLock = field(default_factory=threading.RLock)
    touched: threading.Event = field(default_factory=threading.Event)
    """Set when the timeline has something to follow."""
    busy_at: float = 0.0
    """When the last request came, by the steady clock."""
    answered: int = 0
    """Requests so far."""
    hours: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Hour since the epoch -> what of it the timeline has to follow, in ms."""
    buckets: dict[str, Bucket] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    contexts: dict[Words, Known] = field(default_factory=dict)
    """Of words that were sent before."""
    rules: Rules = field(init=False)
    privacy: Privacy = field(init=False)
    deaf: bool = False
    """Tracking is paused, or has been forbidden."""
    seen_version: int = -1
    seen_action: int = -1


def opened(unlocked: Unlocked, config: Config, tz: ZoneInfo) -> Inbox:
    """An inbox on a connection of its own, whose commits wait for the disk no more than the tracker's do."""
    inbox = Inbox(connect(unlocked, durable=False, one_thread=False), config, tz)
    watchers.expect_many(inbox.db)
    inbox.touched.set()  # hours may be left by a process that ended before the timeline had followed
    return inbox


class writing:  # noqa: N801  as `transaction`, of which it is one
    """One transaction of one thread, with what other connections have changed taken in first."""

    __slots__ = ("_inbox", "_now", "_transaction")

    def __init__(self, inbox: Inbox, now: datetime) -> None:
        self._inbox, self._now, self._transaction = inbox, now, transaction(inbox.db)

    def __enter__(self) -> Connection:
        inbox = self._inbox
        inbox.lock.acquire()
        try:
            db = self._transaction.__enter__()
            if (version := data_version(db)) != inbox.seen_version:
                _take_in(inbox, self._now)
                inbox.seen_version = version
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return db

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        inbox = self._inbox
        try:
            self._transaction.__exit__(kind, error, trace)
        except BaseException as failed:
            kind = type(failed)
            raise
        finally:
            if kind is not None:  # nothing that a transaction has learnt is known once it has been rolled back
                inbox.contexts.clear()
                inbox.seen_version = -1
            inbox.lock.release()


def asked(inbox: Inbox) -> None:
    """Note a request: while there are many, the timeline holds back."""
    inbox.busy_at = time.monotonic()
    inbox.answered += 1


def bucket_named(inbox: Inbox, name: str) -> Bucket:
    """Raises NotFound."""
    if bucket := inbox.buckets.get(name):
        return bucket
    raise NotFound(f"There's no bucket named {name[:NAME_LIMIT]}")


def place_of(inbox: Inbox, bucket: Bucket) -> Place:
    """Where a bucket stands; after a start the newest event counts as the last."""
    place = inbox.places.get(bucket.row)
    if place is None:
        place = inbox.places[bucket.row] = Place(watchers.newest(inbox.db, bucket), watchers.top(inbox.db, bucket))
    return place


def touch(inbox: Inbox, bucket: Bucket, ranges: Sequence[tuple[int, int]], data: Mapping[str, Any]) -> None:
    """Have the timeline follow [low, high) ms of a bucket that means something to it; presence alone changes nothing."""
    if bucket.type not in events.KINDS or data.get("status") == "not-afk":
        return
    hours, fresh = inbox.hours, []
    for start, end, hour in _by_hour(ranges):
        if (held := hours.get(hour)) is None:
            fresh.append(hour)
            hours[hour] = (start, end)
        elif start < held[0] or end > held[1]:
            hours[hour] = (min(start, held[0]), max(end, held[1]))
    if fresh:
        watchers.mark(inbox.db, fresh)
    if not inbox.touched.is_set():
        inbox.touched.set()


def _by_hour(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """(low, high, hour) of what the ranges cover; those that follow one another in an hour are one."""
    start = end = hour = 0
    for low, high in ranges:
        if start < end and hour * HOUR_MS <= low < high <= (hour + 1) * HOUR_MS:
            if low < start:
                start = low
            if high > end:
                end = high
            continue
        for at in range(low // HOUR_MS, (high - 1) // HOUR_MS + 1) if high > low else ():
            if start < end:
                yield start, end, hour
            start, end, hour = max(low, at * HOUR_MS), min(high, (at + 1) * HOUR_MS), at
    if start < end:
        yield start, end, hour


def touch_all(inbox: Inbox, bucket: Bucket) -> None:
    """Have the timeline follow everything of a bucket."""
    watchers.mark_bucket(inbox.db, bucket)
    _read_hours(inbox, {})
    inbox.touched.set()


def _take_in(inbox: Inbox, now: datetime) -> None:
    db = inbox.db
    inbox.contexts.clear()  # an erasure may have removed some
    inbox.buckets = watchers.buckets(db)
    inbox.privacy = tracking.filter_of(db, inbox.config)
    # Serving watchers is asked for in the settings; only a consent that was taken back speaks against it.
    inbox.deaf = bool(tracking.paused_until(db, now)) or preferences.chosen(db, "tracking_consent") is False
    kept = {bucket.row: bucket for bucket in inbox.buckets.values()}
    for row, place in list(inbox.places.items()):
        last = watchers.event(db, kept[row], place.last.id) if row in kept and place.last else None
        if row not in kept or (place.last and last is None):
            del inbox.places[row]
        else:
            inbox.places[row] = Place(last, watchers.top(db, kept[row]))
    _read_hours(inbox, inbox.hours)
    action = db.execute("SELECT coalesce(max(rowid), 0) FROM action").fetchone()[0]
    if action != inbox.seen_action:  # rules and levels are records of the change log
        inbox.rules = categories.load(db, inbox.config)
        inbox.seen_action = action


def _read_hours(inbox: Inbox, known: Mapping[int, tuple[int, int]]) -> None:
    inbox.hours = {
        hour: known.get(hour) or (hour * HOUR_MS, (hour + 1) * HOUR_MS) for hour in watchers.marked(inbox.db)
    }
