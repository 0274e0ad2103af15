"""Open tasks as lines of a list: the few columns that show, sort and group them, a tenth of the work of reading them whole."""

from __future__ import annotations

from typing import NamedTuple

from coach.store.db import Connection


class Line(NamedTuple):
    """`due` is the wall time as stored, `tags` the JSON text; `*_utc` seconds; `order` the place given by hand, if any."""

    id: str
    num: int
    title: str
    status: str
    project: str | None
    priority: int | None
    estimate_min: int | None
    due: str | None
    due_utc: int | None
    due_start_utc: int | None
    wait_utc: int | None
    scheduled_utc: int | None
    created_ms: int
    urgency_class: int
    parent: str | None
    started: int
    repeats: int
    time_zone: str
    tags: str
    order: float | None
    modified: str
    category: str | None


_COMPUTED = {
    "started": "started IS NOT NULL",
    "repeats": "recurrence IS NOT NULL",
    # Foreign fields may hold anything, also what SQLite takes for no JSON.
    "order": "CASE WHEN extra = '{}' OR NOT json_valid(extra) THEN NULL"
             " WHEN json_type(extra, '$.order') IN ('integer', 'real') THEN json_extract(extra, '$.order') END",
}


def open_lines(db: Connection) -> list[Line]:
    """Pending and waiting tasks, in no order."""
    columns = ", ".join(_COMPUTED.get(name, name) for name in Line._fields)
    cursor = db.cursor()
    cursor.row_factory = None  # plain tuples: rows by name would be made and thrown away
    return list(map(Line._make, cursor.execute(f"SELECT {columns} FROM task WHERE status = 'pending'")))


def edited_since(db: Connection, hlc: str) -> set[str]:
    """Ids of the tasks that the change log names after this timestamp."""
    asked = "SELECT c.record_id FROM action a JOIN change c ON c.action = a.id WHERE a.hlc > ? AND c.record = 'task'"
    return {row[0] for row in db.execute(asked, (hlc,))}
