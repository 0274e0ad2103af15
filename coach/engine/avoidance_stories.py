"""The stories of tasks, from the store: when each could have been begun, was begun, put off, edited, worked on and ended."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from math import inf
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.avoidance import Story
from coach.core.when import end_of, parse_wall, start_of
from coach.engine import categories
from coach.store import avoidance as stored
from coach.store import timeline
from coach.store.db import Connection

MEANT_S = 3600.0
"""What is edited so soon after a task was noted was still being written."""
AFTER = timedelta(minutes=30)
"""So long after a task was started is looked at for what took its place."""
MOST_OPENED = 200
"""Starts that are looked at, the newest; each is a look into the timeline."""
DISTRACTING = 0.25
"""Productivity level up to which a category is a distraction."""


@dataclass(slots=True)
class Log:
    """What the change log says of a task. `moves` are (time, before, after) of a date, by its field, of a wait only those before
    the first snooze; `wait` is what that one found."""

    snoozes: list[float] = field(default_factory=list)
    edits: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    moves: dict[str, list[tuple[float, str | None, str | None]]] = field(default_factory=lambda: defaultdict(list))
    wait: str | None = None


def stories(db: Connection, begin: datetime, now: datetime, tz: ZoneInfo, config: Config) -> dict[int, Story]:
    """By number, of the tasks that were open at some time since `begin` and could have been begun by now."""
    logs = _logs(db)
    work, starts = _work(db, tz)
    rows = stored.lived(db, begin)
    for row in rows:
        if row.id in logs:
            starts.setdefault(row.id, []).extend(logs[row.id].starts)
        if row.started is not None:
            starts.setdefault(row.id, []).append(_s(row.started))
    opened = _opened(db, {row.id: starts[row.id] for row in rows if row.id in starts}, begin, config)
    found = {}
    for row in rows:
        one = _story(row, logs.get(row.id, Log()), sorted(work.get(row.id, ())), starts.get(row.id, []), opened.get(row.id, []))
        if one.open_s < now.timestamp():
            found[row.num] = one
    return found


def _story(
    row: stored.Lived, log: Log, work: list[tuple[float, float]], starts: list[float], opened: list[tuple[float, float, float]]
) -> Story:
    created_s = row.created_ms / 1000
    done, end = row.status == "completed", row.completed if row.status == "completed" else row.deleted
    ended_s = None if end is None or row.status == "pending" else _s(end)
    dues = _had(log.moves.get("due"), created_s, row.due)
    open_s = max([created_s, *_hidden(row, log, created_s)])
    if ended_s is not None and ended_s <= open_s:
        open_s = created_s
    begun = [*starts, *(s for s, _ in work), *([ended_s] if done and ended_s is not None else [])]
    due_s, begun_s = None if row.due_utc is None else float(row.due_utc), max(created_s, min(begun)) if begun else None
    edits = tuple(s for s in log.edits if s > created_s + MEANT_S)
    snoozes = tuple(sorted({*log.snoozes, *_pushes(dues)}))
    return Story(
        row.id, open_s, due_s, begun_s, ended_s, done, snoozes, edits, tuple(work), tuple(opened), row.category or "",
        _ends(dues, ZoneInfo(row.time_zone)) if len(dues) > 1 else (),
    )


def _ends(dues: list[tuple[float, str | None]], tz: ZoneInfo) -> tuple[tuple[float, float | None], ...]:
    return tuple((s, None if due is None else end_of(parse_wall(due, tz), tz).timestamp()) for s, due in dues)


def _had(
    moves: list[tuple[float, str | None, str | None]] | None, created_s: float, present: str | None
) -> list[tuple[float, str | None]]:
    """(since when, value) of a date of a task, as stored, the present one last. What stood for less than MEANT_S before it was
    changed again was still being written."""
    if not moves:
        return [(created_s, present)]
    values = [(created_s, moves[0][1]), *((s, new) for s, _, new in moves[:-1]), (moves[-1][0], present)]
    found: list[tuple[float, str | None]] = []
    for (since_s, value), (until_s, _) in pairwise([*values, (inf, None)]):
        if until_s - since_s >= MEANT_S:
            since_s = since_s if found else created_s
            if not found or found[-1][1] != value:
                found.append((since_s, value))
    return found


def _pushes(dues: list[tuple[float, str | None]]) -> list[float]:
    """When a due was moved to a later day, or taken away."""
    return [s for (_, old), (s, new) in pairwise(dues) if old is not None and (new is None or new[:10] > old[:10])]


def _hidden(row: stored.Lived, log: Log, created_s: float) -> list[float]:
    """Until when the task was hidden at first: its first scheduled time, and its first wait, unless that was a snooze."""
    dates = [("scheduled", row.scheduled)]
    if log.snoozes:
        dates.append(("wait", log.wait))
    elif not row.snooze_count:
        dates.append(("wait", row.wait))
    tz = ZoneInfo(row.time_zone)
    first = [_had(log.moves.get(name), created_s, present)[0][1] for name, present in dates]
    return [start_of(parse_wall(one, tz), tz).timestamp() for one in first if one is not None]


def _logs(db: Connection) -> dict[str, Log]:
    """By task."""
    found: dict[str, Log] = defaultdict(Log)
    for task, kind, at, fields in stored.acts(db):
        log = found[task]
        if kind == "start":
            log.starts.append(_s(at))
        elif kind == "edit":
            log.edits.append(_s(at))
        else:
            _dated(log, _s(at), json.loads(fields))
    return found


def _dated(log: Log, at_s: float, fields: dict[str, list[Any]]) -> None:
    """Note a change that touches a date: a snooze, or else moves. A due that moves is no edit: it says how it was put off."""
    old, new = fields.get("snooze_count", (0, 0))
    if (new or 0) > (old or 0):
        log.wait = log.wait if log.snoozes else fields.get("wait", (None,))[0]
        log.snoozes.append(at_s)
    elif any(name in fields for name in stored.IDLE):
        log.edits.append(at_s)
    for name in ("due", "scheduled") if log.snoozes else ("due", "scheduled", "wait"):
        if name in fields:
            log.moves[name].append((at_s, *fields[name]))


def _work(db: Connection, tz: ZoneInfo) -> tuple[dict[str, list[tuple[float, float]]], dict[str, list[float]]]:
    """(work, starts) by task: accepted tracked time at the noon of its day, and focus sessions."""
    work: dict[str, list[tuple[float, float]]] = defaultdict(list)
    starts: dict[str, list[float]] = {}
    for task, day, minutes in stored.worked(db):
        work[task].append((datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=tz).timestamp(), minutes))
    for task, start, end in stored.sessions(db):
        starts.setdefault(task, []).append(_s(start))
        if end is not None:
            work[task].append((_s(start), max(0.0, _s(end) - _s(start)) / 60))
    return work, starts


def _opened(
    db: Connection, starts: dict[str, list[float]], begin: datetime, config: Config
) -> dict[str, list[tuple[float, float, float]]]:
    """By task, (start, distracted minutes, tracked minutes) of the half hours after its starts."""
    newest = sorted(((s, task) for task, times in starts.items() for s in set(times) if s >= begin.timestamp()), reverse=True)
    rules = categories.load(db, config) if newest else None
    found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    for start_s, task in newest[:MOST_OPENED]:
        assert rules is not None
        at = datetime.fromtimestamp(start_s, tz=begin.tzinfo)
        lost = whole = 0.0
        for low, high, _, _, category in timeline.worked(db, at, at + AFTER):
            whole += (high - low) / 60_000
            lost += (high - low) / 60_000 if rules.named(category).level <= DISTRACTING else 0.0
        if whole > 0:
            found[task].append((start_s, lost, whole))
    return found


def _s(at: str) -> float:
    """Of a stored moment: ISO 8601 UTC, and a hundred thousand of them at once."""
    return datetime.fromisoformat(at).timestamp()
