"""Writing very many rows at once: imports and the demo. Each function wants a surrounding transaction."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from coach.core.change import Actor, Change
from coach.core.task import Task
from coach.core.timeline import CUT_MS, offsets
from coach.core.urgency import Shape, pack, shape
from coach.core.when import end_of, start_of, to_ms, zone
from coach.store import changes, task_index
from coach.store.db import Connection
from coach.store.events import Categorise, context_key
from coach.store.timeline import OffsetAt

Context: TypeAlias = tuple[str, str, str, str]
"""(app, title, url, project)."""


def contexts(db: Connection, wanted: Iterable[Context], categorise: Categorise) -> dict[Context, int]:
    """The ids of contexts, made and categorised where they are new."""
    by_key = {context_key(*context): context for context in wanted}
    db.executemany(
        "INSERT INTO context(key, app, title, url, project, category) VALUES(?,?,?,?,?,?) ON CONFLICT(key) DO NOTHING",
        ((key, *context, categorise(*context)) for key, context in by_key.items()),
    )
    return {by_key[r[0]]: r[1] for r in db.execute("SELECT key, id FROM context") if r[0] in by_key}


def events(db: Connection, bucket: int, rows: Iterable[tuple[int, int, int]]) -> None:
    """(start_ms, end_ms, context) of one bucket."""
    db.executemany(
        "INSERT INTO event(bucket, start_ms, end_ms, context) VALUES(?,?,?,?)", ((bucket, *row) for row in rows)
    )


def line(db: Connection, bucket: int, rows: Sequence[tuple[int, int, int]], offset_at: OffsetAt) -> None:
    """Timeline rows from the events of one bucket that nothing else overlaps: in order, neighbours of a context merged.
    What `core.timeline.derive` would make of them, without asking it. The roll-ups have to be rebuilt afterwards."""
    known: dict[int, int] = {}

    def offset_min(at_ms: int) -> int:
        quarter = at_ms // 900_000  # zones change on whole quarters of an hour
        if quarter not in known:
            known[quarter] = offset_at(at_ms)
        return known[quarter]

    db.executemany(
        "INSERT INTO timeline(start_ms, end_ms, context, bucket, offset_min, behind_ms) VALUES(?,?,?,?,?,0)",
        (
            (left, right, context, bucket, offset)
            for start, end, context in _cut(rows) if end > start for left, right, offset in offsets(start, end, offset_min)
        ),
    )


def calendar_events(db: Connection, calendar: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Busy appointments `{uid, start_ms, end_ms, title}` of one calendar."""
    db.executemany(
        "INSERT INTO calendar_event(calendar, uid, start_ms, end_ms, all_day, busy, title) VALUES(?,?,?,?,0,1,?)",
        ((calendar, r["uid"], r["start_ms"], r["end_ms"], r["title"]) for r in rows),
    )


class NewTask(NamedTuple):
    """A task's creation: its fields that are not empty, and what `beside` makes of them."""

    id: str
    values: Mapping[str, Any]
    beside: Mapping[str, int]


def new_task(task_id: str, values: Mapping[str, Any]) -> NewTask:
    return NewTask(task_id, values, beside(values))


def apply_many(
    db: Connection, edits: Iterable[Change | NewTask], *, now: datetime, label: str, actor: Actor,
    undoes: str | None = None, redoes: str | None = None,
) -> str | None:
    """What `changes.apply` does, for very many changes that need not be in memory together: tasks come and go by the
    thousand. Returns the action's id, None when there was nothing to do. Circles of dependencies are not looked for."""
    action: str | None = None
    written: dict[str, set[str]] = {}
    gone = _Gone()
    with _much_cache(db):
        indexes = _Indexes(db)
        pending = (edit for edit in edits if isinstance(edit, NewTask) or edit.fields)
        while batch := list(islice(pending, _BATCH)):
            action = action or changes.begin(db, now=now, label=label, actor=actor, undoes=undoes, redoes=redoes)
            for kind, run in groupby(batch, _kind):
                same: list[Any] = list(run)
                if kind == "new":
                    indexes.expect(len(same))
                    _forget_words(db, gone)  # a number comes back with its task
                    _new_tasks(db, action, same, indexes.nums)
                elif kind == "gone":
                    indexes.leave(len(same))
                    _gone_tasks(db, action, same, gone)
                else:
                    for change in same:
                        if change.record == "task":
                            if change.kind == "create":
                                indexes.restore()  # one that comes alone looks for its number
                            written.setdefault(change.id, set()).update(change.fields)
                        changes.write(db, action, change)
        if action:
            _mark_blocked(db)
        _forget_words(db, gone)
        indexes.restore()
        task_index.refresh(db, written, gone.beside - gone.ids)
    return action


