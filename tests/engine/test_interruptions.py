"""Resumption lag from the store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from coach.config import Config
from coach.engine import interruptions
from coach.store.db import Connection
from tests.engine.filled import NOW, TODAY, at, derive, empty_store, fortnight, lived


def test_every_hour_of_work_was_interrupted_once(tmp_path: Path) -> None:
    db, _ = empty_store(tmp_path)
    fortnight(db)
    seen = interruptions.view(db, NOW - timedelta(days=14), NOW, Config())
    slack = seen.costs[0]
    # Two of three chats a morning lead back to work in ten minutes; the third is followed by a longer break.
    assert (slack.app, slack.n, slack.resumed, slack.median_s, slack.low_s, slack.high_s) == ("slack", 30, 20, 600, 600, 600)
    assert seen.n == sum(c.n for c in seen.costs)
    assert seen.resumed == 20
    assert seen.lines() == (
        "After slack it takes 10 min to be back at the same work (half of the times 10 min to 10 min, n = 20 of 30)",
    )
    assert seen.document()["apps"][0]["median_s"] == 600
    db.close()


def test_a_period_cuts_and_an_empty_one_says_nothing(db: Connection) -> None:
    empty = interruptions.view(db, NOW - timedelta(days=1), NOW, Config())
    assert (empty.n, empty.costs, empty.lines()) == (0, (), ())
    lived(db, at(TODAY, 9), 60, "nvim", project="coach")
    lived(db, at(TODAY, 10), 10, "slack")
    lived(db, at(TODAY, 10, 10), 30, "nvim", project="coach")
    derive(db, at(TODAY, 0), NOW)
    assert interruptions.view(db, at(TODAY, 9, 50), NOW, Config()).resumed == 1
    assert interruptions.view(db, at(TODAY, 10), NOW, Config()).n == 0
