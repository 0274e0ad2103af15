"""The first run: six questions at most, skippable, and consent only when given."""

from __future__ import annotations

from textual.widgets import Static

from coach.config import Home, load
from coach.engine import onboarding, preferences, tracking
from coach.engine.runtime import Runtime
from coach.store import changes
from coach.store.db import Connection
from coach.tui.screens.onboarding import QUESTIONS, Onboarding
from tests.tui.driving import TasksApp, press, running, settled, type_text


def forget(db: Connection, now: object) -> None:
    preferences.put(db, {"onboarded": False}, now)  # type: ignore[arg-type]


def test_there_are_at_most_six_questions() -> None:
    assert len(QUESTIONS) <= 6


async def test_it_does_not_come_again(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await pilot.pause(0.1)
        assert pilot.app.screen is pilot.app.page


async def test_answers_are_kept(runtime: Runtime, db: Connection, home: Home, now) -> None:
    forget(db, now)
    async with running(TasksApp(runtime)) as pilot:
        await pilot.pause(0.1)
        await settled(pilot)
        assert isinstance(pilot.app.screen, Onboarding)
        await type_text(pilot, "Ada")
        await press(pilot, "enter")
        await type_text(pilot, "25-3")
        await press(pilot, "enter")
        assert "no working hours" in str(pilot.app.screen.query_one("#wrong", Static).content)
        await press(pilot, *["backspace"] * 4)
        await type_text(pilot, "8:30-16")
        await press(pilot, "enter", "down", "enter")  # in between
        await press(pilot, "j", "enter")  # designer
        await press(pilot, "down", "enter")  # no humour
        assert "AES-256" in str(pilot.app.screen.query_one("#words", Static).content)
        await press(pilot, "down", "enter")  # track, do not learn
        assert pilot.app.screen is pilot.app.page
        assert pilot.app.runtime.config.time.work_start == "08:30"
    assert [preferences.get(db, name) for name in ("name", "chronotype", "role")] == ["Ada", "between", "designer"]
    assert tracking.consent(db)
    assert not preferences.get(db, "profiling_consent")
    config = load(home)
    assert (config.time.work_start, config.time.work_end, config.nudge.humour) == ("08:30", "16:00", 0)
    assert not onboarding.needed(db)


async def test_esc_skips_all_and_gives_no_consent(runtime: Runtime, db: Connection, home: Home, now) -> None:
    forget(db, now)
    async with running(TasksApp(runtime)) as pilot:
        await pilot.pause(0.1)
        await settled(pilot)
        await type_text(pilot, "Ada")
        await press(pilot, "enter", "escape")
        assert pilot.app.screen is pilot.app.page
    assert preferences.get(db, "name") == ""
    assert not tracking.consent(db)
    assert not onboarding.needed(db)
    assert not home.config_file.exists()


async def test_shift_tab_goes_back_and_keeps_what_was_typed(runtime: Runtime, db: Connection, now) -> None:
    forget(db, now)
    async with running(TasksApp(runtime)) as pilot:
        await pilot.pause(0.1)
        await settled(pilot)
        await type_text(pilot, "Ada")
        await press(pilot, "enter", "shift+tab")
        assert pilot.app.focused.value == "Ada"


async def test_the_name_is_not_in_a_plain_file(runtime: Runtime, db: Connection, home: Home, now) -> None:
    forget(db, now)
    async with running(TasksApp(runtime)) as pilot:
        await pilot.pause(0.1)
        await settled(pilot)
        await type_text(pilot, "Zebulon")
        await press(pilot, *["enter"] * 6)
    assert changes.read(db, "preference", "id = ?", ("name",))[0]["value"] == "Zebulon"
    for path in home.data.parent.rglob("*"):
        if path.is_file():
            assert b"Zebulon" not in path.read_bytes(), path
