"""A running Coach: the store opened, the roles it could take, and everything stopped in reverse order at the end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from coach.config import Config, Home
from coach.core.errors import Busy, CoachError, InvalidInput
from coach.engine import clock, logs
from coach.store import leases
from coach.store.db import Connection, DatabaseError, Unlocked, connect

if TYPE_CHECKING:
    from coach.engine.models import Models
    from coach.tracker.loop import Health

JOBS_AFTER_S = 1.5
"""The scheduler starts after the first paint: it costs 100 ms of the interpreter."""
RETRY_S = 5.0
"""A role that somebody else holds is tried again this often: an app takes over when the headless tracker dies."""

CLOCK_S = 20.0
"""The clock is looked at this often."""
SET_BACK_S = 5.0
"""A clock that went back by more than this was set, not corrected by a time server."""

log = logging.getLogger(__name__)

Beside: TypeAlias = "Callable[[Runtime], AbstractContextManager[object]]"
"""What lives above the engine and runs with it, such as a server: entered in the jobs thread by whoever holds that role,
left when it ends. It reports its own troubles; one that raises ends the jobs' attempt too."""


@dataclass
class Runtime:
    """What front ends hold. `health` is this process's tracker, None while another process tracks or nobody does."""

    config: Config
    home: Home
    tz: ZoneInfo
    unlocked: Unlocked
    stop: threading.Event = field(default_factory=threading.Event)
    health: Health | None = None
    has_jobs: bool = False
    models: Models | None = None
    deliver: Callable[[Any], str] | None = None
    """How a nudge reaches the person when no notification service answers: the app's toast and bell."""

    def connect(self) -> Connection:
        """A connection for the calling thread, durable."""
        return connect(self.unlocked)

    @property
    def tracking(self) -> str:
        """"on" (this process tracks), "elsewhere" (another one does), "paused" or "off"."""
        if self.health is not None:
            return "paused" if self.health.paused else "on" if self.health.probe else "off"
        return "elsewhere" if leases.held(self.home.state, "tracker") else "off"


@contextmanager
def running(
    config: Config, home: Home, unlocked: Unlocked, *, holder: str = "app", track: bool = True, jobs: bool = True,
    on_change: Callable[[str], None] | None = None, beside: Sequence[Beside] = (),
) -> Iterator[Runtime]:
    """Roles are taken by threads, after the caller goes on; `on_change(what)` is called from them ("tracker", "jobs")."""
    runtime = Runtime(config, home, clock.local_zone(config), unlocked)
    tell = on_change or (lambda what: None)
    threads = []
    if track:
        threads.append(threading.Thread(target=_tracker, args=(runtime, holder, tell), name="coach-tracker", daemon=True))
    if jobs:
        threads.append(threading.Thread(target=_jobs, args=(runtime, holder, tell, beside), name="coach-jobs", daemon=True))
    with logs.kept(home.state):
        for thread in threads:
            thread.start()
        try:
            yield runtime
        finally:
            runtime.stop.set()
            for thread in reversed(threads):
                thread.join(timeout=10)
            if runtime.models is not None:
                runtime.models.close()


def _tracker(runtime: Runtime, holder: str, tell: Callable[[str], None]) -> None:
    # The first paint goes first: the probe and the taxonomy cost 100 ms of the interpreter.
    runtime.stop.wait(0.5 if holder == "app" else 0)
    from coach.engine import tracking

    def health(state: Health) -> None:
        before, runtime.health = runtime.health, state
        if before is None or (before.probe, before.paused) != (state.probe, state.paused):
            tell("tracker")

    def track() -> None:
        try:
            tracking.run(runtime.unlocked, runtime.config, runtime.tz, runtime.stop, health)
        finally:
            runtime.health = None

    _hold(runtime, "tracker", holder, tracking.consent, track)


