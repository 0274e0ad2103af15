"""Undo of any hundred actions, of every kind that people have, restores the exact state step by step; so does redo."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config, home_at
from coach.core.errors import CoachError, NotFound
from coach.core.task import Task
from coach.engine import arranging, filters, focusing, reminders, task_text, tasks, templates
from coach.store import changes, opening
from coach.store import tasks as stored
from coach.store.db import Connection, connect
from coach.store.opening import Access
from tests.conftest import NOW
from tests.engine.test_series import TZ
from tests.store.test_task_index import beside

CONFIG = Config()
TEXTS = (
    "Call mum tomorrow 18:00 #home p2 ~15m", "Water plants every! 3 days", "Gym every day 7am", "Write",
    "Pay p1 2026-11-25 @money",
    "Old wait:2026-12-01", "Vote until:2026-12-24 !30m", "Clean #🏠",
)
EDITS = ("p1", "tomorrow #work", "-money +soon", "due:", "New title ~45m", "recur:", "every mon", "wait:2027-01-01", "// a note")


class Life:
    """A person who does this and that to a list; each choice comes from `dice`."""

    def __init__(self, db: Connection, dice: random.Random) -> None:
        self.db, self.dice, self.now = db, dice, NOW

    def some(self, most: int = 1) -> list[Task]:
        every = stored.every(self.db)
        return self.dice.sample(every, min(len(every), self.dice.randint(1, most)))

    def one(self) -> Task:
        return (self.some() or [tasks.find(self.db, "0")])[0]

    def act(self) -> None:
        db, now, dice = self.db, self.now, self.dice
        name = dice.choice(("trip", "week"))
        verbs: tuple[Callable[[], Any], ...] = (
            lambda: tasks.add(db, dice.choice(TEXTS), CONFIG, now, TZ),
            lambda: tasks.add(db, f"Part parent:{self.one().num} depends:{self.one().num}", CONFIG, now, TZ),
            lambda: tasks.edit_all(db, self.some(4), dice.choice(EDITS), CONFIG, now, TZ),
            lambda: tasks.edit_all(db, self.some(), f"depends:{self.one().num} parent:{self.one().num}", CONFIG, now, TZ),
            lambda: task_text.rewrite(db, task := self.one(), task_text.text_of(task) + " ~5m p3", CONFIG, now, TZ),
            lambda: tasks.done(db, self.some(3), now, children=True),
            lambda: tasks.delete(db, self.some(2), now, children=True),
            lambda: arranging.reopen(db, self.some(2), now),
            lambda: tasks.snooze(db, self.some(3), now + timedelta(days=2), now),
            lambda: tasks.start(db, self.one(), now), lambda: tasks.stop(db, self.one(), now),
            lambda: tasks.annotate(db, self.one(), "rang twice", now),
            lambda: reminders.remind(db, self.one(), "tomorrow 9am", CONFIG, now, TZ),
            lambda: arranging.copies(db, self.some(2), now, TZ),
            self.move,
            lambda: filters.save(db, name, ["+soon", dice.choice(("p1", "#home"))], CONFIG, now, TZ),
            lambda: filters.remove(db, name, now),
            lambda: templates.save(db, name, self.one(), now, TZ), lambda: templates.use(db, name, now, TZ),
            lambda: templates.remove(db, name, now),
            lambda: focusing.start(db, now, 25, self.one()), lambda: focusing.stop(db, now),
        )
        dice.choice(verbs)()

    def move(self) -> None:
        rows = [(t.id, float(n)) for n, t in enumerate(stored.open_tasks(self.db))]
        if len(rows) > 1:
            arranging.move(self.db, rows, self.dice.randrange(len(rows)), self.dice.randrange(len(rows)), self.now)


def state(db: Connection) -> dict[str, Any]:
    records = ("task", "saved_filter", "template", "focus_session")
    return {record: changes.read(db, record, "1 ORDER BY id") for record in records} | beside(db)


def actions(db: Connection) -> int:
    return int(db.execute("SELECT count(*) FROM action").fetchone()[0])


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.booleans())
def test_a_hundred_actions_go_back_and_forth(seed: int, pieces: bool) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        if pieces:
            patch.setattr(changes, "MANY", 0)
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), NOW), durable=False)
        life = Life(db, random.Random(seed))
        states = [state(db)]
        while len(states) <= 100:
            life.now += timedelta(minutes=life.dice.choice((1, 60, 60 * 24)))
            before = actions(db)
            try:
                life.act()
            except CoachError:
                assert state(db) == states[-1], "what was refused has changed nothing"
            assert actions(db) - before <= 1, "one action is one step"
            if actions(db) > before:
                states.append(state(db))
        back_and_forth(db, states, life.now)
        db.close()


def back_and_forth(db: Connection, states: list[dict[str, Any]], now: datetime) -> None:
    for expected in reversed(states[:-1]):
        undone = changes.undo(db, now)
        assert not undone.refused
        assert state(db) == expected, undone.label
    with pytest.raises(NotFound):
        changes.undo(db, now)
    for expected in states[1:]:
        redone = changes.redo(db, now)
        assert state(db) == expected, redone.label
    for expected in reversed(states[-20:-1]):  # what was redone can be undone again
        changes.undo(db, now)
        assert state(db) == expected
