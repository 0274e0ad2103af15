"""Tracked time for tasks in the app: read, counted by one key, rejected by another."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from textual.widgets import OptionList, Static

from coach.config import Config
from coach.core.event import Event
from coach.core.task import Task
from coach.engine import categories, tasks
from coach.engine.runtime import Runtime
from coach.store import events
from coach.store import tasks as stored
from coach.store.db import Connection, transaction
from coach.tui.app import CoachApp
from coach.tui.screens.attributions import Attributions
from tests.engine import filled
from tests.engine.filled import BERLIN, TODAY, at, derive
from tests.tui.driving import press, running, toasts


class Today(CoachApp):
    DEFAULT_MODE = "today"


@pytest.fixture
def now() -> datetime:
    return filled.NOW


@pytest.fixture
def noted(db: Connection) -> list[Task]:
    """Two tasks, and an hour on each one's branch."""
    made = []
    for hour, title in ((9, "Fix login redirect"), (11, "Retry failed webhooks")):
        made.append(tasks.add(db, f"{title} #shop", Config(), at(TODAY - timedelta(days=3), 9), BERLIN))
        data = {"branch": title.casefold().replace(" ", "-")}
        seen = Event(at(TODAY, hour), at(TODAY, hour + 1), "tmux", "nvim", "nvim", "", "shop", None, data)
        with transaction(db):
            bucket = events.bucket(db, "tmux", "coach.terminal", seen.start)
            context = events.context(db, "nvim", "nvim", "", "shop", categories.load(db, Config()).categorise)
            events.insert(db, bucket, seen, context)
    derive(db, at(TODAY, 0), filled.NOW)
    return made


def shown(app: CoachApp) -> list[str]:
    rows = app.screen.query_one(OptionList)
    return [str(rows.get_option_at_index(n).prompt) for n in range(rows.option_count)]


async def test_one_key_counts_another_does_not(runtime: Runtime, db: Connection, noted: list[Task]) -> None:
    async with running(Today(runtime)) as pilot:
        await press(pilot, "y")
        assert isinstance(pilot.app.screen, Attributions)
        first = pilot.app.screen.chosen
        assert first is not None
        assert len(shown(pilot.app)) == 2
        assert "because of branch" in str(pilot.app.screen.query_one("#why", Static).render())
        await press(pilot, "y")
        assert len(shown(pilot.app)) == 1
        counted = stored.get(db, first.task.id)
        assert counted is not None
        assert counted.actual_min == 60
        assert toasts(pilot.app)[-1] == f"1 h for {first.task.title} · u takes it back"
        await press(pilot, "x")
        assert shown(pilot.app) == []
        assert [stored.get(db, t.id).actual_min for t in noted if t.id != first.task.id] == [None]  # type: ignore[union-attr]
        assert "No tracked time waits for a task.\nSo far 1 of 2 were right" in str(
            pilot.app.screen.query_one("#why", Static).render())
        await press(pilot, "escape", "u")
        await press(pilot, "y")
        assert len(shown(pilot.app)) == 1


async def test_without_tracked_time_it_says_so(runtime: Runtime) -> None:
    async with running(Today(runtime)) as pilot:
        await press(pilot, "y")
        assert "No tracked time waits for a task." in str(pilot.app.screen.query_one("#why", Static).render())
        await press(pilot, "y", "x", "escape")
        assert not isinstance(pilot.app.screen, Attributions)
