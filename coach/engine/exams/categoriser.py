"""`coach models evaluate categoriser`: the shipped model, its members and its baseline by cross-validation on the corpus, and
on a file of other people's titles with `--data`. There are no simulated titles: a grammar's would only measure the grammar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coach.config import shipped
from coach.core.errors import Unavailable
from coach.ml import card as cards


def exam(users: int, family: str, seed: int, progress: Callable[[str], None]) -> dict[str, Any]:
    """What cross-validation said when the model was made. Titles are no people: `users`, `family` and `seed` change nothing.
    Raises Unavailable without a card."""
    card = cards.read(shipped("models", "categoriser"))
    if not card:
        raise Unavailable("the categoriser's card is missing", "coach lab pretrain categoriser")
    progress("titles of the corpus, each told by members that had seen neither it nor those written next to it")
    kept = ("data", "cross_validation", "thresholds", "weights", "temperature", "held_out", "metrics", "confusion")
    figures = {key: card[key] for key in kept if key in card}
    return {"name": "categoriser", "source": "cross-validation kept in the card", **figures}
