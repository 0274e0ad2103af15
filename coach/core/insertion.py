"""Where a task is worth most on a board that others stand on already: in one piece, or cut greedily. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from coach.core import slots
from coach.core.board import NOBODY, Board, Job, Piece
from coach.core.plan import DELAY, FOCUS, LATE, SPLIT, SWITCH


def best_pieces(board: Board, job: Job) -> list[Piece]:
    """Where the task is worth most: in one piece, or in several when only that fits or is on time. Empty: nowhere."""
    if job.closed:
        board = board.without(job.closed)
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
        if start and owner[start - 1] is not NOBODY and owner[start - 1] != category:
            worth -= SWITCH
        if owner[stop] is not NOBODY and owner[stop] != category:
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
