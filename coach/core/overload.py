"""Whether what is due fits into the time that is left. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from coach.core.slots import merged


def unfit(
    dues: Iterable[tuple[datetime, float]], work: Sequence[tuple[datetime, datetime]],
    busy: Iterable[tuple[datetime, datetime]], now: datetime,
) -> int:
    """How many of the (due, minutes) do not fit into the working stretches from now on that nothing busy takes.

    Earliest due first, the shorter first among equals, each whole or not at all: with one worker, no order places all of them
    where this one does not (earliest-due-date order, Jackson 1955)."""
    taken = merged(busy)
    free = [part for start, end in work if end > now for part in _without(max(start, now), end, taken)]
    planned_min, left_out = 0.0, 0
    for due, minutes in sorted(dues):
        room_min = sum(max(0.0, (min(end, due) - start).total_seconds()) for start, end in free) / 60
        if planned_min + minutes > room_min + 1e-9:
            left_out += 1
        else:
            planned_min += minutes
    return left_out


def _without(
    start: datetime, end: datetime, taken: Iterable[tuple[datetime, datetime]],
) -> list[tuple[datetime, datetime]]:
    found, at = [], start
    for low, high in taken:
        if low >= end or high <= at:
            continue
        if low > at:
            found.append((at, low))
        at = max(at, high)
    return [*found, (at, end)] if at < end else found
