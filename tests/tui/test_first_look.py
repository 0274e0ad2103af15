"""The first look at a screen: prepared while nobody waits, true all the same, and nothing is parsed or styled twice for it."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from coach.engine import task_list
from coach.engine.runtime import Runtime
from coach.tui import idle, theme
from coach.tui.actions import SCREENS
from coach.tui.app import CoachApp
from coach.tui.screens.base import CoachScreen
from coach.tui.widgets.paint import TONES, Words, style_of
from tests.tui.driving import Add, press, running, settled


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "WARM_S", 0.01)
    monkeypatch.setattr(idle, "REST_S", 0.005)


async def prepared(pilot: Pilot[Any], name: str) -> CoachScreen[Any]:
    """That screen, once its first view has been built; it has not been shown yet."""
    screen = pilot.app.get_screen(name)
    assert isinstance(screen, CoachScreen)
    for _ in range(1000):
        if screen._first is not None and screen._first.done():
            return screen
        await asyncio.sleep(0.005)
    raise AssertionError(f"{name} was not prepared")


async def test_every_screen_that_takes_no_model_is_prepared_and_none_is_mounted(runtime: Runtime, add: Add) -> None:
    add("Water the plants")
    async with running(CoachApp(runtime)) as pilot:
        for screen in SCREENS[1:]:
            if screen.name != "plan":
                ready = await prepared(pilot, screen.name)
                assert not ready.is_running
                assert ready.view is None
        await press(pilot, "2")
        assert pilot.app.screen is pilot.app.get_screen("tasks")
        assert pilot.app.screen.view.shown == 1  # type: ignore[attr-defined]


IDLE = """
import asyncio, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from coach.config import Config, home_at
from coach.engine.runtime import Runtime
from coach.store.db import Unlocked
from coach.tui import idle
from coach.tui.app import CoachApp

idle.WARM_S, idle.REST_S = 0.01, 0.005
home = home_at(Path(sys.argv[1]))
app = CoachApp(Runtime(Config(), home, ZoneInfo("UTC"), Unlocked(home.store_file, bytes.fromhex(sys.argv[2]), "test")))

async def main():
    async with app.run_test():
        last = app.get_screen("setup")
        while last._first is None or not last._first.done():
            await asyncio.sleep(0.01)
    print("prepared", *({"numpy", "onnxruntime", "llama_cpp", "torch"} & set(sys.modules)))

