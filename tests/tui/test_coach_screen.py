"""The conversation in the app, with the engine's answers and without any model."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from coach.config import Config, LanguageModelConfig
from coach.engine import feedback, tasks
from coach.engine.models import Models
from coach.engine.runtime import Runtime
from coach.store import chat as store
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.screens.chatpane import ChatPane as Slide
from coach.tui.screens.chatsearch import ChatSearch, Exchanges
from coach.tui.screens.facts import FactsDialog
from coach.tui.screens.stretches import StretchList
from coach.tui.widgets.chat import Bubble, ChatPane
from coach.tui.widgets.footer import KeyBar
from coach.tui.widgets.proposal import ProposalBox
from tests.engine import filled
from tests.tui.driving import press, running, settled, type_text


@pytest.fixture
def now() -> datetime:
    return filled.NOW


@pytest.fixture
def config() -> Config:
    return Config(language_model=LanguageModelConfig(enabled=False))


@pytest.fixture
def quiet(runtime: Runtime, config: Config, tmp_path: Path) -> Runtime:
    """Without embedder and language model: key words and vetted lines answer."""
    runtime.models = Models(config, folder=tmp_path / "none")
    return runtime


class ChatApp(CoachApp):
    DEFAULT_MODE = "coach"


def said(app: CoachApp) -> list[tuple[str, str]]:
    return [(b.side, b.text) for b in app.screen.query(Bubble)]


async def test_a_question_is_answered_from_the_store_and_kept(quiet: Runtime, db: Connection) -> None:
    filled.fortnight(db)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "how long was I in nvim today")
        await press(pilot, "enter")
        lines = said(pilot.app)
        assert lines[0] == ("me", "how long was I in nvim today")
        assert "2 h 50" in lines[1][1]
        assert [row["role"] for row in store.latest(db)] == ["user", "coach"]


async def test_what_was_said_is_there_the_next_time(quiet: Runtime, db: Connection, now: datetime) -> None:
    store.add(db, now, "why?", "Because.", {"tone": {"text": "Onwards."}})
    async with running(ChatApp(quiet)) as pilot:
        assert said(pilot.app) == [("me", "why?"), ("coach", "Because."), ("tone", "Onwards.")]
        await press(pilot, "up")
        assert pilot.app.screen.query_one("#ask").text == "why?"


async def test_out_of_scope_is_said_so(quiet: Runtime) -> None:
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "who won the world cup in 1974")
        await press(pilot, "enter")
        assert "1974" not in said(pilot.app)[1][1]


async def test_the_pane_slides_over_any_screen_and_goes_away(quiet: Runtime, db: Connection) -> None:
    async with running(CoachApp(quiet)) as pilot:
        await press(pilot, "f2")
        assert isinstance(pilot.app.screen, Slide)
        await type_text(pilot, "how many tasks are open")
        await press(pilot, "enter")
        assert len(said(pilot.app)) >= 2
        await press(pilot, "f2")
        assert not isinstance(pilot.app.screen, Slide)
        await press(pilot, "ctrl+@", "escape")
        assert not isinstance(pilot.app.screen, Slide)


async def test_long_answers_wrap_inside_a_narrow_terminal(quiet: Runtime, db: Connection, now: datetime) -> None:
    store.add(db, now, "why?", "word " * 60, {"tone": None})
    async with running(ChatApp(quiet), (40, 20)) as pilot:
        bubble = list(pilot.app.screen.query(Bubble))[1]
        assert bubble.size.width <= 40
        assert bubble.size.height >= 8


async def test_a_wish_waits_for_a_key_and_undo_takes_it_back(quiet: Runtime, db: Connection, now: datetime) -> None:
    task = tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "mark the report as done")
        await press(pilot, "enter")
        assert tasks.find(db, task.id).status == "pending"
        await press(pilot, "enter")
        assert tasks.find(db, task.id).status == "completed"
        assert said(pilot.app)[-1] == ("coach", "Completed #1 “Write the report”.")
        await press(pilot, "escape", "u")
        assert tasks.find(db, task.id).status == "pending"


async def test_words_typed_while_a_wish_waits_are_no_keys(quiet: Runtime, db: Connection, now: datetime) -> None:
    task = tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "delete the report")
        await press(pilot, "enter")
        box = pilot.app.screen.query_one(ProposalBox)
        assert box.has_focus
        await type_text(pilot, "add it up")
        assert pilot.app.screen.query_one("#ask").text == "add it up"
        await press(pilot, "enter")
        assert box.is_over
        assert tasks.find(db, task.id).status == "pending"


@pytest.mark.parametrize("words", ["yesterday I was away", "no idea", "2pm is better"])
async def test_a_first_letter_decides_nothing(quiet: Runtime, db: Connection, now: datetime, words: str) -> None:
    task = tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "delete the report")
        await press(pilot, "enter")
        box = pilot.app.screen.query_one(ProposalBox)
        assert "enter do it" in str(box.border_subtitle)
        await type_text(pilot, words)
        assert not box.is_over
        assert "yes" in str(box.border_subtitle)
        assert pilot.app.screen.query_one("#ask").text == words
        await press(pilot, "enter")
        assert box.is_over
        assert tasks.find(db, task.id).status == "pending"


async def test_a_lone_yes_and_enter_decides(quiet: Runtime, db: Connection, now: datetime) -> None:
    task = tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "delete the report")
        await press(pilot, "enter", "n", "enter")
        assert said(pilot.app)[-1] == ("coach", "Left as it was.")
        assert tasks.find(db, task.id).status == "pending"
        await type_text(pilot, "delete the report")
        await press(pilot, "enter", "y", "enter")
        assert tasks.find(db, task.id).status == "deleted"


async def test_a_yes_in_another_pane_is_written_by_the_app_and_leaves_no_box_open(
    quiet: Runtime, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    written: list[object] = []
    write = CoachApp.write

    async def watched(app: CoachApp, act: Any) -> Any:
        written.append(act)
        return await write(app, act)

    monkeypatch.setattr(CoachApp, "write", watched)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "delete the report")
        await press(pilot, "enter")
        await pilot.app.switch_mode("tasks")
        await settled(pilot)
        await press(pilot, "f2")
        assert isinstance(pilot.app.screen, Slide)
        assert not pilot.app.screen.query(ProposalBox)
        await type_text(pilot, "yes")
        await press(pilot, "enter")
        assert tasks.find(db, task.id).status == "deleted"
        assert len(written) == 1
        assert "Deleted #1" in said(pilot.app)[-1][1]
        await type_text(pilot, "yes")
        await press(pilot, "enter")
        assert "Nothing waits for a yes" in said(pilot.app)[-1][1]
        assert len(written) == 1
        await press(pilot, "f2")
        await pilot.app.switch_mode("coach")
        await settled(pilot)
        assert all(box.is_over for box in pilot.app.screen.query(ProposalBox))


async def test_who_types_on_is_not_interrupted_by_a_proposal(quiet: Runtime, db: Connection, now: datetime) -> None:
    task = tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        pane = pilot.app.screen.query_one(ChatPane)
        await type_text(pilot, "and what")
        pane.ask("delete the report")
        await settled(pilot)
        await press(pilot, "enter")
        assert tasks.find(db, task.id).status == "pending"


async def test_a_ritual_asks_and_a_number_answers(quiet: Runtime, db: Connection, now: datetime) -> None:
    task = tasks.add(db, "Pay the rent tomorrow", quiet.config, now - timedelta(days=3), quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "plan my day")
        await press(pilot, "enter")
        assert "1 task from before is overdue" in said(pilot.app)[1][1]
        await type_text(pilot, "1")
        await press(pilot, "enter")
        assert tasks.find(db, task.id).due == now.astimezone(quiet.tz).date()


async def test_a_fact_opens_the_rows_behind_it(quiet: Runtime, db: Connection) -> None:
    filled.fortnight(db)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "how long was I in nvim today")
        await press(pilot, "enter", "ctrl+g")
        assert isinstance(pilot.app.screen, FactsDialog)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, StretchList)
        assert pilot.app.screen.found is not None
        assert {e.app for e in pilot.app.screen.found.rows} == {"nvim"}


async def test_what_was_said_is_found_and_asked_again(quiet: Runtime, db: Connection, now: datetime) -> None:
    store.add(db, now, "why now?", "Because.", {"tone": None})
    store.add(db, now, "how many tasks are open", "None.", {"tone": None})
    async with running(ChatApp(quiet)) as pilot:
        await press(pilot, "ctrl+f")
        assert isinstance(pilot.app.screen, ChatSearch)
        await type_text(pilot, "many none")
        assert [e.question for e in pilot.app.screen.query_one(Exchanges).found] == ["how many tasks are open"]
        await press(pilot, "enter")
        assert ("me", "how many tasks are open") in said(pilot.app)[4:]


async def test_the_conversation_is_written_into_a_file(
    quiet: Runtime, db: Connection, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    store.add(db, now, "why?", "Because.", {"tone": None})
    async with running(ChatApp(quiet)) as pilot:
        await press(pilot, "ctrl+s")
        [written] = tmp_path.glob("coach-chat-*.md")
        assert "Because." in written.read_text()
        assert written.stat().st_mode & 0o077 == 0


async def test_the_store_that_changed_does_not_say_everything_twice(quiet: Runtime, db: Connection, now: datetime) -> None:
    tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        for line in ("how many tasks are open", "mark the report as done"):
            await type_text(pilot, line)
            await press(pilot, "enter")
        await press(pilot, "enter")
        pilot.app._changed()
        await settled(pilot)
        assert [text for side, text in said(pilot.app) if side == "me"] == ["how many tasks are open", "mark the report as done"]
        assert len(pilot.app.screen.query(ProposalBox)) == 1


async def test_an_answer_is_rated_with_a_key(quiet: Runtime, db: Connection, now: datetime) -> None:
    tasks.add(db, "Write the report", quiet.config, now, quiet.tz)
    async with running(ChatApp(quiet)) as pilot:
        await type_text(pilot, "how many tasks are open")
        await press(pilot, "enter", "f4", "2")
        assert [(k.mean, k.n) for k in feedback.of_answers(db)] == [(2.0, 1)]
        assert feedback.poor_tones(db)
        assert "2.0 of 5" in feedback.lines(db)[0]


async def test_letters_beside_the_field_move_nothing_and_its_key_leads_back(quiet: Runtime) -> None:
    async with running(ChatApp(quiet)) as pilot:
        await press(pilot, "escape", *"hjklgG")  # nothing is long or wide enough to be moved
        await press(pilot, "1", "5")
        await type_text(pilot, "hello")
        assert pilot.app.screen.query_one("#ask").text == "hello"
        await press(pilot, "escape", "5")
        await type_text(pilot, " you")
        assert pilot.app.screen.query_one("#ask").text == "hello you"


async def test_the_bottom_line_names_no_key_that_only_types(quiet: Runtime) -> None:
    async with running(ChatApp(quiet), size=(120, 24)) as pilot:
        bar = pilot.app.screen.query_one(KeyBar)
        assert "/ search" not in bar.render().plain
        await press(pilot, "escape")
        assert "/ search" in bar.render().plain
