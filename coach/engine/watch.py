"""Noticing that somebody else wrote to the store."""

from __future__ import annotations

from coach.store.db import Connection, data_version


def version(db: Connection) -> int:
    """A number that changes whenever another connection has committed; cheap enough to ask once a second."""
    return data_version(db)
