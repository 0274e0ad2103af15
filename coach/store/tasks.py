"""Reading tasks. Writing goes through `store.changes.apply`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from coach.core.errors import NotFound
from coach.core.task import Task, from_stored
from coach.core.urgency import Shape, unpack
from coach.core.when import iso
from coach.store.changes import decode
from coach.store.db import Connection

_COLUMNS = ", ".join(f.name for f in fields(Task))
SAID = 60
"""Characters of what names no task that are said."""


def get(db: Connection, task_id: str) -> Task | None:
    return _one(db, "id = ?", task_id)


def find(db: Connection, ref: str) -> Task:
    """The task of a short number, an id, or an unambiguous beginning of an id (4 characters or more).

    Raises NotFound."""
    task = _one(db, "num = ?", int(ref)) if ref.isdecimal() and len(ref) < 10 else None
    if task is None and ref.isprintable():  # bytes that are no UTF-8 come in as surrogates, which no query takes
        task = get(db, ref)
        if task is None and len(ref) >= 4:
            starts = _many(db, "id >= ? AND id < ? LIMIT 2", ref, ref + "g")
            task = starts[0] if len(starts) == 1 else None
    if task is None:
        raise NotFound(f"there is no task {ref[:SAID]!r}{'…' if len(ref) > SAID else ''}", "`coach list` shows the numbers")
    return task


def open_tasks(db: Connection) -> list[Task]:
    """Pending and waiting tasks, oldest first."""
    return _many(db, "status = 'pending' ORDER BY created, num")


def numbered(db: Connection, nums: Sequence[int]) -> list[Task]:
    """The tasks of those numbers, in that order; unknown ones are left out."""
    found: dict[int, Task] = {}
    for start in range(0, len(nums), 500):
        some = nums[start : start + 500]
        found |= {t.num: t for t in _many(db, f"num IN ({', '.join('?' * len(some))})", *some)}
    return [found[n] for n in nums if n in found]


def by_id(db: Connection, ids: Sequence[str]) -> dict[str, Task]:
    """The tasks of those ids; unknown ones are left out."""
    return {t.id: t for t in _many(db, "id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))}


def kinds(db: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The kind of work of each of the tasks, as the plan names it: its category, else its project, else ""."""
    found = db.execute(
        "SELECT id, coalesce(nullif(category, ''), project, '') FROM task WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),))
    return {row[0]: row[1] for row in found}


def open_titles(db: Connection, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
    """(num, title) of those of the tasks that are open: all that a list of thousands shows."""
    found = db.execute(
        "SELECT id, num, title FROM task WHERE status = 'pending' AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )
    return {row[0]: (row[1], row[2]) for row in found}


def slipping(db: Connection, due_by: datetime) -> list[Task]:
    """Open tasks that do not repeat and were snoozed or are due by that date."""
    return _many(
        db, "status = 'pending' AND recurrence IS NULL AND (snooze_count > 0 OR substr(due, 1, 10) <= ?)",
        due_by.date().isoformat(),
    )


def untouched(db: Connection, now: datetime, most_days: int, limit: int) -> list[Task]:
    """Open tasks that do not repeat and nobody has begun, oldest first; those of `most_days` or more count as equally old."""
    return _many(
        db, "status = 'pending' AND recurrence IS NULL AND started IS NULL AND coalesce(actual_min, 0) = 0"
            " ORDER BY min(?, (? - strftime('%s', created)) / 86400) DESC, num LIMIT ?",
        most_days, int(now.timestamp()), limit,
    )


def newest(db: Connection, limit: int) -> list[Task]:
    """The tasks that were added last, newest first."""
    return _many(db, "1 ORDER BY num DESC LIMIT ?", limit)


def newest_open(db: Connection, limit: int) -> list[Task]:
    """The open tasks that were added last, newest first."""
    rows = db.execute(
        "SELECT num FROM task INDEXED BY task_by_age WHERE status = 'pending' ORDER BY num DESC LIMIT ?", (limit,)
    ).fetchall()
    return numbered(db, [int(r[0]) for r in rows])


def latest_num(db: Connection) -> int:
    """The number of the task that was added last; 0 when there is none."""
    return int(db.execute("SELECT coalesce(max(num), 0) FROM task").fetchone()[0])


def shapes(db: Connection, nums: Sequence[int]) -> dict[int, Shape]:
    """What urgency takes from open tasks, by number."""
    found: dict[int, Shape] = {}
    for start in range(0, len(nums), 500):
        some = nums[start : start + 500]
        rows = db.execute(f"SELECT num, urgency_class FROM task WHERE num IN ({', '.join('?' * len(some))})", some)
        found |= {num: unpack(number) for num, number in rows if number is not None}
    return found


def chained(db: Connection) -> tuple[set[str], set[str]]:
    """Ids of the open tasks that depend on an open one, and of those that an open one depends on."""
    rows = db.execute(
        "SELECT d.task, d.on_task FROM dependency d CROSS JOIN task a ON a.id = d.task CROSS JOIN task b ON b.id = d.on_task"
        " WHERE a.status = 'pending' AND b.status = 'pending'"
    ).fetchall()
    return {row[0] for row in rows}, {row[1] for row in rows}


def count_shown(db: Connection, now: datetime, most: int) -> int:
    """Open tasks that are not hidden by `wait`, counted up to `most`."""
    return int(db.execute(
        "SELECT count(*) FROM (SELECT 1 FROM task INDEXED BY task_by_age"
        " WHERE status = 'pending' AND (wait_utc IS NULL OR wait_utc <= ?) LIMIT ?)", (now.timestamp(), most),
    ).fetchone()[0])


def expired(db: Connection, now: datetime) -> list[Task]:
    """Open tasks whose `until` has passed."""
    where = "status = 'pending' AND until_utc IS NOT NULL AND until_utc <= ? ORDER BY num"
    return _many(db, where, now.timestamp(), index="task_until")


def with_reminders(db: Connection) -> list[Task]:
    """Open tasks that have a reminder."""
    return _many(db, "status = 'pending' AND remind != '[]' ORDER BY num", index="task_remind")


def children(db: Connection, parent_id: str) -> list[Task]:
    """The open subtasks of a task, by number."""
    return _many(db, "parent = ? AND status = 'pending' ORDER BY num", parent_id)


def every(db: Connection) -> list[Task]:
    """All tasks, the completed and softly deleted too, by number."""
    return _many(db, "1 ORDER BY num")


def completed_between(db: Connection, start: datetime, end: datetime) -> list[Task]:
    """Tasks completed in [start, end), earliest first. A series that is over counts by its occurrences: the last of them was
    completed in the same moment."""
    where = "status = 'completed' AND completed >= ? AND completed < ? ORDER BY completed"
    found = _many(db, where, iso(start), iso(end), index="task_completed")
    counted = {task.series_id for task in found}
    return [task for task in found if task.id not in counted]


def occurrences(db: Connection, series_id: str) -> list[Task]:
    """The done and skipped occurrences of a series, earliest first."""
    return _many(db, "series_id = ? ORDER BY completed", series_id)


def depending_on(db: Connection, task_ids: Iterable[str]) -> dict[str, list[str]]:
    """For each of the ids, the open tasks that depend on it."""
    asked = (
        "SELECT t.id FROM dependency d JOIN task t ON t.id = d.task WHERE d.on_task = ? AND t.status = 'pending'"
        " ORDER BY t.num"
    )
    return {i: [row[0] for row in db.execute(asked, (i,))] for i in task_ids}


def projects(db: Connection) -> list[tuple[str, int]]:
    """Projects of open tasks with their counts, by name."""
    return [(r[0], r[1]) for r in db.execute(
        "SELECT project, count(*) FROM task INDEXED BY task_project WHERE status = 'pending' AND project IS NOT NULL"
        " GROUP BY project ORDER BY project"
    )]


def tags(db: Connection) -> list[tuple[str, int]]:
    """Labels of open tasks with their counts, by name."""
    return [(r[0], r[1]) for r in db.execute("SELECT tag, count(*) FROM task_tag GROUP BY tag ORDER BY tag")]


def count(db: Connection, status: str) -> int:
    return int(db.execute("SELECT count(*) FROM task WHERE status = ?", (status,)).fetchone()[0])


def _one(db: Connection, where: str, *values: Any) -> Task | None:
    found = _many(db, where, *values)
    return found[0] if found else None


def _many(db: Connection, where: str, *values: Any, index: str = "") -> list[Task]:
    """`index` is named where the planner, which knows of no numbers of rows, would take the one by status."""
    by = f" INDEXED BY {index}" if index else ""
    return [from_stored(decode("task", row)) for row in db.execute(f"SELECT {_COLUMNS} FROM task{by} WHERE {where}", values)]
