"""An order made by hand: each thing has a place, a number; moving one past another gives it a place between two others."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

FIELD = "order"
"""The name under which a task keeps its place among its other fields (`extra`)."""

_EPOCH_S = 1_577_836_800
"""2020: small numbers leave more room between two places."""


def place(order: float | None, created_ms: int, num: int) -> float:
    """The place that was given by hand, else one by age: what is new comes last."""
    return order if order is not None else created_ms / 1000 - _EPOCH_S + num * 1e-6


def moved(places: Sequence[float], at: int, to: int) -> dict[int, float]:
    """New places, by index into `places` (which rise), after what stands at `at` was moved to `to`: mostly one. Where there
    is no room between two places, as few of their neighbours as possible move apart."""
    order = list(range(len(places)))
    order.insert(to, order.pop(at))
    first = last = to
    while True:
        low = places[order[first - 1]] if first > 0 else None
        high = places[order[last + 1]] if last + 1 < len(order) else None
        found = _spread(low, high, last - first + 1)
        if found:
            return dict(zip(order[first : last + 1], found, strict=True))
        first, last = max(0, first - 1), min(len(order) - 1, last + 1)


def _spread(low: float | None, high: float | None, count: int) -> list[float] | None:
    """`count` rising places between two; None where they do not fit."""
    if low is None and high is None:
        return [float(n) for n in range(count)]
    if low is None:
        assert high is not None
        found = [high - count + n for n in range(count)]
    elif high is None:
        found = [low + n + 1 for n in range(count)]
    else:
        found = [low + (high - low) * (n + 1) / (count + 1) for n in range(count)]
    edges = [*([] if low is None else [low]), *found, *([] if high is None else [high])]
    return found if all(a < b for a, b in pairwise(edges)) else None
