"""Days as a what-if sees them: 24 hours by eight groups of categories and "away", what a person's days were like, and goals.

A day begins at `DAY_START_HOUR`; row 0 is that hour. Rows of minutes sum to at most 60, the rest of an hour is away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]

GROUPS = ("focus work", "other work", "messages", "calls", "social media", "news and shopping", "entertainment", "other")
"""What goals are about. Focus work is every category that counts as focus."""
AWAY = len(GROUPS)
FOCUS, WORK, MESSAGES, CALLS, SOCIAL, NEWS, ENTERTAINMENT, OTHER = range(len(GROUPS))
DISTRACTING = (SOCIAL, NEWS, ENTERTAINMENT)

DAY_START_HOUR = 4
LEAST_DAY_MIN = 60.0
"""A day with less tracked time says nothing about how a day goes."""
LEAST_HOUR_MIN = 10.0
"""An hour has a focus score from so many active minutes on (focus formula 1)."""
PARTS = ((0, 5), (5, 9), (9, 14), (14, 24))
"""Rows of a day: night and early morning to 9, morning to 13, afternoon to 18, evening."""

HISTORY = 64
"""Length of the summary of a person's days."""
CONDITION = HISTORY + 7 + 2 * len(GROUPS)
"""Length of what the generator is told: summary, weekday, goal by group and which groups have one."""
PRIOR_DAYS = 2.0
"""A person's own days count against the typical day as if that had been seen so often."""
MOST_DAYS = 91.0

_PREFIXES = (
    ("Communication > Calls", CALLS), ("Communication", MESSAGES), ("Social", SOCIAL), ("News", NEWS), ("Shopping", NEWS),
    ("Entertainment", ENTERTAINMENT),
)
_WORK = ("Work", "Planning", "Assistants")


@dataclass(frozen=True, slots=True)
class Days:
    """Whole days of one person, oldest first: `minutes` (n, 24, 8) by group, `visits` (n, 24) stretches that began, `score`
    (n, 24) focus scores with nan where there is none, `weekday` (n,) with 0 for Monday."""

    minutes: Array
    visits: Array
    score: Array
    weekday: Ints

    def __len__(self) -> int:
        return len(self.weekday)

    def __getitem__(self, which: Any) -> Days:
        return Days(self.minutes[which], self.visits[which], self.score[which], self.weekday[which])


def group_of(category: str, focus: bool) -> int:
    """The group of a category by its name; one that counts as focus is focus work whatever it is called."""
    if focus:
        return FOCUS
    for prefix, group in _PREFIXES:
        if category == prefix or category.startswith(prefix + " > "):
            return group
    return WORK if category.partition(" > ")[0] in _WORK else OTHER


def days_from(
    minutes: Mapping[str, Array], visits: Mapping[str, Array], score: Array, weekday: Sequence[int], focus: Mapping[str, bool],
    least_min: float = LEAST_DAY_MIN,
) -> Days:
    """Days from calendar dates: arrays (dates, 24) by category, all dates in a row without gaps, `weekday` of each date.

    The last date gives no day, since its night is not over; days with less than `least_min` of tracked time are left out."""
    dates = len(weekday)
    grouped = np.zeros((len(GROUPS), dates, 24))
    for name, cells in minutes.items():
        grouped[group_of(name, focus.get(name, False))] += cells
    total = grouped.sum(axis=0)
    grouped *= np.minimum(1.0, 60.0 / np.maximum(total, 60.0))  # an hour that a clock change repeats
    visited = sum(visits.values(), np.zeros((dates, 24)))
    days = Days(
        _shifted(np.moveaxis(grouped, 0, -1)), _shifted(visited), _shifted(np.asarray(score, dtype=np.float64)),
        np.asarray(weekday, dtype=np.int64)[: max(0, dates - 1)],
    )
    return days[days.minutes.sum(axis=(1, 2)) >= least_min]


def _shifted(by_date: Array) -> Array:
    """(dates, 24, ...) to (dates - 1, 24, ...) that begin at DAY_START_HOUR."""
    flat = by_date.reshape((-1, *by_date.shape[2:]))
    days = max(0, len(by_date) - 1)
    return flat[DAY_START_HOUR: DAY_START_HOUR + 24 * days].reshape((days, 24, *by_date.shape[2:]))


