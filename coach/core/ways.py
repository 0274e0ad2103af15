"""What would give a task a place in a plan: each change is tried on the board with everything else where it stands. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from coach.core import slots
from coach.core.board import Board, Job, Piece, job_of, new_board
from coach.core.explain import clock, span
from coach.core.insertion import best_pieces
from coach.core.plan import Instance, PlanTask

MORE_DAYS = 7
MOST_LEFT_OUT = 12
"""Tasks that are tried as the one to leave out, the least valuable first."""


@dataclass(frozen=True, slots=True)
class Way:
    """A change under which the task has a place: its kind, the number in it, and the words."""

    kind: str
    value: float
    text: str


@dataclass(slots=True)
class Trial:
    """A plan to try changes on: the board without a block and with every block on it, and the blocks by task."""

    instance: Instance
    empty: Board
    full: Board
    made: Mapping[str, Sequence[Piece]]
    later: Board | None = None

    def with_more_days(self) -> Board:
        """The board of a plan that looks a week further, with the same blocks on it."""
        if self.later is None:
            self.later = new_board(replace(self.instance, days=self.instance.days + MORE_DAYS))
            _take_all(self.later, self.instance, self.made)
        return self.later

    def without(self, task_id: str) -> Board:
        board = self.empty.copy()
        _take_all(board, self.instance, {name: pieces for name, pieces in self.made.items() if name != task_id})
        return board


def ways(trial: Trial, job: Job) -> list[Way]:
    """The changes that give the task a place, the smallest first; none where none of those tried does."""
    return list(_ways(trial, job))


def _ways(trial: Trial, job: Job) -> Iterator[Way]:
    instance, task = trial.instance, job.task
    if (way := _shorter(trial, job)) is not None:
        yield way
    if not task.splittable and (way := _split(trial, job)) is not None:
        yield way
    if task.due_hard:
        if ends := best_pieces(trial.full, replace(job, last=len(trial.full.free))):
            end = slots.instant_of(trial.full.base + max(s + n for s, n in ends))
            yield Way("deadline", end.timestamp(), f"a later deadline ({clock(instance, end)} would do)")
        elif more := _days(trial, replace(task, due_hard=False)):
            yield Way("deadline", more, f"a later deadline and {more} days planned")
    elif more := _days(trial, task):
        yield Way("days", more, f"more days planned ({more} would do)")
    if job.start and best_pieces(trial.full, replace(job, start=0)):
        yield Way("start", 0, "a start from now on")
    if job.closed and best_pieces(trial.full, replace(job, closed=frozenset())):
        yield Way("hours", len(job.closed), "other hours for its category")
    if (way := _left_out(trial, job)) is not None:
        yield way


def _shorter(trial: Trial, job: Job) -> Way | None:
    """The longest estimate that has a place."""
    room = sum(trial.full.free[job.start:job.last])
    for need in range(min(job.need - 1, room), 0, -1):
        cut = replace(job, need=need, most=min(job.most, need), least=min(job.least, need))
        if cut.most < need and not job.task.splittable:
            continue
        if best_pieces(trial.full, cut):
            minutes = need * slots.QUARTER_MIN
            return Way("estimate", minutes, f"an estimate of at most {span(minutes)}")
    return None


def _split(trial: Trial, job: Job) -> Way | None:
    least = max(1, min(job.need, slots.quarters(job.task.min_block_min)))
    free = replace(job, task=replace(job.task, splittable=True), least=least)
    pieces = best_pieces(trial.full, free)
    return Way("split", len(pieces), f"it may be split (into {len(pieces)})") if len(pieces) > 1 else None


def _days(trial: Trial, task: PlanTask) -> int:
    """How many days must be planned; 0 where a week more does not do."""
    board = trial.with_more_days()
    job = job_of(replace(trial.instance, days=trial.instance.days + MORE_DAYS), board, task)
    pieces = best_pieces(board, job) if job else []
    if not pieces:
        return 0
    today = trial.instance.now.astimezone(trial.instance.tz).date()
    last = slots.instant_of(board.base + max(s + n for s, n in pieces)) - timedelta(minutes=1)
    return (last.astimezone(trial.instance.tz).date() - today).days + 1


def _left_out(trial: Trial, job: Job) -> Way | None:
    """A task worth less whose place would do."""
    tasks = {t.id: t for t in trial.instance.tasks}
    worth = job.task.weight * job.task.minutes
    less = sorted((t.weight * t.minutes, t.id) for name in trial.made if (t := tasks[name]).weight * t.minutes < worth)
    for value, name in less[:MOST_LEFT_OUT]:
        if best_pieces(trial.without(name), job):
            return Way("instead", value, f'"{tasks[name].title or name}" is left out')
    return None


def _take_all(board: Board, instance: Instance, made: Mapping[str, Sequence[Piece]]) -> None:
    tasks = {t.id: t for t in instance.tasks}
    for name, pieces in made.items():
        for piece in pieces:
            board.take(piece, tasks[name].category)
