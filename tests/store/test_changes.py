from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import home_at
from coach.core import change
from coach.core.change import tick
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Task, from_stored, stored
from coach.store import changes, chat, erase, opening, tasks
from coach.store.db import Connection, IntegrityError, connect, transaction
from coach.store.opening import Access


def values(task: Task) -> dict[str, Any]:
    return {k: v for k, v in stored(task).items() if k != "id"}


def new(db: Connection, now: datetime, task_id: str = "t1", **fields: Any) -> Task:
    task = Task(id=task_id, created=now, modified=now, **{"title": "Call mum", **fields})
    changes.apply(db, [change.create("task", task_id, values(task))], now=now, label="add task")
    found = tasks.get(db, task_id)
    assert found is not None
    return found


def edit(db: Connection, task: Task, now: datetime, actor: change.Actor = "user", **fields: Any) -> Task:
    changed = replace(task, modified=now, **fields)
    changes.apply(db, [change.update("task", task.id, values(task), values(changed))], now=now, label="edit", actor=actor)
    return changed


def test_a_commit_that_fails_leaves_nothing_open(db: Connection) -> None:
    db.execute("CREATE TABLE parent(id INTEGER PRIMARY KEY)")
    db.execute("CREATE TABLE child(parent INTEGER REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(IntegrityError), transaction(db):
        db.execute("INSERT INTO child VALUES(7)")
    assert not db.in_transaction
    with transaction(db):
        db.execute("INSERT INTO parent VALUES(1)")
    assert not db.in_transaction
    assert db.execute("SELECT count(*) FROM child").fetchone()[0] == 0


def test_nothing_of_a_purged_task_is_left(db: Connection, now: datetime) -> None:
    task = new(db, now, title="Zqxjkv wombat")
    session = {"task_id": task.id, "label": task.title, "start": "2026-11-20T10:00:00Z", "planned_end": "2026-11-20T11:00:00Z"}
    changes.apply(db, [change.create("focus_session", "f1", session)], now=now, label="start focus")
    chat.add(db, now, "what is zqxjkv?", "A task.", {})
    edit(db, task, now, status="deleted")
    assert erase.purge_deleted(db, now) == 1
    for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        stored_rows = db.execute(f"SELECT * FROM {row[0]}").fetchall()  # the parts of the search index among them
        held = b" ".join(v if isinstance(v, bytes) else str(v).encode() for r in stored_rows for v in r).lower()
        assert not any(piece in held for piece in (b"zqx", b"jkv", b"womb")), row[0]


def test_undo_and_redo_walk_back_and_forth(db: Connection, now: datetime) -> None:
    task = new(db, now)
    task = edit(db, task, now, title="Call dad")
    edit(db, task, now, priority=1)
    for expected in ("Call dad", "Call mum"):
        changes.undo(db, now)
        assert tasks.find(db, "1").title == expected
    changes.undo(db, now)
    assert tasks.get(db, "t1") is None
    with pytest.raises(NotFound):
        changes.undo(db, now)
    for _ in range(3):
        changes.redo(db, now)
    again = tasks.find(db, "1")
    assert (again.title, again.priority, again.num) == ("Call dad", 1, 1)
    with pytest.raises(NotFound):
        changes.redo(db, now)


def test_an_edit_ends_redo(db: Connection, now: datetime) -> None:
    task = new(db, now)
    edit(db, task, now, title="Call dad")
    changes.undo(db, now)
    new(db, now, "t2")
    with pytest.raises(NotFound):
        changes.redo(db, now)


def test_undo_refuses_what_changed_since(db: Connection, now: datetime) -> None:
    task = new(db, now)
    task = edit(db, task, now, category="Errands", priority=2)
    edit(db, task, now, actor="coach", category="Health")
    done = changes.undo(db, now)
    assert done.refused == ("task.category",)
    after = tasks.find(db, "1")
    assert (after.category, after.priority) == ("Health", None)


def test_what_a_model_set_is_no_undo_step(db: Connection, now: datetime) -> None:
    task = new(db, now)
    edit(db, task, now, actor="coach", category="Health")
    with pytest.raises(InvalidInput):
        changes.undo(db, now)  # the create cannot be taken back: its category has changed since
    assert tasks.get(db, "t1") is not None


def test_numbers_are_never_reused(db: Connection, now: datetime) -> None:
    assert new(db, now, "t1").num == 1
    changes.undo(db, now)
    assert new(db, now, "t2").num == 2


def test_history_tells_who_changed_what(db: Connection, now: datetime) -> None:
    task = new(db, now)
    edit(db, task, now + timedelta(hours=1), title="Call dad")
    first, second = changes.history(db, "task", "t1")
    assert first["kind"] == "create"
    assert second["fields"]["title"] == ["Call mum", "Call dad"]
    assert (second["actor"], second["at"]) == ("user", "2026-11-20T11:00:00Z")


def test_an_update_of_nothing_known_fails_whole(db: Connection, now: datetime) -> None:
    good = change.create("task", "t1", values(Task(id="t1", title="x", created=now, modified=now)))
    with pytest.raises(NotFound):
        changes.apply(db, [good, change.Change("task", "nobody", "update", {"title": ("a", "b")})], now=now, label="both")
    assert tasks.get(db, "t1") is None
    assert db.execute("SELECT count(*) FROM action").fetchone()[0] == 0


def test_unknown_records_are_refused(db: Connection, now: datetime) -> None:
    with pytest.raises(InvalidInput):
        changes.apply(db, [change.create("sqlite_master", "x", {"a": 1})], now=now, label="no")


@given(st.lists(st.integers(min_value=0, max_value=2**40), min_size=1, max_size=30))
def test_timestamps_only_rise(walls: list[int]) -> None:
    last, seen = "", []
    for wall in walls:
        last = tick(last, wall, "dev")
        seen.append(last)
    assert seen == sorted(seen)
    assert len(set(seen)) == len(seen)


FIELDS = st.fixed_dictionaries({}, optional={
    "title": st.text(min_size=1, max_size=20), "priority": st.sampled_from([None, 1, 2, 3, 4]),
    "tags": st.lists(st.sampled_from("abc"), max_size=2).map(tuple), "project": st.sampled_from([None, "home", "work.x"]),
    "estimate_min": st.sampled_from([None, 15, 60]), "extra": st.dictionaries(st.sampled_from("xy"), st.integers(), max_size=2),
})
STEPS = st.lists(st.tuples(st.sampled_from(["new", "edit", "delete", "undo", "redo"]), st.integers(0, 4), FIELDS), max_size=100)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(STEPS, st.booleans())
def test_undo_of_any_sequence_restores_the_exact_state(steps: list[tuple[str, int, dict[str, Any]]], pieces: bool) -> None:
    now = datetime.fromisoformat("2026-11-20T10:00:00+00:00")
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if pieces:
            patch.setattr(changes, "MANY", 0)
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), now), durable=False)
        for index, (verb, which, fields) in enumerate(steps):
            at = now + timedelta(seconds=index)
            every = tasks.every(db)
            task = every[which % len(every)] if every else None
            try:
                if verb == "new":
                    new(db, at, f"t{index}")
                elif verb == "undo":
                    changes.undo(db, at)
                elif verb == "redo":
                    changes.redo(db, at)
                elif task and verb == "edit":
                    edit(db, task, at, **fields)
                elif task:
                    edit(db, task, at, status="deleted", deleted=at)
            except NotFound:
                assert verb in ("undo", "redo")
        final = {t.id: t for t in tasks.every(db)}
        undone = 0
        while True:
            try:
                changes.undo(db, now)
            except NotFound:
                break
            undone += 1
        assert tasks.every(db) == []
        for _ in range(undone):
            changes.redo(db, now)
        assert {t.id: t for t in tasks.every(db)} == final
        db.close()


@given(FIELDS)
def test_a_task_survives_its_plain_form(fields: dict[str, Any]) -> None:
    at = datetime.fromisoformat("2026-11-20T10:00:00+00:00")
    task = Task(id="t", title="x", created=at, modified=at, **{k: v for k, v in fields.items() if k != "title"})
    assert from_stored(stored(task)) == task
