"""What the task models cost on a store of thousands of tasks: the length, the order, the chance of completion.

    python tests/bench/task_models.py [--tasks 5000] [--again 15]

One JSON line each, with the median of warm calls in one process in milliseconds; `next by urgency` is the floor of `next`.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import Config, home_at
from coach.core import change
from coach.engine import estimating, opening, predicting, prioritising, task_facts, tasks
from coach.engine.opening import Access
from coach.ml.serving import Shelf
from coach.store import changes
from coach.store.db import Connection, connect

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
VERBS = ("Write", "Review", "Call", "Fix", "Plan", "Read", "Pay", "Answer", "Sort", "Book")
THINGS = ("the report", "the budget", "Ines", "the cache", "the trip", "chapter 3", "an invoice", "mail of Bo", "photos")


def fill(db: Connection, count: int) -> None:
    """Half of them open, half finished within the last year, a third of those begun by hand just before."""
    luck, batch = random.Random(1), []
    for n in range(count):
        begin = NOW - timedelta(days=luck.uniform(1, 365))
        title = f"{luck.choice(VERBS)} {luck.choice(THINGS)} {n}"
        plain: dict[str, object] = {
            "title": title, "created": begin.isoformat(), "modified": begin.isoformat(), "time_zone": "UTC",
            "project": luck.choice(("atlas", "home", None)), "estimate_min": luck.choice((None, 15, 30, 60)),
            "due": (NOW + timedelta(days=luck.uniform(-5, 30))).strftime("%Y-%m-%d") if luck.random() < 0.6 else None,
        }
        if n % 2:
            end = begin + (NOW - begin) * luck.random()
            plain |= {"status": "completed", "completed": end.isoformat(), "actual_min": luck.randint(5, 120)}
        batch.append(change.create("task", f"{n:08x}-0000-4000-8000-000000000000", plain))
    changes.apply(db, batch, now=NOW - timedelta(days=1), label="import", actor="import")
    for n in range(200):
        at = NOW - timedelta(hours=20) + timedelta(minutes=n)
        task = tasks.find(db, str(2 * n + 1))
        tasks.start(db, task, at)


def timed(name: str, act: Callable[[], object], again: int) -> None:
    times = []
    for _ in range(again):
        begin = time.perf_counter()
        act()
        times.append((time.perf_counter() - begin) * 1000)
    print(json.dumps({"bench": "task_models", "what": name, "first_ms": round(times[0], 1),
                      "median_ms": round(statistics.median(times[1:]), 1)}), flush=True)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--tasks", type=int, default=5000)
    ask.add_argument("--again", type=int, default=15)
    given = ask.parse_args()
    config = Config()
    with tempfile.TemporaryDirectory() as folder:
        unlocked = opening.unlock(home_at(Path(folder)), Access(use_keyring=False), NOW)
        with closing(connect(unlocked)) as db:
            fill(db, given.tasks)
            begin = time.perf_counter()
            learnt = prioritising.follow(db, NOW, TZ)
            print(json.dumps({"bench": "task_models", "what": "learn choices", "choices": learnt,
                              "ms": round((time.perf_counter() - begin) * 1000, 1)}), flush=True)
            shelf, task = Shelf(200.0), tasks.find(db, "1999")
            timed("next by urgency", lambda: tasks.next_ready(db, config, NOW), given.again)
            timed("next", lambda: prioritising.chosen_next(db, config, NOW, TZ), given.again)
            timed("pane of a task", lambda: task_facts.shown(db, task.id, config, NOW, TZ), given.again)
            timed("length of it in the pane", lambda: estimating.own_range(db, task), given.again)
            timed("estimate", lambda: estimating.estimate(db, "Write the report", config, NOW, TZ, shelf), given.again)
            timed("predict", lambda: predicting.predict(db, "1999", config, NOW, TZ, shelf), 3)


if __name__ == "__main__":
    main()
