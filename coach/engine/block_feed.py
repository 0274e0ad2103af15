"""Accepted blocks as an .ics feed: a text, or a file that is kept up to date for a calendar program to subscribe to."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from coach.config import Config
from coach.core.when import parse_iso
from coach.engine import block_writing, files
from coach.integrations import vevent
from coach.store import blocks, changes
from coach.store import tasks as tasks_store
from coach.store.db import Connection

_NAME = "Coach"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def text(db: Connection, config: Config, now: datetime) -> str:
    """A VCALENDAR with every accepted block that is to stand in calendars. The same blocks give the same text."""
    accepted = blocks.with_status(db, "accepted")
    created = {row["id"]: parse_iso(row["created"]) for row in changes.read(db, "block", "status = 'accepted'")}
    tasks = {b.task_id: tasks_store.get(db, b.task_id) for b in accepted}
    events = [
        vevent.event(b.id, b.start, b.end, block_writing.title_of(config, task), created.get(b.id, _BEGINNING))
        for b in accepted if (task := tasks[b.task_id]) is not None and block_writing.stands(b, task, now)
    ]
    return vevent.calendar(events, _NAME)


def follow(db: Connection, config: Config, now: datetime) -> bool:
    """Bring the file that the settings name up to date; whether it was written. Raises InvalidInput where it cannot be."""
    if not config.calendar.blocks_file:
        return False
    target = Path(config.calendar.blocks_file).expanduser()
    wanted = text(db, config, now)
    try:
        if target.read_bytes() == wanted.encode():
            return False
    except OSError:
        pass  # not there yet, or out of reach: the attempt to write says which
    files.write_atomically(target, [wanted])
    return True
