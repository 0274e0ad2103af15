"""Everything in a store that is the person's, row by row as plain values, and the way back for the rows that no change
log covers: history, tracked time, calendars' events, nudges, the conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from coach.core.errors import InvalidInput
from coach.store import bulk, changes, plain, plan_signals
from coach.store.db import Connection
from coach.store.events import Categorise

ROWS: Mapping[str, tuple[str, ...]] = {
    "action": ("id", "label", "actor", "device", "hlc", "at", "undoes", "redoes", "undone"),
    "change": ("action", "record", "record_id", "kind", "fields"),
    "bucket": ("name", "type", "client", "hostname", "created", "data", "watcher"),
    "event": ("bucket", "start_ms", "end_ms", "app", "title", "url", "project", "data", "fine"),
    "timeline": ("bucket", "start_ms", "end_ms", "app", "title", "url", "project", "offset_min", "category"),
    "calendar_event": ("calendar", "uid", "start_ms", "end_ms", "all_day", "busy", "title"),
    "nudge": (
        "id", "at", "situation", "mode", "persona", "source", "text", "task_id", "channel", "status", "outcome_at", "rating",
        "tries", "next_try", "latency_ms", "useful", "sentiment", "asked",
    ),
    "nudge_misfire": ("nudge", "at", "why"),
    "nudge_trial": (
        "id", "at", "kind", "context", "held", "task_id", "category", "tracked", "worked", "judged_at",
    ),
    "nudge_kind": ("kind", "run", "since", "stopped_at", "why"),
    "chat_message": ("id", "at", "role", "text", "data"),
    "plan_signal": ("at", "kind", "block_id", "task_id", "offered", "start", "minutes"),
}
"""Kinds of rows and their fields; events and the timeline carry the words of their context."""
DERIVED: Mapping[str, tuple[str, ...]] = {
    "avoidance_task": ("task_id", "score", "percentile", "avoided", "evidence", "version", "at"),
    "avoidance_week": ("week", "version", "score", "data"),
}
"""Rows that go out and do not come back: they are made anew where profiling is allowed."""
_SOURCES = {
    "event": "event t JOIN context c ON c.id = t.context JOIN bucket b ON b.id = t.bucket ORDER BY t.start_ms, t.id",
    "timeline": "timeline t JOIN context c ON c.id = t.context JOIN bucket b ON b.id = t.bucket ORDER BY t.start_ms",
    "avoidance_task": "avoidance_task ORDER BY task_id", "avoidance_week": "avoidance_week ORDER BY week",
    "action": "action ORDER BY hlc", "change": "change ORDER BY id",
}
_CONTEXT = frozenset({"app", "title", "url", "project"})
_KEYLESS = frozenset({"calendar_event", "change", "nudge_misfire", "plan_signal"})
_OPTIONAL = frozenset({"watcher", "fine", "tries", "next_try", "latency_ms", "useful", "sentiment", "asked"})
_REALS = frozenset({"sentiment", "minutes"})
_NUMBERS = frozenset({"start_ms", "end_ms", "offset_min", "all_day", "busy", "rating", "undone", "watcher", "fine",
                      "tries", "latency_ms", "useful", "asked", "held", "tracked", "worked", "run"})


def records(db: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """(kind, plain values) of every record of the change log, tasks first: others name them."""
    for task in plain.every(db):
        yield "task", task
    for kind in changes.RECORDS:
        if kind != "task":
            for row in changes.read(db, kind, "1 ORDER BY id"):
                yield kind, row


def rows(db: Connection) -> Iterator[tuple[str, dict[str, Any]]]:
    """(kind, plain values) of all rows that are no records."""
    for kind, names in (*ROWS.items(), *DERIVED.items()):
        columns = ", ".join(_column(kind, name) for name in names)
        for row in db.execute(f"SELECT {columns} FROM {_SOURCES.get(kind, f'{kind} ORDER BY rowid')}"):
            yield kind, dict(zip(names, row, strict=True))


def _column(kind: str, name: str) -> str:
    if kind not in ("event", "timeline"):
        return f'"{name}"'
    return f"c.{name}" if name in _CONTEXT else "b.name" if name == "bucket" else f"t.{name}"


def columns_of(db: Connection, record: str) -> frozenset[str]:
    """The fields of a kind of record."""
    return frozenset(row[1] for row in db.execute(f"SELECT * FROM pragma_table_info('{record}')") if row[1] != "id")


def check_record(db: Connection, record: str, values: Mapping[str, Any], where: str) -> None:
    """Raises InvalidInput for a new record whose values are not of the types that its table has, or lack one it needs."""
    right: Mapping[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (int, float)}
    for _, name, kind, needed, _, _ in db.execute(f"SELECT * FROM pragma_table_info('{record}')"):
        value = values.get(name)
        if name == "id" or name in changes.JSON_FIELDS.get(record, ()):
            continue
        if value is None and not needed:
            continue
        if not isinstance(value, right[kind]) or (isinstance(value, int) and abs(value) > 1 << 62):
            raise InvalidInput(f"{where}: {record}.{name} is not what Coach writes", "nothing was imported")


def _type(name: str) -> tuple[tuple[type, ...], str]:
    if name in _REALS:
        return (int, float), "number"
    return ((int,), "whole number") if name in _NUMBERS else ((str,), "text")


def check(kind: str, row: Mapping[str, Any], where: str) -> None:
    """Raises InvalidInput for a row with other fields, or values of another type, than its kind has."""
    if strange := (set(row) ^ set(ROWS[kind])) - (_OPTIONAL - set(row)):
        name = min(strange)
        raise InvalidInput(f"{where}: {kind}.{name} is {'unknown' if name in row else 'missing'}", "nothing was imported")
    for name, value in row.items():
        right, wanted = _type(name)
        if value is not None and (not isinstance(value, right) or isinstance(value, bool)):
            raise InvalidInput(f"{where}: {kind}.{name} is no {wanted}", "nothing was imported")
    if kind == "plan_signal":
        plan_signals.check(row, where)
    if kind in ("event", "timeline", "calendar_event"):
        start, end = row["start_ms"], row["end_ms"]
        if start is None or end is None or end < start or max(abs(start), abs(end)) > 1 << 46:
            raise InvalidInput(f"{where}: {kind}.end_ms lies before its start", "nothing was imported")


def is_there(db: Connection, kind: str, row: Mapping[str, Any]) -> bool:
    """Whether the store has such a row: by its id or name, else by what it says."""
    if kind in ("event", "timeline"):
        condition = "t.start_ms = :start_ms AND t.end_ms = :end_ms AND b.name = :bucket AND c.app = :app AND c.title = :title"
        joined = _SOURCES[kind].partition(" ORDER BY")[0]
        return db.execute(f"SELECT 1 FROM {joined} WHERE {condition} AND c.url = :url LIMIT 1", row).fetchone() is not None
    key = "" if kind in _KEYLESS else {"bucket": "name", "nudge_kind": "kind"}.get(kind, "id")
    names = (key,) if key else ("calendar", "uid", "start_ms", "title") if kind == "calendar_event" else ROWS[kind]
    same = " AND ".join(f'"{name}" IS :{name}' for name in names)
    return db.execute(f"SELECT 1 FROM {kind} WHERE {same} LIMIT 1", row).fetchone() is not None


def insert(db: Connection, kind: str, rows: Sequence[Mapping[str, Any]], categorise: Categorise) -> None:
    """Rows that are not there yet. Inside a transaction. Raises InvalidInput where one names a bucket that is not there."""
    names = ROWS[kind]
    if kind not in ("event", "timeline"):
        marks = ", ".join("?" * len(names))
        columns = ", ".join(f'"{name}"' for name in names)
        db.executemany(f"INSERT INTO {kind}({columns}) VALUES({marks})", [tuple(row.get(name) for name in names) for row in rows])
        return
    buckets = {row[0]: row[1] for row in db.execute("SELECT name, id FROM bucket")}
    if stranger := next((row for row in rows if row["bucket"] not in buckets), None):
        where = f"{kind} at {stranger['start_ms']}"
        raise InvalidInput(f"{where}: it names a bucket that is not in the file", "nothing was imported; export it again")
    words = [(row["app"], row["title"], row["url"], row["project"]) for row in rows]
    ids = bulk.contexts(db, words, categorise)
    places = [(buckets[row["bucket"]], row["start_ms"], row["end_ms"], ids[w]) for row, w in zip(rows, words, strict=True)]
    if kind == "event":
        db.executemany(
            "INSERT INTO event(bucket, start_ms, end_ms, context, data, fine) VALUES(?,?,?,?,?,?)",
            [(*place, row["data"], row.get("fine")) for place, row in zip(places, rows, strict=True)],
        )
        return
    db.executemany(
        "INSERT INTO timeline(bucket, start_ms, end_ms, context, offset_min, category, behind_ms) VALUES(?,?,?,?,?,?,0)",
        [(*place, row["offset_min"], row["category"]) for place, row in zip(places, rows, strict=True)],
    )


def keep_number(db: Connection, task_id: str, num: int) -> None:
    """Give a task that is about to come in the short number it had, where neither has been used."""
    db.execute("INSERT OR IGNORE INTO task_num(num, id) VALUES(?, ?)", (num, task_id))


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
