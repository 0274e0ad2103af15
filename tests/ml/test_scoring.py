"""The measures against their definitions, their libraries and the coverage they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.ml import scoring


def test_an_unseen_truth_is_left_out_and_a_broken_prediction_is_not() -> None:
    assert scoring.rmse([1.0, 5.0, 3.0], [1.0, math.nan, 1.0]) == pytest.approx(math.sqrt(2))
    assert scoring.mae([1.0, math.nan], [2.0, math.nan]) == 1.0
    with pytest.raises(ValueError, match="not a number"):
        scoring.rmse([math.nan, 1.0], [1.0, 1.0])
    with pytest.raises(ValueError, match="2 predictions for 3"):
        scoring.mae([1.0, 1.0], [1.0, 1.0, 1.0])
    assert math.isnan(scoring.brier([], []))


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for trial in range(200):
        found = scoring.interval(list(rng.normal(1.0, 1.0, 50)), n=500, seed=trial)
        held += found.low <= 1.0 <= found.high
    assert 178 <= held <= 199  # 95 % of 200, three standard errors


def test_people_are_drawn_whole() -> None:
    """One person's hundred rows are one piece of evidence: the interval is as wide as that of their means."""
    rng = np.random.default_rng(1)
    means = rng.normal(0, 1, 30)
    rows = [np.full(100, mean) for mean in means]
    whole, single = scoring.interval(rows), scoring.interval(list(means))
    assert whole.n == single.n == 30
    assert whole.high - whole.low == pytest.approx(single.high - single.low, rel=0.02)


def test_a_statistic_of_several_columns() -> None:
    squared = [np.array([[1.0, 4.0], [1.0, 4.0]]), np.array([[4.0, 16.0]])]
    found = scoring.interval(squared, lambda rows: scoring.skill(*np.sqrt(rows.mean(axis=0))))
    assert found.value == pytest.approx(0.5)
    assert found.low == pytest.approx(0.5)


def test_nobody_and_people_without_a_figure() -> None:
    assert scoring.interval([]).n == 0
    assert math.isnan(scoring.interval([math.nan]).value)
    assert scoring.interval([1.0, math.nan, 3.0]).n == 2
    assert scoring.interval([2.0]) == scoring.Interval(2.0, 2.0, 2.0, 1)


def test_pairs_are_of_the_same_people() -> None:
    base = np.random.default_rng(2).normal(0, 10, 40)
    found = scoring.paired(base - 0.1, base)
    assert found.value == pytest.approx(-0.1)
    assert found.high < 0
    with pytest.raises(ValueError, match="not the same people"):
        scoring.paired([1.0], [1.0, 2.0])


def test_skill_and_gap() -> None:
    assert scoring.skill(0.13, 0.18) == pytest.approx(0.2778, abs=1e-4)
    assert scoring.gap_closed(0.1284, 0.1409, 0.1118) == pytest.approx(0.43, abs=0.01)  # MODELS.md 4c
    assert math.isnan(scoring.gap_closed(1, 1, 1))


def test_calibration_of_the_calibrated_and_of_the_sure() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(20_000)
    happened = (rng.random(20_000) < p).astype(float)
    assert scoring.ece(p, happened) < 0.02
    assert scoring.ece(np.ones(100), np.r_[np.ones(60), np.zeros(40)]) == pytest.approx(0.4)
    assert scoring.brier(p, happened) == pytest.approx(1 / 6, abs=0.01)


def test_ranks() -> None:
    assert scoring.auc([0.9, 0.1, 0.8, 0.3], [1, 0, 1, 0]) == 1.0
    assert math.isnan(scoring.auc([0.9, 0.1], [1, 1]))
    assert scoring.average_precision([0.9, 0.8, 0.7], [1, 0, 1]) == pytest.approx((1 + 2 / 3) / 2)
    assert scoring.spearman([1, 2, 3, 4], [1, 4, 9, 16]) == pytest.approx(1.0)
    assert math.isnan(scoring.spearman([1, 1, 1], [1, 2, 3]))
    assert scoring.macro_f1([0, 0, 1, 1], [0, 0, 1, 0]) == pytest.approx((0.8 + 2 / 3) / 2)


@given(st.floats(0.05, 0.95))
def test_the_quantile_has_the_least_pinball_loss(quantile: float) -> None:
    truth = np.random.default_rng(4).normal(0, 1, 2000)
    best = np.quantile(truth, quantile)
    losses = [scoring.pinball(np.full(2000, best + shift), truth, quantile) for shift in (-0.3, 0.0, 0.3)]
    assert min(losses) == losses[1]


def test_coverage_counts_the_ends() -> None:
    assert scoring.coverage([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [1.0, 2.0, math.nan]) == 0.5
