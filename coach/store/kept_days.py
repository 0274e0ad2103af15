"""Past days of the timeline in packed columns: what looks at weeks of it need not read a million rows each time.

A row of `kept_day` goes as soon as anything touches an hour of its day (triggers on `focus_hour`), and `fill` makes it again. A
state belongs to the date on which it begins by the clock as lived."""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter, sub
from typing import Any, NamedTuple, TypeAlias

from coach.store.db import Connection, transaction
from coach.store.rollups import DAY_MS

Row: TypeAlias = tuple[int, int, int, int, str | None]
"""(start_ms, end_ms, offset_min, context, category said by hand)."""

KEPT_DAYS = 92
"""So far back from the newest day: twelve weeks and what lies at their edges."""
AT_ONCE = 7
"""Days that are read and kept in one transaction, for which a tracker waits."""
_WIDEST_MS = 16 * 3_600_000
"""No clock is further from UTC."""
_EPOCH = date(1970, 1, 1)


class Day(NamedTuple):
    """A day's states, in order. `columns` are bytes of native int32: gaps in ms from the end of the one before (the first state
    begins at `first_ms`), lengths in ms, UTC offsets in minutes, ids of contexts, and places in `names`, the categories that a
    person said by hand, None where the context's holds."""

    first_ms: int
    columns: tuple[bytes, ...]
    names: tuple[str | None, ...]


def days(db: Connection, first: date, last: date) -> Iterator[Day]:
    """The dates first..last that hold a state, in order: as kept, else from the timeline."""
    there = {row[0]: row for row in _tuples(
        db, "SELECT day, said, line FROM kept_day WHERE day BETWEEN ? AND ?", (first.isoformat(), last.isoformat()))}
    for part, is_kept in _parts(_dates(first, last), there):
        if is_kept:
            kept = (there[day.isoformat()] for day in part)
            yield from (unpacked(said, line) for _, said, line in kept if line)
        else:
            found = _by_day(db, part[0], part[-1])
            yield from (_day(found[day.isoformat()]) for day in part if day.isoformat() in found)


def fill(db: Connection) -> None:
    """Keep the days of the last KEPT_DAYS that are over and are not kept, a few in a transaction.

    What the roll-ups lack touches no hour when it goes: a day that has such a state waits."""
    begins = "SELECT start_ms, offset_min FROM timeline"
    for row in _tuples(db, f"{begins} ORDER BY start_ms DESC LIMIT 1", ()):
        newest = date.fromisoformat(_day_of(*row))
        oldest = newest - timedelta(days=KEPT_DAYS)
        there = {day for day, in _tuples(db, "SELECT day FROM kept_day", ())}
        for part, is_kept in _parts(_dates(oldest, newest - timedelta(days=1)), there):
            if is_kept:
                continue
            with transaction(db):
                behind = {_day_of(*row) for row in _tuples(db, f"{begins} WHERE behind_ms > 0", ())}
                found = _by_day(db, part[0], part[-1])
                over = [day for day in map(date.isoformat, part) if day not in behind]
                db.executemany(
                    "INSERT OR REPLACE INTO kept_day VALUES(?,?,?)", [(day, *packed(found.get(day, []))) for day in over])
        db.execute("DELETE FROM kept_day WHERE day < ?", (oldest.isoformat(),))


def disagreements(db: Connection) -> list[str]:
    """Kept days that differ from the timeline; empty when all agree."""
    wrong = []
    for day, said, line in _tuples(db, "SELECT day, said, line FROM kept_day ORDER BY day", ()):
        rows = _by_day(db, date.fromisoformat(day), date.fromisoformat(day))
        if (said, line) != packed(rows.get(day, [])):
            wrong.append(f"kept day {day}")
    return wrong


def forget(db: Connection) -> None:
    db.execute("DELETE FROM kept_day")


def packed(rows: Sequence[Row]) -> tuple[str, bytes]:
    """(said, line) as stored; both empty for a day without states."""
    if not rows:
        return "", b""
    day = _day(rows)
    return json.dumps(day.names), zlib.compress(day.first_ms.to_bytes(8, "little", signed=True) + b"".join(day.columns), 1)


def unpacked(said: str, line: bytes) -> Day:
    """What `packed` made of a day with states."""
    whole = zlib.decompress(line)
    size = (len(whole) - 8) // 5
    columns = tuple(whole[low:low + size] for low in range(8, len(whole), size))
    return Day(int.from_bytes(whole[:8], "little", signed=True), columns, tuple(json.loads(said)))


def _day(rows: Sequence[Row]) -> Day:
    starts, ends = [row[0] for row in rows], [row[1] for row in rows]
    names: dict[str | None, int] = {}
    columns: Iterable[Iterable[int]] = (
        map(sub, starts, [starts[0], *ends]), map(sub, ends, starts), map(itemgetter(2), rows), map(itemgetter(3), rows),
        [names.setdefault(row[4], len(names)) for row in rows],
    )
    return Day(starts[0], tuple(array("i", column).tobytes() for column in columns), tuple(names))


def _dates(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _parts(wanted: Iterable[date], there: Container[str]) -> Iterator[tuple[list[date], bool]]:
    """Days on end, at most AT_ONCE of them, that all are `there` or all are not, and which."""
    for is_there, run in groupby(wanted, lambda day: day.isoformat() in there):
        days = list(run)
        yield from ((days[at:at + AT_ONCE], is_there) for at in range(0, len(days), AT_ONCE))


def _by_day(db: Connection, first: date, last: date) -> dict[str, list[Row]]:
    low, high = (DAY_MS * (day - _EPOCH).days for day in (first, last + timedelta(days=1)))
    rows: list[Row] = _tuples(
        db, "SELECT start_ms, end_ms, offset_min, context, category FROM timeline WHERE start_ms >= ? AND start_ms < ?"
            " AND start_ms + offset_min * 60000 BETWEEN ? AND ? AND end_ms > start_ms ORDER BY start_ms",
        (low - _WIDEST_MS, high + _WIDEST_MS, low, high - 1),
    )
    found: dict[str, list[Row]] = {}
    for number, run in groupby(rows, lambda row: (row[0] + row[2] * 60_000) // DAY_MS):
        found.setdefault((_EPOCH + timedelta(days=number)).isoformat(), []).extend(run)
    return found


def _day_of(start_ms: int, offset_min: int) -> str:
    return (_EPOCH + timedelta(days=(start_ms + offset_min * 60_000) // DAY_MS)).isoformat()


def _tuples(db: Connection, sql: str, values: Any) -> list[Any]:
    """Rows as tuples: a third of what rows with names cost."""
    cursor = db.cursor()
    cursor.row_factory = None
    found: list[Any] = cursor.execute(sql, values).fetchall()
    return found
