"""The profile of a person's week: means by weekday and hour that forget slowly and lean on what is usual among people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from coach.ml.features.focus import Series

Floats: TypeAlias = NDArray[np.float64]

HALF_LIFE_DAYS = 75.0
FAST_HALF_LIFE_DAYS = 10.0
SHRINK_LEVEL, SHRINK_HOUR, SHRINK_DAY, SHRINK_CELL = 4.0, 2.0, 12.0, 4.0
"""Hours of the usual that a mean starts from: of everything, of an hour of the day, of a weekday, of one cell."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What is usual among people before anything is known of this one, by weekday and hour: (7, 24)."""

    score: Floats
    active: Floats
    """Probability of an active hour."""


@dataclass(frozen=True, slots=True)
class Profile:
    """Tables of shape (days + 1, 7, 24), by day d: what is known at the beginning of day d, from days before it."""

    score: Floats
    fast: Floats
    """The same, forgetting much faster."""
    n: Floats
    """Scored hours behind a cell, its neighbours and other weekdays counted less."""
    active: Floats
    meeting: Floats
    """Usual share of the hour that is booked."""
    deadline: Floats
    """(days + 1,) usual pressure of due dates."""


def profile(series: Series, weight: Floats, prior: Prior) -> Profile:
    """The tables; `weight` (days, 24) of each score, 0 where there is none."""
    days = series.days
    score = np.where(weight > 0, np.nan_to_num(series.score), 0.0)
    slow = _means(score, weight, series, HALF_LIFE_DAYS, prior.score)
    fast = _means(score, weight, series, FAST_HALF_LIFE_DAYS, prior.score)
    ones = np.ones((days, 24))
    active = _means((series.active >= 10).astype(float), ones, series, HALF_LIFE_DAYS, prior.active)
    decay = float(0.5 ** (1 / HALF_LIFE_DAYS))
    pressed = shifted(decayed(series.deadline[:days, 12], decay)) / (shifted(decayed(np.ones(days), decay)) + 0.5)
    booked, n = _sums(series.meeting[:days], ones, series, HALF_LIFE_DAYS)
    hours = _sums(weight, weight, series, HALF_LIFE_DAYS)[1]
    near = hours + 0.25 * hours.sum(axis=1, keepdims=True)
    return Profile(np.clip(slow, 0, 1), np.clip(fast, 0, 1), near, np.clip(active, 0.01, 0.99), booked / (n + 0.5), pressed)


def decayed(x: Floats, decay: float) -> Floats:
    """y[t] = x[t] + decay * y[t - 1] along the first axis, by doubling."""
    y = np.array(x, dtype=np.float64)
    step, factor = 1, decay
    while step < len(y) and factor > 1e-12:
        y[step:] += factor * y[:-step].copy()
        step, factor = step * 2, factor * factor
    return y


def shifted(x: Floats) -> Floats:
    """(T + 1, ...) with zeros first: what is known before t."""
    return np.concatenate([np.zeros((1, *x.shape[1:])), x])


def _sums(x: Floats, weight: Floats, series: Series, half_life_days: float) -> tuple[Floats, Floats]:
    """Decayed weighted sums and weights by weekday and hour, (days + 1, 7, 24)."""
    days = series.days
    decay = float(0.5 ** (1 / half_life_days))
    spread = np.zeros((2, days, 7, 24))
    at = np.arange(days)
    spread[0, at, series.weekdays[:days]] = x * weight
    spread[1, at, series.weekdays[:days]] = weight
    return shifted(decayed(spread[0], decay)), shifted(decayed(spread[1], decay))


def _means(x: Floats, weight: Floats, series: Series, half_life_days: float, usual: Floats) -> Floats:
    """Usual + level + hour of the day (smoothed) + weekday + cell, each the shrunk mean of what the ones before leave."""
    s, n = _sums(x, weight, series, half_life_days)
    mean = np.broadcast_to(usual, n.shape)
    mean = mean + ((s - n * mean).sum(axis=(1, 2)) / (n.sum(axis=(1, 2)) + SHRINK_LEVEL))[:, None, None]
    left, count = (_smooth(v.sum(axis=1)) for v in (s - n * mean, n))
    mean = mean + (left / (count + SHRINK_HOUR))[:, None, :]
    mean = mean + ((s - n * mean).sum(axis=2) / (n.sum(axis=2) + SHRINK_DAY))[:, :, None]
    found: Floats = mean + (s - n * mean) / (n + SHRINK_CELL)
    return found


def _smooth(x: Floats) -> Floats:
    """Over neighbouring hours of the day (last axis)."""
    found: Floats = 0.5 * x + 0.25 * np.roll(x, 1, axis=-1) + 0.25 * np.roll(x, -1, axis=-1)
    return found
