"""Views that take a while to make, kept as of a moment: JSON by name. Erasing anything drops them all."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from coach.core.when import iso, parse_iso
from coach.store.db import Connection, meta, set_meta, transaction

_FORGOTTEN = "kept_forgotten"


class Kept(NamedTuple):
    """`stamp` says what it was made from."""

    stamp: str
    at: datetime
    data: str


def find(db: Connection, name: str, form: int) -> Kept | None:
    """The view in the shape of that version; None where there is none."""
    row = db.execute("SELECT stamp, at, data FROM kept_view WHERE name = ? AND form = ?", (name, form)).fetchone()
    return Kept(row[0], parse_iso(row[1]), row[2]) if row else None


def forgotten(db: Connection) -> str:
    """Changes when kept views were dropped for good: asked for before a view is made, and given to `keep`."""
    return meta(db, _FORGOTTEN)


def keep(db: Connection, name: str, form: int, kept: Kept, since: str) -> None:
    """Keep a view, unless something was erased after `since`: it may speak of that."""
    with transaction(db):
        if forgotten(db) == since:
            db.execute("INSERT OR REPLACE INTO kept_view VALUES(?,?,?,?,?)", (name, form, kept.stamp, iso(kept.at), kept.data))


def forget(db: Connection) -> None:
    """Drop them all, and those that are being made. Inside a transaction."""
    set_meta(db, _FORGOTTEN, str(int(forgotten(db) or "0") + 1))
    db.execute("DELETE FROM kept_view")
