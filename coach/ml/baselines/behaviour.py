"""What the hazard of completion must beat: the person's own share so far, and a logistic regression on five features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from coach.core.completion import COLUMNS

FIVE = tuple(COLUMNS.index(name) for name in ("due", "age", "priority", "snoozed", "pace"))
FAR_DAYS = 30.0


def logits(card: Mapping[str, Any], rows: Sequence[Sequence[float]]) -> list[float]:
    """Log odds of each row by the card's logistic regression."""
    known = card["logistic"]
    table = np.asarray(rows, dtype=np.float64).reshape(-1, len(COLUMNS))[:, list(FIVE)]
    table[:, 0] = np.where(table[:, 0] < -90, FAR_DAYS, table[:, 0])
    scaled = (table - np.asarray(known["mean"])) / np.asarray(known["scale"])
    found: list[float] = (scaled @ np.asarray(known["weights"]) + known["intercept"]).tolist()
    return found
