"""Writing very many rows at once: imports and the demo. Each function wants a surrounding transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import groupby, islice
from typing import Any, TypeAlias

from coach.core.change import Actor, Change
from coach.core.timeline import CUT_MS, offsets
from coach.core.urgency import Shape, pack
from coach.store import changes, new_tasks, task_index
from coach.store.db import Connection
from coach.store.events import Categorise, context_key
from coach.store.new_tasks import NewTask, Rows
from coach.store.timeline import OffsetAt

_BATCH = 2000
_MANY = 10_000
"""New tasks after which the indexes are better made anew than kept up."""

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


def apply_many(
    db: Connection, edits: Iterable[Change | NewTask | Rows], *, now: datetime, label: str, actor: Actor,
    undoes: str | None = None, redoes: str | None = None,
) -> str | None:
    """What `changes.apply` does, for very many changes that need not be in memory together: tasks come and go by the
    thousand. Returns the action's id, None when there was nothing to do. Circles of dependencies are not looked for."""
    action: str | None = None
    written: dict[str, set[str]] = {}
    gone = _Gone()
    with _much_cache(db):
        indexes = _Indexes(db)
        pending = (edit for edit in edits if not isinstance(edit, Change) or edit.fields)
        for kind, run in groupby(pending, _kind):
            action = action or changes.begin(db, now=now, label=label, actor=actor, undoes=undoes, redoes=redoes)
            for same in _portions(kind, run):
                if isinstance(same, Rows):
                    indexes.expect(len(same.cells))
                    _forget_words(db, gone)  # a number comes back with its task
                    new_tasks.write(db, action, same, indexes.nums)
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


def _kind(edit: Change | NewTask | Rows) -> str:
    if not isinstance(edit, Change):
        return "rows" if isinstance(edit, Rows) else "new"
    return "gone" if edit.record == "task" and edit.kind == "delete" else "other"


def _portions(kind: str, run: Iterator[Any]) -> Iterator[Rows | list[Change]]:
    """What is written at once, of edits of one kind."""
    if kind == "rows":
        yield from run
        return
    while batch := list(islice(run, _BATCH)):
        yield new_tasks.together(batch) if kind == "new" else batch


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
    db.execute("PRAGMA cache_size = -262144")
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
