from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Reminder, Task
from coach.engine import tasks, templates
from coach.store.db import Connection

CONFIG = Config()


@pytest.fixture
def family(db: Connection, now: datetime, tz: ZoneInfo) -> list[Task]:
    """1 Paint, below it 2 Buy paint and 3 Borrow ladder, below that 4 Ask Tom."""
    texts = ("Paint fri 17:00 #home !tomorrow", "Buy paint parent:1", "Borrow ladder parent:1 depends:2", "Ask Tom parent:3 p1")
    return [tasks.add(db, text, CONFIG, now, tz) for text in texts]


def test_parent_is_read_and_leaves_the_title(family: list[Task]) -> None:
    assert [t.parent for t in family] == [None, family[0].id, family[0].id, family[2].id]
    assert [t.title for t in family[1:]] == ["Buy paint", "Borrow ladder", "Ask Tom"]


def test_parent_is_a_word_of_quick_add(now: datetime, tz: ZoneInfo) -> None:
    draft = tasks.parse("Buy parent:12 tomorrow", CONFIG, now, tz)
    assert (draft.title, draft.parent, draft.due) == ("Buy", "12", date(2026, 11, 21))
    assert [(s.start, s.end, s.kind) for s in draft.spans if s.kind == "parent"] == [(4, 13, "parent")]
    assert tasks.parse("Buy parent:12", CONFIG, now, tz, frozenset({(4, 13)})).title == "Buy parent:12"
    for text in ("xparent:12", "parent: nobody", "grand parent:", "Buy // parent:3"):
        assert tasks.parse(text, CONFIG, now, tz).parent is None


@pytest.mark.usefixtures("family")
def test_nothing_closes_above_something_open(db: Connection, now: datetime) -> None:
    for verb in (tasks.done, tasks.delete):
        with pytest.raises(InvalidInput, match="2 open subtasks: 2, 3"):
            verb(db, [tasks.find(db, "1")], now)
    finished = tasks.done(db, [tasks.find(db, "1")], now, children=True)
    assert [t.num for t in finished] == [2, 4, 3, 1]
    (undone,) = tasks.undo(db, now)
    assert undone.label == "complete 4 tasks"
    tasks.done(db, [tasks.find(db, n) for n in "1234"], now)
    assert all(tasks.find(db, n).status == "completed" for n in "1234")


def test_a_task_cannot_stand_below_itself(db: Connection, family: list[Task], now: datetime, tz: ZoneInfo) -> None:
    with pytest.raises(InvalidInput, match="subtask of itself"):
        tasks.edit_text(db, family[0], "parent:4", CONFIG, now, tz)
    with pytest.raises(InvalidInput, match="subtask of itself"):
        tasks.edit_all(db, family[:1], "parent:1", CONFIG, now, tz)
    with pytest.raises(NotFound):
        tasks.edit_text(db, family[0], "parent:99", CONFIG, now, tz)
    assert tasks.edit_text(db, family[3], "parent:", CONFIG, now, tz).parent is None


def test_bulk_edits_add_and_take_labels_and_are_one_step(db: Connection, family: list[Task], now: datetime, tz: ZoneInfo) -> None:
    tasks.edit_all(db, family[:3], "+today @x p2", CONFIG, now, tz)
    chosen = [tasks.find(db, n) for n in "123"]
    assert {(t.tags, t.priority) for t in chosen} == {(("today", "x"), 2)}
    edited = tasks.edit_all(db, chosen, "-x @more", CONFIG, now, tz)
    assert {t.tags for t in edited} == {("today", "more")}
    assert [u.label for u in tasks.undo(db, now, 2)] == ["edit 3 tasks", "edit 3 tasks"]
    with pytest.raises(InvalidInput, match="all be called 'Same'"):
        tasks.edit_all(db, family[:2], "Same p1", CONFIG, now, tz)
    assert tasks.find(db, "1").priority is None


def test_a_template_brings_the_family_back_from_today(db: Connection, family: list[Task], now: datetime, tz: ZoneInfo) -> None:
    tasks.annotate(db, family[0], "blue", now)
    assert templates.save(db, "paint", tasks.find(db, "1"), now, tz) == 4
    assert templates.saved(db) == [("paint", "Paint", 4)]
    later = now + timedelta(days=10)
    made = templates.use(db, "paint", later, tz)
    assert [(t.num, t.title) for t in made] == [(5, "Paint"), (6, "Buy paint"), (7, "Borrow ladder"), (8, "Ask Tom")]
    by_id = {t.id: t.num for t in made}
    assert [by_id.get(t.parent or "") for t in made] == [None, 5, 5, 7]
    assert [by_id[d] for d in made[2].depends] == [6]
    due, first = made[0].due, family[0].due
    assert isinstance(due, datetime)
    assert isinstance(first, datetime)
    assert due - first == timedelta(days=10)
    assert isinstance(family[0].remind[0].at, datetime)
    assert made[0].remind == (Reminder(at=family[0].remind[0].at + timedelta(days=10)),)
    assert (made[0].annotations, made[0].created) == ((), later)
    (undone,) = tasks.undo(db, later)
    assert undone.label == "use template"
    with pytest.raises(NotFound):
        tasks.find(db, "5")


def test_templates_are_replaced_removed_and_refused(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Pack", CONFIG, now, tz)
    templates.save(db, "trip", task, now, tz)
    templates.save(db, "trip", tasks.update(db, task, now, title="Pack bags"), now, tz)
    assert templates.saved(db) == [("trip", "Pack bags", 1)]
    templates.remove(db, "trip", now)
    tasks.undo(db, now)
    assert templates.saved(db) == [("trip", "Pack bags", 1)]
    for missing in (templates.remove, templates.use):
        with pytest.raises(NotFound):
            missing(db, "nothing", now) if missing is templates.remove else templates.use(db, "nothing", now, tz)
    with pytest.raises(InvalidInput):
        templates.save(db, "../x", task, now, tz)
