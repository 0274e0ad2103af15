"""The tasks of a simulated person, by temporal motivation theory (Steel and König 2006): a task is started when its
utility exceeds temptation, and put off again and again when it does not.

Estimates sit on round anchors; true lengths are lognormal around the person's own bias, half of them exactly as
estimated (the shape of ten years of one person's pomodoros: 53 % exact, 27 % longer, 20 % shorter).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.core.task import Task
from coach.core.when import Moment
from coach.simulation import routines
from coach.simulation.agenda import new_id
from coach.simulation.families import Family
from coach.simulation.person import Person, words_for
from coach.simulation.steps import Clock, Step
from coach.simulation.vocabulary import ERRANDS, Errand

if TYPE_CHECKING:
    from numpy.random import Generator

ANCHORS_MIN = (5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Work:
    """A stretch of work on a task, on a day, in the order of the day."""

    task_id: str
    project: str | None
    day: date
    minutes: float


@dataclass(slots=True)
class Open:
    """A task that is not done, with what only the simulator knows about it."""

    task: Task
    errand: Errand
    aversive: float
    true_min: float
    done_min: float = 0.0


@dataclass(slots=True)
class TodoLife:
    steps: list[Step] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    truth: dict[str, dict[str, Any]] = field(default_factory=dict)


def live(
    people: Sequence[Person], days: Sequence[date], away: Sequence[bool], family: Family, now: datetime, tz: ZoneInfo,
    rng: Generator,
) -> TodoLife:
    """What was noted, put off and done from day to day, up to `now`. `people` and `away` are by day."""
    life, opened = TodoLife(), _backlog(people[0], days[0], tz, rng)
    for one in opened:
        _note(life, one)
    for person, day, gone in zip(people, days, away, strict=True):
        if gone:
            continue
        clock = Clock(day, tz)
        weekend = day.weekday() >= 5
        titles = {o.task.title for o in opened}
        for one in _arrivals(person, clock, weekend, rng):
            if one.task.title not in titles:
                opened.append(one)
                _note(life, one)
        opened = _work_day(life, opened, person, family, clock, weekend, rng)
    life.steps += routines.steps(days, away, tz, rng)
    life.steps = sorted((s for s in life.steps if s.at <= now), key=lambda s: (s.at, s.task.id))
    return life


def _backlog(person: Person, day: date, tz: ZoneInfo, rng: Generator) -> list[Open]:
    clock = Clock(day - timedelta(days=1), tz)
    return [_new_task(person, clock, float(rng.uniform(9, 17)), rng) for _ in range(6)]


def _arrivals(person: Person, clock: Clock, weekend: bool, rng: Generator) -> list[Open]:
    times = sorted(rng.uniform(8.8, 17.0, int(rng.poisson(0.7 if weekend else 3.4))).tolist())
    return [_new_task(person, clock, h, rng) for h in times]


def _new_task(person: Person, clock: Clock, hour: float, rng: Generator) -> Open:
    at = clock.at(hour)
    choices = [e for e in ERRANDS if e.role in ("", person.role)]
    weights = [1.6 if e.role else 0.7 for e in choices]
    errand = choices[_pick(weights, rng)]
    words = words_for(person, rng)
    estimate = _anchor(errand.minutes * float(rng.lognormal(0, 0.35)))
    true_min = estimate * (1.0 if rng.random() < 0.5 else person.estimate_bias * float(rng.lognormal(0.05, 0.45)))
    urgency = float(rng.random())
    priority = 1 if urgency > 0.92 else 2 if urgency > 0.75 else 3 if urgency > 0.5 else None
    task = Task(
        id=new_id(rng), title=errand.grammar.format(**words), created=at, modified=at, time_zone=clock.tz.key,
        due=_due(clock, at, errand, rng), due_hard=bool(rng.random() < 0.12), priority=priority,
        project=(words["project"] if rng.random() < 0.85 else None) if errand.at_work else "home",
        tags=errand.tags, estimate_min=estimate if rng.random() < 0.7 else None,
    )
    aversive = min(1.0, max(0.0, errand.aversive + float(rng.normal(0, 0.18))))
    return Open(replace(task, due_hard=task.due_hard and task.due is not None), errand, aversive, true_min)


def _due(clock: Clock, at: datetime, errand: Errand, rng: Generator) -> Moment | None:
    """40 % have none; the others 0 to 20 days ahead, half of them whole days."""
    if rng.random() < 0.4:
        return None
    day = clock.day + timedelta(days=min(20, int(rng.lognormal(1.6, 0.7))))
    if errand.at_work and day.weekday() >= 5:
        day += timedelta(days=7 - day.weekday())
    if rng.random() < 0.5:
        return day
    hour = int(rng.choice((10, 12, 15, 17, 18)))
    due = clock.wall(day, hour)
    return due if due > at else due + timedelta(days=1)


def _work_day(
    life: TodoLife, opened: list[Open], person: Person, family: Family, clock: Clock, weekend: bool, rng: Generator,
) -> list[Open]:
    """Take tasks in order of utility until the day's capacity is used; put off what stays below temptation."""
    capacity_min = float(rng.normal(60, 25)) if weekend else float(rng.normal(185, 40))
    temptation = person.temptation * float(rng.lognormal(0, 0.25))
    drives = [_utility(o, person, family, clock.day) * float(rng.lognormal(0, 0.3)) for o in opened]
    wanted = sorted(((drive, i) for i, drive in enumerate(drives)), reverse=True)
    hour, left_min = (11.0 if weekend else person.work_start_h + 0.5), capacity_min
    finished: set[int] = set()
    for drive, i in wanted:
        one = opened[i]
        if weekend and one.errand.at_work:
            continue
        if drive < temptation or left_min < 10:
            opened[i] = _perhaps_put_off(life, one, person, clock, rng) if drive < temptation else one
            continue
        minutes = min(one.true_min - one.done_min, left_min, 150.0)
        hour = max(hour, _hour_of(one.task.created, clock)) + minutes / 60 * 1.25
        left_min -= minutes
        one.done_min += minutes
        life.work.append(Work(one.task.id, one.task.project, clock.day, minutes))
        if one.done_min >= one.true_min - 0.5:
            at = clock.at(min(hour, 23.5))
            minutes_taken = round(one.done_min)
            done = replace(one.task, status="completed", completed=at, modified=at, actual_min=minutes_taken)
            life.steps.append(Step(at, "complete", done))
            finished.add(i)
    return [o for i, o in enumerate(opened) if i not in finished and not _dropped(life, o, clock, rng)]


