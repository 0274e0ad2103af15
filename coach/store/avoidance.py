"""What profiles of avoidance are made of, and the scores that are kept: only where the person allowed profiling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from coach.core.when import iso
from coach.store import lives
from coach.store.db import Connection, set_meta, transaction

STAMP = "avoidance"
"""Name in `meta` of what the kept scores were made from."""
IDLE = ("title", "notes", "scheduled", "wait", "priority", "project", "tags", "estimate_min", "annotations", "depends", "until")
"""Fields whose change brings no task forward."""


def _has(field: str) -> str:
    """SQL for: the change touches the field. Inside of texts, quotes are escaped: they cannot be taken for one."""
    return f"instr(fields, '\"{field}\":[')"


_DATES = ("snooze_count", "due", "wait", "scheduled")
_ACTS = (
    f"SELECT record_id, CASE WHEN {_has('status')} THEN '' WHEN instr(fields, '\"started\":[null') THEN 'start'"
    f" WHEN {' OR '.join(map(_has, _DATES))} THEN 'date' WHEN {' OR '.join(map(_has, IDLE))} THEN 'edit' ELSE '' END,"
    f" action, CASE WHEN {' OR '.join(map(_has, _DATES))} THEN fields ELSE '' END"
    " FROM change WHERE record = 'task' AND kind = 'update' ORDER BY id"
)


class Lived(NamedTuple):
    """A task in the columns that its story is made of. `created_ms`, and seconds of the epoch; ends are ISO 8601 UTC."""

    id: str
    num: int
    status: str
    created_ms: int
    due_utc: int | None
    wait_utc: int | None
    scheduled_utc: int | None
    snooze_count: int
    started: str | None
    completed: str | None
    deleted: str | None
    category: str | None
    project: str | None
    due: str | None
    wait: str | None
    scheduled: str | None
    time_zone: str


class Kept(NamedTuple):
    """A task's score as of the last run of the job."""

    task_id: str
    score: float
    percentile: float | None
    avoided: int
    evidence: str
    version: int
    at: str


def lived(db: Connection, begin: datetime) -> list[Lived]:
    """Tasks that were open at some time since `begin`, but for series, their occurrences and what is a part of another."""
    cursor = db.cursor()
    cursor.row_factory = None
    rows = cursor.execute(
        f"SELECT {', '.join(Lived._fields)} FROM task WHERE recurrence IS NULL AND series_id IS NULL AND (status = 'pending'"
        " OR (status = 'completed' AND completed >= :begin) OR (status = 'deleted' AND deleted >= :begin)) ORDER BY num",
        {"begin": iso(begin)},
    )
    return [Lived(*row) for row in rows]


def acts(db: Connection) -> list[tuple[str, str, str, str]]:
    """(task, kind, when, fields as JSON) of what the person changed about tasks, oldest first: "start" is the beginning of work,
    "date" a snooze or another date, whose fields come with it, "edit" what brings no task forward. What was undone, and what
    completed or deleted a task, is left out."""
    cursor = db.cursor()
    cursor.row_factory = None
    at = dict(cursor.execute("SELECT id, at FROM action WHERE actor = 'user' AND undone = 0 AND undoes IS NULL"))
    rows = cursor.execute(_ACTS)
    return [(task, kind, at[action], fields) for task, kind, action, fields in rows if kind and action in at]


def worked(db: Connection) -> list[tuple[str, str, float]]:
    """(task, ISO day, minutes) of tracked time that was accepted for tasks."""
    rows = db.execute("SELECT task_id, day, minutes FROM attribution WHERE status = 'accepted'")
    return [(r[0], r[1], float(r[2])) for r in rows]


def sessions(db: Connection) -> list[tuple[str, str, str | None]]:
    """(task, start, end) of focus sessions that were for a task, ISO 8601 UTC; without an end while one goes on."""
    rows = db.execute('SELECT task_id, start, "end" FROM focus_session WHERE task_id IS NOT NULL ORDER BY start')
    return [(r[0], r[1], r[2]) for r in rows]


def titles(db: Connection, nums: list[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for start in range(0, len(nums), 500):
        some = nums[start:start + 500]
        found |= dict(db.execute(f"SELECT num, title FROM task WHERE num IN ({', '.join('?' * len(some))})", some).fetchall())
    return found


def keep(db: Connection, tasks: list[Kept], weeks: dict[str, tuple[float | None, str]], version: int) -> None:
    """The scores of open tasks in place of those that were kept, and weeks that are over beside the earlier ones: by the ISO date
    of their Monday, score and the rest as JSON. Weeks of another version of the formula go."""
    with transaction(db):
        db.execute("DELETE FROM avoidance_task")
        db.executemany("INSERT INTO avoidance_task VALUES(?,?,?,?,?,?,?)", tasks)
        db.execute("DELETE FROM avoidance_week WHERE version != ?", (version,))
        db.executemany(
            "INSERT OR IGNORE INTO avoidance_week VALUES(?,?,?,?)",
            [(week, version, score, data) for week, (score, data) in weeks.items()],
        )


def weeks(db: Connection, version: int) -> dict[str, tuple[float | None, str]]:
    """The kept weeks, earliest first."""
    rows = db.execute("SELECT week, score, data FROM avoidance_week WHERE version = ? ORDER BY week", (version,))
    return {r[0]: (r[1], r[2]) for r in rows}


def worst(db: Connection, version: int, now: datetime) -> tuple[str, float] | None:
    """The avoided task with the highest kept score that is open and shown now."""
    row = db.execute(
        "SELECT a.task_id, a.score FROM avoidance_task a JOIN task t ON t.id = a.task_id WHERE a.avoided = 1 AND a.version = ?"
        " AND t.status = 'pending' AND (t.wait_utc IS NULL OR t.wait_utc <= ?) ORDER BY a.score DESC LIMIT 1",
        (version, now.timestamp()),
    ).fetchone()
    return None if row is None else (row[0], float(row[1]))


def erase(db: Connection) -> bool:
    """Every score, of tasks and of weeks, and the weeks that modes are found in; whether there was one."""
    tables = ("avoidance_task", "avoidance_week", "task_week")
    if not db.execute(f"SELECT {' OR '.join(f'EXISTS(SELECT 1 FROM {table})' for table in tables)}").fetchone()[0]:
        return False
    with transaction(db):
        lives.erase_weeks(db)
        db.execute("DELETE FROM avoidance_task")
        db.execute("DELETE FROM avoidance_week")
        set_meta(db, STAMP, "")
    return True


def forget_tasks(db: Connection, task_ids: Sequence[str]) -> None:
    """The scores of those tasks. Inside a transaction."""
    db.executemany("DELETE FROM avoidance_task WHERE task_id = ?", [(one,) for one in task_ids])
