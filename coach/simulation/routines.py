"""What a simulated person does again and again: recurring tasks, kept more or less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from coach.core import recurrence
from coach.core.task import Recurrence, Task
from coach.simulation.agenda import new_id
from coach.simulation.steps import Clock, Step

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True, slots=True)
class Routine:
    """`kept` is the chance of doing it on a day on which it is due or overdue; without `hour` it is due any time."""

    title: str
    rrule: str
    kept: float
    minutes: int
    hour: int | None = None
    project: str | None = "home"
    tags: tuple[str, ...] = ()
    anchor: Literal["schedule", "completion"] = "schedule"


ROUTINES = (
    Routine("Weekly review", "FREQ=WEEKLY;BYDAY=FR", 0.7, 30, 16, None, ("review",)),
    Routine("Plan the day", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 0.75, 10, 9, None),
    Routine("Water the plants", "FREQ=DAILY;INTERVAL=3", 0.85, 5, anchor="completion"),
    Routine("Pay the rent", "FREQ=MONTHLY;BYMONTHDAY=1", 0.9, 10),
    Routine("Clean the bathroom", "FREQ=WEEKLY;BYDAY=SA", 0.35, 45),
)


def steps(days: Sequence[date], away: Sequence[bool], tz: ZoneInfo, rng: Generator) -> list[Step]:
    """Every routine from the first day on: its series noted, then one occurrence done after the other."""
    return [step for routine in ROUTINES for step in _kept(routine, days, away, tz, rng)]


def _kept(routine: Routine, days: Sequence[date], away: Sequence[bool], tz: ZoneInfo, rng: Generator) -> list[Step]:
    series = _series(routine, Clock(days[0], tz), rng)
    found = [Step(series.created, "create", series)]
    for day, gone in zip(days, away, strict=True):
        luck, hour = float(rng.random()), float(rng.uniform(0.1, 2.0)) + (routine.hour or 17)
        if gone or luck > routine.kept or series.due is None or _day(series.due) > day:
            continue
        at = Clock(day, tz).at(hour)
        if at <= series.modified:
            continue
        occurrence, moved = recurrence.advance(series, at)
        if moved is None:
            break
        found.append(Step(at, "complete", occurrence, moved))
        series = moved
    return found


def _series(routine: Routine, clock: Clock, rng: Generator) -> Task:
    first = _first(routine, clock.day + timedelta(days=1))
    due = first if routine.hour is None else clock.wall(first, routine.hour)
    noted = clock.at(9.1)
    return Task(
        id=new_id(rng), title=routine.title, created=noted, modified=noted, time_zone=clock.tz.key, due=due,
        series_start=due, recurrence=Recurrence(routine.rrule, routine.anchor), project=routine.project,
        tags=routine.tags, estimate_min=routine.minutes,
    )


def _first(routine: Routine, day: date) -> date:
    """The first day from `day` on that fits the rule's weekdays or day of the month."""
    parts = dict(part.split("=") for part in routine.rrule.split(";"))
    weekdays = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    while ("BYDAY" in parts and weekdays[day.weekday()] not in parts["BYDAY"].split(",")) or (
        "BYMONTHDAY" in parts and day.day != int(parts["BYMONTHDAY"])
    ):
        day += timedelta(days=1)
    return day


def _day(due: date | datetime) -> date:
    return due.date() if isinstance(due, datetime) else due
