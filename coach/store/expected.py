"""What was last said, and shown, of things that are still to come."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

from coach.store.db import Connection

SaidRow: TypeAlias = tuple[str, float, float | None, float | None, int]
"""(key, value, low, high, version)."""


def latest(db: Connection, kind: str, since: date, first: str, last: str) -> list[SaidRow]:
    """The served predictions with a key in [first, last) that were issued from `since` on, the newest of each key, by key."""
    found: dict[str, SaidRow] = {}
    for row in db.execute(
        "SELECT key, value, low, high, version FROM prediction WHERE kind = ? AND issued >= ? AND key >= ? AND key < ?"
        " AND served = 1 ORDER BY issued", (kind, since.isoformat(), first, last),
    ):
        found[row[0]] = (row[0], row[1], row[2], row[3], row[4])
    return [found[key] for key in sorted(found)]
