"""How a simulated person answers suggestions: what they take of a list, and how they rate what they were given.

The first of a list is looked at more kindly (position bias), each further question of a day less gladly (fatigue), and a rating
is the true utility with noise, given by one in five."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from typing import TYPE_CHECKING

from coach.simulation.person import Person

if TYPE_CHECKING:
    from numpy.random import Generator

STEEP = 6.0
"""How sharply a suggestion's utility, 0 to 1, around the person's indifference at 0.5, decides."""
TIRES = 0.15
"""By which the wish to answer falls with each question asked before on that day, in log odds."""
RATES = 0.2
"""Share of things that get a rating."""
RATING_SD = 0.8
"""Of a rating around its true value, in stars."""


def taken(person: Person, utilities: Sequence[float], asked_before: int, rng: Generator) -> int | None:
    """Index of the suggestion that is taken of a list shown in this order, None when all are passed over: each in turn is taken
    with odds exp(6 (utility - 0.5) + bias / rank - 0.15 asked_before)."""
    for i, utility in enumerate(utilities):
        wish = STEEP * (utility - 0.5) + person.position_bias / (i + 1) - TIRES * asked_before
        if rng.random() < 1 / (1 + exp(-wish)):
            return i
    return None


def rating(utility: float, rng: Generator) -> int | None:
    """1 to 5 stars for something of that utility, 0 to 1; None, as mostly, when it is not rated."""
    if rng.random() >= RATES:
        return None
    stars = 1 + 4 * utility + RATING_SD * float(rng.standard_normal())
    return int(min(5, max(1, round(stars))))
