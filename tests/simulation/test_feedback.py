"""Answers of simulated people: utility decides, position and fatigue lean on it, and few rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coach.simulation.feedback import rating, taken
from coach.simulation.person import make_person

PERSON = make_person(np.random.default_rng(1), "developer")


def share(utilities: list[float], index: int | None, asked: int = 0, bias: float = 0.0) -> float:
    who, rng = replace(PERSON, position_bias=bias), np.random.default_rng(2)
    return float(np.mean([taken(who, utilities, asked, rng) == index for _ in range(2000)]))


def test_better_suggestions_are_taken_more_often() -> None:
    assert share([0.9], 0) > share([0.5], 0) + 0.25 > share([0.1], 0) + 0.5
    assert share([], None) == 1


def test_position_helps_and_questions_tire() -> None:
    assert share([0.5, 0.5], 0, bias=2.0) > share([0.5, 0.5], 0) + 0.2
    assert share([0.5], 0, asked=10) < share([0.5], 0) - 0.2


def test_one_in_five_is_rated_by_what_it_is_worth() -> None:
    rng = np.random.default_rng(3)
    good, bad = ([rating(u, rng) for _ in range(3000)] for u in (0.9, 0.2))
    assert 0.15 < np.mean([r is not None for r in good]) < 0.25
    stars = [np.mean([r for r in some if r is not None]) for some in (good, bad)]
    assert stars[0] > stars[1] + 2
    assert {r for r in good + bad if r is not None} <= {1, 2, 3, 4, 5}
