"""Very many new tasks: what is written of one, made where it is read, and the rows, the log and the index of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import compress
from operator import add, itemgetter
from typing import Any, NamedTuple

from coach.core.task import Task
from coach.core.urgency import pack, shape
from coach.core.when import end_of, start_of, to_ms, zone
from coach.store import changes, task_index
from coach.store.db import Connection

_TASK = tuple(f.name for f in fields(Task) if f.name not in ("id", "num"))
_CELLS = ("id", *_TASK, *task_index.COLUMNS)
_JSON = changes.JSON_FIELDS["task"]
_EMPTY: Mapping[str, Any] = dict.fromkeys(_CELLS, "") | {
    name: changes.encode("task", name, value) for name, value in changes.TASK_DEFAULTS.items()
}
_ALWAYS = frozenset(("id", "title", "time_zone", "created", "modified", "created_ms", "status"))
_FILLED = _ALWAYS.union(changes.TASK_DEFAULTS)
"""What is never null."""
_NUMBERS = frozenset(("due_hard", "priority", "estimate_min", "category_confidence", "snooze_count", "actual_min"))
_DATES = frozenset((
    "status", "due", "scheduled", "wait", "until", "series_start", "created", "modified", "started", "completed", "deleted",
))
"""Fields that hold nothing which JSON would have to escape."""


def _logged(name: str) -> str:
    """SQL for a field in the log of a creation, with the comma before it; null for an empty one."""
    empty = changes.TASK_DEFAULTS.get(name)
    value = f'"{name}"' if empty is None or name == "status" else f"nullif(\"{name}\", {_EMPTY[name]!r})"
    if name in _JSON or name in _NUMBERS:
        return f"""',"{name}":[null,' || {value} || ']'"""
    if name in _DATES:
        return f"""',"{name}":[null,"' || {value} || '"]'"""
    return f"""iif({value} IS NULL, NULL, ',"{name}":[null,' || json_quote("{name}") || ']')"""


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


_LAST_SECOND = timedelta(minutes=59, seconds=59)
_SECONDS = {f":{at // 60:02}:{at % 60:02}": at for at in range(3600)} | {f":{minute:02}": 60 * minute for minute in range(60)}
"""Seconds of an hour, as wall times have them."""


def new_task(task_id: str, values: Mapping[str, Any]) -> NewTask:
    """From the fields that are not empty, as `core.task.stored` writes them."""
    words = values["title"]
    if "notes" in values or "annotations" in values:
        words = "\n".join((words, values.get("notes", ""), *(note["text"] for note in values.get("annotations", ()))))
    cells = {**values, "id": task_id}
    _beside(values, cells)
    tags: Sequence[str] = ()
    for name in _JSON & values.keys():
        if name == "tags":
            tags = values["tags"]
            cells["tags"] = _listed(tuple(tags))
        else:
            cells[name] = changes.dumps(values[name])
    open_tags = tags if values.get("status", "pending") == "pending" else ()
    return NewTask(task_id, cells, task_index.folded(words), open_tags, values.get("depends", ()))


class Rows(NamedTuple):
    """New tasks as they are written: the columns that any of them uses, and for each task the cells of its row in that
    order, the first of them its id, an empty text where it has none; its words, its labels, and what it depends on."""

    columns: Sequence[str]
    cells: Sequence[tuple[Any, ...]]
    words: Sequence[str]
    tags: Sequence[Sequence[str]]
    depends: Sequence[Sequence[str]]

    @property
    def ids(self) -> list[str]:
        return [cells[0] for cells in self.cells]

    def only(self, wanted: Sequence[bool]) -> Rows:
        """Those tasks that are wanted."""
        return Rows(
            self.columns, list(compress(self.cells, wanted)), list(compress(self.words, wanted)),
            list(compress(self.tags, wanted)), list(compress(self.depends, wanted)),
        )


def together(batch: Sequence[NewTask]) -> Rows:
    """Every column costs time in every row, and most tasks leave most of them empty."""
    names, empty, cells = _columns(_ALWAYS.union(*(new.cells for new in batch)))
    return Rows(
        names, [cells({**empty, **new.cells}) for new in batch], [new.words for new in batch], [new.tags for new in batch],
        [new.depends for new in batch],
    )


@lru_cache(maxsize=64)
def _columns(used: frozenset[str]) -> tuple[tuple[str, ...], Mapping[str, Any], Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    """The columns in their order, what they hold of an empty task, and what takes the cells of a row."""
    names = tuple(name for name in _CELLS if name in used)
    return names, {name: _EMPTY[name] for name in names}, itemgetter(*names)


@lru_cache(maxsize=64)
def _statements(names: tuple[str, ...]) -> tuple[str, str]:
    """The SQL that writes rows of certain columns, after each one's number, and the SQL for their log."""
    rest = {name: repr(_EMPTY[name]) for name in changes.TASK_DEFAULTS if name not in names}
    # The driver takes 0.8 microseconds to bind a None, for which it looks for an adapter, and 0.1 for anything else.
    marks = ["?" if name in _FILLED else "nullif(?, '')" for name in names]
    logged = ", ".join(_logged(name) for name in _TASK if name in names and name != "title")
    return (
        f"INSERT INTO task(num, {', '.join((*names, *rest))}) VALUES(?, {', '.join((*marks, *rest.values()))})",
        # Made where the rows are: as JSON it costs a third of what Python takes for it.
        "INSERT INTO change(action, record, record_id, kind, fields) SELECT ?, 'task', id, 'create',"
        f""" concat('{{"title":[null,', json_quote(title), ']', {logged}, '}}') FROM task WHERE rowid > ? ORDER BY rowid""",
    )


