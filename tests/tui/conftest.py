"""The app on a real encrypted store with a fixed clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from textual import _wait

from coach.config import Config, Home
from coach.core.when import iso
from coach.engine import preferences, tasks
from coach.engine.runtime import Runtime
from coach.store.db import Connection, Unlocked
from tests.tui.driving import Add

LOOK = 0.004
"""s between two looks at whether the app has come to rest: Textual's 20 ms, after each key, was half of these tests' time."""


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", LOOK)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", LOOK / 5)


@pytest.fixture
def runtime(
    unlocked: Unlocked, home: Home, tz: ZoneInfo, config: Config, db: Connection, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> Runtime:
    """A store whose owner has answered the first questions; nothing tracks, no jobs run."""
    monkeypatch.setenv("COACH_NOW", str(iso(now)))
    preferences.put(db, {"onboarded": True}, now)
    home.state.mkdir(parents=True, exist_ok=True)
    quiet = replace(config, learning=replace(config.learning, suggest=False))  # nothing but one test waits for the embedder
    return Runtime(quiet, home, tz, unlocked)


@pytest.fixture
def add(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Add:
    """Adds a task from quick-add text."""
    return lambda text: tasks.add(db, text, config, now, tz)
