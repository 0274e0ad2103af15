"""Differences between groups of days that follow one another."""

from __future__ import annotations

import random

import pytest

from coach.core import contrast


def test_a_difference_has_its_interval_and_both_n() -> None:
    found = contrast.between([0.5, 0.6, 0.5, 0.6, 0.3, 0.4, 0.3, 0.4], [True] * 4 + [False] * 4, 3)
    assert found is not None
    assert found.value == pytest.approx(0.2)
    assert found.low < 0.2 < found.high
    assert (found.n, found.other_n) == (4, 4)


def test_too_few_on_a_side_say_nothing() -> None:
    assert contrast.between([0.1, 0.2, 0.3], [True, False, False], 2) is None
    assert contrast.between([], [], 1) is None
    assert contrast.from_zero([0.1], 2) is None


def test_days_without_spread_are_no_certainty() -> None:
    found = contrast.between([0.5] * 8, [True, False] * 4, 3)
    assert found is not None
    assert found.p == 1.0


def test_a_drift_does_not_pass_for_a_difference() -> None:
    values = [0.01 * i for i in range(40)]
    halves, mixed = [i >= 20 for i in range(40)], [i % 2 == 0 for i in range(40)]
    drifting, plain = contrast.between(values, halves, 5), contrast.between(values, mixed, 5)
    assert drifting is not None
    assert plain is not None
    width = drifting.high - drifting.low
    steady = contrast.between(random.Random(1).sample(values, 40), halves, 5)
    assert steady is not None
    assert width > 1.5 * (steady.high - steady.low), "neighbouring days that are alike widen the interval"


def test_the_interval_holds_nothing_95_times_in_100() -> None:
    draws, missed = random.Random(7), 0
    for _ in range(400):
        level, values = 0.0, []
        for _ in range(50):
            level = 0.5 * level + draws.gauss(0, 1)
            values.append(level)
        found = contrast.between(values, [i >= 25 for i in range(50)], 5)
        assert found is not None
        missed += not found.low <= 0 <= found.high
    assert missed / 400 < 0.1


@pytest.mark.parametrize(("values", "wanted"), [([], 0.0), ([1, 1, 1], 0.0), ([1, -1] * 10, -0.95), (list(range(20)), 0.85)])
def test_lag_one(values: list[float], wanted: float) -> None:
    assert contrast.lag_one(values) == pytest.approx(wanted, abs=0.01)
