"""Tasks from their creation to their end, and the days on which they were put off: what chances of completion are learnt from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coach.core.task import Task
from coach.core.when import iso
from coach.store import tasks
from coach.store.db import Connection, meta, set_meta, transaction

MODES = "modes"
"""Name in `meta` of what was found in the kept weeks."""


def since(db: Connection, begin: datetime, most: int) -> list[Task]:
    """Tasks that were open at some time since `begin`, the newest `most` of them, oldest first; series and their occurrences are
    left out."""
    rows = db.execute(
        "SELECT num FROM task WHERE recurrence IS NULL AND series_id IS NULL AND (status = 'pending'"
        " OR (status = 'completed' AND completed >= :begin) OR (status = 'deleted' AND deleted >= :begin))"
        " ORDER BY num DESC LIMIT :most", {"begin": iso(begin), "most": most},
    ).fetchall()
    return tasks.numbered(db, [int(r[0]) for r in reversed(rows)])


def first_created(db: Connection) -> str | None:
    """When the first task was noted, ISO 8601 UTC."""
    row = db.execute("SELECT min(created) FROM task").fetchone()
    return row[0] if row else None


def snoozes(db: Connection, begin: datetime) -> list[tuple[str, str, str]]:
    """(task, when it was put off, until when) since `begin`, earliest first; what was undone is left out. The second is ISO 8601
    UTC, the third wall time as stored."""
    rows = db.execute(
        "SELECT c.record_id, a.at, json_extract(c.fields, '$.wait[1]') FROM action a JOIN change c ON c.action = a.id"
        " WHERE a.at >= ? AND a.undone = 0 AND a.undoes IS NULL AND c.record = 'task'"
        " AND json_extract(c.fields, '$.snooze_count[1]') > json_extract(c.fields, '$.snooze_count[0]') ORDER BY a.hlc",
        (iso(begin),),
    ).fetchall()
    return [(r[0], r[1], r[2]) for r in rows if r[2]]


def offer(db: Connection, task_id: str, action: str, now: datetime) -> int:
    """Keep that an advice was given; the one that stands for the task already is kept as it is."""
    with transaction(db):
        row = db.execute(
            "SELECT id FROM advice WHERE task_id = ? AND action = ? AND status IN ('offered', 'accepted')", (task_id, action)
        ).fetchone()
        if row:
            return int(row[0])
        made = db.execute("INSERT INTO advice(task_id, action, at, status) VALUES(?,?,?,'offered')", (task_id, action, iso(now)))
        return int(made.lastrowid or 0)


def answer(db: Connection, advice: int, status: str, now: datetime) -> None:
    """An advice was accepted or declined, or has helped or failed."""
    with transaction(db):
        db.execute("UPDATE advice SET status = ?, settled = ? WHERE id = ?", (status, iso(now), advice))


def advice(db: Connection, status: str = "") -> list[dict[str, Any]]:
    """What was advised, oldest first; of a status where one is given."""
    where, values = ("WHERE status = ?", (status,)) if status else ("", ())
    names = ("id", "task_id", "action", "at", "status", "settled")
    rows = db.execute(f"SELECT {', '.join(names)} FROM advice {where} ORDER BY id", values).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def keep_weeks(db: Connection, weeks: dict[str, str], version: int) -> None:
    """Snapshots by the ISO date of their Monday; those of other versions of the features go."""
    with transaction(db):
        db.execute("DELETE FROM task_week WHERE version != ?", (version,))
        db.executemany(
            "INSERT INTO task_week VALUES(?,?,?)"
            " ON CONFLICT(week) DO UPDATE SET version = excluded.version, data = excluded.data",
            [(week, version, data) for week, data in weeks.items()],
        )


def weeks(db: Connection, version: int) -> dict[str, str]:
    """The snapshots, earliest first."""
    return dict(db.execute("SELECT week, data FROM task_week WHERE version = ? ORDER BY week", (version,)).fetchall())


def keep_modes(db: Connection, found: str, of: str) -> None:
    """What was found in weeks, beside a digest of them."""
    with transaction(db):
        set_meta(db, MODES, f"{of} {found}")


def modes(db: Connection, of: str) -> str:
    """What was found in weeks with that digest; empty where they are others."""
    kept, _, found = meta(db, MODES).partition(" ")
    return found if kept == of else ""


def erase_weeks(db: Connection) -> None:
    """Every snapshot and what was found in them. Inside a transaction."""
    db.execute("DELETE FROM task_week")
    set_meta(db, MODES, "")
