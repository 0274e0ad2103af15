"""Large neighbourhood search (Shaw 1998; Pisinger & Ropke 2010): a few tasks are taken out of the plan and put back in another
order and cut another way, many such tries at a time; one of them, the better the likelier, is accepted as simulated annealing
would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from coach.ml import decoder
from coach.ml.board import Tables
from coach.ml.decoder import Inserted, Plans

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"

ROWS, CELLS = 128, 20_000
"""Tries at a time at most, and cells (P, T) of them: a larger plan needs more steps, not more tries in each."""
MOST_OUT, MOST_SPARE = 6, 3
"""Tasks that are taken out at a time, and how many of those without a place are tried with them."""
FEW = 2.0
"""The higher, the likelier a task is cut into few blocks."""
NEAR = 0.6
"""Share of the tries that take out tasks near each other in time."""
LURED, LURE = 0.5, 0.2
"""Share of the tries in which starts look better than they are, at random, and how much at most, as a share of the weighted
minutes of a task: so that the second best place is tried too."""
WARM, COLD = 0.26, 0.018
"""Temperatures at the start and the end, as shares of the weighted minutes of a task."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A plan: by job its `pattern` (-1: no place), first positions `at` (J, Q) and `worth`; its unscaled `score`."""

    pattern: Array
    at: Array
    worth: Array
    score: float

    @classmethod
    def empty(cls, tables: Tables) -> Solution:
        jobs = len(tables.jobs)
        return cls(np.full(jobs, -1, np.int32), np.full((jobs, tables.lengths.shape[1]), -1, np.int16), np.zeros(jobs), 0.0)

    def with_inserted(self, tables: Tables, made: Inserted, row: int, score: float, removed: Array | None = None) -> Solution:
        """This plan with `removed` jobs taken out and what one row of insertions put in."""
        pattern, at, worth = self.pattern.copy(), self.at.copy(), self.worth.copy()
        if removed is not None:
            pattern[removed], worth[removed] = -1, 0.0
        placed = made.pattern[row] >= 0
        chosen = made.pattern[row][placed]
        job = tables.job[chosen]
        pattern[job], at[job], worth[job] = chosen, made.at[row][placed], made.worth[row][placed]
        return replace(self, pattern=pattern, at=at, worth=worth, score=score)

    def blocks(self, tables: Tables) -> list[tuple[int, int, int]]:
        """(job, first position, length) of every block."""
        return [
            (job, int(self.at[job, q]), int(tables.lengths[g, q]))
            for job, g in enumerate(self.pattern) if g >= 0 for q in range(tables.pieces[g])
        ]


@dataclass(frozen=True, slots=True)
class _Layers:
    """Whose block stands at each position (T,), with the break after it and, apart, the one before it; J: nobody's.
    Who ends, who begins at each edge (T + 1,), and of what category."""

    after: Array
    before: Array
    ends: Array
    starts: Array
    category: Array
    day: Array