def _jobs(runtime: Runtime, holder: str, tell: Callable[[str], None], beside: Sequence[Beside]) -> None:
    runtime.stop.wait(JOBS_AFTER_S if holder == "app" else 0)

    def work() -> None:
        from coach.engine import jobs

        started = jobs.start(runtime)
        runtime.has_jobs = True
        tell("jobs")
        try:
            with ExitStack() as stack:
                for enter in beside:
                    stack.enter_context(enter(runtime))
                _wait(runtime, lambda now: jobs.wake(started, now))
        finally:
            runtime.has_jobs = False
            jobs.stop(started)

    _hold(runtime, "jobs", holder, lambda db: True, work)


def _wait(runtime: Runtime, set_back: Callable[[datetime], None]) -> None:
    """Until the runtime stops. Now and then it looks whether the clock was set back, and which zone the machine is in:
    a process that runs for weeks travels."""
    ahead_s = time.time() - time.monotonic()
    while not runtime.stop.wait(CLOCK_S):
        before_s, ahead_s = ahead_s, time.time() - time.monotonic()
        with suppress(InvalidInput):  # a zone that nobody knows: the last one stays
            runtime.tz = clock.local_zone(runtime.config)
        if ahead_s < before_s - SET_BACK_S:
            log.info("the clock was set back by %d s", before_s - ahead_s)
            set_back(datetime.now(runtime.tz))


def _hold(
    runtime: Runtime, role: str, holder: str, wanted: Callable[[Connection], bool], work: Callable[[], None]
) -> None:
    """Do a role's work whenever the role can be had. A full disk or a store that is shut ends the work, not the trying."""
    while not runtime.stop.is_set():
        try:
            with closing(runtime.connect()) as db:
                while not runtime.stop.is_set():
                    now = datetime.now(runtime.tz)
                    lease = leases.take(db, role, runtime.home.state, holder, now) if wanted(db) else None
                    if lease is None:
                        runtime.stop.wait(RETRY_S)
                        continue
                    try:
                        work()
                    finally:
                        lease.release(db)
        except (DatabaseError, CoachError) as error:
            log.warning("%s stopped: %s", role, logs.place(error))
            runtime.stop.wait(RETRY_S)


def headless(
    config: Config, home: Home, unlocked: Unlocked, stop: threading.Event, begun: Callable[[], None] = lambda: None,
    beside: Sequence[Beside] = (), wait: bool = False,
) -> None:
    """Track (and run the jobs) in this process until `stop` is set; `begun` is called once the role is taken. While another
    process tracks it waits, or raises Busy."""
    from coach.engine import tracking

    with closing(connect(unlocked)) as db:
        lease = _take(db, home, stop, wait)
        if lease is None:
            return
        try:
            with running(config, home, unlocked, holder="track", track=False, beside=beside) as runtime:
                begun()
                log.info("tracking begins")
                tracking.run(unlocked, config, runtime.tz, stop, _narrator())
                log.info("tracking ends")
        finally:
            lease.release(db)


def _narrator() -> Callable[[Health], None]:
    """Logs what changes about the tracker: its probe, pauses, gaps and errors, in numbers."""
    told: list[tuple[str, bool, int, int]] = []

    def health(state: Health) -> None:
        now = state.probe, state.paused, state.gaps, state.errors
        if told != [now]:
            told[:] = [now]
            log.info("probe %s, %s, %d gaps, %d errors", now[0] or "none", "paused" if now[1] else "on", now[2], now[3])

    return health


def _take(db: Connection, home: Home, stop: threading.Event, wait: bool) -> leases.Lease | None:
    """The tracker role; None when stopped meanwhile. Even without `wait` it tries for a second: the last holder may just be
    leaving."""
    deadline = time.monotonic() + 1.0
    while not stop.is_set():
        lease = leases.take(db, "tracker", home.state, "track", clock.now())
        if lease:
            return lease
        late = time.monotonic() > deadline
        if late and not wait:
            row = leases.row(db, "tracker") or {}
            raise Busy(f"process {row.get('pid', '?')} ({row.get('holder', '?')}) is tracking already", "`coach status` shows it")
        stop.wait(RETRY_S if late else 0.1)
    return None
