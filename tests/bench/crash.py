"""kill -9 in the middle of writing: of a process that edits, of `coach track`, and of the app, on one store, in turns.

    python tests/bench/crash.py [--rounds 200] [--seed 1]

After each kill: every edit that was acknowledged is there as acknowledged, rows and change log tell the same, and the
newest event ends at most 2 s before the kill. Each 20th round and at the end: `coach doctor --deep`'s checks. One JSON
line per kind of victim; exit status 1 when anything was lost. Needs Xvfb, openbox, xterm, xdotool and xprop.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).parents[2]))

from coach.config import Config, Home, home_at
from coach.core.task import stored
from coach.engine import keeping, opening, preferences, tasks
from coach.store import changes, events
from coach.store import tasks as rows
from coach.store.db import Connection, Unlocked, connect
from coach.store.opening import Access
from tests.tracker.surroundings import Desktop

TZ = ZoneInfo("Europe/Berlin")
MAX_LOSS_S = 2.0
KINDS = ("edits", "track", "app")
TITLES = "sleep 0.5; i=0; while :; do i=$((i+1)); printf '\\033]0;busy %s\\007' $i; sleep 0.15; done"
"""A window whose title changes all the time, so that the tracker writes as often as it ever does."""

Row = dict[str, Any]


@dataclass
class Acknowledged:
    """What the processes said was done: per task its row and how many changes its history had then."""

    tasks: dict[str, tuple[Row | None, int]] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)
    """Added in the app, which shows no ids."""
    fresh: set[str] = field(default_factory=set)
    """Tasks that were touched since the last comparison."""
    count: int = 0


@dataclass
class Tally:
    rounds: int = 0
    acknowledged: int = 0
    unacknowledged_but_kept: int = 0
    worst_loss_s: float = 0.0
    problems: list[str] = field(default_factory=list)


# The editing process


def edit_for_ever(seed: int, undoing: bool) -> None:
    """Edits tasks through the engine until killed; each is acknowledged on stdout once its function has returned."""
    rng, config = random.Random(seed), Config()
    db = connect(opening.unlock(home_at(Path(os.environ["COACH_HOME"])), Access(), datetime.now(UTC)))
    mine: list[str] = []
    while True:
        said = {task_id: state(db, task_id) for task_id in _edit(db, rng, config, mine, undoing)}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        time.sleep(0 if undoing else 0.004)  # beside a tracker it shall not have all of the processor


def _edit(db: Connection, rng: random.Random, config: Config, mine: list[str], undoing: bool) -> list[str]:
    """One action; the ids of the tasks that it touched."""
    now = datetime.now(UTC)
    pending = [t for i in mine[-12:] if (t := rows.get(db, i)) and t.status == "pending"]
    act = rng.choice(("add", "edit", "done", "snooze", "delete", "annotate", "undo")) if len(pending) > 3 else "add"
    if act == "edit":
        text = f"Renamed {rng.random():.6f} p{rng.randint(1, 4)} due:2030-01-{rng.randint(1, 28):02d}"
        return [tasks.edit_text(db, pending[0], text, config, now, TZ).id]
    if act == "done":
        return [t.id for t in tasks.done(db, pending[:2], now)]
    if act == "snooze":
        return [t.id for t in tasks.snooze(db, pending[-1:], now + timedelta(days=1), now)]
    if act == "delete":
        return [t.id for t in tasks.delete(db, pending[:1], now)]
    if act == "annotate":
        return [tasks.annotate(db, pending[1], "é" * rng.randint(1, 3000), now).id]
    if act == "undo" and undoing:  # undo takes back the device's last action: only where nobody else acts
        return [task_id for undone in tasks.undo(db, now) for _, task_id in undone.records]
    mine.append(tasks.add(db, f"Task {rng.random():.9f} tomorrow 18:00 #crash ~15m", config, now, TZ).id)
    return mine[-1:]


def state(db: Connection, task_id: str) -> tuple[Row | None, int]:
    """A task's row (None when its addition was undone) and how many changes it has had."""
    task = rows.get(db, task_id)
    return json.loads(json.dumps(task and stored(task))), len(changes.history(db, "task", task_id))


class Edits:
    """The editing process and what it has acknowledged."""

    def __init__(self, environ: dict[str, str], seed: int, undoing: bool, into: Acknowledged) -> None:
        words = [sys.executable, __file__, "--edit", str(seed), *(["--undoing"] if undoing else [])]
        self.process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE)
        self._into = into
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with suppress(json.JSONDecodeError):  # the kill may come in the middle of a line
                said: dict[str, tuple[Row | None, int]] = json.loads(line)
                self._into.tasks.update(said)
                self._into.fresh.update(said)
                self._into.count += 1

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._thread.join()  # what lies in the pipe was acknowledged too


