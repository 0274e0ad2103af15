"""From stays in a mode to stretches of windows: which app, title, address and project was in front, and for how long.

Stretches at screen level are lognormal with a median of about 40 seconds (Mark et al. 2012). All of a life at once, in
arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from coach.simulation.invented import invented
from coach.simulation.person import Person, words_for
from coach.simulation.places import COMMON, COMMS, DEEP, DISTRACTION, LEISURE, MEETING, MODES, OF_ROLE, SHALLOW, Place

if TYPE_CHECKING:
    from numpy.random import Generator

    Array = np.ndarray[Any, np.dtype[np.float64]]
    Ints = np.ndarray[Any, np.dtype[np.int64]]

Context: TypeAlias = tuple[str, str, str, str]
"""(app, title, url, project)."""

_MEAN_S = {DEEP: 75.0, SHALLOW: 48.0, COMMS: 38.0, DISTRACTION: 45.0, MEETING: 500.0, LEISURE: 420.0}
_PULL = {DEEP: -0.15, SHALLOW: 0.0, COMMS: 0.25, DISTRACTION: 0.5, MEETING: 0.0, LEISURE: 0.0}
"""Mean pull of a mode's places; places differ by a normal of 0.4."""
_MAIN = 0.7
"""Share of a stay's stretches that its main place gets."""
_GLANCE = {DEEP: (0.06, 0.03), SHALLOW: (0.08, 0.04), COMMS: (0.0, 0.02), MEETING: (0.10, 0.0)}
"""Chance per stretch of a glance at messages, and at a distraction."""


@dataclass(frozen=True, slots=True)
class Repertoire:
    """The contexts a person moves among. `first` and `count`, of shape (places, projects), say where a place's lie."""

    places: tuple[Place, ...]
    contexts: tuple[Context, ...]
    modes: tuple[int, ...]
    pulls: tuple[float, ...]
    """By place: how strongly a stay there draws towards distraction afterwards, in units of log odds."""
    weights: Array
    first: Ints
    count: Ints
    same: Ints
    """For each context the first one equal to it: two places may lead to one page."""


def repertoire(person: Person, rng: Generator) -> Repertoire:
    """The person's own places: those of everyone and of the role, with personal weights, titles and addresses."""
    places = COMMON + OF_ROLE[person.role] + invented(rng)
    contexts: list[Context] = []
    first = np.zeros((len(places), len(person.projects)), dtype=np.int64)
    count = np.zeros_like(first)
    for p, place in enumerate(places):
        for j, project in enumerate(person.projects):
            if j and not place.in_project:
                first[p, j], count[p, j] = first[p, 0], count[p, 0]
                continue
            made = _variants(place, person, project if place.in_project else "", rng)
            first[p, j], count[p, j] = len(contexts), len(made)
            contexts.extend(made)
    weights = np.array([p.weight for p in places]) * rng.gamma(2.0, 0.5, len(places))
    pulls = tuple(_PULL[p.mode] + 0.4 * float(rng.standard_normal()) for p in places)
    earliest: dict[Context, int] = {}
    same = np.array([earliest.setdefault(c, i) for i, c in enumerate(contexts)], dtype=np.int64)
    return Repertoire(places, tuple(contexts), tuple(p.mode for p in places), pulls, weights, first, count, same)


def _variants(place: Place, person: Person, project: str, rng: Generator) -> list[Context]:
    app, ending = person.browser if place.app == "{browser}" else (place.app, "")
    made: dict[Context, None] = {}
    for _ in range(place.variants):
        words = words_for(person, rng, project)
        made[(app, place.title.format(**words) + ending, place.url.format(**words), project)] = None
    return list(made)


def stretches(
    own: Repertoire, starts_s: Array, ends_s: Array, modes: Ints, mains: Ints, calm: Ints, projects: Ints, days: Ints,
    rng: Generator,
) -> tuple[Array, Array, Ints]:
    """(start_s, end_s, context) of all stretches inside the given stays, neighbours of one context merged. `mains` is each
    stay's main place, -1 for none; `calm` stays (1) have no glances at anything else."""
    lengths_s = ends_s - starts_s
    means_s = np.array([_MEAN_S[m] for m in range(len(MODES))])[modes]
    counts = np.maximum(1, rng.poisson(lengths_s / means_s))
    stay = np.repeat(np.arange(len(counts)), counts)
    parts = rng.lognormal(0.0, 0.8, len(stay))
    begins = np.concatenate(([0], np.cumsum(counts)[:-1]))
    parts *= np.repeat(lengths_s / np.add.reduceat(parts, begins), counts)
    run_s = np.cumsum(parts)
    start_s = np.repeat(starts_s, counts) + (run_s - parts) - np.repeat((run_s - parts)[begins], counts)
    end_s = np.append(start_s[1:], 0.0)
    last = np.append(begins[1:] - 1, len(stay) - 1)
    end_s[last] = ends_s
    mode = np.where(calm[stay] > 0, modes[stay], _glances(modes[stay], rng))
    place = _places(own, mode, rng)
    main = mains[stay]
    place = np.where((main >= 0) & (mode == modes[stay]) & (rng.random(len(stay)) < _MAIN), main, place)
    project = projects[stay]
    count = own.count[place, project]
    # Of a place's variants the first few are in use at a time, and which ones moves on every few days.
    offset = ((rng.random(len(stay)) ** 2.2 * count).astype(np.int64) + days[stay] // 4) % count
    context = own.same[own.first[place, project] + offset]
    return _merged(start_s, end_s, context)


def _glances(mode: Ints, rng: Generator) -> Ints:
    u = rng.random(len(mode))
    seen = mode.copy()
    for of, (at_messages, at_distraction) in _GLANCE.items():
        here = mode == of
        seen[here & (u < at_messages)] = COMMS
        seen[here & (u > 1 - at_distraction)] = DISTRACTION
    return seen


def _places(own: Repertoire, mode: Ints, rng: Generator) -> Ints:
    u = rng.random(len(mode))
    place = np.zeros(len(mode), dtype=np.int64)
    of_mode = np.array(own.modes)
    for m in range(len(MODES)):
        here = mode == m
        choices = np.flatnonzero(of_mode == m)
        cumulative = np.cumsum(own.weights[choices]) / own.weights[choices].sum()
        place[here] = choices[np.searchsorted(cumulative, u[here], side="right").clip(max=len(choices) - 1)]
    return place


def _merged(start_s: Array, end_s: Array, context: Ints) -> tuple[Array, Array, Ints]:
    changed = np.ones(len(context), dtype=bool)
    changed[1:] = (context[1:] != context[:-1]) | (start_s[1:] - end_s[:-1] > 0.5)
    first = np.flatnonzero(changed)
    return start_s[first], end_s[np.append(first[1:] - 1, len(context) - 1)], context[first]

