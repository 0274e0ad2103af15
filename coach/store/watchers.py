"""Buckets that watchers of ActivityWatch fill, their events exactly as merged, and the hours that wait to be derived.

What Coach tracks itself is in buckets of its own, which no function here shows or touches.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from coach.core.watched import Seen, together
from coach.core.when import iso
from coach.store.db import BUSY_TIMEOUT_MS, Connection

HOUR_MS = 3_600_000
LONGEST_SEEN_MS = 24 * HOUR_MS
"""Like ActivityWatch, a question about a range looks this far back for events that reach into it."""
WATCHER, OVERWRITTEN, GONE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as ActivityWatch describes it; `row` is its id here, `id` the name that watchers use."""

    row: int
    id: str
    type: str
    client: str
    hostname: str
    created: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """An event of a bucket. `end_us` is in microseconds: durations may be finer than the milliseconds of starts.
    `lived_ms` is its end, or when it was last heard of if it claims time beyond that."""

    id: int
    start_ms: int
    end_us: int
    data: Mapping[str, Any]
    lived_ms: int


class New(NamedTuple):
    """An event to be stored, of which a request may bring thousands. `context` names its words, `rest` is the JSON of the
    keys that have no place there."""

    start_ms: int
    end_us: int
    context: int
    rest: str | None


def buckets(db: Connection) -> dict[str, Bucket]:
    """The watchers' buckets by name."""
    found = db.execute(
        "SELECT id, name, type, client, hostname, created, data FROM bucket WHERE watcher = ? ORDER BY id", (WATCHER,)
    )
    return {r[1]: Bucket(r[0], r[1], r[2], r[3], r[4], r[5], json.loads(r[6] or "{}")) for r in found}


def create(
    db: Connection, name: str, type: str, client: str, hostname: str, data: Mapping[str, Any], created: datetime
) -> bool:
    """Make a bucket; False when Coach's own tracking has one of that name."""
    held = db.execute("SELECT client, watcher FROM bucket WHERE name = ?", (name,)).fetchone()
    if held and (held[0] == "coach" or held[1] is not None):
        return False
    # One that came with an import of everything becomes the watcher's again.
    db.execute(
        "INSERT INTO bucket(name, type, client, hostname, created, data, watcher) VALUES(?,?,?,?,?,?,?)"
        " ON CONFLICT(name) DO UPDATE SET watcher = excluded.watcher",
        (name, type, client, hostname, iso(created), json.dumps(data), WATCHER),
    )
    return True


def update(db: Connection, bucket: Bucket) -> None:
    """Write a bucket's description anew."""
    db.execute(
        "UPDATE bucket SET type = ?, client = ?, hostname = ?, data = ? WHERE id = ?",
        (bucket.type, bucket.client, bucket.hostname, json.dumps(bucket.data), bucket.row),
    )


def delete(db: Connection, bucket: Bucket) -> None:
    """Remove a bucket, its events and what was overwritten in it. Its name is free at once; the row stays, without one,
    until the timeline has followed what `mark_bucket` marked before (`forget_gone`)."""
    for (row,) in db.execute("SELECT id FROM bucket WHERE name IN (?, ?)", (bucket.id, _shadow(bucket.id))).fetchall():
        db.execute("DELETE FROM event WHERE bucket = ?", (row,))
        db.execute("UPDATE bucket SET name = 'deleted ' || id, data = '{}', watcher = ? WHERE id = ?", (GONE, row))


def forget_gone(db: Connection) -> bool:
    """Drop what is left of deleted buckets that nothing names any more; whether there were any."""
    gone = db.execute("DELETE FROM bucket WHERE watcher = ? AND id NOT IN (SELECT bucket FROM timeline)", (GONE,))
    return bool(gone.rowcount)


_ROW = (
    "SELECT e.id, e.start_ms, e.end_ms, e.fine, e.data, c.app, c.title, c.url, c.project FROM event e"
    " JOIN context c ON c.id = e.context WHERE e.bucket = :bucket"
)


def newest(db: Connection, bucket: Bucket) -> Row | None:
    """The event with the latest start, of several the one stored last: ActivityWatch's `limit=1`."""
    row = db.execute(f"{_ROW} ORDER BY e.start_ms DESC, e.id DESC LIMIT 1", {"bucket": bucket.row}).fetchone()
    return _read(bucket, row) if row else None


