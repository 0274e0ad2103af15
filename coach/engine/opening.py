"""Opening the store for a front end: home, configuration, key, migrations."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime

from coach.config import Config, Home
from coach.core.errors import CoachError
from coach.store import opening
from coach.store.db import Connection, DatabaseError, Unlocked, closed, connect, surroundings
from coach.store.opening import Access

__all__ = ["Access", "Connection", "DatabaseError", "Unlocked", "access", "connect", "explained", "unlock"]


def access(config: Config, key_file: str = "", ask: Callable[[str], str] | None = None,
           environ: Mapping[str, str] | None = None) -> Access:
    """How the key may be had: --key-file, else COACH_KEY_FILE, else what store.toml names."""
    environ = os.environ if environ is None else environ
    return Access(key_file or environ.get("COACH_KEY_FILE", ""), ask, config.store.keyring_timeout_s)


def unlock(home: Home, how: Access, now: datetime, *, create: bool = True) -> Unlocked:
    """The store, made when there is none and brought up to date when it is older. Raises StoreClosed."""
    return opening.open_store(home, how, now, create=create)


def explained(error: BaseException, home: Home) -> CoachError | None:
    """What a database error that came up while the store was in use means for a person. None for a defect: a wrong
    query, or no database error at all."""
    return closed(home.store_file, error) if isinstance(error, DatabaseError) and surroundings(error) else None
