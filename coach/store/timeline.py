"""The timeline in the store: derived from source events range by range, and rolled up as it closes."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from coach.core.errors import InvalidInput
from coach.core.event import Event
from coach.core.timeline import CUT_MS, Correction, Kind, State, Stretch, corrected, derive, offsets
from coach.core.when import from_ms, parse_iso, to_ms
from coach.store import events, rollups
from coach.store.db import Connection, transaction
from coach.store.events import KINDS, LIVED_MS, OVERLAPPING, Categorise

OffsetAt = Callable[[int], int]
"""Milliseconds since the epoch -> the local UTC offset then, in minutes."""


def between(db: Connection, start: datetime, end: datetime) -> list[Event]:
    """The states that overlap [start, end), clipped to it, earliest first; `source` is the bucket's name."""
    low, high = to_ms(start), to_ms(end)
    found = db.execute(
        "SELECT t.id, t.start_ms, t.end_ms, b.name, c.app, c.title, c.url, c.project,"
        " coalesce(t.category, c.category) AS category FROM timeline t JOIN context c ON c.id = t.context"
        f" JOIN bucket b ON b.id = t.bucket WHERE t.start_ms < ? AND t.start_ms >= ? - {CUT_MS} AND t.end_ms > ?"
        " ORDER BY t.start_ms",
        (high, low, low),
    )
    return [
        Event(
            from_ms(max(low, r["start_ms"])), from_ms(min(high, r["end_ms"])), r["name"], r["app"], r["title"], r["url"],
            r["project"], r["category"], {}, r["id"],
        )
        for r in found
    ]


_OVERLAPS = f"t.start_ms < :high AND t.start_ms >= :low - {CUT_MS} AND t.end_ms > :low"
_MATCHING = {
    "": "", "app": " AND c.app = :name", "project": " AND c.project = :name",
    "category": " AND coalesce(t.category, c.category, :none) = :name",
}


def matching(db: Connection, low_ms: int, high_ms: int, field: str, name: str, limit: int) -> list[Event]:
    """The states that overlap [low, high), clipped to it, newest first; of one app, project or category (which may be
    "Uncategorised"), or all with an empty field."""
    found = db.execute(
        "SELECT t.id, t.start_ms, t.end_ms, b.name, c.app, c.title, c.url, c.project,"
        " coalesce(t.category, c.category) AS category FROM timeline t JOIN context c ON c.id = t.context"
        f" JOIN bucket b ON b.id = t.bucket WHERE {_OVERLAPS}{_MATCHING[field]} ORDER BY t.start_ms DESC LIMIT :limit",
        {"low": low_ms, "high": high_ms, "name": name, "none": rollups.UNCATEGORISED, "limit": limit},
    )
    return [
        Event(
            from_ms(max(low_ms, r["start_ms"])), from_ms(min(high_ms, r["end_ms"])), r["name"], r["app"], r["title"], r["url"],
            r["project"], r["category"], {}, r["id"],
        )
        for r in found
    ]


def matching_sum(db: Connection, low_ms: int, high_ms: int, field: str, name: str) -> tuple[int, int]:
    """How many states `matching` would find without a limit, and their time in ms."""
    found = db.execute(
        "SELECT count(*), coalesce(sum(min(t.end_ms, :high) - max(t.start_ms, :low)), 0)"
        f" FROM timeline t JOIN context c ON c.id = t.context WHERE {_OVERLAPS}{_MATCHING[field]}",
        {"low": low_ms, "high": high_ms, "name": name, "none": rollups.UNCATEGORISED},
    ).fetchone()
    return found[0], found[1]


class Span(NamedTuple):
    """A timeline row in plain numbers, for sums over long ranges. A tuple: ten thousand a day are made of rows."""

    start_ms: int
    end_ms: int
    offset_min: int
    app: str
    category: str | None


def spans(db: Connection, start: datetime, end: datetime) -> Iterator[Span]:
    """The rows that start in [start, end), whole, earliest first."""
    cursor = db.cursor()
    cursor.row_factory = None
    return map(Span._make, cursor.execute(
        "SELECT t.start_ms, t.end_ms, t.offset_min, c.app, coalesce(t.category, c.category) FROM timeline t"
        " JOIN context c ON c.id = t.context WHERE t.start_ms >= ? AND t.start_ms < ? ORDER BY t.start_ms",
        (to_ms(start), to_ms(end)),
    ))


