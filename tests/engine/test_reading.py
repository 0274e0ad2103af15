"""New titles read in a process of its own: the category stands there, the models stay out of this process, a failure is told."""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home
from coach.core.errors import Unavailable
from coach.engine import jobs, reading, tasks
from coach.engine.runtime import Runtime
from coach.store.db import Connection, Unlocked


def test_a_headless_process_has_titles_read_by_another(
    db: Connection, unlocked: Unlocked, home: Home, now: datetime, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = tasks.add(db, "Buy groceries at the supermarket", Config(), now, tz)
    monkeypatch.setattr("coach.engine.models.Models.embedder", lambda models: pytest.fail("loaded here"))
    read: list[object] = []
    jobs.understand(Runtime(Config(), home, tz, unlocked), db, now, read)
    assert tasks.find(db, task.id).category == "Errands"
    assert read == []  # there may be more: the next run looks again
    jobs.understand(Runtime(Config(), home, tz, unlocked), db, now, read)
    assert len(read) == 1


def test_a_failure_is_told_and_the_end_is_not_held_up(unlocked: Unlocked, now: datetime) -> None:
    with pytest.raises(Unavailable, match="new titles"):
        reading.fill_apart(unlocked, Config(), now, 1, threading.Event(), (sys.executable, "-c", "raise SystemExit(3)"))
    stop = threading.Event()
    stop.set()
    assert reading.fill_apart(unlocked, Config(), now, 1, stop, (sys.executable, "-c", "import time; time.sleep(60)")) == 0
