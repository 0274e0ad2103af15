"""A task's category in the app: suggested while it is typed, changed by a key, made new."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from textual.widgets import Static

from coach.engine import categorising, tasks
from coach.engine.runtime import Runtime
from coach.store.db import Connection
from coach.tui.widgets.categorypicker import CategoryPicker
from tests.engine.test_estimating import finish
from tests.tui.driving import Add, TasksApp, press, running, toasts, type_text


async def test_a_key_gives_a_category_or_makes_one(runtime: Runtime, db: Connection, add: Add, now: datetime) -> None:
    task = add("Mend the puppet")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "t")
        assert isinstance(pilot.app.screen, CategoryPicker)
        await type_text(pilot, "errands")
        await press(pilot, "enter")
        assert tasks.find(db, task.id).category == "Errands"
        await press(pilot, "t")
        await type_text(pilot, "Theatre: puppets and props")
        await press(pilot, "enter")
        assert toasts(pilot.app)[-1] == "Theatre, a new category of yours · u takes it back"
    assert tasks.find(db, task.id).category == "Theatre"
    assert categorising.names(db)[-1] == "Theatre"
    assert [row["chosen"] for row in categorising.feedback(db)] == ["Theatre"]


async def test_category_length_and_likeness_are_said_while_typing(
    runtime: Runtime, db: Connection, add: Add, now: datetime
) -> None:
    for n in range(5):
        finish(db, now, f"Buy groceries at the supermarket {n}", 38 + n, days_ago=9 - n)
    wanted = replace(runtime.config, learning=replace(runtime.config.learning, suggest=True))
    async with running(TasksApp(replace(runtime, config=wanted))) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Buy groceries at the supermarket tomorrow")
        line = pilot.app.screen.query_one("#hint", Static)
        for _ in range(200):  # the models are loaded first, in a thread that no key waits for
            if line.display:
                break
            await pilot.pause(0.05)
        assert str(line.content).startswith("Errands, ")
        assert "min in 4 of 5 cases, by similar tasks (n = 5, median 40 min), " in str(line.content)
        assert "the last 5 like it took 38 to 42 min" in str(line.content)
        await press(pilot, *["backspace"] * 41)
        assert not line.display
