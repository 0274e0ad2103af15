"""What the learnt parts of the day (`engine/leaning.py`) cost a plan: a person of half a year with eight blocks decided a day, of
so many kinds of work. Each kind is drawn to a part of the day; a fifth of the blocks are moved, a tenth refused, and half of
the accepted ones are worked on.

    first_s   the profile of the day read anew, the preferences with it: the first plan of a day
    again_s   the profile with nothing new: each further plan
    told_s    the profile after one more decision
    said      preferences that were found

One JSON object a line; the best of TIMES each.

    PYTHONPATH=. python tests/bench/leaning_cost.py --kinds 5 25
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.change import create
from coach.core.plan import Block
from coach.core.when import iso
from coach.engine import productivity, tasks
from coach.store import blocks, changes, plan_signals
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import fill

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
TZ = ZoneInfo("UTC")
DAYS, HOURS, TIMES = 180, (9, 10, 11, 12, 13, 14, 15, 16), 5


def filled(db: Connection, kinds: int, config: Config, draws: random.Random) -> None:
    """Each day's blocks are offered, decided in one action and, half of those that are taken, worked on."""
    for day in range(DAYS):
        at = NOW.replace(hour=8) - timedelta(days=DAYS - day)
        decided: dict[plan_signals.Kind, list[tuple[Block, Block]]] = {"accept": [], "move": [], "reject": []}
        for number, hour in enumerate(HOURS):
            kind = draws.randrange(kinds)
            task = tasks.add(db, f"Page {day} {hour} #kind{kind} ~45m", config, at, TZ)
            start = at.replace(hour=hour)
            block = Block(f"{day:04x}{number:04x}", task.id, start, start + timedelta(minutes=45))
            luck = draws.random()
            if luck < 0.1:
                decided["reject"].append((block, replace(block, status="rejected")))
                continue
            to = start + timedelta(hours=24 + kind % 3 * 3 - hour + 9) if luck < 0.3 else start
            moved = replace(block, start=to, end=to + timedelta(minutes=45), status="accepted")
            decided["move" if luck < 0.3 else "accept"].append((block, moved))
            if draws.random() < 0.5:
                session = {"task_id": task.id, "start": iso(to), "planned_end": iso(to + timedelta(minutes=45)),
                           "end": iso(to + timedelta(minutes=45)),
                           "label": ""}
                changes.apply(db, [create("focus_session", f"s{day}-{hour}", session)], now=at, label="focus")
        _decide(db, decided, at)


def _decide(db: Connection, decided: dict[plan_signals.Kind, list[tuple[Block, Block]]], at: datetime) -> None:
    """As `planning.decide` writes it, without its look for overlaps."""
    pairs = [pair for some in decided.values() for pair in some]
    made = [create("block", new.id, blocks.values(new, at)) for _, new in pairs]
    changes.apply(db, made, now=at, label="decide")
    for kind, some in decided.items():
        plan_signals.add(db, kind, some, at)


def best_s(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    found = []
    for _ in range(TIMES):
        before()
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return round(min(found), 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--kinds", type=int, nargs="+", default=[5, 25])
    config = Config()
    for kinds in parser.parse_args().kinds:
        with TemporaryDirectory() as folder:
            unlocked = Unlocked(Path(folder) / "coach.db", bytes(range(32)), "bench")
            fill(unlocked, NOW)
            db = connect(unlocked)
            with transaction(db):
                filled(db, kinds, config, random.Random(1))

            def known(db: Connection = db) -> productivity.Productivity:
                return productivity.known(db, config, NOW, TZ)

            first = best_s(lambda db=db: productivity.learned(db, config, NOW, TZ))
            productivity.remember(db, config, NOW, TZ)
            again = best_s(known)
            signals = plan_signals.since(db, NOW - timedelta(days=DAYS + 1))
            one = Block("ffff", signals[0].task_id, NOW, NOW + timedelta(minutes=45))
            told = best_s(known, lambda db=db, one=one: plan_signals.add(db, "accept", [(one, one)], NOW))
            print(json.dumps({"name": "cost", "kinds": kinds, "decisions": len(signals), "first_s": first, "again_s": again,
                              "told_s": told, "said": len(known().leanings)}), flush=True)
            db.close()


if __name__ == "__main__":
    main()
