"""Wishes about the life of tasks: complete, open again, delete, put off, start, stop."""

from __future__ import annotations

from datetime import datetime

from coach.core.errors import InvalidInput
from coach.core.task import changed
from coach.core.wish import Wish
from coach.engine import tasks
from coach.engine.acting import targets
from coach.engine.acting.proposal import Here, Line, Proposal, about, difference, names, unchanged
from coach.store.db import Connection


def done(here: Here, found: Wish) -> Proposal:
    chosen = targets.some(here, found.target)

    def do(db: Connection, now: datetime) -> str:
        tasks.done(db, unchanged(db, chosen), now)
        return f"Completed {names(chosen)}."

    return about("Complete", chosen, do, Line("status", "open", "completed"))


def reopen(here: Here, found: Wish) -> Proposal:
    task = targets.one(here, found.target, closed=True)

    def do(db: Connection, now: datetime) -> str:
        tasks.reopen(db, unchanged(db, [task])[0], now)
        return f"Opened {names([task])} again."

    return about("Open again", [task], do, Line("status", task.status, "open"))


def delete(here: Here, found: Wish) -> Proposal:
    chosen = targets.some(here, found.target)

    def do(db: Connection, now: datetime) -> str:
        tasks.delete(db, unchanged(db, chosen), now)
        return f"Deleted {names(chosen)}."

    return about("Delete", chosen, do, Line("status", "open", "deleted"))


def snooze(here: Here, found: Wish) -> Proposal:
    chosen = targets.some(here, found.target)
    words = found.value or "tomorrow morning"
    until = tasks.snooze_moment(words, here.config, here.now, here.tz)
    new = [changed(t, here.now, wait=until, snooze_count=t.snooze_count + 1) for t in chosen]

    def do(db: Connection, now: datetime) -> str:
        tasks.snooze(db, unchanged(db, chosen), until, now)
        return f"Snoozed {names(chosen)}."

    return difference(here, "Snooze", chosen, new, do)


def start(here: Here, found: Wish) -> Proposal:
    task = targets.one(here, found.target)
    if task.started is not None:
        raise InvalidInput(f"{names([task])} is started already")

    def do(db: Connection, now: datetime) -> str:
        tasks.start(db, unchanged(db, [task])[0], now)
        return f"Started {names([task])}."

    return about("Start", [task], do, Line("started", after="now"))


def stop(here: Here, found: Wish) -> Proposal:
    task = targets.one(here, found.target)
    if task.started is None:
        raise InvalidInput(f"{names([task])} is not started")

    def do(db: Connection, now: datetime) -> str:
        tasks.stop(db, unchanged(db, [task])[0], now)
        return f"Stopped {names([task])}."

    return about("Stop", [task], do, Line("started", "running", "stopped"))
