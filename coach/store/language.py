"""What a person's own language is learnt from: edits of titles, titles as they stand, and what they decided. Verdicts are records
of the change log; what is learnt from all of it is kept under a key of its own and goes with the words it came from."""

from __future__ import annotations

import json
from typing import Any

from coach.store import changes
from coach.store.db import Connection, meta, set_meta

_KEPT = "language"


def edits(db: Connection, limit: int) -> list[tuple[str, str, str]]:
    """(task id, title before, title after) of the person's own edits that stand, the newest first."""
    # The condition on `fields` is that of the index change_title, word for word.
    found = db.execute(
        "SELECT c.record_id, c.fields FROM change c JOIN action a ON a.id = c.action"
        " WHERE c.record = 'task' AND c.kind = 'update' AND instr(c.fields, '\"title\":[') > 0"
        " AND a.actor = 'user' AND a.undone = 0 AND a.undoes IS NULL AND a.redoes IS NULL ORDER BY c.id DESC LIMIT ?",
        (limit,),
    )
    titled = ((row[0], json.loads(row[1])["title"]) for row in found)
    return [(task_id, str(old), str(new)) for task_id, (old, new) in titled if old and new]


def titles(db: Connection, limit: int) -> list[tuple[str, str, str | None, str]]:
    """(id, title, project, notes) of tasks, the newest first; of a series only the task itself."""
    return [(r[0], r[1], r[2], r[3] or "") for r in db.execute(
        "SELECT id, title, project, notes FROM task WHERE status != 'deleted' AND series_id IS NULL ORDER BY num DESC LIMIT ?",
        (limit,))]


def verdicts(db: Connection) -> list[dict[str, Any]]:
    """What the person decided: id, short, long, kind, accepted, source, at; oldest first."""
    return changes.read(db, "expansion", "1 ORDER BY at, id")


def projects(db: Connection) -> dict[str, str]:
    """The project of each word (folded) that the person said belongs to one."""
    return dict(db.execute("SELECT short, long FROM expansion WHERE kind = 'project' AND accepted ORDER BY at, id").fetchall())


def kept(db: Connection) -> str:
    """What was learnt last, as `keep` was given it; empty for nothing."""
    return meta(db, _KEPT, "")


def keep(db: Connection, text: str) -> None:
    set_meta(db, _KEPT, text)


def forget(db: Connection) -> None:
    """What was learnt quotes titles; it is learnt anew from those that are left."""
    db.execute("DELETE FROM meta WHERE key = ?", (_KEPT,))


def latest(db: Connection) -> str:
    """A text that differs once anything was edited."""
    row = db.execute("SELECT hlc FROM action ORDER BY hlc DESC LIMIT 1").fetchone()
    return row[0] if row else ""
