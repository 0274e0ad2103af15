"""The token that programs show to Coach's own API. It lives in the encrypted store only."""

from __future__ import annotations

from coach.store.db import Connection, meta, set_meta, transaction

_KEY = "api_token"


def token(db: Connection) -> str:
    """The token, made when there is none: 32 random bytes, URL-safe."""
    found = meta(db, _KEY)
    if found:
        return found
    with transaction(db):  # two processes may ask for the first one at once
        return meta(db, _KEY) or renewed(db)


def renewed(db: Connection) -> str:
    """A new token; the old one opens nothing from now on."""
    import secrets  # brings hashlib and random along

    new = secrets.token_urlsafe(32)
    set_meta(db, _KEY, new)
    return new
