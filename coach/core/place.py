"""A deterministic placer: each task in turn goes where it is worth most among the free quarter-hours.

The order decides what gets the room: earliest due first, most valuable first, and least slack first are tried, and the
plan with the best score is kept. A task that fits nowhere in one piece is split if it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias
from uuid import UUID, uuid5

from coach.core import slots
from coach.core.explain import Placed, block_reasons, unplaced
from coach.core.plan import DELAY, FOCUS, LATE, SPLIT, SWITCH, Block, Instance, Plan, PlanTask, objective

ENGINE = "greedy-1"

Piece: TypeAlias = tuple[int, int]
"""First quarter-hour and how many, counted on the board."""

_NOBODY = object()
_BLOCKS = UUID("6f9d3a4e-6d0f-4e39-9a57-1f3c2d1b8a60")


@dataclass(slots=True)
class Board:
    """The quarter-hours from `base` on: which are free, how many free ones follow, whose category stands there."""

    base: int
    free: list[bool]
    run: list[int]
    owner: list[object]
    focus: list[float]
    gap: int

    def copy(self) -> Board:
        return replace(self, free=self.free[:], run=self.run[:], owner=self.owner[:])

    def take(self, piece: Piece, category: object) -> None:
        start, length = piece
        self.owner[start:start + length] = [category] * length
        low, high = max(0, start - self.gap), min(len(self.free), start + length + self.gap)
        self.free[low:high] = [False] * (high - low)
        index = high - 1
        while index >= 0 and (index >= low or self.free[index]):
            self.run[index] = self.run[index + 1] + 1 if self.free[index] else 0
            index -= 1

    def gap_around(self, piece: Piece) -> int:
        """Quarter-hours of the free stretch that a piece lies in."""
        start = piece[0]
        while start > 0 and self.free[start - 1]:
            start -= 1
        return self.run[start]


@dataclass(frozen=True, slots=True)
class Job:
    """A task in quarter-hours of a board. `due` is the last end that is on time, `last` the last end allowed."""

    task: PlanTask
    need: int
    least: int
    most: int
    start: int
    due: int
    last: int
    not_at: frozenset[int]


def place(instance: Instance) -> Plan:
    """The plan. The same instance gives the same plan; no hard constraint is ever broken."""
    board = new_board(instance)
    jobs = [job for t in instance.tasks if t.minutes and (job := _job(instance, board, t))]
    tried = [_place_in_order(instance, board.copy(), sorted(jobs, key=order)) for order in _ORDERS]
    score, blocks, full = max(tried, key=lambda t: t[0])  # the first among equals
    placed, left = {b.task_id for b in blocks}, {job.task.id: job for job in jobs}
    missing = tuple(
        unplaced(instance, t, *_room(full, left[t.id]) if t.id in left else (0, 0))
        for t in instance.tasks if t.id not in placed
    )
    return Plan(blocks, missing, score, ENGINE)


def _by_due(job: Job) -> tuple[float, ...]:
    return (job.due, not job.task.due_hard, -job.task.weight, -job.task.urgency)


def _by_value(job: Job) -> tuple[float, ...]:
    return (-job.task.weight, job.due, -job.task.urgency)


def _by_slack(job: Job) -> tuple[float, ...]:
    return (job.due - job.need / job.task.weight, -job.task.weight, -job.task.urgency)


_ORDERS: tuple[Callable[[Job], tuple[float, ...]], ...] = (_by_due, _by_value, _by_slack)


def new_board(instance: Instance) -> Board:
    """All working quarter-hours from now on that no event touches."""
    base = slots.quarter_after(instance.now)
    hours = slots.working(instance.work_hours, instance.now, instance.tz, instance.days)
    size = max([slots.quarter(end) - base for _, end in hours] + [0])
    free = [False] * size
    for start, end in hours:
        low, high = max(0, slots.quarter_after(start) - base), max(0, slots.quarter(end) - base)
        free[low:high] = [True] * max(0, high - low)
    for event in instance.events:
        if event.start < event.end:
            low, high = slots.quarter(event.start) - base, slots.quarter_after(event.end) - base
            low, high = min(size, max(0, low)), min(size, max(0, high))
            free[low:high] = [False] * (high - low)
    run = [0] * (size + 1)
    for index in range(size - 1, -1, -1):
        run[index] = run[index + 1] + 1 if free[index] else 0
    gap = slots.quarters(instance.break_min)
    return Board(base, free, run, [_NOBODY] * (size + 1), _focus_sums(instance, base, size), gap)


def _focus_sums(instance: Instance, base: int, size: int) -> list[float]:
    """Running sums of focus above its mean, so that any stretch costs one subtraction. Empty without a profile."""
    if instance.focus is None:
        return []
    mean = slots.mean_focus(instance.focus, instance.work_hours)
    sums = [0.0]
    for number in range(base, base + size):
        hour = slots.hour_of_week(slots.instant_of(number), instance.tz)
        sums.append(sums[-1] + instance.focus[hour] - mean)
    return sums


def _job(instance: Instance, board: Board, task: PlanTask) -> Job | None:
    """None when its shortest block is longer than its longest."""
    need = slots.quarters(task.minutes)
    most = need if task.max_block_min is None else min(need, slots.quarters(task.max_block_min))
    least = min(need, slots.quarters(task.min_block_min))
    if least > most or (not task.splittable and most < need):
        return None
    size = len(board.free)
    due = size + 1 if task.due is None else min(size + 1, max(0, slots.quarter(task.due) - board.base))
    return Job(
        task, need, least, most, due=due, last=min(due, size) if task.due_hard else size,
        start=max(0, slots.quarter_after(task.not_before) - board.base) if task.not_before else 0,
        not_at=frozenset(slots.quarter_after(t) - board.base for t in task.not_at),
    )


def _place_in_order(
    instance: Instance, board: Board, jobs: Sequence[Job],
) -> tuple[float, tuple[Block, ...], Board]:
    """Score, blocks, and the board with them on it."""
    blocks: list[Block] = []
    for job in jobs:
        pieces = _best_pieces(board, job)
        gaps = [board.gap_around(p) for p in pieces]
        for number, (piece, gap) in enumerate(zip(pieces, gaps, strict=True), 1):
            board.take(piece, job.task.category)
            start, end = (slots.instant_of(board.base + n) for n in (piece[0], piece[0] + piece[1]))
            blocks.append(_block(instance, Placed(job.task, start, end, number, len(pieces), gap * slots.QUARTER_MIN)))
    blocks.sort(key=lambda b: b.start)
    return objective(instance, blocks), tuple(blocks), board


def _block(instance: Instance, placed: Placed) -> Block:
    return Block(block_id(placed.task.id, placed.start), placed.task.id, placed.start, placed.end,
                 block_reasons(instance, placed))


def block_id(task_id: str, start: datetime) -> str:
    """The same task at the same time is the same block, so that a refusal is remembered."""
    return str(uuid5(_BLOCKS, f"{task_id} {start.timestamp():.0f}"))


def _best_pieces(board: Board, job: Job) -> list[Piece]:
    """Where the task is worth most: in one piece, or in several when only that fits or is on time. Empty: nowhere."""
    if max(board.run[job.start:job.last], default=0) < job.least or sum(board.free[job.start:job.last]) < job.need:
        return []
    whole = _best_start(board, job, job.need, board, first=True) if job.need <= job.most else None
    if whole is not None and (whole[1] + job.need <= job.due or not job.task.splittable):
        return [(whole[1], job.need)]
    candidates = [[(whole[1], job.need)]] if whole is not None else []
    if job.task.splittable:
        for last in dict.fromkeys((min(job.due, job.last), job.last)):
            candidates += [p for p in (_by_worth(board, job, last), _from_the_front(board, job, last)) if p]
    return max(candidates, key=lambda pieces: _worth(board, job, pieces), default=[])


def _best_start(board: Board, job: Job, length: int, taken: Board, *, first: bool, last: int | None = None,
                ) -> tuple[float, int] | None:
    """The best place for one piece and its worth; the earliest among equals."""
    run, not_at = taken.run, job.not_at
    end = job.last if last is None else last
    value, focus_value = job.task.weight * job.task.minutes, FOCUS * slots.QUARTER_MIN * job.task.weight
    delay = DELAY * slots.QUARTER_MIN if first else 0.0
    owner, focus, category = taken.owner, board.focus, job.task.category
    best: tuple[float, int] | None = None
    for start in range(job.start, end - length + 1):
        if run[start] < length or start in not_at:
            continue
        stop = start + length
        worth = (value if stop <= job.due else LATE * value) - delay * start
        if focus:
            worth += focus_value * (focus[stop] - focus[start])
        if start and owner[start - 1] is not _NOBODY and owner[start - 1] != category:
            worth -= SWITCH
        if owner[stop] is not _NOBODY and owner[stop] != category:
            worth -= SWITCH
        if best is None or worth > best[0]:
            best = (worth, start)
    return best


def _by_worth(board: Board, job: Job, last: int) -> list[Piece]:
    """Pieces as long as allowed, each at its best place before `last`."""
    taken, left, pieces = board.copy(), job.need, list[Piece]()
    while left:
        for length in _lengths(job, left):
            found = _best_start(board, job, length, taken, first=not pieces, last=last)
            if found is not None:
                break
        else:
            return []
        pieces.append((found[1], length))
        taken.take(pieces[-1], job.task.category)
        left -= length
    return sorted(pieces)


def _from_the_front(board: Board, job: Job, last: int) -> list[Piece]:
    """The earliest free stretches, filled one after the other."""
    left, start, pieces = job.need, job.start, list[Piece]()
    while left and start < last:
        room = min(board.run[start], last - start)
        length = next((n for n in _lengths(job, left) if n <= room), 0) if start not in job.not_at else 0
        if length:
            pieces.append((start, length))
            left -= length
        start += length + board.gap if length else 1
    return [] if left else pieces


def _lengths(job: Job, left: int) -> Iterator[int]:
    """Allowed lengths of the next piece, longest first: what remains is nothing or can be a piece."""
    for length in range(min(job.most, left), min(job.least, left) - 1, -1):
        rest = left - length
        if rest == 0 or rest >= job.least:
            yield length


def _worth(board: Board, job: Job, pieces: Sequence[Piece]) -> float:
    """The part of the objective that this task decides, neighbours aside."""
    late = max(start + length for start, length in pieces) > job.due
    worth = job.task.weight * job.task.minutes * (LATE if late else 1.0) - SPLIT * (len(pieces) - 1)
    worth -= DELAY * slots.QUARTER_MIN * min(start for start, _ in pieces)
    if board.focus:
        gain = sum(board.focus[start + length] - board.focus[start] for start, length in pieces)
        worth += FOCUS * slots.QUARTER_MIN * job.task.weight * gain
    return worth


def _room(board: Board, job: Job) -> tuple[int, int]:
    """Minutes of the longest free stretch, and of all, that the task could use, at the end of planning."""
    longest = total = 0
    index = job.start
    while index < job.last:
        length = min(board.run[index], job.last - index)
        longest, total = max(longest, length), total + length
        index += max(1, length)
    return longest * slots.QUARTER_MIN, total * slots.QUARTER_MIN
