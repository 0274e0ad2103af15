"""The fixed map of a day to 32 figures in which real and generated days are compared, and the Fréchet distance in it.

Published here and never fitted to a generator: MAP names every figure; figures are standardised by real days only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coach.ml.features.whatif import DISTRACTING, FOCUS, GROUPS, LEAST_HOUR_MIN, PARTS, Array

VERSION = 1
MAP = (
    *(f"minutes of {name}" for name in GROUPS), "active minutes", "active hours", "visits an active hour", "entropy of groups",
    "longest focus block, minutes", "first active hour", "last active hour", "middle of the day", "mean level",
    "mixing inside hours", "change between hours", "most focus work in an hour",
    *(f"active minutes, part {i + 1}" for i in range(len(PARTS))), *(f"focus minutes, part {i + 1}" for i in range(len(PARTS))),
    *(f"distraction, part {i + 1}" for i in range(len(PARTS))),
)
LEVEL = np.array([1.0, 0.75, 0.35, 0.5, 0.0, 0.25, 0.0, 0.5])
"""A typical productivity level of each group: "mean level" stands for the day's focus."""
BLOCK_MIN = 30.0
"""Hours with so much focus work in a row make a focus block."""
SHRINKAGE = 0.05
"""Weight of the diagonal in a covariance (Ledoit and Wolf 2004, fixed so that the measure does not depend on the sample)."""


@dataclass(frozen=True, slots=True)
class Scale:
    """`mean` and `sd` (32,) of real days."""

    mean: Array
    sd: Array


def figures(minutes: Array, visits: Array) -> Array:
    """(n, 32) raw figures of days: `minutes` (n, 24, 8), `visits` (n, 24)."""
    hours = np.arange(24)
    active = minutes.sum(axis=2)
    groups = minutes.sum(axis=1)
    total = np.maximum(active.sum(axis=1), 1e-9)
    seen = active > 5
    busy = np.maximum((active >= LEAST_HOUR_MIN).sum(axis=1), 1)
    share = minutes / np.maximum(active, 1e-9)[:, :, None]
    turned = 0.5 * np.abs(np.diff(share, axis=1)).sum(axis=2) * seen[:, 1:] * seen[:, :-1]
    distraction = minutes[:, :, DISTRACTING].sum(axis=2)
    return np.column_stack([
        groups, total, busy, visits.sum(axis=1) / busy, _entropy(groups / total[:, None]), _longest_block(minutes[:, :, FOCUS]),
        np.argmax(seen, axis=1), 23 - np.argmax(seen[:, ::-1], axis=1), (active * hours).sum(axis=1) / total,
        groups @ LEVEL / total, (_entropy(share) * active).sum(axis=1) / total, turned.sum(axis=1) / busy,
        minutes[:, :, FOCUS].max(axis=1), *(cells[:, a:b].sum(axis=1) for cells in (active, minutes[:, :, FOCUS], distraction)
                                           for a, b in PARTS),
    ])


def scale(raw: Array) -> Scale:
    """From raw figures (n, 32) of real days."""
    return Scale(raw.mean(axis=0), np.maximum(raw.std(axis=0), 1e-6))


def standard(raw: Array, by: Scale) -> Array:
    """(n, 32) in units of real days' spread; beyond six spreads a figure counts as six, so that one day decides nothing."""
    found: Array = np.clip((raw - by.mean) / by.sd, -6.0, 6.0)
    return found


def frechet(a: Array, b: Array) -> float:
    """Squared Fréchet distance of two samples (n, 32) as normal distributions (Dowson and Landau 1982, as in Heusel 2017):
    |mean - mean|^2 + trace(A + B - 2 (A B)^1/2). Raises ValueError for fewer than two days."""
    if min(len(a), len(b)) < 2:
        raise ValueError("a distance needs two days of each")
    first, second = _covariance(a), _covariance(b)
    root = _root(first)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ second @ root), 0.0)).sum()
    apart = a.mean(axis=0) - b.mean(axis=0)
    return float(max(0.0, apart @ apart + np.trace(first) + np.trace(second) - 2 * cross))


def _covariance(x: Array) -> Array:
    found = np.cov(x, rowvar=False)
    shrunk: Array = (1 - SHRINKAGE) * found + SHRINKAGE * np.diag(np.diag(found))
    return shrunk


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    root: Array = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def _entropy(share: Array) -> Array:
    """Nats over the last axis."""
    found: Array = -(share * np.log(np.maximum(share, 1e-9))).sum(axis=-1)
    return found


def _longest_block(focus_min: Array) -> Array:
    """Minutes of focus work in the longest run of hours with BLOCK_MIN or more, for days (n, 24)."""
    longest = run = np.zeros(len(focus_min))
    for hour in range(focus_min.shape[1]):
        run = np.where(focus_min[:, hour] >= BLOCK_MIN, run + focus_min[:, hour], 0.0)
        longest = np.maximum(longest, run)
    return longest
