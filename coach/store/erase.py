"""Real deletion: rows, log values and the space they stood in."""

from __future__ import annotations

from datetime import datetime

from coach.core.errors import Busy
from coach.core.nudge import REMINDER
from coach.core.when import from_ms, iso, to_ms
from coach.store import attribution, avoidance, chat, kept_days, kept_views, language, models, plan_signals, task_index
from coach.store.db import Connection, transaction
from coach.store.events import OVERLAPPING
from coach.store.said import ERASED


def audit(db: Connection, what: str, detail: str, now: datetime) -> None:
    """A line in the access log; `detail` names counts and ranges, never contents."""
    db.execute("INSERT INTO audit(at, what, detail) VALUES(?,?,?)", (iso(now), what, detail))


def purge_deleted(db: Connection, now: datetime) -> int:
    """Remove softly deleted tasks and every log value about them; returns how many."""
    with transaction(db):
        gone = [r[0] for r in db.execute("SELECT id FROM task WHERE status = 'deleted'")]
        attribution.forget_tasks(db, gone)
        avoidance.forget_tasks(db, gone)
        for task_id in gone:
            db.execute("DELETE FROM change WHERE record = 'task' AND record_id = ?", (task_id,))
            answers = "SELECT id FROM category_answer WHERE task_id = ?"
            db.execute(f"DELETE FROM change WHERE record = 'category_answer' AND record_id IN ({answers})", (task_id,))
            db.execute("DELETE FROM category_answer WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM block WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM delivery WHERE nudge_id IN (SELECT id FROM nudge WHERE task_id = ?)", (task_id,))
            db.execute("DELETE FROM nudge_misfire WHERE nudge IN (SELECT id FROM nudge WHERE task_id = ?)", (task_id,))
            db.execute("DELETE FROM nudge WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM nudge_trial WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM advice WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM plan_signal WHERE task_id = ?", (task_id,))
            # A focus session is time that was spent; its label is the task's title.
            sessions = "SELECT id FROM focus_session WHERE task_id = ?"
            db.execute(f"DELETE FROM change WHERE record = 'focus_session' AND record_id IN ({sessions})", (task_id,))
            db.execute("UPDATE focus_session SET label = '' WHERE task_id = ?", (task_id,))
            db.execute("DELETE FROM task WHERE id = ?", (task_id,))
        if gone:
            db.execute("DELETE FROM shown_order")
            db.execute("DELETE FROM taste")  # it counts words of titles; the choices that are left are learnt anew
            language.forget(db)
            plan_signals.forget_profile(db)
            db.execute("DELETE FROM question")
        task_index.forget_words(db)
        _forget_empty_actions(db)
        forget_conversation(db)
        audit(db, "purge", f"{len(gone)} tasks", now)
    compact(db)
    return len(gone)


def touched(db: Connection, start: datetime, end: datetime, app: str = "") -> tuple[int, int, int]:
    """(number, first start, last end in ms, both within the range) of source events in [start, end), of one app when given."""
    low, high = to_ms(start), to_ms(end)
    number, first, last = db.execute(
        f"SELECT count(*), min(start_ms), max(end_ms) FROM event WHERE start_ms < :high"
        f" AND (end_ms > :low OR start_ms >= :low){_of(app)}",
        {"low": low, "high": high, "app": app},
    ).fetchone()
    return number, max(first or 0, low), min(last or 0, high)


