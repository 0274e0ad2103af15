"""The board that a plan is made on: quarter-hours from now on, and tasks in quarter-hours of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from coach.core import slots
from coach.core.plan import Instance, PlanTask

Piece: TypeAlias = tuple[int, int]
"""First quarter-hour and how many, counted on the board."""

NOBODY = object()


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

    def without(self, places: Iterable[int]) -> Board:
        """The board with those quarter-hours taken."""
        board = self.copy()
        for place in places:
            board.free[place] = False
        for index in range(len(board.free) - 1, -1, -1):
            board.run[index] = board.run[index + 1] + 1 if board.free[index] else 0
        return board

    def gap_around(self, piece: Piece) -> int:
        """Quarter-hours of the free stretch that a piece lies in."""
        start = piece[0]
        while start > 0 and self.free[start - 1]:
            start -= 1
        return self.run[start]


@dataclass(frozen=True, slots=True)
class Job:
    """A task in quarter-hours of a board. `due` is the last end that is on time, `last` the last end allowed,
    `closed` what lies outside the hours of its category."""

    task: PlanTask
    need: int
    least: int
    most: int
    start: int
    due: int
    last: int
    not_at: frozenset[int]
    closed: frozenset[int] = frozenset()


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
    return Board(base, free, run, [NOBODY] * (size + 1), _focus_sums(instance, base, size), gap)


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


def job_of(instance: Instance, board: Board, task: PlanTask) -> Job | None:
    """A task on a board; None when its shortest block is longer than its longest."""
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
        closed=frozenset() if task.hours is None else _closed(instance, board, task.hours),
    )


def _closed(instance: Instance, board: Board, hours: slots.Hours) -> frozenset[int]:
    open_ = {
        n - board.base for start, end in slots.working(hours, instance.now, instance.tz, instance.days)
        for n in range(slots.quarter_after(start), slots.quarter(end))
    }
    return frozenset(i for i, free in enumerate(board.free) if free and i not in open_)
