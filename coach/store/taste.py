"""What is learnt from what was done next: the taste, at which place tasks were shown, and the choices in the change log."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from coach.core.exploring import NO_TIE, Tie
from coach.core.when import iso, parse_iso
from coach.store.db import Connection, transaction


class Kept(NamedTuple):
    """The taste as of the action `hlc`, on the tables whose digest is `base`."""

    base: str
    hlc: str
    data: dict[str, Any]


class Chosen(NamedTuple):
    """Somebody began or finished a task at `at`."""

    hlc: str
    at: datetime
    task_id: str


def read(db: Connection) -> Kept | None:
    row = db.execute("SELECT base, hlc, data FROM taste WHERE id = 1").fetchone()
    return Kept(row[0], row[1], json.loads(row[2])) if row else None


def write(db: Connection, base: str, hlc: str, n: int, data: dict[str, Any]) -> None:
    with transaction(db):
        db.execute(
            "INSERT INTO taste VALUES(1,?,?,?,?) ON CONFLICT(id) DO UPDATE SET base = excluded.base, hlc = excluded.hlc,"
            " n = excluded.n, data = excluded.data", (base, hlc, n, json.dumps(data)),
        )


class Shown(NamedTuple):
    """Where a task stood when it was shown last, and among which near ties."""

    rank: int
    at: str
    tie: Tie | None


KEPT_ORDERS_D = 14
"""Days for which shown orders are kept."""


def note_shown(db: Connection, ids: Sequence[str], now: datetime, ties: Mapping[str, Tie] | None = None) -> None:
    """These tasks were shown in this order, the first at rank 1; `ties` are those of them whose order might have been drawn."""
    found = ties or {}
    places = [[task_id, *found.get(task_id, NO_TIE)] for task_id in ids]
    with transaction(db):
        db.execute("INSERT INTO shown_order(at, places) VALUES(?,?)", (iso(now), json.dumps(places)))
        db.execute("DELETE FROM shown_order WHERE at < ?", (iso(now - timedelta(days=KEPT_ORDERS_D)),))


def places_since(db: Connection, since: datetime, until: datetime) -> dict[str, Shown]:
    """The place at which each task was shown last, of those shown in [since, until]."""
    rows = db.execute("SELECT at, places FROM shown_order WHERE at >= ? AND at <= ? ORDER BY at, id", (iso(since), iso(until)))
    found: dict[str, Shown] = {}
    for at, places in rows:
        found |= _order(at, places)
    return found


def order_with(db: Connection, task_id: str, since: datetime, until: datetime) -> dict[str, Shown]:
    """The last order shown in [since, until] in which the task stood, by task; empty where it was not shown."""
    row = db.execute(
        "SELECT at, places FROM shown_order WHERE at >= ? AND at <= ? AND instr(places, ?) ORDER BY at DESC, id DESC LIMIT 1",
        (iso(since), iso(until), json.dumps(task_id))).fetchone()
    return _order(*row) if row else {}


def _order(at: str, places: str) -> dict[str, Shown]:
    listed = enumerate(json.loads(places), start=1)
    return {task_id: Shown(rank, at, Tie(*tie) if tie[1] else None) for rank, (task_id, *tie) in listed}


def shown_since(db: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """The rank at which each task was shown last, of those shown in [since, until]."""
    return {task_id: place.rank for task_id, place in places_since(db, since, until).items()}


def newest_action(db: Connection) -> str:
    row = db.execute("SELECT max(hlc) FROM action").fetchone()
    return str(row[0] or "")


def choices(db: Connection, after: str, limit: int, *, newest: bool = False) -> list[Chosen]:
    """Tasks begun or finished by the person after the action `after`, oldest first; `newest` gives the last `limit` of them. What
    was begun before is no choice when it is finished, nor is what was undone, or one of many in one action."""
    order = "DESC" if newest else "ASC"
    rows = db.execute(
        "SELECT a.hlc, a.at, c.record_id FROM action a JOIN change c ON c.action = a.id"
        " WHERE a.hlc > ? AND a.actor = 'user' AND a.undone = 0 AND a.undoes IS NULL"
        " AND a.label IN ('start task', 'complete task')"
        " AND c.record = 'task' AND c.kind = 'update'"
        " AND ((a.label = 'start task' AND json_extract(c.fields, '$.started[1]') IS NOT NULL)"
        "  OR (json_extract(c.fields, '$.status[1]') = 'completed' AND json_extract(c.fields, '$.started[0]') IS NULL))"
        f" ORDER BY a.hlc {order} LIMIT ?", (after, limit),
    ).fetchall()
    found = [Chosen(r[0], parse_iso(r[1]), r[2]) for r in rows]
    return found[::-1] if newest else found


class Then(NamedTuple):
    """What of a task tells how likely it was chosen, as it is known now."""

    id: str
    title: str
    project: str | None
    tags: tuple[str, ...]
    priority: int | None
    estimate_min: int | None
    due_utc: int | None
    created_ms: int
    snooze_count: int


_THEN = "id, title, project, tags, priority, estimate_min, due_utc, created_ms, snooze_count"


def open_then(db: Connection, at: datetime, chosen: str, most: int) -> list[Then]:
    """The tasks that were open at `at`, by what is known of them now, with the chosen one first; of more than `most` some that
    the moment draws."""
    rows = db.execute(
        f"SELECT {_THEN} FROM (SELECT {_THEN}, num FROM task WHERE status = 'pending' AND created <= :then AND id != :chosen"
        "  AND (wait_utc IS NULL OR wait_utc <= :at) AND recurrence IS NULL"
        f" UNION ALL SELECT {_THEN}, num FROM task WHERE status = 'completed' AND completed >= :then AND created <= :then"
        "  AND recurrence IS NULL AND series_id IS NULL AND id != :chosen"
        f" UNION ALL SELECT {_THEN}, num FROM task WHERE status = 'deleted' AND deleted >= :then AND created <= :then"
        "  AND recurrence IS NULL AND id != :chosen)"
        " ORDER BY (num * 40503 + :at) % 65536, num LIMIT :most",
        {"then": iso(at), "at": int(at.timestamp()), "chosen": chosen, "most": most - 1},
    ).fetchall()
    own = db.execute(f"SELECT {_THEN} FROM task WHERE id = ? AND recurrence IS NULL AND series_id IS NULL", (chosen,)).fetchall()
    return [Then(r[0], r[1], r[2], tuple(json.loads(r[3] or "[]")), *tuple(r)[4:]) for r in (*own, *rows)] if own else []
