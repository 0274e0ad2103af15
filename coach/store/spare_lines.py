"""Lines that the trained voice wrote ahead of need, each to be heard once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from coach.core.when import iso
from coach.store.db import Connection, transaction


def add(db: Connection, situation: str, mode: str, lines: Iterable[str], now: datetime) -> int:
    """Keep lines, placeholders in them; returns how many are new. What was written before, heard or not, is not taken again."""
    with transaction(db):
        before = int(db.total_changes)
        db.executemany(
            "INSERT INTO spare_line(situation, mode, text, made) VALUES(?,?,?,?) ON CONFLICT DO NOTHING",
            [(situation, mode, text, iso(now)) for text in lines],
        )
        return int(db.total_changes) - before


def take(db: Connection, situation: str, mode: str, now: datetime) -> str | None:
    """The oldest line that was not heard yet, which it is from now on; None where there is none. One look-up by index."""
    row = db.execute(
        "SELECT id, text FROM spare_line WHERE situation = ? AND mode = ? AND heard IS NULL ORDER BY id LIMIT 1",
        (situation, mode),
    ).fetchone()
    if row is None:
        return None
    db.execute("UPDATE spare_line SET heard = ? WHERE id = ?", (iso(now), row[0]))
    return str(row[1])


def stock(db: Connection, mode: str) -> dict[str, int]:
    """Lines of a mode that were not heard yet, by situation."""
    found = db.execute("SELECT situation, count(*) FROM spare_line WHERE mode = ? AND heard IS NULL GROUP BY situation", (mode,))
    return {row[0]: row[1] for row in found}


def written(db: Connection, situation: str, mode: str) -> list[str]:
    """All lines of a cell, heard or not."""
    found = db.execute("SELECT text FROM spare_line WHERE situation = ? AND mode = ? ORDER BY id", (situation, mode))
    return [row[0] for row in found]
