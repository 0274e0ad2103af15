"""The few rows that a status line shows, each found by an index."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coach.core.timeline import CUT_MS
from coach.core.when import iso, to_ms
from coach.store.db import Connection


def started(db: Connection) -> tuple[str, int, str, str] | None:
    """(id, number, title, started) of the open task that was started last."""
    row = db.execute(
        "SELECT id, num, title, started FROM task WHERE started IS NOT NULL AND status = 'pending' ORDER BY started DESC LIMIT 1"
    ).fetchone()
    return (row[0], row[1], row[2], row[3]) if row else None


def focus(db: Connection, now: datetime) -> dict[str, Any] | None:
    """The focus session that is on: id, task_id, label, start, planned_end."""
    row = db.execute(
        "SELECT id, task_id, label, start, planned_end FROM focus_session WHERE end IS NULL ORDER BY start DESC LIMIT 1"
    ).fetchone()
    return dict(zip(row.keys(), row, strict=True)) if row and row["planned_end"] > str(iso(now)) else None


def present(db: Connection, now: datetime, within_s: float) -> tuple[int, str, str, str, str | None] | None:
    """(start in ms, app, project, title, category) of the state that ended less than `within_s` ago, or goes on."""
    row = db.execute(
        "SELECT t.start_ms, c.app, c.project, c.title, coalesce(t.category, c.category), t.end_ms FROM timeline t"
        " JOIN context c ON c.id = t.context WHERE t.start_ms <= ? ORDER BY t.start_ms DESC LIMIT 1", (to_ms(now),)
    ).fetchone()
    if row is None or abs(to_ms(now) - row[5]) >= within_s * 1000:
        return None
    return row[0], row[1], row[2], row[3], row[4]


def tracked_s(db: Connection, start: datetime, end: datetime) -> float:
    """Seconds of the timeline in [start, end)."""
    low, high = to_ms(start), to_ms(end)
    (ms,) = db.execute(
        "SELECT sum(min(end_ms, ?) - max(start_ms, ?)) FROM timeline WHERE start_ms < ? AND start_ms >= ? AND end_ms > ?",
        (high, low, high, low - CUT_MS, low),
    ).fetchone()
    return (ms or 0) / 1000


def consented(db: Connection) -> bool:
    """Whether tracking was agreed to."""
    row = db.execute("SELECT value FROM preference WHERE id = 'tracking_consent'").fetchone()
    return row is not None and row[0] == "true"


def counters(db: Connection) -> dict[str, int]:
    """Numbers for metrics: `events` ever recorded (the highest id), `open_tasks`, and nudges as `nudge:STATUS`."""
    found = {
        "events": int(db.execute("SELECT coalesce(max(id), 0) FROM event").fetchone()[0]),
        "open_tasks": int(db.execute("SELECT count(*) FROM task WHERE status = 'pending'").fetchone()[0]),
    }
    for status, number in db.execute("SELECT status, count(*) FROM nudge GROUP BY status"):
        found[f"nudge:{status}"] = int(number)
    return found
