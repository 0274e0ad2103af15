"""What the forest of lengths sees of a task: the evidence of the history beside the estimate, as one row of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log, log1p

import numpy as np

from coach.core.duration import Asked, Evidence

COLUMNS = (
    "estimated", "log_estimate", "round", "near_n", "near_offset", "near_spread", "likeness", "kind_n", "kind_offset", "own_n",
    "own_offset", "near_ratio", "near_ratio_n", "own_ratio", "own_ratio_n", "base_offset", "words", "priority", "shift",
)
"""Offsets are logarithms of minutes over the center."""
BASE = COLUMNS.index("base_offset")
LIKE_IT = 4.0
"""So many finished tasks like it halve what people in general say."""


def row(asked: Asked, found: Evidence, base_log: float) -> list[float]:
    """The columns of one task."""
    center = found.center

    def offset(value: float | None) -> float:
        return 0.0 if value is None else value - center

    return [
        float(asked.estimate_min is not None), log(asked.estimate_min) if asked.estimate_min else 0.0,
        float(bool(asked.estimate_min and asked.estimate_min % 30 == 0)), float(len(found.near)), offset(found.near_log),
        found.near_spread, found.near[0][1] if found.near else 0.0, log1p(found.kind_n), offset(found.kind_log),
        log1p(found.own_n), offset(found.own_log), found.near_ratio or 0.0, float(found.near_ratio_n), found.own_ratio or 0.0,
        log1p(found.own_ratio_n),
        general(found) * (base_log - center), float(len(asked.words)), float(asked.priority or 0), found.correction,
    ]


def general(found: Evidence) -> float:
    """How much of what people in general need the forest sees: less of it the more tasks like it the person has finished, or it
    would draw them all to the people that it was trained on."""
    return LIKE_IT / (LIKE_IT + len(found.alike))


def rows(all_of: Sequence[Sequence[float]]) -> np.ndarray:
    """(n, columns) float32."""
    return np.asarray(all_of, dtype=np.float32).reshape(-1, len(COLUMNS))


def base_log(words: Sequence[str], base: Mapping[str, float], middle: float) -> float:
    """Logarithm of the minutes that people in general need for a title of these words: a ridge on words."""
    return middle + sum(base.get(word, 0.0) for word in words)
