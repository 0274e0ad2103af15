"""Wishes about the life of tasks: complete, open again, delete, put off, start, stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeAlias

from coach.core.errors import InvalidInput
from coach.core.task import Task, changed
from coach.core.wish import Wish
from coach.engine import tasks
from coach.engine.acting import targets
from coach.engine.acting.proposal import Here, Line, Proposal, about, difference, names, unchanged
from coach.store.db import Connection

Change: TypeAlias = Callable[[Connection, Sequence[Task], datetime], object]


def done(here: Here, found: Wish) -> Proposal:
    chosen = targets.some(here, found.target)
    return _proposed("Complete", "Completed {}.", chosen, tasks.done, Line("status", "open", "completed"))


def reopen(here: Here, found: Wish) -> Proposal:
    task = targets.one(here, found.target, closed=True)
    return _proposed("Open again", "Opened {} again.", [task], _each(tasks.reopen), Line("status", task.status, "open"))


def delete(here: Here, found: Wish) -> Proposal:
    chosen = targets.some(here, found.target)
    return _proposed("Delete", "Deleted {}.", chosen, tasks.delete, Line("status", "open", "deleted"))


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
    return _proposed("Start", "Started {}.", [task], _each(tasks.start), Line("started", after="now"))


def stop(here: Here, found: Wish) -> Proposal:
    task = targets.one(here, found.target)
    if task.started is None:
        raise InvalidInput(f"{names([task])} is not started")
    return _proposed("Stop", "Stopped {}.", [task], _each(tasks.stop), Line("started", "running", "stopped"))


def _each(change: Callable[[Connection, Task, datetime], object]) -> Change:
    """The change of one task, for several."""
    return lambda db, chosen, now: [change(db, one, now) for one in chosen]


def _proposed(verb: str, said: str, chosen: Sequence[Task], change: Change, line: Line) -> Proposal:
    """To change those tasks as they are when it is done; `said` names them afterwards."""

    def do(db: Connection, now: datetime) -> str:
        change(db, unchanged(db, chosen), now)
        return said.format(names(chosen))

    return about(verb, chosen, do, line)
