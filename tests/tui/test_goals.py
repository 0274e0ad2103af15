"""Goals in the app: set in plain words, looked at, forgotten."""

from __future__ import annotations

from textual.widgets import Static

from coach.engine import goals
from coach.engine.runtime import Runtime
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.widgets.goals import GoalsDialog
from tests.tui.driving import press, running, type_text


def words(app: CoachApp, name: str) -> str:
    return str(app.screen.query_one(f"#{name}", Static).content)


async def test_a_goal_is_set_and_forgotten_and_undo_brings_it_back(runtime: Runtime, db: Connection) -> None:
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "o")
        assert isinstance(pilot.app.screen, GoalsDialog)
        assert "at most 30 min news a day" in words(pilot.app, "said")
        await type_text(pilot, "at most 30 min news a day")
        await press(pilot, "enter")
        assert [g.minutes for g in goals.every(db)] == [30]
        assert "0 min so far" in words(pilot.app, "goals")
        await press(pilot, "ctrl+d")
        assert goals.every(db) == []
        await press(pilot, "escape", "u")
        assert [g.minutes for g in goals.every(db)] == [30]


async def test_words_that_are_no_goal_stay_and_say_what_is_missing(runtime: Runtime, db: Connection) -> None:
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "o")
        await type_text(pilot, "less news")
        await press(pilot, "enter")
        assert goals.every(db) == []
        assert "at most" in words(pilot.app, "said")
