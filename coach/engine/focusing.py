"""The focus timer: a stretch of work on purpose, with a task when one is named, and a break after it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from coach.config import Config
from coach.core import change, focus
from coach.core.errors import Busy, InvalidInput, NotFound
from coach.core.task import Task
from coach.core.when import iso, parse_iso
from coach.engine import activity, categories, tasks
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
    if task and task.status == "pending" and (task.started is None or _has_run_out(db, task, now)):
        edits.append(tasks.flipped(db, task, now, started=True))  # one action: an undo takes both back
    changes.apply(db, edits, now=now, label="start focus")
    return _session({"id": session_id, **values})


def _has_run_out(db: Connection, task: Task, now: datetime) -> bool:
    """Whether the task is started because of a session whose time is over."""
    over = "task_id = ? AND start = ? AND end IS NULL AND planned_end <= ?"
    return bool(changes.read(db, "focus_session", over, (task.id, iso(task.started), iso(now))))


def stop(db: Connection, now: datetime) -> Session:
    """End the session that is on. Raises NotFound when none is."""
    on = running(db, now)
    if on is None:
        raise NotFound("no focus session is on", "`coach focus start` begins one")
    edits = [change.update("focus_session", on.id, {"end": None}, {"end": iso(now)})]
    with transaction(db):
        task = tasks.known(db, on.task_id) if on.task_id else None
        if task and task.started:
            edits.append(tasks.flipped(db, task, now, started=False))
        changes.apply(db, edits, now=now, label="stop focus")
    return Session(on.id, on.task_id, on.label, on.start, on.planned_end, now)


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of focus: "timer" was started by hand, "detected" found in what was tracked. `focus_s` of it lay in focus
    categories."""

    start: datetime
    end: datetime
    focus_s: float
    source: Literal["timer", "detected"]
    label: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "start": iso(self.start), "end": iso(self.end), "focus_s": round(self.focus_s, 3), "source": self.source,
            "label": self.label,
        }


@dataclass(frozen=True, slots=True)
class SpellsView:
    """Focus sessions and breaks of [start, end), each earliest first."""

    spells: tuple[Spell, ...]
    breaks: tuple[tuple[datetime, datetime], ...]

    def document(self) -> dict[str, Any]:
        return {
            "sessions": [s.document() for s in self.spells],
            "breaks": [{"start": iso(a), "end": iso(b)} for a, b in self.breaks],
        }


def spells(db: Connection, start: datetime, end: datetime, config: Config, now: datetime) -> SpellsView:
    """Timers and detected sessions of [start, end). What was found within a timer, for the most part, is that timer's own:
    nothing is counted twice."""
    rules = categories.load(db, config)
    stretches = activity.day_stretches(db, start, min(end, now), rules)
    timers = [
        Spell(max(t.start, start), min(t.end or t.planned_end, now, end), 0.0, "timer", t.label)
        for t in map(_session, changes.read(
            db, "focus_session", "start < ? AND coalesce(end, planned_end) > ? ORDER BY start", (iso(end), iso(start))
        ))
    ]
    found = [
        Spell(_at(x.start_s), _at(x.end_s), x.focus_s, "detected")
        for x in focus.sessions(stretches)
    ]
    own = [s for s in found if sum(_common_s(s, t) for t in timers) < (s.end - s.start).total_seconds() / 2]
    counted = [replace(t, focus_s=sum(_inside_s(t, x) for x in stretches if x.focus)) for t in timers if t.end > t.start]
    breaks = tuple((_at(a), _at(b)) for a, b in focus.breaks(stretches))
    return SpellsView(tuple(sorted([*counted, *own], key=lambda s: s.start)), breaks)


def _at(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def _common_s(a: Spell, b: Spell) -> float:
    return max(0.0, (min(a.end, b.end) - max(a.start, b.start)).total_seconds())


def _inside_s(spell: Spell, x: focus.Stretch) -> float:
    return max(0.0, min(spell.end.timestamp(), x.end_s) - max(spell.start.timestamp(), x.start_s))


def _session(row: dict[str, Any]) -> Session:
    return Session(
        row["id"], row["task_id"], row["label"] or "", parse_iso(row["start"]), parse_iso(row["planned_end"]),
        parse_iso(row["end"]) if row["end"] else None,
    )
