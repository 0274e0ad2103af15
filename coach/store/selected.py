"""Pages of events or timeline rows that a filter chooses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from coach.core.event import Event
from coach.core.timeline import CUT_MS
from coach.core.when import from_ms, to_ms
from coach.store.db import Connection
from coach.store.events import OVERLAPPING

Layer = Literal["timeline", "log"]

_SOURCES = {
    "timeline": (
        "SELECT t.id, max(t.start_ms, :low) AS start_ms, min(t.end_ms, :high) AS end_ms, b.name, c.app, c.title, c.url,"
        " c.project, coalesce(t.category, c.category) AS category, NULL AS data FROM timeline t"
        " JOIN context c ON c.id = t.context JOIN bucket b ON b.id = t.bucket"
        f" WHERE t.start_ms < :high AND t.start_ms >= :low - {CUT_MS} AND t.end_ms > :low"
    ),
    "log": (
        "SELECT e.id, e.start_ms, e.end_ms, b.name, c.app, c.title, c.url, c.project, c.category AS category, e.data FROM event e"
        " JOIN bucket b ON b.id = e.bucket JOIN context c ON c.id = e.context"
        f" WHERE e.id IN ({OVERLAPPING}) AND b.type != 'afkstatus' AND e.end_ms > e.start_ms"
    ),
}
_FILTERS = {
    "app": " AND c.app = :app COLLATE NOCASE", "project": " AND c.project = :project COLLATE NOCASE",
    # A category and what stands below it.
    "category": " AND (category = :category OR substr(category, 1, length(:category) + 3) = :category || ' > ')",
}


def page(
    db: Connection, layer: Layer, start: datetime, end: datetime, filters: Mapping[str, str], limit: int, offset: int = 0
) -> list[Event]:
    """At most `limit` rows that overlap [start, end), earliest first; `filters` are by app, category and project. Rows of
    the timeline are clipped to the range."""
    wanted = {name: value for name, value in filters.items() if name in _FILTERS and value}
    inner = _SOURCES[layer] + "".join(_FILTERS[name] for name in wanted if name != "category")
    sql = f"SELECT * FROM ({inner}) WHERE 1{_FILTERS['category'] if 'category' in wanted else ''}"
    values: dict[str, Any] = {**wanted, "low": to_ms(start), "high": to_ms(end), "limit": limit, "offset": offset}
    rows = db.execute(f"{sql} ORDER BY start_ms, id LIMIT :limit OFFSET :offset", values)
    return [
        Event(
            from_ms(r["start_ms"]), from_ms(r["end_ms"]), r["name"], r["app"], r["title"], r["url"], r["project"],
            r["category"], json.loads(r["data"]) if r["data"] else {}, r["id"],
        )
        for r in rows
    ]
