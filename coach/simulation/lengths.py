"""How long tasks truly take people whose estimates go wrong by the kind of work, so that a title says something about it.

In `todo` a length is the estimate times the person's own luck, and the title tells nothing more. Here each kind of work has a
factor of its own: partly everybody's (who estimates a report right?), partly the person's. Placebo people estimate right: half
of their tasks take exactly what was thought, the others are off either way, with a median of 1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.core.task import Task
from coach.simulation.task_life import TaskLife
from coach.simulation.vocabulary import ERRANDS

if TYPE_CHECKING:
    from numpy.random import Generator

SHARED_SD, OWN_SD = 0.25, 0.35
"""Spread of a kind's log factor: that of all people, and that of a person around it."""
WORLD = 20_261_128
"""Seed of the factors that all people of a family share."""
PLACEBO_SD = 0.45


def lengths(life: TaskLife) -> dict[str, float]:
    """True minutes of every task of `life`, by id.

    Family A: a lognormal factor by category. B: by the first word of the title, with the tails of a Student's t of 4 degrees
    of freedom. Placebo: none."""
    rng = np.random.default_rng((life.seed, 22))
    if not life.family.structured:
        return {t.id: _right(t, life.truth[t.id], rng) for t in _noted(life)}
    factors = _factors(life, rng)
    return {i: float(life.truth[i]["true_min"]) * exp(factor) for i, factor in factors.items()}


def usual(life: TaskLife, *, by_kind: bool = True) -> dict[str, float]:
    """What who knows the person's law would expect of every task, by id: the estimate, or the usual minutes of such an errand,
    times the factor of its kind."""
    structured = by_kind and life.family.structured
    factors = _factors(life, np.random.default_rng((life.seed, 22))) if structured else {}
    return {
        t.id: (t.estimate_min or _errand_min(t.title)) * exp(factors.get(t.id, 0.0)) for t in _noted(life)
    }


def _noted(life: TaskLife) -> list[Task]:
    return [s.task for s in life.steps if s.action == "create" and s.task.id in life.truth]


def _factors(life: TaskLife, rng: Generator) -> dict[str, float]:
    """The log factor of every task."""
    heavy = life.family.name == "B"
    kind_of = {t.id: t.title.split()[0] if heavy else str(life.truth[t.id]["category"]) for t in _noted(life)}
    factors = {kind: _shared(kind, heavy) + OWN_SD * _noise(rng, heavy) for kind in sorted(set(kind_of.values()))}
    return {i: factors[kind] for i, kind in kind_of.items()}


@cache
def _errand_min(title: str) -> float:
    for errand in ERRANDS:
        pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(errand.grammar))
        if re.fullmatch(pattern, title):
            return float(errand.minutes)
    return 45.0


def _right(task: Task, truth: Mapping[str, Any], rng: Generator) -> float:
    off = 1.0 if rng.random() < 0.5 else float(rng.lognormal(0.0, PLACEBO_SD))
    thought = task.estimate_min if task.estimate_min is not None else float(truth["true_min"])
    return thought * off


def _shared(kind: str, heavy: bool) -> float:
    rng = np.random.default_rng((WORLD, int(heavy), *kind.encode()))
    return SHARED_SD * _noise(rng, heavy)


def _noise(rng: Generator, heavy: bool) -> float:
    return float(rng.standard_t(4) / np.sqrt(2.0)) if heavy else float(rng.standard_normal())
