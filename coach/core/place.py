"""A deterministic placer: each task in turn goes where it is worth most among the free quarter-hours.

The order decides what gets the room: earliest due first, most valuable first, and least slack first are tried, for a person's own
plan also whose turn it is, and the plan with the best score is kept. A task that fits nowhere in one piece is split if
it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from coach.core import lateness, turns, wishes
from coach.core.board import Board, Job, Piece, job_of, new_board
from coach.core.insertion import best_pieces
from coach.core.lateness import Strength
from coach.core.outcome import blocks_of, plan_of
from coach.core.plan import Instance, Plan

ENGINE = "greedy-1"


def place(instance: Instance) -> Plan:
    """The plan. The same instance gives the same plan; no hard constraint is ever broken."""
    return plan_of(instance, placed(instance), ENGINE)


def placed(instance: Instance) -> Mapping[str, Sequence[Piece]]:
    """The blocks of that plan by task, on the instance's board."""
    board = new_board(instance)
    jobs = [job for t in instance.tasks if t.minutes and (job := job_of(instance, board, t))]
    of = lateness.strength(instance)
    tried = [_in_order(board.copy(), sorted(jobs, key=order)) for order in orders(instance, of)]
    return max(tried, key=lambda made: wishes.own(instance, blocks_of(instance, board, made), of))  # the first among equals


def _in_order(board: Board, jobs: Sequence[Job]) -> dict[str, list[Piece]]:
    made: dict[str, list[Piece]] = {}
    for job in jobs:
        if pieces := best_pieces(board, job):
            made[job.task.id] = pieces
            for piece in pieces:
                board.take(piece, job.task.category)
    return made


def _by_due(job: Job) -> tuple[float, ...]:
    return (job.due, not job.task.due_hard, -job.task.weight, -job.task.urgency)


def _by_value(job: Job) -> tuple[float, ...]:
    return (-job.task.weight, job.due, -job.task.urgency)


def _by_slack(job: Job) -> tuple[float, ...]:
    return (job.due - job.need / job.task.weight, -job.task.weight, -job.task.urgency)


Order: TypeAlias = Callable[[Job], tuple[float, ...]]


def orders(instance: Instance, of: Strength) -> list[Order]:
    """The orders that are tried: tasks as keys that rise. Where lengths are uncertain also by whose turn it is."""
    found: list[Order] = [_by_due, _by_value, _by_slack]
    if not instance.uncertain:
        return found
    turn = turns.turns(instance, of)
    return [lambda job: (turn[job.task.id],), *found]
