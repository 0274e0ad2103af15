"""What it costs to see whether the plan still holds: the check that every change of the store asks for, on a store of so many
tasks with a plan of two weeks, edited since; beside it the one query that every poll makes anyway.

    python tests/bench/outdated.py [--tasks 5000] [--edits 200]
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import Config, home_at
from coach.core.plan import Block
from coach.engine import opening, outdated, tasks
from coach.engine.watch import edits
from coach.store import blocks
from coach.store.db import connect, transaction
from coach.store.opening import Access

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
BLOCKS = 80
MOST_MS = 5.0


def median_ms(act: Callable[[], object], times: int = 200) -> float:
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        took.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(took), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=5000)
    parser.add_argument("--edits", type=int, default=200, help="tasks edited, and as many added, since the plan was made")
    options = parser.parse_args()
    config = Config()
    with tempfile.TemporaryDirectory() as folder:
        home = home_at(Path(folder))
        db = connect(opening.unlock(home, Access(use_keyring=False), NOW))
        with transaction(db):
            for n in range(options.tasks):
                tasks.add(db, f"Task {n} ~1h due:2026-11-{20 + n % 10}", config, NOW, TZ)
        some = tasks.open_by_urgency(db, config, NOW)[: options.edits]
        begins = [NOW + timedelta(days=n // 8, hours=n % 8) for n in range(BLOCKS)]
        blocks.replace_proposals(db, [
            Block(f"{n:08d}", some[n][0].id, at, at + timedelta(minutes=45)) for n, at in enumerate(begins)], [], NOW)
        for task, _ in some:
            tasks.edit_text(db, task, "~2h", config, NOW, TZ)
        for n in range(options.edits):
            tasks.add(db, f"New {n} due:2027-06-01", config, NOW, TZ)
        found = outdated.outdated(db, config, NOW, TZ)
        print(json.dumps({
            "bench": "plan_outdated", "tasks": options.tasks, "blocks": BLOCKS, "edits": options.edits, "signs": len(found.signs),
            "check_ms": median_ms(lambda: outdated.outdated(db, config, NOW, TZ)), "floor_ms": median_ms(lambda: edits(db)),
            "most_ms": MOST_MS,
        }))
        db.close()


if __name__ == "__main__":
    main()
