"""The plan of the days ahead: open tasks placed into free working time, what the person accepted kept, what they refused
not offered again. The placing itself is `ml/schedule.py`; what it is made from `engine/plan_instance.py`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change, slots
from coach.core.errors import InvalidInput
from coach.core.explain import span
from coach.core.instance import MOST_DAYS, instance_from_json
from coach.core.place import place
from coach.core.plan import Block, Instance, Plan, Reason, Unplaced, block_json
from coach.core.plan_diff import Difference, difference
from coach.core.task import Task
from coach.core.when import start_of, zone
from coach.engine import plan_instance, productivity
from coach.engine.plan_instance import Given, Wanted
from coach.engine.planning_hours import work_hours as work_hours
from coach.engine.profile import focus_source
from coach.store import blocks, changes, plan_signals
from coach.store import tasks as tasks_store
from coach.store.db import Connection, transaction
from coach.store.plan_signals import Kind

CERTAIN = 10
"""Finished tasks behind a length from which on a block tells how likely it holds its task."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan beside what it was made from. `plan.blocks` are the proposed ones; `kept` the accepted ones ahead; `change` is what
    is different from the plan that was shown before."""

    given: Given
    plan: Plan
    change: Difference

    @property
    def instance(self) -> Instance:
        return self.given.instance

    @property
    def kept(self) -> tuple[Block, ...]:
        return self.given.kept

    @property
    def tasks(self) -> dict[str, Task]:
        return self.given.tasks

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(sorted((*self.kept, *self.plan.blocks), key=lambda b: b.start))

    @property
    def unplaced(self) -> tuple[Unplaced, ...]:
        return self.plan.unplaced

    @property
    def cancelled(self) -> bool:
        return self.plan.stopped == "cancelled"


def propose(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, days: int | None = None, *, seed: int = 0, quick: bool = False,
    wanted: Wanted | None = None, progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> Proposal:
    """A plan of `days` calendar days from today on (the setting `plan.days`), from what the store holds. Writes nothing.

    `quick` places greedily, in milliseconds. `progress` hears the share done; once `cancelled` says so the best plan found so far
    is returned, marked as such."""
    days = _checked_days(config.plan.days if days is None else days)
    given = plan_instance.given(db, config, now, tz, days, wanted)
    plan = _placed(given.instance) if quick else solve(given.instance, seed, progress=progress, cancelled=cancelled)
    source = focus_source(db, now.astimezone(tz).date())
    made = tuple(_finished(_sourced(b, source), given, config) for b in plan.blocks)
    plan = replace(plan, blocks=made, unplaced=(*plan.unplaced, *given.waiting))
    before = [b for status in ("accepted", "proposed") for b in blocks.with_status(db, status) if b.start >= now]
    ahead = [b for b in (*given.kept, *made) if b.start >= now]
    return Proposal(given, plan, difference(before, ahead, (blocks.unplaced(db), plan.unplaced)))


def solve(
    instance: Instance, seed: int = 0, *, progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Plan:
    """The plan of an instance, and the seconds that it took; the same seed makes the same plan."""
    from coach.ml.schedule import schedule  # numpy and inspyred: 0.2 s, only where a plan is made

    return schedule(instance, seed, progress=progress, cancelled=cancelled)


def _placed(instance: Instance) -> Plan:
    begun = time.perf_counter()
    plan = place(instance)
    return replace(plan, elapsed_s=time.perf_counter() - begun)


def solve_json(tree: Any, seed: int = 0) -> tuple[Instance, Plan]:
    """`coach plan --input`: plan an instance without a store. Raises InvalidInput naming the field that is wrong."""
    instance = instance_from_json(tree)
    return instance, solve(instance, seed)


def replan(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, days: int | None = None, *, seed: int = 0,
    progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None,
) -> Proposal:
    """Propose afresh and keep the proposal, so that its blocks can be shown, accepted and refused. What was shown stays where it
    can. A plan that was cancelled is not kept."""
    made = propose(db, config, now, tz, days, seed=seed, progress=progress, cancelled=cancelled)
    return made if made.cancelled else show(db, made, now)


def show(db: Connection, made: Proposal, now: datetime) -> Proposal:
    """Keep a proposal, and how the person works, which it was made by."""
    productivity.keep(db, made.given.works)
    return keep(db, made, now)


def keep(db: Connection, made: Proposal, now: datetime) -> Proposal:
    """Show that proposal from now on."""
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
    found = [blocks.find(db, ref) for ref in refs]
    return _decide(db, [(b, replace(b, status="accepted")) for b in found], now, _label("accept", refs), "accept")


def reject(db: Connection, refs: Sequence[str], now: datetime) -> list[Block]:
    """Refuse blocks: the same task is not offered at the same time again. Raises NotFound."""
    found = [blocks.find(db, ref) for ref in refs]
    return _decide(db, [(b, replace(b, status="rejected")) for b in found], now, _label("reject", refs), "reject")


def move(db: Connection, ref: str, minutes: int, now: datetime) -> Block:
    """Shift a block, which thereby is accepted. Raises NotFound; InvalidInput for the past or an accepted block's time."""
    block = blocks.find(db, ref)
    step = timedelta(minutes=minutes)
    return _set(db, block, (block.start + step, block.end + step), Reason("moved", minutes, "you moved it here"), now)


