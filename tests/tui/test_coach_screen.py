"""The conversation in the app, with the engine's answers and without any model."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from coach.config import Config, LanguageModelConfig
from coach.engine.models import Models
from coach.engine.runtime import Runtime
from coach.store import chat as store
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.screens.chatpane import ChatPane as Slide
from coach.tui.widgets.chat import Bubble
from tests.engine import filled
from tests.tui.driving import press, running, type_text


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
        assert pilot.app.screen.query_one("#ask").value == "why?"


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
