"""The exam of patterns: its measures against scikit-learn's, its people, and a small exam from end to end."""

from __future__ import annotations

import json

import numpy as np
import pytest

from coach.config import shipped
from coach.core.errors import InvalidInput
from coach.engine.exams import patterns as exams
from coach.engine.pretraining import patterns as pretraining
from coach.ml import habits
from coach.ml.features.patterns import PATTERNS, days_of
from coach.simulation import habits as simulated
from tests.bench import cold_start


def test_measures_are_those_of_the_field() -> None:
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(0)
    truth = (rng.random(300) < 0.2).astype(float)
    score = np.round(truth * 0.3 + rng.random(300), 1)  # with ties
    rows = np.stack([truth, score, (score > 0.8).astype(float)], axis=1)
    assert exams.average_precision(rows) == pytest.approx(average_precision_score(truth, score))
    assert exams.recall(rows) == pytest.approx(rows[truth > 0.5, 2].mean())
    best = max(truth[score >= t].mean() for t in np.unique(score) if truth[score >= t].sum() >= 0.7 * truth.sum())
    assert exams.precision_at_recall(rows) == pytest.approx(best)
    assert np.isnan(exams.average_precision(rows[truth < 0.5]))


def test_simulator_and_detector_name_the_same_patterns() -> None:
    assert simulated.PATTERNS == PATTERNS


def test_a_simulated_person_is_seen_as_a_real_one_would_be() -> None:
    one, again = (pretraining.person(7, "A", days=30) for _ in range(2))
    assert one.dates == again.dates
    np.testing.assert_array_equal(one.truth, again.truth)
    assert len(one.dates) == len(one.weekend) == len(one.truth) == int(one.stretches.day.max()) + 1
    assert np.isnan(one.truth[one.weekend, :7]).all()
    assert np.isfinite(one.truth[~one.weekend, :7]).all()
    active_h = days_of(one.stretches, one.weekend).context[:, 1] * 10
    assert 4 < np.median(active_h[~one.weekend]) < 12
    assert np.nansum(pretraining.person(7, "placebo", days=30).truth) == 0


@pytest.mark.slow
def test_a_small_exam(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exams, "TEACHERS", 6)
    monkeypatch.setattr(exams, "RESAMPLES", 20)
    found = exams.exam(3, "A", 1_000_000, lambda words: None)
    json.dumps(found)
    for noise in ("clean", "noisy"):
        assert found[noise].keys() == {"model", "rules", "boosting", "nearest"}
        assert found[noise]["model"]["by_pattern"].keys() == set(PATTERNS)
    assert found["clean"]["model"]["ap"]["value"] > 0.6
    assert found["noisy"]["rules"]["model_ahead_by_ap"]["n"] == 3
    assert set(found["bars"]) >= {"accuracy", "precision_at_recall_0.70", "ap_over_rules_at_30_percent_noise"}
    kept = exams.summed_up(found)
    assert set(kept["clean"]) == set(kept["noisy"]) == {"model", "rules", "boosting", "nearest"}
    assert set(kept["clean"]["model"]["ap_by_pattern"]) == set(PATTERNS)
    with pytest.raises(InvalidInput):
        exams.exam(3, "A", 5, lambda words: None)
    with pytest.raises(InvalidInput):
        exams.exam(0, "A", 1_000_000, lambda words: None)


def test_the_last_days_of_a_person_are_numbered_anew() -> None:
    whole = pretraining.person(7, "A", days=30)
    few = exams.last(whole, 3)
    assert few.dates == whole.dates[-3:]
    assert set(few.stretches.day.tolist()) == {0, 1, 2}
    assert few.stretches.length_h.sum() == pytest.approx(
        whole.stretches.length_h[whole.stretches.day >= len(whole.weekend) - 3].sum())
    assert exams.last(whole, 0).dates == ()


def test_what_is_shown_is_split_by_what_the_person_has() -> None:
    one = pretraining.person(7, "A", days=30)
    truth = np.nan_to_num(one.truth)
    found = habits.Found(truth, truth > 0.5, dict.fromkeys(PATTERNS, 0.01))
    assert exams._shown([one], [found], has=False).value == 0.0
    assert exams._shown([one], [found], has=True).value > 0.0
    never = habits.Found(truth, np.zeros_like(truth, dtype=bool), {})
    assert exams._shown([one], [never], has=True).value == 0.0


def test_the_readmes_curves_are_those_of_the_cards() -> None:
    assert shipped("data", "cold_start.svg").read_text(encoding="utf-8") == cold_start.picture(cold_start.panels())
