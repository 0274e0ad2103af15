"""The energy of a simulated person by hour, 0 to 1: a law of the day, weekdays, fatigue, meetings and deadlines, and around it
what nobody can know ahead: day states, hour states and bursts of distraction.

    energy = mean law(hour) + weekday - fatigue x F - carry-over of meetings x (1 + F / 4) + pressure
             + day state + hour state - burst
    F      = 0.85 F' + 1 in hours of work               (recent work, decaying by 15 % an hour)
    day state AR(1) 0.6 a day, sd 0.06; hour state AR(1) 0.7 an hour, sd 0.06; bursts end with 0.4 an hour

(MODELS: circadian focus after Mark et al. 2014, chronotype after MCTQ; the interaction of fatigue and meetings is what no
linear model sees.)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.simulation.families import Family
from coach.simulation.person import Person

if TYPE_CHECKING:
    from numpy.random import Generator

    Array = np.ndarray[Any, np.dtype[np.float64]]

DAY_HOURS = 28
"""Local hours 0 to 28 of a simulated day: it may end after midnight."""

DAY_RHO, HOUR_RHO, STATE_SD = 0.6, 0.7, 0.06
FATIGUE_DECAY = 0.85
CARRY = 0.3
"""Share of a meeting's cost that reaches the hour after it."""
BURST_OUT = 0.4


@dataclass(frozen=True, slots=True)
class Energies:
    """All of shape (days, 28) but `day_state`, (days,). `actual` is the clipped sum of `law` and the three states."""

    law: Array
    """What calendar, clock and deadlines make of it: known ahead to whoever knows the person."""
    day_state: Array
    hour_state: Array
    burst: Array
    """1 while a burst of distraction lasts."""
    actual: Array


def law(
    people: Sequence[Person], weekdays: Sequence[int], meetings: Array, pressure: Array, family: Family,
) -> Array:
    """`meetings` is the share of each hour in meetings, (days, 28); `pressure` the load of near deadlines, (days,)."""
    days = len(weekdays)
    hours = np.arange(DAY_HOURS, dtype=float)
    known = np.empty((days, DAY_HOURS))
    loads = family.pressing(pressure)
    for day, (who, weekday) in enumerate(zip(people, weekdays, strict=True)):
        known[day] = family.energy(who, hours - (who.jetlag_h if weekday >= 5 and family.structured else 0.0))
        if not family.structured:
            continue
        worked = family.tiring(_recent_work(who, weekday))
        before = np.concatenate(([0.0], meetings[day, :-1]))
        known[day] += who.weekdays[weekday] - who.fatigue * worked + who.pressed * loads[day]
        known[day] -= CARRY * who.meeting_cost * before * (1 + worked / 4)
    return known


def energies(people: Sequence[Person], known: Array, family: Family, rng: Generator) -> Energies:
    """One draw of the states around the law; without structure there are none."""
    days = len(people)
    day_state, hour_state, burst = np.zeros(days), np.zeros((days, DAY_HOURS)), np.zeros((days, DAY_HOURS))
    if family.structured:
        day_shocks = family.shocks(rng, days) * STATE_SD * (1 - DAY_RHO**2) ** 0.5
        hour_shocks = family.shocks(rng, (days, DAY_HOURS)) * STATE_SD * (1 - HOUR_RHO**2) ** 0.5
        luck = rng.random((days, DAY_HOURS))
        state = 0.0
        for day in range(days):
            state = DAY_RHO * state + float(day_shocks[day])
            day_state[day] = state
        here, on = np.zeros(days), np.zeros(days, dtype=bool)
        begins = np.array([p.burst_in for p in people])
        for hour in range(DAY_HOURS):
            here = HOUR_RHO * here + hour_shocks[:, hour]
            on = np.where(on, luck[:, hour] >= BURST_OUT, luck[:, hour] < begins)
            hour_state[:, hour], burst[:, hour] = here, on
    cost = np.array([p.burst_cost for p in people])[:, None]
    actual = np.clip(known + day_state[:, None] + hour_state - cost * burst, 0.05, 0.98)
    return Energies(known, day_state, hour_state, burst, actual)


def _recent_work(person: Person, weekday: int) -> Array:
    """F by hour of a usual day."""
    recent = np.zeros(DAY_HOURS)
    if weekday >= 5:
        return recent
    for hour in range(1, DAY_HOURS):
        at_work = person.work_start_h <= hour - 1 < person.work_end_h and int(person.lunch_h) != hour - 1
        recent[hour] = FATIGUE_DECAY * recent[hour - 1] + (1.0 if at_work else 0.0)
    return recent
