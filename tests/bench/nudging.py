"""What a minute of the scheduler costs on a full day's timeline, beside opening the store: one JSON object per line.

    python tests/bench/nudging.py
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from coach.config import Config, NudgeConfig
from coach.engine import activity, categories, nudging, tasks
from coach.store.db import connect
from tests.engine.filled import BERLIN, NOW, derive, empty_store, lived


def timed(name: str, work: Callable[[], object], rounds: int = 30) -> None:
    took_ms = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took_ms.append((time.perf_counter() - start) * 1000)
    took_ms.sort()
    print(json.dumps({"what": name, "median_ms": round(statistics.median(took_ms), 2),
                      "p95_ms": round(took_ms[int(len(took_ms) * 0.95)], 2), "n": rounds}), flush=True)


def main() -> None:
    config = Config()
    loud = replace(config, nudge=NudgeConfig(hold_out=0, daily_cap=10**6, cooldown_min=0, quiet_start="00:00", quiet_end="00:00"))
    with tempfile.TemporaryDirectory() as folder:
        db, unlocked = empty_store(Path(folder))
        for i in range(1500):  # six hours of a switch every 15 s
            lived(db, NOW - timedelta(seconds=15 * (1500 - i)), 0.25, ("nvim", "slack", "firefox")[i % 3], f"title {i % 50}")
        derive(db, NOW - timedelta(hours=8), NOW)
        for i in range(500):
            tasks.add(db, f"Task {i} tomorrow 9:00", config, NOW - timedelta(days=2), BERLIN)
        rows = db.execute("SELECT count(*) FROM timeline").fetchone()[0]
        print(json.dumps({"timeline_rows": rows, "open_tasks": 500}), flush=True)
        rules = categories.load(db, config)
        timed("floor: open the store and close it", lambda: connect(unlocked).close())
        timed("floor: 500 open tasks by urgency", lambda: tasks.ready(db, config, NOW))
        timed("rules made ready", lambda: categories.load(db, config))
        timed("roll-ups when nothing is behind", lambda: activity.roll(db, rules, NOW))
        timed("view", lambda: nudging.view(db, config, NOW, BERLIN))
        timed("tick in quiet hours", lambda: nudging.tick(
            db, replace(config, nudge=NudgeConfig(quiet_start="00:00", quiet_end="23:59")), NOW, BERLIN, lambda _: "toast"))
        at = iter(NOW + timedelta(days=4 * i) for i in range(1000))
        timed("tick that speaks", lambda: nudging.tick(db, loud, next(at), BERLIN, lambda _: "toast"))
        db.close()


if __name__ == "__main__":
    main()
