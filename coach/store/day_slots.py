"""A day's timeline by five minutes, summed in SQL: ten thousand states a day come to a few hundred rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from coach.core.timeline import CUT_MS
from coach.core.when import to_ms
from coach.store.db import Connection

SLOT_MS = 300_000


class Piece(NamedTuple):
    """What one app in one category came to in the slot that begins at `slot * SLOT_MS`: `ms` of it, from its first state there
    to the end of its last."""

    slot: int
    low_ms: int
    high_ms: int
    offset_min: int
    app: str
    category: str | None
    ms: int


def pieces(db: Connection, start: datetime, end: datetime) -> list[Piece]:
    """Of [start, end), by slot and then by first state; a state that lies across slots, or edges, is cut there."""
    cursor = db.cursor()
    cursor.row_factory = None
    low, high = to_ms(start), to_ms(end)
    within = {"low": low, "high": high, "first": low - CUT_MS, "slot": SLOT_MS}
    found = list(map(Piece._make, cursor.execute(
        "SELECT t.start_ms / :slot, min(t.start_ms), max(t.end_ms), t.offset_min, c.app, coalesce(t.category, c.category),"
        " sum(t.end_ms - t.start_ms) FROM timeline t JOIN context c ON c.id = t.context"
        " WHERE t.start_ms >= :low AND t.start_ms < :high AND t.end_ms <= :high"
        " AND t.start_ms / :slot = (t.end_ms - 1) / :slot AND t.end_ms > t.start_ms GROUP BY 1, 4, 5, 6", within,
    )))
    across = cursor.execute(
        "SELECT max(t.start_ms, :low), min(t.end_ms, :high), t.offset_min, c.app, coalesce(t.category, c.category)"
        " FROM timeline t JOIN context c ON c.id = t.context WHERE t.start_ms >= :first AND t.start_ms < :high"
        " AND t.end_ms > :low AND (t.start_ms < :low OR t.end_ms > :high OR t.start_ms / :slot != (t.end_ms - 1) / :slot)",
        within,
    )
    for row in across:
        found.extend(_cut(*row))
    return sorted(found, key=lambda piece: piece[:2])


def _cut(at: int, end: int, offset_min: int, app: str, category: str | None) -> Iterator[Piece]:
    while at < end:
        slot = at // SLOT_MS
        stop = min(end, (slot + 1) * SLOT_MS)
        yield Piece(slot, at, stop, offset_min, app, category, stop - at)
        at = stop
