"""What only a list does to tasks: moving them by hand, copying them, and asking what hangs below them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change, hand_order
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Draft, Task, changed, stored, task_of_draft
from coach.engine import tasks as engine
from coach.store import changes, tasks
from coach.store.db import Connection


def move(db: Connection, places: Sequence[tuple[str, float]], at: int, to: int, now: datetime) -> None:
    """Move one of these (task id, place) to where another stands; one undo step. Places rise, as `task_list` sorts them."""
    new = hand_order.moved([place for _, place in places], at, to)
    edits = []
    for n, place in new.items():
        task = tasks.get(db, places[n][0])
        if task is None:
            raise NotFound("one of these tasks is gone", "the list is shown anew; try again")
        edits.append((task, changed(task, now, extra={**task.extra, hand_order.FIELD: place})))
    batch = [change.update("task", new.id, _values(old), _values(new)) for old, new in edits]
    changes.apply(db, batch, now=now, label="move task")


def add_below(
    db: Connection, parent: Task, text: str, config: Config, now: datetime, tz: ZoneInfo,
    ignore: frozenset[tuple[int, int]] = frozenset(),
) -> Task:
    """Quick-add of a subtask; a parent that the text itself names goes first. Raises InvalidInput below a closed task."""
    if parent.status != "pending":
        raise InvalidInput(f"task {parent.num} is {parent.status}", "a subtask needs an open task above it")
    if len(text) > engine.MAX_TITLE:
        raise InvalidInput(f"that text has {len(text):,} characters", f"a task takes at most {engine.MAX_TITLE:,}")
    draft = engine.parse(text, config, now, tz, ignore)
    return engine.add_draft(db, replace(draft, parent=draft.parent or parent.id), now, tz)


def reopen(db: Connection, chosen: Sequence[Task], now: datetime) -> list[Task]:
    """Completed or deleted tasks made pending again; one undo step."""
    new = [changed(task, now, status="pending", completed=None, deleted=None) for task in chosen]
    batch = [change.update("task", b.id, _values(a), _values(b)) for a, b in zip(chosen, new, strict=True)]
    changes.apply(db, batch, now=now, label="reopen task" if len(new) == 1 else f"reopen {len(new)} tasks")
    return new


def copies(db: Connection, chosen: Sequence[Task], now: datetime, tz: ZoneInfo) -> list[Task]:
    """New open tasks that say the same; one undo step. A copy starts afresh: without what was measured or noted on the way."""
    made = []
    for task in chosen:
        draft = Draft(**{
            f.name: getattr(task, f.name) for f in fields(Draft) if f.name not in ("spans", "due_all_day")
        })
        made.append(task_of_draft(draft, id=str(uuid.uuid4()), now=now, time_zone=task.time_zone or tz.key))
    label = "copy task" if len(made) == 1 else f"copy {len(made)} tasks"
    changes.apply(db, [change.create("task", t.id, _values(t)) for t in made], now=now, label=label)
    return [t for t in (tasks.get(db, one.id) for one in made) if t is not None]


def open_below(db: Connection, chosen: Iterable[Task]) -> list[Task]:
    """The open subtasks of these, at any depth, that are not among them."""
    found: dict[str, Task] = {}
    todo = list(chosen)
    named = {task.id for task in todo}
    while todo:
        for child in tasks.children(db, todo.pop().id):
            if child.id not in named and child.id not in found:
                found[child.id] = child
                todo.append(child)
    return list(found.values())


def _values(task: Task) -> dict[str, object]:
    return {name: value for name, value in stored(task).items() if name != "id"}
