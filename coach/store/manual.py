"""What people say about their time: entries and corrections in a range, and which of them the timeline does not follow yet."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coach.core.event import Event
from coach.core.unexplained import BREAK
from coach.core.when import from_ms
from coach.store import changes, events, timeline
from coach.store.db import Connection
from coach.store.events import Categorise

APP = "manual"
"""The app of a context made of an entry, and the name of their bucket."""


def between(db: Connection, record: str, low_ms: int, high_ms: int) -> list[dict[str, Any]]:
    """Entries ("manual") or corrections ("correction") that overlap [low, high), earliest first."""
    return changes.read(db, record, "end_ms > ? AND start_ms < ? ORDER BY start_ms, created, id", (low_ms, high_ms))


def breaks(db: Connection, low_ms: int, high_ms: int) -> list[tuple[int, int]]:
    """Start and end of the entries there that say it was a break."""
    found = between(db, "manual", low_ms, high_ms)
    return [(entry["start_ms"], entry["end_ms"]) for entry in found if entry["category"] == BREAK]


def is_pending(db: Connection) -> bool:
    """Whether a record has changed and nothing has followed yet."""
    return db.execute("SELECT 1 FROM retold LIMIT 1").fetchone() is not None


def bring_events(db: Connection, categorise: Categorise, hostname: str, now: datetime) -> list[tuple[int, int]]:
    """Make the events of the manual bucket what the records say, as far as those have changed; returns the ranges of the
    timeline that have to be derived anew. Wants a surrounding transaction."""
    pending = db.execute("SELECT record, record_id, start_ms, end_ms FROM retold ORDER BY id").fetchall()
    db.execute("DELETE FROM retold")
    entries = {r["record_id"]: None for r in pending if r["record"] == "manual"}
    bucket = events.bucket(db, APP, events.BUCKET_TYPES[APP], now, hostname=hostname) if entries else 0
    for r in pending:
        if r["record"] == "manual":
            db.execute(
                "DELETE FROM event WHERE bucket = ? AND start_ms >= ? AND start_ms < ?"
                " AND CASE WHEN json_valid(data) THEN json_extract(data, '$.record') END = ?",
                (bucket, r["start_ms"], r["end_ms"], r["record_id"]),
            )
    for record_id in entries:
        for entry in changes.read(db, "manual", "id = ?", (record_id,)):
            _insert(db, bucket, entry, categorise)
    return [(r["start_ms"], r["end_ms"]) for r in pending]


def _insert(db: Connection, bucket: int, entry: dict[str, Any], categorise: Categorise) -> None:
    data = {"record": entry["id"], "said_ms": timeline.said_at(entry["created"])}
    if entry["category"]:
        data["category"] = entry["category"]
    project = entry["project"] or ""
    event = Event(from_ms(entry["start_ms"]), from_ms(entry["end_ms"]), APP, APP, entry["title"], "", project, None, data)
    events.insert(db, bucket, event, events.context(db, APP, entry["title"], "", project, categorise))


def erase(db: Connection, low_ms: int, high_ms: int, app: str = "") -> None:
    """Take [low, high) out of entries, and forget corrections that say something about nothing else; with `app` only what
    is of it. No undo step: their log goes too. Wants a surrounding transaction."""
    if app in ("", APP):
        for entry in between(db, "manual", low_ms, high_ms):
            _cut(db, entry, low_ms, high_ms)
    for correction in between(db, "correction", low_ms, high_ms):
        inside = low_ms <= correction["start_ms"] and correction["end_ms"] <= high_ms
        if inside and app in ("", correction["app"]):
            forget(db, "correction", [correction["id"]])


def forget(db: Connection, record: str, ids: Sequence[str]) -> None:
    """Remove records and every value about them in the log."""
    for record_id in ids:
        db.execute("DELETE FROM change WHERE record = ? AND record_id = ?", (record, record_id))
        db.execute(f"DELETE FROM {record} WHERE id = ?", (record_id,))


def _cut(db: Connection, entry: dict[str, Any], low_ms: int, high_ms: int) -> None:
    parts = [(entry["start_ms"], low_ms), (high_ms, entry["end_ms"])]
    left = [(a, b) for a, b in parts if a < b]
    if not left:
        forget(db, "manual", [entry["id"]])
        return
    db.execute("UPDATE manual SET start_ms = ?, end_ms = ? WHERE id = ?", (*left[0], entry["id"]))
    for start_ms, end_ms in left[1:]:
        row = {**entry, "id": str(uuid.uuid4()), "start_ms": start_ms, "end_ms": end_ms}
        db.execute(f"INSERT INTO manual({', '.join(row)}) VALUES({', '.join('?' * len(row))})", tuple(row.values()))