def rows(tables: Tables) -> int:
    """How many tries are made at a time."""
    return min(ROWS, max(16, CELLS // tables.size))


def improve(
    tables: Tables, start: Solution, rounds: int, random: np.random.Generator, more: Callable[[float], bool],
) -> Solution:
    """The best plan found in so many rounds from that one; `more(share done)` may end it earlier."""
    best = now = start
    unit = sum(j.task.weight * j.task.minutes for j in tables.jobs) / len(tables.jobs)
    layers = _layers(tables, now)
    for done in range(rounds):
        if not more(done / rounds):
            break
        order, removed = _tries(tables, now, random)
        plans = _without(tables, layers, now, removed)
        made = decoder.insert(tables, plans, order, _lure(tables, unit, random))
        kept = now.worth.sum() - (removed[:, :-1] * now.worth).sum(axis=1)
        scores = decoder.score(tables, plans, kept + made.worth.sum(axis=1))
        heat = unit * WARM * (COLD / WARM) ** (done / rounds)
        top = int(scores.argmax())
        if scores[top] <= best.score + 1e-9:  # one of the others, or the many tries that come out as they went in always win
            luck = scores + heat * random.gumbel(size=len(scores))
            luck[np.abs(scores - now.score) < 1e-9] = -np.inf
            top = int(luck.argmax())
        if scores[top] > now.score - heat * random.exponential() and scores[top] != now.score:
            now = now.with_inserted(tables, made, top, float(scores[top]), removed[top, :-1])
            layers = _layers(tables, now)
            if now.score > best.score + 1e-9:
                best = now
    return best


def _tries(tables: Tables, now: Solution, random: np.random.Generator) -> tuple[Array, Array]:
    """(P, K) patterns to insert and (P, J + 1) jobs that they take out: placed ones near each other in time, or any; and
    some that have no place."""
    jobs, tries = len(tables.jobs), rows(tables)
    placed, missing = np.flatnonzero(now.pattern >= 0), np.flatnonzero(now.pattern < 0)
    out = min(placed.size, int(random.integers(1, MOST_OUT + 1)))
    more = min(missing.size, int(random.integers(0, MOST_SPARE + 1)))
    key = random.random((tries, placed.size), np.float32)
    if placed.size and random.random() < NEAR:
        centres = random.integers(0, tables.size, (2, tries, 1))
        apart = np.abs(now.at[placed, 0] - centres).min(axis=0)
        key = key * (tables.size * 0.15) + apart
    chosen = placed[key.argpartition(min(out, max(0, placed.size - 1)), axis=1)[:, :out]]
    spare = missing[random.random((tries, missing.size), np.float32).argsort(axis=1)[:, :more]]
    taken = np.concatenate([chosen, spare], axis=1)
    removed = np.zeros((tries, jobs + 1), bool)
    np.put_along_axis(removed, taken, True, axis=1)
    shuffled = np.take_along_axis(taken, random.random(taken.shape, np.float32).argsort(axis=1), axis=1)
    low, high = np.array(tables.patterns).T
    cut = low[shuffled] + ((high - low)[shuffled] * random.random(taken.shape) ** FEW).astype(np.int64)
    same = (random.random(taken.shape) < 0.5) & (now.pattern[shuffled] >= 0)
    order = np.where(same, now.pattern[shuffled], cut)
    longest = np.argsort(-tables.pieces[order].sum(axis=1), kind="stable")
    return order[longest], removed[longest]


def _lure(tables: Tables, unit: float, random: np.random.Generator) -> Array:
    """(P, T) random worth of starts, of another size in each try."""
    tries = rows(tables)
    size = np.maximum(0.0, random.random((tries, 1), np.float32) - (1 - LURED)) / max(LURED, 1e-6)
    worth: Array = random.random((tries, tables.size), np.float32) * (size * size * np.float32(LURE * unit)).astype(np.float32)
    return worth


def _layers(tables: Tables, now: Solution) -> _Layers:
    size, nobody, gap = tables.size, len(tables.jobs), tables.gap
    after, before = np.full(size, nobody), np.full(size, nobody)
    ends, starts = np.full(size + 1, nobody), np.full(size + 1, nobody)
    day = np.zeros((nobody + 1, int(tables.day.max()) + 1), np.int16)
    category = np.full(nobody + 1, -1, np.int8)
    for job, first, length in now.blocks(tables):
        after[first:first + length + gap] = job
        before[max(0, first - gap):first] = job
        ends[first + length], starts[first] = job, job
        category[job] = tables.category[now.pattern[job]]
        day[job, tables.day[first]] += length
    return _Layers(after, before, ends, starts, category, day)


def _without(tables: Tables, layers: _Layers, now: Solution, removed: Array) -> Plans:
    """P plans, each without the jobs that are taken out of it."""
    size = tables.size
    kept = ~removed
    kept[:, -1] = False
    busy = kept[:, layers.after]
    busy |= kept[:, layers.before]
    busy |= tables.quarter < 0
    positions = tables.positions[:size]
    taken = np.where(busy, positions, np.int16(size))
    run = np.zeros((len(removed), size + 1), np.int16)
    np.subtract(np.minimum.accumulate(taken[:, ::-1], axis=1)[:, ::-1], positions, out=run[:, :size])
    category = np.where(kept, layers.category, np.int8(-1))
    load = kept.astype(np.int16) @ layers.day if tables.capacity is not None else np.zeros((len(removed), 1), np.int16)
    return Plans(run, category[:, layers.ends], category[:, layers.starts], load)
