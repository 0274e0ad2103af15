"""What is kept beside the tasks is what one would make of them anew, whatever was done to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import UrgencyConfig, home_at
from coach.core import change
from coach.core.errors import InvalidInput, NotFound
from coach.core.narrow import Narrow
from coach.core.task import Annotation, Task, stored
from coach.store import changes, migrations, opening, ranking, search, task_index, tasks
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import Access
from tests.conftest import NOW

FIELDS = st.fixed_dictionaries({}, optional={
    "title": st.sampled_from(["Call mum", "Write report", "Straße"]), "notes": st.sampled_from(["", "in the garden"]),
    "tags": st.lists(st.sampled_from("abc"), max_size=3, unique=True).map(tuple), "project": st.sampled_from([None, "home"]),
    "depends": st.lists(st.integers(0, 6).map(lambda n: f"t{n}"), max_size=2, unique=True).map(tuple),
    "status": st.sampled_from(["pending", "completed", "deleted"]), "priority": st.sampled_from([None, 1]),
    "due": st.sampled_from([None, date(2026, 11, 21), NOW]), "wait": st.sampled_from([None, date(2026, 11, 21)]),
    "annotations": st.sampled_from([(), (Annotation(NOW, "rang twice"),)]), "started": st.sampled_from([None, NOW]),
})
VERBS = st.sampled_from(["new", "edit", "edit", "undo", "redo", "purge"])
STEPS = st.lists(st.tuples(VERBS, st.integers(0, 9), FIELDS), min_size=6, max_size=25)


def plain(task: Task) -> dict[str, Any]:
    return {k: v for k, v in stored(task).items() if k != "id"}


def new(db: Connection, task_id: str, now: datetime, **fields: Any) -> None:
    task = Task(**{"id": task_id, "title": "x", "created": now, "modified": now, "time_zone": "Europe/Berlin", **fields})
    changes.apply(db, [change.create("task", task_id, plain(task))], now=now, label="new")


def beside(db: Connection) -> dict[str, Any]:
    words = ["cal", "mum", "gar", "den", "wri", "str", "ass", "twi"]
    return {
        "columns": [tuple(r) for r in db.execute(f"SELECT num, {', '.join(task_index.COLUMNS)} FROM task ORDER BY num")],
        "dependency": [tuple(r) for r in db.execute("SELECT * FROM dependency ORDER BY 1, 2")],
        "tags": [tuple(r) for r in db.execute("SELECT * FROM task_tag ORDER BY 1, 2")],
        "words": {word: search.narrowed(db, Narrow(texts=(word,)), only_open=False) for word in words},
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.booleans())
def test_it_follows_every_change(steps: list[tuple[str, int, dict[str, Any]]], pieces: bool) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if pieces:
            patch.setattr(changes, "MANY", 0)
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), NOW), durable=False)
        for number in range(5):
            new(db, f"t{number}", NOW, depends=(f"t{number - 1}",) if number else (), tags=("a", "b")[number % 2 :])
        for index, (verb, which, fields) in enumerate(steps, start=5):
            at = NOW + timedelta(seconds=index)
            every = tasks.every(db)
            try:
                if verb == "new" or (verb == "edit" and not every):
                    new(db, f"t{index}", at, **fields)
                elif verb == "edit":
                    task = every[which % len(every)]
                    edit = change.update("task", task.id, plain(task), plain(replace(task, modified=at, **fields)))
                    changes.apply(db, [edit], now=at, label="edit")
                elif verb == "purge":
                    from coach.store import erase

                    erase.purge_deleted(db, at)
                else:
                    (changes.undo if verb == "undo" else changes.redo)(db, at)
            except (NotFound, InvalidInput):
                continue
        kept = beside(db)
        with transaction(db):
            task_index.rebuild(db)
        assert beside(db) == kept
        db.close()


def test_an_older_store_gets_it(unlocked: Unlocked, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch()
    db = connect(replace(unlocked, path=path), create=True)
    with transaction(db):
        migrations.m001_house(db)
        db.execute("PRAGMA user_version = 1")
    row = plain(Task("a", "Call mum", NOW, NOW, due=NOW, tags=("phone",)))
    texts = {k: changes.dumps(v) if isinstance(v, list | dict) else v for k, v in row.items()} | {"id": "a", "num": 1}
    texts["due_hard"] = 0
    db.execute(f"INSERT INTO task({', '.join(texts)}) VALUES({', '.join('?' * len(texts))})", tuple(texts.values()))
    seen: list[int] = []
    assert migrations.migrate(db, lambda _, version: seen.append(version)) == len(migrations.MIGRATIONS) - 1
    assert seen[0] == 1
    assert [num for num, _ in ranking.ranked(db, UrgencyConfig(), NOW)] == [1]
    assert search.narrowed(db, Narrow(texts=("MUM",), tags=("phone",)), only_open=True) == {1}
    db.close()