def _utility(one: Open, person: Person, family: Family, day: date) -> float:
    due = one.task.due
    due_day = due.date() if isinstance(due, datetime) else due
    days_left = 7.0 if due_day is None else max(0.0, float((due_day - day).days))
    expectancy = 1.0 - 0.35 * min(1.0, one.true_min / 240)
    value = one.errand.value * (1.35 if one.task.priority == 1 else 1.0) - 0.5 * one.aversive
    return family.utility(expectancy, max(0.02, value), person.impulsive, days_left)


def _perhaps_put_off(life: TodoLife, one: Open, person: Person, clock: Clock, rng: Generator) -> Open:
    """A task that is due or shown today and dreaded gets snoozed; the more often, the less it is even looked at."""
    task = one.task
    due_day = task.due.date() if isinstance(task.due, datetime) else task.due
    shown = task.wait is None or (task.wait.date() if isinstance(task.wait, datetime) else task.wait) <= clock.day
    pressing = due_day is not None and (due_day - clock.day).days <= 1
    chance = (0.25 if pressing else 0.04) * (0.5 + one.aversive) * 0.85 ** task.snooze_count
    at = clock.at(float(rng.uniform(16.0, 19.0)))
    if not shown or task.created >= at or rng.random() > chance:
        return one
    days = int(rng.choice((1, 1, 2, 3, 7)))
    wait = clock.wall(clock.day + timedelta(days=days), 9)
    snoozed = replace(task, wait=wait, snooze_count=task.snooze_count + 1, modified=at)
    life.steps.append(Step(at, "snooze", snoozed))
    return replace(one, task=snoozed)


def _dropped(life: TodoLife, one: Open, clock: Clock, rng: Generator) -> bool:
    """Some old tasks without value are deleted rather than done."""
    age = (clock.day - one.task.created.date()).days
    if age < 21 or rng.random() > 0.03:
        return False
    at = clock.at(19.2)
    life.steps.append(Step(at, "delete", replace(one.task, status="deleted", deleted=at, modified=at)))
    return True


def _note(life: TodoLife, one: Open) -> None:
    life.steps.append(Step(one.task.created, "create", one.task))
    life.truth[one.task.id] = {
        "category": one.errand.category, "aversive": round(one.aversive, 3), "value": one.errand.value,
        "true_min": round(one.true_min, 1),
    }


def _hour_of(at: datetime, clock: Clock) -> float:
    local = at.astimezone(clock.tz)
    return local.hour + local.minute / 60 if local.date() == clock.day else 0.0


def _anchor(minutes: float) -> int:
    return min(ANCHORS_MIN, key=lambda a: abs(a - minutes))


def _pick(weights: Sequence[float], rng: Generator) -> int:
    rest = float(rng.random()) * sum(weights)
    for i, weight in enumerate(weights):
        rest -= weight
        if rest < 0:
            return i
    return len(weights) - 1
