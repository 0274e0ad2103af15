"""What going from one place to another does to the half hour that follows, against staying: a shrunken matched difference.

For every move from A to B the productivity of the next half hour is compared with what is usual for that hour of the day
after a half hour like the one before (both in strata) and for A: the matched difference. Empirical Bayes (Efron and Morris
1973; variances by the method of moments) draws what a place does towards 0, and an edge towards what its two places do, the
more the fewer and the noisier its moves. Attention weights have no part in it. It stays an observation: what drives both the
move and the half hour and shows in neither hour nor prior half hour is in it too. The interval speaks of chance alone: on
simulated people it holds the structural effect for half of the edges, and where it leaves out 0 the sign is right in 93 of
100 (`coach models evaluate graph`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from coach.ml.features.graph import FOLLOWS_S, Floats, Ints, Visits

AHEAD_S = 1800.0
LEAST_ACTIVE_S = 600.0
"""Half hours with less activity say nothing."""
BLOCK_H = 3
"""Hours of the day are matched in blocks of three."""
PRIOR_CUTS = (0.35, 0.6, 0.8)
STRATA = 24 // BLOCK_H * (len(PRIOR_CUTS) + 2)
Z = 1.96
MOST_CELLS = 20_000_000
"""Of a table instead of a sort."""


@dataclass(frozen=True, slots=True, eq=False)
class Impacts:
    """Edges in no order, all (e,): the mean effect on the productivity (0 to 1) of the next half hour, the ends of its 95 %
    interval, and the number of moves `n` that it stands on."""

    start: Ints
    end: Ints
    effect: Floats
    low: Floats
    high: Floats
    n: Ints


class _Means(NamedTuple):
    """Of each group: mean, squared standard error (by day, since half hours of one day overlap), number."""

    mean: Floats
    error: Floats
    n: Ints


def impacts(visits: Visits, levels: Floats, least: int = 5) -> Impacts:
    """The impact of every edge with at least `least` moves whose next half hour can be judged. `levels` (N,) are levels or
    probabilities of productivity; NaN counts as neutral."""
    level = np.where(np.isfinite(levels), levels, 0.5)
    nodes = len(level)
    moves = _moves(visits)
    if not len(moves):
        return _none()
    at_s = visits.start_s[moves + 1]
    ahead, prior = productivity(visits, level, at_s, at_s + AHEAD_S), productivity(visits, level, at_s - AHEAD_S, at_s)
    seen = np.isfinite(ahead)
    moves, at_s, ahead, prior = moves[seen], at_s[seen], ahead[seen], prior[seen]
    if not len(moves):
        return _none()
    a, b, day = visits.node[moves], visits.node[moves + 1], (at_s // 86_400).astype(np.int64)
    apart = ahead - _usual(ahead, _stratum(at_s, prior))
    into = _shrunk(_means(apart, b, day, nodes))
    back = _shrunk(_means(*_entered(visits, level), nodes))
    edge, where = _numbered(a * nodes + b, nodes * nodes)
    start, end = edge // nodes, edge % nodes
    usual = into[0][end] - back[0][start]
    rest = _means(apart - into[0][b], where, day, len(edge))
    own, own_error = _shrunk(rest)
    error = np.sqrt(own_error + into[1][end] + back[1][start])
    effect = usual + own
    kept = rest.n >= least
    return Impacts(start[kept], end[kept], effect[kept], (effect - Z * error)[kept], (effect + Z * error)[kept], rest.n[kept])


def productivity(visits: Visits, level: Floats, from_s: Floats, to_s: Floats) -> Floats:
    """Mean level of the active time in each window (m,); NaN with less than LEAST_ACTIVE_S of it."""
    length = visits.end_s - visits.start_s
    active, good = (np.concatenate([[0.0], np.cumsum(x)]) for x in (length, length * level[visits.node]))

    def until(at_s: Floats) -> tuple[Floats, Floats]:
        row = np.searchsorted(visits.start_s, at_s, side="right") - 1
        inside = np.where(row >= 0, np.clip(at_s - visits.start_s[row], 0.0, length[row]), 0.0)
        row = np.maximum(row, 0)
        return active[row] + inside, good[row] + inside * level[visits.node[row]]

    (a0, g0), (a1, g1) = until(from_s), until(to_s)
    enough = a1 - a0 >= LEAST_ACTIVE_S
    return np.where(enough, np.divide(g1 - g0, a1 - a0, out=np.zeros(len(a0)), where=enough), np.nan)


def _moves(visits: Visits) -> Ints:
    """Indices of the visits that another place follows on."""
    if len(visits.node) < 2:
        return np.zeros(0, dtype=np.int64)
    follow = (visits.start_s[1:] - visits.end_s[:-1] <= FOLLOWS_S) & (visits.node[1:] != visits.node[:-1])
    return np.flatnonzero(follow)


def _entered(visits: Visits, level: Floats) -> tuple[Floats, Ints, Ints]:
    """Every stay: how the half hour from its beginning differs from what is usual then, its place and its day."""
    at_s = visits.start_s
    ahead, prior = productivity(visits, level, at_s, at_s + AHEAD_S), productivity(visits, level, at_s - AHEAD_S, at_s)
    seen = np.isfinite(ahead)
    ahead, prior, at_s = ahead[seen], prior[seen], at_s[seen]
    return ahead - _usual(ahead, _stratum(at_s, prior)), visits.node[seen], (at_s // 86_400).astype(np.int64)


def _stratum(at_s: Floats, prior: Floats) -> Ints:
    """Block of hours by prior half hour; a stratum of its own where nothing came before."""
    block = (at_s // 3600 % 24 // BLOCK_H).astype(np.int64)
    before = np.where(np.isfinite(prior), np.digitize(np.nan_to_num(prior), PRIOR_CUTS), len(PRIOR_CUTS) + 1)
    return block * (len(PRIOR_CUTS) + 2) + before


def _usual(ahead: Floats, stratum: Ints) -> Floats:
    """The mean of each row's stratum, drawn to the mean of all where there are few."""
    n = np.bincount(stratum, minlength=STRATA)
    total = np.bincount(stratum, weights=ahead, minlength=STRATA)
    usual: Floats = ((total + 5 * ahead.mean()) / (n + 5))[stratum]
    return usual


