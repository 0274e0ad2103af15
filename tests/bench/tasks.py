"""Wall time of `add`, `done` and the first page of `list` at 1k, 10k and 100k tasks, beside Taskwarrior and the floor
`python -c "import click, sqlite3"`, in turns in one run.

    python tests/bench/tasks.py [--sizes 1000,10000,100000] [--runs 11] [--coach PATH] [--python PATH] [--task PATH]

One JSON line per size and command. Bars: add and done at most 2.2 floors and growing at most 1.3 times from the smallest
size to the largest; the first page at most 3 floors; ahead of Taskwarrior from 10k on. A list with a filter and a search
for a word are shown beside them. Run it without PYTHONDONTWRITEBYTECODE."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

FAILING = "keyring.backends.fail.Keyring"
TEXT = "Call mum tomorrow 18:00 #home p2 ~15m"
WORDS = "report invoice garden letter call mum write budget paint house taxes review slides meeting".split()


def made_up(count: int, now: datetime) -> list[dict[str, Any]]:
    """Plain tasks as a planner's list has them: each with a due around now, a priority, a project, labels; a few links."""
    pick = random.Random(count)
    found: list[dict[str, Any]] = []
    for number in range(count):
        due = now + timedelta(hours=pick.randrange(-10 * 24, 60 * 24))
        found.append({
            "id": str(uuid.UUID(int=pick.getrandbits(128), version=4)),
            "title": " ".join(pick.choices(WORDS, k=4)) + f" {number}",
            "created": now - timedelta(minutes=pick.randrange(1, 300 * 1440)), "due": due.replace(minute=0, second=0),
            "priority": pick.choice([1, 2, 3]), "project": f"p{pick.randrange(30)}",
            "tags": tuple(pick.sample("abcdefgh", pick.choice([1, 1, 1, 2]))),
            "depends": (found[pick.randrange(number)]["id"],) if number and pick.random() < 0.02 else (),
        })
    return found


def fill_coach(home: str, rows: list[dict[str, Any]], now: datetime) -> float:
    """A store with those tasks; seconds that it took."""
    from coach.config import home_at
    from coach.core import change
    from coach.core.task import Task, stored
    from coach.engine import opening
    from coach.store import changes
    from coach.store.db import connect
    from coach.store.opening import Access

    began = time.perf_counter()
    db = connect(opening.unlock(home_at(Path(home)), Access(use_keyring=False), now))
    tasks = [Task(modified=now, time_zone="Europe/Berlin", **row) for row in rows]
    edits = [change.create("task", t.id, {k: v for k, v in stored(t).items() if k != "id"}) for t in tasks]
    changes.apply(db, edits, now=now, label="fill")
    db.close()
    return time.perf_counter() - began


def fill_taskwarrior(folder: str, rows: list[dict[str, Any]], now: datetime) -> None:
    """The same tasks in its own file, without their dependencies: it looks for each of them among all tasks."""
    names = {1: "H", 2: "M", 3: "L"}
    lines = []
    for row in rows:
        fields = {
            "description": row["title"], "entry": f"{row['created']:%s}", "modified": f"{now:%s}", "status": "pending",
            "uuid": row["id"],
        }
        if row["due"]:
            fields["due"] = f"{row['due']:%s}"
        if row["priority"]:
            fields["priority"] = names[row["priority"]]
        if row["project"]:
            fields["project"] = row["project"]
        if row["tags"]:
            fields["tags"] = ",".join(row["tags"])
        lines.append("[" + " ".join(f'{k}:"{v}"' for k, v in sorted(fields.items())) + "]\n")
    Path(folder, "pending.data").write_text("".join(lines), encoding="utf-8")
    for name in ("completed.data", "undo.data", "backlog.data"):
        Path(folder, name).touch()
    settings = (f"data.location={folder}", "confirmation=off", "hooks=off", "news.version=9.9", "defaultwidth=100")
    Path(folder, "taskrc").write_text("\n".join(settings) + "\n", encoding="utf-8")


class Store(NamedTuple):
    """The same tasks in a store of Coach and in Taskwarrior's files."""

    rows: list[dict[str, Any]]
    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    filled_s: float


