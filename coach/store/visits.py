"""The timeline as visits to apps and sites, in plain numbers, for what looks at many days at once."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from coach.core.timeline import CUT_MS
from coach.core.when import to_ms
from coach.store.db import Connection

Visit: TypeAlias = tuple[int, int, int, int, str | None]
"""(start_ms, end_ms, offset_min, context, category): the UTC offset in minutes as lived; `context` names app and address."""


def between(db: Connection, start: datetime, end: datetime) -> list[Visit]:
    """The rows that overlap [start, end), whole, earliest first: plain tuples, for there may be a million."""
    cursor = db.cursor()
    cursor.row_factory = None
    found: list[Visit] = cursor.execute(
        "SELECT t.start_ms, t.end_ms, t.offset_min, t.context, coalesce(t.category, c.category) FROM timeline t"
        f" JOIN context c ON c.id = t.context WHERE t.start_ms >= ? - {CUT_MS} AND t.start_ms < ? AND t.end_ms > ?"
        " ORDER BY t.start_ms", (to_ms(start), to_ms(end), to_ms(start)),
    ).fetchall()
    return found


def contexts(db: Connection, start: datetime, end: datetime) -> dict[int, tuple[str, str]]:
    """(app, url) of every context in those rows."""
    cursor = db.cursor()
    cursor.row_factory = None
    found = cursor.execute(
        "SELECT c.id, c.app, c.url FROM context c WHERE c.id IN (SELECT context FROM timeline WHERE"
        f" start_ms >= ? - {CUT_MS} AND start_ms < ? AND end_ms > ?)", (to_ms(start), to_ms(end), to_ms(start)),
    )
    return {number: (app, url or "") for number, app, url in found}
