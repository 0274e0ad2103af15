"""Noticing that something was written to the store."""

from __future__ import annotations

from coach.store.db import Connection, data_version, meta


def version(db: Connection) -> int:
    """A number that changes whenever another connection has committed; cheap enough to ask once a second."""
    return data_version(db)


def edits(db: Connection) -> str:
    """Changes with every edit of a user-made record, by anybody; tracked time leaves it as it is."""
    return meta(db, "hlc")
