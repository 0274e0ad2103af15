"""When a simulated person sits down, and in which mode of attention they are: a semi-Markov process whose jumps lean on
energy and on the places visited lately. Lengths of stay are those of "working spheres" (Mark and González 2005: about 10
minutes)."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp
from typing import TYPE_CHECKING

import numpy as np

from coach.simulation.energy import DAY_HOURS
from coach.simulation.families import Family
from coach.simulation.person import Person
from coach.simulation.places import COMMS, DEEP, DISTRACTION, LEISURE, MEETING, MODES, SHALLOW
from coach.simulation.windows import Repertoire

if TYPE_CHECKING:
    from numpy.random import Generator

REGULATED = 12
PULL_FADES_H = 0.35
"""Hours after which a place's pull has fallen to 37 %."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """Time at the desk in local hours of a day; `work` is False for an evening or a weekend's private hours."""

    start_h: float
    end_h: float
    work: bool


@dataclass(frozen=True, slots=True)
class Sphere:
    """A stay in one mode, mostly at one place (an index of the repertoire; -1 for no place in particular)."""

    start_h: float
    end_h: float
    mode: int
    place: int = -1


@dataclass(frozen=True, slots=True)
class Draws:
    """The places of each mode with cumulative weights, and every place's pull: a repertoire made ready for `spheres`."""

    of_mode: tuple[tuple[int, ...], ...]
    up_to: tuple[tuple[float, ...], ...]
    pulls: tuple[float, ...]

    def place(self, mode: int, u: float) -> int:
        up_to = self.up_to[mode]
        return self.of_mode[mode][min(bisect(up_to, u * up_to[-1]), len(up_to) - 1)]


def draws(own: Repertoire) -> Draws:
    of_mode = tuple(tuple(i for i, m in enumerate(own.modes) if m == mode) for mode in range(len(MODES)))
    return Draws(of_mode, tuple(tuple(accumulate(own.weights[list(of)].tolist())) for of in of_mode), own.pulls)


def sittings(person: Person, weekday: int, off: bool, rng: Generator) -> list[Sitting]:
    """The day's times at the desk: two halves around lunch with breaks between, perhaps an evening; `off` days and
    weekends are private."""
    found: list[Sitting] = []
    if weekday >= 5 or off:
        if rng.random() < (0.75 if not off else 0.4):
            start_h = float(rng.uniform(9.5, 12.0))
            found += _with_breaks(start_h, start_h + float(rng.uniform(0.5, 2.0)), rng, work=False)
    else:
        start_h = person.work_start_h + float(rng.normal(0, 0.25))
        lunch_h = max(person.lunch_h + float(rng.normal(0, 0.25)), start_h + 1)
        back_h = lunch_h + float(rng.uniform(0.55, 1.0))
        end_h = max(person.work_end_h + float(rng.normal(0, 0.5)), back_h + 1)
        found += _with_breaks(start_h, lunch_h, rng, work=True)
        found += _with_breaks(back_h, end_h, rng, work=True)
    if rng.random() < person.evening:
        start_h = max(float(rng.normal(20.0, 0.5)), (found[-1].end_h if found else 0) + 0.7)
        found += _with_breaks(start_h, min(start_h + float(rng.uniform(0.8, 2.4)), 25.5), rng, work=False)
    return found


