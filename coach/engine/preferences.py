"""What a person chose and the store remembers: consent, roles, name. Settings that are safe to read by anyone are in
config.toml instead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from coach.core import change
from coach.store import changes
from coach.store.db import Connection

DEFAULTS: Mapping[str, Any] = {
    "tracking_consent": False, "profiling_consent": False, "onboarded": False, "name": "", "role": "",
    "chronotype": "", "persona": "", "mode": "", "humour": None,
}


def get(db: Connection, name: str) -> Any:
    """The value, or the default of `DEFAULTS`."""
    value = chosen(db, name)
    return DEFAULTS.get(name) if value is None else value


def chosen(db: Connection, name: str) -> Any:
    """The value, None where nothing has been chosen yet."""
    found = changes.read(db, "preference", "id = ?", (name,))
    return found[0]["value"] if found else None


def put(db: Connection, values: Mapping[str, Any], now: datetime, label: str = "change preference") -> None:
    """Set several in one action; one undo step."""
    batch = []
    for name, value in values.items():
        old = changes.read(db, "preference", "id = ?", (name,))
        if old:
            batch.append(change.update("preference", name, {"value": old[0]["value"]}, {"value": value}))
        else:
            batch.append(change.create("preference", name, {"value": value}))
    changes.apply(db, batch, now=now, label=label)
