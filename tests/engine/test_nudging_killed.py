"""kill -9 at random moments around ticks: no nudge is delivered twice, and each ends in a state that tells the truth."""

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from coach.config import Config, NudgeConfig, find_home
from coach.core.when import parse_iso
from coach.engine import nudging, tasks
from coach.store import nudges
from coach.store.db import connect
from coach.store.opening import Access, open_store
from tests.engine.filled import BERLIN

LOUD = replace(Config(), nudge=NudgeConfig(daily_cap=10**6, cooldown_min=0, quiet_start="00:00", quiet_end="00:00"))
ROUNDS = int(os.environ.get("COACH_KILLS", "12"))


def tick_for_ever(first: str, delivered: str) -> None:
    """The child: ticks from `first` on, four days apart, and writes each nudge's id to a file when it is delivered."""
    at = parse_iso(first)
    db = connect(open_store(find_home(), Access(use_keyring=False), at))
    out = os.open(delivered, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def deliver(nudge: nudging.Nudge) -> str:
        os.write(out, f"{nudge.id}\n".encode())
        return "toast"

    while True:
        nudging.tick(db, LOUD, at, BERLIN, deliver)
        at += timedelta(days=4)


@pytest.mark.slow
def test_killed_at_any_moment(db, config, now, tz, tmp_path):
    for letter in "abc":
        tasks.add(db, f"Task {letter} tomorrow 9:00", config, now - timedelta(days=2), tz)
    log = tmp_path / "delivered"
    log.touch()
    at, dice, unclear = now, random.Random(7), 0
    for _ in range(ROUNDS):
        before = log.stat().st_size
        child = subprocess.Popen([sys.executable, __file__, at.isoformat(), str(log)])
        deadline = time.monotonic() + 20
        while log.stat().st_size == before and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(dice.uniform(0, 0.05))
        child.kill()
        child.wait()
        at = max(n.at for n in nudges.latest(db, 1))
        unclear += sum(n.status == "claimed" for n in nudges.latest(db, 3))
        nudging.settle(db, at + timedelta(minutes=5))  # what the next process does first
        at += timedelta(days=4)
    ids = log.read_text().split()
    assert len(ids) > ROUNDS
    assert len(ids) == len(set(ids))
    kept = nudges.latest(db, 10**6)
    told = {n.id for n in kept if n.channel}
    failed = {n.id for n in kept if n.status == "failed"}
    assert not [n for n in kept if n.status == "claimed"]
    assert told <= set(ids)  # what is said to be delivered was
    assert set(ids) - told <= failed  # a kill between the delivery and its note: never a second delivery
    assert len(failed) == unclear <= ROUNDS  # at most the one in hand at each kill
    print(f"{len(ids)} delivered over {ROUNDS} kills, {unclear} in hand")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    tick_for_ever(sys.argv[1], sys.argv[2])