def worked(db: Connection, start: datetime, end: datetime) -> Iterator[tuple[int, int, str, str, str | None]]:
    """(start_ms, end_ms, app, project, category) of the states that overlap [start, end), clipped to it, earliest first."""
    low, high = to_ms(start), to_ms(end)
    for r in db.execute(
        "SELECT max(t.start_ms, :low), min(t.end_ms, :high), c.app, c.project, coalesce(t.category, c.category) FROM timeline t"
        f" JOIN context c ON c.id = t.context WHERE t.start_ms < :high AND t.start_ms >= :low - {CUT_MS} AND t.end_ms > :low"
        " ORDER BY t.start_ms", {"low": low, "high": high},
    ):
        yield r[0], r[1], r[2], r[3], r[4]


def extent(db: Connection) -> tuple[int, int]:
    """Start of the first and end of the last row, in ms; zeros without rows."""
    first = db.execute("SELECT start_ms FROM timeline ORDER BY start_ms LIMIT 1").fetchone()
    last = db.execute("SELECT end_ms FROM timeline ORDER BY start_ms DESC LIMIT 1").fetchone()
    return (first[0], last[0]) if first and last else (0, 0)


def newest(db: Connection, now: datetime) -> Event | None:
    """The last state that had begun by `now`: a clock that was once ahead may have left later ones."""
    row = db.execute(
        "SELECT start_ms, end_ms FROM timeline WHERE start_ms <= ? ORDER BY start_ms DESC LIMIT 1", (to_ms(now),)
    ).fetchone()
    return between(db, from_ms(row[0]), from_ms(row[1]))[-1] if row else None


class Open(NamedTuple):
    """The newest row, where its source may go on with it: nothing else of that time or later counts."""

    start_ms: int
    end_ms: int
    context: int
    bucket: int
    offset_min: int


def open_row(db: Connection, bucket_id: int, context_id: int, from_ms: int) -> Open | None:
    """The newest row, where it is in that state and ends at `from_ms`; None where a heartbeat that lengthens the state from
    there on needs a rebuild: another state is newer, or the row ends elsewhere because of time away. A tab's state goes on
    only as far as its window, so it always does."""
    row = db.execute("SELECT * FROM timeline ORDER BY start_ms DESC LIMIT 1").fetchone()
    if row is None or (row["context"], row["bucket"], row["end_ms"]) != (context_id, bucket_id, from_ms):
        return None
    if row["category"] is not None:
        return None
    rival = db.execute(
        f"SELECT 1 FROM event e JOIN bucket b ON b.id = e.bucket WHERE e.id IN ({OVERLAPPING}) AND e.bucket != :bucket"
        """ AND b.type != 'coach.calendar' AND (b.type != 'afkstatus' OR e.data NOT LIKE '%"not-afk"%')"""
        " UNION ALL SELECT 1 FROM correction WHERE end_ms > :low"
        " UNION ALL SELECT 1 FROM bucket WHERE id = :bucket AND type = 'web.tab.current' LIMIT 1",
        {"low": from_ms, "high": 1 << 60, "bucket": bucket_id},
    ).fetchone()
    return None if rival else Open(row["start_ms"], from_ms, context_id, bucket_id, row["offset_min"])


def lengthen(db: Connection, row: Open, end_ms: int, offset_at: OffsetAt) -> Open | None:
    """The cheap way for a heartbeat that lengthens the present state: the row as it is then; None where a rebuild is needed,
    because the row would be cut or the clocks have changed."""
    if row.start_ms // CUT_MS != (end_ms - 1) // CUT_MS or row.offset_min != offset_at(end_ms - 1):
        return None
    done = db.execute(
        "UPDATE timeline SET behind_ms = behind_ms + ? - end_ms, end_ms = ? WHERE start_ms = ? AND end_ms = ?",
        (end_ms, end_ms, row.start_ms, row.end_ms),
    )
    return row._replace(end_ms=end_ms) if done.rowcount else None


