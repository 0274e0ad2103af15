"""The focus timer: a stretch of work on purpose, with a task when one is named, and a break after it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coach.core import change
from coach.core.errors import Busy, InvalidInput, NotFound
from coach.core.task import Task
from coach.core.when import iso, parse_iso
from coach.engine import tasks
from coach.store import changes
from coach.store.db import Connection, transaction

DEFAULT_MIN = 50.0
BREAK_SHARE = 5
"""A break is a fifth of the session, at least 5 minutes (50 and 10, 25 and 5)."""


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    task_id: str | None
    label: str
    start: datetime
    planned_end: datetime
    end: datetime | None

    def break_min(self) -> int:
        """The break that this session has earned, in minutes."""
        end = self.end or self.planned_end
        return max(5, round((end - self.start).total_seconds() / 60 / BREAK_SHARE))

    def document(self, now: datetime) -> dict[str, Any]:
        left_s = max(0.0, (self.planned_end - now).total_seconds()) if self.end is None else 0.0
        return {
            "id": self.id, "task_id": self.task_id, "label": self.label, "start": iso(self.start),
            "planned_end": iso(self.planned_end), "end": iso(self.end), "left_s": round(left_s),
            "break_min": self.break_min(),
        }


def running(db: Connection, now: datetime) -> Session | None:
    """The session that is on; one whose time is over has ended by itself."""
    found = changes.read(db, "focus_session", "end IS NULL ORDER BY start DESC LIMIT 1")
    session = _session(found[0]) if found else None
    return session if session and session.planned_end > now else None


def start(db: Connection, now: datetime, minutes: float = DEFAULT_MIN, task: Task | None = None) -> Session:
    """Raises Busy while one is on, InvalidInput for less than 1 or more than 480 minutes."""
    if not 1 <= minutes <= 480:
        raise InvalidInput(f"a focus session of {minutes:g} minutes", "1 to 480 minutes; 25 or 50 are usual")
    on = running(db, now)
    if on:
        left = max(1, round((on.planned_end - now).total_seconds() / 60))
        raise Busy(f"a focus session is on, with {left} min left", "`coach focus stop` ends it")
    values = {
        "task_id": task.id if task else None, "label": task.title if task else "", "start": iso(now),
        "planned_end": iso(now + timedelta(minutes=minutes)), "end": None,
    }
    session_id = str(uuid.uuid4())
    edits = [change.create("focus_session", session_id, values)]
    if task and task.started is None and task.status == "pending":
        edits.append(tasks.flipped(task, now))  # one action: an undo takes both back
    changes.apply(db, edits, now=now, label="start focus")
    return _session({"id": session_id, **values})


def stop(db: Connection, now: datetime) -> Session:
    """End the session that is on. Raises NotFound when none is."""
    on = running(db, now)
    if on is None:
        raise NotFound("no focus session is on", "`coach focus start` begins one")
    edits = [change.update("focus_session", on.id, {"end": None}, {"end": iso(now)})]
    with transaction(db):
        task = tasks.known(db, on.task_id) if on.task_id else None
        if task and task.started:
            edits.append(tasks.flipped(task, now))
        changes.apply(db, edits, now=now, label="stop focus")
    return Session(on.id, on.task_id, on.label, on.start, on.planned_end, now)


def _session(row: dict[str, Any]) -> Session:
    return Session(
        row["id"], row["task_id"], row["label"] or "", parse_iso(row["start"]), parse_iso(row["planned_end"]),
        parse_iso(row["end"]) if row["end"] else None,
    )
