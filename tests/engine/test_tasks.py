from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Task, status_at
from coach.engine import task_names, tasks
from coach.store.db import Connection


def add(db: Connection, text: str, now: datetime, tz: ZoneInfo) -> Task:
    return tasks.add(db, text, Config(), now, tz)


def test_a_draft_becomes_a_task_with_its_zone(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = add(db, "Call mum tomorrow 18:00 #home @phone p2 ~15m", now, tz)
    assert (task.num, task.project, task.tags, task.priority, task.estimate_min) == (1, "home", ("phone",), 2, 15)
    assert task.time_zone == "Europe/Berlin"
    assert isinstance(task.due, datetime)
    assert task.due.astimezone(UTC) == datetime(2026, 11, 21, 17, 0, tzinfo=UTC)


def test_dependencies_are_resolved_and_block(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    first = add(db, "Buy paint", now, tz)
    second = add(db, "Paint the wall depends:1", now, tz)
    assert second.depends == (first.id,)
    assert [t.title for t, _ in tasks.ready(db, Config(), now)] == ["Buy paint"]
    tasks.done(db, [first], now)
    assert [t.title for t, _ in tasks.ready(db, Config(), now)] == ["Paint the wall"]
    with pytest.raises(NotFound):
        add(db, "Nothing depends:77", now, tz)


def test_edit_text_sets_what_it_names(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = add(db, "Report fri p1 #work ~2h", now, tz)
    task = tasks.edit_text(db, task, "p3 @office", Config(), now, tz)
    assert (task.title, task.priority, task.project, task.tags, task.estimate_min) == ("Report", 3, "work", ("office",), 120)
    task = tasks.edit_text(db, task, "due: est:", Config(), now, tz)
    assert (task.due, task.estimate_min, task.title) == (None, None, "Report")
    before = tasks.history(db, task)
    assert tasks.update(db, task, now, priority=3) == task
    assert tasks.history(db, task) == before


def test_a_series_moves_on_and_undo_brings_it_back(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    series = add(db, "Water plants every mon 7am", now, tz)
    (finished,) = tasks.done(db, [series], now)
    assert (finished.status, finished.series_id) == ("completed", series.id)
    moved = tasks.find(db, "1")
    assert moved.status == "pending"
    assert isinstance(moved.due, datetime)
    assert isinstance(series.due, datetime)
    assert moved.due - series.due == timedelta(days=7)
    tasks.undo(db, now)
    assert tasks.find(db, "1").due == series.due
    with pytest.raises(NotFound):
        tasks.find(db, finished.id)


def test_completing_twice_is_refused(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = add(db, "Once", now, tz)
    tasks.done(db, [task], now)
    with pytest.raises(InvalidInput, match="already completed"):
        tasks.done(db, [tasks.find(db, "1")], now)


@pytest.mark.parametrize(("words", "expected"), [
    ("tomorrow 9am", datetime(2026, 11, 21, 8, 0, tzinfo=UTC)),
    ("2h", datetime(2026, 11, 20, 12, 0, tzinfo=UTC)),
    ("mon", date(2026, 11, 23)),
    ("next week", date(2026, 11, 23)),
    ("30m", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
    ("18:00", datetime(2026, 11, 20, 17, 0, tzinfo=UTC)),
])
def test_snooze_words(words: str, expected: object, now: datetime, tz: ZoneInfo) -> None:
    assert tasks.snooze_moment(words, Config(), now, tz) == expected


@pytest.mark.parametrize("words", ["yesterday", "some day perhaps", "", "2020-01-01"])
def test_a_snooze_has_to_lie_ahead(words: str, now: datetime, tz: ZoneInfo) -> None:
    with pytest.raises(InvalidInput):
        tasks.snooze_moment(words, Config(), now, tz)


def test_snoozing_hides_until_then(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = add(db, "Taxes", now, tz)
    (snoozed,) = tasks.snooze(db, [task], now + timedelta(hours=1), now)
    assert (status_at(snoozed, now), status_at(snoozed, now + timedelta(hours=2))) == ("waiting", "pending")
    assert tasks.ready(db, Config(), now) == []
    assert [t.title for t, _ in tasks.select(db, ["status:waiting"], Config(), now, tz)] == ["Taxes"]


def test_bulk_edits_are_one_step(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    for n in range(5):
        add(db, f"Thing {n}", now, tz)
    chosen = tasks.find_all(db, ["1-3", "3,5"])
    assert [t.num for t in chosen] == [1, 2, 3, 5]
    tasks.delete(db, chosen, now)
    assert [t.num for t, _ in tasks.open_by_urgency(db, Config(), now)] == [4]
    (undone,) = tasks.undo(db, now)
    assert undone.label == "delete 4 tasks"
    assert len(tasks.open_by_urgency(db, Config(), now)) == 5
    with pytest.raises(InvalidInput):
        tasks.find_all(db, ["1-9999"])


def test_purge_is_real_and_audited(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    from coach.engine import keeping

    task = add(db, "planted-secret", now, tz)
    add(db, "Stays", now, tz)
    tasks.delete(db, [task], now)
    assert tasks.purge(db, now) == 1
    assert db.execute("SELECT count(*) FROM change WHERE fields LIKE '%planted-secret%'").fetchone()[0] == 0
    assert [t.title for t, _ in tasks.open_by_urgency(db, Config(), now)] == ["Stays"]
    assert keeping.audit_log(db)[0]["detail"] == "1 tasks"


def test_several_undos_and_redos(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    for n in range(3):
        add(db, f"Thing {n}", now, tz)
    assert len(tasks.undo(db, now, steps=5)) == 3
    assert len(tasks.redo(db, now, steps=2)) == 2
    assert [t.title for t, _ in tasks.open_by_urgency(db, Config(), now)] == ["Thing 0", "Thing 1"]


def test_urgency_orders_and_projects_count(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "Later", now, tz)
    add(db, "Overdue due:2026-11-01 #work", now, tz)
    add(db, "High p1 #work @phone", now, tz)
    assert [t.title for t, _ in tasks.open_by_urgency(db, Config(), now)] == ["Overdue", "High", "Later"]
    assert task_names.projects(db) == [("work", 2)]
    assert task_names.tags(db) == [("phone", 1)]


def test_reopen_and_annotate(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = add(db, "Ring the bell", now, tz)
    (finished,) = tasks.done(db, [task], now)
    again = tasks.reopen(db, finished, now)
    assert (again.status, again.completed) == ("pending", None)
    noted = tasks.annotate(db, again, "nobody was at home", now)
    assert noted.annotations[0].text == "nobody was at home"
    with pytest.raises(InvalidInput, match="not started"):
        tasks.stop(db, noted, now)