def filled(size: int, folder: Path, now: datetime) -> Store:
    rows = made_up(size, now)
    dropped = ("COACH_KEY_FILE", "COACH_NOW", "PYTHONDONTWRITEBYTECODE", "PYTHON_KEYRING_BACKEND", "PYTHONPATH")
    environ = {k: v for k, v in os.environ.items() if k not in dropped}
    home, peer = folder / f"coach-{size}", folder / f"task-{size}"
    home.mkdir()
    peer.mkdir()
    filled_s = fill_coach(str(home), rows, now)
    fill_taskwarrior(str(peer), rows, now)
    ours = environ | {"COACH_HOME": str(home), "PYTHON_KEYRING_BACKEND": FAILING, "COLUMNS": "100"}
    return Store(rows, ours, environ | {"TASKDATA": str(peer), "TASKRC": f"{peer}/taskrc"}, filled_s)


def commands_of(store: Store, number: int, given: argparse.Namespace) -> dict[str, tuple[list[str], Mapping[str, str]]]:
    """What one round runs at one size."""
    size = len(store.rows)
    commands: dict[str, tuple[list[str], Mapping[str, str]]] = {
        "floor": ([given.python, "-c", "import click, sqlite3"], store.ours),
        "add": ([given.coach, "add", TEXT], store.ours),
        "done": ([given.coach, "done", str(size // 2 + number), "--children"], store.ours),
        "page": ([given.coach, "list", "--limit", "25"], store.ours),
        "page of a filter": ([given.coach, "list", "project:p3", "+a", "--limit", "25"], store.ours),
        "page of a word": ([given.coach, "list", "/garden letter/", "--limit", "25"], store.ours),
    }
    if given.task and number % (3 if size > 20_000 else 1) == 0:  # seconds each
        commands |= {
            "task add": ([given.task, "add", "Call mum", "due:tomorrow", "project:home", "pri:M", "+phone"], store.theirs),
            "task done": ([given.task, store.rows[size // 2 + number]["id"], "done"], store.theirs),
            "task page": ([given.task, "limit:25", "next"], store.theirs),
        }
    return commands


def measured(sizes: list[int], given: argparse.Namespace, folder: Path) -> dict[int, dict[str, float]]:
    """Median seconds by size and command; prints a line for each. Each round visits every size, so that what the machine
    does meanwhile falls on all of them alike."""
    now = datetime.now(UTC).replace(microsecond=0)
    stores = {size: filled(size, folder, now) for size in sizes}
    times: dict[int, dict[str, list[float]]] = {size: {} for size in sizes}
    for number in range(given.runs + 1):  # the first round warms the caches
        for size, store in stores.items():
            for name, (command, env) in commands_of(store, number, given).items():
                took = run(command, env)
                if number:
                    times[size].setdefault(name, []).append(took)
    return {size: reported(size, store.filled_s, times[size]) for size, store in stores.items()}


def reported(size: int, filled_s: float, times: Mapping[str, list[float]]) -> dict[str, float]:
    """The medians of one size, printed."""
    medians = {name: statistics.median(values) for name, values in times.items()}
    limits = {"add": 2.2, "done": 2.2, "page": 3.0}
    for name, middle in medians.items():
        line: dict[str, Any] = {
            "bench": "tasks", "size": size, "command": name, "n": len(times[name]), "median_ms": round(middle * 1000, 1),
            "quickest_ms": round(min(times[name]) * 1000, 1), "of_floor": round(middle / medians["floor"], 2),
        }
        if name in limits:
            line["limit"] = limits[name]
        if f"task {name}" in medians:
            line["of_taskwarrior"] = round(middle / medians[f"task {name}"], 3)
        print(json.dumps(line), flush=True)
    print(json.dumps({"bench": "tasks", "size": size, "command": "fill in one action", "s": round(filled_s, 2)}), flush=True)
    return medians


def run(command: list[str], environ: Mapping[str, str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    took = time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr.decode()}")
    return took


def main() -> None:
    beside = Path(sys.executable).parent
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--sizes", default="1000,10000,100000")
    ask.add_argument("--runs", type=int, default=11)
    ask.add_argument("--coach", default=str(beside / "coach"))
    ask.add_argument("--python", default=sys.executable, help="the interpreter of the floor: the one that --coach runs on")
    ask.add_argument("--task", default=shutil.which("task") or "", help="Taskwarrior; left out where there is none")
    given = ask.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        found = measured(sizes, given, Path(folder))
    for name in ("add", "done", "page"):
        growth = found[sizes[-1]][name] / found[sizes[0]][name]
        floor = found[sizes[-1]]["floor"] / found[sizes[0]]["floor"]  # 1, or the machine was too busy to tell
        print(json.dumps({
            "bench": "tasks", "command": name, "growth": round(growth, 2), "floor_growth": round(floor, 2),
            "from": sizes[0], "to": sizes[-1], "limit": None if name == "page" else 1.3,
        }), flush=True)


if __name__ == "__main__":
    main()
