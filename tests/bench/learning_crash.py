"""kill -9 at random moments of training and promotion: afterwards the active model must load and say what it said, or what
its successor says. Half of the kills come right after a write to the store, most of the others while the child trains.

    python -m tests.bench.learning_crash --rounds 50
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from coach.config import Config, home_at
from coach.core.errors import CoachError
from coach.engine.learning import child, registry, training
from coach.engine.learning.training import Order, Place
from coach.store import leases, models, predictions
from coach.store.db import Connection, connect, integrity
from coach.store.opening import Access, open_store
from tests.engine import toy_learner as toy

ROOT = Path(__file__).parents[2]
TZ = ZoneInfo("Europe/Berlin")


@dataclass
class Tally:
    rounds: int = 0
    killed_parent: int = 0
    killed_child: int = 0
    promotions: int = 0
    ended_before: int = 0
    problems: list[str] = field(default_factory=list)


def place_of(home_folder: Path) -> Place:
    home = home_at(home_folder)
    return Place(open_store(home, Access(use_keyring=False), datetime.now(UTC), create=True), home, Config(), TZ)


def train_once(home_folder: Path) -> None:
    """The process that is killed: trains, judges, promotes."""
    toy.install(home_folder / "toy")
    place = place_of(home_folder)
    order = Order("toy", "full", "bench", toy.BETTER)

    def told(share: float, words: str) -> None:
        sys.stdout.write(".")
        sys.stdout.flush()

    training.run(place, order, datetime.now(UTC), progress=told, command=toy.command(home_folder / "toy"))


def run(rounds: int, seed: int) -> Tally:
    tally, rng = Tally(), random.Random(seed)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home_folder = Path(folder)
        toy.ship(home_folder / "toy")
        toy.install(home_folder / "toy")
        place = place_of(home_folder)
        with closing(connect(place.unlocked)) as db:
            toy.live(db, datetime.now(UTC).date(), 60)
        for _ in range(rounds):
            _round(place, home_folder, rng, tally)
    return tally


def _round(place: Place, home_folder: Path, rng: random.Random, tally: Tally) -> None:
    with closing(connect(place.unlocked)) as db:
        if registry.load(db, "toy", registry.active(db, "toy").number).card.get("factor", 0.5) > 0.95:
            models.promote(db, "toy", models.SHIPPED, datetime.now(UTC), "from the start")
        before = registry.active(db, "toy").number
        # The newest may be one that an earlier kill left behind without a verdict: it gets it now.
        left = {v.number for v in models.candidates(db)}
        newest = max((v.number for v in models.versions(db, "toy")), default=0)
    log = Path(f"{place.home.store_file}-wal")
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.learning_crash", "--train", str(home_folder)], cwd=ROOT, stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    parent.stdout.read(1)  # the child has begun
    if rng.random() < 0.5:
        for _ in range(rng.randint(1, 8)):
            _at_a_write(log, parent)
        time.sleep(rng.uniform(0, 0.003))
    else:
        time.sleep(rng.uniform(0, 0.5))
    tally.rounds += 1
    tally.ended_before += parent.poll() is not None
    pids = _children(parent.pid)
    if pids and rng.random() < 0.4:
        tally.killed_child += 1
        _kill(*pids)
        parent.communicate(timeout=60)
    else:
        tally.killed_parent += 1
        _kill(parent.pid)
        parent.communicate(timeout=60)
    deadline = time.monotonic() + 10
    while leases.held(place.home.state, child.LOCK) and time.monotonic() < deadline:
        time.sleep(0.02)
    with closing(connect(place.unlocked)) as db:
        tally.problems += _wrong(db, {before, newest + 1, *left}, before)
        tally.promotions += registry.active(db, "toy").number != before


def _wrong(db: Connection, possible: set[int], before: int) -> list[str]:
    found = [f"integrity: {line}" for line in integrity(db)]
    active = registry.active(db, "toy").number
    try:
        said = toy.says(model := registry.load(db, "toy", active))
    except CoachError as error:
        return [*found, f"active version {active} does not load: {error.message}"]
    if abs(said - model.card["factor"]) > 1e-6:
        found.append(f"version {active} says {said}, its card {model.card['factor']}")
    if active not in possible:
        found.append(f"active went from {before} to {active}")
    switches = models.history(db, "toy", 1)
    if active != before and (not switches or switches[0]["after"] != active):
        found.append("a switch without its line in the history")
    running = [r for r in predictions.runs(db) if r.status == "running"]
    if len(running) > 1:
        found.append("a lost run was never closed")
    return found


def _at_a_write(log: Path, parent: subprocess.Popen[bytes]) -> None:
    with suppress(FileNotFoundError):
        before = log.stat().st_mtime_ns
        while log.stat().st_mtime_ns == before and parent.poll() is None:
            pass


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _kill(*pids: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=50)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--train", type=Path, help=argparse.SUPPRESS)
    given = ask.parse_args()
    if given.train:
        train_once(given.train)
        return 0
    began = time.monotonic()
    tally = run(given.rounds, given.seed)
    print(json.dumps({"bench": "learning_crash", **tally.__dict__, "elapsed_s": round(time.monotonic() - began)}))
    return int(bool(tally.problems))


if __name__ == "__main__":
    sys.exit(main())
