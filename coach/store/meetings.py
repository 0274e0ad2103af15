"""Appointments as source events: what the calendar bucket holds, and the time that must stay free of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeAlias

from coach.core.event import Event
from coach.core.when import from_ms
from coach.store import events
from coach.store.db import Connection, meta, set_meta
from coach.store.events import OVERLAPPING, Categorise

BUCKET = "calendar"
APP = "meeting"
"""The app of their contexts."""
_FREE = "meetings_not_in"

Meeting: TypeAlias = tuple[int, str]
"""(start_ms, title)."""


def held(db: Connection, low_ms: int, high_ms: int) -> dict[Meeting, tuple[int, int]]:
    """Meetings that began in [low, high): (id, end_ms) of their events."""
    found = db.execute(
        "SELECT e.id, e.start_ms, e.end_ms, c.title FROM event e JOIN context c ON c.id = e.context"
        " WHERE e.bucket = (SELECT id FROM bucket WHERE name = ?) AND e.start_ms >= ? AND e.start_ms < ?",
        (BUCKET, low_ms, high_ms),
    )
    return {(r["start_ms"], r["title"]): (r["id"], r["end_ms"]) for r in found}


def was_there(db: Connection, low_ms: int, high_ms: int) -> bool:
    """Whether somebody did something at the machine in (low, high): an event that is neither absence nor appointment."""
    return db.execute(
        f"SELECT 1 FROM event e JOIN bucket b ON b.id = e.bucket WHERE e.id IN ({OVERLAPPING})"
        " AND b.type NOT IN ('afkstatus', 'coach.calendar', 'coach.manual') LIMIT 1", {"low": low_ms, "high": high_ms},
    ).fetchone() is not None


def put(
    db: Connection, gone: Iterable[int], longer: Mapping[int, int], new: Mapping[Meeting, int], categorise: Categorise,
    hostname: str, now: datetime,
) -> None:
    """Remove events by id, move ends by id, add meetings with their ends. Wants a surrounding transaction."""
    bucket = events.bucket(db, BUCKET, events.BUCKET_TYPES["meeting"], now, hostname=hostname)
    db.executemany("DELETE FROM event WHERE id = ?", [(i,) for i in gone])
    db.executemany("UPDATE event SET end_ms = ? WHERE id = ?", [(end_ms, i) for i, end_ms in longer.items()])
    for (start_ms, title), end_ms in new.items():
        event = Event(from_ms(start_ms), from_ms(end_ms), BUCKET, APP, title)
        events.insert(db, bucket, event, events.context(db, APP, title, "", "", categorise))


def free(db: Connection) -> list[tuple[int, int]]:
    """Ranges without meetings: erased, or while tracking was paused."""
    return [(low, high) for low, high in json.loads(meta(db, _FREE, "[]"))]


def keep_free(db: Connection, low_ms: int, high_ms: int, since_ms: int = 0) -> None:
    """Let no meeting be counted in [low, high) any more; ranges that end before `since` are forgotten."""
    ranges: list[list[int]] = []
    for low, high in sorted([*free(db), (low_ms, high_ms)]):
        if high <= since_ms:
            continue
        if ranges and low <= ranges[-1][1]:
            ranges[-1][1] = max(high, ranges[-1][1])
        else:
            ranges.append([low, high])
    set_meta(db, _FREE, json.dumps(ranges))
