"""Another place for one piece of work, among blocks that all stay where they are. Pure."""

from __future__ import annotations

from coach.core import lateness, wishes
from coach.core.board import Board, Job, Piece, job_of, new_board
from coach.core.insertion import best_pieces
from coach.core.outcome import blocks_of, plan_of
from coach.core.plan import Instance, Plan

ENGINE = "one-1"


def other_place(instance: Instance) -> Plan:
    """The plan of the only task of an instance: in one piece where the app's own score is best, or cut where it fits in no other
    way; without a block, and with what would help, where it does not fit at all."""
    (task,) = instance.tasks
    board = new_board(instance)
    job = job_of(instance, board, task)
    pieces = [] if job is None else _whole(instance, board, job) or best_pieces(board, job)
    return plan_of(instance, {task.id: pieces} if pieces else {}, ENGINE)


def _whole(instance: Instance, board: Board, job: Job) -> list[Piece]:
    if job.need > job.most:
        return []
    run = (board.without(job.closed) if job.closed else board).run
    starts = [s for s in range(job.start, job.last - job.need + 1) if run[s] >= job.need and s not in job.not_at]
    of = lateness.strength(instance)

    def worth(start: int) -> float:
        return wishes.own(instance, blocks_of(instance, board, {job.task.id: [(start, job.need)]}), of)

    return [(max(starts, key=worth), job.need)] if starts else []
