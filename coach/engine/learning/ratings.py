"""How a person's ratings weigh the days that a model learns from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from coach.core.errors import InvalidInput
from coach.engine.learning.kinds import kind
from coach.store import predictions
from coach.store.db import Connection


def rate(db: Connection, name: str, day: date, rating: int, now: datetime) -> None:
    """1 to 5 for what the model said of a day. Raises NotFound, InvalidInput."""
    kind(name)
    if not 1 <= rating <= 5:
        raise InvalidInput(f"{rating} is no rating", "1 (useless) to 5 (just right)")
    predictions.rate(db, name, day, rating, now)


def weight(rating: int) -> float:
    """The factor of an example: 2 for a 1, 1 for a 3, 1/2 for a 5. What the model got wrong is learnt from more; a rating never
    is the label itself (MODELS.md 1.12)."""
    return float(2 ** ((3 - rating) / 2))


def weights(db: Connection, name: str, days: Sequence[date]) -> list[float]:
    """A factor for each day, 1 where it was not rated."""
    found = predictions.ratings(db, name, min(days)) if days else {}
    return [weight(found[day]) if day in found else 1.0 for day in days]
