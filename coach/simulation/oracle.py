"""What could be known at best of a simulated person: expected focus by hour, the best forecast, and what a place does to focus.

Expected focus is the mean of the score over replicates: the same person, calendar and tasks lived again with other states and
other attention. The best forecast at an hour of issue adds what the states of that hour, which no tracker sees, still say
about later ones: day states fade by 0.6 a day, hour states by 0.7 an hour, bursts by their Markov chain, and a unit of energy
moves focus by the slope that the replicates show for that hour of the day. It is linear in the states, so a very clever model
of a very lucky person could be a little better; no bar is set closer to it than that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.simulation import attention
from coach.simulation.course import Course, Lived, lived
from coach.simulation.energy import BURST_OUT, DAY_HOURS, DAY_RHO, HOUR_RHO, Energies
from coach.simulation.hours import Categorise, cut, local_ms, scores

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[np.float64]]

LEAST_REPLICATES = 3
"""Hours that fewer replicates have a score for have no expectation."""
_LEVELS = np.array([1.0, 0.75, 0.5, 0.0, 0.5, 0.1])
"""Productivity by mode, for what a place does."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """`expected` is (days, 24), nan where hardly any replicate was active; `spread` the standard deviation over replicates;
    `slope` (2, 24): focus per unit of energy on weekdays and weekends."""

    expected: Array
    spread: Array
    slope: Array


def hour_scores(of: Course, life: Lived, categorise: Categorise) -> Array:
    """Focus scores of one living, (days, 24) by local date and hour; nan with less than 10 active minutes."""
    labels = [categorise(*context) for context in of.own.contexts]
    apps: dict[str, int] = {}
    app = np.array([apps.setdefault(c[0], len(apps)) for c in of.own.contexts], dtype=np.int64)
    level = np.array([label.level for label in labels])
    start, end = (local_ms(np.rint(s * 1000).astype(np.int64), of.dates, of.tz) for s in (life.starts_s, life.ends_s))
    zero_ms = (of.dates[0].toordinal() - 719_163) * 86_400_000
    pieces = cut(start, end, level[life.contexts], app[life.contexts], zero_ms)
    hours = len(of.dates) * 24
    score, _, _ = scores(pieces.within(hours), hours)
    return score.reshape(-1, 24)


def oracle(of: Course, categorise: Categorise, replicates: int = 24) -> Oracle:
    """From replicates 1 to `replicates`; the life itself is replicate 0."""
    runs = [lived(of, r + 1, tracked=False) for r in range(replicates)]
    focus = np.stack([hour_scores(of, run, categorise) for run in runs])
    known = np.isfinite(focus).sum(0)
    enough = known >= LEAST_REPLICATES
    total = np.nansum(focus, 0)
    expected = np.where(enough, total / np.maximum(known, 1), np.nan)
    apart = focus - expected
    spread = np.sqrt(np.where(enough, np.nansum(apart**2, 0) / np.maximum(known - 1, 1), np.nan))
    energy = np.stack([by_date(run.energies.actual) for run in runs])
    moved = np.where(np.isfinite(focus), energy - energy.mean(0), np.nan)
    weekend = np.array([d.weekday() >= 5 for d in of.dates])
    slope = np.stack([_slope(moved[:, part], apart[:, part]) for part in (~weekend, weekend)])
    return Oracle(expected, spread, slope)


def forecast(known: Oracle, of: Course, states: Energies, day: int, hour: int, ahead: int = 24) -> Array:
    """The best forecast of the `ahead` hours after hour `hour` of `day` (hours are local, 0 to 23), given the states of that
    hour; nan where there is no expectation or the days end."""
    found = np.full(ahead, np.nan)
    from_day, from_hour = (day, hour) if hour >= DAY_HOURS - 24 else (day - 1, hour + 24)
    for k in range(1, ahead + 1):
        to_day, to_hour = day + (hour + k) // 24, (hour + k) % 24
        if to_day >= len(of.dates):
            break
        weekend = int(of.dates[to_day].weekday() >= 5)
        moved = _moved(of, states, from_day, from_hour, to_day, to_hour) if from_day >= 0 else 0.0
        found[k - 1] = known.expected[to_day, to_hour] + known.slope[weekend, to_hour] * moved
    return found


def by_date(by_day: Array) -> Array:
    """(days, 28) of simulated days, which may end after midnight, as (days, 24) by date."""
    dated = by_day[:, :24].copy()
    dated[1:, : DAY_HOURS - 24] = by_day[:-1, 24:]
    return dated


def place_values(of: Course, runs: int = 60, seed: int = 0) -> Array:
    """For each place of the repertoire the mean productivity of the 30 minutes after entering it in working time, over draws of
    what follows, with the same luck for all places: (places,). What going from A to B does to focus, against staying at A, is
    the difference of their values."""
    person, among = of.people[0], attention.draws(of.own)
    level = float(np.clip(np.mean(of.law[:, 10:17]), 0.05, 0.98))
    values = np.zeros(len(of.own.places))
    for i, place in enumerate(of.own.places):
        for run in range(runs):
            rng = np.random.default_rng((of.seed, 8, seed, run))
            values[i] += _after(of, person, among, place.mode, i, level, rng)
    return values / runs


def edge_effects(of: Course, runs: int = 60) -> dict[tuple[int, int], float]:
    """True effect of a transition between places (indices of the repertoire): `place_values` of the second less the first."""
    values = place_values(of, runs)
    return {(a, b): float(values[b] - values[a]) for a in range(len(values)) for b in range(len(values)) if a != b}


def _after(of: Course, person: Any, among: attention.Draws, mode: int, place: int, level: float, rng: Any) -> float:
    start_h = 10.0
    stays = attention.spheres(
        person, [level] * DAY_HOURS, [attention.Sitting(start_h, start_h + 0.5, True)], (), among, of.family, rng,
        entered=(mode, place),
    )
    return float(sum(_LEVELS[s.mode] * (s.end_h - s.start_h) for s in stays) / 0.5)


def _moved(of: Course, states: Energies, from_day: int, from_hour: int, to_day: int, to_hour: int) -> float:
    """What the states of one hour make expect of the energy of another, against the mean."""
    to_day, to_hour = (to_day, to_hour) if to_hour >= DAY_HOURS - 24 else (to_day - 1, to_hour + 24)
    moved = DAY_RHO ** (to_day - from_day) * states.day_state[from_day]
    if to_day == from_day and to_hour >= from_hour:
        hours = to_hour - from_hour
        who = of.people[to_day]
        moved += HOUR_RHO**hours * states.hour_state[from_day, from_hour]
        usual = who.burst_in / (who.burst_in + BURST_OUT)
        moved -= who.burst_cost * (1 - who.burst_in - BURST_OUT) ** hours * (states.burst[from_day, from_hour] - usual)
    return float(moved)


def _slope(moved: Array, apart: Array) -> Array:
    """Least squares of focus on energy by hour of the day, drawn towards the slope of all hours where there is little."""
    both = moved * apart
    over, under = np.nansum(both, axis=(0, 1)), np.nansum(moved**2, axis=(0, 1))
    pooled = over.sum() / max(under.sum(), 1e-9)
    weight = 0.5  # as much as some 80 hours of the usual spread
    return np.asarray((over + weight * pooled) / (under + weight))
