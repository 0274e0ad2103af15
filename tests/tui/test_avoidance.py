"""The page of what is put off, by keys, over a real store; profiling is allowed and forbidden on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.widgets import OptionList

from coach.engine import avoidance, clock
from coach.engine.runtime import Runtime
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.screens.avoidance import Why
from coach.tui.widgets.paint import Words, plain
from coach.tui.widgets.scorelist import ScoreList, ScoreRow
from tests.tui.driving import Add, press, running, settled


@pytest.fixture
def old(db: Connection, add: Add) -> Connection:
    """Two tasks that lie around: one for two months, one since yesterday."""
    for title, days in (("Call the landlord", 60), ("Buy stamps", 1)):
        task = add(title)
        created_ms = int((task.created - timedelta(days=days)).timestamp() * 1000)
        db.execute("UPDATE task SET created_ms = ? WHERE id = ?", (created_ms, task.id))
    return db


def app_on(screen: str, runtime: Runtime) -> CoachApp:
    class There(CoachApp):
        DEFAULT_MODE = screen

    return There(runtime)


def text_of(app: Any, name: str) -> str:
    return "\n".join(plain(app.screen.query_one(f"#{name}").lines(78, 0)))


async def turned_to(pilot: Any, *keys: str) -> None:
    await press(pilot, *keys)
    while pilot.app.screen.is_loading:
        await pilot.pause(0.01)
    await settled(pilot)


async def test_off_it_says_what_profiling_is_and_enter_allows_it(runtime: Runtime, old: Connection) -> None:
    async with running(app_on("insights", runtime)) as pilot:
        await turned_to(pilot, "s")
        assert "Profiling is off" in text_of(pilot.app, "source")
        assert text_of(pilot.app, "tasks") == ""
        await turned_to(pilot, "enter")
        assert avoidance.allowed(old)
        rows = text_of(pilot.app, "tasks").splitlines()
        assert "Call the landlord" in rows[0]
        assert "Buy stamps" in rows[1]
        assert "needs 4 weeks" in text_of(pilot.app, "source").replace("\n", " ")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, Why)
        told = "\n".join(plain(pilot.app.screen.query_one(Words).lines(70, 0)))
        assert "not begun after 60 days; no due" in told
        assert "task: created, started" in told
        assert "not called avoided" in told
        await press(pilot, "escape", "u")
        assert not avoidance.allowed(old)


async def test_setup_switches_it_and_off_erases(runtime: Runtime, old: Connection) -> None:
    avoidance.set_consent(old, True, clock.now())
    avoidance.tick(old, runtime.config, clock.now(), runtime.tz)
    assert old.execute("SELECT count(*) FROM avoidance_task").fetchone()[0] == 2
    async with running(app_on("setup", runtime)) as pilot:
        rows = pilot.app.screen.query_one(OptionList)
        rows.highlighted = rows.get_option_index("profiling")
        await settled(pilot)
        await press(pilot, "enter")
        assert not avoidance.allowed(old)
        assert old.execute("SELECT count(*) FROM avoidance_task").fetchone()[0] == 0


def test_a_row_fits_80_columns_and_reads_without_colour() -> None:
    shown = ScoreList()
    shown.show([
        ScoreRow(7, "A title that is much longer than the room that there is for it on this line", 91.4, True, "put off 7 times"),
        ScoreRow(1234, "Short", 0.0, False, "never put off"),
    ], [])
    first, second = plain(shown.lines(78, 0))
    assert len(first) <= 78
    assert first.startswith("▸    7 A title")
    assert "━" in first
    assert " 91 !" in first
    assert "━" not in second
    assert "  0 " in second