def erase_time(db: Connection, low_ms: int, high_ms: int, app: str = "") -> list[tuple[int, int]]:
    """Remove source events in [low, high), of one app when given; returns where they were, earliest first, cut to the range.
    What reaches over an edge is cut.

    Wants a surrounding transaction in which the caller also derives the timeline anew where they were."""
    attribution.erase(db, low_ms, high_ms, app)
    if not app:  # outcomes were read from that time
        db.execute("DELETE FROM nudge_trial WHERE at >= ? AND at < ?", (iso(from_ms(low_ms)), iso(from_ms(high_ms))))
    found = db.execute(
        f"SELECT id, start_ms, end_ms FROM event WHERE id IN ({OVERLAPPING}){_of(app)} ORDER BY start_ms",
        {"low": low_ms - 1, "high": high_ms, "app": app},
    ).fetchall()
    for event_id, start_ms, end_ms in found:
        if start_ms < low_ms and end_ms > high_ms:
            db.execute(
                "INSERT INTO event(bucket, start_ms, end_ms, context, data, fine) SELECT bucket, ?, end_ms, context, data, fine"
                " FROM event WHERE id = ?", (high_ms, event_id),
            )
        if start_ms < low_ms < end_ms:
            db.execute(
                "UPDATE event SET end_ms = :low, fine = nullif(min(fine, :low * 1000), :low * 1000) WHERE id = :id",
                {"low": low_ms, "id": event_id},
            )
        elif start_ms >= low_ms and end_ms > high_ms:
            db.execute("UPDATE event SET start_ms = ? WHERE id = ?", (high_ms, event_id))
    inside = [(r[0],) for r in found if r[1] >= low_ms and r[2] <= high_ms]
    db.executemany("DELETE FROM event WHERE id = ?", inside)
    return [(max(low_ms, r[1]), min(high_ms, r[2])) for r in found if min(high_ms, r[2]) >= max(low_ms, r[1])]


def _of(app: str) -> str:
    return " AND context IN (SELECT id FROM context WHERE app = :app)" if app else ""


def forget_contexts(db: Connection) -> None:
    """Drop contexts that no event and no timeline row points to, and what was kept of views that may name them."""
    gone = db.execute(
        "DELETE FROM context WHERE id NOT IN (SELECT context FROM event) AND id NOT IN (SELECT context FROM timeline)"
    )
    if gone.rowcount:
        kept_views.forget(db)


def forget_words(db: Connection, since: datetime) -> None:
    """What Coach said from `since` on may quote times and names of what is erased: a week's digest, minutes on a site. The words
    go; that something was said, and what was thought of it, stays. What waits to be said, here or on another device, is dropped.
    Reminders quote nothing that was tracked."""
    chosen, values = "SELECT id FROM nudge WHERE at >= ? AND situation != ?", (iso(since), REMINDER)
    db.execute(f"DELETE FROM delivery WHERE status = 'queued' AND nudge_id IN ({chosen})", values)
    db.execute(f"DELETE FROM nudge_misfire WHERE nudge IN ({chosen} AND status = 'queued')", values)
    db.execute("DELETE FROM nudge WHERE status = 'queued' AND at >= ? AND situation != ?", values)
    db.execute("UPDATE nudge SET text = ? WHERE at >= ? AND situation != ?", (ERASED, *values))


def forget_conversation(db: Connection) -> None:
    """Answers quote what was asked about: applications, titles, tasks."""
    chat.clear(db)


def forget_learned(db: Connection) -> None:
    """Personal models were trained on what is erased, and predictions and kept views speak of it: the shipped versions serve
    again, and views are made anew."""
    models.erase(db)
    db.execute("DELETE FROM guess")
    plan_signals.forget_profile(db)
    avoidance.erase(db)  # what took the place of a task was tracked; the job makes them anew
    kept_views.forget(db)
    kept_days.forget(db)


def compact(db: Connection) -> None:
    """Give freed pages back and empty the write-ahead log, so that what was deleted is gone from the disk.

    Raises Busy when another process reads the store for so long that the log cannot be emptied."""
    db.execute("INSERT INTO task_text(task_text) VALUES('optimize')")  # or pieces of deleted words stay in its segments
    # VACUUM's copy of the whole file stands in memory, unless it may be a file: that one is encrypted by the store's key.
    # Only here: what sorting puts into temporary files would not be.
    db.execute("PRAGMA temp_store = FILE")
    try:
        db.execute("VACUUM")
    finally:
        db.execute("PRAGMA temp_store = DEFAULT")
    if db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
        raise Busy(
            "it is deleted, but a copy may still stand, encrypted, in the store's write-ahead log",
            "another process reads the store; the copy goes when all of Coach has been closed",
        )


def _forget_empty_actions(db: Connection) -> None:
    db.execute("DELETE FROM action WHERE id NOT IN (SELECT action FROM change)")
