"""Driving the app by keys, and waiting until what they started has arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from coach.core.task import Task
from coach.tui.app import CoachApp

Add = Callable[[str], Task]


class TasksApp(CoachApp):
    """Starts on the Tasks screen."""

    DEFAULT_MODE = "tasks"


QUIET = 3
"""Looks in a row that find nothing under way: one alone may fall between a write and the load that follows it."""


async def settled(pilot: Pilot[Any]) -> None:
    """Until keys, writes and loads that are on their way have arrived."""
    app = pilot.app
    assert isinstance(app, CoachApp)
    quiet = 0
    for _ in range(1500):
        await pilot.pause()
        busy = app.page.is_loading or any(not w.is_finished for w in app.workers)
        quiet = 0 if busy else quiet + 1
        if quiet == QUIET:
            return
    raise AssertionError("the app did not come to rest")


@asynccontextmanager
async def running(app: CoachApp, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[Any]]:
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield pilot


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Each key meets an app that has done what the one before asked."""
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Types character by character, as a person does."""
    await pilot.press(*text)
    await settled(pilot)


def toasts(app: CoachApp) -> list[str]:
    """What the toasts say, oldest first."""
    return [n.message for n in app._notifications]
