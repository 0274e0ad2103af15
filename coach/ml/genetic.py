"""A genetic algorithm over orders of tasks and ways to cut them, on inspyred: partially matched crossover (Goldberg and Lingle
1985), inversion, tournament, elite. The decoder makes the plans of a whole generation at once; what was decoded is remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeAlias

import numpy as np
from inspyred import ec
from inspyred.ec import selectors, variators

from coach.ml import decoder
from coach.ml.board import Tables
from coach.ml.neighbourhood import Solution

Genes: TypeAlias = list[int]
"""Numbers of the jobs in order, then for each job the pattern that it is cut by, counted from its first one."""

POPULATION = 48
TOURNAMENT = 3
INVERSION = 0.3
RECUT = 0.04
"""Chance of each job to be cut another way."""


def evolve(
    tables: Tables, seeds: Sequence[Genes], evaluations: int, random: Random, more: Callable[[], bool],
) -> Solution:
    """The best plan of so many evaluations, from those genes and random ones; earlier where `more` says no."""
    jobs = len(tables.jobs)
    known: dict[tuple[int, ...], float] = {}
    best = [Solution.empty(tables)]

    def evaluate(candidates: Sequence[Genes], args: Any) -> list[float]:
        new = list({key: None for c in candidates if (key := tuple(c)) not in known})
        if new:
            plans, made = decoder.empty(tables, len(new)), decoded(tables, np.array(new))
            inserted = decoder.insert(tables, plans, made)
            scores = decoder.score(tables, plans, inserted.worth.sum(axis=1))
            known.update(zip(new, scores.tolist(), strict=True))
            top = int(scores.argmax())
            if scores[top] > best[0].score:
                best[0] = Solution.empty(tables).with_inserted(tables, inserted, top, float(scores[top]))
        return [known[tuple(c)] for c in candidates]

    def fresh(random: Random, args: Any) -> Genes:
        order = list(range(jobs))
        random.shuffle(order)
        return [*order, *(_cut(tables, job, random) for job in range(jobs))]

    def vary(random: Random, candidates: list[Genes], args: Any) -> list[Genes]:
        children: list[Genes] = []
        for mother, father in zip(candidates[::2], candidates[1::2], strict=False):
            children += _cross(mother, father, jobs, random)
        return [_mutate(tables, child, jobs, random) for child in children]

    def over(population: Any, num_generations: int, num_evaluations: int, args: Any) -> bool:
        return num_evaluations >= evaluations or not more()

    search = ec.EvolutionaryComputation(random)
    search.selector, search.variator, search.terminator = selectors.tournament_selection, vary, over
    search.replacer = ec.replacers.generational_replacement
    size = POPULATION
    search.evolve(fresh, evaluate, pop_size=size, seeds=[list(s) for s in seeds], maximize=True, num_selected=size,
                  tournament_size=TOURNAMENT, num_elites=2)
    return best[0]


def decoded(tables: Tables, genes: Any) -> Any:
    """(P, J) patterns in the order in which they are to be inserted."""
    jobs = len(tables.jobs)
    first = np.array([low for low, _ in tables.patterns])
    order = genes[:, :jobs]
    return first[order] + np.take_along_axis(genes[:, jobs:], order, axis=1)


def _cut(tables: Tables, job: int, random: Random) -> int:
    """One of the ways to cut a job, the fewest blocks likeliest."""
    low, high = tables.patterns[job]
    return int((high - low) * random.random() ** 2)


def _cross(mother: Genes, father: Genes, jobs: int, random: Random) -> list[Genes]:
    if jobs < 2:
        return [mother, father]
    orders = variators.partially_matched_crossover.single_crossover(random, mother[:jobs], father[:jobs], {})
    cuts = [(a, b) if random.random() < 0.5 else (b, a) for a, b in zip(mother[jobs:], father[jobs:], strict=True)]
    return [[*orders[0], *(a for a, _ in cuts)], [*orders[1], *(b for _, b in cuts)]]


def _mutate(tables: Tables, child: Genes, jobs: int, random: Random) -> Genes:
    order, cuts = child[:jobs], child[jobs:]
    if jobs > 1:
        order = variators.inversion_mutation.single_mutation(random, order, {"mutation_rate": INVERSION})
    cuts = [_cut(tables, job, random) if random.random() < RECUT else cut for job, cut in enumerate(cuts)]
    return [*order, *cuts]
