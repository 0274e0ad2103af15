"""Near ties in an order that is drawn by lot: seldom, never far, with the chance that it came out so."""

from __future__ import annotations

from collections import Counter
from math import exp, factorial, log
from random import Random

import pytest

from coach.core import exploring
from coach.core.exploring import EPSILON, MOST, TIE, Look, Tie, explored, looked


def drawn(scores: list[float], fixed: list[bool], seed: int) -> tuple[list[int], dict[int, Tie]]:
    dice = Random(seed)
    return explored(scores, fixed, dice.random(), [dice.random() for _ in scores].__getitem__)


def test_only_near_ties_move_and_what_is_fixed_stays() -> None:
    scores = [2.0, 1.95, 1.92, 1.91, 0.5, 0.45, 0.0]
    fixed = [False, False, False, False, False, True, False]
    for seed in range(300):
        order, ties = drawn(scores, fixed, seed)
        assert sorted(order) == list(range(7))
        assert order[3:] == [3, 4, 5, 6]  # a group has three at most, and what is alone stays
        assert {i: tie.first for i, tie in ties.items()} == {0: 1, 1: 1, 2: 1}
        assert all(abs(scores[i] - scores[order[i]]) <= TIE for i in range(7))


def test_an_order_comes_out_as_often_as_its_propensity_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exploring, "EPSILON", 0.3)
    seen: Counter[tuple[int, ...]] = Counter()
    said: dict[tuple[int, ...], float] = {}
    for seed in range(6000):
        order, ties = drawn([1.0, 0.99, 0.98], [False] * 3, seed)
        seen[tuple(order)] += 1
        said[tuple(order)] = ties[0].propensity
    assert sum(said.values()) == pytest.approx(1.0)
    for order, chance in said.items():
        assert seen[order] / 6000 == pytest.approx(chance, abs=0.02)


def test_an_order_is_drawn_on_one_day_in_twenty() -> None:
    _, ties = drawn([1.0, 1.0], [False, False], 1)
    assert ties[0] == Tie(1, 2, 1 - EPSILON / 2)
    moved = sum(drawn([1.0, 1.0], [False, False], seed)[0] == [1, 0] for seed in range(4000))
    assert moved / 4000 == pytest.approx(EPSILON / 2, abs=0.01)
    assert drawn([], [], 0) == ([], {})
    assert MOST == 3


@pytest.mark.parametrize("truth", [0.0, 1.0])
def test_the_exponent_is_found_though_what_is_liked_stands_on_top(truth: float) -> None:
    """The likelier of two stands on top but for one order in twenty, and the scores that are learnt from know nothing of it."""
    random, look = Random(3), Look()
    for _ in range(6000):
        swapped = random.random() < EPSILON / 2
        places = [2, 1] if swapped else [1, 2]
        odds = [exp(s - truth * log(r)) for s, r in zip((0.3, 0.0), places, strict=True)]
        chosen = 0 if random.random() < odds[0] / sum(odds) else 1
        chance = EPSILON / 2 if swapped else 1 - EPSILON / 2
        look = looked(look, [0.0, 0.0], Tie(1, 2, chance), places, chosen)
    assert look.mean == pytest.approx(truth, abs=0.3)
    assert look.precision > Look().precision


def test_without_chance_in_the_order_a_choice_says_only_what_its_order_may() -> None:
    certain = looked(Look(), [0.0, 0.0], Tie(1, 2, 1 - EPSILON / 2), [1, 2], 0)
    rare = looked(Look(), [0.0, 0.0], Tie(1, 2, EPSILON / 2), [2, 1], 1)
    assert certain.mean > Look().mean
    assert rare.mean - Look().mean > 5 * (certain.mean - Look().mean)
    assert 1 / (factorial(2) * EPSILON / 2) > exploring.CLIP