# The app


class App:
    """`coach` on a terminal of its own; tasks are typed into it, and its toast is the acknowledgement."""

    def __init__(self, environ: dict[str, str], *words: str) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            command = [sys.executable, *(words or ("-m", "coach.cli"))]
            os.execvpe(command[0], command, {**environ, "TERM": "xterm-256color"})
        self._seen = b""

    def wait_for(self, text: bytes, until_s: float) -> bool:
        """Whether the screen says so before that time; what was read up to then is forgotten."""
        while text not in self._seen:
            if time.monotonic() > until_s:
                return False
            if select.select([self._terminal], [], [], 0.02)[0]:
                self._seen = (self._seen + os.read(self._terminal, 65536))[-200_000:]
        self._seen = self._seen.split(text, 1)[1]
        return True

    def press(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def add(self, title: str, until_s: float) -> bool:
        self.press("a")
        if not self.wait_for(b"enter saves", until_s):
            return False
        self.press(f"{title} ~20m\r")
        return self.wait_for(f"Added: {title}".encode(), until_s)

    def drain(self, seconds: float) -> None:
        self.wait_for(b"\0never\0", time.monotonic() + seconds)

    def rest(self) -> bytes:
        """What it still writes until it ends by itself."""
        said = self._seen
        while True:
            try:
                piece = os.read(self._terminal, 65536)
            except OSError:  # Linux: the other side has been closed
                piece = b""
            if not piece:
                os.waitpid(self.pid, 0)
                os.close(self._terminal)
                return said
            said += piece

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._terminal)


# One round


@dataclass
class Scene:
    """One store, one desktop whose window keeps changing, what was acknowledged so far."""

    home: Home
    unlocked: Unlocked
    environ: dict[str, str]
    rng: random.Random
    said: Acknowledged = field(default_factory=Acknowledged)
    tallies: dict[str, Tally] = field(default_factory=lambda: {kind: Tally() for kind in KINDS})

    def newest_end(self) -> float:
        """When the newest event ends, in seconds since the epoch."""
        with closing(connect(self.unlocked)) as db:
            found = events.between(db, datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1))
        return max((e.end.timestamp() for e in found), default=0.0)

    def wait_until_tracked(self, since: float, drain: Callable[[float], None] = time.sleep) -> None:
        deadline = time.monotonic() + 20
        while self.newest_end() < since:
            if time.monotonic() > deadline:
                raise SystemExit("nothing was tracked within 20 s")
            drain(0.1)

    def at_a_write(self) -> None:
        """Returns a moment after somebody has begun to write: most kills should meet a transaction."""
        log, deadline = Path(f"{self.home.store_file}-wal"), time.monotonic() + 1
        with suppress(FileNotFoundError):
            before = log.stat().st_mtime_ns
            while log.stat().st_mtime_ns == before and time.monotonic() < deadline:
                pass
        time.sleep(self.rng.uniform(0, 0.004))


def kill_edits(scene: Scene) -> float:
    editing = Edits(scene.environ, scene.rng.getrandbits(30), True, scene.said)
    before = scene.said.count
    while scene.said.count == before:
        time.sleep(0.005)
    time.sleep(scene.rng.uniform(0, 0.3))
    scene.at_a_write()
    editing.kill()
    return 0.0


