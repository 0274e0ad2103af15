"""Finished tasks with their measured minutes, the few columns that lengths are learnt from."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import NamedTuple

from coach.store.db import Connection


class Finished(NamedTuple):
    """`completed` is ISO 8601 UTC; a series counts by its occurrences."""

    id: str
    num: int
    title: str
    project: str | None
    tags: tuple[str, ...]
    category: str | None
    estimate_min: int | None
    actual_min: int
    completed: str


def measured(db: Connection, most: int) -> list[Finished]:
    """The last `most` completed tasks with measured time, earliest first."""
    rows = db.execute(
        "SELECT id, num, title, project, tags, category, estimate_min, actual_min, completed FROM task"
        " WHERE status = 'completed' AND actual_min > 0 AND completed IS NOT NULL AND recurrence IS NULL"
        " ORDER BY completed DESC, num DESC LIMIT ?", (most,),
    ).fetchall()
    return [
        Finished(r[0], r[1], r[2], r[3], tuple(json.loads(r[4] or "[]")), r[5], r[6], int(r[7]), r[8]) for r in reversed(rows)
    ]


def unmeasured(db: Connection) -> int:
    """Completed tasks, occurrences of series aside, without measured time."""
    return int(db.execute(
        "SELECT count(*) FROM task WHERE status = 'completed' AND series_id IS NULL AND recurrence IS NULL"
        " AND coalesce(actual_min, 0) <= 0").fetchone()[0])


def said(db: Connection, titles: Collection[str]) -> dict[str, tuple[int, int]]:
    """(minutes, times done) by folded title: the estimate that an open task of that title has, or else the last finished one, and
    how often it was done, by a clock or not. A series counts by its occurrences."""
    marks = ", ".join("?" * len(titles))
    rows = db.execute(
        f"SELECT title, estimate_min, status FROM task WHERE title COLLATE NOCASE IN ({marks}) AND estimate_min > 0"
        " AND status IN ('completed', 'pending') ORDER BY status, num", tuple(titles)).fetchall()
    found: dict[str, tuple[int, int]] = {}
    for title, estimate_min, status in rows:
        key = " ".join(title.casefold().split())
        found[key] = (estimate_min, found.get(key, (0, 0))[1] + (status == "completed"))
    return found


def outcomes(db: Connection, ids: list[str]) -> dict[str, tuple[str, int | None]]:
    """(status, measured minutes) of those tasks that are there."""
    found: dict[str, tuple[str, int | None]] = {}
    for start in range(0, len(ids), 500):
        some = ids[start:start + 500]
        rows = db.execute(f"SELECT id, status, actual_min FROM task WHERE id IN ({', '.join('?' * len(some))})", some)
        found |= {r[0]: (r[1], r[2]) for r in rows}
    return found
