"""A night's training of every model on a simulated person's days, and the app's keys meanwhile.

    python tests/bench/learning_night.py [--days 180] [--keys 100]

One JSON line per model (seconds of the whole training, its verdict), one with their sum, one with the milliseconds from a
key to the first byte of its answer: with no training beside it, and while all of them train.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from key_times import report  # in this folder, as the bench of the tasks screen
from tasks_screen import Terminal

COACH = [sys.executable, "-m", "coach.cli"]
MODELS = ("focus", "graph", "patterns", "whatif")
DETAIL_S = 0.25
"""The pane of a task's details follows a tenth of a second behind the cursor: its frame must not pass for the next answer."""


def train(env: dict[str, str]) -> float:
    total = 0.0
    for name in MODELS:
        began = time.monotonic()
        done = subprocess.run([*COACH, "models", "train", name, "--json"], env=env, capture_output=True, text=True, check=False)
        took = time.monotonic() - began
        total += took
        found = json.loads(done.stdout) if done.returncode == 0 else {"why": done.stderr.strip().splitlines()[-1:]}
        print(json.dumps({"bench": "learning_night", "model": name, "seconds": round(took, 1), **found}), flush=True)
    return total


def keys(at: Terminal, count: int, until: threading.Event | None = None) -> list[float]:
    """Milliseconds to the first byte of the answer to each key."""
    found: list[float] = []
    while (until is None and len(found) < count) or (until is not None and not until.is_set()):
        for key in (b"j", b"k"):
            if (took := at.key(key)) is not None:
                found.append(took)
            at.rest(DETAIL_S)
    return found


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--days", type=int, default=180)
    ask.add_argument("--keys", type=int, default=100)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        env = {**os.environ, "COACH_HOME": str(home)}
        subprocess.run(
            [*COACH, "demo", "--days", str(given.days), "--seed", "5", "--home", str(home), "--no-app"], check=True,
            capture_output=True,
        )
        app = Terminal(COACH, {"COACH_HOME": str(home)}, (120, 40))
        app.until(b"", "2 Tasks")
        app.rest(2.0)
        app.until(b"2", " tasks")
        app.rest(1.0)
        report("learning_night", "alone", keys(app, given.keys))
        done, total = threading.Event(), [0.0]

        def night() -> None:
            total[0] = train(env)
            done.set()

        thread = threading.Thread(target=night)
        thread.start()
        found = keys(app, 0, done)
        thread.join()
        report("learning_night", "while training", found)
        print(json.dumps({"bench": "learning_night", "models": len(MODELS), "days": given.days, "seconds": round(total[0], 1)}))


if __name__ == "__main__":
    main()
