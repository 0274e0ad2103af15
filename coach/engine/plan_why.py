"""Why a block stands where it stands, why a task has the place that it has, or none, and what became of the place that it had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.explain import clock_in
from coach.core.plan import Block, Reason, Unplaced
from coach.core.plan_limits import beginning
from coach.core.task import Task
from coach.core.when import parse_iso, start_of
from coach.engine import plan_horizon, plan_limits
from coach.store import blocks, changes
from coach.store import tasks as tasks_store
from coach.store.db import Connection

NO_PLAN = "no plan was made since it is there; `coach plan` makes one"


@dataclass(frozen=True, slots=True)
class Why:
    """What stands behind a block, or behind all of a task's: its blocks from now on, the limits that they break, by block, why it
    has no place, and what became of the one that it had. `task` is None once it was purged."""

    task: Task | None
    blocks: tuple[Block, ...]
    unplaced: Unplaced | None = None
    said: str = ""
    breaks: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)


def find(db: Connection, ref: str) -> Block:
    """The block of an id or its unambiguous beginning. Raises NotFound."""
    return blocks.find(db, ref)


def why(db: Connection, config: Config, ref: str, now: datetime, tz: ZoneInfo) -> Why:
    """Of a block's id or its beginning, or of a task's number. Raises NotFound."""
    numbered = tasks_store.numbered(db, [int(ref)]) if ref.isdecimal() and len(ref) < 8 else []
    task = next(iter(numbered), None)
    if task is None:
        block = blocks.find(db, ref)
        said = _past(db, [block], tz)
        return Why(tasks_store.get(db, block.task_id), (block,), None, said, plan_limits.broken_by(db, config, [block], now, tz))
    every = blocks.of_task(db, task.id)
    own = tuple(b for b in every if b.status in ("accepted", "proposed") and b.end > now)
    left = next((u for u in blocks.unplaced(db) if u.task_id == task.id), None) if task.status == "pending" else None
    said = "" if own else _past(db, every, tz)
    if task.status != "pending" and not own:
        said = f"it is {task.status}"
    elif not own and left is None and not said:
        said = _left_out(db, config, task, now, tz)
    return Why(task, own, left, said, plan_limits.broken_by(db, config, own, now, tz))


def _past(db: Connection, found: Iterable[Block], tz: ZoneInfo) -> str:
    """What became last of the blocks that are out of the plan, and when; "" where none is."""
    told = [(at, words) for block in found if block.status in ("rejected", blocks.DISPLACED)
            for at, words in [_ended(db, block, tz)] if words]
    return max(told, key=lambda one: one[0])[1] if told else ""


def _ended(db: Connection, block: Block, tz: ZoneInfo) -> tuple[datetime, str]:
    found = reversed(changes.history(db, "block", block.id))
    last: dict[str, Any] | None = next((c for c in found if c["fields"].get("status", ("", ""))[1] == block.status), None)
    if last is None:
        return datetime.min.replace(tzinfo=UTC), ""
    at = parse_iso(last["at"])
    start, when = clock_in(tz, block.start), clock_in(tz, at)
    if block.status == blocks.DISPLACED:
        why = next((r.text for r in block.reasons if r.kind == blocks.DISPLACED), "another block took its place")
        return at, f"its block, {start}, is out of the plan since {when}: {why}"
    if last["actor"] == "sync":
        return at, f"its block, {start}, was deleted in the calendar, which was seen on {when}, so it is rejected"
    if not blocks.refused(block):
        why = next(r.text for r in block.reasons if r.kind == blocks.GIVEN_BACK)
        return at, f"its block, {start}, was {why} on {when}"
    return at, f"you rejected its block, {start}, on {when}; it is not offered at that time again"


def _left_out(db: Connection, config: Config, task: Task, now: datetime, tz: ZoneInfo) -> str:
    """Why a task is no part of the plan that is shown."""
    kept = blocks.shown(db)
    if kept is None or task.created > kept[0]:
        return NO_PLAN
    days, ready = plan_horizon.shown_days(db, config, now, tz), plan_limits.ready_at(task)
    end = start_of(now.astimezone(tz).date() + timedelta(days=days), tz)
    if ready is not None and ready >= end:
        return f"it is put off until {beginning(tz, ready)}, after the days of the plan"
    return f"the plan of {clock_in(tz, kept[0])} no longer has it; `coach plan` makes a new one"
