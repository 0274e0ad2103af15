"""What a person's other days say about one of them."""

from __future__ import annotations

import numpy as np
import pytest

from coach.ml.features.patterns import PATTERNS
from coach.ml.recurrence import EVIDENCE, RULE_LOGIT, evidence, fitted, logits, probabilities

DAYS = 20
WEEKDAY = np.arange(DAYS) % 7
WEEKEND = WEEKDAY >= 5
MAIL, SPILL = PATTERNS.index("email_loop"), PATTERNS.index("weekend_spill")


def quiet() -> np.ndarray:
    return np.full((DAYS, len(PATTERNS)), -6.0)


def test_a_day_says_nothing_of_itself_through_the_others() -> None:
    rng = np.random.default_rng(3)
    logit = rng.normal(-3, 3, (DAYS, len(PATTERNS)))
    before = evidence(logit, WEEKEND, WEEKDAY)
    for day in range(DAYS):
        other = logit.copy()
        other[day] += 5
        after = evidence(other, WEEKEND, WEEKDAY)
        np.testing.assert_allclose(after[day, :, 1:], before[day, :, 1:], atol=1e-6)
        assert np.abs(after - before)[:, :, 1].max() > 0.01


def test_a_habit_of_that_weekday_weighs_more_than_one_of_others() -> None:
    logit = quiet()
    logit[WEEKDAY == 1, MAIL] = 4.0
    told = evidence(logit, WEEKEND, WEEKDAY)[:, MAIL]
    column = EVIDENCE.index("share of that weekday")
    assert told[WEEKDAY == 1, column].min() > told[WEEKDAY == 2, column].max() + 1
    unknown = evidence(logit, WEEKEND)[:, MAIL]
    np.testing.assert_allclose(unknown[:, column], unknown[:, EVIDENCE.index("share of other days")])


def test_days_on_which_a_pattern_cannot_be_do_not_count() -> None:
    logit = quiet()
    logit[~WEEKEND, SPILL] = 9.0
    assert evidence(logit, WEEKEND, WEEKDAY)[WEEKEND, SPILL, 1].max() < -1


def test_one_day_and_sureness_without_end_have_finite_evidence() -> None:
    for logit in (np.full((1, len(PATTERNS)), 1e9), np.full((1, len(PATTERNS)), -1e9)):
        told = evidence(logit, np.array([False]), np.array([0]))
        assert np.isfinite(told).all()
        np.testing.assert_allclose(told[0, :, EVIDENCE.index("other days as a rule")], RULE_LOGIT)
    assert np.isfinite(logits(np.array([0.0, 1.0]))).all()


def test_a_doubtful_day_of_somebody_with_the_habit_is_believed_sooner() -> None:
    rng = np.random.default_rng(0)
    told, truth = [], []
    for person in range(60):
        there = (rng.random((DAYS, len(PATTERNS))) < 0.5) & (person % 2 == 0)
        told.append(evidence(rng.normal(np.where(there, 0.5, -1.5), 1.5), WEEKEND, WEEKDAY))
        truth.append(there.astype(np.float32))
    weights = np.array(fitted(np.concatenate(told), np.concatenate(truth)))
    mine, theirs = quiet(), quiet()
    mine[::2] = 2.0
    mine[0] = theirs[0] = 0.0
    believed = probabilities(mine, WEEKEND, WEEKDAY, weights)[0, MAIL]
    doubted = probabilities(theirs, WEEKEND, WEEKDAY, weights)[0, MAIL]
    assert believed > 0.5 > doubted


@pytest.mark.parametrize("same", [0.0, 1.0])
def test_nothing_is_fitted_where_all_are_alike(same: float) -> None:
    told = evidence(quiet(), WEEKEND, WEEKDAY)
    weights = fitted(told, np.full((DAYS, len(PATTERNS)), same, dtype=np.float32))
    assert weights == [[0.0, 1.0, 0.0, 0.0, 0.0]] * len(PATTERNS)
    said = probabilities(quiet(), WEEKEND, WEEKDAY, np.array(weights))
    np.testing.assert_allclose(said, 1 / (1 + np.exp(6)), rtol=1e-4)
