"""The plan of the days ahead: open tasks placed into free working time, what the person accepted kept, what they refused
not offered again. The placing itself is `core/place.py`."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from coach.config import Config, TimeConfig, clock
from coach.core import change, slots
from coach.core.errors import InvalidInput
from coach.core.explain import span
from coach.core.instance import instance_from_json
from coach.core.place import place
from coach.core.plan import Block, Busy, Instance, Plan, PlanTask, Reason, Unplaced, block_json
from coach.core.task import Task
from coach.core.when import end_of, start_of, zone
from coach.engine import tasks
from coach.engine.profile import focus_ahead
from coach.store import blocks, calendars, changes
from coach.store import tasks as tasks_store
from coach.store.db import Connection, transaction

WHOLE_MIN = 60
"""Shorter tasks are never split."""
LEAST_PART_MIN = 30


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan beside what it was made from. `plan.blocks` are the proposed ones; `kept` the accepted ones ahead."""

    instance: Instance
    plan: Plan
    kept: tuple[Block, ...]
    tasks: dict[str, Task]
    assumed: frozenset[str]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(sorted((*self.kept, *self.plan.blocks), key=lambda b: b.start))

    @property
    def unplaced(self) -> tuple[Unplaced, ...]:
        return self.plan.unplaced


def propose(db: Connection, config: Config, now: datetime, tz: ZoneInfo, days: int | None = None) -> Proposal:
    """A plan of `days` calendar days from today on (the setting `plan.days`), from what the store holds. Writes nothing."""
    days = _checked_days(config.plan.days if days is None else days)
    horizon = start_of(now.astimezone(tz).date() + timedelta(days=days), tz).astimezone(UTC)
    kept = tuple(b for b in blocks.with_status(db, "accepted") if b.end > now)
    opened = {t.id: (t, urgency) for t, urgency in tasks.open_by_urgency(db, config, now)}
    kept = tuple(b for b in kept if b.task_id in opened)
    refused = _refused(db, now)
    wanted: list[PlanTask] = []
    waiting: list[Unplaced] = []
    for task, urgency in opened.values():
        blockers = [opened[d][0] for d in task.depends if d in opened]
        ready = _ready_at(task, tz)
        if ready is not None and ready >= horizon:
            continue
        if blockers:
            waiting.append(_blocked(task, blockers))
        elif need_min := _need_min(task, config, kept):
            wanted.append(_plan_task(task, need_min, urgency, ready, config, tz, refused.get(task.id, frozenset())))
    busy = [Busy(e.start, e.end, e.title) for e in calendars.events_between(db, now, horizon) if e.busy]
    rest = timedelta(minutes=config.plan.break_min)
    instance = Instance(
        now=now, tz=tz, days=days, work_hours=work_hours(config.time),
        events=(*busy, *(Busy(b.start - rest, b.end + rest) for b in kept)), tasks=tuple(wanted),
        focus=focus_ahead(db, now, tz), break_min=config.plan.break_min,
    )
    plan = solve(instance)
    assumed = frozenset(t.id for t, _ in opened.values() if t.estimate_min is None)
    made = tuple(_finished(b, assumed, config) for b in plan.blocks)
    plan = replace(plan, blocks=made, unplaced=(*plan.unplaced, *waiting))
    return Proposal(instance, plan, kept, {i: t for i, (t, _) in opened.items()}, assumed)


def solve(instance: Instance) -> Plan:
    """The plan of an instance, and the seconds that it took."""
    begun = time.perf_counter()
    plan = place(instance)
    return replace(plan, elapsed_s=time.perf_counter() - begun)


def solve_json(tree: Any) -> tuple[Instance, Plan]:
    """`coach plan --input`: plan an instance without a store. Raises InvalidInput naming the field that is wrong."""
    instance = instance_from_json(tree)
    return instance, solve(instance)


def replan(db: Connection, config: Config, now: datetime, tz: ZoneInfo, days: int | None = None) -> Proposal:
    """Propose afresh and keep the proposal, so that its blocks can be shown, accepted and refused."""
    made = propose(db, config, now, tz, days)
    with transaction(db):
        taken = {b.id for status in ("accepted", "rejected", "done") for b in blocks.with_status(db, status)}
        made = replace(made, plan=replace(made.plan, blocks=tuple(_own_id(b, taken) for b in made.plan.blocks)))
        blocks.replace_proposals(db, made.plan.blocks, made.unplaced, now)
    return made


