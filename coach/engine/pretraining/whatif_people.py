"""Simulated people as a what-if sees them: their days, and the same days had they done something else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np

from coach.engine.pretraining.focus_people import labeller
from coach.engine.pretraining.in_order import in_order
from coach.ml.features import whatif as features
from coach.ml.features.whatif import ENTERTAINMENT, GROUPS, MESSAGES, NEWS, SOCIAL, Array, Days
from coach.simulation.course import Course, course, lived
from coach.simulation.hours import Hours, Label, hourly
from coach.simulation.intervene import Intervention
from coach.simulation.life import told
from coach.simulation.places import COMMS, DISTRACTION

TZ = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
"""Simulated people live up to here: the end of a Sunday night."""


@dataclass(frozen=True, slots=True)
class Case:
    """`less_min` minutes a day less of a mode; of the `groups` the what-if is told how much they change."""

    mode: int
    less_min: float
    groups: tuple[int, ...]


CASES: Mapping[str, Case] = {
    "distraction -60": Case(DISTRACTION, 60.0, (SOCIAL, NEWS, ENTERTAINMENT)),
    "distraction -30": Case(DISTRACTION, 30.0, (SOCIAL, NEWS, ENTERTAINMENT)),
    "messages -45": Case(COMMS, 45.0, (MESSAGES,)),
}


@dataclass(frozen=True, slots=True)
class Truth:
    """What an intervention did on the days after the history: `change_min` (8,) of the asked groups, nan for the others, and
    the `gain` of mean daily focus."""

    case: str
    change_min: Array
    gain: float


@dataclass(frozen=True, slots=True)
class Simulated:
    """`days` of one person, of which the first `known` are history; `truths` are about the others."""

    seed: int
    days: Days
    known: int
    truths: tuple[Truth, ...]


def simulated(seed: int, days: int, family: str, ahead: int = 0, cases: Sequence[str] = ()) -> Simulated:
    """One person. With `cases` the last `ahead` days are lived again under each, with the same luck."""
    of = course(days, seed, NOW, TZ, family)
    every = days_of(of, None)
    kept = every.minutes.sum(axis=(1, 2)) >= features.LEAST_DAY_MIN
    after = np.arange(len(every)) >= len(every) - ahead
    truths = tuple(_truth(of, every, kept & after, name) for name in cases)
    return Simulated(seed, every[kept], int((kept & ~after).sum()), truths)


def people(
    seeds: Sequence[int], days: int, family: str, ahead: int = 0, cases: Sequence[str] = (), workers: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Simulated]:
    """In the order of the seeds, on `workers` processes."""
    one = partial(simulated, days=days, family=family, ahead=ahead, cases=cases)
    return in_order(one, seeds, workers, family, progress, every=50)


def days_of(of: Course, intervention: Intervention | None) -> Days:
    """All days of a life, also those with little on them."""
    labels: dict[str, bool] = {}
    known = labeller(of.people[0].role)

    def label(app: str, title: str, url: str, project: str) -> Label:
        found = known(app, title, url, project)
        labels[found.category] = found.focus
        return found

    hours = _whole(hourly(told(of, lived(of, intervention=intervention)), label, TZ), of)
    return features.days_from(hours[0], hours[1], hours[2], [d.weekday() for d in of.dates] + [0], labels, least_min=0.0)


def _whole(hours: Hours, of: Course) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Minutes, visits and scores on the course's own dates and the one after, which ends its last night."""
    dates = len(of.dates) + 1
    first = (hours.dates[0] - of.dates[0]).days if hours.dates else 0

    def placed(cells: Array, empty: float = 0.0) -> Array:
        found = np.full((dates, 24), empty)
        stop = min(dates, first + len(cells))
        found[max(0, first):stop] = cells[max(0, -first):stop - first]
        return found

    return (
        {name: placed(cells) for name, cells in hours.minutes.items()},
        {name: placed(cells) for name, cells in hours.visits.items()}, placed(hours.score, np.nan),
    )


def _truth(of: Course, as_it_was: Days, which: Array, name: str) -> Truth:
    case = CASES[name]
    would_be = days_of(of, Intervention({case.mode: case.less_min}))
    moved = (would_be.minutes.sum(axis=1) - as_it_was.minutes.sum(axis=1))[which].mean(axis=0)
    change = np.full(len(GROUPS), np.nan)
    change[list(case.groups)] = moved[list(case.groups)]
    before, after = (features.day_focus(d.score, d.minutes.sum(axis=2))[which] for d in (as_it_was, would_be))
    return Truth(name, change, float(np.nanmean(after - before)))
