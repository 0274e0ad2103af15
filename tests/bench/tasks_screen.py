"""The Tasks screen on a pseudo-terminal with ten thousand tasks, beside a bare OptionList of as many lines in the same run.

    python tests/bench/tasks_screen.py [--tasks 10000] [--keys 200] [--size 120x40]

One JSON line per kind of key: milliseconds from the key's byte to the first byte of the frame that answers it (median, 95th
percentile, worst). `j while edited` is the same while another process edits tasks twice a second, so that the list is made
anew again and again. `find` waits for the count of what fits the letters, `filter` for the count of what meets conditions,
`group` for the other grouping, `done` for the words that say it is on the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from select import select
from zoneinfo import ZoneInfo

from app import end, rss_mb, start  # the bench of the app's start, in this folder

DOWN, UP = b"\x1b[B", b"\x1b[A"
LIST = """
from textual.app import App
from textual.widgets import OptionList
class Bare(App):
    def compose(self):
        yield OptionList(*(f"Call the garden for budget {n}" for n in range(%d)))
Bare().run()
"""
EDITS = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from coach.config import Config, home_at
from coach.engine import opening, tasks
from coach.store.db import connect
now = datetime.now(UTC)
db = connect(opening.unlock(home_at(Path(sys.argv[1])), opening.access(Config(), sys.argv[2]), now))
for n in range(int(sys.argv[3])):
    tasks.update(db, tasks.find(db, "7"), now, notes=f"edit {n}")
    time.sleep(0.5)
"""
VERBS = "Call Write Read Buy Fix Send Plan Review Book Clean Order Paint Draft Check Pay".split()
THINGS = "report invoice garden budget slides tickets kitchen roadmap fence server letter tax contract bicycle dentist".split()


def fill(folder: Path, count: int) -> dict[str, str]:
    """A home with that many tasks of many kinds."""
    from coach.config import Config, home_at
    from coach.engine import opening, preferences, tasks
    from coach.store.db import connect, transaction

    now, tz = datetime.now(UTC), ZoneInfo("Europe/Berlin")
    db = connect(opening.unlock(home_at(folder / "home"), opening.access(Config(), str(folder / "key")), now))
    with transaction(db):
        preferences.put(db, {"onboarded": True}, now)
        for n in range(count):
            words = [VERBS[n % 15], "the", THINGS[n * 7 % 15], "for", THINGS[n * 11 % 13], str(n)]
            words += [f"due:{(now + timedelta(days=n % 220 - 20)).date()}"] if n % 5 < 3 else []
            words += [f"#{THINGS[n % 14]}"] if n % 2 else []
            words += [f"p{n % 4 + 1}"] if n % 3 else []
            words += [f"@{VERBS[n % 11].lower()}"] if n % 4 == 1 else []
            words += [f"~{15 + n % 90}m"] if n % 2 else []
            tasks.add(db, " ".join(words), Config(), now, tz)
    db.close()
    return {"COACH_HOME": str(folder / "home"), "COACH_KEY_FILE": str(folder / "key"), "TZ": "Europe/Berlin"}


class Terminal:
    """A program behind a pseudo-terminal."""

    def __init__(self, command: list[str], env: dict[str, str], size: tuple[int, int]) -> None:
        self.pid, self.fd = start(command, env, size)

    def read(self, seconds: float) -> bytes:
        return os.read(self.fd, 1 << 20) if select([self.fd], [], [], seconds)[0] else b""

    def rest(self, quiet_s: float = 0.06) -> None:
        """Until nothing has been written for a while."""
        while self.read(quiet_s):
            pass

    def key(self, key: bytes) -> float | None:
        """Milliseconds until the first byte of the answer; None when there is none."""
        began = time.perf_counter()
        os.write(self.fd, key)
        answered = self.read(1.0)
        taken = (time.perf_counter() - began) * 1000
        self.rest()
        return taken if answered else None

    def until(self, key: bytes, text: str, limit_s: float = 30.0) -> float:
        """Milliseconds until the text is painted."""
        began, seen = time.perf_counter(), b""
        os.write(self.fd, key)
        while text not in _plain(seen):
            if time.perf_counter() - began > limit_s:
                raise SystemExit(f"{text!r} was not painted; the end of the output: {_plain(seen)[-400:]}")
            seen = (seen + self.read(0.05))[-200_000:]
        return (time.perf_counter() - began) * 1000


def _plain(output: bytes) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output.decode(errors="replace"))


def report(program: str, name: str, found: Sequence[float | None], tasks: int, **more: object) -> None:
    times = sorted(t for t in found if t is not None)
    line = {"program": program, "key": name, "tasks": tasks, "n": len(times), "unanswered": len(found) - len(times)}
    if times:
        line |= {"p50_ms": round(statistics.median(times), 1), "p95_ms": round(times[int(len(times) * 0.95)], 1)}
        line |= {"worst_ms": round(times[-1], 1)}
    print(json.dumps(line | more), flush=True)


