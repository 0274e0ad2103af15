"""What is put off is found among few tasks, and is what all of them would give."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from coach.config import Config
from coach.core.plan import Unplaced
from coach.engine import insights, plan_view, tasks
from coach.store import blocks
from coach.store import tasks as store
from coach.store.db import Connection, transaction
from tests.engine.filled import BERLIN, NOW


def some(db: Connection, seed: int, count: int = 40) -> None:
    chance = random.Random(seed)
    with transaction(db):
        for n in range(count):
            then = NOW - timedelta(days=chance.choice([0, 3, 14, 15, 60, 69, 70, 71, 90]), hours=chance.randrange(24))
            words = chance.choice(["", "", "tomorrow", "in 5 days", "in 30 days 9:00", "every monday"])
            one = tasks.add(db, f"Task {n} {words}", Config(), then, BERLIN)
            if chance.random() < 0.1:
                tasks.start(db, one, NOW)
            elif chance.random() < 0.1:
                db.execute("UPDATE task SET snooze_count = ? WHERE id = ?", (chance.randrange(1, 4), one.id))


@pytest.mark.parametrize("seed", range(6))
def test_the_few_that_are_read_hold_the_ones_that_are_told(db: Connection, seed: int) -> None:
    some(db, seed)
    told = insights.insights(db, Config(), NOW, BERLIN).put_off
    assert told == insights.put_off(store.open_tasks(db), NOW, BERLIN)
    assert len(told) == insights.PUT_OFF


def test_what_has_no_place_is_told_while_it_is_open(db: Connection) -> None:
    some(db, 1, 3)
    first, second, _ = store.open_tasks(db)
    blocks.replace_proposals(db, [], [Unplaced(t, "no time", "you skip it") for t in (second.id, "gone", first.id)], NOW)
    db.execute("UPDATE task SET status = 'completed' WHERE id = ?", (first.id,))
    assert plan_view.no_place(db) == (plan_view.NoPlace(second.id, second.num, second.title, "no time", "you skip it"),)
