"""When a simulated person sits down, and in which mode of attention they are: a semi-Markov process whose jumps lean on
energy. Lengths of stay are those of "working spheres" (Mark and González 2005: about 10 minutes for deep work)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.simulation.families import Family
from coach.simulation.person import Person
from coach.simulation.places import COMMS, DEEP, DISTRACTION, LEISURE, MEETING, SHALLOW

if TYPE_CHECKING:
    from numpy.random import Generator

    Array = np.ndarray[Any, np.dtype[np.float64]]

DAY_HOURS = 28
"""Local hours 0 to 28 of a simulated day: it may end after midnight."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Time at the desk in local hours of a day; `work` is False for an evening or a weekend's private hours."""

    start_h: float
    end_h: float
    work: bool


@dataclass(frozen=True, slots=True)
class Sphere:
    """A stay in one mode."""

    start_h: float
    end_h: float
    mode: int


def energies(person: Sequence[Person], weekdays: Sequence[int], family: Family, rng: Generator) -> tuple[Array, Array]:
    """(expected, actual) energy of each day and hour, shape (days, 28): the mean law plus AR(1) day states (0.6 a day)
    and AR(1) hour states (0.7 an hour), and 0.012 of fatigue per hour after six hours of work."""
    days = len(weekdays)
    hours = np.arange(DAY_HOURS, dtype=float)
    expected = np.empty((days, DAY_HOURS))
    for day, (who, weekday) in enumerate(zip(person, weekdays, strict=True)):
        expected[day] = family.energy(who, hours)
        if family.structured:
            late = np.maximum(0.0, hours - who.work_start_h - 6)
            expected[day] += who.weekdays[weekday] - 0.012 * late
    day_shocks = family.shocks(rng, days) * 0.06 * 0.8
    hour_shocks = family.shocks(rng, (days, DAY_HOURS)) * 0.06 * 0.71
    noise = np.empty((days, DAY_HOURS))
    day_state = 0.0
    for day in range(days):
        day_state = 0.6 * day_state + float(day_shocks[day])
        hour_state = 0.0
        for hour in range(DAY_HOURS):
            hour_state = 0.7 * hour_state + float(hour_shocks[day, hour])
            noise[day, hour] = day_state + hour_state
    actual = np.clip(expected + noise, 0.05, 0.98) if family.structured else expected
    return np.clip(expected, 0.05, 0.98), actual


def sittings(person: Person, weekday: int, off: bool, rng: Generator) -> list[Sitting]:
    """The day's times at the desk: two halves around lunch with breaks between, perhaps an evening; `off` days and
    weekends are private."""
    found: list[Sitting] = []
    if weekday >= 5 or off:
        if rng.random() < (0.75 if not off else 0.4):
            start_h = float(rng.uniform(9.5, 12.0))
            spill = weekday == 6 and rng.random() < 0.3
            found += _with_breaks(start_h, start_h + float(rng.uniform(0.5, 2.0)), rng, work=spill)
    else:
        start_h = person.work_start_h + float(rng.normal(0, 0.25))
        lunch_h = max(person.lunch_h + float(rng.normal(0, 0.25)), start_h + 1)
        back_h = lunch_h + float(rng.uniform(0.55, 1.0))
        end_h = max(person.work_end_h + float(rng.normal(0, 0.5)), back_h + 1)
        found += _with_breaks(start_h, lunch_h, rng, work=True)
        found += _with_breaks(back_h, end_h, rng, work=True)
    if rng.random() < person.evening:
        start_h = max(float(rng.normal(20.0, 0.5)), (found[-1].end_h if found else 0) + 0.7)
        found += _with_breaks(start_h, min(start_h + float(rng.uniform(0.8, 2.4)), 25.5), rng, work=rng.random() < 0.12)
    return found


def spheres(
    person: Person, energy: Sequence[float], at_desk: Sequence[Sitting], meetings: Sequence[tuple[float, float]],
    family: Family, rng: Generator,
) -> list[Sphere]:
    """The day's stays; `meetings` are (start_h, end_h) in order and interrupt everything else."""
    uniforms = iter(rng.random(800).tolist())
    dwells = iter(family.dwell(rng, 800).tolist())
    found: list[Sphere] = []
    for sitting in at_desk:
        at_h, mode = sitting.start_h, SHALLOW
        while at_h < sitting.end_h - 1e-6:
            current = next((m for m in meetings if m[1] > at_h), None)
            if current and current[0] <= at_h:
                until_h, mode = min(current[1], sitting.end_h), MEETING
            else:
                level = energy[min(int(at_h), DAY_HOURS - 1)]  # the night of a clock change is longer
                mode = _next_mode(person, mode, level, sitting.work, family.structured, next(uniforms, 0.5))
                stay_h = _stay_h(mode, level) * next(dwells, 1.0)
                until_h = min(at_h + stay_h, sitting.end_h, current[0] if current else sitting.end_h)
            found.append(Sphere(at_h, until_h, mode))
            at_h = until_h
    return found


_STAY_H = {DEEP: 0.30, SHALLOW: 0.10, COMMS: 0.07, DISTRACTION: 0.10, LEISURE: 0.45}
_STICKY = {DEEP: (0.25, 0.9, 1.0, 0.8), SHALLOW: (1.3, 0.4, 1.0, 0.9), COMMS: (1.1, 1.1, 0.3, 1.2),
           DISTRACTION: (0.9, 1.1, 1.0, 0.5), MEETING: (0.7, 1.2, 1.5, 1.2), LEISURE: (0.1, 0.8, 0.8, 0.8)}


def _stay_h(mode: int, energy: float) -> float:
    longest = 1.6 if mode == DEEP else -1.2 if mode == DISTRACTION else 0.0
    return max(0.01, _STAY_H[mode] * exp(longest * (energy - 0.6)))


def _next_mode(person: Person, mode: int, energy: float, work: bool, structured: bool, u: float) -> int:
    """Weights of deep, shallow, comms and distraction, times how the mode left leans on the next one."""
    if not structured:
        return min(int(u * 4), 3)
    if not work:
        return LEISURE if u < 0.6 else DISTRACTION if u < 0.85 else SHALLOW if u < 0.95 else COMMS
    lean = _STICKY[mode]
    weights = (
        0.85 * exp(4.5 * (energy - 0.6)) * lean[0], 0.75 * lean[1], 0.6 * lean[2],
        0.42 * person.distractible * exp(-4.5 * (energy - 0.6)) * lean[3],
    )
    rest = u * sum(weights)
    for chosen, weight in enumerate(weights):
        rest -= weight
        if rest < 0:
            return chosen
    return DISTRACTION


def _with_breaks(start_h: float, end_h: float, rng: Generator, work: bool) -> list[Sitting]:
    """Sittings of about 75 minutes with breaks of 6 to 25 minutes between them."""
    found: list[Sitting] = []
    at_h = start_h
    while at_h < end_h:
        until_h = at_h + float(rng.lognormal(0.2, 0.35))
        if until_h > end_h - 0.3:
            until_h = end_h
        found.append(Sitting(at_h, until_h, work))
        at_h = until_h + min(max(float(rng.lognormal(-1.9, 0.5)), 0.1), 0.42)
    return found
