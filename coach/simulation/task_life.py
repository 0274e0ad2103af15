"""Simulated people by their tasks alone: what the task models train on and are examined with, at a tenth of a whole life's cost.

The law of tasks is `todo.live`; the person is the one of that seed, without the change that half of all people go through, for
it moves nothing that tasks depend on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from coach.core.task import Task
from coach.core.when import logical_day
from coach.simulation import todo
from coach.simulation.families import Family, family_named
from coach.simulation.person import Person, make_person
from coach.simulation.steps import Step

HOLIDAY_EVERY_DAYS = 110


@dataclass(frozen=True, slots=True)
class TaskLife:
    """`steps` in order; `truth` by task: category, value, aversive, true_min; `work` in the order of each day."""

    seed: int
    person: Person
    family: Family
    tz: ZoneInfo
    dates: Sequence[date]
    away: Sequence[bool]
    steps: Sequence[Step]
    work: Sequence[todo.Work]
    truth: Mapping[str, Mapping[str, Any]]

    def finished(self) -> list[Task]:
        """Completed tasks that have no rule, earliest first."""
        return [s.task for s in self.steps if s.action == "complete" and s.series is None]


def task_life(days: int, seed: int, now: datetime, tz: ZoneInfo, family: str = "A", role: str = "") -> TaskLife:
    """The last `days` days up to `now`; one seed, one life. Raises InvalidInput for a family that does not exist."""
    law = family_named(family)
    person = make_person(np.random.default_rng((seed, 1)), role)
    last = logical_day(now, tz)
    dates = [last - timedelta(days=days - 1 - i) for i in range(days)]
    away = _away(days, np.random.default_rng((seed, 21)))
    noted = todo.live([person] * days, dates, away, law, now, tz, np.random.default_rng((seed, 3)))
    return TaskLife(seed, person, law, tz, dates, away, noted.steps, noted.work, noted.truth)


def _away(days: int, rng: np.random.Generator) -> list[bool]:
    """A week's holiday now and then, a sick day."""
    off: list[bool] = (rng.random(days) < 0.012).tolist()
    for start in range(int(rng.integers(20, 90)), days - 12, HOLIDAY_EVERY_DAYS):
        off[start:start + 7] = [True] * 7
    return off
