"""Undo and redo: one step is one action of this device, whatever front end it was made in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from coach.core.errors import NotFound
from coach.store import changes
from coach.store.changes import Undone as Undone
from coach.store.db import Connection

MOST_NAMED = 3
"""Of more tasks an undo says how many."""


def undo(db: Connection, now: datetime, steps: int = 1) -> list[Undone]:
    """Take back the last actions of this device, newest first. Raises NotFound when there is none at all."""
    return _repeat(changes.undo, db, now, steps)


def redo(db: Connection, now: datetime, steps: int = 1) -> list[Undone]:
    """Take back the last undos. Raises NotFound when there is none, or something was edited since."""
    return _repeat(changes.redo, db, now, steps)


def next_undo(db: Connection) -> str | None:
    """What the next undo would take back, in words; None when there is nothing."""
    found = changes.latest(db, 1)
    if not found:
        return None
    return f"{found[0].label} · {found[0].title}" if found[0].title else found[0].label


def words(unwound: Undone) -> str:
    """What was taken back or done again: "complete task · 3  Call mum", "edit 12 tasks", "save filter"."""
    count = sum(kind == "task" for kind, _ in unwound.records)
    if not unwound.tasks or len(unwound.tasks) > MOST_NAMED:
        counted = not unwound.tasks or f"{count} task" in unwound.label
        return unwound.label if counted else f"{unwound.label} · {count:,} tasks"
    return f"{unwound.label} · " + ", ".join(f"{num}  {' '.join(title.split())}" for num, title in unwound.tasks)


def _repeat(step: Callable[[Connection, datetime], Undone], db: Connection, now: datetime, steps: int) -> list[Undone]:
    taken: list[Undone] = []
    for _ in range(steps):
        try:
            taken.append(step(db, now))
        except NotFound:
            if not taken:
                raise
            break
    return taken
