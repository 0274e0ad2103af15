"""How much of a line is heard, from the ratings that it and its kind got. Pure.

A rating is 1 to 5. A cell, the lines of one situation in one mode, starts at a mean of 3.5 with the weight of two ratings; a
line starts at its cell's mean with the weight of one (shrinkage to the prior mean, as in empirical Bayes). From 3 up a line is
heard as any other; below, its weight falls in a straight line to a floor at 1, so that taste may change."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from coach.core.lines import origin

PRIOR = 3.5
CELL_STRENGTH = 2.0
LINE_STRENGTH = 1.0
FLOOR = 0.05
FULL = 3.0


@dataclass(frozen=True, slots=True)
class Rated:
    """A nudge that was rated, 1 to 5."""

    situation: str
    mode: str
    text: str
    rating: float


def cell_mean(situation: str, mode: str, rated: Iterable[Rated]) -> float:
    """What to expect of a rating of this cell's next line."""
    found = [r.rating for r in rated if (r.situation, r.mode) == (situation, mode)]
    return (CELL_STRENGTH * PRIOR + sum(found)) / (CELL_STRENGTH + len(found))


def weight(mean: float) -> float:
    """The chance, FLOOR to 1, that what has this mean rating is considered at its turn."""
    return min(1.0, max(FLOOR, (mean - 1.0) / (FULL - 1.0)))


def mode_heard(situation: str, mode: str, rated: Sequence[Rated], seed: str) -> str:
    """The mode to speak in where nobody asked for one: a cell rated low gives way to a plainer one, the more often the lower."""
    if random.Random(seed).random() < weight(cell_mean(situation, mode, rated)):
        return mode
    return "minimalist" if mode == "neutral" else "neutral"


def weights(lines: Sequence[str], situation: str, mode: str, rated: Sequence[Rated]) -> dict[str, float]:
    """The weight of each line of a cell, placeholders still in it."""
    mean = cell_mean(situation, mode, rated)
    heard: dict[str, list[float]] = {}
    for one in rated:
        if one.situation == situation and (line := origin(lines, one.text)) is not None:
            heard.setdefault(line, []).append(one.rating)
    return {
        line: weight((LINE_STRENGTH * mean + sum(own)) / (LINE_STRENGTH + len(own)))
        for line in lines for own in (heard.get(line, []),)
    }
