"""Finding tasks by what they must have, through the indexes of `task_index`; the caller checks what was found."""

from __future__ import annotations

from collections.abc import Sequence

from coach.core.narrow import Narrow
from coach.store.db import Connection
from coach.store.task_index import trigrams

MOST_PIECES = 24
"""Three-letter pieces of a text that are looked up; the rest would hardly narrow any further."""


def narrowed(db: Connection, to: Narrow, *, only_open: bool) -> set[int] | None:
    """Numbers of a set of tasks in which all that fit are found; None where no index helps. Labels and projects are known
    of open tasks only."""
    found: set[int] | None = None if to.nums is None else set(to.nums)
    texts = [piece for text in to.texts for piece in trigrams(text)][:MOST_PIECES]
    sets = [_containing(db, texts)] if texts else []
    if only_open:
        sets += [_tagged(db, tag) for tag in to.tags]
        sets += [_in_project(db, project) for project in to.projects]
    for one in sets:
        found = one if found is None else found & one
    return found


def containing(db: Connection, words: Sequence[str], limit: int) -> list[int] | None:
    """Numbers of at most `limit` tasks, the newest first, that may contain all the words; None where they are too short."""
    pieces = [piece for word in words for piece in trigrams(word)][:MOST_PIECES]
    if not pieces:
        return None
    return [r[0] for r in db.execute(
        "SELECT rowid FROM task_text(?) ORDER BY rowid DESC LIMIT ?", (_query(pieces), limit))]


def _containing(db: Connection, pieces: Sequence[str]) -> set[int]:
    return {r[0] for r in db.execute("SELECT rowid FROM task_text(?)", (_query(pieces),))}


def _query(pieces: Sequence[str]) -> str:
    return " AND ".join('"' + piece.replace('"', '""') + '"' for piece in pieces)


def _tagged(db: Connection, tag: str) -> set[int]:
    return {r[0] for r in db.execute("SELECT num FROM task_tag WHERE tag = ?", (tag,))}


def _in_project(db: Connection, name: str) -> set[int]:
    wanted = name.casefold()
    below = [p for p in project_names(db) if p.casefold() == wanted or p.casefold().startswith(wanted + ".")]
    if not below:
        return set()
    marks = ", ".join("?" * len(below))
    asked = f"SELECT num FROM task INDEXED BY task_project WHERE status = 'pending' AND project IN ({marks})"
    return {r[0] for r in db.execute(asked, below)}


def project_names(db: Connection) -> list[str]:
    """Projects of open tasks, without a look at every one of those."""
    return _distinct(
        db,
        "SELECT project FROM task INDEXED BY task_project WHERE status = 'pending' AND project IS NOT NULL AND project > ?"
        " ORDER BY project LIMIT 1",
    )


def tag_names(db: Connection) -> list[str]:
    """Labels of open tasks."""
    return _distinct(db, "SELECT tag FROM task_tag WHERE tag > ? ORDER BY tag LIMIT 1")


def _distinct(db: Connection, following: str) -> list[str]:
    found: list[str] = []
    while (row := db.execute(following, (found[-1] if found else "",)).fetchone()):
        found.append(row[0])
    return found