def apply(db: Connection, made: Proposal, now: datetime) -> list[Block]:
    """Accept every proposed block of a plan that `replan` made: one action, one undo step."""
    return accept(db, [b.id for b in made.plan.blocks], now)


def accept(db: Connection, refs: Sequence[str], now: datetime) -> list[Block]:
    """Take blocks into the plan. Raises NotFound; InvalidInput where one overlaps an accepted block."""
    return _decide(db, [replace(blocks.find(db, ref), status="accepted") for ref in refs], now, _label("accept", refs))


def reject(db: Connection, refs: Sequence[str], now: datetime) -> list[Block]:
    """Refuse blocks: the same task is not offered at the same time again. Raises NotFound."""
    return _decide(db, [replace(blocks.find(db, ref), status="rejected") for ref in refs], now, _label("reject", refs))


def move(db: Connection, ref: str, minutes: int, now: datetime) -> Block:
    """Shift a block, which thereby is accepted. Raises NotFound; InvalidInput for the past or an accepted block's time."""
    block = blocks.find(db, ref)
    step = timedelta(minutes=minutes)
    moved = replace(block, start=block.start + step, end=block.end + step, status="accepted",
                    reasons=(Reason("moved", minutes, "you moved it here"),))
    if moved.start < now:
        raise InvalidInput("a block cannot begin before now")
    return _decide(db, [moved], now, "move block")[0]


def find(db: Connection, ref: str) -> Block:
    """The block of an id or its unambiguous beginning; its reasons say why it is where it is. Raises NotFound."""
    return blocks.find(db, ref)


def why(db: Connection, ref: str) -> tuple[Block, Task | None]:
    """A block and its task (None once that was purged)."""
    block = blocks.find(db, ref)
    return block, tasks_store.get(db, block.task_id)


def today_blocks(db: Connection, now: datetime, tz: ZoneInfo) -> list[Block]:
    """Today's blocks but the rejected ones, earliest first. A block whose task was completed is done."""
    today = now.astimezone(tz).date()
    low, high = (start_of(day, tz) for day in (today, today + timedelta(days=1)))
    return blocks_between(db, low, high)


def blocks_between(db: Connection, start: datetime, end: datetime) -> list[Block]:
    """Blocks that overlap [start, end) but the rejected ones and those of deleted tasks.

    Done is read off the task, so that undoing a completion brings its blocks back."""
    found: list[Block] = []
    for block in blocks.between(db, start, end):
        task = tasks_store.get(db, block.task_id)
        if block.status == "rejected" or task is None or task.status == "deleted":
            continue
        found.append(replace(block, status="done") if _is_done(db, block, task) else block)
    return found


def last_unplaced(db: Connection) -> list[tuple[Task, Unplaced]]:
    """What the last plan found no place for, as far as it is still open."""
    found = ((tasks_store.get(db, u.task_id), u) for u in blocks.unplaced(db))
    return [(task, u) for task, u in found if task is not None and task.status == "pending"]


def work_hours(settings: TimeConfig) -> slots.Hours:
    """Working hours by weekday; an end at or before the start lies in the next day."""
    start, end = (t.hour * 60 + t.minute for t in (clock(settings.work_start), clock(settings.work_end)))
    stretch = (start, end if end > start else end + 1440)
    return {slots.DAYS.index(day): (stretch,) for day in settings.work_days if day in slots.DAYS}


def proposal_json(made: Proposal) -> dict[str, Any]:
    """The plan object, each block and unplaced task with its task's number and title."""
    def named(task_id: str) -> dict[str, Any]:
        task = made.tasks.get(task_id)
        return {"num": task.num, "title": task.title} if task else {"num": None, "title": ""}

    return {
        "blocks": [{**block_json(b), **named(b.task_id)} for b in made.blocks],
        "unplaced": [
            {"task_id": u.task_id, "reason": u.reason, "would_fit_if": u.would_fit_if, **named(u.task_id)}
            for u in made.unplaced
        ],
        "score": round(made.plan.score, 6), "engine": made.plan.engine, "elapsed_s": round(made.plan.elapsed_s, 4),
        "focus": made.instance.focus is not None,
    }