def write(db: Connection, action: str, new: Rows, known: dict[str, int] | None) -> None:
    """Rows, log, and what `task_index` keeps beside them. `known` are the short numbers, where they are in memory."""
    ids = new.ids
    nums = _nums(db, ids, known)
    insert, log = _statements(tuple(new.columns))
    last = db.execute("SELECT coalesce(max(rowid), 0) FROM task").fetchone()[0]
    db.executemany(insert, map(add, zip(nums), new.cells))
    db.execute(log, (action, last))
    db.executemany("INSERT INTO task_text(rowid, words) VALUES(?, ?)", zip(nums, new.words, strict=True))
    db.executemany(
        "INSERT OR IGNORE INTO task_tag(tag, num) VALUES(?, ?)",
        [(tag, num) for num, tags in zip(nums, new.tags, strict=True) if tags for tag in tags],
    )
    db.executemany(
        "INSERT OR IGNORE INTO dependency(task, on_task) VALUES(?, ?)",
        [(task_id, target) for task_id, targets in zip(ids, new.depends, strict=True) if targets for target in targets],
    )


@lru_cache(maxsize=4096)
def _listed(words: tuple[str, ...]) -> str:
    """Labels as JSON: the same few combinations stand on most tasks."""
    return changes.dumps(words)


def _nums(db: Connection, ids: Sequence[str], known: dict[str, int] | None) -> list[int]:
    """The short numbers: those that ids have had before, else the next ones."""
    if known is None:
        marks = ", ".join("?" * len(ids))
        known = {row[0]: row[1] for row in db.execute(f"SELECT id, num FROM task_num WHERE id IN ({marks})", tuple(ids))}
    last = db.execute("SELECT coalesce(max(num), 0) FROM task_num").fetchone()[0]
    given = {task_id: num for num, task_id in enumerate((i for i in ids if i not in known), last + 1)}
    db.executemany("INSERT INTO task_num(id, num) VALUES(?, ?)", given.items())
    known.update(given)
    return [known[task_id] for task_id in ids]


def _beside(values: Mapping[str, Any], cells: dict[str, Any]) -> None:
    """Adds those of `task_index.COLUMNS` that there are, as if nothing were blocked."""
    created = values["created"]
    second = _second(created, "UTC") if len(created) == 20 else None
    cells["created_ms"] = to_ms(datetime.fromisoformat(created)) if second is None else second * 1000
    for name, begin, end in _TIMES:
        if name in values:
            start, over = _edges(values[name], values["time_zone"])
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


def _edges(wall: str, time_zone: str) -> tuple[int, int]:
    """When a stored wall time begins and ends, in seconds. Python reads a time that the clocks leave out as `when.resolve`
    does, so that the instant needs no second look."""
    if len(wall) == 10:
        tz = zone(time_zone)
        day = date.fromisoformat(wall)
        return to_ms(start_of(day, tz)) // 1000, to_ms(end_of(day, tz)) // 1000
    at = _second(wall, time_zone)
    if at is None:
        at = int(datetime.fromisoformat(wall).replace(tzinfo=zone(time_zone)).timestamp())
    return at, at


def _second(wall: str, time_zone: str) -> int | None:
    """A wall time to the minute or second, in seconds since the epoch; None where its hour does not tell."""
    hour = _hour(wall[:13], time_zone)
    minute = _SECONDS.get(wall[13:19])
    return None if hour is None or minute is None else hour + minute


@lru_cache(maxsize=1 << 14)
def _hour(wall: str, time_zone: str) -> int | None:
    """When a wall time's hour begins, in seconds since the epoch: many tasks have times in the same few. None where the
    zone changes its clock in that hour."""
    first = datetime.fromisoformat(f"{wall}:00").replace(tzinfo=zone(time_zone))
    begin, end = first.timestamp(), (first + _LAST_SECOND).timestamp()
    return int(begin) if end - begin == _LAST_SECOND.total_seconds() else None


@lru_cache(maxsize=4096)
def _class(
    priority: int | None, tags: int, is_next: bool, notes: int, project: bool, active: bool, scheduled: bool, waits: bool
) -> int:
    some = (["next"] if is_next else ["x"]) + ["x"] * (tags - 1) if tags else []
    return pack(shape(
        priority=priority, tags=some, annotations=notes, project=project, active=active, scheduled=scheduled, waits=waits,
        blocked=False, blocking=False,
    ))