def move_days(db: Connection, ref: str, days: int, now: datetime, tz: ZoneInfo) -> Block:
    """Put a block on another day at the same time by the clock, which thereby is accepted. Raises as `move` does."""
    block = blocks.find(db, ref)
    start = (block.start.astimezone(tz) + timedelta(days=days)).astimezone(UTC)
    reason = Reason("moved", days * 1440, "you moved it to this day")
    return _set(db, block, (start, start + (block.end - block.start)), reason, now)


def resize(db: Connection, ref: str, minutes: int, now: datetime) -> Block:
    """Make a block so much longer (shorter below 0), which thereby is accepted. Raises NotFound; InvalidInput for less than a
    quarter of an hour and for an accepted block's time."""
    block = blocks.find(db, ref)
    end = block.end + timedelta(minutes=minutes)
    if end - block.start < timedelta(minutes=slots.QUARTER_MIN):
        raise InvalidInput("a block takes a quarter of an hour at least", "reject it instead")
    return _set(db, block, (block.start, end), Reason("resized", minutes, "you made it this long"), now)


def _set(db: Connection, block: Block, span: tuple[datetime, datetime], reason: Reason, now: datetime) -> Block:
    moved = replace(block, start=span[0], end=span[1], status="accepted", reasons=(reason,))
    if moved.start != block.start:
        check_move(moved, (), now)
    return _decide(db, [(block, moved)], now, "move block", "move")[0]


def check_move(moved: Block, accepted: Iterable[Block], now: datetime) -> None:
    """Raises InvalidInput for a block in the past or on an accepted one."""
    if moved.start < now:
        raise InvalidInput("a block cannot begin before now")
    _check_free(moved, accepted)


def find(db: Connection, ref: str) -> Block:
    """The block of an id or its unambiguous beginning; its reasons say why it is where it is. Raises NotFound."""
    return blocks.find(db, ref)


@dataclass(frozen=True, slots=True)
class Why:
    """What stands behind a block, or behind all of a task's: its blocks from now on, why it has no place, and a word where there
    is neither. `task` is None once it was purged."""

    task: Task | None
    blocks: tuple[Block, ...]
    unplaced: Unplaced | None = None
    said: str = ""


