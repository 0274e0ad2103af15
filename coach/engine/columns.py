"""Weeks of the timeline as arrays, from the days that are kept in that shape and the ones that are not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach.core.when import to_ms
from coach.store import kept_days
from coach.store.db import Connection
from coach.store.kept_days import Day

Ints: TypeAlias = NDArray[Any]

_WIDEST = timedelta(hours=16)
"""No clock is further from UTC."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """States in order, each column of shape (n,): times in ms since the epoch, the offset as lived in minutes, the context's id,
    and `said`, a place in `names`: the category that a person said by hand, None where the context's holds."""

    names: tuple[str | None, ...]
    start_ms: Ints
    end_ms: Ints
    offset_min: Ints
    context: Ints
    said: Ints

    def __getitem__(self, rows: Ints | slice) -> Columns:
        return Columns(
            self.names, self.start_ms[rows], self.end_ms[rows], self.offset_min[rows], self.context[rows], self.said[rows])


def columns(db: Connection, start: datetime, end: datetime) -> Columns:
    """The states that begin in [start, end)."""
    names: dict[str | None, int] = {None: 0}
    found = [_arrays(day, names) for day in kept_days.days(db, (start - _WIDEST).date(), (end + _WIDEST).date())]
    if not found:
        return Columns(tuple(names), *(np.zeros(0, dtype=np.int64) for _ in range(5)))
    whole = Columns(tuple(names), *(np.concatenate(column) for column in zip(*found, strict=True)))
    if (whole.start_ms[1:] < whole.start_ms[:-1]).any():  # dates as lived overlap where somebody travelled
        whole = whole[np.argsort(whole.start_ms, kind="stable")]
    low, high = np.searchsorted(whole.start_ms, [to_ms(start), to_ms(end)])
    return whole[int(low):int(high)]


def _arrays(day: Day, names: dict[str | None, int]) -> tuple[Ints, ...]:
    gaps, lengths, offsets, contexts, said = (
        np.frombuffer(column, dtype=np.int32).astype(np.int64) for column in day.columns
    )
    ends = day.first_ms + np.cumsum(gaps + lengths)
    places = np.array([names.setdefault(name, len(names)) for name in day.names], dtype=np.int64)
    return ends - lengths, ends, offsets, contexts, places[said]


def distinct(values: Ints) -> tuple[Ints, Ints]:
    """The values (natural numbers, not much larger than there are) in the order in which they first come, and for each of
    `values` its place among them: `np.unique` without sorting a million rows."""
    if not len(values):
        return values, values
    first = np.full(int(values.max()) + 1, len(values))
    first[values[::-1]] = np.arange(len(values) - 1, -1, -1)
    there = np.flatnonzero(first < len(values))
    there = there[np.argsort(first[there])]
    number = np.zeros(len(first), dtype=np.int64)
    number[there] = np.arange(len(there))
    return there, number[values]
