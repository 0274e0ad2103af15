"""The change log: the one way in which user-made records are written, undone and redone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from coach.core.change import Actor, Change, inverse, tick
from coach.core.errors import InvalidInput, NotFound
from coach.core.record import Record
from coach.core.when import iso, parse_iso, to_ms
from coach.store import task_index
from coach.store.db import Connection, meta, set_meta, transaction

RECORDS = (
    "task", "rule", "exclusion", "category", "preference", "saved_filter", "block", "calendar", "focus_session",
    "template", "manual", "correction", "goal", "attribution", "task_category", "category_answer",
    "expansion",
)
"""Kinds of records that the log covers; each is a table of that name with a text `id`."""

JSON_FIELDS: Mapping[str, frozenset[str]] = {
    "task": frozenset({"remind", "tags", "depends", "annotations", "recurrence", "extra"}),
    "preference": frozenset({"value"}),
    "block": frozenset({"reasons"}),
    "saved_filter": frozenset({"words"}),
    "template": frozenset({"tasks"}),
    "attribution": frozenset({"evidence"}),
}

TASK_DEFAULTS: Mapping[str, Any] = {
    "notes": "", "status": "pending", "due_hard": 0, "remind": (), "tags": (), "depends": (), "annotations": (),
    "snooze_count": 0, "extra": {},
}
"""What a new task has where its creation says nothing."""

_UNCHECKED = frozenset({"modified"})
"""Fields that every edit touches; they do not stand in the way of an undo."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Undone(Record):
    """What an undo or redo did: the action's label, the records it touched, the fields it had to leave alone, and number
    and title of the first few tasks."""

    label: str
    records: tuple[tuple[str, str], ...]
    refused: tuple[str, ...] = ()
    tasks: tuple[tuple[int, str], ...] = ()


def apply(
    db: Connection, changes: Sequence[Change], *, now: datetime, label: str, actor: Actor = "user",
    undoes: str | None = None, redoes: str | None = None,
) -> str:
    """Write the changes and their log in one transaction; returns the action's id. Empty updates are left out.

    Durable on return when the connection is (`db.connect(durable=True)`). Raises InvalidInput, and writes nothing, when
    tasks would depend on each other in a circle."""
    with transaction(db):
        action = begin(db, now=now, label=label, actor=actor, undoes=undoes, redoes=redoes)
        written: dict[str, set[str]] = {}
        beside: set[str] = set()
        for change in changes:
            if change.fields:
                if change.record == "task":
                    written.setdefault(change.id, set()).update(change.fields)
                    if change.kind == "delete":
                        beside |= task_index.neighbours(db, change.id)
                write(db, action, change)
        if written:
            task_index.refresh(db, written, beside)
    return action


def begin(
    db: Connection, *, now: datetime, label: str, actor: Actor, undoes: str | None = None, redoes: str | None = None
) -> str:
    """A new action, to which `write` adds changes; returns its id. Wants a surrounding transaction, as `write` does."""
    action = str(uuid.uuid4())
    device = meta(db, "device")
    stamp = tick(meta(db, "hlc"), to_ms(now), device)
    set_meta(db, "hlc", stamp)
    db.execute(
        "INSERT INTO action(id, label, actor, device, hlc, at, undoes, redoes, undone) VALUES(?,?,?,?,?,?,?,?,0)",
        (action, label, actor, device, stamp, iso(now), undoes, redoes),
    )
    return action


def write(db: Connection, action: str, change: Change) -> None:
    """One change of an action: the record and its place in the log, not what `task_index` keeps beside it."""
    _write(db, change)
    db.execute(
        "INSERT INTO change(action, record, record_id, kind, fields) VALUES(?,?,?,?,?)",
        (action, change.record, change.id, change.kind, dumps(change.fields)),
    )


def undo(db: Connection, now: datetime) -> Undone:
    """Take back this device's last user or import action. Fields changed since by something else are left as they are
    and named. Raises NotFound when there is nothing to undo, InvalidInput when every field has changed since."""
    with transaction(db):
        row = db.execute(
            "SELECT id, label FROM action WHERE device = ? AND actor IN ('user', 'import') AND undoes IS NULL"
            " AND redoes IS NULL AND undone = 0 ORDER BY hlc DESC LIMIT 1",
            (meta(db, "device"),),
        ).fetchone()
        if row is None:
            raise NotFound("there is nothing to undo")
        return _revert(db, row["id"], row["label"], now, undoes=row["id"])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Done(Record):
    """An action of this device that undo would take back: when, its label, and the title of its only task."""

    at: datetime
    label: str
    title: str = ""