def rebuild(
    db: Connection, start_ms: int, end_ms: int, *, offset_at: OffsetAt, day_start_min: int,
    watches: Callable[[str | None], bool] = lambda category: False, categorise: Categorise = lambda *words: None,
) -> tuple[int, int]:
    """Derive [start, end] anew from the source events and the corrections, and the roll-ups with it, in one transaction.

    The range grows to whole rows and their neighbours, so a row is never cut and equal neighbours join; returns what it has
    become. The newest row
    stays open: `roll` adds it to the roll-ups. Time that had a row keeps its UTC offset: `offset_at` speaks for new time
    only, so that travel leaves the past as lived; rows are cut where the offset changes. A corrected project is another
    context, with the category that `categorise` gives it. `day_start_min` holds for the first roll-ups only, see
    `rollups.day_start`."""
    with transaction(db):
        day_start_min = rollups.day_start(db, day_start_min)
        old = db.execute(
            "SELECT start_ms, end_ms, context, bucket, offset_min, category, rolled_ms FROM timeline"
            f" WHERE start_ms <= ? AND start_ms >= ? - {CUT_MS} AND end_ms >= ? ORDER BY start_ms",
            (end_ms, start_ms, start_ms),
        ).fetchall()
        low = min([start_ms, *(r["start_ms"] for r in old)])
        high = max([end_ms, *(r["end_ms"] for r in old)])
        stretches, away, contexts = _sources(db, low, high)
        app_of = {c: app for c, (app, _) in contexts.items()}.__getitem__
        line = derive(stretches, away, app_of, lambda c: watches(contexts[c][1]), within=(low, high))
        states = corrected(line, _corrections(db, low, high), app_of)
        is_past = db.execute("SELECT 1 FROM timeline WHERE start_ms > ? LIMIT 1", (high,)).fetchone() is not None
        new: dict[tuple[Any, ...], None] = {}
        for state, (start, end, offset) in _as_lived(states, old, offset_at):
            context = state.context if state.project is None else _elsewhere(db, state.context, state.project, categorise)
            new[start, end, context, state.bucket, offset, state.category] = None
        there = {tuple(r)[:6]: r for r in old}
        gone = [r for key, r in there.items() if key not in new]
        made = [key for key in new if key not in there]
        _replace(db, gone, made, 0 if is_past or not new else max(key[1] for key in new), day_start_min)
    return low, high


def roll(db: Connection, day_start_min: int) -> int:
    """Add what is not yet in the roll-ups; returns how many rows were behind."""
    with transaction(db):
        day_start_min = rollups.day_start(db, day_start_min)
        behind = db.execute("SELECT * FROM timeline WHERE behind_ms > 0").fetchall()
        sums = rollups.Sums()
        for row in behind:
            rollups.count(
                sums, _key(db, row["context"], row["category"]), row["rolled_ms"], row["end_ms"], row["offset_min"],
                day_start_min, visit=row["rolled_ms"] == row["start_ms"],
            )
        rollups.add(db, sums)
        db.executemany("UPDATE timeline SET behind_ms = 0 WHERE start_ms = ?", [(row["start_ms"],) for row in behind])
    return len(behind)


def _replace(
    db: Connection, gone: Sequence[Any], made: Sequence[tuple[Any, ...]], open_ms: int, day_start_min: int
) -> None:
    """Rows and their share of the roll-ups. `made` are (start_ms, end_ms, context, bucket, offset_min, category); the one
    that ends at `open_ms` stays open."""
    sums = rollups.Sums()
    for row in gone:
        rollups.count(
            sums, _key(db, row["context"], row["category"]), row["start_ms"], row["rolled_ms"], row["offset_min"],
            day_start_min, sign=-1,
        )
    db.executemany("DELETE FROM timeline WHERE start_ms = ?", [(row["start_ms"],) for row in gone])
    rows = [(*key, key[1] - key[0] if key[1] == open_ms else 0) for key in made]
    for start_ms, end_ms, context, _, offset_min, category, behind_ms in rows:
        rollups.count(sums, _key(db, context, category), start_ms, end_ms - behind_ms, offset_min, day_start_min)
    db.executemany(
        "INSERT INTO timeline(start_ms, end_ms, context, bucket, offset_min, category, behind_ms) VALUES(?,?,?,?,?,?,?)", rows
    )
    rollups.add(db, sums)


