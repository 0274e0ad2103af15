"""Random tasks as Taskwarrior's JSON has them, every field among them, and the real `task` to compare with."""

from __future__ import annotations

import json
import os
import random
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

WORDS = ("call", "write", "Müller", "plan", "the", "review", "“order”", "clean", "tax/2026", "日本語", "pay:now", "a\\b",
         'say "hi"', "50%", "don't", "émile", "🙂", "[x]", "+plus", "#hash")
PROJECTS = ("Home", "Home.Garden", "Work.Big Deal", "Ärger", None, None)
TAGS = ("next", "a", "b", "phone", "errand", "über")
PERIODS = ("daily", "weekly", "monthly", "weekdays", "3wks", "P14D", "quarterly", "yearly", "2d")


def random_tasks(count: int, seed: int, now: datetime) -> list[dict[str, Any]]:
    r = random.Random(seed)

    def stamp(low_days: float, high_days: float) -> str:
        at = now + timedelta(seconds=int(r.uniform(low_days, high_days) * 86_400))
        return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

    made: list[dict[str, Any]] = []
    for number in range(count):
        status = r.choices(("pending", "waiting", "completed", "deleted", "recurring"), (55, 8, 25, 8, 4))[0]
        entry = stamp(-500, -1)
        task: dict[str, Any] = {
            "uuid": str(uuid.UUID(int=r.getrandbits(128), version=4)), "status": status, "entry": entry, "modified": stamp(-1, 0),
            "description": " ".join(r.choices(WORDS, k=r.randint(1, 6))) + f" {number}",
        }
        times = (("due", 0.5, -30, 60), ("scheduled", 0.15, -20, 20), ("until", 0.05, 30, 90), ("start", 0.1, -3, 0))
        for name, share, low, high in times:
            if r.random() < share:
                task[name] = stamp(low, high)
        if status == "waiting":
            task["wait"] = stamp(1, 100)
        elif r.random() < 0.05:
            task["wait"] = stamp(-50, -1)
        if status in ("completed", "deleted"):
            task["end"] = stamp(-1, 0)
        if status == "recurring":
            task |= {"due": stamp(-40, 20), "recur": r.choice(PERIODS)}
            task.pop("start", None)
            task.pop("until", None)
        if r.random() < 0.3:
            task["priority"] = r.choice("HML")
        if project := r.choice(PROJECTS):
            task["project"] = project
        if r.random() < 0.4:
            task["tags"] = r.sample(TAGS, r.randint(1, 4))
        if r.random() < 0.2:
            task["annotations"] = [
                {"entry": stamp(-90, 0), "description": " ".join(r.choices(WORDS, k=4))} for _ in range(r.randint(1, 4))
            ]
        if made and r.random() < 0.15:
            task["depends"] = sorted({r.choice(made)["uuid"] for _ in range(r.randint(1, 3))})
        if r.random() < 0.15:
            task[r.choice(("estimate", "reviewed", "jira.id", "ünknown"))] = r.choice(("PT1H", "ABC-12", "x y z", "7"))
        made.append(task)
    return made


def task(folder: Path, *words: str, stdin: str = "") -> str:
    """Runs Taskwarrior on data of its own; returns what it prints."""
    folder.mkdir(parents=True, exist_ok=True)
    rc = folder / "taskrc"
    rc.touch()
    environ = {**os.environ, "TASKDATA": str(folder), "TASKRC": str(rc), "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["task", "rc.confirmation=off", "rc.verbose=nothing", "rc.hooks=off", *words],
        env=environ, input=stdin, capture_output=True, text=True, timeout=600, check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def exported(folder: Path) -> list[dict[str, Any]]:
    """`task export`, twice: the first one still makes tasks of recurring ones and counts them wrongly."""
    task(folder, "export")
    found: list[dict[str, Any]] = json.loads(task(folder, "export"))
    return found


def comparable(tasks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By uuid, without what an import ignores."""
    return {t["uuid"]: {k: v for k, v in t.items() if k not in ("id", "urgency")} for t in tasks}
