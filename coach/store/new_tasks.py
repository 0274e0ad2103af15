"""Very many new tasks: what is written of one, made where it is read, and the rows, the log and the index of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from coach.core.task import Task
from coach.core.urgency import pack, shape
from coach.core.when import end_of, start_of, to_ms, zone
from coach.store import changes, task_index
from coach.store.db import Connection

_TASK = tuple(f.name for f in fields(Task) if f.name not in ("id", "num"))
_CELLS = ("id", "num", *_TASK, *task_index.COLUMNS)
_JSON = changes.JSON_FIELDS["task"]
_EMPTY: Mapping[str, Any] = dict.fromkeys(_CELLS, "") | {
    name: changes.encode("task", name, value) for name, value in changes.TASK_DEFAULTS.items()
}
_ALWAYS = frozenset(("id", "num", "title", "time_zone", "created", "modified", "created_ms", "status"))
_FILLED = _ALWAYS.union(changes.TASK_DEFAULTS)
"""What is never null."""
_NUMBERS = frozenset(("due_hard", "priority", "estimate_min", "category_confidence", "snooze_count", "actual_min"))
_DATES = frozenset((
    "status", "due", "scheduled", "wait", "until", "series_start", "created", "modified", "started", "completed", "deleted",
))
"""Fields that hold nothing which JSON would have to escape."""


def _logged(name: str) -> str:
    """SQL for a field in the log of a creation, with the comma before it; nothing for an empty one."""
    empty = f"\"{name}\" = '{_EMPTY[name]}'" if name in changes.TASK_DEFAULTS else f'"{name}" IS NULL'
    if name in _JSON or name in _NUMBERS:
        value = f'"{name}"'
    else:
        value = f"""'"' || "{name}" || '"'""" if name in _DATES else f'json_quote("{name}")'
    return f"""iif({empty if name != "status" else 0}, '', ',"{name}":[null,' || {value} || ']')"""


_TIMES = (
    ("due", "due_start_utc", "due_utc"), ("wait", "wait_utc", ""), ("scheduled", "scheduled_utc", ""), ("until", "", "until_utc"),
)
"""Wall times, and the columns for when they begin and are over."""


class NewTask(NamedTuple):
    """A task's creation, ready to be written: the cells of its row that are not empty, the words to find it by, the labels
    to find it by while it is open, and what it depends on."""

    id: str
    cells: Mapping[str, Any]
    words: str
    tags: Sequence[str]
    depends: Sequence[str]


def new_task(task_id: str, values: Mapping[str, Any]) -> NewTask:
    """From the fields that are not empty, as `core.task.stored` writes them."""
    words = values["title"]
    if "notes" in values or "annotations" in values:
        words = "\n".join((words, values.get("notes", ""), *(note["text"] for note in values.get("annotations", ()))))
    cells = {**values, "id": task_id}
    _beside(values, cells)
    for name in _JSON:
        if name in values:
            cells[name] = _listed(tuple(values[name])) if name == "tags" else changes.dumps(values[name])
    open_tags = values.get("tags", ()) if values.get("status", "pending") == "pending" else ()
    return NewTask(task_id, cells, task_index.folded(words), open_tags, values.get("depends", ()))


class _Statements(NamedTuple):
    """How new tasks are written of which none has any but certain fields: what an empty one has of those, its cells in
    the order of the columns, and the SQL for the rows and for their log."""

    empty: Mapping[str, Any]
    row: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    insert: str
    log: str


@lru_cache(maxsize=64)
def _statements(used: frozenset[str]) -> _Statements:
    """Every column costs time in every row, and most tasks leave most of them empty."""
    names = [name for name in _CELLS if name in used or name in _ALWAYS]
    rest = {name: repr(_EMPTY[name]) for name in changes.TASK_DEFAULTS if name not in names}
    # The driver takes 0.8 microseconds to bind a None, for which it looks for an adapter, and 0.1 for anything else.
    marks = ["?" if name in _FILLED else "nullif(?, '')" for name in names]
    logged = ", ".join(_logged(name) for name in _TASK if name in names)
    return _Statements(
        {name: _EMPTY[name] for name in names}, itemgetter(*names),
        f"INSERT INTO task({', '.join((*names, *rest))}) VALUES({', '.join((*marks, *rest.values()))})",
        # Made where the rows are: as JSON it costs a third of what Python takes for it.
        "INSERT INTO change(action, record, record_id, kind, fields) SELECT ?, 'task', id, 'create', '{' || substr(concat("
        f"{logged}), 2) || '}}' FROM task WHERE rowid > ? ORDER BY rowid",
    )


def write(db: Connection, action: str, batch: Sequence[NewTask], known: dict[str, int] | None) -> None:
    """Rows, log, and what `task_index` keeps beside them. `known` are the short numbers, where they are in memory."""
    nums = _nums(db, [new.id for new in batch], known)
    how = _statements(_ALWAYS.union(*(new.cells for new in batch)))
    rows: list[tuple[Any, ...]] = []
    words: list[tuple[int, str]] = []
    tags: list[tuple[str, int]] = []
    depends: list[tuple[str, str]] = []
    for new in batch:
        num = nums[new.id]
        rows.append(how.row({**how.empty, **new.cells, "num": num}))
        words.append((num, new.words))
        if new.tags:
            tags += [(tag, num) for tag in new.tags]
        if new.depends:
            depends += [(new.id, target) for target in new.depends]
    last = db.execute("SELECT coalesce(max(rowid), 0) FROM task").fetchone()[0]
    db.executemany(how.insert, rows)
    db.execute(how.log, (action, last))
    db.executemany("INSERT INTO task_text(rowid, words) VALUES(?, ?)", words)
    db.executemany("INSERT OR IGNORE INTO task_tag(tag, num) VALUES(?, ?)", tags)
    db.executemany("INSERT OR IGNORE INTO dependency(task, on_task) VALUES(?, ?)", depends)


@lru_cache(maxsize=4096)
def _listed(words: tuple[str, ...]) -> str:
    """Labels as JSON: the same few combinations stand on most tasks."""
    return changes.dumps(words)


def _nums(db: Connection, ids: Sequence[str], known: dict[str, int] | None) -> dict[str, int]:
    """The short numbers: those that ids have had before, else the next ones."""
    if known is None:
        marks = ", ".join("?" * len(ids))
        nums = {row[0]: row[1] for row in db.execute(f"SELECT id, num FROM task_num WHERE id IN ({marks})", tuple(ids))}
    else:
        nums = known
    last = db.execute("SELECT coalesce(max(num), 0) FROM task_num").fetchone()[0]
    new = [i for i in ids if i not in nums]
    given = {task_id: num for num, task_id in enumerate(new, last + 1)}
    db.executemany("INSERT INTO task_num(num, id) VALUES(?, ?)", [(num, task_id) for task_id, num in given.items()])
    nums.update(given)
    return nums


def _beside(values: Mapping[str, Any], cells: dict[str, Any]) -> None:
    """Adds those of `task_index.COLUMNS` that there are, as if nothing were blocked."""
    created = datetime.fromisoformat(values["created"])
    cells["created_ms"] = to_ms(created) if created.microsecond else int(created.timestamp()) * 1000
    for name, begin, end in _TIMES:
        if name in values:
            start, over = _edges(values[name], zone(values["time_zone"]))
            if begin:
                cells[begin] = start
            if end:
                cells[end] = over
    get = values.get
    if get("status", "pending") == "pending":
        tags = get("tags", ())
        cells["urgency_class"] = _class(
            get("priority"), len(tags), "next" in tags, len(get("annotations", ())), bool(get("project")),
            "started" in values, "scheduled" in values, "wait" in values,
        )


def _edges(wall: str, tz: ZoneInfo) -> tuple[int, int]:
    """When a stored wall time begins and ends, in seconds. Python reads a time that the clocks leave out as `when.resolve`
    does, so that the instant needs no second look."""
    if len(wall) == 10:
        day = date.fromisoformat(wall)
        return to_ms(start_of(day, tz)) // 1000, to_ms(end_of(day, tz)) // 1000
    at = int(datetime.fromisoformat(wall).replace(tzinfo=tz).timestamp())
    return at, at


@lru_cache(maxsize=4096)
def _class(
    priority: int | None, tags: int, is_next: bool, notes: int, project: bool, active: bool, scheduled: bool, waits: bool
) -> int:
    some = (["next"] if is_next else ["x"]) + ["x"] * (tags - 1) if tags else []
    return pack(shape(
        priority=priority, tags=some, annotations=notes, project=project, active=active, scheduled=scheduled, waits=waits,
        blocked=False, blocking=False,
    ))
