"""Simulated people's choices: on each day what was worked on, in its order, among what was open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coach.core.priority import Traits, traits_of
from coach.core.task import Task
from coach.core.when import start_of, zone

if TYPE_CHECKING:
    from coach.simulation.task_life import TaskLife

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
DAYS = 150
FROM_H = 17.5
"""Simulated days have no hours of work: everything noted by then was there to choose from."""


@dataclass(frozen=True, slots=True)
class Choice:
    """At `at` the task of that number in `opened` was taken; each with its traits and how often it had been put off. `utility` is
    what drives the person on that day, without its luck."""

    at: datetime
    weekend: bool
    opened: tuple[Task, ...]
    traits: tuple[Traits, ...]
    chosen: int
    utility: tuple[float, ...]


def choices(seed: int, family: str, days: int = DAYS) -> Iterator[Choice]:
    """In order of time. What is snoozed is not open; what one does not do on a weekend is open all the same."""
    from coach.simulation.task_life import task_life

    life = task_life(days, seed, NOW, TZ, family)
    known: dict[str, Task] = {}
    traits: dict[str, Traits] = {}
    steps = [s for s in life.steps if s.series is None and s.task.recurrence is None]
    work: dict[date, list[str]] = {}
    for done in life.work:
        work.setdefault(done.day, []).append(done.task_id)
    at_step = 0
    for day in life.dates:
        begin = datetime.combine(day, datetime.min.time(), TZ) + timedelta(hours=FROM_H)
        ends: list[str] = []
        while at_step < len(steps) and steps[at_step].at.astimezone(TZ).date() <= day:
            step = steps[at_step]
            at_step += 1
            if step.action in ("complete", "delete"):
                ends.append(step.task.id)
                continue
            if step.action == "create":
                traits[step.task.id] = traits_of(step.task)
            if step.action == "snooze":  # in the evening: it is known from tomorrow on
                ends.append("")
            known[step.task.id] = step.task
        taken: set[str] = set()
        for task_id in work.get(day, ()):
            if task_id in known:
                yield from _choice(life, known, traits, task_id, taken, begin)
                taken.add(task_id)
        for task_id in ends:
            known.pop(task_id, None)


def _choice(
    life: TaskLife, known: dict[str, Task], traits: dict[str, Traits], chosen: str, taken: set[str], begin: datetime
) -> Iterator[Choice]:
    at = begin
    opened = [
        t for t in known.values()
        if t.id == chosen or (
            t.id not in taken and t.created <= at and (t.wait is None or start_of(t.wait, zone(t.time_zone)) <= at))
    ]
    if len(opened) < 2:
        return
    number = next(i for i, t in enumerate(opened) if t.id == chosen)
    yield Choice(
        at, begin.weekday() >= 5, tuple(opened), tuple(traits[t.id] for t in opened), number,
        tuple(utility(life, t, begin) for t in opened),
    )


def utility(life: TaskLife, task: Task, begin: datetime) -> float:
    """What drives a person to a task (`simulation.todo`), without the luck of the day; work does not on weekends."""
    truth, day = life.truth[task.id], begin.date()
    due = task.due.date() if isinstance(task.due, datetime) else task.due
    days_left = 7.0 if due is None else max(0.0, float((due - day).days))
    if day.weekday() >= 5 and task.project != "home":
        return 0.0
    value = float(truth["value"]) * (1.35 if task.priority == 1 else 1.0) - 0.5 * float(truth["aversive"])
    expectancy = 1.0 - 0.35 * min(1.0, float(truth["true_min"]) / 240)
    return life.family.utility(expectancy, max(0.02, value), life.person.impulsive, days_left)
