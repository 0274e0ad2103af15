"""Runs the training child, tells how far it is, ends it when asked, and gives its candidate a verdict."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, Home
from coach.core.errors import Busy, CoachError
from coach.engine import piped
from coach.engine.learning import child, judging
from coach.engine.learning.kinds import Rung, kind
from coach.store import leases, predictions
from coach.store.db import Connection, DatabaseError, Unlocked, closed, connect
from coach.tracker import machine

COMMAND = (sys.executable, "-P", "-m", "coach.engine.learning.child")
TIMEOUT_S = 1800.0
POLL_S = 0.2
POWER_S = 15.0
"""The battery is looked at this often."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """One training: of which model, how much of it, why, and by which seed. `power` ends it where the mains go."""

    name: str
    rung: Rung
    reason: str
    seed: int
    power: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """`status` is done, failed or cancelled; of a candidate its `number` and `verdict` (kept, trial, rejected)."""

    status: str
    words: str
    number: int | None = None
    verdict: str = ""
    shifted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where training happens: the store, its folders, the settings and the zone."""

    unlocked: Unlocked
    home: Home
    config: Config
    tz: ZoneInfo


def run(
    place: Place, order: Order, now: datetime, *, stop: threading.Event | None = None,
    progress: Callable[[float, str], None] = lambda share, words: None, command: Sequence[str] = COMMAND,
    timeout_s: float = TIMEOUT_S,
) -> Result:
    """Train in a process of its own and wait for it; its progress stands in the store too. Raises Busy while another training
    runs. A crash of either process leaves the active version as it is."""
    kind(order.name)
    with closing(connect(place.unlocked)) as db:
        if leases.held(place.home.state, child.LOCK):
            raise Busy("another training is running", "`coach models` shows it")
        predictions.lose_runs(db, now)
        judging.settle(db, order.name, now, place.config.learning.trial)
        run_id = predictions.begin_run(db, order.name, order.reason, order.rung, now)
        result = Result("failed", "it ended before its time")
        try:
            watch = _Watch(db, run_id, stop or threading.Event(), progress, order.power, time.monotonic() + timeout_s)
            result = _watched(place, order, now, watch, command)
            if result.number is not None:
                result = _judged(db, order.name, result, now, place.config.learning.trial)
        finally:
            with suppress(DatabaseError):  # a full disk: the run is found lost by the next one
                predictions.end_run(db, run_id, result.status, result.words, now, result.number)
        return result


def start(
    place: Place, order: Order, now: datetime, stop: threading.Event, told: Callable[[Result | CoachError], None],
    command: Sequence[str] = COMMAND,
) -> threading.Thread:
    """`run` in a thread of its own, for an app that goes on; its progress is in the store. `told` hears the end, in that thread:
    what came of it, or why it could not be. `stop` ends it."""
    def work() -> None:
        try:
            told(run(place, order, now, stop=stop, command=command))
        except CoachError as error:
            told(error)
        except DatabaseError as error:
            told(closed(place.unlocked.path, error))

    thread = threading.Thread(target=work, name="coach-training", daemon=True)
    thread.start()
    return thread


def _judged(db: Connection, name: str, result: Result, now: datetime, mode: str) -> Result:
    verdicts = {number: (status, why) for number, status, why in judging.settle(db, name, now, mode)}
    status, why = verdicts.get(result.number or 0, ("rejected", "it is gone"))
    if status == "kept":
        predictions.notify(db, name, f"{kind(name).title}: version {result.number} is active now; {why}", now)
    return Result("done", why, result.number, status, result.shifted)


@dataclass
class _Watch:
    """What may end a training before its time, and where its progress goes."""

    db: Connection
    run_id: int
    stop: threading.Event
    progress: Callable[[float, str], None]
    power: bool
    deadline: float
    power_at: float = 0.0

    def ended(self) -> str:
        """Why it has to end now; empty while it may go on."""
        if self.stop.is_set():
            return "Coach was closed"
        if time.monotonic() > self.deadline:
            return "it took too long"
        if predictions.cancelled(self.db, self.run_id):
            return "you cancelled it"
        if self.power and time.monotonic() > self.power_at:
            self.power_at = time.monotonic() + POWER_S
            if machine.on_battery():
                return "the machine runs on its battery"
        return ""

    def told(self, share: float, words: str) -> None:
        predictions.progress_of(self.db, self.run_id, share, words)
        self.progress(share, words)


def _watched(place: Place, order: Order, now: datetime, watch: _Watch, command: Sequence[str]) -> Result:
    process = _start(command)
    assert process.stdin is not None
    assert process.stdout is not None
    heard: queue.Queue[dict[str, Any] | None] = queue.Queue()
    listener = threading.Thread(target=_listen, args=(process, heard), daemon=True)
    listener.start()
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(piped.request(
                place.unlocked, locks=str(place.home.state), name=order.name, rung=order.rung, seed=order.seed,
                tz=place.tz.key, now=now.isoformat(), config=asdict(place.config),
            ))
            process.stdin.flush()
        while True:
            if why := watch.ended():
                return Result("cancelled", why)
            with suppress(queue.Empty):
                words = heard.get(timeout=POLL_S)
                if words is None:
                    return Result("failed", "the training process ended without a word")
                if found := _result(words):
                    return found
                watch.told(words["share"], words["words"])
    finally:
        _end(process)
        listener.join(timeout=5)


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=None if os.environ.get("COACH_DEBUG") else subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
    except OSError as error:
        raise CoachError(f"training cannot be started: {error.strerror}") from error


def _listen(process: subprocess.Popen[bytes], heard: queue.Queue[dict[str, Any] | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        with suppress(ValueError):  # a line that was cut by the end of its process
            heard.put(json.loads(line))
    heard.put(None)


def _result(words: dict[str, Any]) -> Result | None:
    if "done" in words:
        return Result("done", "", words["done"]["number"], "", tuple(words["done"]["shifted"]))
    if "error" in words:
        return Result("failed", ": ".join(w for w in (words["message"], words["hint"]) if w))
    return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Closing its input ends it; a second later it is killed."""
    with suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def cancel(db: Connection, name: str = "") -> int:
    """Ask the training that runs (of a model) to end; returns its id. Raises NotFound."""
    running = next((r for r in predictions.runs(db, name) if r.status == "running"), None)
    run_id = running.id if running else 0
    predictions.cancel(db, run_id)
    return run_id


def ladder(db: Connection, name: str, since: datetime) -> Rung | None:
    """The next rung for a model in trouble: one step for each training since then that did not help; None above the last."""
    tried = sum(
        1 for r in predictions.runs(db, name, 50)
        if r.status == "done" and r.reason != "nightly" and datetime.fromisoformat(r.started) >= since
    )
    rungs = kind(name).rungs
    return rungs[tried] if tried < len(rungs) else None
