"""The timeline in plain columns, for sums over months: rows as numbers, and what their contexts say."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from coach.core.when import to_ms
from coach.store.db import Connection


class Said(NamedTuple):
    """What a context says; `category` is the rules', None where none names it."""

    app: str
    title: str
    url: str
    project: str
    category: str | None


def rows(db: Connection, start: datetime, end: datetime) -> list[tuple[int, int, int, int, str | None]]:
    """(start_ms, end_ms, offset_min, context, category said by hand) of the states that begin in [start, end), in order."""
    cursor = db.cursor()
    cursor.row_factory = None
    found: list[tuple[int, int, int, int, str | None]] = cursor.execute(
        "SELECT start_ms, end_ms, offset_min, context, category FROM timeline WHERE start_ms >= ? AND start_ms < ?"
        " ORDER BY start_ms", (to_ms(start), to_ms(end)),
    ).fetchall()
    return found


def said(db: Connection, start: datetime, end: datetime) -> dict[int, Said]:
    """By id, the contexts of those states."""
    cursor = db.cursor()
    cursor.row_factory = None
    found = cursor.execute(
        "SELECT id, app, title, url, project, category FROM context WHERE id IN"
        " (SELECT DISTINCT context FROM timeline WHERE start_ms >= ? AND start_ms < ?)", (to_ms(start), to_ms(end)),
    )
    return {row[0]: Said(*row[1:]) for row in found}
