"""Imports of tracked time: what each brought, found again to be taken away, and which of a file's events are there already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coach.core.errors import NotFound
from coach.core.when import iso, parse_iso
from coach.store.db import Connection
from coach.store.watchers import HOUR_MS, Bucket, New

_MOST_ROWS = 50_000


@dataclass(slots=True)
class Import:
    """One import. `low_ms` and `high_ms` are the first and the last start; `grown` maps ids to the ends (ms) before."""

    kind: str
    at: datetime
    events: int = 0
    first_id: int = 0
    last_id: int = -1
    low_ms: int = 1 << 62
    high_ms: int = -1
    buckets: set[int] = field(default_factory=set)
    made: set[int] = field(default_factory=set)
    grown: dict[int, int] = field(default_factory=dict)
    number: int = 0


def last_event(db: Connection) -> int:
    """The highest id of an event; those of the same transaction follow it."""
    return int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0])


def remember(db: Connection, done: Import) -> int:
    """Its number. Wants the transaction in which the events were written."""
    return int(db.execute(
        "INSERT INTO imported(at, kind, events, first_id, last_id, low_ms, high_ms, buckets, made, grown)"
        " VALUES(?,?,?,?,?,?,?,?,?,?) RETURNING id",
        (iso(done.at), done.kind, done.events, done.first_id, done.last_id, done.low_ms, done.high_ms,
         json.dumps(sorted(done.buckets)), json.dumps(sorted(done.made)), json.dumps(done.grown)),
    ).fetchone()[0])


def every(db: Connection) -> list[Import]:
    """The imports that have not been taken away, oldest first."""
    return [_import(row) for row in db.execute("SELECT * FROM imported ORDER BY id")]


def of(db: Connection, number: int) -> Import:
    """Raises NotFound."""
    row = db.execute("SELECT * FROM imported WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise NotFound(f"there is no import {number} of tracked time", "`coach import --list` shows them")
    return _import(row)


def take_away(db: Connection, gone: Import) -> int:
    """Delete what an import brought, and mark the hours that the timeline has to follow; returns how many events went.
    Wants a surrounding transaction."""
    here = (
        "bucket IN (SELECT value FROM json_each(:buckets)) AND id BETWEEN :first AND :last AND start_ms BETWEEN :low AND :high"
    )
    values = {
        "buckets": json.dumps(sorted(gone.buckets)), "first": gone.first_id, "last": gone.last_id, "low": gone.low_ms,
        "high": gone.high_ms,
    }
    _mark(db, here, values)
    for event_id, end_ms in gone.grown.items():
        one = {"id": event_id}
        _mark(db, "id = :id", one)
        db.execute("UPDATE event SET end_ms = :end, fine = NULL WHERE id = :id AND end_ms > :end", {**one, "end": end_ms})
    number = db.execute(f"DELETE FROM event WHERE {here}", values).rowcount
    db.execute("DELETE FROM imported WHERE id = ?", (gone.number,))
    db.executemany(
        "UPDATE bucket SET name = 'deleted ' || id, data = '{}', watcher = 3 WHERE id = :id"
        " AND NOT EXISTS (SELECT 1 FROM event WHERE bucket = :id)", [{"id": bucket} for bucket in gone.made],
    )
    return int(number)


def present(db: Connection, bucket: Bucket, news: Sequence[New]) -> dict[tuple[int, int, str | None], tuple[int, int]]:
    """The events of a bucket at the starts of these: (start_ms, context, data) -> (id, end in microseconds)."""
    if not news:
        return {}
    low, high = min(n.start_ms for n in news), max(n.start_ms for n in news)
    sql = "SELECT start_ms, context, data, id, end_ms, fine FROM event WHERE bucket = ? AND start_ms"
    number = db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM event WHERE bucket = ? AND start_ms BETWEEN ? AND ? LIMIT ?)",
        (bucket.row, low, high, _MOST_ROWS),
    ).fetchone()[0]
    if number < _MOST_ROWS:
        rows: Iterable[Any] = db.execute(f"{sql} BETWEEN ? AND ?", (bucket.row, low, high))
    else:  # the file is in no order: asking for each is less than reading all that lies between
        rows = (row for start in {n.start_ms for n in news} for row in db.execute(f"{sql} = ?", (bucket.row, start)))
    return {(r[0], r[1], r[2]): (r[3], r[4] * 1000 + (r[5] or 0) % 1000) for r in rows}


def own_bucket(db: Connection, name: str) -> Bucket | None:
    """Coach's own bucket of that name, which no watcher sees."""
    row = db.execute(
        "SELECT id, name, type, client, hostname, created, data FROM bucket WHERE name = ? AND watcher IS NULL", (name,)
    ).fetchone()
    return _bucket(row) if row else None


def buckets(db: Connection) -> list[Bucket]:
    """All buckets that events may be exported from, Coach's own first."""
    found = db.execute(
        "SELECT id, name, type, client, hostname, created, data FROM bucket WHERE watcher IS NULL OR watcher = 1"
        " ORDER BY watcher IS NOT NULL, name"
    )
    return [_bucket(row) for row in found]


def events(db: Connection, row: int) -> Iterator[tuple[int, int, tuple[str, str, str, str], str | None, str | None]]:
    """(start in ms, end in microseconds, words, category, data) of a bucket's events, earliest first."""
    for r in db.execute(
        "SELECT e.start_ms, e.end_ms, e.fine, c.app, c.title, c.url, c.project, c.category, e.data FROM event e"
        " JOIN context c ON c.id = e.context WHERE e.bucket = ? ORDER BY e.start_ms, e.id", (row,),
    ):
        yield r[0], r[1] * 1000 + (r[2] or 0) % 1000, (r[3], r[4], r[5], r[6]), r[7], r[8]


def _mark(db: Connection, here: str, values: dict[str, Any]) -> None:
    db.execute(
        f"WITH RECURSIVE reach(hour, last) AS (SELECT DISTINCT start_ms / {HOUR_MS}, end_ms / {HOUR_MS} FROM event"
        f" WHERE {here} UNION SELECT hour + 1, last FROM reach WHERE hour < last)"
        " INSERT OR IGNORE INTO watcher_hour(hour) SELECT DISTINCT hour FROM reach", values,
    )


def _bucket(row: Any) -> Bucket:
    return Bucket(row[0], row[1], row[2], row[3], row[4], row[5], json.loads(row[6] or "{}"))


def _import(row: Any) -> Import:
    grown = {int(key): value for key, value in json.loads(row["grown"]).items()}
    return Import(
        row["kind"], parse_iso(row["at"]), row["events"], row["first_id"], row["last_id"], row["low_ms"], row["high_ms"],
        set(json.loads(row["buckets"])), set(json.loads(row["made"])), grown, row["id"],
    )
