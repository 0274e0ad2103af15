"""Simulated people's finished tasks, each with what was known before it: for training and exams of the lengths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from coach.core.duration import Asked, Evidence, Known, asked_of, evidence, past
from coach.ml.features.duration import base_log

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
DAYS = 270


@dataclass(frozen=True, slots=True)
class Case:
    """A finished task: what was asked, what the history before it said, and what it took. `oracle_min` is the median that
    who knows the person's law would name."""

    asked: Asked
    found: Evidence
    base_log: float
    actual_min: float
    oracle_min: float


@dataclass(frozen=True, slots=True)
class PersonCases:
    """In the order in which the tasks were finished; `known` is the history after the last."""

    seed: int
    cases: tuple[Case, ...]
    known: Known


def person(
    seed: int, family: str, base: Mapping[str, float], middle: float, days: int = DAYS, *, plain: bool = False
) -> PersonCases:
    """A simulated person's finished tasks. `plain` leaves the lengths as `simulation.todo` has them, where a title says nothing
    beyond the estimate."""
    from coach.simulation.lengths import lengths, usual
    from coach.simulation.task_life import task_life

    life = task_life(days, seed, NOW, TZ, family)
    true_min = {i: float(t["true_min"]) for i, t in life.truth.items()} if plain else lengths(life)
    middles = usual(life, by_kind=not plain)
    known, cases = Known(), []
    for task in life.finished():
        took = max(1, round(true_min[task.id]))
        asked = asked_of(task)
        prior = base_log(asked.words, base, middle)
        found = evidence(known, asked, prior)
        cases.append(Case(asked, found, prior, float(took), middles[task.id]))
        known.add(past(task.title, asked.kinds, task.estimate_min, took, task.completed or NOW, prior))
    return PersonCases(seed, tuple(cases), known)