def _kind(edit: Change | NewTask) -> str:
    if isinstance(edit, NewTask):
        return "new"
    return "gone" if edit.record == "task" and edit.kind == "delete" else "other"


class _Gone:
    """Tasks that went: their numbers, and the tasks whose being blocked or blocking hung on them."""

    def __init__(self) -> None:
        self.nums: list[int] = []
        self.ids: set[str] = set()
        self.beside: set[str] = set()


def _gone_tasks(db: Connection, action: str, batch: Sequence[Change], gone: _Gone) -> None:
    """Rows, log, and what `task_index` keeps beside them, except the index of words."""
    ids = [change.id for change in batch]
    nums: list[tuple[int]] = []
    for start in range(0, len(ids), 500):
        some = tuple(ids[start : start + 500])
        marks = ", ".join("?" * len(some))
        nums += [(row[0],) for row in db.execute(f"SELECT num FROM task WHERE id IN ({marks})", some)]
        for one, other in (("task", "on_task"), ("on_task", "task")):
            gone.beside |= {row[0] for row in db.execute(f"SELECT {other} FROM dependency WHERE {one} IN ({marks})", some)}
    with _without_trigger(db, "task_gone"):
        db.executemany("DELETE FROM task_tag WHERE num = ?", nums)
        db.executemany("DELETE FROM dependency WHERE task = ?", ((task_id,) for task_id in ids))
        db.executemany("DELETE FROM task WHERE id = ?", ((task_id,) for task_id in ids))
    db.executemany(
        "INSERT INTO change(action, record, record_id, kind, fields) VALUES(?, 'task', ?, 'delete', ?)",
        ((action, change.id, changes.dumps(change.fields)) for change in batch),
    )
    gone.nums += [num for (num,) in nums]
    gone.ids.update(ids)


def _forget_words(db: Connection, gone: _Gone) -> None:
    """All at once: the index of words merges its parts each time that a tenth of one has gone."""
    db.executemany("DELETE FROM task_text WHERE rowid = ?", ((num,) for num in sorted(gone.nums)))
    gone.nums.clear()


@contextmanager
def _without_trigger(db: Connection, name: str) -> Iterator[None]:
    """Inside a trigger each row writes the index of words to the file: 0.13 ms for what a statement of its own does in a
    twentieth of that. Whoever takes the trigger away does what it does."""
    made = db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", (name,)).fetchone()[0]
    db.execute(f'DROP TRIGGER "{name}"')
    yield
    db.execute(made)


_BATCH = 2000
_MANY = 10_000
"""New tasks after which the indexes are better made anew than kept up."""
_TASK = tuple(f.name for f in fields(Task) if f.name not in ("id", "num"))
_CELLS = ("id", "num", *_TASK, *task_index.COLUMNS)
_JSON = changes.JSON_FIELDS["task"]
_EMPTY: Mapping[str, Any] = dict.fromkeys(_CELLS, "") | {
    name: changes.encode("task", name, value) for name, value in changes.TASK_DEFAULTS.items()
}
_FILLED = frozenset(("id", "num", "title", "time_zone", "created", "modified", "created_ms", *changes.TASK_DEFAULTS))
_ALWAYS = frozenset(("id", "num", "title", "time_zone", "created", "modified", "created_ms", "status"))


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


class _Statements(NamedTuple):
    """How new tasks are written of which none has any but certain fields: what an empty one has of those, its cells in
    the order of the columns, and the SQL for the rows and for their log."""

    empty: Mapping[str, Any]
    cells: Callable[[Mapping[str, Any]], tuple[Any, ...]]
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


def _new_tasks(db: Connection, action: str, batch: Sequence[NewTask], known: dict[str, int] | None) -> None:
    """Rows, log, and what `task_index` keeps beside them. `known` are the short numbers, where they are in memory."""
    nums = _nums(db, [new.id for new in batch], known)
    how = _statements(_ALWAYS.union(*(new.values for new in batch), *(new.beside for new in batch)))
    rows: list[tuple[Any, ...]] = []
    words: list[tuple[int, str]] = []
    tags: list[tuple[str, int]] = []
    depends: list[tuple[str, str]] = []
    for new in batch:
        values = new.values
        num = nums[new.id]
        row = {**how.empty, **values, "id": new.id, "num": num, **new.beside}
        for name in _JSON & values.keys():
            row[name] = _listed(tuple(values[name])) if name == "tags" else changes.dumps(values[name])
        rows.append(how.cells(row))
        text = values["title"]
        if "notes" in values or "annotations" in values:
            text = "\n".join((text, values.get("notes", ""), *(note["text"] for note in values.get("annotations", ()))))
        words.append((num, task_index.folded(text)))
        if "tags" in values and row["status"] == "pending":
            tags += [(tag, num) for tag in values["tags"]]
        if "depends" in values:
            depends += [(new.id, target) for target in values["depends"]]
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


