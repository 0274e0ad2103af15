"""`coach attribute` from the shell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coach.config import Config
from coach.core.event import Event
from coach.engine import categories
from coach.store import events
from coach.store.db import Connection, transaction
from tests.cli.shell import coach
from tests.engine.filled import derive

START, END = datetime(2026, 11, 20, 7, 0, tzinfo=UTC), datetime(2026, 11, 20, 8, 35, tzinfo=UTC)


@pytest.fixture
def worked(db: Connection) -> None:
    """The first 95 minutes of the day on a branch."""
    coach("add", "Fix login redirect #shop")
    rules = categories.load(db, Config())
    with transaction(db):
        bucket = events.bucket(db, "tmux", "coach.terminal", START)
        context = events.context(db, "nvim", "nvim", "", "shop", rules.categorise)
        seen = Event(START, END, "tmux", "nvim", "nvim", "", "shop", None, {"branch": "fix-login-redirect"})
        events.insert(db, bucket, seen, context)
    derive(db, START, END)


@pytest.mark.usefixtures("worked")
def test_list_accept_and_undo() -> None:
    listed = coach("attribute")
    assert "1 h 35 min" in listed.out
    assert "branch fix-login-redirect" in listed.out
    (found,) = coach("attribute", "list", "--json").json["proposals"]
    assert (found["num"], found["minutes"], found["sure"], found["evidence"][0]["kind"]) == (1, 95, True, "branch")
    assert coach("attribute", "accept", "1").out == "counted 1 h 35 min of Fri 20 Nov for 1  Fix login redirect\n"
    assert "measured 1 h 35 min: 1 h 35 min from tracked time of 1 day" in coach("show", "1").out
    assert coach("show", "1", "--json").json["actual_min"] == 95
    empty = coach("attribute")
    assert (empty.out, empty.err) == ("", "no tracked time waits for a task\n")
    coach("undo")
    assert coach("show", "1", "--json").json["actual_min"] is None
    assert coach("attribute", "reject", "1", "--date", "today").out.startswith("not counted 1 h 35 min")
    assert coach("attribute", "list", "--json").json["rejected"] == 1


@pytest.mark.usefixtures("worked")
def test_words_that_are_wrong() -> None:
    assert coach("attribute", "accept").status == 2
    assert coach("attribute", "accept", "7", "--json").error["code"] == "not_found"
    assert coach("attribute", "reject").status == 2
    assert coach("attribute", "--date", "2026-11-20").status == 2


def test_an_empty_store_says_so() -> None:
    found = coach("attribute", "--json")
    assert found.json == {"proposals": [], "accepted": 0, "rejected": 0, "mean_confidence": None}