def kill_tracker(scene: Scene) -> float:
    began = time.time()
    words = [sys.executable, "-m", "coach.cli", "track", "--yes"]
    tracker = subprocess.Popen(words, env=scene.environ, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    editing = Edits(scene.environ, scene.rng.getrandbits(30), False, scene.said)
    scene.wait_until_tracked(began)
    time.sleep(scene.rng.uniform(0, 2.5))
    scene.at_a_write()
    tracker.kill()
    killed_at = time.time()
    editing.kill()
    tracker.wait()
    return killed_at


def kill_app(scene: Scene) -> float:
    began = time.time()
    app = App(scene.environ)
    editing = Edits(scene.environ, scene.rng.getrandbits(30), False, scene.said)
    until_s = time.monotonic() + 20
    number, tag = 0, f"{scene.rng.getrandbits(40):010x}"
    scene.wait_until_tracked(began, app.drain)
    until_s = time.monotonic() + scene.rng.uniform(0.2, 2.5)
    while time.monotonic() < until_s:
        title = f"typed-{tag}-{number}"
        if app.add(title, until_s):
            scene.said.titles.add(title)
            scene.said.count += 1
            number += 1
    scene.at_a_write()
    app.kill()
    killed_at = time.time()
    editing.kill()
    return killed_at


KILLERS: dict[str, Callable[[Scene], float]] = {"edits": kill_edits, "track": kill_tracker, "app": kill_app}


def one_round(scene: Scene, kind: str, deep: bool) -> None:
    tally, before = scene.tallies[kind], scene.said.count
    killed_at = KILLERS[kind](scene)
    tally.rounds += 1
    tally.acknowledged += scene.said.count - before
    if killed_at:
        loss_s = killed_at - scene.newest_end()
        tally.worst_loss_s = max(tally.worst_loss_s, loss_s)
        if loss_s > MAX_LOSS_S:
            tally.problems.append(f"{loss_s:.2f} s of tracked time are gone")
    with closing(connect(scene.unlocked)) as db:
        kept, problems = compare(db, scene.said, everything=deep)
        tally.unacknowledged_but_kept += kept
        tally.problems += problems
        if deep:
            tally.problems += keeping.check(db, 240)


def compare(db: Connection, said: Acknowledged, *, everything: bool = True) -> tuple[int, list[str]]:
    """(how many tasks have one change more than was acknowledged, what is wrong). `said` is brought up to date."""
    problems, ahead, wrong = [], 0, 0
    for task_id in list(said.tasks if everything else said.fresh):
        row, count = said.tasks[task_id]
        found, have = said.tasks[task_id] = state(db, task_id)
        if have == count and found != row:
            problems.append("a task is not as acknowledged")
        elif have < count:
            problems.append(f"{count - have} acknowledged changes are gone")
        ahead += have > count
        wrong += found != logged(db, task_id, found)
    said.fresh.clear()
    if ahead > 2:  # the one edit on its way may be of two tasks
        problems.append(f"{ahead} tasks changed without anybody saying so")
    if wrong:
        problems.append(f"{wrong} tasks are not what the log says")
    if lost := said.titles - {r[0] for r in db.execute("SELECT title FROM task")}:
        problems.append(f"{len(lost)} tasks that the app had added are gone")
    return ahead, problems


def logged(db: Connection, task_id: str, row: Row | None) -> Row | None:
    """The row as the task's changes add up to it."""
    values: Row | None = None
    for step in changes.history(db, "task", task_id):
        new = {name: value for name, (_, value) in step["fields"].items()}
        values = None if step["kind"] == "delete" else {**(values or {}), **new}
    return values if values is None or row is None else {**row, **values}


@contextmanager
def busy_desktop() -> Iterator[Desktop]:
    """A display with one window in front whose title keeps changing."""
    desktop = Desktop()
    try:
        desktop.start_server()
        desktop.start_manager()
        desktop.xterm("first title", TITLES)
        yield desktop
    finally:
        desktop.stop()


def run(rounds: Sequence[str], seed: int, deep_every: int = 20) -> dict[str, Tally]:
    """Kills in that order of kinds, on a new store; the last round is checked deeply too."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        around = os.environ if set(rounds) == {"edits"} else stack.enter_context(busy_desktop()).environ
        dropped = ("COACH_NOW", "COACH_KEY_FILE", "DBUS_SESSION_BUS_ADDRESS")
        environ = {k: v for k, v in around.items() if k not in dropped} | {"COACH_HOME": folder, "TZ": TZ.key}
        home = home_at(Path(folder))
        unlocked = opening.unlock(home, Access(use_keyring=False), datetime.now(UTC))
        with closing(connect(unlocked)) as db:
            preferences.put(db, {"onboarded": True, "tracking_consent": True}, datetime.now(UTC), "agree")
        scene = Scene(home, unlocked, environ, random.Random(seed))
        for number, kind in enumerate(rounds, start=1):
            one_round(scene, kind, number % deep_every == 0 or number == len(rounds))
    return scene.tallies


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=200)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--kinds", default=",".join(KINDS))
    ask.add_argument("--edit", type=int, help=argparse.SUPPRESS)
    ask.add_argument("--undoing", action="store_true", help=argparse.SUPPRESS)
    given = ask.parse_args()
    if given.edit is not None:
        edit_for_ever(given.edit, given.undoing)
    kinds, began = given.kinds.split(","), time.monotonic()
    tallies = run([kinds[n % len(kinds)] for n in range(given.rounds)], given.seed)
    for kind in kinds:
        tally = tallies[kind]
        print(json.dumps({
            "bench": "crash", "victim": kind, "rounds": tally.rounds, "acknowledged_edits": tally.acknowledged,
            "kept_without_acknowledgement": tally.unacknowledged_but_kept, "worst_loss_s": round(tally.worst_loss_s, 2),
            "problems": tally.problems[:20], "n_problems": len(tally.problems), "elapsed_s": round(time.monotonic() - began),
        }), flush=True)
    return int(any(t.problems for t in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
