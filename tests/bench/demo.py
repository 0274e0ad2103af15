"""How long a simulated life and a filled demo store take, beside a floor: the same stretches written as bare rows.

One JSON object per line.

    python tests/bench/demo.py [DAYS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import home_at
from coach.engine import demo
from coach.simulation.life import SimulatedLife, simulate
from coach.store.db import Unlocked, connect, transaction

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def floor_s(life: SimulatedLife) -> float:
    """Seconds to put the stretches alone into an encrypted file, texts and all, without index, timeline or tasks."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        db = connect(Unlocked(Path(folder) / "floor.db", bytes(32), "floor"), durable=False, create=True)
        db.execute("CREATE TABLE event(start_ms INTEGER, end_ms INTEGER, app TEXT, title TEXT, url TEXT, project TEXT)")
        with transaction(db):
            db.executemany("INSERT INTO event VALUES(?,?,?,?,?,?)", life.events)
        db.close()
        return time.perf_counter() - begun


def demo_s(days: int, seed: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        demo.create_demo(home_at(Path(folder)), days, seed, NOW, BERLIN)
        return time.perf_counter() - begun


def main(days: int) -> None:
    demo_s(1, 0)  # imports and caches
    simulated, filled, floor = [], [], []
    for seed in range(5):
        begun = time.perf_counter()
        life = simulate(days, seed, NOW, BERLIN)
        simulated.append(time.perf_counter() - begun)
        floor.append(floor_s(life))
        filled.append(demo_s(days, seed))
    print(json.dumps({
        "bench": "demo", "days": days, "stretches": len(life.events), "n": 5,
        "simulate_s": round(statistics.median(simulated), 3), "demo_s": round(statistics.median(filled), 3),
        "floor_s": round(statistics.median(floor), 3),
    }))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120)
