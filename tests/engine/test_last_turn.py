"""What a turn in a terminal leaves for the next one, for a while."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.clocktime import Hours
from coach.core.coaching import Coached
from coach.core.period import Calendar, find
from coach.engine import last_turn
from coach.engine.queries.asked import Name, calendar
from coach.engine.understanding import State
from coach.store import chat, erase
from coach.store.db import Connection

BERLIN = ZoneInfo("Europe/Berlin")


def left(config: Any, now: Any) -> tuple[State, Coached]:
    here: Calendar = calendar(config, now, BERLIN)
    before = State("top_apps", find("this morning", here)[0].period, asked="top apps this morning?")
    state = State(
        "time_in_app", find("last week", here)[0].period, (Name("app", "Firefox", "firefox", True),), "t1",
        Hours(540, None, False, 3, 9), "after 9", ("tasks_due", "tasks_open"), "stuff",
        "how long in firefox last week after 9", before,
    )
    return state, Coached("stuck", "t1", "halve", ("start", "halve"), (("stuck", "start"),), now)


def test_a_turn_comes_back_whole_in_its_terminal_for_a_quarter_of_an_hour(db: Connection, config: Any, now: Any) -> None:
    state, coached = left(config, now)
    last_turn.keep(db, "session 1", now, state, coached)
    found, helped = last_turn.recall(db, "session 1", now + timedelta(minutes=14))
    assert (found, helped) == (state, coached)
    assert found is not None
    assert (found.asked, found.origin) == (state.asked, state.origin)
    assert last_turn.recall(db, "session 2", now) == (None, None)
    assert last_turn.recall(db, "session 1", now + timedelta(minutes=16)) == (None, None)


def test_old_terminals_go_and_what_another_version_wrote_is_left_alone(db: Connection, config: Any, now: Any) -> None:
    state, _ = left(config, now)
    for n in range(12):
        last_turn.keep(db, f"session {n}", now + timedelta(seconds=n), state, None)
    later = now + timedelta(minutes=1)
    known = [n for n in range(12) if last_turn.recall(db, f"session {n}", later)[0]]
    assert known == list(range(4, 12))
    chat.keep_turns(db, json.dumps({"session 1": {"at": now.isoformat(), "state": {"intent": 3}}}))
    assert last_turn.recall(db, "session 1", later) == (None, None)


def test_it_is_forgotten_with_the_conversation(db: Connection, config: Any, now: Any) -> None:
    state, _ = left(config, now)
    last_turn.keep(db, "session 1", now, state, None)
    erase.forget_conversation(db)
    assert chat.turns(db) == ""
    assert last_turn.recall(db, "session 1", now) == (None, None)
