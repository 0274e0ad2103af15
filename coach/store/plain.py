"""Tasks as plain values, the way `core.task.stored` writes them: what imports compare and exports write, without making
records of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from coach.core.task import Task
from coach.store.changes import decode
from coach.store.db import Connection

_COLUMNS = ", ".join(f.name for f in fields(Task))


def of(db: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The tasks of at most some hundred ids, with `num`."""
    marks = ", ".join("?" * len(ids))
    rows = db.execute(f"SELECT {_COLUMNS} FROM task WHERE id IN ({marks})", tuple(ids))
    return {row["id"]: _plain(row) for row in rows}


def none(db: Connection) -> bool:
    """Whether there are no tasks at all."""
    return db.execute("SELECT 1 FROM task LIMIT 1").fetchone() is None


def every(db: Connection, order: str = "num") -> Iterator[dict[str, Any]]:
    """All tasks, with `num`, the completed and softly deleted too. `order` is SQL of the callers' own."""
    return (_plain(row) for row in db.execute(f"SELECT {_COLUMNS} FROM task ORDER BY {order}"))


def titles(db: Connection) -> dict[str, list[str]]:
    """The ids of the tasks that are not deleted, by title."""
    found: dict[str, list[str]] = {}
    for row in db.execute("SELECT title, id FROM task WHERE status != 'deleted' ORDER BY num"):
        found.setdefault(row[0], []).append(row[1])
    return found


def dependencies(db: Connection) -> dict[str, list[str]]:
    """Which tasks each task depends on, for those that do."""
    found: dict[str, list[str]] = {}
    for row in db.execute("SELECT task, on_task FROM dependency ORDER BY task"):
        found.setdefault(row[0], []).append(row[1])
    return found


def parents(db: Connection) -> set[str]:
    """The ids of the tasks that have subtasks."""
    return {row[0] for row in db.execute("SELECT DISTINCT parent FROM task WHERE parent IS NOT NULL")}


def extras(db: Connection, service: str) -> Iterator[dict[str, Any]]:
    """What tasks keep of one service."""
    for row in db.execute("SELECT json_extract(extra, '$.' || ?) FROM task WHERE extra != '{}'", (service,)):
        if row[0]:
            yield json.loads(row[0])


def open_ids(db: Connection) -> set[str]:
    return {row[0] for row in db.execute("SELECT id FROM task WHERE status = 'pending'")}


def _plain(row: Any) -> dict[str, Any]:
    plain = decode("task", row)
    plain["due_hard"] = bool(plain["due_hard"])
    plain["extra"] = plain["extra"] or {}
    return plain
