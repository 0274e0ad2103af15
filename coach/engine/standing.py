"""Which accepted blocks still hold their time: those ahead whose work is not done and whose task is still there to do."""

from __future__ import annotations

from datetime import datetime, timedelta

from coach.core.plan import Block
from coach.core.task import Task
from coach.core.when import start_of, zone
from coach.store import blocks, edited
from coach.store import tasks as tasks_store
from coach.store.db import Connection


def standing(db: Connection, now: datetime) -> list[Block]:
    """Accepted blocks that nothing else may lie over, by their start. Those of a task that was finished, deleted or purged, or
    whose occurrence of a series is done, keep their record and hold nothing."""
    found = []
    for block in blocks.with_status(db, "accepted"):
        if block.end > now:
            task = tasks_store.get(db, block.task_id)
            if task is not None and task.status != "deleted" and not is_done(db, block, task):
                found.append(block)
    return found


def is_done(db: Connection, block: Block, task: Task) -> bool:
    """Whether a block's work is done: its task, or of a series the occurrence of its day."""
    return task.status == "completed" or occurrence_done(db, block, task)


def occurrence_done(db: Connection, block: Block, task: Task | None, since: datetime | None = None) -> bool:
    """Whether the occurrence of the block's day is done, since a moment where one is given; False for what is no series."""
    if task is None or task.recurrence is None:
        return False
    own = zone(task.time_zone)
    day = block.start.astimezone(own).date()
    start, end = (start_of(d, own) for d in (day, day + timedelta(days=1)))
    return edited.occurrence_done(db, task.id, max(start, since) if since else start, end)