def _decide(db: Connection, decided: Sequence[Block], now: datetime, label: str) -> list[Block]:
    """Write what the person decided. With the first decision on it a proposal becomes a record of the change log, so that
    undo makes it a proposal again."""
    edits: list[change.Change] = []
    born: list[change.Change] = []
    with transaction(db):
        accepted = {b.id: b for b in blocks.with_status(db, "accepted")}
        for block in decided:
            old = blocks.find(db, block.id)
            if block.status == "accepted":
                _check_free(block, accepted.values())
                accepted[block.id] = block
            before = blocks.values(old, now)
            edits.append(change.update("block", block.id, before, blocks.values(block, now)))
            if old.status == "proposed":
                born.append(change.create("block", block.id, before))
        blocks.forget_proposals(db, [b.id for b in born])
        if born:
            changes.apply(db, born, now=now, label="propose blocks", actor="coach")
        if any(edit.fields for edit in edits):
            changes.apply(db, edits, now=now, label=label)
        overlapped = [p.id for p in blocks.with_status(db, "proposed") if any(_overlap(p, b) for b in accepted.values())]
        blocks.forget_proposals(db, overlapped)
    return list(decided)


def _check_free(block: Block, accepted: Iterable[Block]) -> None:
    for other in accepted:
        if other.id != block.id and _overlap(block, other):
            raise InvalidInput("that time is taken by an accepted block", "move or reject that one first")


def _overlap(a: Block, b: Block) -> bool:
    return a.start < b.end and b.start < a.end


def _label(verb: str, refs: Sequence[str]) -> str:
    return f"{verb} block" if len(refs) == 1 else f"{verb} {len(refs)} blocks"


def _own_id(block: Block, taken: set[str]) -> Block:
    """A block that was moved away keeps its id, so what is proposed at its old place needs another."""
    own = block.id
    while own in taken:
        own = str(uuid5(UUID(own), "again"))
    return replace(block, id=own)


def _refused(db: Connection, now: datetime) -> dict[str, frozenset[datetime]]:
    found: dict[str, frozenset[datetime]] = {}
    for block in blocks.with_status(db, "rejected"):
        if block.start >= now:
            found[block.task_id] = found.get(block.task_id, frozenset()) | {block.start}
    return found


def _need_min(task: Task, config: Config, kept: Iterable[Block]) -> int:
    """Minutes still to be placed. A task that took as long as estimated and is still open gets one shortest block."""
    estimate = task.estimate_min or config.plan.default_estimate_min
    planned = sum(b.minutes for b in kept if b.task_id == task.id)
    left = estimate - (task.actual_min or 0)
    return max(0, int(max(left, config.plan.min_block_min) - planned))


def _plan_task(
    task: Task, need_min: int, urgency: float, ready: datetime | None, config: Config, tz: ZoneInfo,
    refused: frozenset[datetime],
) -> PlanTask:
    settings = config.plan
    longest = max(settings.max_block_min, slots.QUARTER_MIN)
    split = need_min >= WHOLE_MIN or need_min > longest
    least = max(settings.min_block_min, LEAST_PART_MIN) if split else settings.min_block_min
    return PlanTask(
        id=task.id, title=task.title, estimate_min=need_min, priority=task.priority, category=task.category or task.project,
        due=None if task.due is None else end_of(task.due, zone(task.time_zone)).astimezone(UTC), due_hard=task.due_hard,
        min_block_min=min(least, longest), max_block_min=longest, splittable=split, not_before=ready, urgency=urgency,
        not_at=refused,
    )


def _ready_at(task: Task, tz: ZoneInfo) -> datetime | None:
    moments = [start_of(m, zone(task.time_zone)) for m in (task.wait, task.scheduled) if m is not None]
    return max(moments).astimezone(UTC) if moments else None


def _blocked(task: Task, blockers: Sequence[Task]) -> Unplaced:
    nums = ", ".join(str(t.num) for t in blockers)
    return Unplaced(task.id, f"it waits for task {nums}", f"task {nums} is done")


def _finished(block: Block, assumed: frozenset[str], config: Config) -> Block:
    if block.task_id not in assumed:
        return block
    minutes = config.plan.default_estimate_min
    return replace(block, reasons=(*block.reasons, Reason("estimate", minutes, f"no estimate: {span(minutes)} assumed")))


def _is_done(db: Connection, block: Block, task: Task) -> bool:
    if task.status == "completed":
        return True
    if task.recurrence is None:
        return False
    day = block.start.astimezone(zone(task.time_zone)).date()
    return any(
        o.completed is not None and o.completed.astimezone(zone(task.time_zone)).date() == day
        for o in tasks_store.occurrences(db, task.id)
    )


def _checked_days(days: int) -> int:
    from coach.core.instance import MOST_DAYS

    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"{days} days cannot be planned", f"from 1 to {MOST_DAYS}")
    return days
