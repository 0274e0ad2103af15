"""What happens by the clock: nudges, roll-ups, the daily backup, calendars. Run only by the holder of the "jobs" role.

One worker thread; each run opens its own connection. An error ends that run, is logged by its kind, and the next one
comes at its time: jobs are one of the five places that catch whatever comes (README, "How it works").
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from coach.core.errors import InvalidInput
from coach.engine import (
    activity,
    attribution,
    avoidance,
    block_feed,
    calendars,
    categories,
    clock,
    delivering,
    digest,
    keeping,
    manual,
    meetings,
    nudging,
    reminders,
    tasks,
    tracked,
)
from coach.engine.watch import edits
from coach.store import nudges
from coach.store.db import Connection, connect

if TYPE_CHECKING:
    from coach.engine.runtime import Runtime

NUDGE_S = 60
ROLL_S = 60
HOURS_AT_ONCE = 720
"""Of an import that was ended before the timeline had followed: a month takes a second."""
REMIND_S = 30
BACKUP_S = 3600
"""The backup is daily; a laptop that sleeps at night gets it within the hour in which it is opened."""
CALENDAR_S = 900
"""Files and folders that changed are read again; feeds at most once an hour."""
PUSH_S = 20
SERVERS_S = 60
"""Calendars on servers every quarter of an hour, and within the minute where a block is to be written."""
ATTRIBUTION_S = 1800
"""Proposals for a day are made once, after it; whoever sleeps over midnight finds them half an hour after waking up."""
TITLES_S = 20
TITLES_AT_ONCE_S = 2.0
"""An import of thousands of tasks is looked at in pieces, between which reminders come."""
LEARNING_S = 900
"""Learning is nightly; it has a thread of its own, since a training takes minutes and reminders do not wait."""
LINES_S = 900
"""Lines ahead of need, where they are wanted: in the thread of learning, for each takes the small model a second or more."""
AVOIDANCE_S = 900
"""Scores of what is avoided are made anew once an hour at most, and only after an edit or in a new day."""
DIGEST_S = 900
"""The digest is weekly; whoever opens a laptop after days hears of the last week within a quarter of an hour."""
FIRST_S: Mapping[str, float] = {"roll-ups": 15, "reminders": 15, "calendars": 35, "servers": 35, "nudge": 75, "push": 15,
                                "backup": 135, "digest": 195, "titles": 15, "attribution": 255, "learning": 315,
                                "avoidance": 215, "lines": 375}
"""Seconds from the start to each job's first run. All at the same beats: a processor that is woken four times a minute instead
of thirteen is a fifth less of what tracking costs."""

SLOW = ("learning", "lines")
"""Jobs that take long: a thread of their own does them, one after another."""

log = logging.getLogger(__name__)

Work: TypeAlias = Callable[[Connection, datetime], object]


@dataclass(slots=True)
class Kept:
    """The connection of the thread that does the jobs: opening one costs as much as most jobs do. After an error a job gets
    a new one."""

    runtime: Runtime
    db: Connection | None = None

    def get(self) -> Connection:
        if self.db is None:
            self.db = connect(self.runtime.unlocked, one_thread=False)  # closed by whoever ends the jobs
        return self.db

    def close(self) -> None:
        if self.db is not None:
            self.db.close()
            self.db = None


@dataclass(frozen=True, slots=True)
class Jobs:
    """The running scheduler and what has to be closed after it."""

    scheduler: Any
    closing: ExitStack


def start(runtime: Runtime) -> Jobs:
    """Schedule every job. Costs 60 ms of imports, so the caller starts it after the first paint."""
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler
    from apscheduler.triggers.interval import IntervalTrigger

    # It reports late runs on stderr, where the app is drawn.
    quiet = logging.getLogger("apscheduler")
    quiet.propagate = False
    quiet.addHandler(logging.NullHandler())
    with ExitStack() as stack:
        deliver = _delivery(runtime, stack)
        starting, kept = iter((True,)), Kept(runtime)
        talking: list[threading.Thread] = []
        sending: list[threading.Thread] = []
        read: list[object] = []
        stack.callback(kept.close)
        scheduler = BackgroundScheduler(
            timezone=runtime.tz, executors={"default": ThreadPoolExecutor(1), "learning": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        every: tuple[tuple[str, float, Work], ...] = (
            ("roll-ups", ROLL_S, lambda db, now: roll(runtime, db, now, starting=next(starting, False))),
            ("reminders", REMIND_S, lambda db, now: remind(runtime, db, now, deliver)),
            ("nudge", NUDGE_S, lambda db, now: nudge(runtime, db, now, deliver)),
            ("calendars", CALENDAR_S, lambda db, now: calendars.refresh(db, now, runtime.tz)),
            ("servers", SERVERS_S, lambda db, now: write_out(runtime, db, now, talking)),
            ("push", PUSH_S, lambda db, now: push(runtime, db, now, sending)),
            ("backup", BACKUP_S, lambda db, now: keeping.back_up_if_due(db, runtime.home, runtime.config, now)),
            ("attribution", ATTRIBUTION_S, lambda db, now: attribution.tick(db, runtime.config, now, runtime.tz)),
            ("avoidance", AVOIDANCE_S, lambda db, now: avoidance.tick(db, runtime.config, now, runtime.tz)),
            ("titles", TITLES_S, lambda db, now: understand(runtime, db, now, read)),
            ("learning", LEARNING_S, lambda db, now: learn(runtime, db, now)),
            ("lines", LINES_S, lambda db, now: write_lines(runtime, db, now)),
            ("digest", DIGEST_S, lambda db, now: tell_week(runtime, db, now, deliver)),
        )
        began = datetime.now(runtime.tz)
        for name, every_s, work in every:
            scheduler.add_job(
                _guarded, IntervalTrigger(seconds=every_s, timezone=runtime.tz),
                (runtime, name, work, None if name in SLOW else kept), id=name,
                executor="learning" if name in SLOW else "default",
                next_run_time=began + timedelta(seconds=FIRST_S[name]),
            )
        scheduler.start()
        return Jobs(scheduler, stack.pop_all())


def stop(jobs: Jobs) -> None:
    """Let the running job finish, start no other, take down notifications whose buttons nobody would hear."""
    jobs.scheduler.shutdown(wait=True)
    jobs.closing.close()


def wake(jobs: Jobs, now: datetime) -> None:
    """Run every job soon, and count its intervals from then: a clock that was set back would leave them waiting for hours."""
    for job in jobs.scheduler.get_jobs():
        job.modify(next_run_time=now)


def roll(runtime: Runtime, db: Connection, now: datetime, *, starting: bool = False) -> None:
    """Roll-ups and focus scores up to now: what a tracker that died, an import or an undone rule left behind."""
    rules = categories.catch_up(db, runtime.config, starting=starting)
    manual.follow(db, rules, runtime.tz, now)
    meetings.follow(db, runtime.config, rules, runtime.tz, now)
    tracked.follow(db, now, runtime.tz, runtime.config, HOURS_AT_ONCE)
    activity.roll(db, rules, now)


def nudge(runtime: Runtime, db: Connection, now: datetime, deliver: nudging.Deliver) -> None:
    """A nudge, if there is one to give and a way to give it."""
    if not _can_tell(runtime, db):
        nudging.settle(db, now)
        return
    tone = None
    if runtime.config.language_model.lines:
        from coach.engine import spare_lines

        tone = spare_lines.tone(db, runtime.config, now)
    nudging.tick(db, runtime.config, now, runtime.tz, deliver, tone)


def remind(runtime: Runtime, db: Connection, now: datetime, deliver: nudging.Deliver) -> None:
    """Tasks whose `until` has passed go; reminders that are due are given, if there is a way to give them."""
    tasks.expire(db, now)
    if _can_tell(runtime, db):
        reminders.tick(db, runtime.config, now, runtime.tz, deliver)


def tell_week(runtime: Runtime, db: Connection, now: datetime, deliver: nudging.Deliver) -> None:
    """The weekly digest, if the settings want it and, as a notification, if there is a way to give it."""
    digest.tick(db, runtime.config, now, runtime.tz, deliver if _can_tell(runtime, db) else None)


def write_out(runtime: Runtime, db: Connection, now: datetime, talking: list[threading.Thread]) -> None:
    """The accepted blocks into their calendar and their file, and what others changed in the calendar back.

    A server is talked to in a thread of its own, for which neither reminders nor the end of Coach wait: it may be silent for
    long, and a synchronisation that is cut off is taken up by the next one."""
    if not any(thread.is_alive() for thread in talking) and calendars.servers_due(db, runtime.config, now):
        def sync(db: Connection, now: datetime) -> None:
            calendars.sync_servers(db, runtime.config, now, runtime.tz)

        talking[:] = [threading.Thread(target=_guarded, args=(runtime, "servers", sync), name="coach-servers", daemon=True)]
        talking[0].start()
    block_feed.follow(db, runtime.config, now)


def understand(runtime: Runtime, db: Connection, now: datetime, read: list[object]) -> None:
    """Vectors and categories of tasks that came or changed; `read` is as of which edit all have been looked at. The embedder is
    loaded only when there are such, and where nothing else of this process uses it, in a process of its own."""
    from coach.engine import categorising, guessing, language, reading
    from coach.engine.models import Models

    language.renew(db, now, at_once=False)
    models = runtime.models or Models(runtime.config)
    stamp = (edits(db), categorising.version(db, models))
    if read == [stamp]:
        return
    read[:] = [stamp]  # also where it fails: it is tried again after the next edit
    done = 0
    if guessing.waiting(db, models):
        if models is runtime.models:
            done = guessing.fill(db, models, now, TITLES_AT_ONCE_S)
        elif models.embedder_version():
            done = reading.fill_apart(runtime.unlocked, runtime.config, now, TITLES_AT_ONCE_S, runtime.stop)
    if done:
        read.clear()


def learn(runtime: Runtime, db: Connection, now: datetime) -> None:
    """Score what the nets said, decide who serves, fine-tune at night."""
    from coach.engine.learning import nightly
    from coach.engine.learning.training import Place

    nightly.tick(Place(runtime.unlocked, runtime.home, runtime.config, runtime.tz), db, now, runtime.stop)


def write_lines(runtime: Runtime, db: Connection, now: datetime) -> None:
    """Lines of nudges ahead of need, where the settings want them, the voice is there, and the machine has nothing else to do."""
    if not runtime.config.language_model.lines:
        return
    from coach.engine import spare_lines
    from coach.engine.learning.nightly import BUSY_LOAD
    from coach.engine.models import Models
    from coach.tracker import machine

    busy = machine.load_per_core() > BUSY_LOAD or (machine.on_battery() and not runtime.config.learning.on_battery)
    if not busy and spare_lines.there():
        models = runtime.models or Models(runtime.config)
        spare_lines.fill(db, runtime.config, models, now, runtime.stop)
        if models is not runtime.models:
            models.close()


def push(runtime: Runtime, db: Connection, now: datetime, sending: list[threading.Thread]) -> None:
    """Messages to other devices that are due, in a thread of their own: a network may be silent for long."""
    if any(thread.is_alive() for thread in sending) or not delivering.wanted(db):
        return
    sending[:] = [threading.Thread(target=_guarded, args=(runtime, "push", delivering.send_due), name="coach-push", daemon=True)]
    sending[0].start()


def _can_tell(runtime: Runtime, db: Connection) -> bool:
    """Whether there is any way to reach the person."""
    if runtime.deliver is not None or delivering.wanted(db) or delivering.tmux_here():
        return True
    return runtime.config.nudge.desktop and nudging.desktop_finding().ok


def _delivery(runtime: Runtime, stack: ExitStack) -> nudging.Deliver:
    def in_app(said: nudging.Nudge) -> str:
        return runtime.deliver(said) if runtime.deliver else ""

    here = delivering.in_order((in_app, delivering.by_tmux))

    def pressed(nudge_id: str, action: str) -> None:
        def act(db: Connection, now: datetime) -> None:
            try:
                nudging.act(db, nudge_id, action, now, runtime.config)
            except InvalidInput as error:  # such as open subtasks below: the nudge stays unanswered, the app says why
                here(replace(nudges.find(db, nudge_id), text=f"{error.message}; {error.hint}"))

        _guarded(runtime, "nudge button", act)

    local = here
    if runtime.config.nudge.desktop:
        local = nudging.desktop_delivery(stack.enter_context(nudging.desktop_notifier()), pressed, here)

    def deliver(said: nudging.Nudge) -> str:
        shown = local(said)
        with closing(runtime.connect()) as db:
            queued = delivering.enqueue(db, said, bool(shown), clock.now())
        return shown or queued

    return deliver


def _guarded(runtime: Runtime, name: str, work: Work, kept: Kept | None = None) -> None:
    """Do a job on the connection that is `kept` for its thread, or on one of its own."""
    with ExitStack() as stack:
        try:
            work(kept.get() if kept else stack.enter_context(closing(runtime.connect())), clock.now())
        except Exception as error:  # noqa: BLE001  the boundary of a job: the next run comes whatever happened to this one
            if kept:
                stack.callback(kept.close)
            # The kind only: messages of errors may hold a task's title.
            log.warning("job %s failed: %s", name, type(error).__name__)
