"""A planning instance as tables: the free quarter-hours side by side, what a block of each task is worth at each of them, and the
ways to cut each task into blocks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from coach.core import lateness, slots, turns, wishes
from coach.core.board import Board, Job, job_of, new_board
from coach.core.plan import DELAY, LATE, Instance

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"

NOWHERE = np.float32(-1e30)
MOST_PATTERNS = 16
"""Ways to cut one task that the search knows."""
MOST_PIECES = 40
"""A task that needs more blocks is cut in two ways only."""


@dataclass(frozen=True, slots=True)
class Tables:
    """T positions (free quarter-hours, and between two stretches of them one or more that are not free), R rows (job and
    length), G patterns (job and the lengths of its blocks), Q blocks at most.

    `quarter` (T,) number of the quarter-hour, -1 between stretches; `run` (T + 1,) free positions that follow; `table` (2 R, T)
    what a block is worth at a start, beside its task's value; the second half is for a task that is late already; `extra` (R, T)
    the part of it that is the person's own wish; `lengths`, `row` (G, Q); `pieces`, `job`, `category`, `value`, `lost`
    (by being late), `attention`, `due` (G,); `focus` (T + 1,) running sum above the mean; `delay` (T + 1,);
    `risk` (J, T + 1) what an end there may cost a job, None where nothing is uncertain; `patterns` by job: its first one
    and the end of them; `day` (T,); `capacity` (days,) quarter-hours that tire nobody, None without a limit; `gap`
    positions of a break; `strength` how the days hold it."""

    jobs: tuple[Job, ...]
    quarter: Array
    run: Array
    positions: Array
    table: Array
    extra: Array | None
    lengths: Array
    row: Array
    pieces: Array
    job: Array
    category: Array
    value: Array
    lost: Array
    attention: Array
    due: Array
    focus: Array
    delay: Array
    risk: Array | None
    patterns: tuple[tuple[int, int], ...]
    day: Array
    capacity: Array | None
    gap: int
    strength: lateness.Strength

    @property
    def size(self) -> int:
        return len(self.quarter)

    @property
    def late(self) -> int:
        """What leads from a row to the one of a task that is late already."""
        return len(self.table) // 2


def tables(instance: Instance, only: frozenset[str] | None = None) -> Tables | None:
    """The tables of an instance, or of those of its tasks; None where nothing can be placed."""
    board = new_board(instance)
    wanted = (job_of(instance, board, t) for t in instance.tasks if t.minutes and (only is None or t.id in only))
    jobs = tuple(
        job for job in wanted if job is not None and job.need <= sum(board.free[job.start:job.last]) and patterns(job)
    )
    where = _positions(board)
    if not jobs or not len(where):
        return None
    quarter = np.where(where >= 0, board.base + where, -1)
    run = _run(where >= 0)
    focus = np.zeros(len(where) + 1)
    if board.focus:
        sums, here = np.array(board.focus), np.maximum(where, 0)
        focus[1:] = np.cumsum(np.where(where >= 0, sums[here + 1] - sums[here], 0.0))
    starts = np.array([_minutes(instance, n) if n >= 0 else 0.0 for n in quarter])
    delay = np.append(DELAY * starts, 0.0)
    day, capacity = _days(instance, quarter)
    shown = wishes.shown(instance)
    cuts = [
        (number, cut) for number, job in enumerate(jobs)
        for cut in dict.fromkeys([*patterns(job), *_shown(job, [s.length for s in shown.get(job.task.id, ())])])
    ]
    most = max(len(cut) for _, cut in cuts)
    rows = list(dict.fromkeys((number, n) for number, cut in cuts for n in cut))
    numbered = {key: i for i, key in enumerate(rows)}
    owner = np.array([number for number, _ in cuts])
    due = np.array([_ends_by(where, j.due) for j in jobs], np.int16)
    names = {c: i for i, c in enumerate(sorted({j.task.category for j in jobs}, key=str))}
    edges = np.array([0, *(np.flatnonzero(np.diff(owner)) + 1), len(cuts)])
    weighted = np.array([j.task.weight * j.task.minutes for j in jobs], float)
    strength = lateness.strength(instance)
    turn = turns.turns(instance, strength)
    kept = np.array([wishes.keeps(instance, j.task, strength, turn.get(j.task.id, 0.0)) for j in jobs])
    promised = np.array([lateness.promise(instance, j.task) for j in jobs])
    first = wishes.first(instance) * np.array([j.task.priority == wishes.FIRST for j in jobs], float)
    lost = (1 - LATE) * weighted + promised
    attention = np.array([wishes.attention(instance, j.task) for j in jobs])
    risk = _risk(instance, jobs, quarter, strength)
    on_time, late = _worths(jobs, rows, where, run, focus, delay, due, risk, lost, attention)
    extra = _extra(instance, jobs, rows, quarter, strength, turn)
    if extra is not None:
        on_time, late = on_time + extra, late + extra
    return Tables(
        jobs=jobs, quarter=quarter, run=run, positions=np.arange(len(where) + 1, dtype=np.int16),
        table=np.concatenate([on_time, late]).astype(np.float32), extra=extra,
        lengths=np.array([[*cut, *[0] * (most - len(cut))] for _, cut in cuts], np.int16),
        row=np.array([[numbered[number, n] for n in cut] + [0] * (most - len(cut)) for number, cut in cuts], np.int32),
        pieces=np.array([len(cut) for _, cut in cuts], np.int16), job=owner,
        category=np.array([names[jobs[j].task.category] % 127 for j in owner], np.int8),
        value=(weighted + promised + first - kept)[owner], lost=lost[owner],
        attention=attention[owner], due=due[owner],
        focus=focus, delay=delay, risk=risk,
        patterns=tuple(itertools.pairwise(int(e) for e in edges)), day=day, capacity=capacity, gap=board.gap,
        strength=strength,
    )


def patterns(job: Job) -> list[tuple[int, ...]]:
    """Ways to cut a job into blocks (quarter-hours each, longest first), the fewest blocks first."""
    found: list[tuple[int, ...]] = [(job.need,)] if job.need <= job.most else []
    if not job.task.splittable:
        return found
    fewest = max(2, -(-job.need // job.most))
    for pieces in range(fewest, fewest + (3 if fewest <= MOST_PIECES else 1)):
        if pieces * job.least > job.need or pieces * job.most < job.need:
            continue
        cuts = [_even(job.need, pieces)]
        if pieces <= 4:
            cuts += sorted(itertools.islice(_partitions(job.need, pieces, job.least, job.most), 400), reverse=True)
        else:
            cuts.append(_long_first(job, pieces))
        room = MOST_PATTERNS - len(found) if pieces > fewest else MOST_PATTERNS // 2
        found += _spread(list(dict.fromkeys(cuts)), room)
    return found


def _shown(job: Job, lengths: Sequence[int]) -> list[tuple[int, ...]]:
    """The way in which the person sees the job cut, where it may still be cut so."""
    may = sum(lengths) == job.need and all(job.least <= n <= job.most for n in lengths)
    return [tuple(sorted(lengths, reverse=True))] if may and (len(lengths) == 1 or job.task.splittable) else []


def _even(need: int, pieces: int) -> tuple[int, ...]:
    each, more = divmod(need, pieces)
    return (each + 1,) * more + (each,) * (pieces - more)


def _long_first(job: Job, pieces: int) -> tuple[int, ...]:
    cut, left = [], job.need
    for rest in range(pieces - 1, -1, -1):
        cut.append(min(job.most, left - rest * job.least))
        left -= cut[-1]
    return tuple(sorted(cut, reverse=True))


def _partitions(need: int, pieces: int, least: int, most: int) -> Iterator[tuple[int, ...]]:
    """Sums of `need` in parts that do not grow."""
    if pieces == 1:
        if least <= need <= most:
            yield (need,)
        return
    for head in range(min(most, need - (pieces - 1) * least), -(-need // pieces) - 1, -1):
        for rest in _partitions(need - head, pieces - 1, least, head):
            yield (head, *rest)


def _spread(cuts: Sequence[tuple[int, ...]], room: int) -> list[tuple[int, ...]]:
    """The first one and as many of the others, evenly, as there is room for."""
    if len(cuts) <= room:
        return list(cuts)
    return [cuts[round(i * (len(cuts) - 1) / max(1, room - 1))] for i in range(max(0, room))]


def _positions(board: Board) -> Array:
    """The free places of the board in order, with -1 for what lies between two stretches: as many as the break asks for."""
    found: list[int] = []
    before = None
    for place in (i for i, free in enumerate(board.free) if free):
        if before is not None and place > before + 1:
            found += [-1] * max(1, min(board.gap, place - before - 1))
        found.append(place)
        before = place
    return np.array(found, np.int64)


def _run(free: Array) -> Array:
    size = len(free)
    positions = np.arange(size)
    taken = np.where(free, size, positions)
    ahead = np.minimum.accumulate(taken[::-1])[::-1]
    return np.append(ahead - positions, 0).astype(np.int16)


def _minutes(instance: Instance, number: int) -> float:
    return (slots.instant_of(int(number)) - instance.now).total_seconds() / 60


def _ends_by(where: Array, end: int) -> int:
    """The last end, as a position, that is at or before that end on the board."""
    return int(np.searchsorted(np.maximum.accumulate(where), end, side="left"))


def _days(instance: Instance, quarter: Array) -> tuple[Array, Array | None]:
    """The day of each position, counted from today, and what each day holds before it tires."""
    dates = [slots.instant_of(int(n)).astimezone(instance.tz).date() if n >= 0 else None for n in quarter]
    today = instance.now.astimezone(instance.tz).date()
    day = np.array([(d - today).days if d else 0 for d in dates], np.int16)
    if not instance.tire_after_min:
        return day, None
    rest = wishes.capacity(instance, int(day.max()) + 1)
    return day, np.array(rest, np.int16)


def _worths(
    jobs: Sequence[Job], rows: Sequence[tuple[int, int]], where: Array, run: Array, focus: Array, delay: Array,
    due: Array, risk: Array | None, lost: Array, attention: Array,
) -> tuple[Array, Array]:
    """(R, T) worth of a block at each start, for a task that is on time so far and for one that is late."""
    size = len(where)
    positions = np.arange(size)
    on_time = np.full((len(rows), size), NOWHERE, float)
    late = on_time.copy()
    allowed = [_run(_open(job, where)) for job in jobs]
    for i, (number, length) in enumerate(rows):
        job = jobs[number]
        can = (allowed[number][:size] >= length) & (run[:size] >= length)
        can[np.isin(where, np.array(sorted(job.not_at), np.int64)) & (where >= 0)] = False
        at = positions[can]
        plain = attention[number] * (focus[at + length] - focus[at]) - delay[at]
        near = np.zeros(len(at)) if risk is None else risk[number, at + length] * length / job.need
        late[i, at] = plain - np.minimum(near, 0.0)  # what may yet be on time
        on_time[i, at] = plain - near - np.where(at + length > due[number], lost[number], 0.0)
    return on_time, late


def _open(job: Job, where: Array) -> Array:
    """The positions that a job may use at all."""
    may = (where >= job.start) & (where < job.last)
    if job.closed:
        may &= ~np.isin(where, np.array(sorted(job.closed), np.int64))
    return may


def _risk(instance: Instance, jobs: Sequence[Job], quarter: Array, strength: lateness.Strength) -> Array | None:
    if not instance.uncertain:
        return None
    found = np.zeros((len(jobs), len(quarter) + 1))
    for i, job in enumerate(jobs):
        if job.task.due is not None:
            ends = [slots.instant_of(int(n) + 1) if n >= 0 else None for n in quarter]
            found[i, 1:] = [lateness.risk(instance, job.task, end, strength) if end else 0.0 for end in ends]
    return found


def _extra(
    instance: Instance, jobs: Sequence[Job], rows: Sequence[tuple[int, int]], quarter: Array, strength: lateness.Strength,
    turn: Mapping[str, float],
) -> Array | None:
    """(R, T) what the person's own wishes add to a block: that it stays where it was shown, that it is not behind its turn nor
    cut short, and the part of the day that they give to such work."""
    shown, leant = wishes.shown(instance), _leant(instance, jobs, quarter)
    if not shown and not leant and not turn:
        return None
    days = np.array([strength.at(int(n) + 1) if n >= 0 else 0.0 for n in quarter]) if turn else np.zeros(0)
    found = np.zeros((len(rows), len(quarter)))
    dates = np.array([slots.instant_of(int(n)).astimezone(instance.tz).toordinal() if n >= 0 else 0 for n in quarter])
    for i, (number, length) in enumerate(rows):
        task = jobs[number].task
        for at in shown.get(task.id, ()):
            same = wishes.stays(instance, task, length, at.length)
            found[i] = np.maximum(found[i], np.where(dates == at.day.toordinal(), same * wishes.SAME_DAY, 0.0))
            found[i] = np.maximum(found[i], np.where(quarter == at.quarter, same, 0.0))
        if turn:
            ends = np.minimum(np.arange(len(quarter)) + length, len(quarter)) - 1
            pace = turns.pace(instance, task, strength) * slots.QUARTER_MIN * length
            found[i] -= pace * np.maximum(0.0, days[ends] - turn[task.id])
            found[i] -= wishes.short(task, length)
        if number in leant:
            ends = np.minimum(np.arange(len(quarter)) + length, len(quarter))
            found[i] += leant[number][ends] - leant[number][:-1]
    return found


def _leant(instance: Instance, jobs: Sequence[Job], quarter: Array) -> dict[int, Array]:
    """By job, running sums (T + 1,) of what its quarter-hours gain by the part of the day; none for most."""
    if not instance.leanings:
        return {}
    hours = np.array([slots.hour_of_week(slots.instant_of(int(n)), instance.tz) % 24 if n >= 0 else -1 for n in quarter])
    found = {}
    for number, job in enumerate(jobs):
        if by_hour := wishes.leans(instance, job.task):
            found[number] = np.append(0.0, np.cumsum(np.where(hours >= 0, np.array(by_hour)[hours], 0.0)))
    return found