def beside(values: Mapping[str, Any]) -> dict[str, int]:
    """The values of `task_index.COLUMNS` that there are, as if nothing were blocked."""
    created = datetime.fromisoformat(values["created"])
    found = {"created_ms": to_ms(created) if created.microsecond else int(created.timestamp()) * 1000}
    if not values.keys().isdisjoint(_TIMES):
        tz = zone(values["time_zone"])
        for name, (begin, end) in _TIMES.items():
            if name in values:
                start, over = _edges(values[name], tz)
                if begin:
                    found[begin] = start
                if end:
                    found[end] = over
    get = values.get
    if get("status", "pending") == "pending":
        tags = get("tags", ())
        found["urgency_class"] = _class(
            get("priority"), len(tags), "next" in tags, len(get("annotations", ())), bool(get("project")),
            "started" in values, "scheduled" in values, "wait" in values,
        )
    return found


_TIMES = {
    "due": ("due_start_utc", "due_utc"), "wait": ("wait_utc", ""), "scheduled": ("scheduled_utc", ""), "until": ("", "until_utc"),
}
"""Wall times, and the columns for when they begin and are over."""


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


def _mark_blocked(db: Connection) -> None:
    """New tasks can block, and be blocked; they cannot make anything else free."""
    if db.execute("SELECT 1 FROM dependency LIMIT 1").fetchone() is None:
        return
    for flag, blocked, by in ((Shape(blocked=True), "task", "on_task"), (Shape(blocking=True), "on_task", "task")):
        bit = pack(flag)
        db.execute(
            f"UPDATE task SET urgency_class = urgency_class | {bit} WHERE status = 'pending' AND urgency_class & {bit} = 0"
            f" AND id IN (SELECT d.{blocked} FROM dependency d JOIN task t ON t.id = d.{by} WHERE t.status = 'pending')"
        )


class _Indexes:
    """The indexes of the tasks, put away while very many come in and made anew in the order of their keys: in the store's
    own transaction, so that nobody sees it without them."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.before = db.execute("SELECT count(*) FROM task").fetchone()[0]
        self.numbered = db.execute("SELECT count(*) FROM task_num").fetchone()[0]
        self.come = self.gone = 0
        self.away: dict[str, list[str]] = {}
        self.nums: dict[str, int] | None = None
        """Short numbers by id, while their index is away."""

    def expect(self, more: int) -> None:
        """So many tasks come in."""
        self.come += more
        if self.come > _MANY and self.come > self.before:
            self._put_away("task", "change")
        if self.come > _MANY and self.come > self.numbered and self.nums is None:
            self.nums = dict(self.db.execute("SELECT id, num FROM task_num").fetchall())
            self._put_away("task_num")

    def leave(self, more: int) -> None:
        """So many tasks go. The log's own indexes stay: what goes is read from there."""
        self.gone += more
        if self.gone > _MANY and 2 * self.gone > self.before:
            self._put_away("task")

    def _put_away(self, *tables: str) -> None:
        for table in tables:
            if table not in self.away:
                found = self.db.execute(
                    "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL", (table,)
                ).fetchall()
                self.away[table] = [row[1] for row in found]
                for name, _ in found:
                    self.db.execute(f'DROP INDEX "{name}"')

    def restore(self) -> None:
        for statements in self.away.values():
            for statement in statements:
                self.db.execute(statement)
        self.away, self.nums = {}, None


@contextmanager
def _much_cache(db: Connection) -> Iterator[None]:
    """Ids are random, so that every row goes elsewhere in the indexes: with SQLite's 2 MB each page would be decrypted and
    encrypted again for almost every row (2.1 s instead of 0.35 s for 100,000)."""
    before = db.execute("PRAGMA cache_size").fetchone()[0]
    db.execute("PRAGMA cache_size = -131072")
    collects = gc.isenabled()
    gc.disable()  # millions of values and no circles: looking for some takes a twelfth of the time
    try:
        yield
    finally:
        if collects:
            gc.enable()
        db.execute(f"PRAGMA cache_size = {before}")


def _cut(rows: Sequence[tuple[int, int, int]]) -> Iterable[tuple[int, int, int]]:
    for start, end, context in rows:
        at = start
        while (stop := (at // CUT_MS + 1) * CUT_MS) < end:
            yield at, stop, context
            at = stop
        yield at, end, context
