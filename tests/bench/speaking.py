"""The keyboard while the language model speaks: milliseconds from a key to the first byte of its echo in the chat's field, with
nothing beside it and while a line of tone is written; and how often a line came in time.

    python tests/bench/speaking.py [--questions 20] [--threads 1]

Prints one JSON object per line. A question is asked, and letters are typed and deleted until its line has come or was given up.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from key_times import report  # in this folder, as the bench of the tasks screen
from tasks_screen import Terminal

COACH = [sys.executable, "-m", "coach.cli"]
QUESTIONS = ("how was my focus this week?", "how long did I work today?", "which tasks are overdue?", "what should I do next?",
             "how many breaks did I take yesterday?")
GIVEN_UP_S = 5.0
BACKSPACE = b"\x7f"


def keys(at: Terminal, seconds: float) -> list[float]:
    """Milliseconds to the first byte of the echo of each letter; each is deleted again."""
    found: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for key in (b"x", BACKSPACE):
            if (took := at.key(key)) is not None:
                found.append(took)
            at.rest(0.05)
    return found


def spoken(env: dict[str, str], most: int) -> None:
    """Which share of the answers' lines the model spoke, and which the bank."""
    rows = json.loads(subprocess.run([*COACH, "export", "json"], env=env, check=True, capture_output=True, text=True).stdout)
    answers = [json.loads(m["data"]) for row in rows if (m := row.get("chat_message")) and m["data"]]
    tones = [answer["tone"] for answer in answers if answer.get("tone")]
    by_model = sum(t["source"] == "llm" for t in tones[-most:])
    print(json.dumps({"bench": "speaking", "lines": len(tones), "by_the_model": by_model}), flush=True)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--questions", type=int, default=20)
    ask.add_argument("--threads", type=int, default=0)
    given = ask.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        env = {**os.environ, "COACH_HOME": str(home)}
        subprocess.run([*COACH, "demo", "--days", "60", "--seed", "5", "--home", str(home), "--no-app"], check=True,
                       capture_output=True)
        if given.threads:
            subprocess.run([*COACH, "config", "set", "language_model.threads", str(given.threads)], env=env, check=True,
                           capture_output=True)
        app = Terminal(COACH, {"COACH_HOME": str(home)}, (120, 40))
        app.until(b"", "2 Tasks")
        app.rest(2.0)
        app.until(b"5", "Ask about your days")
        app.rest(1.0)
        app.until(QUESTIONS[0].encode() + b"\r", "[1] ")  # loads the models
        app.rest(GIVEN_UP_S)
        report("speaking", "alone", keys(app, 10.0))
        found: list[float] = []
        for n in range(given.questions):
            app.until(QUESTIONS[n % len(QUESTIONS)].encode() + b"\r", "")
            found += keys(app, GIVEN_UP_S)
        report("speaking", "while it speaks", found)
        os.kill(app.pid, signal.SIGTERM)
        os.waitpid(app.pid, 0)
        spoken(env, given.questions)


if __name__ == "__main__":
    main()
