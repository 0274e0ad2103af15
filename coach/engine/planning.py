"""The plan of the days ahead: open tasks placed into free working time, what the person accepted kept, what they refused
not offered again. The placing itself is `ml/schedule.py`; what it is made from `engine/plan_instance.py`."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change
from coach.core.errors import InvalidInput
from coach.core.instance import MOST_DAYS, instance_from_json
from coach.core.place import place
from coach.core.plan import Block, Instance, Plan, Unplaced, block_json
from coach.core.plan_diff import Difference, difference
from coach.core.task import Task
from coach.engine import block_lengths, plan_instance, productivity, standing
from coach.engine.plan_instance import Given, Wanted
from coach.engine.planning_hours import work_hours as work_hours
from coach.engine.profile import focus_source
from coach.store import blocks, changes, plan_signals
from coach.store import tasks as tasks_store
from coach.store.db import Connection, transaction
from coach.store.plan_signals import Kind


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
    made = _lengths_told([sourced(b, source) for b in plan.blocks], given, config)
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
        made = replace(made, plan=replace(made.plan, blocks=tuple(own_id(b, taken) for b in made.plan.blocks)))
        until = now.astimezone(made.instance.tz).date() + timedelta(days=made.instance.days - 1)
        blocks.replace_proposals(db, made.plan.blocks, made.unplaced, now, until)
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


def check_move(moved: Block, accepted: Iterable[Block], now: datetime, *, begins: bool = True) -> None:
    """Raises InvalidInput for a block in the past (where it `begins` anew) or on an accepted one."""
    if begins and moved.start < now:
        raise InvalidInput("a block cannot begin before now")
    _check_free(moved, accepted)


def titles(db: Connection, change: Difference) -> dict[str, str]:
    """The titles of the tasks of a difference, by id."""
    touched = [*change.kept, *change.added, *change.removed, *(b for _, b in change.moved)]
    found = {b.task_id: tasks_store.get(db, b.task_id) for b in touched}
    return {name: task.title for name, task in found.items() if task is not None}


def blocks_between(db: Connection, start: datetime, end: datetime) -> list[Block]:
    """Blocks that overlap [start, end) but the rejected and the displaced ones and those of deleted tasks.

    Done is read off the task, so that undoing a completion brings its blocks back."""
    found: list[Block] = []
    for block in blocks.between(db, start, end):
        task = tasks_store.get(db, block.task_id)
        if block.status in ("rejected", blocks.DISPLACED) or task is None or task.status == "deleted":
            continue
        found.append(replace(block, status="done") if standing.is_done(db, block, task) else block)
    return found


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
    beside: Sequence[tuple[Block | None, Block]] = (), lost: Sequence[tuple[Block, Unplaced]] = (),
) -> list[Block]:
    """Write what the person decided on blocks: (as offered, as it is now), as one action. `beside` are written with them and say
    nothing of the time that the blocks stood at: those of tasks that are left out, proposals that make room, new ones (from
    None). `lost` are proposals that an accepted block takes the place of and that have no other, and why. With the first decision
    on it a proposal becomes a record of the change log, so that undo makes it a proposal again. Raises InvalidInput where an
    accepted one overlaps another."""
    decided = [*beside, *(pair for pairs in by_kind.values() for pair in pairs)]
    with transaction(db):
        gone = {old.id for old, block in decided if old is not None and block.status != "accepted"}
        accepted = {b.id: b for b in standing.standing(db, now) if b.id not in gone}
        for _, block in decided:
            if block.status == "accepted":
                _check_free(block, accepted.values())
                accepted[block.id] = block
        lost = [*lost, *_overrun(db, accepted.values(), {b.id for _, b in decided} | {b.id for b, _ in lost})]
        written = [*((old, blocks.values(block, now)) for old, block in decided),
                   *((block, blocks.displaced(block, left, now)) for block, left in lost)]
        born = [old for old, _ in written if old is not None and old.status == "proposed"]
        edits = [
            change.create("block", block.id, after) if old is None
            else change.update("block", old.id, blocks.values(old, now), after)
            for (old, after), block in zip(written, [*(b for _, b in decided), *(b for b, _ in lost)], strict=True)
        ]
        blocks.forget_proposals(db, [b.id for b in born])
        if born:
            records = [change.create("block", b.id, blocks.values(b, now)) for b in born]
            changes.apply(db, records, now=now, label="propose blocks", actor="coach")
        if any(edit.fields for edit in edits):
            changes.apply(db, edits, now=now, label=label)
        for kind, pairs in by_kind.items():
            plan_signals.add(db, kind, pairs, now)
    return [block for _, block in decided]


def _overrun(db: Connection, accepted: Iterable[Block], known: set[str]) -> list[tuple[Block, Unplaced]]:
    """The other proposals that an accepted block lies over, which nobody has looked for another place for."""
    found, held = [], list(accepted)
    for block in blocks.with_status(db, "proposed"):
        over = next((b for b in held if block.id not in known and overlap(block, b)), None)
        if over is not None:
            found.append((block, taken_by(db, block, over, "`coach plan` looks for another one")))
    return found


def taken_by(db: Connection, block: Block, over: Block, helps: str) -> Unplaced:
    """Why a block's task has no place: that of another is there."""
    task = tasks_store.get(db, over.task_id)
    return Unplaced(block.task_id, f'"{task.title if task else "another block"}" took its place', helps)


def _check_free(block: Block, accepted: Iterable[Block]) -> None:
    for other in accepted:
        if other.id != block.id and overlap(block, other):
            raise InvalidInput("that time is taken by an accepted block", "move or reject that one first")


def overlap(a: Block, b: Block) -> bool:
    """Whether two blocks share time."""
    return a.start < b.end and b.start < a.end


def _label(verb: str, refs: Sequence[str]) -> str:
    return f"{verb} block" if len(refs) == 1 else f"{verb} {len(refs)} blocks"


def own_id(block: Block, taken: Collection[str]) -> Block:
    """The block with an id that is not taken yet: one that was moved away keeps its id, so what is proposed where it was
    needs another."""
    own = block.id
    while own in taken:
        own = str(uuid5(UUID(own), "again"))
    return replace(block, id=own)


def sourced(block: Block, source: str) -> Block:
    """The block with what its focus stands on, where that is no profile yet."""
    if not source:
        return block
    return replace(block, reasons=tuple(
        replace(r, text=f"{r.text} (from {source})") if r.kind == "focus" else r for r in block.reasons))


def _lengths_told(made: Sequence[Block], given: Given, config: Config) -> tuple[Block, ...]:
    """The blocks with what their lengths stand on, as far as that is known, and how likely all of a task's are enough."""
    found: list[Block] = []
    for task_id in dict.fromkeys(b.task_id for b in made):
        own = [b for b in made if b.task_id == task_id]
        length = given.lengths.get(task_id)
        if length is None and task_id not in given.assumed:
            found += own
            continue
        kept = [b for b in given.kept if b.task_id == task_id]
        task = given.tasks[task_id]
        found += block_lengths.told([*own, *kept], length, task.actual_min or 0, config, task.title)[:len(own)]
    return tuple(sorted(found, key=lambda b: b.start))


def _checked_days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"{days} days cannot be planned", f"from 1 to {MOST_DAYS}")
    return days
