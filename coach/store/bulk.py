"""Writing very many rows at once: imports and the demo. Each function wants a surrounding transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from coach.core.timeline import CUT_MS
from coach.store.db import Connection
from coach.store.events import Categorise, context_key
from coach.store.timeline import OffsetAt

Context: TypeAlias = tuple[str, str, str, str]
"""(app, title, url, project)."""


def contexts(db: Connection, wanted: Iterable[Context], categorise: Categorise) -> dict[Context, int]:
    """The ids of contexts, made and categorised where they are new."""
    by_key = {context_key(*context): context for context in wanted}
    db.executemany(
        "INSERT INTO context(key, app, title, url, project, category) VALUES(?,?,?,?,?,?) ON CONFLICT(key) DO NOTHING",
        ((key, *context, categorise(*context)) for key, context in by_key.items()),
    )
    return {by_key[r[0]]: r[1] for r in db.execute("SELECT key, id FROM context") if r[0] in by_key}


def events(db: Connection, bucket: int, rows: Iterable[tuple[int, int, int]]) -> None:
    """(start_ms, end_ms, context) of one bucket."""
    db.executemany(
        "INSERT INTO event(bucket, start_ms, end_ms, context) VALUES(?,?,?,?)", ((bucket, *row) for row in rows)
    )


def line(db: Connection, bucket: int, rows: Sequence[tuple[int, int, int]], offset_at: OffsetAt) -> None:
    """Timeline rows from the events of one bucket that nothing else overlaps: in order, neighbours of a context merged.
    What `core.timeline.derive` would make of them, without asking it. The roll-ups have to be rebuilt afterwards."""
    offsets: dict[int, int] = {}

    def offset_min(start_ms: int) -> int:
        quarter = start_ms // 900_000  # zones change on whole quarters of an hour
        if quarter not in offsets:
            offsets[quarter] = offset_at(start_ms)
        return offsets[quarter]

    db.executemany(
        "INSERT INTO timeline(start_ms, end_ms, context, bucket, offset_min, rolled_ms) VALUES(?,?,?,?,?,?)",
        ((start, end, context, bucket, offset_min(start), end) for start, end, context in _cut(rows)),
    )


def calendar_events(db: Connection, calendar: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Busy appointments `{uid, start_ms, end_ms, title}` of one calendar."""
    db.executemany(
        "INSERT INTO calendar_event(calendar, uid, start_ms, end_ms, all_day, busy, title) VALUES(?,?,?,?,0,1,?)",
        ((calendar, r["uid"], r["start_ms"], r["end_ms"], r["title"]) for r in rows),
    )


def _cut(rows: Sequence[tuple[int, int, int]]) -> Iterable[tuple[int, int, int]]:
    for start, end, context in rows:
        at = start
        while (stop := (at // CUT_MS + 1) * CUT_MS) < end:
            yield at, stop, context
            at = stop
        yield at, end, context
