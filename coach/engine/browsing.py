"""Recorded time for programs that page through it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from coach.core.errors import InvalidInput
from coach.core.event import Event
from coach.store import selected
from coach.store.db import Connection
from coach.store.selected import Layer


def page(
    db: Connection, layer: Layer, start: datetime, end: datetime, filters: Mapping[str, str], limit: int, offset: int = 0
) -> list[Event]:
    """See `store.selected.page`. Raises InvalidInput for a range that ends before it starts."""
    if end < start:
        raise InvalidInput("the range ends before it starts", "start=2026-11-01T00:00:00Z&end=2026-11-02T00:00:00Z")
    return selected.page(db, layer, start, end, filters, limit, offset)
