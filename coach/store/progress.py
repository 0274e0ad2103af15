"""What shows how Coach is used and what it does, counted from its own memory; and how often each screen was opened."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from coach.core.when import iso
from coach.store.db import Connection, transaction

OWN = "actor = 'user'"


def note_uses(db: Connection, day: date, uses: Mapping[str, int]) -> None:
    """Add what was used on that day."""
    with transaction(db):
        db.executemany(
            "INSERT INTO feature_use(day, name, uses) VALUES(?,?,?) ON CONFLICT DO UPDATE SET uses = uses + excluded.uses",
            [(day.isoformat(), name, count) for name, count in uses.items()],
        )


def uses(db: Connection, first: date, last: date) -> dict[str, int]:
    """How often each feature was used from `first` to `last`, both included."""
    found = db.execute("SELECT name, sum(uses) FROM feature_use WHERE day BETWEEN ? AND ? GROUP BY name",
                       (first.isoformat(), last.isoformat()))
    return {str(r[0]): int(r[1]) for r in found}


def touched(db: Connection, start: datetime, end: datetime) -> list[str]:
    """When the person used Coach, as ISO instants: edits, questions, answers to nudges."""
    sql = (
        f"SELECT at FROM action WHERE {OWN} AND at >= :a AND at < :b"
        " UNION ALL SELECT at FROM chat_message WHERE role = 'user' AND at >= :a AND at < :b"
        " UNION ALL SELECT outcome_at FROM nudge WHERE status IN ('opened', 'started', 'done', 'snoozed', 'dismissed')"
        " AND outcome_at >= :a AND outcome_at < :b"
    )
    return [str(r[0]) for r in db.execute(sql, {"a": iso(start), "b": iso(end)})]


def used_days(db: Connection, first: date, last: date) -> set[str]:
    """Days on which a screen was opened."""
    found = db.execute("SELECT DISTINCT day FROM feature_use WHERE day BETWEEN ? AND ?", (first.isoformat(), last.isoformat()))
    return {str(r[0]) for r in found}


def first_used(db: Connection) -> tuple[str | None, str | None]:
    """The first edit (an ISO instant) and the first day on which a screen was opened."""
    edit = db.execute(f"SELECT at FROM action WHERE {OWN} ORDER BY hlc LIMIT 1").fetchone()
    return None if edit is None else str(edit[0]), db.execute("SELECT min(day) FROM feature_use").fetchone()[0]


def actions(db: Connection, start: datetime, end: datetime) -> dict[str, int]:
    """How many actions of the person there were, by their label."""
    found = db.execute(f"SELECT label, count(*) FROM action WHERE {OWN} AND at >= ? AND at < ? AND undoes IS NULL GROUP BY label",
                       (iso(start), iso(end)))
    return {str(r[0]): int(r[1]) for r in found}


def questions(db: Connection, start: datetime, end: datetime) -> int:
    return int(db.execute("SELECT count(*) FROM chat_message WHERE role = 'user' AND at >= ? AND at < ?",
                          (iso(start), iso(end))).fetchone()[0])


def accesses(db: Connection, start: datetime, end: datetime) -> dict[str, int]:
    """Imports, exports, erasures and the like, from the audit log."""
    found = db.execute("SELECT what, count(*) FROM audit WHERE at >= ? AND at < ? GROUP BY what", (iso(start), iso(end)))
    return {str(r[0]): int(r[1]) for r in found}


def due_tasks(db: Connection, start: datetime, end: datetime) -> list[tuple[bool, bool]]:
    """(completed, completed by its due moment) of each task, or occurrence, that was due in that time and not deleted."""
    found = db.execute(
        "SELECT status = 'completed', status = 'completed' AND unixepoch(completed) <= due_utc FROM task"
        " WHERE due_utc >= unixepoch(:a) AND due_utc < unixepoch(:b) AND status != 'deleted'", {"a": iso(start), "b": iso(end)},
    )
    return [(bool(r[0]), bool(r[1])) for r in found]


def finished(db: Connection, start: datetime, end: datetime) -> list[tuple[float | None, float | None]]:
    """(estimate, minutes measured) of each task completed in that time."""
    found = db.execute(
        "SELECT estimate_min, actual_min FROM task WHERE status = 'completed' AND completed >= ? AND completed < ?",
        (iso(start), iso(end)),
    )
    return [(r[0], r[1]) for r in found]