def _as_lived(
    states: Sequence[State], old: Sequence[Any], offset_at: OffsetAt
) -> Iterator[tuple[State, tuple[int, int, int]]]:
    """The states, cut where the offset changes: (start_ms, end_ms, offset in minutes). `old` are the rows that were there,
    in order."""
    first = 0
    for state in states:
        while first < len(old) and old[first]["end_ms"] <= state.start_ms:
            first += 1
        open_piece: tuple[int, int, int] | None = None
        for piece in _offsets(state, old, first, offset_at):
            if open_piece and open_piece[2] == piece[2]:
                open_piece = (open_piece[0], piece[1], piece[2])
                continue
            if open_piece:
                yield state, open_piece
            open_piece = piece
        if open_piece:
            yield state, open_piece


def _offsets(state: State, old: Sequence[Any], first: int, offset_at: OffsetAt) -> Iterator[tuple[int, int, int]]:
    at = state.start_ms
    if first < len(old) and (old[first]["start_ms"], old[first]["end_ms"]) == (at, state.end_ms):  # most are as they were
        yield at, state.end_ms, old[first]["offset_min"]
        return
    for row in itertools.islice(old, first, None):
        if row["start_ms"] >= state.end_ms:
            break
        if at < row["start_ms"]:
            yield from offsets(at, row["start_ms"], offset_at)
            at = row["start_ms"]
        stop = min(row["end_ms"], state.end_ms)
        if stop > at:
            yield at, stop, row["offset_min"]
            at = stop
    if at < state.end_ms:
        yield from offsets(at, state.end_ms, offset_at)


def _elsewhere(db: Connection, context: int, project: str, categorise: Categorise) -> int:
    """The context that says the same of another project."""
    app, title, url = db.execute("SELECT app, title, url FROM context WHERE id = ?", (context,)).fetchone()
    return events.context(db, app, title, url, project, categorise)


def _corrections(db: Connection, low: int, high: int) -> list[Correction]:
    found = db.execute(
        "SELECT start_ms, end_ms, created, app, category, project FROM correction WHERE end_ms > ? AND start_ms < ?", (low, high)
    )
    return [Correction(r[0], r[1], said_at(r[2]), r[3], r[4], r[5]) for r in found]


def _key(db: Connection, context: int, said: str | None) -> rollups.Key:
    app, project, category = db.execute("SELECT app, project, category FROM context WHERE id = ?", (context,)).fetchone()
    return rollups.Key(app, said or category or rollups.UNCATEGORISED, project)


def _sources(
    db: Connection, low: int, high: int
) -> tuple[list[Stretch], list[tuple[int, int]], dict[int, tuple[str, str | None]]]:
    """Stretches, time away, and (app, category) by context."""
    stretches: list[Stretch] = []
    away: list[tuple[int, int]] = []
    contexts: dict[int, tuple[str, str | None]] = {}
    found = db.execute(
        f"SELECT e.start_ms, {LIVED_MS} AS end_ms, e.context, e.bucket, e.data, b.type, c.app, c.category FROM event e"
        f" JOIN bucket b ON b.id = e.bucket JOIN context c ON c.id = e.context WHERE e.id IN ({OVERLAPPING})"
        " ORDER BY e.start_ms, e.id",
        {"low": low, "high": high},
    )
    for start, end, context, bucket, data, bucket_type, app, category in found:
        if bucket_type == "afkstatus":
            if data and '"not-afk"' not in data:
                away.append((start, end))
        elif bucket_type in KINDS:
            said_ms, said = _said(data) if bucket_type == "coach.manual" and data else (0, None)
            kind: Kind = KINDS[bucket_type]  # type: ignore[assignment]
            stretches.append(Stretch(start, end, kind, context, bucket, said_ms, said))
            contexts[context] = (app, category)
    return stretches, away, contexts


def said_at(created: str) -> int:
    """When a record was made, in ms; 0 for what is no time: it came from a file, and must not stop the clock."""
    try:
        return to_ms(parse_iso(created))
    except InvalidInput:
        return 0


def _said(data: str) -> tuple[int, str | None]:
    """When an entry was made and the category it names; anything else may stand there, from an import or another client."""
    try:
        found = json.loads(data)
    except ValueError:
        return 0, None
    said_ms, category = (found.get("said_ms"), found.get("category")) if isinstance(found, dict) else (0, None)
    return (
        said_ms if isinstance(said_ms, int) else 0,
        category if isinstance(category, str) and category else None,
    )
