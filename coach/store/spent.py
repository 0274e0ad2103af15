"""Tracked time of one thing by logical day, up to this moment: what a goal is measured by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias

from coach.core.category import host_and_path
from coach.core.timeline import CUT_MS
from coach.core.when import to_ms
from coach.store import rollups
from coach.store.db import Connection

WEEKS_DAYS = 31
Wanted: TypeAlias = Callable[[str], bool]


def by_day(
    db: Connection, column: Literal["app", "category", "project"], wanted: Wanted, first: date, last: date
) -> dict[date, float]:
    """Seconds by logical day first..last of the names in that column that are `wanted`; the running state included."""
    found: dict[str, int] = defaultdict(int)
    for day, name, ms in db.execute(
        f"SELECT day, {column}, sum(ms) FROM rollup_day WHERE day BETWEEN ? AND ? GROUP BY day, {column}",
        (first.isoformat(), last.isoformat()),
    ):
        if wanted(name):
            found[day] += ms
    start_min = rollups.day_start(db, 0)
    for row in db.execute(  # what the roll-ups do not hold yet: the newest row, as a rule
        "SELECT t.rolled_ms, t.end_ms, t.offset_min, c.app, c.project, coalesce(t.category, c.category, ?) AS category"
        " FROM timeline t JOIN context c ON c.id = t.context WHERE t.behind_ms > 0", (rollups.UNCATEGORISED,),
    ):
        if wanted(row[column]):
            _count(found, row["rolled_ms"], row["end_ms"], row["offset_min"], start_min)
    return _seconds(found, first, last)


def by_day_on_site(db: Connection, host: str, first: date, last: date) -> dict[date, float]:
    """Seconds by logical day on a host and its subdomains. From the timeline, as roll-ups know no sites: a few weeks state
    by state, longer ranges by the addresses that were ever seen."""
    found: dict[str, int] = defaultdict(int)
    start_min = rollups.day_start(db, 0)
    low, high = (to_ms(datetime(day.year, day.month, day.day, tzinfo=UTC)) for day in (first, last + timedelta(days=2)))
    here = "instr(lower(c.url), :host) > 0"
    lived = (
        f"SELECT t.start_ms, t.end_ms, t.offset_min, c.url FROM timeline t JOIN context c ON c.id = t.context WHERE {here}"
        if (last - first).days <= WEEKS_DAYS else
        "SELECT t.start_ms, t.end_ms, t.offset_min, c.url FROM context c CROSS JOIN timeline t INDEXED BY timeline_context"
        f" ON t.context = c.id WHERE {here}"
    )
    for start_ms, end_ms, offset_min, url in db.execute(
        f"{lived} AND t.start_ms >= :low AND t.start_ms < :high", {"host": host, "low": low - 2 * CUT_MS, "high": high}
    ):
        if is_on(url, host):
            _count(found, start_ms, end_ms, offset_min, start_min)
    return _seconds(found, first, last)


def is_on(url: str, host: str) -> bool:
    """Whether an address belongs to a host or one below it."""
    here = host_and_path(url)[0]
    return here == host or here.endswith("." + host)


def _count(found: dict[str, int], start_ms: int, end_ms: int, offset_min: int, day_start_min: int) -> None:
    for local, length in rollups.pieces(start_ms, end_ms, offset_min, day_start_min):
        found[rollups.local_day(local, day_start_min)] += length


def _seconds(found: dict[str, int], first: date, last: date) -> dict[date, float]:
    days = {date.fromisoformat(day): ms / 1000 for day, ms in found.items()}
    return {day: s for day, s in sorted(days.items()) if first <= day <= last}
