"""kill -9 in the middle of `coach import`: all or nothing.

    python tests/bench/import_crash.py [--rounds 40] [--tasks 4000] [--events 8000] [--seed 1]

Each round imports a file into an empty store and kills the process (and the one that reads ahead for it) at a random moment
of the time that a whole import takes. Afterwards the store holds either all of the file or nothing of it, its pages and its
roll-ups agree, and the next import completes it. One JSON line per kind; exit status 1 when anything was half written.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from coach.cli.common import Shell
from coach.engine import tracked
from coach.store import rollups
from tests.integrations.random_tasks import random_tasks

COACH = [sys.executable, "-m", "coach.cli"]
FIRST = datetime(2025, 3, 1, 8, tzinfo=UTC)


def environ(home: Path) -> dict[str, str]:
    return {**os.environ, "COACH_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def file_of(kind: str, count: int, folder: Path) -> Path:
    path = folder / f"{kind}.json"
    if kind == "taskwarrior":
        path.write_text(json.dumps(random_tasks(count, 3, datetime.now(UTC))), encoding="utf-8")
        return path
    events = [
        {"timestamp": (FIRST + timedelta(seconds=40 * n)).isoformat(), "duration": 40,
         "data": {"app": f"app{n % 9}", "title": str(n)}}
        for n in range(count)
    ]
    bucket = {"type": "currentwindow", "client": "c", "hostname": "h", "events": events}
    path.write_text(json.dumps({"buckets": {"aw-watcher-window_h": bucket}}), encoding="utf-8")
    return path


def held(kind: str, home: Path) -> tuple[int, list[str]]:
    """How many records are there, and what does not agree."""
    shell = Shell(home_folder=str(home))
    with shell.store() as db:
        table = "task" if kind == "taskwarrior" else "event"
        count = int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        wrong = [r[0] for r in db.execute("PRAGMA cipher_integrity_check")]
        wrong += [r[0] for r in db.execute("PRAGMA integrity_check") if r[0] != "ok"]
        wrong += rollups.disagreements(db, 240)
        logged = int(db.execute("SELECT count(*) FROM change WHERE record = 'task'").fetchone()[0])
        if kind == "taskwarrior" and logged != count:
            wrong.append(f"{logged} changes of {count} tasks")
        if kind == "activitywatch":
            if count and not db.execute("SELECT 1 FROM imported").fetchone():
                wrong.append("events of no import")
            tracked.follow(db, shell.now, shell.tz, shell.config)
            lived = int(db.execute("SELECT coalesce(sum(end_ms - start_ms), 0) FROM timeline").fetchone()[0])
            if lived != count * 40_000:
                wrong.append(f"{lived} ms in the timeline of {count} events")
            wrong += rollups.disagreements(db, 240)
    return count, wrong


def run(kind: str, count: int, rounds: int, dice: random.Random, folder: Path) -> bool:
    file = file_of(kind, count, folder)
    words = [*COACH, "import", kind, str(file)]
    blank, home = folder / "blank", folder / "home"
    subprocess.run([*COACH, "projects"], env=environ(blank), capture_output=True, check=True)
    shutil.copytree(blank, home)
    began = time.monotonic()
    subprocess.run(words, env=environ(home), capture_output=True, check=True)
    whole_s = time.monotonic() - began
    seen = {"nothing": 0, "all": 0, "half": 0}
    faults: list[str] = []
    for _ in range(rounds):
        shutil.rmtree(home)
        shutil.copytree(blank, home)
        victim = subprocess.Popen(words, env=environ(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  start_new_session=True)
        time.sleep(dice.uniform(0.25, 1.05) * whole_s)
        os.killpg(victim.pid, signal.SIGKILL)
        victim.wait()
        there, wrong = held(kind, home)
        seen["nothing" if there == 0 else "all" if there == count else "half"] += 1
        faults += wrong
    subprocess.run(words, env=environ(home), capture_output=True, check=True)
    there, wrong = held(kind, home)
    faults += wrong + ([] if there == count else [f"{there} of {count} after the next import"])
    print(json.dumps({"bench": "import_crash", "kind": kind, "records": count, "rounds": rounds, "import_s": round(whole_s, 2),
                      **seen, "faults": faults[:5]}), flush=True)
    shutil.rmtree(home)
    shutil.rmtree(blank)
    return not seen["half"] and not faults


def main(words: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=40)
    ask.add_argument("--tasks", type=int, default=4000)
    ask.add_argument("--events", type=int, default=8000)
    ask.add_argument("--seed", type=int, default=1)
    given = ask.parse_args(words)
    dice = random.Random(given.seed)
    sound = True
    with tempfile.TemporaryDirectory() as name:
        for kind, count in (("taskwarrior", given.tasks), ("activitywatch", given.events)):
            if count:
                sound &= run(kind, count, given.rounds, dice, Path(name))
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
