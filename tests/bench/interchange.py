"""Taskwarrior as peer: random tasks there and back, urgency beside its own, and the time that an import takes.

    python tests/bench/interchange.py [--tasks 2000] [--import-tasks 100000] [--runs 3] [--coach PATH]

One JSON line each. `round_trip`: `task export`, import, export, `task import`, `task export`; `different` counts tasks that
are not identical but for id and urgency, `urgency_off` those whose urgency differs by more than 0.005. `import`: seconds of
`coach import` and `task import` for the same file, taken in turns into empty stores, and both processors' seconds. Coach has
to be the faster one; it reads and writes in two processes, so that it takes two free cores to show. Needs `task` on the PATH.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.integrations.random_tasks import comparable, exported, random_tasks, task

Timed = tuple[float, float]
"""Seconds on the wall, and of processors."""


def coach(given: argparse.Namespace, home: Path, *words: str) -> str:
    dropped = ("COACH_KEY_FILE", "COACH_NOW", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    environ = {k: v for k, v in os.environ.items() if k not in dropped} | {
        "COACH_HOME": str(home), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring", "TZ": "Europe/Berlin",
    }
    done = subprocess.run([given.coach, *words], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"coach {words[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def timed(act: Callable[[], Any]) -> Timed:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    act()
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def round_trip(given: argparse.Namespace, folder: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    text = json.dumps(random_tasks(given.tasks, 1, now), ensure_ascii=False)
    task(folder / "one", "import", "-", stdin=text)
    before = exported(folder / "one")
    file = folder / "one.json"
    file.write_text(json.dumps(before, ensure_ascii=False), encoding="utf-8")
    coach(given, folder / "home", "import", "taskwarrior", str(file))
    ours = json.loads(coach(given, folder / "home", "export", "taskwarrior"))
    theirs = {t["uuid"]: t["urgency"] for t in exported(folder / "one")}
    task(folder / "two", "import", "-", stdin=json.dumps(ours, ensure_ascii=False))
    after = comparable(exported(folder / "two"))
    first = comparable(before)
    print(json.dumps({
        "bench": "interchange", "what": "round_trip", "tasks": len(before),
        "different": sum(after.get(u) != t for u, t in first.items()) + len(after.keys() - first.keys()),
        "urgency_off": sum(abs(t["urgency"] - theirs[t["uuid"]]) > 0.005 for t in ours),
    }), flush=True)


def imports(given: argparse.Namespace, folder: Path) -> None:
    file = folder / "many.json"
    made = random_tasks(given.import_tasks, 7, datetime.now(UTC))
    file.write_text("[\n" + ",\n".join(json.dumps(t, ensure_ascii=False) for t in made) + "\n]\n", encoding="utf-8")
    ours: list[Timed] = []
    theirs: list[Timed] = []
    home, data = folder / "many-home", folder / "many-data"
    for _ in range(given.runs):
        coach(given, home, "list")  # an empty store, as Taskwarrior's folder is one
        ours.append(timed(lambda: coach(given, home, "import", "taskwarrior", str(file))))
        theirs.append(timed(lambda: task(data, "import", str(file))))
        shutil.rmtree(home)
        shutil.rmtree(data)
    report("import", given.import_tasks, ours, theirs)


def report(what: str, count: int, ours: list[Timed], theirs: list[Timed]) -> None:
    mine, peer = (statistics.median(t[0] for t in times) for times in (ours, theirs))
    print(json.dumps({
        "bench": "interchange", "what": what, "tasks": count, "n": len(ours), "coach_s": round(mine, 2), "task_s": round(peer, 2),
        "of_task": round(mine / peer, 2), "coach_cpu_s": round(statistics.median(t[1] for t in ours), 2),
        "task_cpu_s": round(statistics.median(t[1] for t in theirs), 2), "load": round(os.getloadavg()[0], 1),
    }), flush=True)


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--coach", default=str(Path(sys.executable).parent / "coach"))
    ask.add_argument("--tasks", type=int, default=2000)
    ask.add_argument("--import-tasks", type=int, default=100_000)
    ask.add_argument("--runs", type=int, default=3)
    given = ask.parse_args()
    if not shutil.which("task"):
        print(json.dumps({"bench": "interchange", "unavailable": "no task here"}))
        return
    with tempfile.TemporaryDirectory() as name:
        if given.tasks:
            round_trip(given, Path(name))
        if given.import_tasks:
            imports(given, Path(name))


if __name__ == "__main__":
    main()
