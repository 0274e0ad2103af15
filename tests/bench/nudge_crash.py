"""kill -9 around nudging: none is delivered twice, none that was due is lost.

    python tests/bench/nudge_crash.py [--rounds 100] [--seed 1]

A child ticks the scheduler as fast as it can, each tick at a later time of a store with something to say and a reminder that is
due; every fourth delivery fails, so that retries are under way too. It is killed at a random moment, also while it starts, and
the next child goes on. What reached the person is what the child wrote into a file, one line for each delivery, before it
returned. One JSON line; exit status 1 where one was delivered twice, or one that was due is neither delivered, nor on Today as
of which nobody knows, nor dropped with its misfire written down."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from coach.config import Config, NudgeConfig, find_home
from coach.core.task import Reminder
from coach.core.when import parse_iso
from coach.engine import nudging, reminders, tasks
from coach.store import nudges
from coach.store.db import Connection, connect
from coach.store.opening import Access, open_store
from tests.engine.filled import BERLIN, NOW

STEP = timedelta(hours=20, minutes=10)
"""Longer than the cool-down of what there is to say, shorter than a reminder is kept for."""
LOUD = replace(Config(), nudge=NudgeConfig(hold_out=0.2, daily_cap=10**6, cooldown_min=0, quiet_start="00:00", quiet_end="00:00"))


def opened() -> Connection:
    return connect(open_store(find_home(), Access(use_keyring=False), NOW))


def tick_for_ever(first: str, delivered: str) -> None:
    """The child: reminders and nudges from `first` on, and a minute's ticks after each step for what is to be tried again."""
    at, db = parse_iso(first), opened()
    out = os.open(delivered, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    tried = os.getpid()

    def deliver(nudge: nudging.Nudge) -> str:
        nonlocal tried
        tried += 1
        if tried % 4 == 0:
            return ""
        os.write(out, f"{nudge.id} {nudge.at.isoformat()}\n".encode())
        return "toast"

    while True:
        for minute in (0, 1, 3):
            now = at + timedelta(minutes=minute)
            reminders.tick(db, LOUD, now, BERLIN, deliver)
            nudging.tick(db, LOUD, now, BERLIN, deliver)
        at += STEP


def prepare(db: Connection, steps: int) -> None:
    """Three late tasks, and one with a reminder for every other step."""
    for letter in "abc":
        tasks.add(db, f"Task {letter} tomorrow 9:00", LOUD, NOW - timedelta(days=2), BERLIN)
    asked = tasks.add(db, "Water the plants", LOUD, NOW, BERLIN)
    times = tuple(Reminder(at=NOW + STEP * 2 * n + timedelta(minutes=1)) for n in range(steps))
    tasks.update(db, asked, NOW, remind=times)


def last_of(db: Connection, otherwise: datetime) -> datetime:
    return max((n.at for n in nudges.latest(db, 5)), default=otherwise)


def run(rounds: int, dice: random.Random, folder: Path, reminder_steps: int = 400) -> dict[str, object]:
    """Kills, and what they left behind; `faults` is empty where the promise held."""
    db = opened()
    prepare(db, reminder_steps)
    log = folder / "delivered"
    log.touch()
    at, in_hand = NOW, 0
    for _ in range(rounds):
        before = log.stat().st_size
        child = subprocess.Popen([sys.executable, __file__, "--child", at.isoformat(), str(log)])
        if dice.random() < 0.9:  # the others die while they start
            deadline = time.monotonic() + 30
            while log.stat().st_size == before and time.monotonic() < deadline:
                time.sleep(0.002)
        time.sleep(dice.uniform(0, 0.2))
        child.kill()
        child.wait()
        in_hand += sum(n.status == "claimed" for n in nudges.latest(db, 5))
        at = last_of(db, at) + timedelta(minutes=5)  # what the next process finds was interrupted more than two minutes ago
    end = last_of(db, at) + timedelta(minutes=5)
    heard: list[nudging.Nudge] = []
    for minute in range(15):  # whatever is left is given or dropped within a quarter of an hour
        def late(nudge: nudging.Nudge) -> str:
            with log.open("a") as out:
                out.write(f"{nudge.id} {nudge.at.isoformat()}\n")
            return "toast"

        now = end + timedelta(minutes=minute)
        heard += reminders.tick(db, LOUD, now, BERLIN, late)
        nudging.settle(db, now)
    told = Counter(line.split()[0] for line in log.read_text().splitlines())
    kept = nudges.latest(db, 10**6)
    misfires: dict[str, set[str]] = {}
    for nudge_id, _, why in nudges.misfires(db, NOW - timedelta(days=1)):
        misfires.setdefault(nudge_id, set()).add(why)
    faults = [f"{i} delivered {n} times" for i, n in told.items() if n > 1]
    faults += [f"{n.id} is said to be delivered by {n.channel}, nobody heard it" for n in kept
               if n.channel == "toast" and n.id not in told]
    faults += [f"{n.id} is lost: {n.status}, {misfires.get(n.id)}" for n in kept
               if n.id not in told and n.channel != "panel" and not (n.status in ("failed", "expired") and n.id in misfires)]
    passed = [r for r in tasks.find(db, "4").remind if r.at is not None and r.at <= end]
    given = {n.id for n in kept if n.situation == "reminder"}
    faults += [f"{len(passed) - len(given)} reminders were never queued"] if len(given) < len(passed) else []
    db.close()
    panel = [n for n in kept if n.channel == "panel"]
    return {
        "bench": "nudge_crash", "rounds": rounds, "nudges": len(kept), "delivered": len(told),
        "twice": sum(n > 1 for n in told.values()),
        "in_hand_at_a_kill": in_hand, "on_today_only_or_unclear": len(panel), "of_those_heard": sum(n.id in told for n in panel),
        "dropped_with_a_misfire": sum(n.status in ("failed", "expired") and n.id in misfires and n.id not in told for n in kept),
        "retried": sum(n.tries > 1 for n in kept), "reminders": len(given), "faults": faults[:5],
    }


def main(words: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=100)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    given = ask.parse_args(words)
    if given.child:
        tick_for_ever(*given.child)
    with tempfile.TemporaryDirectory() as name:
        os.environ |= {"COACH_HOME": name, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        found = run(given.rounds, random.Random(given.seed), Path(name))
    print(json.dumps(found), flush=True)
    return 1 if found["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