def spheres(
    person: Person, energy: Sequence[float], at_desk: Sequence[Sitting], meetings: Sequence[tuple[float, float]],
    among: Draws, family: Family, rng: Generator, spent_h: Mapping[int, float] | None = None,
    entered: tuple[int, int] | None = None,
) -> list[Sphere]:
    """The day's stays; `meetings` are (start_h, end_h) in order and interrupt everything else. `spent_h` limits modes to hours
    of the day: beyond them, what the person would do otherwise is drawn with the same luck. `entered` is the (mode, place) of
    the first stay, where it is not left to chance."""
    choices, wheres, dwells = iter(_luck(rng, 1200)), iter(rng.random(1200).tolist()), iter(family.dwell(rng, 1200).tolist())
    left_h = dict(spent_h or {})
    found: list[Sphere] = []
    pull, pulled_h = 0.0, 0.0
    for sitting in at_desk:
        at_h, mode = sitting.start_h, SHALLOW
        while at_h < sitting.end_h - 1e-6:
            current = next((m for m in meetings if m[1] > at_h), None)
            luck, where = next(choices, 0.5), next(wheres, 0.5)
            if current and current[0] <= at_h:
                until_h, mode = min(current[1], sitting.end_h), MEETING
            else:
                level = energy[min(int(at_h), DAY_HOURS - 1)]  # the night of a clock change is longer
                faded = pull * exp((pulled_h - at_h) / PULL_FADES_H) if family.structured else 0.0
                shut = tuple(m for m, hours in left_h.items() if hours <= 0)
                mode = _next_mode(person, mode, level, faded, sitting.work, family.structured, luck, shut)
                stay_h = _stay_h(mode, level) * next(dwells, 1.0)
                until_h = min(at_h + stay_h, sitting.end_h, current[0] if current else sitting.end_h)
                if mode in left_h:
                    until_h = min(until_h, at_h + max(left_h[mode], 0.01))
            place = among.place(mode, where)
            if entered and not found:
                (mode, place), until_h = entered, min(at_h + _stay_h(entered[0], energy[int(at_h)]), sitting.end_h)
            if mode in left_h:
                left_h[mode] -= until_h - at_h
            pull = pull * exp((pulled_h - until_h) / PULL_FADES_H) + among.pulls[place]
            found.append(Sphere(at_h, until_h, mode, place))
            at_h = pulled_h = until_h
    return found


def _luck(rng: Generator, n: int) -> list[float]:
    """Uniform numbers of which every twelve in a row fall into different twelfths: attention regulates itself, and who has just
    given in to distraction is less likely to do so at once again."""
    parts = rng.permuted(np.tile(np.arange(REGULATED), (-(-n // REGULATED), 1)), axis=1).ravel()
    luck: list[float] = ((parts + rng.random(len(parts))) / REGULATED).tolist()
    return luck


_STAY_H = {DEEP: 0.11, SHALLOW: 0.05, COMMS: 0.035, DISTRACTION: 0.042, MEETING: 0.5, LEISURE: 0.22}
_STICKY = {DEEP: (0.25, 0.9, 1.0, 0.8), SHALLOW: (1.3, 0.4, 1.0, 0.9), COMMS: (1.1, 1.1, 0.3, 1.2),
           DISTRACTION: (0.9, 1.1, 1.0, 0.5), MEETING: (0.7, 1.2, 1.5, 1.2), LEISURE: (0.1, 0.8, 0.8, 0.8)}


def _stay_h(mode: int, energy: float) -> float:
    longest = 1.6 if mode == DEEP else -1.2 if mode == DISTRACTION else 0.0
    return max(0.01, _STAY_H[mode] * exp(longest * (energy - 0.6)))


def _next_mode(
    person: Person, mode: int, energy: float, pull: float, work: bool, structured: bool, u: float, shut: Sequence[int],
) -> int:
    """One of deep, shallow, comms and distraction by weights that lean on energy, on the mode left and on the pull of places;
    in private hours leisure comes before all. Modes in `shut` are not chosen."""
    if not structured:
        weights = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    elif not work:
        weights = [0.0, 0.10, 0.05, 0.25, 0.0, 0.60]
    else:
        lean = _STICKY[mode]
        weights = [
            0.85 * exp(3.2 * (energy - 0.6) - 0.5 * pull) * lean[0], 0.75 * lean[1], 0.6 * lean[2],
            0.42 * person.distractible * exp(-3.2 * (energy - 0.6) + pull) * lean[3], 0.0, 0.0,
        ]
    for closed in shut:
        weights[closed] = 0.0
    rest = u * sum(weights)
    for chosen, weight in enumerate(weights):
        rest -= weight
        if rest < 0:
            return chosen
    return SHALLOW


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