def why(db: Connection, ref: str, now: datetime) -> Why:
    """Of a block's id or its beginning, or of a task's number. Raises NotFound."""
    numbered = tasks_store.numbered(db, [int(ref)]) if ref.isdecimal() and len(ref) < 8 else []
    task = next(iter(numbered), None)
    if task is None:
        block = blocks.find(db, ref)
        return Why(tasks_store.get(db, block.task_id), (block,))
    ahead = (b for status in ("accepted", "proposed") for b in blocks.with_status(db, status) if b.end > now)
    own = [b for b in ahead if b.task_id == task.id]
    left = next((u for u in blocks.unplaced(db) if u.task_id == task.id), None) if task.status == "pending" else None
    said = ""
    if not own and left is None:
        fresh = "no plan was made since it is there; `coach plan` makes one"
        said = fresh if task.status == "pending" else f"it is {task.status}"
    return Why(task, tuple(sorted(own, key=lambda b: b.start)), left, said)


def titles(db: Connection, change: Difference) -> dict[str, str]:
    """The titles of the tasks of a difference, by id."""
    touched = [*change.kept, *change.added, *change.removed, *(b for _, b in change.moved)]
    found = {b.task_id: tasks_store.get(db, b.task_id) for b in touched}
    return {name: task.title for name, task in found.items() if task is not None}


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
    left = blocks.unplaced(db)
    found = tasks_store.by_id(db, [u.task_id for u in left])
    return [(found[u.task_id], u) for u in left if u.task_id in found and found[u.task_id].status == "pending"]


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
        "focus": made.instance.focus is not None, "stopped": made.plan.stopped,
    }


def _decide(
    db: Connection, decided: Sequence[tuple[Block, Block]], now: datetime, label: str, kind: Kind,
) -> list[Block]:
    return decide(db, {kind: decided}, now, label)


def decide(
    db: Connection, by_kind: Mapping[Kind, Sequence[tuple[Block, Block]]], now: datetime, label: str,
    dropped: Sequence[tuple[Block, Block]] = (),
) -> list[Block]:
    """Write what the person decided on blocks: (as offered, as it is now), as one action. `dropped` are written with them and say
    nothing of the time that the blocks stood at: their tasks are left out. With the first decision on it a proposal becomes a
    record of the change log, so that undo makes it a proposal again. Raises InvalidInput where an accepted one overlaps
    another."""
    edits: list[change.Change] = []
    born: list[change.Change] = []
    decided = [*dropped, *(pair for pairs in by_kind.values() for pair in pairs)]
    with transaction(db):
        gone = {old.id for old, block in decided if block.status != "accepted"}
        accepted = {b.id: b for b in blocks.with_status(db, "accepted") if b.id not in gone}
        for old, block in decided:
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
        for kind, pairs in by_kind.items():
            plan_signals.add(db, kind, pairs, now)
    return [block for _, block in decided]


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


def _sourced(block: Block, source: str) -> Block:
    """The block with what its focus stands on, where that is no profile yet."""
    if not source:
        return block
    return replace(block, reasons=tuple(
        replace(r, text=f"{r.text} (from {source})") if r.kind == "focus" else r for r in block.reasons))


def _finished(block: Block, given: Given, config: Config) -> Block:
    """The block with what its length stands on."""
    length, minutes = given.lengths.get(block.task_id), config.plan.default_estimate_min
    if block.task_id in given.assumed:
        return replace(block, reasons=(*block.reasons, Reason("estimate", minutes, f"no estimate: {span(minutes)} assumed")))
    if length is None:
        return block
    stands = f" (n = {length.n})" if length.n or length.estimate_min else ""
    words = f"{span(length.planned_min)} planned, {length.percentile:g} % sure: {length.basis}, 4 of 5 take" \
            f" {span(length.low_min)} to {span(length.high_min)}{stands}"
    sure = length.percentile / 100 if length.n >= CERTAIN else None
    return replace(block, reasons=(*block.reasons, Reason("estimate", length.planned_min, words)), confidence=sure)


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
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"{days} days cannot be planned", f"from 1 to {MOST_DAYS}")
    return days
