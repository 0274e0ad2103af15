"""Real deletion: rows, log values and the space they stood in."""

from __future__ import annotations

from datetime import datetime

from coach.core.when import iso, to_ms
from coach.store.db import Connection, transaction


def audit(db: Connection, what: str, detail: str, now: datetime) -> None:
    """A line in the access log; `detail` names counts and ranges, never contents."""
    db.execute("INSERT INTO audit(at, what, detail) VALUES(?,?,?)", (iso(now), what, detail))


def purge_deleted(db: Connection, now: datetime) -> int:
    """Remove softly deleted tasks and every log value about them; returns how many."""
    with transaction(db):
        gone = [r[0] for r in db.execute("SELECT id FROM task WHERE status = 'deleted'")]
        for task_id in gone:
            db.execute("DELETE FROM change WHERE record = 'task' AND record_id = ?", (task_id,))
            db.execute("DELETE FROM block WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM nudge WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM task WHERE id = ?", (task_id,))
        _forget_empty_actions(db)
        audit(db, "purge", f"{len(gone)} tasks", now)
    compact(db)
    return len(gone)


def erase_time(db: Connection, start: datetime, end: datetime, now: datetime, *, app: str = "") -> int:
    """Remove source events in [start, end) (of one app when given) with the contexts that nothing else uses.

    Events that reach over an edge are cut. The caller rebuilds the timeline of the range. Returns how many were touched."""
    low, high = to_ms(start), to_ms(end)
    of_app = " AND context IN (SELECT id FROM context WHERE app = ?)" if app else ""
    extra = (app,) if app else ()
    with transaction(db):
        cut = db.execute(
            f"INSERT INTO event(bucket, start_ms, end_ms, context, data) SELECT bucket, ?, end_ms, context, data FROM event"
            f" WHERE start_ms < ? AND end_ms > ?{of_app}", (high, low, high, *extra),
        ).rowcount
        cut += db.execute(
            f"UPDATE event SET end_ms = ? WHERE start_ms < ? AND end_ms > ?{of_app}", (low, low, low, *extra)
        ).rowcount
        gone = db.execute(
            f"DELETE FROM event WHERE start_ms >= ? AND start_ms < ?{of_app}", (low, high, *extra)
        ).rowcount
        audit(db, "erase", f"{gone + cut} events", now)
    return int(gone + cut)


def forget_contexts(db: Connection) -> None:
    """Drop contexts that no event and no timeline row points to."""
    db.execute(
        "DELETE FROM context WHERE id NOT IN (SELECT context FROM event) AND id NOT IN (SELECT context FROM timeline)"
    )


def compact(db: Connection) -> None:
    """Give freed pages back and empty the write-ahead log, so that what was deleted is gone from the disk."""
    db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _forget_empty_actions(db: Connection) -> None:
    db.execute("DELETE FROM action WHERE id NOT IN (SELECT action FROM change)")
