"""Wall time of shell commands beside the floor `python -c "import click, sqlite3"`, by who holds the store's key.

    python tests/bench/shell.py [--coach PATH] [--python PATH] [--runs 21] [--tasks 20] [--providers key-file,passphrase,keyring]

One JSON line per key provider and command: median and quickest milliseconds, and the median as a multiple of the floor's,
taken in turns in the same run. A key file has to stay under 2.2. Needs nothing but the standard library, so that it can
measure another environment than its own. The keyring needs dbus-run-session and gnome-keyring-daemon.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

TEXT = "Call mum tomorrow 18:00 #home p2 ~15m"
PASSPHRASE = "four words are better"
LIMITS = {"key-file": 2.2}
FAILING = "keyring.backends.fail.Keyring"

Run = Callable[[list[str], Mapping[str, str]], float]
"""Runs a program to its end: seconds. Raises SystemExit when it fails."""


def plainly(command: list[str], environ: Mapping[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
    return took


def typing_passphrases(command: list[str], environ: Mapping[str, str]) -> float:
    """On a terminal of its own; the passphrase is typed as soon as it is asked for."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(command[0], command, dict(environ))
    said, answered = b"", 0
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # Linux: the other side has been closed
            piece = b""
        if not piece:
            break
        said += piece
        asked = said.count(b"assphrase: ") + said.count(b"Once more: ")
        if asked > answered:
            answered = asked
            os.write(terminal, PASSPHRASE.encode() + b"\n")
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - began
    os.close(terminal)
    if status:
        raise SystemExit(f"{command} ended with {os.waitstatus_to_exitcode(status)}: {said.decode()}")
    return took


def measured(provider: str, given: argparse.Namespace, environ: Mapping[str, str], run: Run) -> None:
    """Prints one line per command. The store of `environ` has `given.tasks` tasks and one more for each round."""
    names = ("floor", "add", "list", "done")
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(given.runs + 1):  # the first round warms the caches
        task = str(given.tasks + 1 + number)
        commands = {
            "floor": [given.python, "-c", "import click, sqlite3"], "add": [given.coach, "add", TEXT],
            "list": [given.coach, "list"], "done": [given.coach, "done", task],
        }
        for name in names:
            took = run(commands[name], environ)
            if number:
                times[name].append(took)
    floor = statistics.median(times["floor"])
    for name in names:
        middle = statistics.median(times[name])
        line = {
            "bench": "shell", "provider": provider, "command": name, "n": given.runs, "median_ms": round(middle * 1000, 1),
            "quickest_ms": round(min(times[name]) * 1000, 1), "of_floor": round(middle / floor, 2),
        }
        if name != "floor" and provider in LIMITS:
            line["limit"] = LIMITS[provider]
        print(json.dumps(line), flush=True)


def environment(home: str, **more: str) -> dict[str, str]:
    """This process's, with a home of its own; Python may cache what it compiles."""
    dropped = ("COACH_KEY_FILE", "COACH_NOW", "PYTHONDONTWRITEBYTECODE", "PYTHON_KEYRING_BACKEND", "PYTHONPATH")
    return {k: v for k, v in os.environ.items() if k not in dropped} | {"COACH_HOME": home} | more


def fill(given: argparse.Namespace, environ: Mapping[str, str], run: Run) -> None:
    for number in range(given.tasks):
        run([given.coach, "add", f"Task {number} due:2030-01-{1 + number % 28:02d} #p{number % 5} ~30m"], environ)


def key_file(given: argparse.Namespace, home: str) -> None:
    environ = environment(home, PYTHON_KEYRING_BACKEND=FAILING)
    fill(given, environ, plainly)
    measured("key-file", given, environ, plainly)


def passphrase(given: argparse.Namespace, home: str) -> None:
    environ = environment(home, PYTHON_KEYRING_BACKEND=FAILING)
    fill(given, environ, plainly)
    typing_passphrases([given.coach, "key", "change", "passphrase"], environ)
    measured("passphrase", given, environ, typing_passphrases)


def keyring(given: argparse.Namespace, home: str) -> None:
    missing = [name for name in ("dbus-run-session", "gnome-keyring-daemon") if not shutil.which(name)]
    if missing:
        words = f"no {' and no '.join(missing)} here"
        print(json.dumps({"bench": "shell", "provider": "keyring", "unavailable": words}), flush=True)
        return
    inside = [sys.executable, __file__, "--coach", given.coach, "--python", given.python, "--runs", str(given.runs),
              "--tasks", str(given.tasks), "--providers", "keyring-inside"]
    session = 'printf bench | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"'
    environ = environment(home, XDG_DATA_HOME=f"{home}/keyrings", XDG_RUNTIME_DIR=f"{home}/run")
    Path(home, "run").mkdir(mode=0o700)
    subprocess.run(["dbus-run-session", "--", "sh", "-c", session, "sh", *inside], env=environ, check=True)


def inside_keyring(given: argparse.Namespace, home: str) -> None:
    environ = environment(home)
    fill(given, environ, plainly)
    named = Path(home, "data", "store.toml").read_text(encoding="utf-8")
    if 'provider = "keyring"' not in named:
        raise SystemExit("the keyring did not take the key")
    measured("keyring", given, environ, plainly)


PROVIDERS = {"key-file": key_file, "passphrase": passphrase, "keyring": keyring, "keyring-inside": inside_keyring}


def main() -> None:
    beside = Path(sys.executable).parent
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--coach", default=str(beside / "coach"))
    ask.add_argument("--python", default=sys.executable, help="the interpreter of the floor: the one that --coach runs on")
    ask.add_argument("--runs", type=int, default=21)
    ask.add_argument("--tasks", type=int, default=20, help="tasks in the store")
    ask.add_argument("--providers", default="key-file,passphrase,keyring")
    given = ask.parse_args()
    for name in given.providers.split(","):
        with tempfile.TemporaryDirectory() as home:
            PROVIDERS[name](given, home)


if __name__ == "__main__":
    main()