def latest(db: Connection, limit: int) -> list[Done]:
    """The actions that undo would take back, newest first."""
    found = db.execute(
        "SELECT id, label, at FROM action WHERE device = ? AND actor IN ('user', 'import') AND undoes IS NULL"
        " AND redoes IS NULL AND undone = 0 ORDER BY hlc DESC LIMIT ?", (meta(db, "device"), limit),
    ).fetchall()
    return [Done(parse_iso(r["at"]), r["label"], _only_title(db, r["id"])) for r in found]


def _only_title(db: Connection, action: str) -> str:
    rows = db.execute(
        "SELECT DISTINCT t.title FROM change c JOIN task t ON t.id = c.record_id WHERE c.action = ? AND c.record = 'task'"
        " LIMIT 2",
        (action,),
    ).fetchall()
    return str(rows[0][0]) if len(rows) == 1 else ""


def redo(db: Connection, now: datetime) -> Undone:
    """Take back the last undo, as long as nothing was edited since. Raises NotFound when there is nothing to redo."""
    with transaction(db):
        device = meta(db, "device")
        row = db.execute(
            "SELECT u.id, u.label, u.hlc, u.undoes FROM action u WHERE u.device = ? AND u.undoes IS NOT NULL"
            " AND u.undone = 0 AND NOT EXISTS (SELECT 1 FROM action e WHERE e.device = u.device AND e.hlc > u.hlc"
            " AND e.actor IN ('user', 'import') AND e.undoes IS NULL AND e.redoes IS NULL)"
            " ORDER BY u.hlc DESC LIMIT 1",
            (device,),
        ).fetchone()
        if row is None:
            raise NotFound("there is nothing to redo")
        done = _revert(db, row["id"], row["label"], now, redoes=row["id"])
        db.execute("UPDATE action SET undone = 0 WHERE id = ?", (row["undoes"],))
        return done


def history(db: Connection, record: str, record_id: str) -> list[dict[str, Any]]:
    """Every change of one record, oldest first: `{at, actor, label, kind, way, fields: {name: [old, new]}}`; `way` is undo
    or redo where the change took another one back, or made it again."""
    found = db.execute(
        "SELECT a.at, a.actor, a.label, c.kind, c.fields, CASE WHEN a.undoes IS NOT NULL THEN 'undo'"
        " WHEN a.redoes IS NOT NULL THEN 'redo' ELSE '' END AS way FROM change c JOIN action a ON a.id = c.action"
        " WHERE c.record_id = ? AND c.record = ? ORDER BY a.hlc, c.id",
        (record_id, record),
    )
    return [{**dict(zip(r.keys(), r, strict=True)), "fields": json.loads(r["fields"])} for r in found]


