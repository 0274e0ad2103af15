"""Exact sums over the timeline, and the names that were ever recorded: what the chat asks the store."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Literal

from coach.core.timeline import CUT_MS
from coach.core.when import from_ms, to_ms
from coach.store.db import Connection, rows
from coach.store.rollups import UNCATEGORISED

Column = Literal["app", "site", "category", "project"]

_AFTER_SCHEME = "substr(c.url, CASE instr(c.url, '://') WHEN 0 THEN 1 ELSE instr(c.url, '://') + 3 END)"
_HOST = f"substr({_AFTER_SCHEME}, 1, instr({_AFTER_SCHEME} || '/', '/') - 1)"
_CATEGORY = f"coalesce(t.category, c.category, '{UNCATEGORISED}')"
_NAMES = {"app": "c.app", "site": _HOST, "category": _CATEGORY, "project": "c.project"}


def amounts(db: Connection, column: Column, start: datetime, end: datetime) -> dict[str, float]:
    """Seconds in [start, end) by name, most first. States at the edges are clipped; "" (no site, no project) is left in."""
    low, high = to_ms(start), to_ms(end)
    found = db.execute(
        f"SELECT {_NAMES[column]} AS name, sum(min(t.end_ms, ?) - max(t.start_ms, ?)) FROM timeline t"
        " JOIN context c ON c.id = t.context WHERE t.start_ms < ? AND t.start_ms >= ? AND t.end_ms > ? GROUP BY name",
        (high, low, high, low - CUT_MS, low),
    )
    total: dict[str, float] = defaultdict(float)
    for name, ms in found:
        total[site(name) if column == "site" else name] += ms / 1000
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def titled(db: Connection, words: str, start: datetime, end: datetime) -> float:
    """Seconds in [start, end) in windows whose title holds the words, whatever their case; 0 where end is before start."""
    low, high = to_ms(start), to_ms(end)
    (ms,) = db.execute(
        "SELECT sum(min(t.end_ms, ?) - max(t.start_ms, ?)) FROM timeline t JOIN context c ON c.id = t.context"
        " WHERE t.start_ms < ? AND t.start_ms >= ? AND t.end_ms > ? AND instr(lower(c.title), lower(?)) > 0",
        (high, low, high, low - CUT_MS, low, words),
    ).fetchone()
    return (ms or 0) / 1000


def unlabelled(db: Connection, start: datetime, end: datetime, broad: str) -> list[tuple[str, str, float]]:
    """(app, host, seconds) in [start, end) of what has no category, and of sites that have no more than `broad`."""
    low, high = to_ms(start), to_ms(end)
    found = db.execute(
        f"SELECT c.app, {_HOST} AS host, sum(min(t.end_ms, :high) - max(t.start_ms, :low)) FROM timeline t"
        " JOIN context c ON c.id = t.context WHERE t.start_ms < :high AND t.start_ms >= :first AND t.end_ms > :low"
        f" AND ({_CATEGORY} = :none OR ({_CATEGORY} = :broad AND c.url != '')) GROUP BY c.app, host",
        {"low": low, "high": high, "first": low - CUT_MS, "none": UNCATEGORISED, "broad": broad},
    )
    return [(app, site(host), ms / 1000) for app, host, ms in found]


def edges(db: Connection, start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """When the first state of [start, end) began and the last one ended, clipped to it; None without any."""
    low, high = to_ms(start), to_ms(end)
    first, last = db.execute(
        "SELECT min(start_ms), max(end_ms) FROM timeline WHERE start_ms < ? AND start_ms >= ? AND end_ms > ?",
        (high, low - CUT_MS, low),
    ).fetchone()
    return None if first is None else (from_ms(max(low, first)), from_ms(min(high, last)))


def names(db: Connection, column: Column) -> list[str]:
    """Every name ever recorded."""
    sql = {
        "app": "SELECT DISTINCT app AS name FROM context", "project": "SELECT DISTINCT project AS name FROM context",
        "category": "SELECT DISTINCT category AS name FROM context", "site": f"SELECT DISTINCT {_HOST} AS name FROM context c",
    }[column]
    found = {site(r["name"]) if column == "site" else r["name"] for r in db.execute(sql) if r["name"]}
    return sorted(found)


def extent(db: Connection) -> dict[str, Any]:
    """`{events, first_ms, last_ms, days}` of what is stored."""
    return rows(db, "SELECT (SELECT count(*) FROM event) AS events, (SELECT min(start_ms) FROM timeline) AS first_ms,"
                    " (SELECT end_ms FROM timeline ORDER BY start_ms DESC LIMIT 1) AS last_ms,"
                    " (SELECT count(DISTINCT day) FROM rollup_day) AS days")[0]


def site(host: str) -> str:
    """A host without `www.` and port."""
    return host.split(":", 1)[0].removeprefix("www.").lower()
