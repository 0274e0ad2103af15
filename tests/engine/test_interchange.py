"""Imports as one action: reviewed, all or nothing under kill -9, undone at once; exports for nobody else's eyes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import Busy, CoachError, InvalidInput, NotFound
from coach.engine import ahead, files, interchange, keeping, tasks
from coach.integrations.source import Source
from coach.store import changes, task_index
from coach.store.db import Connection, Unlocked, connect, integrity
from tests.integrations.random_tasks import random_tasks

IDS = [f"{n}1111111-1111-4111-8111-111111111111" for n in range(1, 6)]


def taskwarrior(*records: dict[str, Any]) -> Source:
    return Source("tasks.json", data=json.dumps(list(records)).encode())


def one(n: int, **fields: Any) -> dict[str, Any]:
    base = {"uuid": IDS[n], "description": f"task {n}", "status": "pending", "entry": "20260110T231200Z"}
    return base | fields


def everything(db: Connection) -> dict[str, list[tuple[Any, ...]]]:
    tables = ("task", "task_tag", "dependency")
    found = {name: sorted(map(tuple, db.execute(f"SELECT * FROM {name}")), key=repr) for name in tables}
    found["words"] = sorted(map(tuple, db.execute("SELECT rowid FROM task_text WHERE task_text MATCH '\"tas\"'")))
    return found


def test_review_counts_and_writes_nothing(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    interchange.bring_in(db, "taskwarrior", taskwarrior(one(0), one(1)), now, tz)
    before = everything(db), db.execute("SELECT count(*) FROM action").fetchone()[0]
    source = taskwarrior(one(0), one(1, description="another"), one(2), one(2, description="twice"))
    tally = interchange.review(db, "taskwarrior", source, now, tz)
    assert (tally.new, tally.changed, tally.same, tally.left_out) == (1, 1, 1, 1)
    assert tally.refused == [("tasks.json, record 4 (line 1)", "the same task stands earlier in the file")]
    assert (everything(db), db.execute("SELECT count(*) FROM action").fetchone()[0]) == before
    done = interchange.bring_in(db, "taskwarrior", source, now, tz)
    assert (done.new, done.changed, done.same, done.left_out) == (1, 1, 1, 1)


def test_an_import_is_one_undo_step_and_redone_as_it_was(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    mine = tasks.add(db, "task of mine +a", config, now, tz)
    source = taskwarrior(*random_tasks(150, 3, now))
    empty = everything(db)
    tally = interchange.bring_in(db, "taskwarrior", source, now, tz)
    assert tally.new == 150
    full = everything(db)
    undone = changes.undo(db, now)
    assert (undone.label, len(undone.records), undone.refused) == ("import taskwarrior", 150, ())
    assert everything(db) == empty
    changes.redo(db, now)
    assert everything(db) == full
    assert tasks.find(db, str(mine.num)).title == "task of mine"


def test_the_bulk_way_writes_what_the_common_way_does(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    interchange.bring_in(db, "taskwarrior", taskwarrior(*random_tasks(300, 9, now)), now, tz)
    made = everything(db)
    task_index.rebuild(db)
    assert everything(db) == made


def test_undo_leaves_a_task_that_was_edited_after_the_import(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    interchange.bring_in(db, "taskwarrior", taskwarrior(one(0), one(1)), now, tz)
    later = [
        changes.Change("task", IDS[0], "update", {"notes": ("", "mine")}),
        changes.Change("task", IDS[1], "update", {"due": (None, "2026-12-01")}),
    ]
    changes.apply(db, later, now=now, label="x", actor="coach")
    with pytest.raises(InvalidInput, match="changed since"):
        changes.undo(db, now)
    assert tasks.find(db, IDS[0]).notes == "mine"


def test_an_update_sets_what_differs_and_keeps_what_the_file_cannot_say(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    interchange.bring_in(db, "taskwarrior", taskwarrior(one(0, due="20261201T100000Z", tags=["a"], x="1")), now, tz)
    tasks.update(db, tasks.find(db, IDS[0]), now, notes="mine", estimate_min=30)
    interchange.bring_in(db, "taskwarrior", taskwarrior(one(0, description="new", tags=["b"], y="2")), now, tz)
    task = tasks.find(db, IDS[0])
    assert (task.title, task.due, task.tags, task.notes, task.estimate_min) == ("new", None, ("b",), "mine", 30)
    assert task.extra == {"taskwarrior": {"y": "2"}}
    changes.undo(db, now)
    task = tasks.find(db, IDS[0])
    assert (task.title, task.tags, task.extra) == ("task 0", ("a",), {"taskwarrior": {"x": "1"}})


def test_the_same_instant_in_another_zone_is_no_change(db: Connection, now: datetime) -> None:
    source = taskwarrior(one(0, due="20261201T100000Z", wait="20261130T230000Z"))
    interchange.bring_in(db, "taskwarrior", source, now, ZoneInfo("Europe/Berlin"))
    assert interchange.bring_in(db, "taskwarrior", source, now, ZoneInfo("America/New_York")).same == 1


@pytest.mark.parametrize("records", [
    [one(0, depends=[IDS[0]])],
    [one(0, depends=[IDS[1]]), one(1, depends=[IDS[0]])],
    [one(0, depends=[IDS[1], IDS[2]]), one(1, depends=[IDS[3]]), one(2), one(3, depends=[IDS[2], IDS[0]])],
])
def test_circles_are_refused_by_place_and_leave_nothing(
    records: list[dict[str, Any]], db: Connection, now: datetime, tz: ZoneInfo
) -> None:
    for act in (interchange.review, interchange.bring_in):
        with pytest.raises(InvalidInput, match=r"record 1 \(line 1\): depends goes in a circle"):
            act(db, "taskwarrior", taskwarrior(*records), now, tz)
    assert everything(db) == {"task": [], "task_tag": [], "dependency": [], "words": []}


def test_a_circle_that_goes_through_the_store_is_refused(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    interchange.bring_in(db, "taskwarrior", taskwarrior(one(0), one(1, depends=[IDS[0]])), now, tz)
    with pytest.raises(InvalidInput, match="circle"):
        interchange.bring_in(db, "taskwarrior", taskwarrior(one(0, depends=[IDS[1]])), now, tz)
    assert tasks.find(db, IDS[0]).depends == ()
    turned = taskwarrior(one(0, depends=[IDS[1]]), one(1))
    assert interchange.review(db, "taskwarrior", turned, now, tz).changed == 2
    assert interchange.bring_in(db, "taskwarrior", turned, now, tz).changed == 2


def test_a_long_chain_is_no_circle(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    ids = [f"{n:08d}-1111-4111-8111-111111111111" for n in range(5000)]
    chain = [one(0, uuid=ids[0]), *(one(0, uuid=i, depends=[before]) for before, i in pairwise(ids))]
    assert interchange.bring_in(db, "taskwarrior", taskwarrior(*chain), now, tz).new == 5000


def test_a_file_that_changed_after_the_review_is_not_imported(
    db: Connection, now: datetime, tz: ZoneInfo, tmp_path: Path
) -> None:
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps([one(0)]))
    source = Source("tasks.json", file)
    seen = interchange.digest(source)
    file.write_text(json.dumps([one(1)]))
    with pytest.raises(Busy):
        interchange.bring_in(db, "taskwarrior", source, now, tz, seen)
    assert interchange.bring_in(db, "taskwarrior", source, now, tz, interchange.digest(source)).new == 1


def test_missing_files_and_unknown_kinds(db: Connection, now: datetime, tz: ZoneInfo, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file none\.json"):
        interchange.bring_in(db, "taskwarrior", Source("none.json", tmp_path / "none.json"), now, tz)
    with pytest.raises(InvalidInput, match="cannot be read"):
        interchange.bring_in(db, "taskwarrior", Source("here", tmp_path), now, tz)
    with pytest.raises(InvalidInput, match="'outlook' is nothing"):
        interchange.bring_in(db, "outlook", Source("x"), now, tz)


def test_an_export_is_private_atomic_and_in_the_audit_log(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, tmp_path: Path
) -> None:
    tasks.add(db, "Secret plan", config, now, tz)
    target = tmp_path / "out.json"
    target.write_text("old")
    link = tmp_path / "link.json"
    link.symlink_to(target)
    interchange.export_to(db, "taskwarrior", link, config, now, tz)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    assert "Secret plan" in target.read_text()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []
    assert [(r["what"], r["detail"]) for r in keeping.audit_log(db)] == [("export", "taskwarrior")]
    with pytest.raises(InvalidInput, match="cannot be written"):
        interchange.export_to(db, "taskwarrior", tmp_path / "no" / "folder.json", config, now, tz)


def test_a_killed_import_is_there_as_a_whole_or_not_at_all(unlocked: Unlocked, now: datetime, tmp_path: Path) -> None:
    """SIGKILL at moments spread over the whole run; each round brings in tasks of its own."""
    db = connect(unlocked)
    whole, none = 0, 0
    pause = 0.05
    for number in range(12):
        file = tmp_path / "tasks.json"
        file.write_text(json.dumps(random_tasks(4000, number, now)))
        before = db.execute("SELECT count(*) FROM task").fetchone()[0]
        child = subprocess.Popen(
            [sys.executable, "-m", "coach.cli", "import", "taskwarrior", str(file)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "COACH_NOW": "2026-11-20T10:00:00Z"},
        )
        time.sleep(0.15 + pause * number)
        child.send_signal(signal.SIGKILL)
        child.wait()
        come = db.execute("SELECT count(*) FROM task").fetchone()[0] - before
        assert come in (0, 4000)
        assert db.execute("SELECT count(*) FROM task_num").fetchone()[0] == before + come
        assert db.execute("SELECT count(*) FROM change").fetchone()[0] == before + come
        whole, none = whole + (come == 4000), none + (come == 0)
        if whole and pause > 0:
            break
    assert none, "no import was killed in the middle"
    assert integrity(db) == []
    db.close()


def test_memory_stays_small_for_a_long_file(db: Connection, now: datetime, tz: ZoneInfo, tmp_path: Path) -> None:
    import tracemalloc

    file = tmp_path / "tasks.json"
    with file.open("w") as out:
        for number in range(20_000):
            words = "x" * 1000
            out.write(json.dumps(one(0, uuid=f"{number:08d}-1111-4111-8111-111111111111", description=words)) + "\n")
    assert file.stat().st_size > 20_000_000
    tracemalloc.start()
    try:
        assert interchange.review(db, "taskwarrior", Source("tasks.json", file), now, tz).new == 20_000
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


def test_undo_of_a_later_edit_comes_before_the_import(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    interchange.bring_in(db, "taskwarrior", taskwarrior(one(0)), now, tz)
    tasks.update(db, tasks.find(db, IDS[0]), now + timedelta(seconds=1), title="edited")
    assert [u.label for u in tasks.undo(db, now + timedelta(seconds=2), 2)] == ["edit task", "import taskwarrior"]
    assert everything(db)["task"] == []


def test_the_bulk_way_logs_what_the_common_way_does(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    import dataclasses

    from coach.core.task import Annotation, Recurrence, Reminder, Task, stored
    from coach.store import bulk, plain
    from coach.store.new_tasks import new_task

    whole = Task(
        id=IDS[0], title='"quoted" \\ ü\n🙂', created=now, modified=now, notes="line\nline", due=now, due_hard=True,
        scheduled=now, wait=now, until=now, remind=(Reminder(before_min=5),), priority=2, project="Ä.b", tags=("a,b", "'"),
        estimate_min=30, recurrence=Recurrence("FREQ=DAILY\nEXDATE:20260101", "completion", "all"), depends=(IDS[1],),
        parent=IDS[2], series_id=IDS[3], series_start=now, annotations=(Annotation(now, "x"),), category="Work",
        category_confidence=0.25, started=now, completed=now, deleted=now, snooze_count=3, actual_min=7,
        extra={"taskwarrior": {"a": [1, None, "ü"]}},
    )
    for task in (whole, dataclasses.replace(Task(id=IDS[4], title="bare", created=now, modified=now))):
        values = {name: value for name, value in stored(task).items() if name != "id"}
        bulk.apply_many(db, [new_task(task.id, {n: v for n, v in values.items() if v})], now=now, label="x", actor="import")
        (logged,) = changes.history(db, "task", task.id)
        assert logged["fields"] == {n: [None, int(v) if v is True else v] for n, v in values.items() if v}
        found = plain.of(db, [task.id])[task.id]
        assert {n: found[n] for n in values} == values
        assert everything(db)["task"]
        changes.undo(db, now)
        changes.redo(db, now)
        again = plain.of(db, [task.id])[task.id]
        assert {n: again[n] for n in values} == values


def test_a_long_file_is_read_elsewhere_with_the_same_result(
    db: Connection, now: datetime, tz: ZoneInfo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "tasks.json"
    records = random_tasks(1500, 4, now)
    file.write_text(json.dumps(records, ensure_ascii=False))
    source = Source("tasks.json", file)
    monkeypatch.setattr(ahead, "WORTH_IT_BYTES", 0)
    monkeypatch.setattr(ahead, "_a_core_is_free", lambda: True)
    assert interchange.bring_in(db, "taskwarrior", source, now, tz).new == 1500
    there = everything(db)
    assert interchange.bring_in(db, "taskwarrior", source, now, tz).same == 1500
    db.execute("DELETE FROM task")
    db.execute("DELETE FROM task_num")
    monkeypatch.setattr(ahead, "_a_core_is_free", lambda: False)
    assert interchange.bring_in(db, "taskwarrior", source, now, tz).new == 1500
    assert everything(db) == there
    monkeypatch.setattr(ahead, "_a_core_is_free", lambda: True)
    file.write_text(json.dumps([*records, {"description": "x", "due": "never"}]))
    with pytest.raises(InvalidInput, match=r"tasks\.json, record 1501 \(line 1\): due is no date"):
        interchange.bring_in(db, "taskwarrior", source, now, tz)
    monkeypatch.setattr(ahead.sys, "executable", "/bin/false")
    with pytest.raises(CoachError, match="ended before its time"):
        interchange.bring_in(db, "taskwarrior", source, now, tz)
    assert everything(db) == there


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_written_into_and_a_folder_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    try:
        assert files.write_atomically(pipe, ["a", "b"]) == pipe
        assert os.read(reader, 10) == b"ab"
    finally:
        os.close(reader)
    assert pipe.is_fifo(), "an export to /dev/stdout or /dev/full must not put a file in its place"
    with pytest.raises(InvalidInput, match="Is a directory"):
        files.write_atomically(tmp_path, ["a"])