def _means(values: Floats, group: Ints, day: Ints, groups: int) -> _Means:
    n = np.bincount(group, minlength=groups)
    mean = np.divide(np.bincount(group, weights=values, minlength=groups), n, out=np.zeros(groups), where=n > 0)
    rest = values - mean[group]
    number = day - day.min() if len(day) else day
    span = int(number.max()) + 1 if len(day) else 1
    key, inverse = _numbered(group * span + number, groups * span)
    of = key // span
    by_day = np.bincount(inverse, weights=rest) if len(rest) else np.zeros(0)
    clustered = np.bincount(of, weights=by_day**2, minlength=groups)
    pooled = float(np.mean(rest**2)) if len(rest) else 1.0
    # A group of few moves has a poor idea of its own spread: four moves of the usual spread are added to it.
    spread = (clustered + 4 * pooled) / (n + 4)
    return _Means(mean, np.divide(spread, n, out=np.full(groups, np.inf), where=n > 0), n)


def _numbered(key: Ints, size: int) -> tuple[Ints, Ints]:
    """`np.unique` with the inverse of natural numbers below `size`: by a table where that is small enough, as sorting a million
    takes long."""
    if size > MOST_CELLS:
        found, inverse = np.unique(key, return_inverse=True)
        return found, inverse
    there = np.zeros(size, dtype=bool)
    there[key] = True
    found = np.flatnonzero(there)
    number = np.zeros(size, dtype=np.int32)
    number[found] = np.arange(len(found))
    return found, number[key]


def _shrunk(found: _Means) -> tuple[Floats, Floats]:
    """(posterior mean, posterior variance) of each group under a normal prior around 0 whose variance is that of the means
    beyond their errors."""
    there = found.n >= 2
    if there.sum() < 2:
        return np.zeros(len(found.mean)), np.zeros(len(found.mean))
    weight = 1 / found.error[there]
    variance = max(0.0, float(np.average(found.mean[there] ** 2 - found.error[there], weights=weight)))
    keep = np.where(np.isfinite(found.error), variance / (variance + np.where(np.isfinite(found.error), found.error, 1.0)), 0.0)
    return keep * found.mean, np.where(np.isfinite(found.error), keep * np.where(keep > 0, found.error, 0.0), variance)


def _none() -> Impacts:
    ints: NDArray[Any] = np.zeros(0, dtype=np.int64)
    floats: NDArray[Any] = np.zeros(0)
    return Impacts(ints, ints, floats, floats, floats, ints)
