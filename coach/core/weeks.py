"""A week of a person as a few numbers, whose groups are modes: calm weeks, weeks before a deadline, weeks of meetings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import nan

from coach.core import stats
from coach.core.completion import Life, late_from

VERSION = 1
"""Of the features; a snapshot of another version says something else."""
WEEK_FEATURES = ("done", "added", "snoozed", "on time", "last minute", "wait days", "scored hours", "focus", "focus spread")
"""Tasks done, added and put off; shares of those done that were on time, and only in the last fifth of their time or late; days
from creation to completion (median); hours with a focus score, their mean and the spread between them."""


@dataclass(frozen=True, slots=True)
class Modes:
    """Groups of weeks. `labels` by week, empty where there are no stable modes; `centers` (modes, features) in the features' own
    units, NaN where nothing is known. `ari` is the mean agreement over bootstraps, None where it was not asked for; `why` says
    what decided."""

    labels: tuple[int, ...]
    centers: tuple[tuple[float, ...], ...]
    ari: float | None
    why: str


def snapshot(lives: Sequence[Life], focus: Sequence[float], monday: date) -> tuple[float, ...]:
    """The week from `monday` on, in the order of WEEK_FEATURES; NaN where there is nothing to say. `focus` are the scores of its
    hours."""
    sunday = monday + timedelta(days=6)
    done = [one for one in lives if one.done and one.ended is not None and monday <= one.ended <= sunday]
    dated = [(one, one.due) for one in done if one.due is not None]
    waits = [float((one.ended - one.created).days) for one in done if one.ended is not None]
    mean = sum(focus) / len(focus) if focus else nan
    return (
        float(len(done)), float(sum(monday <= one.created <= sunday for one in lives)),
        float(sum(monday <= day <= sunday for one in lives for day, _ in one.snoozed)),
        _share([one.ended is not None and one.ended <= due for one, due in dated]),
        _share([one.ended is not None and one.ended >= late_from(one.created, due) for one, due in dated]),
        stats.median(waits) if waits else nan, float(len(focus)), mean,
        (sum((x - mean) ** 2 for x in focus) / len(focus)) ** 0.5 if focus else nan,
    )


def mondays(first: date, today: date) -> list[date]:
    """Of the weeks that are over, from the one after `first` on."""
    start = first + timedelta(days=(7 - first.weekday()) % 7)
    return [start + timedelta(weeks=n) for n in range(max(0, (today - start).days // 7))]


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else nan
