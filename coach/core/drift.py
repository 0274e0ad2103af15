"""Whether what a model sees or how well it does has changed: Page-Hinkley over its losses and over when days begin, PSI over its
inputs."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from statistics import NormalDist, fmean, median

SLACK = 0.5
ALARM = 8.0
"""In standard deviations. Chosen on simulated skewed losses whose usual level is itself learnt from LEARN_DAYS: 29 false
alarms in a hundred years, and a rise by two deviations is found after four days in the median (tests/core/test_drift.py)."""
LEARN_DAYS = 28
"""Days from which the usual loss is learnt; none of them raises an alarm."""
CLIP = 3.0
"""One terrible day is no drift: it counts as so many deviations."""

RHYTHM_LEARN = 30
"""Working days from which the usual beginning of a day is learnt, anew after each alarm."""
RHYTHM_SLACK, RHYTHM_ALARM, RHYTHM_CLIP = 0.75, 4.0, 2.0
"""In standard deviations. Chosen on 24 simulated people (seeds 710000 and after): 0.3 false alarms a year, four of five shifts
by 1.5 hours found within ten days; tests/bench/drift.py examines others."""
RHYTHM_LEAST_H = 0.2
"""No usual spread is taken for less: hours are what is known."""
RHYTHM_LEAST_MIN = 120.0
"""A day with less active time says nothing about when it began."""

PSI_ALARM = 0.25
"""Siddiqi 2006: a population has shifted."""
PSI_BINS = 5
PSI_RECENT_DAYS = 28


def page_hinkley(values: Sequence[float], slack: float = SLACK, alarm: float = ALARM) -> int | None:
    """Where the mean of `values` (standardised) has risen: the index of the first alarm, None without one.

    Page 1954 as Hinkley 1971 has it: the sum of (x - slack) against its own minimum."""
    total = least = 0.0
    for index, x in enumerate(values):
        total += x - slack
        least = min(least, total)
        if total - least > alarm:
            return index
    return None


def loss_drift(losses: Mapping[date, float]) -> date | None:
    """The day on which the loss had risen for good; None while it has not.

    On the logarithm, since losses are skewed; weekday means of the first LEARN_DAYS are taken off, and the rest is measured
    in their robust deviation.
    """
    days = sorted(day for day, loss in losses.items() if math.isfinite(loss) and loss >= 0)
    if len(days) <= LEARN_DAYS:
        return None
    logs = {day: math.log(max(losses[day], 1e-9)) for day in days}
    learnt = days[:LEARN_DAYS]
    centre = median(logs[day] for day in learnt)
    usual = {weekday: _shrunk([logs[d] for d in learnt if d.weekday() == weekday], centre) for weekday in range(7)}
    rest = {day: logs[day] - usual[day.weekday()] for day in days}
    spread = 1.4826 * median(abs(rest[day]) for day in learnt) or 1e-9
    tested = days[LEARN_DAYS:]
    found = page_hinkley([max(-CLIP, min(CLIP, rest[day] / spread)) for day in tested])
    return None if found is None else tested[found]


def day_start(active_min: Sequence[float]) -> float | None:
    """The hour by which a tenth of a day's active minutes (24, by clock hour) have passed, the night before 05:00 left out; None
    for a day that says nothing. A tenth: a glance at the mail before breakfast does not begin a day."""
    awake = active_min[5:]
    total = sum(awake)
    if total < RHYTHM_LEAST_MIN:
        return None
    passed = 0.0
    for hour, minutes in enumerate(awake, start=5):
        if passed + minutes >= total / 10:
            return hour + (total / 10 - passed) / minutes
        passed += minutes
    return None


def rhythm_drift(starts: Mapping[date, float]) -> tuple[date, float] | None:
    """(the day on which it was seen that working days begin at another hour, by how many hours later), the last time that they
    came to; None while they have not.

    Two-sided Page-Hinkley on Mondays to Fridays, in robust deviations of the RHYTHM_LEARN days before."""
    days = sorted(day for day, start in starts.items() if day.weekday() < 5 and math.isfinite(start))
    found = None
    first = 0
    while len(days) - first > RHYTHM_LEARN:
        learnt, tested = days[first:first + RHYTHM_LEARN], days[first + RHYTHM_LEARN:]
        usual = median(starts[day] for day in learnt)
        spread = max(1.4826 * median(abs(starts[day] - usual) for day in learnt), RHYTHM_LEAST_H)
        rest = [max(-RHYTHM_CLIP, min(RHYTHM_CLIP, (starts[day] - usual) / spread)) for day in tested]
        alarms = [page_hinkley([sign * x for x in rest], RHYTHM_SLACK, RHYTHM_ALARM) for sign in (1, -1)]
        at = min((alarm for alarm in alarms if alarm is not None), default=None)
        if at is None:
            break
        since = [starts[day] - usual for day in tested[max(0, at - 4):at + 1]]
        found, first = (tested[at], median(since)), first + RHYTHM_LEARN + at + 1
    return found


def psi(reference: Sequence[float], recent: Sequence[float], bins: int = PSI_BINS) -> float:
    """Population stability index over bins of equal share of `reference`; half a day is added to each bin."""
    known, seen = sorted(filter(math.isfinite, reference)), sorted(filter(math.isfinite, recent))
    if len(known) < bins or not seen:
        return 0.0
    edges = [known[len(known) * k // bins] for k in range(1, bins)]
    before, now = _shares(known, edges), _shares(seen, edges)
    return sum((b - a) * math.log(b / a) for a, b in zip(before, now, strict=True))


def shifted(reference: Sequence[float], recent: Sequence[float], bins: int = PSI_BINS) -> bool:
    """PSI above PSI_ALARM and above what chance gives one time in a thousand: with so few days chance alone exceeds 0.25
    (Yurdakul 2018: PSI / (1/n + 1/m) is chi-squared with bins - 1 degrees)."""
    n, m = (sum(map(math.isfinite, side)) for side in (reference, recent))
    if n < 2 * PSI_RECENT_DAYS or m < PSI_RECENT_DAYS // 2:
        return False
    return psi(reference, recent, bins) > max(PSI_ALARM, chi2_quantile(0.999, bins - 1) * (1 / n + 1 / m))


def chi2_quantile(p: float, freedom: int) -> float:
    """Wilson and Hilferty 1931; within 2 % from 3 degrees on."""
    spread = 2 / (9 * freedom)
    found: float = freedom * (1 - spread + NormalDist().inv_cdf(p) * math.sqrt(spread)) ** 3
    return found


def _shares(side: Sequence[float], edges: Sequence[float]) -> list[float]:
    counts = [0.5] * (len(edges) + 1)
    for x in side:
        counts[bisect_right(edges, x)] += 1
    return [count / (len(side) + 0.5 * len(counts)) for count in counts]


def _shrunk(values: Sequence[float], centre: float, prior: float = 3.0) -> float:
    """A weekday's mean, drawn to the whole's as if `prior` more days had been usual."""
    return (fmean(values) * len(values) + centre * prior) / (len(values) + prior) if values else centre
