"""What is put off, of 10,000 tasks and a log of 100,000 changes: one JSON object a line. Beside it the floor: reading those rows
and nothing else.

python tests/bench/avoidance.py [TASKS CHANGES]
"""

from __future__ import annotations

import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.when import iso
from coach.engine import avoidance
from coach.store import changes
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.store.opening import fill

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
DAYS, OPEN = 180, 0.2
TIMES = 5


def filled(db: Connection, tasks: int, edits: int, draws: random.Random) -> None:
    """Tasks of half a year, a fifth of them open, and edits of all kinds, a fifth of them snoozes."""
    minutes = [draws.randrange(DAYS * 1440) for _ in range(tasks)]
    born = [(str(uuid.UUID(int=draws.getrandbits(128))), NOW - timedelta(minutes=n)) for n in minutes]
    for number, (task, at) in enumerate(born):
        due = (at + timedelta(days=draws.randrange(20))).date().isoformat() if draws.random() < 0.6 else None
        values = {"title": f"Task {number}", "created": iso(at), "modified": iso(at), "time_zone": "Europe/Berlin", "due": due}
        changes.apply(db, [change.create("task", task, values)], now=at, label="add")
    for number in range(edits):
        task, at = born[draws.randrange(tasks)]
        when, action = at + timedelta(minutes=draws.randrange(60, 20_000)), str(uuid.UUID(int=draws.getrandbits(128)))
        row = (action, "edit", "user", "bench", f"{number:012d}", iso(when), None, None, 0)
        db.execute("INSERT INTO action(id, label, actor, device, hlc, at, undoes, redoes, undone) VALUES(?,?,?,?,?,?,?,?,?)", row)
        kinds: tuple[dict[str, Any], ...] = (
            {"snooze_count": [0, 1], "wait": [None, "2026-11-01T09:00"]}, {"title": ["before " * 4, "after " * 4]},
            {"notes": ["", "word " * 20]}, {"project": [None, "house"]}, {"started": [None, iso(when)]},
        )
        fields = changes.dumps({**kinds[draws.randrange(5)], "modified": [iso(at), iso(when)]})
        made = (action, task, fields)
        db.execute("INSERT INTO change(action, record, record_id, kind, fields) VALUES(?,'task',?,'update',?)", made)
    for task, at in born:
        if draws.random() >= OPEN:
            done = iso(min(NOW, at + timedelta(days=draws.randrange(1, 30))))
            db.execute("UPDATE task SET status = 'completed', completed = ? WHERE id = ?", (done, task))


def best_s(work: Callable[[], object]) -> float:
    found = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return round(min(found), 4)


def main(tasks: int, edits: int) -> None:
    where = (Config(), NOW, BERLIN)
    with TemporaryDirectory() as folder:
        unlocked = Unlocked(Path(folder) / "coach.db", bytes(range(32)), "bench")
        fill(unlocked, NOW)
        db = connect(unlocked)
        avoidance.set_consent(db, True, NOW)
        with transaction(db):
            filled(db, tasks, edits, random.Random(1))
        asked = ("record_id, action, fields FROM change", "id, at FROM action", "id, status, due, created, completed FROM task")
        floor_s = best_s(lambda: [db.execute(f"SELECT {one}").fetchall() for one in asked])
        print(json.dumps({"what": "reading the rows alone", "tasks": tasks, "changes": tasks + edits, "best_s": floor_s}))
        print(json.dumps({"what": "view", "best_s": best_s(lambda: avoidance.view(db, *where))}))
        begin = time.perf_counter()
        avoidance.tick(db, *where)
        print(json.dumps({"what": "the job, once an hour at most", "s": round(time.perf_counter() - begin, 4)}))
        print(json.dumps({"what": "the job with nothing to do", "best_s": best_s(lambda: avoidance.tick(db, *where))}))
        print(json.dumps({"what": "worst", "best_s": best_s(lambda: avoidance.worst(db, *where))}))
        db.close()


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]]
    main(*(given if len(given) == 2 else (10_000, 90_000)))
