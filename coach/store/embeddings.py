"""Vectors of tasks' words, kept with the tasks in the encrypted store.

Half-precision floats: 768 bytes a task. Triggers remove a row with its task and when the task's words change; what is missing, or
was made by another embedder, is `missing`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coach.store.db import Connection, transaction

AT_ONCE = 500
_PIECE = 2000


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a task that has no vector yet; `pending` where it is not done."""

    num: int
    title: str
    notes: str
    pending: bool


def missing(db: Connection, embedder: str, limit: int) -> list[Words]:
    """Tasks without a vector of this embedder, newest first; no deleted ones, and no occurrences, which say what their series
    says."""
    unread = (
        "SELECT num FROM task INDEXED BY task_worded WHERE status != 'deleted' AND series_id IS NULL"
        " EXCEPT SELECT num FROM embedding WHERE embedder = ? ORDER BY num DESC LIMIT ?"
    )
    found = db.execute(
        f"SELECT num, title, notes, status FROM task WHERE num IN ({unread}) ORDER BY num DESC", (embedder, limit)
    )
    return [Words(r[0], r[1], r[2] or "", r[3] == "pending") for r in found]


def put(db: Connection, embedder: str, vectors: Mapping[int, bytes]) -> None:
    """Keep vectors (384 half-precision floats) by the task's number; tasks that are gone are left out."""
    with transaction(db):
        db.executemany(
            "INSERT OR REPLACE INTO embedding(num, embedder, vector) SELECT num, ?, ? FROM task WHERE num = ?",
            [(embedder, vector, num) for num, vector in vectors.items()],
        )


def vectors(db: Connection, nums: Sequence[int], embedder: str) -> list[tuple[int, bytes]]:
    """(number, vector) of those that have one by this embedder."""
    found: list[tuple[int, bytes]] = []
    for at in range(0, len(nums), AT_ONCE):
        some = nums[at : at + AT_ONCE]
        rows = db.execute(
            f"SELECT num, vector FROM embedding WHERE num IN ({_marks(some)}) AND embedder = ?", (*some, embedder)
        )
        found += [(r[0], r[1]) for r in rows]
    return found


def every(db: Connection, embedder: str, after: int = 0) -> Iterator[list[tuple[int, bytes]]]:
    """All of them with a number above `after`, in pieces, by number."""
    while True:
        rows = db.execute(
            "SELECT num, vector FROM embedding WHERE num > ? AND embedder = ? ORDER BY num LIMIT ?", (after, embedder, _PIECE)
        )
        found = [(r[0], r[1]) for r in rows]
        if not found:
            return
        yield found
        after = found[-1][0]


def count(db: Connection) -> int:
    return int(db.execute("SELECT count(*) FROM embedding").fetchone()[0])


def tasks_of(db: Connection, nums: Sequence[int]) -> dict[int, dict[str, Any]]:
    """id, title, status, category, estimate_min, actual_min by number; deleted ones are left out."""
    found = db.execute(
        f"SELECT num, id, title, status, category, estimate_min, actual_min FROM task WHERE num IN ({_marks(nums)})"
        " AND status != 'deleted'", tuple(nums),
    )
    return {r[0]: dict(zip(r.keys(), r, strict=True)) for r in found}


def _marks(values: Sequence[int]) -> str:
    return ",".join("?" * len(values))
