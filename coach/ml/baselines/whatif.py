"""The what-if that needs no net: the person's own nearest days, rescaled hour by hour until they meet the goal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coach.ml.features.whatif import Array, Days, Ints

if TYPE_CHECKING:
    from numpy.random import Generator

NEAREST = 5
"""One of so many nearest days is taken, so that one odd day is not all there is."""


def usual_days(days: Days, weekday: Ints, rng: Generator) -> tuple[Array, Array]:
    """Own days drawn at random for weekdays (m,), of the same kind (workday or weekend) as far as there are any: minutes
    (m, 24, 8) and visits (m, 24). Raises ValueError without days."""
    chosen = np.array([int(rng.choice(_kind(days, int(w)))) for w in weekday], dtype=np.int64)
    return days.minutes[chosen], days.visits[chosen]


def goal_days(days: Days, weekday: Ints, target_min: Array, asked: Array, rng: Generator) -> tuple[Array, Array]:
    """For each row the own day nearest to `target_min` (m, 8) in the `asked` groups (m, 8), rescaled to it: minutes, visits."""
    totals = days.minutes.sum(axis=1)
    chosen = np.empty(len(weekday), dtype=np.int64)
    for row, day in enumerate(weekday):
        among = _kind(days, int(day))
        apart = (np.abs(totals[among] - target_min[row]) * asked[row]).sum(axis=1)
        nearest = among[np.argsort(apart, kind="stable")[:NEAREST]]
        chosen[row] = rng.choice(nearest)
    return rescaled(days.minutes[chosen], target_min, asked), days.visits[chosen]


def rescaled(minutes: Array, target_min: Array, asked: Array) -> Array:
    """Days (m, 24, 8) whose asked groups (m, 8) take `target_min` (m, 8) minutes: each hour in proportion, the other groups of
    the hour giving or taking what changes; where there are none, time away does."""
    made = minutes.copy()
    for group in range(minutes.shape[2]):
        rows = np.flatnonzero(asked[:, group] > 0)
        if rows.size:
            fixed = asked[rows].copy()
            fixed[:, group:] = 0  # groups done before keep what they have
            made[rows] = _one(made[rows], group, target_min[rows, group], fixed)
    return made


def _one(minutes: Array, group: int, target: Array, fixed: Array) -> Array:
    active = minutes.sum(axis=2)
    now = minutes[:, :, group]
    total = now.sum(axis=1)
    free = minutes * (1 - fixed)[:, None, :]
    free[:, :, group] = 0.0
    room = np.maximum(60 - (active - free.sum(axis=2)) + now, 0.0)  # what the group could take of each hour
    less = now * np.minimum(1.0, target / np.maximum(total, 1e-9))[:, None]
    wanted = np.maximum(target - total, 0.0)
    lean = np.where((total > 1e-9)[:, None], now, active) * (room > now)
    more = _filled(now, lean, room, wanted)
    changed = np.where((target >= total)[:, None], more, less)
    left = np.minimum(np.maximum(active - changed - (active - free.sum(axis=2) - now), 0.0), 60.0)
    others = free.sum(axis=2)
    made: Array = minutes * fixed[:, None, :] + free * (left / np.maximum(others, 1e-9) * (others > 0))[:, :, None]
    made[:, :, group] = changed
    return made


def _filled(now: Array, lean: Array, room: Array, wanted: Array) -> Array:
    """`now` (m, 24) plus `wanted` (m,) minutes, spread in proportion to `lean` but never above `room`; what an hour cannot
    take goes to the others."""
    made = now.copy()
    for _ in range(24):
        left = wanted - (made - now).sum(axis=1)
        open_ = (room - made > 1e-6) * np.where(lean.sum(axis=1, keepdims=True) > 1e-9, lean, 1.0)
        share = open_ / np.maximum(open_.sum(axis=1, keepdims=True), 1e-9)
        if not (left > 1e-6).any() or not open_.any():
            break
        made = np.minimum(made + np.maximum(left, 0.0)[:, None] * share, room)
    return made


def _kind(days: Days, weekday: int) -> Ints:
    same = np.flatnonzero((days.weekday < 5) == (weekday < 5))
    found: Ints = same if same.size else np.arange(len(days))
    if not found.size:
        raise ValueError("no day to draw from")
    return found