def counted(env: dict[str, str]) -> Callable[[str], int]:
    """How many tasks a filter line names, asked of the engine."""
    from coach.config import Config, home_at
    from coach.engine import lines, opening, task_list
    from coach.store.db import connect
    from coach.tui.screens.tasks import words_of

    now, tz, config = datetime.now(UTC), ZoneInfo("Europe/Berlin"), Config()
    access = opening.access(config, env["COACH_KEY_FILE"])
    db = connect(opening.unlock(home_at(Path(env["COACH_HOME"])), access, now))
    listing = lines.read(db)
    return lambda line: task_list.tasks_view(db, listing, words_of(line), task_list.Look(), config, now, tz).shown


def type_line(at: Terminal, line: str, count: Callable[[str], int], pause_s: float) -> tuple[list[float | None], list[float]]:
    """(first byte of the answer, the new count is painted), for each letter; `pause_s` as a person types."""
    first: list[float | None] = []
    shown: list[float] = []
    before = -1
    for n in range(len(line)):
        here = count(line[: n + 1])
        if here == before:
            first.append(at.key(line[n].encode()))
        else:
            shown.append(at.until(line[n].encode(), f"{here:,} task"))
            at.rest()
        before = here
        time.sleep(pause_s)
    return first, shown


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--tasks", type=int, default=10_000)
    ask.add_argument("--keys", type=int, default=200)
    ask.add_argument("--size", default="120x40")
    given = ask.parse_args()
    size = tuple(int(part) for part in given.size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        env = fill(Path(folder), given.tasks)
        bare = Terminal([sys.executable, "-c", LIST % given.tasks], {}, size)  # type: ignore[arg-type]
        coach = Terminal([str(Path(sys.executable).parent / "coach")], env, size)  # type: ignore[arg-type]
        try:
            bare.until(b"", "Call the garden for budget 1")
            coach.until(b"", "2 Tasks")
            coach.rest(2.0)
            coach.until(b"2", f"{given.tasks:,} tasks")
            coach.rest(1.0)
            moving(bare, coach, given.tasks, given.keys)
            edited(coach, env, given.tasks, given.keys)
            print(json.dumps({"program": "coach", "tasks": given.tasks, "rss_mb": round(rss_mb(coach.pid), 1)}))
            finding(coach, env, given.tasks)
            print(json.dumps({"program": "coach after filters", "tasks": given.tasks, "rss_mb": round(rss_mb(coach.pid), 1)}))
        finally:
            for one in (bare, coach):
                end(one.pid, one.fd)


def moving(bare: Terminal, coach: Terminal, tasks: int, keys: int) -> None:
    for _ in range(2):  # the first round warms the caches
        floor = {name: [bare.key(key) for _ in range(keys)] for name, key in (("down", DOWN), ("up", UP))}
        own = {name: [coach.key(key) for _ in range(keys)] for name, key in (("j", b"j"), ("k", b"k"))}
    ends: dict[str, list[float | None]] = {"OptionList": [], "coach": []}
    for _ in range(10):
        ends["OptionList"] += [bare.key(b"\x1b[F"), bare.key(b"\x1b[H")]
        ends["coach"] += [coach.key(b"G"), coach.key(b"g")]
    for name, found in floor.items():
        report("OptionList", name, found, tasks)
    for name, found in own.items():
        report("coach", name, found, tasks, limit_p95_ms=16)
    for program, found in ends.items():
        report(program, "last and first", found, tasks)


def edited(coach: Terminal, env: dict[str, str], tasks: int, keys: int) -> None:
    command = [sys.executable, "-c", EDITS, env["COACH_HOME"], env["COACH_KEY_FILE"], "20"]
    editor = subprocess.Popen(command)
    time.sleep(1.0)
    report("coach", "j while edited", [coach.key(b"j") for _ in range(keys)], tasks)
    editor.wait()
    coach.rest(1.5)


def finding(coach: Terminal, env: dict[str, str], tasks: int) -> None:
    count = counted(env)
    groups: list[float | None] = []
    for _ in range(5):
        groups += [coach.until(b"o", words) for words in ("by project", "by priority", "by urgency")]
        coach.key(b"o")  # and back to where it began
    report("coach", "group", groups, tasks)
    coach.rest()
    for name, lines in (
        ("find", ("call", "budget sl", "clnfnc 77", "tax 4242")),
        ("filter", ("due.before:fri", "priority:1 +call", "project:tax")),
    ):
        echo: list[float | None] = []
        shown: list[float] = []
        for line in lines:
            coach.key(b"/")
            first, painted = type_line(coach, line, count, 0.08)
            echo, shown = echo + first, shown + painted
            coach.key(b"\x1b")  # out of the filter, then out of what it says
            coach.rest(0.3)
            coach.until(b"\x1b", f"{tasks:,} task")
            coach.rest(0.3)
        report("coach", f"{name}, list painted", shown, tasks, limit_p95_ms=100)
        report("coach", f"{name}, same list", echo, tasks)
    report("coach", "done", [_done(coach) for _ in range(10)], tasks)


def _done(coach: Terminal) -> float:
    taken = coach.until(b" ", "Done:")
    coach.rest(0.3)
    return taken


if __name__ == "__main__":
    main()
