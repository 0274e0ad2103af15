"""A little chance in an order, so that what stands on top can be told from what is liked. Pure.

Who is shown a list takes what stands high in it, and who learns from that puts it there again. So among tasks that are as good as
equally likely to be done next the order is drawn by lot, seldom, and the chance of the order that came out is kept with it
(epsilon-greedy; the propensity of Joachims, Swaminathan and Schnabel 2017). How much a place in the list does, the exponent of

    chance to be looked at at rank r = r to the power of -look

is then learnt from choices among tasks whose order might have been drawn, each weighted by the inverse of the order's propensity,
clipped: as if every order had been as likely, and no task stood high because it is liked (intervention harvesting, Agarwal et al.
2019)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, factorial, log
from typing import NamedTuple

EPSILON = 0.05
"""Share of days on which the order of near ties is drawn by lot."""
TIE = 0.1
"""Log odds of being done next within which tasks are near ties: a tenth more likely at most."""
MOST = 3
"""Tasks in a group: nothing moves by more than two places."""
CLIP = 10.0
"""The most that one choice weighs for its order having been unlikely."""
LOOK, LOOK_SD = 0.5, 0.25
"""The exponent before anything is known, and how sure that is."""
MOST_LOOK = 2.0


class Tie(NamedTuple):
    """A place among near ties: the rank (from 1) of the first of them, how many they are, and the chance of their order."""

    first: int
    size: int
    propensity: float


NO_TIE = (0, 0, 1.0)
"""What is kept for a place whose order nobody drew."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of the exponent: Gaussian."""

    mean: float = LOOK
    precision: float = 1 / LOOK_SD**2


def explored(
    scores: Sequence[float], fixed: Sequence[bool], day: float, lot: Callable[[int], float],
) -> tuple[list[int], dict[int, Tie]]:
    """The order to show of tasks in order of falling scores, by their numbers, and the ties by number. What is `fixed` stays
    where it is. `day` and `lot`, of each task, are even numbers in [0, 1) that stay the same all day."""
    order = list(range(len(scores)))
    ties: dict[int, Tie] = {}
    at = 0
    while at < len(scores):
        end = at + 1
        while end < len(scores) and end - at < MOST and not any(fixed[at:end + 1]) and scores[at] - scores[end] <= TIE:
            end += 1
        size = end - at
        if size > 1:
            group = order[at:end]
            mixed = sorted(group, key=lot) if day < EPSILON else group
            order[at:end] = mixed
            chance = EPSILON / factorial(size) + (1 - EPSILON if mixed == group else 0.0)
            ties |= {i: Tie(at + 1, size, chance) for i in group}
        at = end
    return order, ties


def looked(look: Look, scores: Sequence[float], tie: Tie, places: Sequence[int], chosen: int) -> Look:
    """What a choice among near ties says of the exponent: a Newton step of the conditional logit, its weight that of the order.
    `scores` and `places` (ranks from 1) are those of the tasks in the group, `chosen` the number of the one that was taken."""
    weight = min(CLIP, 1 / (factorial(tie.size) * tie.propensity))
    far = [log(place) for place in places]
    odds = [exp(s - look.mean * f) for s, f in zip(scores, far, strict=True)]
    chance = [o / sum(odds) for o in odds]
    mean = sum(p * f for p, f in zip(chance, far, strict=True))
    spread = sum(p * (f - mean) ** 2 for p, f in zip(chance, far, strict=True))
    precision = look.precision + weight * spread
    step = weight * (mean - far[chosen]) / precision
    return Look(min(MOST_LOOK, max(0.0, look.mean + step)), precision)
