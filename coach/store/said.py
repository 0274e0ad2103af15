"""What people thought of what was said: the ratings of nudges."""

from __future__ import annotations

from coach.core.rating import Rated
from coach.store.db import Connection

REMEMBERED = 1000
"""So many of the newest opinions count; older ones are of another taste."""

ERASED = "erased, with the time that it spoke of"
"""What stands for the words of a nudge that may have quoted erased time."""


def rated(db: Connection) -> list[Rated]:
    """The newest opinions, newest first: the rating, else 4 for useful and 2 for not helpful."""
    rows = db.execute(
        "SELECT situation, mode, text, coalesce(rating, CASE useful WHEN 1 THEN 4 ELSE 2 END) FROM nudge"
        " WHERE (rating IS NOT NULL OR useful IS NOT NULL) AND text != ? ORDER BY at DESC LIMIT ?", (ERASED, REMEMBERED),
    )
    return [Rated(situation, mode, text, float(rating)) for situation, mode, text, rating in rows]