def read(db: Connection, record: str, where: str = "1", values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """Records as plain dicts, JSON fields decoded. `where` is SQL written by the store's own modules, never user text."""
    _check(record)
    return [decode(record, r) for r in db.execute(f"SELECT * FROM {record} WHERE {where}", values)]


def decode(record: str, row: Any) -> dict[str, Any]:
    """A row as plain values, JSON fields decoded."""
    plain = dict(zip(row.keys(), row, strict=True))
    for name in JSON_FIELDS.get(record, ()):
        if plain.get(name) is not None:
            plain[name] = [] if plain[name] == "[]" else json.loads(plain[name])
    return plain


MANY = 1000
"""An action with more changes is taken back in pieces, each of which is read and written at once."""
_NAMED = 4


def _revert(
    db: Connection, action: str, label: str, now: datetime, *, undoes: str | None = None, redoes: str | None = None
) -> Undone:
    if db.execute("SELECT count(*) FROM change WHERE action = ?", (action,)).fetchone()[0] > MANY:
        from coach.store import reverting as pieces  # 4 ms that taking back one edit does not need

        records, refused, tasks = pieces.revert(db, action, label, now=now, undoes=undoes, redoes=redoes)
    else:
        refused = []
        back: list[Change] = []
        for row in db.execute("SELECT * FROM change WHERE action = ? ORDER BY id DESC", (action,)).fetchall():
            change = reverting(row)
            kept, stale = still_true(change, next(iter(read(db, change.record, "id = ?", (change.id,))), None))
            refused += [f"{change.record}.{name}" for name in stale]
            if kept is not None:
                back.append(kept)
        records, tasks = [(c.record, c.id) for c in back], named(db, back)
        apply(db, back, now=now, label=label, undoes=undoes, redoes=redoes)
    if not records and refused:
        raise InvalidInput(f"cannot undo {label!r}: {', '.join(refused[:12])} changed since", "edit it by hand")
    db.execute("UPDATE action SET undone = 1 WHERE id = ?", (action,))
    return Undone(label, tuple(records), tuple(refused), tuple(tasks))


def reverting(row: Any) -> Change:
    """The change that takes back the one in a row of the log."""
    fields = {name: (old, new) for name, (old, new) in json.loads(row["fields"]).items()}
    return inverse(Change(row["record"], row["record_id"], row["kind"], fields))


def named(db: Connection, back: Sequence[Change]) -> list[tuple[int, str]]:
    """Number and title of the first tasks among the changes, in the order in which they were made; called before these
    are written. Occurrences go by their series."""
    found: list[tuple[int, str]] = []
    for change in reversed(back):
        if change.record != "task" or change.fields.get("series_id", (None, None)) != (None, None):
            continue
        title = next((words for words in change.fields.get("title", ()) if words), None)
        row = db.execute(
            "SELECT n.num, t.title FROM task_num n LEFT JOIN task t ON t.id = n.id WHERE n.id = ?", (change.id,)
        ).fetchone()
        words = title if row is None or row[1] is None else row[1]
        if row is not None and words:
            found.append((row[0], str(words)))
        if len(found) == _NAMED:
            break
    return found


def still_true(change: Change, found: Mapping[str, Any] | None) -> tuple[Change | None, list[str]]:
    """The part of a reverting change whose expected present values still hold, and the names of the others. `found` is the
    record as it is."""
    if change.kind == "create":
        return change, []
    if not found:
        return None, sorted(change.fields)
    stale = [n for n, (have, _) in change.fields.items() if n not in _UNCHECKED and _normal(found.get(n)) != _normal(have)]
    if change.kind == "delete":  # what was empty at its creation need not be in the log
        known = (*change.fields, *_UNCHECKED, *task_index.COLUMNS, "id", "num")
        stale += [n for n, have in found.items() if have and n not in known]
        stale = [n for n in stale if n not in _filled(found)]
    if not stale:
        return change, []
    if change.kind == "delete":
        return None, stale
    kept = {n: pair for n, pair in change.fields.items() if n not in stale}
    only_unchecked = not set(kept) - _UNCHECKED
    return (None if only_unchecked else Change(change.record, change.id, change.kind, kept)), stale


def _filled(found: Mapping[str, Any]) -> tuple[str, ...]:
    """What Coach filled in by itself: a category that it is not wholly sure of. One that a person chose has no confidence."""
    return () if found.get("category_confidence") is None else ("category", "category_confidence")


def _normal(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _write(db: Connection, change: Change) -> None:
    _check(change.record)
    new = {name: pair[1] for name, pair in change.fields.items()}
    if change.kind == "delete":
        db.execute(f"DELETE FROM {change.record} WHERE id = ?", (change.id,))
        return
    columns = {name: encode(change.record, name, value) for name, value in new.items()}
    if change.kind == "create":
        columns["id"] = change.id
        if change.record == "task":
            columns = {name: encode("task", name, value) for name, value in TASK_DEFAULTS.items()} | columns
            columns["num"] = _task_num(db, change.id)
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        db.execute(f"INSERT INTO {change.record}({names}) VALUES({marks})", tuple(columns.values()))
    else:
        sets = ", ".join(f"{name} = ?" for name in columns)
        touched = db.execute(f"UPDATE {change.record} SET {sets} WHERE id = ?", (*columns.values(), change.id))
        if touched.rowcount == 0:
            raise NotFound(f"there is no {change.record} with id {change.id}")


def _task_num(db: Connection, task_id: str) -> int:
    db.execute("INSERT INTO task_num(id) VALUES(?) ON CONFLICT(id) DO NOTHING", (task_id,))
    return int(db.execute("SELECT num FROM task_num WHERE id = ?", (task_id,)).fetchone()[0])


def encode(record: str, name: str, value: Any) -> Any:
    """A plain value as its column holds it."""
    if name in JSON_FIELDS.get(record, ()):
        return None if value is None else dumps(value)
    return int(value) if isinstance(value, bool) else value


dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""JSON as the store writes it."""


def _check(record: str) -> None:
    if record not in RECORDS:
        raise InvalidInput(f"{record!r} is not a kind of record that the change log knows")
