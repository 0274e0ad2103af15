"""Simulated people's tasks as lives, with what only the simulator knows of each day: for training and exams of completion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import erf, log, sqrt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coach.core.completion import Life
from coach.core.priority import traits_of
from coach.core.task import Task
from coach.core.when import Moment

if TYPE_CHECKING:
    from coach.simulation.task_life import TaskLife

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
DAYS = 180
LUCK_SD = sqrt(0.3**2 + 0.25**2)
"""Of a day's log drive over the day's log temptation (`simulation.todo`)."""


@dataclass(frozen=True, slots=True)
class Person:
    """`tasks` by id, for what the law of the person says of them."""

    seed: int
    life: TaskLife
    lives: tuple[Life, ...]
    tasks: Mapping[str, Task]

    @property
    def dates(self) -> Sequence[date]:
        return self.life.dates


def person(seed: int, family: str, days: int = DAYS) -> Person:
    """A simulated person's tasks that have no rule."""
    from coach.simulation.task_life import task_life

    life = task_life(days, seed, NOW, TZ, family)
    made: dict[str, Task] = {}
    ends: dict[str, tuple[date, bool]] = {}
    snoozes: dict[str, list[tuple[date, date]]] = {}
    for step in life.steps:
        task = step.task
        if step.series is not None or task.recurrence is not None:
            continue
        day = step.at.astimezone(TZ).date()
        if step.action == "create":
            made[task.id] = task
        elif step.action == "snooze" and task.wait is not None:
            snoozes.setdefault(task.id, []).append((day, day_of(task.wait)))
        elif step.action in ("complete", "delete"):
            ends[task.id] = (day, step.action == "complete")
    lives = []
    for task in made.values():
        ended, done = ends.get(task.id, (None, False))
        due = None if task.due is None else day_of(task.due)
        created = task.created.astimezone(TZ).date()
        lives.append(Life(task.id, traits_of(task), created, ended, done, due, tuple(snoozes.get(task.id, ()))))
    return Person(seed, life, tuple(lives), made)


def day_of(moment: Moment) -> date:
    return moment.astimezone(TZ).date() if isinstance(moment, datetime) else moment


def true_hazards(one: Person, life: Life, first: date, days: int) -> list[float]:
    """The chance that the person's drive to the task beats the day's temptation, on each day: what who knows both laws, but
    neither the day's luck nor how full it is, would say."""
    from coach.engine.pretraining.priority_people import utility

    task, found = one.tasks[life.id], []
    for n in range(days):
        day = first + timedelta(days=n)
        drive = utility(one.life, task, datetime(day.year, day.month, day.day, 9, tzinfo=TZ))
        z = (log(drive) - log(one.life.person.temptation)) / LUCK_SD if drive > 0 else -9.0
        found.append(0.5 * (1 + erf(z / sqrt(2))))
    return found
