"""Taking back very many changes in pieces comes to what taking them back one by one comes to."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from coach.core import change
from coach.core.errors import InvalidInput
from coach.core.task import Task, stored
from coach.store import bulk, changes, new_tasks, reverting, tasks
from coach.store.db import Connection, transaction
from tests.conftest import NOW
from tests.store.test_task_index import beside


def plain(task: Task) -> dict[str, Any]:
    return {k: v for k, v in stored(task).items() if k != "id"}


def many(number: int) -> list[Task]:
    made = random.Random(number)
    return [
        Task(
            f"t{n}", f"Write report {n}", NOW - timedelta(minutes=n), NOW, time_zone="Europe/Berlin",
            due=made.choice([None, NOW, date(2026, 11, 21)]), tags=made.choice([(), ("a",), ("a", "b")]),
            depends=tuple({f"t{made.randrange(n)}"} if n and made.random() < 0.3 else ()),
            status=made.choice(["pending", "pending", "completed"]), notes=made.choice(["", "in the garden"]),
        )
        for n in range(number)
    ]


def state(db: Connection) -> tuple[Any, ...]:
    indexes = sorted(row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE sql IS NOT NULL"))
    return {t.id: t for t in tasks.every(db)}, beside(db), indexes


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in ((changes, "MANY", 10), (reverting, "_PIECE", 7), (bulk, "_BATCH", 5), (bulk, "_MANY", 20)):
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("_small")
def test_an_import_goes_and_comes_back(db: Connection) -> None:
    changes.apply(db, [change.create("task", "own", plain(Task("own", "Mine", NOW, NOW, depends=("t3",))))], now=NOW, label="add")
    before = state(db)
    with transaction(db):
        new = [new_tasks.new_task(t.id, {k: v for k, v in plain(t).items() if v not in (None, [], {}, "", 0)}) for t in many(60)]
        bulk.apply_many(db, new, now=NOW, label="import", actor="import")
    after = state(db)
    assert len(after[0]) == 61
    for _ in range(2):
        undone = changes.undo(db, NOW)
        assert (undone.label, len(undone.records), undone.refused) == ("import", 60, ())
        assert undone.tasks == ((2, "Write report 0"), (3, "Write report 1"), (4, "Write report 2"), (5, "Write report 3"))
        assert state(db) == before
        assert len(changes.redo(db, NOW).records) == 60
        assert state(db) == after


@pytest.mark.usefixtures("_small")
def test_a_bulk_edit_leaves_what_changed_since(db: Connection) -> None:
    made = many(30)
    changes.apply(db, [change.create("task", t.id, plain(t)) for t in made], now=NOW, label="add")
    edits = [change.update("task", t.id, {"project": None}, {"project": "home"}) for t in made]
    changes.apply(db, edits, now=NOW, label="edit 30 tasks")
    mine = change.update("task", "t4", {"project": "home"}, {"project": "work"})
    changes.apply(db, [mine], now=NOW, label="attribute", actor="coach")
    undone = changes.undo(db, NOW)
    assert undone.refused == ("task.project",)
    assert len(undone.records) == 29
    assert {t.project for t in tasks.every(db)} == {None, "work"}


@pytest.mark.usefixtures("_small")
def test_nothing_is_written_where_everything_changed_since(db: Connection) -> None:
    made = many(12)
    changes.apply(db, [change.create("task", t.id, plain(t)) for t in made], now=NOW, label="add")
    edits = [change.update("task", t.id, {"category": None}, {"category": "Work"}) for t in made]
    changes.apply(db, edits, now=NOW, label="categorise", actor="coach")
    before = state(db)
    with pytest.raises(InvalidInput, match="changed since"):
        changes.undo(db, NOW)
    assert state(db) == before
    assert not db.in_transaction
