"""Time that no timer measured, given to tasks: proposed for a day, accepted or rejected, never counted twice.

Accepting adds the minutes to the task (`actual_min`) in the same step, so one undo takes both back. Stretches in which a
task was started, by hand or by a focus session, and stretches that were accepted before are left out of every proposal.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, clock
from coach.core import attribution as core
from coach.core import change
from coach.core.attribution import SURE, Proposal
from coach.core.errors import InvalidInput, NotFound
from coach.core.evidence import Tracked, indexed
from coach.core.task import Task
from coach.core.when import iso, logical_day
from coach.core.words import duration
from coach.engine import activity, categories
from coach.engine.categories import Rules
from coach.store import attribution as stored
from coach.store import changes
from coach.store import tasks as stored_tasks
from coach.store.db import Connection, meta, set_meta, transaction

BACK_DAYS = 14
"""Proposals of so many days wait for an answer."""
_NAMES = uuid.UUID("0b8a5a44-6f0e-5a6d-8a53-9b8a3c1d6f20")
_UP_TO = "attributed_to"
WORDS = {"link": "its address", "issue": "issue", "branch": "branch", "words": "words", "project": "project"}


@dataclass(frozen=True, slots=True)
class Item:
    """A proposal as it is shown; `task` is the task that it is for."""

    day: date
    task: Task
    proposal: Proposal

    def because(self) -> str:
        """What it rests on, most minutes first: "branch fix-142 (40 min), project coach (10 min)"."""
        return ", ".join(f"{WORDS[field]} {value} ({duration(ms / 1000)})" for field, value, ms in self.proposal.lines[:3])

    def document(self) -> dict[str, Any]:
        found = self.proposal
        return {
            "day": self.day.isoformat(), "task_id": self.task.id, "num": self.task.num, "title": self.task.title,
            "minutes": found.minutes, "confidence": round(found.confidence, 4), "sure": found.confidence >= SURE,
            "evidence": [{"kind": f, "value": v, "minutes": round(ms / 60_000, 1)} for f, v, ms in found.lines],
        }


@dataclass(frozen=True, slots=True)
class AttributionView:
    """Proposals that wait, newest day first; how many were accepted and rejected so far, and the mean confidence of those."""

    items: tuple[Item, ...]
    accepted: int
    rejected: int
    said: float

    def document(self) -> dict[str, Any]:
        return {
            "proposals": [i.document() for i in self.items], "accepted": self.accepted, "rejected": self.rejected,
            "mean_confidence": round(self.said, 4) if self.accepted + self.rejected else None,
        }


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo, day: date | None = None) -> AttributionView:
    """What waits for an answer: of one day, or of the last two weeks."""
    accepted, rejected, said = stored.tally(db)
    return AttributionView(tuple(pending(db, config, now, tz, day)), accepted, rejected, said)


def pending(db: Connection, config: Config, now: datetime, tz: ZoneInfo, day: date | None = None) -> list[Item]:
    """Proposals without an answer: those kept of past days, and those that are found now of today and of days that nobody
    has looked at yet; with `day` those of that day, as they are found now."""
    today = logical_day(now, tz, clock(config.time.day_start))
    if day is not None:
        return _items(db, day, propose(db, day, config, now, tz))
    kept: dict[date, list[Proposal]] = {}
    for one in stored.with_status(db, "proposed", today - timedelta(days=BACK_DAYS)):
        kept.setdefault(one.day, []).append(one.proposal)
    fresh = _open_days(db, today)
    items: list[Item] = []
    for when in sorted({today, *fresh, *kept}, reverse=True):
        items += _items(db, when, kept[when] if when in kept and when != today else propose(db, when, config, now, tz))
    return items


def _open_days(db: Connection, today: date) -> list[date]:
    """Past days, of the last two weeks, whose proposals have not been kept yet; of the first run only yesterday."""
    known = meta(db, _UP_TO)
    first = max(date.fromisoformat(known) if known else today - timedelta(days=1), today - timedelta(days=BACK_DAYS))
    return [first + timedelta(days=number) for number in range((today - first).days)]


def propose(db: Connection, day: date, config: Config, now: datetime, tz: ZoneInfo) -> list[Proposal]:
    """What tracked time of a logical day was likely for, the most time first; nothing that is decided already."""
    start, end = activity.bounds(day, config, tz)
    end = min(end, now)
    rows = stored.worked(db, start, end) if start < end else []
    if not rows:
        return []
    rules = categories.load(db, config)
    before = stored.of_day(db, day)
    taken = stored.timed(db, start, end, now)
    taken += [span for one in before if one.status == "accepted" for span in one.proposal.spans]
    rejected = {one.proposal.task_id for one in before if one.status == "rejected"}
    index = indexed(_candidates(db, start, end, now))
    tracked = core.without([_tracked(row, rules) for row in rows], taken)
    return [p for p in core.propose(tracked, index, stored.decided(db)) if p.task_id not in rejected]


def accept(
    db: Connection, refs: Sequence[str], config: Config, now: datetime, tz: ZoneInfo, day: date | None = None, *,
    sure: bool = False,
) -> list[Item]:
    """Count the proposed time of these tasks, of all of them that are `sure`; returns what was accepted. One undo step.

    Raises NotFound for a task that nothing is proposed for, InvalidInput when neither is said."""
    with transaction(db):
        chosen = _chosen(db, refs, config, now, tz, day, sure=sure)
        edits: list[change.Change] = []
        minutes: dict[str, int] = {}
        for item in chosen:
            edits.append(_decision(db, item, "accepted", now))
            minutes[item.task.id] = minutes.get(item.task.id, 0) + item.proposal.minutes
        for task in {i.task.id: i.task for i in chosen}.values():
            old = {"actual_min": task.actual_min, "modified": iso(task.modified)}
            new = {"actual_min": (task.actual_min or 0) + minutes[task.id], "modified": iso(now)}
            edits.append(change.update("task", task.id, old, new))
        if edits:
            changes.apply(db, edits, now=now, label="accept tracked time")
    return chosen


def reject(
    db: Connection, refs: Sequence[str], config: Config, now: datetime, tz: ZoneInfo, day: date | None = None
) -> list[Item]:
    """It was for something else: no more is said of that day and task, and what it rested on weighs less from now on."""
    with transaction(db):
        chosen = _chosen(db, refs, config, now, tz, day, afresh=False)
        changes.apply(db, [_decision(db, item, "rejected", now) for item in chosen], now=now, label="reject tracked time")
    return chosen


def tick(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> int:
    """Keep the proposals of each day that is over, once a day, while its tasks are as they were; returns how many."""
    today = logical_day(now, tz, clock(config.time.day_start))
    made = 0
    for day in _open_days(db, today):
        with transaction(db):
            held = {one.proposal.task_id for one in stored.of_day(db, day) if one.status == "proposed"}
            found = [p for p in propose(db, day, config, now, tz) if p.task_id not in held]
            edits = [
                change.create("attribution", _id(db, day, p.task_id), stored.values(day, p, "proposed", now)) for p in found
            ]
            if edits:
                changes.apply(db, edits, now=now, label="propose tracked time", actor="coach")
            set_meta(db, _UP_TO, (day + timedelta(days=1)).isoformat())
        made += len(edits)
    return made


def _candidates(db: Connection, start: datetime, end: datetime, now: datetime) -> list[Task]:
    """Tasks that time of then can have been for: open now, or completed since. An occurrence stands for its series."""
    done = stored_tasks.completed_between(db, start, max(end, now))
    series = {t.series_id for t in done}
    return [t for t in stored_tasks.open_tasks(db) if t.created <= end and t.id not in series] + [
        t for t in done if t.created <= end
    ]


def _tracked(row: stored.Row, rules: Rules) -> Tracked:
    named = rules.named(row.category)
    return Tracked(
        row.start_ms, row.end_ms, row.app, row.title, row.url, row.project, row.branch, named.focus, named.level,
    )


def _chosen(
    db: Connection, refs: Sequence[str], config: Config, now: datetime, tz: ZoneInfo, day: date | None, *, sure: bool = False,
    afresh: bool = True,
) -> list[Item]:
    """The proposals meant; `afresh` as they are found now: what was tracked may have been corrected since."""
    if not refs and not sure:
        raise InvalidInput("name the task whose time it was", "`coach attribute` lists the proposals with their tasks")
    wanted = {stored_tasks.find(db, ref).id for ref in refs}
    waiting = pending(db, config, now, tz, day)
    fresh: dict[date, list[Item]] = {}
    chosen = []
    for item in waiting:
        if not afresh and item.task.id in wanted:
            chosen.append(item)
        elif item.task.id in wanted or (sure and item.proposal.confidence >= SURE):
            if item.day not in fresh:
                fresh[item.day] = _items(db, item.day, propose(db, item.day, config, now, tz))
            chosen += [f for f in fresh[item.day] if f.task.id == item.task.id]
    missing = [ref for ref in refs if stored_tasks.find(db, ref).id not in {i.task.id for i in chosen}]
    if missing:
        raise NotFound(f"no tracked time is proposed for task {missing[0]}", "`coach attribute` lists what is")
    return chosen


def _items(db: Connection, day: date, found: Sequence[Proposal]) -> list[Item]:
    tasks = {p.task_id: stored_tasks.get(db, p.task_id) for p in found}
    return [Item(day, task, p) for p in found if (task := tasks[p.task_id]) is not None and task.status != "deleted"]


def _decision(db: Connection, item: Item, status: str, now: datetime) -> change.Change:
    new = stored.values(item.day, item.proposal, status, now)
    kept = next((
        one for one in stored.of_day(db, item.day) if one.status == "proposed" and one.proposal.task_id == item.task.id
    ), None)
    if kept is None:
        return change.create("attribution", _id(db, item.day, item.task.id), new)
    return change.update("attribution", kept.id, changes.read(db, "attribution", "id = ?", (kept.id,))[0], new)


def _id(db: Connection, day: date, task_id: str) -> str:
    """The next of that day and task: time that comes after an answer is proposed anew."""
    number = sum(one.proposal.task_id == task_id for one in stored.of_day(db, day))
    return str(uuid.uuid5(_NAMES, f"{day} {task_id} {number}"))
