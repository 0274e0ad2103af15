"""What the frame looks like: fixed clock, fixed tasks. `pytest --snapshot-update` accepts a change that was meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from textual.pilot import Pilot

from coach.config import AppConfig
from coach.engine import preferences
from coach.engine.runtime import Runtime
from coach.store.db import Connection
from tests.tui.driving import Add, TasksApp, press, settled, type_text

TEXTS = (
    "Pay rent due:2026-11-18 #home p1", "Send the offer 20 nov 18:00 #work p1 ~45m", "Call mum tomorrow 18:00 #home p2 ~15m",
    "Water the plants every mon ~5m", "Read the report on batteries 2027-02-03 #work ~2h", "Learn 日本語 🥛 @fun",
)


@pytest.fixture
def full(runtime: Runtime, add: Add) -> Runtime:
    for text in TEXTS:
        add(text)
    return runtime


async def _rest(pilot: Pilot[Any]) -> None:
    await settled(pilot)


def test_tasks(snap_compare: Any, full: Runtime) -> None:
    assert snap_compare(TasksApp(full), terminal_size=(80, 24), run_before=_rest)


def test_tasks_wide_and_light(snap_compare: Any, full: Runtime) -> None:
    full.config = replace(full.config, app=AppConfig(theme="coach-light"))

    async def mark(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await press(pilot, "v", "v")

    assert snap_compare(TasksApp(full), terminal_size=(140, 30), run_before=mark)


def test_tasks_without_colour(snap_compare: Any, full: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(TasksApp(full), terminal_size=(80, 24), run_before=_rest)


def test_quick_add(snap_compare: Any, full: Runtime) -> None:
    async def write(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await press(pilot, "a")
        await type_text(pilot, "Call mum tomorrow 18:00 #home @phone p2 ~15m every! 3 days")

    assert snap_compare(TasksApp(full), terminal_size=(80, 24), run_before=write)


def test_snooze_picker(snap_compare: Any, full: Runtime) -> None:
    async def pick(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await press(pilot, "z", "down")

    assert snap_compare(TasksApp(full), terminal_size=(80, 24), run_before=pick)


def test_consent(snap_compare: Any, full: Runtime, db: Connection, now: datetime) -> None:
    preferences.put(db, {"onboarded": False}, now)

    async def to_the_last(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await pilot.pause(0.1)
        await press(pilot, *["enter"] * 5)

    assert snap_compare(TasksApp(full), terminal_size=(80, 24), run_before=to_the_last)
