"""The timeline as visits to apps and sites, in plain numbers, for what looks at many days at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from coach.core.timeline import CUT_MS
from coach.core.when import to_ms
from coach.store.db import Connection


class Visit(NamedTuple):
    """`offset_min` is the UTC offset as lived; `context` names the row's app, address and label."""

    start_ms: int
    end_ms: int
    offset_min: int
    context: int
    category: str | None


def between(db: Connection, start: datetime, end: datetime) -> Iterator[Visit]:
    """The rows that overlap [start, end), whole, earliest first."""
    cursor = db.cursor()
    cursor.row_factory = None
    return map(Visit._make, cursor.execute(
        "SELECT t.start_ms, t.end_ms, t.offset_min, t.context, coalesce(t.category, c.category) FROM timeline t"
        f" JOIN context c ON c.id = t.context WHERE t.start_ms >= ? - {CUT_MS} AND t.start_ms < ? AND t.end_ms > ?"
        " ORDER BY t.start_ms", (to_ms(start), to_ms(end), to_ms(start)),
    ))


def contexts(db: Connection, start: datetime, end: datetime) -> dict[int, tuple[str, str]]:
    """(app, url) of every context in those rows."""
    cursor = db.cursor()
    cursor.row_factory = None
    found = cursor.execute(
        "SELECT c.id, c.app, c.url FROM context c WHERE c.id IN (SELECT context FROM timeline WHERE"
        f" start_ms >= ? - {CUT_MS} AND start_ms < ? AND end_ms > ?)", (to_ms(start), to_ms(end), to_ms(start)),
    )
    return {number: (app, url or "") for number, app, url in found}
