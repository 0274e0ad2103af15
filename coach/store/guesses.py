"""What the categoriser makes of tasks, and what the person answered. Guesses are derived and go with a task's words; answers and
own categories are records of the change log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

from coach.store import changes
from coach.store.db import Connection


@dataclass(frozen=True, slots=True)
class Guess:
    """`model` names what said so; `said` are the shipped categories' log-probabilities (half-precision floats); `heard` how many
    answers of the person it knows; `nearest` the cosine to the nearest title known."""

    num: int
    model: str
    decision: str
    category: str | None
    confidence: float
    alternatives: tuple[tuple[str, float], ...]
    said: bytes
    heard: int
    nearest: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, oldest first: to which task (its number), what was suggested with what confidence, what was chosen."""

    num: int
    title: str
    notes: str
    suggested: str | None
    confidence: float | None
    chosen: str | None
    at: str


GROWN_FROM = 8
"""Number of a task from which on the list's growth is told by `heard`."""

_COLUMNS = "num, model, decision, category, confidence, alternatives, said, heard, nearest"


def put(db: Connection, guesses: Sequence[Guess]) -> None:
    """Wants a surrounding transaction where there are many. Tasks that are gone are left out."""
    db.executemany(
        f"INSERT OR REPLACE INTO guess({_COLUMNS}) SELECT num, ?, ?, ?, ?, ?, ?, ?, ? FROM task WHERE num = ?",
        [
            (g.model, g.decision, g.category, g.confidence, json.dumps(g.alternatives, ensure_ascii=False), g.said, g.heard,
             g.nearest, g.num)
            for g in guesses
        ],
    )


def of(db: Connection, num: int) -> Guess | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM guess WHERE num = ?", (num,)).fetchone()
    return None if row is None else _guess(row)


def unseen(db: Connection, model: str, limit: int) -> list[tuple[int, str, str]]:
    """(number, title, notes) of open tasks that this model has not looked at, newest first."""
    return [(r[0], r[1], r[2] or "") for r in db.execute(
        "SELECT num, title, notes FROM task WHERE num IN (SELECT num FROM task WHERE status = 'pending' AND series_id IS NULL"
        " EXCEPT SELECT num FROM guess WHERE model = ? ORDER BY num DESC LIMIT ?) ORDER BY num DESC", (model, limit))]


def behind(db: Connection, heard: int, limit: int) -> list[Guess]:
    """Guesses on open tasks that do not know the person's latest answers."""
    columns = ", ".join(f"g.{name.strip()}" for name in _COLUMNS.split(","))
    return [_guess(r) for r in db.execute(
        f"SELECT {columns} FROM guess g JOIN task t ON t.num = g.num WHERE g.heard != ? AND t.status = 'pending' LIMIT ?",
        (heard, limit))]


def unfilled(db: Connection, nums: Sequence[int]) -> dict[int, tuple[str, str | None, float | None]]:
    """(id, category, confidence) of those tasks whose category is Coach's to fill: none that a person chose or answered about."""
    marks = ",".join("?" * len(nums))
    return {r[0]: (r[1], r[2], r[3]) for r in db.execute(
        f"SELECT num, id, category, category_confidence FROM task WHERE num IN ({marks})"
        " AND (category IS NULL OR category_confidence IS NOT NULL)"
        " AND id NOT IN (SELECT task_id FROM category_answer)", tuple(nums))}


def filled(db: Connection) -> int:
    """Tasks whose category Coach filled in and nobody changed."""
    return int(db.execute(
        "SELECT count(*) FROM task WHERE category_confidence IS NOT NULL AND status != 'deleted'").fetchone()[0])


def answers(db: Connection, limit: int) -> list[Answer]:
    """The latest answers on tasks that are still there, oldest first; of several about one task the last."""
    found = db.execute(
        "SELECT t.num, t.title, t.notes, a.suggested, a.confidence, a.chosen, a.at FROM category_answer a"
        " JOIN task t ON t.id = a.task_id WHERE a.rowid IN (SELECT max(rowid) FROM category_answer GROUP BY task_id)"
        " ORDER BY a.at DESC, a.rowid DESC LIMIT ?", (limit,)).fetchall()
    return [Answer(r[0], r[1], r[2] or "", r[3], r[4], r[5], r[6]) for r in reversed(found)]


def heard(db: Connection) -> int:
    """A number that differs when answers or own categories came or went, and when the list has grown by two fifths: its mix of
    categories is then looked at anew."""
    row = db.execute(
        "SELECT (SELECT count(*) FROM category_answer), (SELECT coalesce(max(rowid), 0) FROM category_answer),"
        " (SELECT count(*) FROM task_category), (SELECT coalesce(max(num), 0) FROM guess)").fetchone()
    grown = int(2 * log2(row[3])) if row[3] >= GROWN_FROM else 0
    return int(row[0]) * 1_000_003 + int(row[1]) * 1009 + int(row[2]) + grown * 1_000_000_007


def said(db: Connection, model: str, limit: int) -> list[tuple[int, bytes]]:
    """(number, log-probabilities as in Guess) of the latest tasks, newest first."""
    return [(r[0], r[1]) for r in db.execute(
        "SELECT num, said FROM guess WHERE model = ? ORDER BY num DESC LIMIT ?", (model, limit))]


def own(db: Connection) -> list[dict[str, Any]]:
    """The person's own categories: id, name, description, created; oldest first."""
    return changes.read(db, "task_category", "1 ORDER BY created, name")


def _guess(row: Any) -> Guess:
    pairs = tuple((str(name), float(p)) for name, p in json.loads(row[5]))
    return Guess(row[0], row[1], row[2], row[3], row[4], pairs, row[6], row[7], row[8])
