"""The plan's optimiser: greedy orders seed a genetic algorithm, and a large neighbourhood search goes on from its best plan.

It stops after a number of steps that the size of the problem sets, never when a clock says so, so that the same seed gives the
same plan on a slow machine and on a busy one. A clock stands behind that, far off, and a plan that it ended says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

import numpy as np

from coach.core import wishes
from coach.core.board import Piece, new_board
from coach.core.outcome import blocks_of, plan_of
from coach.core.place import orders, placed
from coach.core.plan import Instance, Plan
from coach.core.wishes import Shown
from coach.ml import board, genetic, neighbourhood
from coach.ml.board import Tables
from coach.ml.neighbourhood import Solution

ENGINE = "ga-1"
MOST_TASKS = 260
"""Of more, those are looked at that greedy orders place and the next ones by weight and due."""
WORK, MOST_WORK = 0.55, 1.3
"""Seconds that the search takes on a busy core of 2020 (half of it on an idle one), and those of a large problem; how many steps
these are follows from the size of the problem."""
SMALL, LARGE = 16, 80
"""Tasks below which a problem needs less, with their square, and beyond which it needs more."""
GENETIC = 0.25
"""Share of it for the genetic algorithm."""
STEP_S, CELL_S = 1.3e-4, 1.1e-8
"""Cost of one block for many plans at once, and of each of the cells (P, T) in it."""
SPREAD = 1.7
"""Blocks in the longest of many plans, to those of one that cuts as little as it can."""
TAKEN_OUT = 4.5
"""Tasks in a try of the neighbourhood search, on average."""
GUARD_S, LOST_S = 6.0, 30.0
"""Seconds of processor time, and of the clock on a machine that has hardly any for us, after which the search ends anyhow."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much the search does."""

    evaluations: int
    rounds: int


Progress = Callable[[float], None]


def effort(tables: Tables, seconds: float | None = None) -> Effort:
    """The steps of about so many seconds; without them, of what the size of the problem is worth. They depend on nothing else."""
    if seconds is None:
        jobs = len(tables.jobs)
        seconds = min(MOST_WORK, WORK * min(1.0, (jobs / SMALL) ** 2) * max(1.0, jobs / LARGE))
    pieces = SPREAD * float(np.mean([tables.pieces[low] for low, _ in tables.patterns]))
    whole = len(tables.jobs) * pieces * (STEP_S + CELL_S * genetic.POPULATION * tables.size)
    few = TAKEN_OUT * pieces * (STEP_S + CELL_S * neighbourhood.rows(tables) * tables.size)
    generations, rounds = GENETIC * seconds / whole, (1 - GENETIC) * seconds / few
    return Effort(max(2, round(generations)) * genetic.POPULATION, max(20, round(rounds)))


def schedule(
    instance: Instance, seed: int = 0, *, progress: Progress | None = None, cancelled: Callable[[], bool] | None = None,
    seconds: float | None = None,
) -> Plan:
    """A plan; the same instance and seed give the same one. `progress` hears the share done, from the calling thread."""
    begun, worked = time.perf_counter(), time.thread_time()
    made = placed(instance)
    tables = board.tables(instance, _chosen(instance, frozenset(made)))
    stopped = ""
    if tables is not None:
        def more(share: float) -> bool:
            nonlocal stopped
            if stopped:
                return False
            if progress is not None:
                progress(share)
            if cancelled is not None and cancelled():
                stopped = "cancelled"
            elif time.thread_time() - worked > GUARD_S or time.perf_counter() - begun > LOST_S:
                stopped = "out of time"
            return not stopped

        found = pieces(instance, tables, _search(instance, tables, seed, effort(tables, seconds), more))
        empty = new_board(instance)
        made = max(found, made, key=lambda way: wishes.own(instance, blocks_of(instance, empty, way), tables.strength))
    plan = plan_of(instance, made, ENGINE)
    return replace(plan, elapsed_s=time.perf_counter() - begun, stopped=stopped)


def _search(
    instance: Instance, tables: Tables, seed: int, steps: Effort, more: Callable[[float], bool],
) -> Solution:
    ordered = [sorted(range(len(tables.jobs)), key=lambda i, o=order: o(tables.jobs[i]))  # type: ignore[misc]
               for order in orders(instance, tables.strength)]
    seeds = [[*order, *[0] * len(order)] for order in ordered]
    if shown := wishes.shown(instance):
        seeds.insert(0, as_shown(tables, shown))
    best = genetic.evolve(tables, seeds, steps.evaluations, Random(seed), lambda: more(0.0))
    return neighbourhood.improve(tables, best, steps.rounds, np.random.default_rng(seed),
                                 lambda share: more(GENETIC + (1 - GENETIC) * share))


def as_shown(tables: Tables, shown: Mapping[str, Sequence[Shown]]) -> genetic.Genes:
    """The genes of the plan that the person sees: its tasks in order of time and cut as they are there, the others after them.
    What it is worth that a block stays draws each to its place."""
    first = {i: min(s.quarter for s in shown[j.task.id]) for i, j in enumerate(tables.jobs) if j.task.id in shown}
    order = sorted(first, key=lambda i: first[i]) + [i for i in range(len(tables.jobs)) if i not in first]
    cuts = []
    for i, job in enumerate(tables.jobs):
        low, high = tables.patterns[i]
        wanted = sorted((s.length for s in shown.get(job.task.id, ())), reverse=True)
        same = (g for g in range(low, high) if tables.lengths[g, :tables.pieces[g]].tolist() == wanted)
        cuts.append(next(same, low) - low)
    return [*order, *cuts]


def pieces(instance: Instance, tables: Tables, found: Solution) -> dict[str, list[Piece]]:
    """By task, the blocks of a solution on the instance's board."""
    base = new_board(instance).base
    made: dict[str, list[Piece]] = {}
    for job, first, length in found.blocks(tables):
        made.setdefault(tables.jobs[job].task.id, []).append((int(tables.quarter[first]) - base, length))
    return made


def _chosen(instance: Instance, placed: frozenset[str]) -> frozenset[str] | None:
    """The tasks that the search looks at: all, or of very many those that have a chance."""
    able = [t for t in instance.tasks if t.minutes]
    if len(able) <= MOST_TASKS:
        return None
    far = datetime.max.replace(tzinfo=UTC)
    rest = sorted((t for t in able if t.id not in placed), key=lambda t: (-t.weight, t.due or far, -t.urgency, t.id))
    return placed | {t.id for t in rest[:max(20, MOST_TASKS - len(placed))]}