asyncio.run(main())
"""


def test_what_is_prepared_loads_no_model(runtime: Runtime, add: Add) -> None:
    """In a process of its own: this one has them all."""
    add("Water the plants ~30m #garden tomorrow")
    command = [sys.executable, "-c", IDLE, str(runtime.home.config.parent), runtime.unlocked.key.hex()]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == ["prepared"]


async def test_what_changed_since_it_was_prepared_is_shown(runtime: Runtime, add: Add) -> None:
    app = CoachApp(runtime)
    async with running(app) as pilot:
        await prepared(pilot, "tasks")
        await app._poll()
        add("Water the plants")  # by another process
        await app._poll()
        await press(pilot, "2")
        assert app.screen.view.shown == 1  # type: ignore[attr-defined]


async def test_the_cursor_goes_to_a_task_that_was_made_since(runtime: Runtime, add: Add) -> None:
    add("Water the plants p1 tomorrow")
    app = CoachApp(runtime)
    async with running(app) as pilot:
        await prepared(pilot, "tasks")
        await app._poll()
        made = add("Call mum")
        await app._poll()
        app.action_go("tasks")
        tasks = app.page
        tasks.when_loaded(lambda: tasks.select_task(made.id))
        await settled(pilot)
        assert tasks.selected_tasks() == (made.id,)


async def test_a_view_that_could_not_be_prepared_is_built_when_somebody_comes(
    runtime: Runtime, add: Add, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:
    add("Water the plants")

    def broken(*_: Any) -> Any:
        raise ValueError("Water the plants")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING, "coach.tui.idle"):
        patch.setattr(task_list, "tasks_view", broken)
        app = CoachApp(runtime)
        async with running(app) as pilot:
            ready = await prepared(pilot, "tasks")
            assert ready._first is not None
            assert isinstance(ready._first.exception(), ValueError)
            patch.undo()
            await press(pilot, "2")
            assert app.screen.view.shown == 1  # type: ignore[attr-defined]
    assert [record.getMessage() for record in caplog.records] == ["idle work failed: ValueError"]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[Stylesheet]:
    """Every time that all stylesheets are parsed anew."""
    found: list[Stylesheet] = []
    real: Callable[[Stylesheet], None] = Stylesheet.reparse

    def noted(self: Stylesheet) -> None:
        found.append(self)
        real(self)

    monkeypatch.setattr(Stylesheet, "reparse", noted)
    return found


async def test_no_first_look_parses_everything_anew(runtime: Runtime, parsed: list[Stylesheet]) -> None:
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "2", "3", "4", "e", "b", "escape", "5", "f1", "escape", "6", "x", "escape", "f2")
        assert parsed == []
        await press(pilot, "escape", "f8")
        assert len(parsed) == 1  # another theme needs it


async def test_a_screen_left_behind_has_the_colours_of_a_theme_chosen_meanwhile(runtime: Runtime) -> None:
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "2", "1", "f8")
        light = pilot.app.screen.styles.background
        await press(pilot, "2")
        assert pilot.app.screen.styles.background == light
        await press(pilot, "3")  # one that was prepared under the dark theme
        assert pilot.app.screen.styles.background == light


async def test_a_new_screen_is_painted_once_it_has_its_content(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(CoachApp(runtime)) as pilot:
        app = pilot.app
        assert isinstance(app, CoachApp)
        app.hold_picture()
        assert app._batch_count == 1
        app.hold_picture()  # another one comes before it stands
        assert app._batch_count == 1
        app.show_picture()
        app.show_picture()
        assert app._batch_count == 0
        app.hold_picture()  # it takes its time
        await asyncio.sleep(0.15)
        await settled(pilot)
        assert app._batch_count == 0


@pytest.mark.parametrize("chosen", [theme.DARK.name, theme.LIGHT.name, "nord", "ansi-dark"])
async def test_a_tone_has_the_colour_that_a_stylesheet_would_give_it(runtime: Runtime, chosen: str) -> None:
    """Textual's own component styles are the measure."""
    class Measured(Words):
        COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{name}" for name in TONES if name}
        DEFAULT_CSS = "Measured {" + "".join(
            f"& > .tone--{name} {{ {_rules(words)} }}" for name, words in TONES.items() if name) + "}"

    async with running(CoachApp(runtime)) as pilot:
        app = pilot.app
        app.theme = chosen
        words = Measured()
        await app.screen.mount(words)
        await settled(pilot)
        for name in TONES:
            if name:
                wanted = words.get_visual_style(f"tone--{name}").rich_style
                assert style_of(name, words.visual_style, app.theme_variables) == wanted, name


def _rules(words: str) -> str:
    """"bold $a on $b" in a stylesheet's words."""
    front, _, back = words.partition(" on ")
    first, _, rest = front.partition(" ")
    styled = first in ("bold", "italic")
    colour = rest if styled else front
    return "; ".join(rule for rule in (
        f"text-style: {first}" if styled else "", f"color: {colour}" if colour and not (styled and not rest) else "",
        f"background: {back}" if back else "") if rule)


async def test_who_leaves_before_anything_is_prepared_leaves_in_peace(runtime: Runtime) -> None:
    app = CoachApp(runtime)
    async with running(app):
        pass
    for late in (idle._warm, idle._renew_old, idle.note_uses):  # timers that come due while the app goes
        app.opened["today"] += 1
        late(app)
