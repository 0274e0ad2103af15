"""What was done to tasks and blocks since a point of the change log, which is given by its hybrid logical timestamp."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from coach.core.when import iso
from coach.store.db import Connection


def fields(db: Connection, record: str, since: str, ids: Iterable[str]) -> dict[str, dict[str, tuple[Any, Any]]]:
    """The fields of each of those records (of a kind: task, block) that differ, as (then, now) in the form that the store keeps;
    what was changed and changed back is left out."""
    rows = db.execute(
        "SELECT c.record_id, c.fields FROM action a JOIN change c ON c.action = a.id WHERE a.hlc > ? AND c.record = ?"
        " AND c.kind = 'update' AND c.record_id IN (SELECT value FROM json_each(?)) ORDER BY a.hlc, c.id",
        (since, record, json.dumps(list(ids))),
    )
    found: dict[str, dict[str, tuple[Any, Any]]] = {}
    for name, text in rows:
        mine = found.setdefault(name, {})
        for key, (old, new) in json.loads(text).items():
            mine[key] = (mine[key][0] if key in mine else old, new)
    return {name: {k: v for k, v in mine.items() if v[0] != v[1]} for name, mine in found.items()}


def come(db: Connection, since: str, by: datetime, limit: int) -> list[str]:
    """Ids of open tasks that were added since, are due by that time and can be begun before it, at most so many."""
    at = int(by.timestamp())
    rows = db.execute(
        "SELECT t.id FROM action a JOIN change c ON c.action = a.id JOIN task t ON t.id = c.record_id"
        " WHERE a.hlc > ? AND c.record = 'task' AND c.kind = 'create' AND t.status = 'pending' AND t.due_utc <= ?"
        " AND coalesce(t.wait_utc, 0) < ? AND coalesce(t.scheduled_utc, 0) < ? LIMIT ?", (since, at, at, at, limit))
    return [row[0] for row in rows]


def occurrence_done(db: Connection, series_id: str, start: datetime, end: datetime) -> bool:
    """Whether an occurrence of a series was completed in [start, end)."""
    return bool(db.execute(
        "SELECT 1 FROM task WHERE series_id = ? AND completed >= ? AND completed < ? LIMIT 1", (series_id, iso(start), iso(end)),
    ).fetchone())
