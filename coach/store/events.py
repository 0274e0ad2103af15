"""Source events: one bucket per source, exactly as merged; app, title, url and project live once, in a context."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from coach.core.event import Event
from coach.core.when import from_ms, iso, to_ms
from coach.store.db import Connection

Categorise = Callable[[str, str, str, str], str | None]
"""(app, title, url, project) -> category; the engine builds it from the rules."""

BUCKET_TYPES: Mapping[str, str] = {
    "window": "currentwindow", "afk": "afkstatus", "tab": "web.tab.current", "editor": "app.editor.activity",
    "terminal": "coach.terminal", "manual": "coach.manual", "meeting": "coach.calendar",
}
"""ActivityWatch's bucket types where it has one."""

KINDS: Mapping[str, str] = {v: k for k, v in BUCKET_TYPES.items()}


LONG_MS = 3_600_000
"""Longer events have an index of their own."""

OVERLAPPING = (
    f"SELECT id FROM event WHERE bucket IN (SELECT id FROM bucket) AND start_ms >= :low - {LONG_MS} AND start_ms < :high"
    " AND end_ms > :low"
    f" UNION ALL SELECT id FROM event WHERE end_ms > :low AND end_ms - start_ms > {LONG_MS} AND start_ms < :low - {LONG_MS}"
)
"""The ids of events that overlap (low, high). Only an index range at that time is read, not all that came since; of long
ones, all that have ended since."""


LIVED_MS = "min(e.end_ms, coalesce(nullif(e.fine / 1000, 0), e.end_ms))"
"""The end of an event `e`, or when it was last heard of: a watcher's event may claim time that has not come yet."""


def bucket(db: Connection, name: str, type: str, now: datetime, client: str = "coach", hostname: str = "") -> int:
    """The id of the bucket of that name, made when there is none."""
    row = db.execute("SELECT id FROM bucket WHERE name = ?", (name,)).fetchone()
    if row:
        return int(row[0])
    made = db.execute(
        "INSERT INTO bucket(name, type, client, hostname, created, data) VALUES(?,?,?,?,?,'{}') RETURNING id",
        (name, type, client, hostname, iso(now)),
    ).fetchone()
    return int(made[0])


def context_key(app: str, title: str, url: str, project: str) -> int:
    """A signed 64-bit digest: an index of integers is a quarter of one over the texts themselves."""
    text = "\x1f".join((app, title, url, project)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def context(db: Connection, app: str, title: str, url: str, project: str, categorise: Categorise) -> int:
    """The id of the context, made and categorised when it is new."""
    key = context_key(app, title, url, project)
    row = db.execute("SELECT id FROM context WHERE key = ?", (key,)).fetchone()
    if row:
        return int(row[0])
    made = db.execute(
        "INSERT INTO context(key, app, title, url, project, category) VALUES(?,?,?,?,?,?)",
        (key, app, title, url, project, categorise(app, title, url, project)),
    )
    return int(made.lastrowid)


def newest(db: Connection, bucket_id: int, now: datetime) -> Event | None:
    """The last event of a bucket that had begun by `now` (the one that a heartbeat of then may extend)."""
    where = "e.bucket = :bucket AND e.start_ms <= :now ORDER BY e.start_ms DESC, e.id DESC LIMIT 1"
    found = _read(db, where, {"bucket": bucket_id, "now": to_ms(now)})
    return found[0] if found else None


def is_last(db: Connection, bucket_id: int, start: datetime) -> bool:
    """Whether no event of the bucket begins after that."""
    later = "SELECT 1 FROM event WHERE bucket = ? AND start_ms > ? LIMIT 1"
    return db.execute(later, (bucket_id, to_ms(start))).fetchone() is None


def insert(db: Connection, bucket_id: int, event: Event, context_id: int) -> int:
    row = db.execute(
        "INSERT INTO event(bucket, start_ms, end_ms, context, data) VALUES(?,?,?,?,?) RETURNING id",
        (bucket_id, to_ms(event.start), to_ms(event.end), context_id, _data(event.data)),
    ).fetchone()
    return int(row[0])


def extend(db: Connection, event_id: int, end: datetime) -> None:
    """Move the end of one event, by id, never backwards."""
    db.execute("UPDATE event SET end_ms = max(end_ms, ?) WHERE id = ?", (to_ms(end), event_id))


def between(db: Connection, start: datetime, end: datetime, *, away: bool = False, limit: int = -1) -> list[Event]:
    """Source events that overlap [start, end), earliest first; `away` includes the idle bucket's."""
    where = f"e.id IN ({OVERLAPPING})" + ("" if away else " AND b.type != 'afkstatus'")
    # One that ends as the range starts belongs to it, as in ActivityWatch.
    values = {"low": to_ms(start) - 1, "high": to_ms(end), "limit": limit}
    return _read(db, where + " ORDER BY e.start_ms, e.id LIMIT :limit", values)


def first_ms(db: Connection) -> int | None:
    """When the first event began."""
    # By bucket, as the index has it: the minimum over all of them would read every entry.
    found = db.execute("SELECT (SELECT min(start_ms) FROM event WHERE bucket = b.id) FROM bucket b").fetchall()
    return min((r[0] for r in found if r[0] is not None), default=None)


def counts(db: Connection) -> dict[str, int]:
    """Number of events by bucket name."""
    return {r[0]: r[1] for r in db.execute(
        "SELECT b.name, count(e.id) FROM bucket b LEFT JOIN event e ON e.bucket = b.id GROUP BY b.id ORDER BY b.name"
    )}


def _read(db: Connection, where: str, values: Mapping[str, Any]) -> list[Event]:
    sql = (
        "SELECT e.id, e.start_ms, e.end_ms, e.data, b.name, c.app, c.title, c.url, c.project, c.category"
        f" FROM event e JOIN bucket b ON b.id = e.bucket JOIN context c ON c.id = e.context WHERE {where}"
    )
    return [
        Event(
            from_ms(r["start_ms"]), from_ms(r["end_ms"]), r["name"], r["app"], r["title"], r["url"], r["project"],
            r["category"], json.loads(r["data"]) if r["data"] else {}, r["id"],
        )
        for r in db.execute(sql, values)
    ]


def _data(data: Mapping[str, Any]) -> str | None:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True) if data else None
