"""A person's own plan put in the order of its dues, without gaps. Pure.

A search weighs where each task stands for itself. What stands before it moves it, though: lengths are guesses and days end when
strength does, so that of two tasks the one planned first is the likelier to be done. Whoever follows a plan gains most from what
comes first in it, and loses good hours to gaps. So the tasks of a plan are laid anew, moment by moment (the parallel schedule
generation scheme, Kolisch 1996): each free quarter-hour goes to the first task that may begin there, of those that can still be
in time by their due (Jackson 1955), then of all others by weight. What is late already waits, and saves what is not.

A day is laid from where the work left, or as much of it as tires nobody, has the best hours by the forecast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coach.core import slots, wishes
from coach.core.board import Board, Job, Piece, job_of, new_board
from coach.core.insertion import best_pieces
from coach.core.plan import Instance

LATER = 0.1
"""Mean focus by which a day's later hours must be better than its first ones, for the day to be begun with them."""


def settled(instance: Instance, made: Mapping[str, Sequence[Piece]]) -> Mapping[str, Sequence[Piece]]:
    """The tasks of a plan laid anew, and the plan itself where that is not asked for or one of its tasks would lose its place.

    It is not asked for where nothing is uncertain, and where the plan that is shown only gives way, as to a new meeting."""
    if not instance.uncertain or (instance.shown and instance.firmness >= 1.0):
        return made
    board = new_board(instance)
    jobs = [job for t in instance.tasks if t.id in made and (job := job_of(instance, board, t)) is not None]
    laid = _Laying(instance, board, jobs).all()
    late = sorted((job for job in jobs if job.task.id not in laid), key=lambda j: (j.due, -j.task.weight))
    for job in late:
        if not (pieces := best_pieces(board, job)):
            return made
        laid[job.task.id] = pieces
        for piece in pieces:
            board.take(piece, job.task.category)
    return laid


@dataclass(slots=True)
class _Laying:
    instance: Instance
    board: Board
    jobs: Sequence[Job]

    def all(self) -> dict[str, list[Piece]]:
        """The pieces of each task that came to stand wholly; the board holds those and no others."""
        board, made = self.board.copy(), dict[str, list[Piece]]()
        left = {job.task.id: job.need for job in self.jobs}
        for places, room in self._days(left):
            used = 0
            for place in places:
                if used >= room or not board.free[place]:
                    continue
                found = min(self._may_begin(board, place, left), key=lambda at: self._first_of(at[0], place), default=None)
                if found is None:
                    continue
                job, length = found
                made.setdefault(job.task.id, []).append((place, length))
                board.take((place, length), job.task.category)
                left[job.task.id] -= length
                used += length
        whole = {name: pieces for name, pieces in made.items() if not left[name]}
        for job in self.jobs:
            for piece in whole.get(job.task.id, ()):
                self.board.take(piece, job.task.category)
        return whole

    def _days(self, left: Mapping[str, int]) -> Iterator[tuple[list[int], int]]:
        """Of each day the free places from where it is begun, and how many of them do not tire."""
        today = self.instance.now.astimezone(self.instance.tz).date()
        days: dict[int, list[int]] = {}
        for place in (i for i, free in enumerate(self.board.free) if free):
            date = slots.instant_of(self.board.base + place).astimezone(self.instance.tz).date()
            days.setdefault((date - today).days, []).append(place)
        limits = wishes.capacity(self.instance, max(days, default=0) + 1) if self.instance.tire_after_min else []
        for day, places in days.items():
            room = limits[day] if limits else len(places)
            yield places[self._first(places, min(room, sum(left.values()))):], room

    def _first(self, places: Sequence[int], room: int) -> int:
        """Where a day is begun: at its first place, or where so many places are clearly better."""
        focus = self.board.focus
        if not focus or not 0 < room < len(places):
            return 0
        sums = [0.0]
        for place in places:
            sums.append(sums[-1] + focus[place + 1] - focus[place])
        best = max(range(len(places) - room + 1), key=lambda n: (sums[n + room] - sums[n], -n))
        return best if sums[best + room] - sums[best] > sums[room] + LATER * room else 0

    def _may_begin(self, board: Board, place: int, left: Mapping[str, int]) -> Iterable[tuple[Job, int]]:
        """The tasks that can go on there, and for how long."""
        run = board.run[place]
        for job in self.jobs:
            rest = left[job.task.id]
            if rest and job.start <= place < job.last and place not in job.not_at and place not in job.closed:
                room = min(run, job.last - place, job.most)
                if job.closed:
                    room = next((n for n in range(room) if place + n in job.closed), room)
                if length := _length(job, rest, room):
                    yield job, length

    def _first_of(self, job: Job, place: int) -> tuple[bool, float, float, float]:
        """What puts a task that may go on there before others, the lowest first."""
        task = job.task
        if task.due is None or job.due <= place:
            return True, -task.weight, job.due, -task.urgency
        return False, job.due, job.need, -task.weight


def _length(job: Job, left: int, room: int) -> int:
    """The longest piece of what is left that has room and leaves nothing or another piece; 0 for none."""
    if left <= room:
        return left
    if not job.task.splittable:
        return 0
    length = min(room, left - job.least)
    return length if length >= job.least else 0
