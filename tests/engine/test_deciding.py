"""A yes and a no in words: to what waits, and where nothing does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, LanguageModelConfig
from coach.engine import focusing, tasks
from coach.engine.conversing import Conversation
from coach.engine.models import Models
from coach.store.db import Connection

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
QUIET = Config(language_model=LanguageModelConfig(enabled=False))


@pytest.fixture
def talk(db: Connection, tmp_path: Path) -> Conversation:
    """Without models, so that rules alone answer."""
    for text in ("Expense report", "Slides for the talk today", "Call mum today 18:00"):
        tasks.add(db, text, QUIET, NOW, BERLIN)
    return Conversation(QUIET, BERLIN, Models(QUIET, folder=tmp_path / "none"))


def ask(talk: Conversation, db: Connection, *questions: str) -> str:
    """What is said to the last of them."""
    pieces = [list(talk.ask(db, q, NOW, with_tone=False)) for q in questions]
    return "\n".join(p.text for p in pieces[-1] if p.kind in ("text", "proposal"))


def test_a_yes_does_what_waits_once(talk: Conversation, db: Connection) -> None:
    assert "Completed #1" in ask(talk, db, "complete the expense report", "ok, do it")
    assert tasks.find(db, "1").status == "completed"
    assert "Nothing waits" in ask(talk, db, "do it")


def test_a_no_leaves_it(talk: Conversation, db: Connection) -> None:
    assert ask(talk, db, "complete the expense report", "no thanks") == "Left as it was."
    assert tasks.find(db, "1").status == "pending"
    assert "Nothing waits" in ask(talk, db, "never mind")
    assert talk.waiting is None


def test_what_was_edited_meanwhile_is_not_overwritten_by_a_yes(talk: Conversation, db: Connection) -> None:
    ask(talk, db, "complete the expense report")
    tasks.update(db, tasks.find(db, "1"), NOW + timedelta(seconds=1), "rename task", title="Other")
    assert "edited meanwhile" in ask(talk, db, "yes")
    assert tasks.find(db, "1").status == "pending"


def test_a_yes_to_several_choices_is_asked_which(talk: Conversation, db: Connection) -> None:
    from coach.engine.chat import State

    talk.state = State("", choices=("tasks_due", "tasks_open"), question="stuff")
    assert "1 to 2" in ask(talk, db, "yes")


@pytest.mark.parametrize("words", [
    "gimme 25 min on the expense report", "gimme 25 on expense report", "do 25 minutes of the expense report",
])
def test_so_many_minutes_on_a_task_are_a_focus_session(talk: Conversation, db: Connection, words: str) -> None:
    ask(talk, db, words, "yes")
    on = focusing.running(db, NOW)
    assert on is not None
    assert (on.task_id, round((on.planned_end - NOW).total_seconds() / 60)) == (tasks.find(db, "1").id, 25)


def test_everything_due_today_is_shown_before_it_is_moved(talk: Conversation, db: Connection) -> None:
    said = ask(talk, db, "push everything due today to tomorrow")
    assert "Move 2 tasks" in said
    assert "#2" in said
    assert "#3" in said
