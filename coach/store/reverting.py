"""Taking back an action of very many changes, such as an import: a piece at a time, each read and written at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from coach.core.change import Change
from coach.store import changes
from coach.store.bulk import apply_many
from coach.store.db import Connection
from coach.store.new_tasks import NewTask, new_task

_PIECE = 2000


def revert(
    db: Connection, action: str, label: str, *, now: datetime, undoes: str | None, redoes: str | None
) -> tuple[list[tuple[str, str]], list[str], list[tuple[int, str]]]:
    """Take back an action, the last change first: the records, the fields that were left alone because they changed since,
    and what `changes.named` says of it. Wants a surrounding transaction."""
    records: list[tuple[str, str]] = []
    refused: list[str] = []
    tasks: list[tuple[int, str]] = []

    def back() -> Iterator[Change | NewTask]:
        nonlocal tasks
        for piece in _log_backwards(db, action):
            reverting = [changes.reverting(row) for row in piece]
            now_there = _present(db, reverting)
            kept_here: list[Change] = []
            for change in reverting:
                kept, stale = changes.still_true(change, now_there.get((change.record, change.id)))
                refused.extend(f"{change.record}.{name}" for name in stale)
                if kept is not None:
                    kept_here.append(kept)
            records.extend((change.record, change.id) for change in kept_here)
            tasks = changes.named(db, kept_here)
            yield from map(_as_new, kept_here)

    made = apply_many(db, back(), now=now, label=label, actor="user", undoes=undoes, redoes=redoes)
    if made is None:
        changes.begin(db, now=now, label=label, actor="user", undoes=undoes, redoes=redoes)
    return records, refused, tasks


def _log_backwards(db: Connection, action: str) -> Iterator[list[Any]]:
    """The log of an action in pieces. Each is read to its end, so that no cursor is open while rows are written."""
    first, at = db.execute("SELECT min(id), max(id) + 1 FROM change WHERE action = ?", (action,)).fetchone()
    while at is not None and (piece := db.execute(
        "SELECT * FROM change WHERE id >= ? AND id < ? AND action = ? ORDER BY id DESC LIMIT ?", (first, at, action, _PIECE)
    ).fetchall()):
        at = piece[-1]["id"]
        yield piece


def _present(db: Connection, wanted: Sequence[Change]) -> dict[tuple[str, str], dict[str, Any]]:
    """The records that these changes are about, as they are now."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for record in {change.record for change in wanted}:
        ids = [change.id for change in wanted if change.record == record and change.kind != "create"]
        for start in range(0, len(ids), 500):
            some = tuple(ids[start : start + 500])
            for plain in changes.read(db, record, f"id IN ({', '.join('?' * len(some))})", some):
                found[record, plain["id"]] = plain
    return found


def _as_new(change: Change) -> Change | NewTask:
    """The creation of a task as a new task, which goes in with many others."""
    if change.record != "task" or change.kind != "create":
        return change
    values = {name: value for name, (_, value) in change.fields.items()}
    empty = {name: (list(value) if isinstance(value, tuple) else value) for name, value in changes.TASK_DEFAULTS.items()}
    return new_task(change.id, {
        name: value for name, value in values.items() if value is not None and (name == "status" or value != empty.get(name))
    })
