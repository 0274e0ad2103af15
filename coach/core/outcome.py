"""From blocks to a plan: why each one stands where it stands, and what would give the tasks without a place one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from coach.core import lateness, slots, wishes
from coach.core.board import Board, Job, Piece, job_of, new_board
from coach.core.explain import Placed, block_reasons, clock, spare, unplaced
from coach.core.insertion import best_pieces
from coach.core.plan import WEIGHTS, Block, Instance, Plan, PlanTask, Unplaced, objective
from coach.core.ways import Trial, ways

MOST_TRIED = 25
LATEST = 2 * 96
"""Quarter-hours after a due within which a later one is tried."""
MOST_SPARE = 5
"""Tasks with room of which it is tried what would make them worth it; it takes some milliseconds for each."""

_BLOCKS = UUID("6f9d3a4e-6d0f-4e39-9a57-1f3c2d1b8a60")


def blocks_of(instance: Instance, board: Board, made: Mapping[str, Sequence[Piece]]) -> list[Block]:
    """The blocks of pieces on that board, earliest first, without their reasons."""
    found = [
        Block(block_id(task, start), task, start, slots.instant_of(board.base + piece[0] + piece[1]))
        for task, pieces in made.items() for piece in pieces for start in [slots.instant_of(board.base + piece[0])]
    ]
    return sorted(found, key=lambda b: b.start)


def plan_of(instance: Instance, made: Mapping[str, Sequence[Piece]], engine: str) -> Plan:
    """The plan of those pieces by task, with its reasons and its score by the fixed objective."""
    empty = new_board(instance)
    full = empty.copy()
    tasks, shown = {t.id: t for t in instance.tasks}, wishes.shown(instance)
    where: list[Placed] = []
    for name, pieces in made.items():
        task = tasks[name]
        for number, piece in enumerate(sorted(pieces), 1):
            full.take(piece, task.category)
            start, end = (slots.instant_of(empty.base + n) for n in (piece[0], piece[0] + piece[1]))
            gap_min = empty.gap_around(piece) * slots.QUARTER_MIN
            where.append(Placed(task, start, end, number, len(pieces), gap_min, shown.get(name, ())))
    where.sort(key=lambda at: at.start)
    blocks = [
        Block(block_id(at.task.id, at.start), at.task.id, at.start, at.end, block_reasons(instance, at, before, after))
        for before, at, after in zip([None, *where], where, [*where[1:], None], strict=False)
    ]
    return Plan(tuple(blocks), _unplaced(instance, empty, full, made, blocks), objective(instance, blocks), engine)


def _unplaced(
    instance: Instance, empty: Board, full: Board, made: Mapping[str, Sequence[Piece]], blocks: Sequence[Block],
) -> tuple[Unplaced, ...]:
    """Those without a place. Of many, what would help is tried for the weightiest only; it takes milliseconds for each."""
    missing = [t for t in instance.tasks if t.id not in made]
    tried = {t.id for t in sorted(missing, key=lambda t: (-t.weight, -t.urgency, t.id))[:MOST_TRIED]}
    trial, stretches = Trial(instance, empty, full, made), _stretches(full)
    found, spares = [], 0
    for task in missing:
        job = job_of(instance, full, task) if task.minutes else None
        longest_min, total_min = _room(stretches, job) if job else (0, 0)
        if job is not None and task.id in tried and (room := best_pieces(full, job)):
            end = slots.instant_of(full.base + max(start + length for start, length in room))
            more = [*blocks, *blocks_of(instance, full, {task.id: room})]
            spares += 1
            helps = None
            if spares <= MOST_SPARE:
                sooner = _sooner(trial, task, blocks)
                helps = [*([sooner] if sooner else []), *_worth_it(instance, task, blocks, more, None if sooner else end)]
            found.append(spare(instance, task, end, helps, wishes.tiring(instance, more) > wishes.tiring(instance, blocks)))
            continue
        known = None if job is None or task.id not in tried else [w.text for w in ways(trial, job)]
        found.append(unplaced(instance, task, longest_min, total_min, known))
    return tuple(found)


def _worth_it(
    instance: Instance, task: PlanTask, without: Sequence[Block], with_it: Sequence[Block], end: datetime | None,
) -> list[str]:
    """The least changes of a task that has room until `end` under which the plan is worth more with it: its priority, and its due
    where `end` is given."""
    of = lateness.strength(instance)

    def gains(changed: PlanTask) -> bool:
        asked = replace(instance, tasks=tuple(changed if t.id == task.id else t for t in instance.tasks))
        return wishes.own(asked, with_it, of) > wishes.own(asked, without, of)

    found = []
    higher = [p for p in (3, 2, 1) if WEIGHTS[p] > task.weight]
    if (enough := next((p for p in higher if gains(replace(task, priority=p))), None)) is not None:
        found.append(f"priority {enough}")
    if end is not None and (task.due is None or end > task.due) and gains(replace(task, due=end)):
        found.append(f"a due at {clock(instance, end)}" if task.due is None else f"a due at {clock(instance, end)} or later")
    return found


def _sooner(trial: Trial, task: PlanTask, without: Sequence[Block]) -> str:
    """The least later due under which the plan is worth more with the task at its earliest place after its due, with whatever
    stands there elsewhere; "" where that is not so."""
    instance, empty = trial.instance, trial.empty
    job = job_of(instance, empty, task)
    if task.due is None or job is None:
        return ""
    past = max(job.start + 1, slots.quarter_after(task.due) - empty.base + 1)
    ends = range(past, min(len(empty.free), past + LATEST) + 1)
    pieces = next((found for last in ends if (found := best_pieces(empty, replace(job, last=last)))), [])
    if not pieces:
        return ""
    due = slots.instant_of(empty.base + max(start + length for start, length in pieces))
    asked = replace(instance, tasks=tuple(replace(t, due=due) if t.id == task.id else t for t in instance.tasks))
    of = lateness.strength(instance)
    with_it = blocks_of(instance, empty, _made_room(trial, task, pieces))
    better = due > task.due and wishes.own(asked, with_it, of) > wishes.own(asked, without, of)
    return f"a later due ({clock(instance, due)} would do)" if better else ""


def _made_room(trial: Trial, task: PlanTask, pieces: Sequence[Piece]) -> dict[str, Sequence[Piece]]:
    """All pieces with the task's own there, and what stood in their way where there is still room, the weightiest first."""
    def hit(other: Sequence[Piece]) -> bool:
        return any(a < c + d and c < a + b for a, b in pieces for c, d in other)

    tasks = {t.id: t for t in trial.instance.tasks}
    found: dict[str, Sequence[Piece]] = {name: other for name, other in trial.made.items() if not hit(other)}
    found[task.id] = pieces
    board = trial.empty.copy()
    for name, own in found.items():
        for piece in own:
            board.take(piece, tasks[name].category)
    for name in sorted(trial.made.keys() - found.keys(), key=lambda n: (-tasks[n].weight, n)):
        job = job_of(trial.instance, board, tasks[name])
        if job is not None and (again := best_pieces(board, job)):
            found[name] = again
            for piece in again:
                board.take(piece, tasks[name].category)
    return found


def block_id(task_id: str, start: datetime) -> str:
    """The same task at the same time is the same block, so that a refusal is remembered."""
    return str(uuid5(_BLOCKS, f"{task_id} {start.timestamp():.0f}"))


def _stretches(board: Board) -> list[Piece]:
    """What is free, as (first, how many) of each stretch."""
    found, index = list[Piece](), 0
    while index < len(board.free):
        if board.run[index]:
            found.append((index, board.run[index]))
        index += max(1, board.run[index])
    return found


def _room(stretches: Sequence[Piece], job: Job) -> tuple[int, int]:
    """Minutes of the longest free stretch, and of all, that the task could use, at the end of planning."""
    usable = [n for start, length in stretches if (n := min(start + length, job.last) - max(start, job.start)) > 0]
    return max(usable, default=0) * slots.QUARTER_MIN, sum(usable) * slots.QUARTER_MIN
