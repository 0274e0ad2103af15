"""What the store keeps beside the tasks, so that a page, a search and the dependencies of one are found without reading
them all: shapes and times in the row, labels, dependencies, and the words. `changes.apply` keeps it; triggers forget."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from coach.core.errors import InvalidInput
from coach.core.urgency import pack, shape
from coach.core.when import end_of, parse_iso, parse_wall, start_of, to_ms, zone
from coach.store.db import Connection

COLUMNS = ("due_utc", "wait_utc", "due_start_utc", "scheduled_utc", "until_utc", "created_ms", "urgency_class")
"""Columns of `task` that are no field of a Task."""

_TIMES = frozenset({"due", "wait", "scheduled", "until", "time_zone", "created"})
_WORDS = frozenset({"title", "notes", "annotations"})
_SHAPE = frozenset({
    "priority", "tags", "annotations", "project", "started", "scheduled", "wait", "status",
})


def folded(text: str) -> str:
    """The form in which words are kept and looked for: upper and lower case are one."""
    return text.casefold().replace("\0", " ")


def trigrams(text: str) -> list[str]:
    """The three-letter pieces by which the index finds `text`; none for a shorter one."""
    plain = folded(text)
    return list(dict.fromkeys(plain[i : i + 3] for i in range(len(plain) - 2)))


def neighbours(db: Connection, task_id: str) -> set[str]:
    """Tasks whose being blocked or blocking hangs on this one."""
    found = db.execute(
        "SELECT on_task FROM dependency WHERE task = ?1 UNION SELECT task FROM dependency WHERE on_task = ?1", (task_id,)
    )
    return {row[0] for row in found}


def refresh(db: Connection, written: Mapping[str, Collection[str]], also: Iterable[str] = ()) -> None:
    """Bring up to date what hangs on the fields that were written, by task id; `also` are tasks beside which something
    has changed. Raises InvalidInput for dependencies that go in a circle."""
    shapes = set(also)
    turned: list[tuple[str, list[str]]] = []
    for task_id, names in written.items():
        row = db.execute(
            "SELECT num, title, notes, annotations, tags, depends, status, due, wait, scheduled, until, time_zone, created"
            " FROM task WHERE id = ?", (task_id,),
        ).fetchone()
        if row is None:
            continue
        fields = set(names)
        if fields & _TIMES:
            _times(db, task_id, row)
        if fields & _WORDS:
            _words(db, row)
        if fields & {"tags", "status"}:
            _tags(db, row)
        if "depends" in fields:
            shapes |= neighbours(db, task_id)
            turned.append((task_id, _list(row["depends"])))
            _depends(db, *turned[-1])
        if fields & {"status", "depends"}:
            shapes |= neighbours(db, task_id)
        if fields & _SHAPE or "depends" in fields:
            shapes.add(task_id)
    for task_id, targets in turned:  # when all of them are there: two tasks may have changed places
        if targets and (circle := _circle(db, task_id, targets)):
            way = " -> ".join(circle)
            raise InvalidInput(f"tasks cannot depend on each other in a circle: {way}", "leave one of them out")
    for task_id in shapes:
        _shape(db, task_id)


def rebuild(db: Connection) -> None:
    """Make all of it anew, for a store that has none of it yet."""
    for statement in ("DELETE FROM dependency", "DELETE FROM task_tag", "INSERT INTO task_text(task_text) VALUES('delete-all')"):
        db.execute(statement)
    every = _TIMES | _WORDS | _SHAPE | {"depends"}
    refresh(db, {row[0]: every for row in db.execute("SELECT id FROM task").fetchall()})


def forget_words(db: Connection) -> None:
    """Remove what deleted tasks have left in the index of words; without this it goes with a later merge."""
    db.execute("INSERT INTO task_text(task_text) VALUES('optimize')")


def _times(db: Connection, task_id: str, row: Any) -> None:
    tz = zone(row["time_zone"])

    def seconds(name: str, edge: Any) -> int | None:
        return None if row[name] is None else _seconds(edge(parse_wall(row[name], tz), tz))

    db.execute(
        "UPDATE task SET due_utc = ?, due_start_utc = ?, wait_utc = ?, scheduled_utc = ?, until_utc = ?, created_ms = ?"
        " WHERE id = ?",
        (
            seconds("due", end_of), seconds("due", start_of), seconds("wait", start_of), seconds("scheduled", start_of),
            seconds("until", end_of), to_ms(parse_iso(row["created"])), task_id,
        ),
    )


def _seconds(instant: datetime) -> int:
    return to_ms(instant) // 1000


def _words(db: Connection, row: Any) -> None:
    notes = [note["text"] for note in _list(row["annotations"])]
    db.execute("DELETE FROM task_text WHERE rowid = ?", (row["num"],))
    words = folded("\n".join((row["title"], row["notes"] or "", *notes)))
    db.execute("INSERT INTO task_text(rowid, words) VALUES(?, ?)", (row["num"], words))


def _tags(db: Connection, row: Any) -> None:
    db.execute("DELETE FROM task_tag WHERE num = ?", (row["num"],))
    if row["status"] == "pending":
        db.executemany("INSERT OR IGNORE INTO task_tag(tag, num) VALUES(?, ?)", ((tag, row["num"]) for tag in _list(row["tags"])))


def _depends(db: Connection, task_id: str, targets: list[str]) -> None:
    db.execute("DELETE FROM dependency WHERE task = ?", (task_id,))
    db.executemany("INSERT OR IGNORE INTO dependency(task, on_task) VALUES(?, ?)", ((task_id, target) for target in targets))

def _circle(db: Connection, task_id: str, targets: list[str]) -> list[str]:
    """The tasks on a way of dependencies from `task_id` back to itself, by number; empty when there is none."""
    if task_id not in targets and not db.execute("SELECT 1 FROM dependency WHERE on_task = ? LIMIT 1", (task_id,)).fetchone():
        return []
    came_from = dict.fromkeys(targets, task_id)
    queue = list(came_from)
    while queue and task_id not in came_from:
        here = queue.pop()
        for (further,) in db.execute("SELECT on_task FROM dependency WHERE task = ?", (here,)):
            if further not in came_from:
                came_from[further] = here
                queue.append(further)
    if task_id not in came_from:
        return []
    way = [task_id]
    while way[-1] != task_id or len(way) == 1:
        way.append(came_from[way[-1]])
    return [_name(db, one) for one in reversed(way)]


def _name(db: Connection, task_id: str) -> str:
    row = db.execute("SELECT num FROM task WHERE id = ?", (task_id,)).fetchone()
    return str(row[0]) if row else task_id[:8]


def _shape(db: Connection, task_id: str) -> None:
    row = db.execute(
        "SELECT status, priority, tags, annotations, project, started, scheduled, wait, urgency_class,"
        " EXISTS(SELECT 1 FROM dependency d JOIN task o ON o.id = d.on_task WHERE d.task = ?1 AND o.status = 'pending')"
        " AS blocked,"
        " EXISTS(SELECT 1 FROM dependency d JOIN task o ON o.id = d.task WHERE d.on_task = ?1 AND o.status = 'pending')"
        " AS blocking FROM task WHERE id = ?1", (task_id,),
    ).fetchone()
    if row is None:
        return
    number = None if row["status"] != "pending" else pack(shape(
        priority=row["priority"], tags=_list(row["tags"]), annotations=len(_list(row["annotations"])),
        project=bool(row["project"]), active=row["started"] is not None, scheduled=row["scheduled"] is not None,
        waits=row["wait"] is not None, blocked=bool(row["blocked"]), blocking=bool(row["blocking"]),
    ))
    if number != row["urgency_class"]:
        db.execute("UPDATE task SET urgency_class = ? WHERE id = ?", (number, task_id))


def _list(text: str | None) -> list[Any]:
    found: list[Any] = [] if not text or text == "[]" else json.loads(text)
    return found