def ingredients(days: Days) -> Array:
    """(n, 71): what sums over days must hold for `summary`; see there for the order."""
    minutes = days.minutes / 60
    active = minutes.sum(axis=2)
    groups = minutes.sum(axis=1)
    work = (days.weekday < 5)[:, None].astype(np.float64)
    scored = np.isfinite(days.score)
    score = np.where(scored, days.score, 0.0)
    first = np.argmax(active > 1 / 12, axis=1)
    last = 23 - np.argmax(active[:, ::-1] > 1 / 12, axis=1)
    return np.concatenate([
        work, 1 - work, groups * work, groups * (1 - work), groups**2, active,
        np.stack([score[:, a:b].sum(axis=1) for a, b in PARTS], axis=1),
        np.stack([scored[:, a:b].sum(axis=1) for a, b in PARTS], axis=1),
        np.stack([minutes[:, a:b, FOCUS].sum(axis=1) for a, b in PARTS], axis=1),
        np.stack([minutes[:, a:b, DISTRACTING].sum(axis=(1, 2)) for a, b in PARTS], axis=1),
        np.stack([days.visits.sum(axis=1) / 60, groups.sum(axis=1), first, last], axis=1),
        np.ones((len(days), 1)),
    ], axis=1)


INGREDIENTS = 2 + 3 * len(GROUPS) + 24 + 4 * len(PARTS) + 4 + 1


def summary(sums: Array, typical: Array) -> Array:
    """(m, 64) from sums of ingredients (m, 71) over a person's days and those of the typical day (71,), which counts as
    PRIOR_DAYS days: hours by group on workdays (8) and weekends (8), their spread (8), active share of each hour (24), focus
    by part of the day (4), focus work (4) and distraction (4) by part, visits a minute, first and last hour, days known."""
    n = sums[:, -1:]
    pooled = sums + PRIOR_DAYS * typical
    days = n + PRIOR_DAYS
    g, p = len(GROUPS), len(PARTS)
    work, rest = pooled[:, :1], pooled[:, 1:2]
    at = 2
    workdays, at = pooled[:, at:at + g] / np.maximum(work, 1e-6), at + g
    weekends, at = pooled[:, at:at + g] / np.maximum(rest, 1e-6), at + g
    squares, at = pooled[:, at:at + g] / days, at + g
    mean = (workdays * work + weekends * rest) / days
    active, at = pooled[:, at:at + 24] / days, at + 24
    score, at = pooled[:, at:at + p], at + p
    scored, at = pooled[:, at:at + p], at + p
    focus, at = pooled[:, at:at + p] / days, at + p
    distraction, at = pooled[:, at:at + p] / days, at + p
    visits, total, first, last = (pooled[:, at + i: at + i + 1] for i in range(4))
    return np.concatenate([
        workdays, weekends, np.sqrt(np.maximum(squares - mean**2, 0.0)), active, score / np.maximum(scored, 1e-6),
        focus, distraction, visits / np.maximum(total, 1e-6), first / days / 24, last / days / 24,
        np.log1p(n) / np.log1p(MOST_DAYS),
    ], axis=1)


def usual_min(history: Array, weekday: Ints) -> Array:
    """(m, 8) minutes by group that the summaries (m, 64) give for a day of that weekday (m,)."""
    g = len(GROUPS)
    return 60 * np.where((weekday < 5)[:, None], history[:, :g], history[:, g:2 * g])


def condition(history: Array, weekday: Ints, goal_min: Array, asked: Array) -> Array:
    """(m, 87) for the generator: `goal_min` (m, 8) is the change against the usual day, `asked` (m, 8) 1 where it counts."""
    return np.concatenate([history, np.eye(7)[weekday], goal_min * asked / 60, asked], axis=1)


def day_focus(score: Array, active_min: Array) -> Array:
    """(n,) mean focus of the scored hours of days (n, 24), each by its active minutes; nan where no hour has a score."""
    weight = np.where(np.isfinite(score), active_min, 0.0)
    total = weight.sum(axis=-1)
    found: Array = np.where(
        total > 0, (np.where(np.isfinite(score), score, 0.0) * weight).sum(axis=-1) / np.maximum(total, 1e-9), np.nan)
    return found


def whole_minutes(minutes: Array) -> Array:
    """Minutes (n, 24, 8) as whole ones, as far as an hour goes: less than half a minute was nothing."""
    rounded = np.rint(minutes)
    over = np.maximum(rounded.sum(axis=-1, keepdims=True) - 60.0, 0.0)
    largest = rounded == rounded.max(axis=-1, keepdims=True)
    first = largest & (np.cumsum(largest, axis=-1) == 1)
    found: Array = np.maximum(rounded - over * first, 0.0)
    return found