def top(db: Connection, bucket: Bucket) -> tuple[int, int] | None:
    """Start (ms) and id of `newest`."""
    row = db.execute(
        "SELECT start_ms, id FROM event WHERE bucket = ? ORDER BY start_ms DESC, id DESC LIMIT 1", (bucket.row,)
    ).fetchone()
    return (row[0], row[1]) if row else None


def event(db: Connection, bucket: Bucket, event_id: int) -> Row | None:
    row = db.execute(f"{_ROW} AND e.id = :id", {"bucket": bucket.row, "id": event_id}).fetchone()
    return _read(bucket, row) if row else None


def page(
    db: Connection, bucket: Bucket, start_ms: int | None, end_ms: int | None, before: tuple[int, int] | None, limit: int
) -> list[Row]:
    """Events that overlap [start, end], newest first, from the one after `before` (start in ms, id) on."""
    where, values = _range(start_ms, end_ms)
    if before:
        where += " AND (e.start_ms, e.id) < (:before_ms, :before_id)"
        values = {**values, "before_ms": before[0], "before_id": before[1]}
    sql = f"{_ROW}{where} ORDER BY e.start_ms DESC, e.id DESC LIMIT :limit"
    return [_read(bucket, row) for row in db.execute(sql, {**values, "bucket": bucket.row, "limit": limit})]


def count(db: Connection, bucket: Bucket, start_ms: int | None, end_ms: int | None) -> int:
    where, values = _range(start_ms, end_ms)
    found = db.execute(f"SELECT count(*) FROM event e WHERE e.bucket = :bucket{where}", {**values, "bucket": bucket.row})
    return int(found.fetchone()[0])


_INSERT = "INSERT INTO event(bucket, start_ms, end_ms, context, data, fine) VALUES(?,?,?,?,?,?)"
_AT_ONCE = 50
_INSERT_SOME = _INSERT + ",(?,?,?,?,?,?)" * (_AT_ONCE - 1)


def insert(db: Connection, bucket: Bucket, new: New, now_ms: int) -> int:
    """Store one event; its id. `now_ms` tells what it claims of the future."""
    made = db.execute(
        _INSERT, (bucket.row, new.start_ms, new.end_us // 1000, new.context, new.rest, _fine(new.end_us, now_ms))
    )
    return int(made.lastrowid)


def insert_many(db: Connection, bucket: Bucket, news: Iterable[New], now_ms: int) -> None:
    rows = [
        (bucket.row, start_ms, end_us // 1000, context, rest, _fine(end_us, now_ms)) for start_ms, end_us, context, rest in news
    ]
    whole = len(rows) - len(rows) % _AT_ONCE
    for first in range(0, whole, _AT_ONCE):  # a third less time than one statement for each row
        db.execute(_INSERT_SOME, list(chain.from_iterable(rows[first : first + _AT_ONCE])))
    db.executemany(_INSERT, rows[whole:])


def extend(db: Connection, event_id: int, end_us: int, now_ms: int) -> bool:
    """Move the end of an event; False when it is not there any more."""
    done = db.execute(
        "UPDATE event SET end_ms = ?, fine = ? WHERE id = ?", (end_us // 1000, _fine(end_us, now_ms), event_id)
    )
    return bool(done.rowcount)


def replace(db: Connection, bucket: Bucket, event_id: int, new: New, now_ms: int) -> bool:
    """Give an event of the bucket other contents; False when there is none of that id."""
    done = db.execute(
        "UPDATE event SET start_ms = ?, end_ms = ?, context = ?, data = ?, fine = ? WHERE id = ? AND bucket = ?",
        (new.start_ms, new.end_us // 1000, new.context, new.rest, _fine(new.end_us, now_ms), event_id, bucket.row),
    )
    return bool(done.rowcount)


def put_aside(db: Connection, bucket: Bucket, event_id: int, now: datetime) -> None:
    """Keep a copy of an event that is about to be overwritten, where the timeline finds it and watchers do not.

    ActivityWatch's server writes a merged heartbeat over the newest event even when it was merged into another one."""
    name = _shadow(bucket.id)
    db.execute(
        "INSERT INTO bucket(name, type, client, hostname, created, data, watcher) VALUES(?,?,'coach',?,?,'{}',?)"
        " ON CONFLICT(name) DO UPDATE SET type = excluded.type",
        (name, bucket.type, bucket.hostname, iso(now), OVERWRITTEN),
    )
    db.execute(
        "INSERT INTO event(bucket, start_ms, end_ms, context, data, fine)"
        " SELECT (SELECT id FROM bucket WHERE name = ?), start_ms, end_ms, context, data, fine FROM event WHERE id = ?",
        (name, event_id),
    )


def remove(db: Connection, bucket: Bucket, event_id: int) -> Row | None:
    """Delete an event; what it was, None when there was none of that id."""
    gone = event(db, bucket, event_id)
    if gone:
        db.execute("DELETE FROM event WHERE id = ?", (event_id,))
    return gone


def mark(db: Connection, hours: Iterable[int]) -> None:
    """Remember hours whose timeline has to be derived anew."""
    db.executemany("INSERT OR IGNORE INTO watcher_hour(hour) VALUES(?)", ((hour,) for hour in hours))


def mark_bucket(db: Connection, bucket: Bucket) -> None:
    """Remember every hour in which a bucket, or what was overwritten in it, has events."""
    db.execute(
        f"WITH RECURSIVE reach(hour, last) AS (SELECT DISTINCT start_ms / {HOUR_MS}, end_ms / {HOUR_MS} FROM event"
        " WHERE bucket IN (SELECT id FROM bucket WHERE id = ? OR name = ?)"
        " UNION SELECT hour + 1, last FROM reach WHERE hour < last) INSERT OR IGNORE INTO watcher_hour(hour)"
        " SELECT DISTINCT hour FROM reach", (bucket.row, _shadow(bucket.id)),
    )


def marked(db: Connection) -> list[int]:
    """Hours that wait."""
    return [int(r[0]) for r in db.execute("SELECT hour FROM watcher_hour ORDER BY hour")]


def unmark(db: Connection, hours: Iterable[int]) -> None:
    db.executemany("DELETE FROM watcher_hour WHERE hour = ?", [(hour,) for hour in hours])


def expect_many(db: Connection) -> None:
    """Let the write-ahead log of this connection grow to 16 MB before a commit has to wait until it is in the file; it goes
    back to one. What it keeps of the file in memory is 4 MB: mostly the newest pages."""
    db.execute("PRAGMA cache_size = -4000")
    db.execute("PRAGMA wal_autocheckpoint = 4000")
    db.execute("PRAGMA journal_size_limit = 1000000")


def empty_log(db: Connection) -> None:
    """Put the write-ahead log into the file, unless somebody else reads or writes right now."""
    db.execute("PRAGMA busy_timeout = 0")
    try:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        db.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")


def settings(db: Connection) -> dict[str, Any]:
    """What clients have kept here, by key."""
    return {r[0]: json.loads(r[1]) for r in db.execute("SELECT key, value FROM watcher_setting ORDER BY key")}


def set_setting(db: Connection, key: str, value: Any) -> None:
    """Keep a value; a false one (null, "", 0, [], {}) removes the key, as in ActivityWatch."""
    if not value:
        db.execute("DELETE FROM watcher_setting WHERE key = ?", (key,))
        return
    db.execute(
        "INSERT INTO watcher_setting(key, value) VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
        (key, json.dumps(value)),
    )


def packed(rest: Mapping[str, Any]) -> str | None:
    """The keys of an event's data that its context does not hold, as they are stored."""
    if not rest:
        return None
    text = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can say and UTF-8 cannot
        return json.dumps(rest, separators=(",", ":"))
    return text


def _shadow(name: str) -> str:
    return f"{name} (overwritten)"


def _fine(end_us: int, now_ms: int) -> int | None:
    """See `migrations.m005_watchers`."""
    below = end_us % 1000
    if end_us // 1000 > now_ms:
        return now_ms * 1000 + below
    return below or None


def _read(bucket: Bucket, row: Sequence[Any]) -> Row:
    event_id, start_ms, end_ms, fine, data, app, title, url, project = row
    seen = Seen(app, title, url, project, json.loads(data) if data else {})
    fine = fine or 0
    lived_ms = min(end_ms, fine // 1000 or end_ms)
    return Row(event_id, start_ms, end_ms * 1000 + fine % 1000, together(bucket.type, seen), lived_ms)


def _range(start_ms: int | None, end_ms: int | None) -> tuple[str, dict[str, Any]]:
    where, values = "", {}
    if start_ms is not None:
        where += f" AND e.start_ms >= :start_ms - {LONGEST_SEEN_MS} AND e.end_ms >= :start_ms"
        values["start_ms"] = start_ms
    if end_ms is not None:
        where += " AND e.start_ms <= :end_ms"
        values["end_ms"] = end_ms
    return where, values
