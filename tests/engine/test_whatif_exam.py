"""The exam of the what-if on two people, and the parts that it is made of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coach.config import shipped
from coach.engine import whatif
from coach.engine.exams import whatif as exams
from coach.engine.exams import whatif_days
from coach.engine.pretraining import whatif as pretraining
from coach.engine.pretraining.whatif_people import Truth, simulated
from coach.ml import whatif as serving
from coach.ml.features.whatif import CALLS, MESSAGES, SOCIAL


def test_an_intervention_changes_the_days_after_the_history_only() -> None:
    life = simulated(1_000_001, 40, "A", 15, ["distraction -60"])
    again = simulated(1_000_001, 40, "A", 15, ["distraction -60"])
    (truth,) = life.truths
    assert truth.gain == again.truths[0].gain > 0
    assert np.nansum(truth.change_min) < 0
    assert np.isfinite(truth.change_min).sum() == 3
    assert 0 < life.known < len(life.days)


def test_days_come_back_from_their_cache() -> None:
    days = [simulated(seed, 12, "A").days for seed in (1, 2)]
    back = pretraining.unpacked(pretraining.packed(days))
    assert [len(d) for d in back] == [len(d) for d in days]
    assert np.allclose(back[1].minutes, days[1].minutes, atol=0.05)
    assert pretraining.digest(days) == pretraining.digest(days) != pretraining.digest(days[:1])


def test_two_people_are_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exams, "KNOWN", 30)
    monkeypatch.setattr(exams, "AHEAD", 24)
    monkeypatch.setattr(exams, "COLD_START_DAYS", (0, 7))
    found = exams.exam(2, "B")
    assert found["users"] == 2
    assert found["days"]["net"]["goal_error_min"]["value"] < 15
    assert found["gain"]["net"]["gain_mae"]["value"] < 0.05
    assert set(found["cold_start"]["0"]) == {"net"}
    kept = exams.summed_up(found)
    assert kept["model"]["frechet"]["n"] == 2
    assert "resampling" in kept["baselines"]


def test_who_serves_follows_from_the_exam() -> None:
    def found(high: float, told_apart: float) -> dict[str, object]:
        return {"net_minus_resampling_mae": {"high": high}, "days": {"net": {"two_sample_auc": {"high": told_apart}}}}

    assert exams.serves([found(-0.001, 0.6), found(-0.002, 0.65)]) == "model"
    assert exams.serves([found(-0.001, 0.6), found(0.001, 0.65)]) == "baseline"
    assert exams.serves([found(-0.001, 0.8)]) == "baseline"


def test_real_days_pass_for_real_ones() -> None:
    rng = np.random.default_rng(0)
    pairs = [np.column_stack([rng.standard_normal((60, 64)), np.arange(60) % 2]) for _ in range(5)]
    rows = np.vstack(pairs)
    assert whatif_days.distance(rows) == pytest.approx(whatif_days.floor(rows), rel=0.5)
    judged = np.vstack(whatif_days.told_apart(pairs, boosted=False))
    assert exams._auc(judged) == pytest.approx(0.5, abs=0.1)
    shifted = [p + np.repeat([0.0, 2.0, 0.0], (32, 32, 1)) for p in pairs]
    assert exams._auc(np.vstack(whatif_days.told_apart(shifted, boosted=False))) > 0.95


def test_what_the_response_misses_of_interventions_is_learnt() -> None:
    known = replace(whatif.shipped_known(), beyond=np.zeros(8))
    lives = []
    for seed in (3, 4):
        life = simulated(seed, 40, "A")
        own, change = life.days[:30], np.full(8, np.nan)
        change[MESSAGES] = -20.0
        said = serving.with_own_days(own, known, change)
        truth = Truth("planted", change, said.gain - 0.0004 * float(said.reachable_min.sum()))
        lives.append(replace(life, known=30, truths=(truth,)))
    beyond = pretraining._beyond(lives, known)
    assert beyond[MESSAGES] == pytest.approx(-0.0004, rel=0.01)
    assert not np.delete(beyond, MESSAGES).any()


def test_an_interval_is_widened_by_what_its_groups_needed() -> None:
    known, of = whatif.shipped_known(), simulated(5, 20, "A")
    asked = {group: np.where(np.arange(8) == group, -10.0, np.nan) for group in (MESSAGES, SOCIAL)}
    life = replace(of, known=20, truths=tuple(Truth("planted", change, 0.0) for change in asked.values()))
    said = {group: serving.with_own_days(of.days, known, change) for group, change in asked.items()}
    needed = {MESSAGES: 3.0, SOCIAL: 0.5}
    truths = tuple(
        Truth("planted", change, said[group].gain + needed[group] * (said[group].high - said[group].gain))
        for group, change in asked.items()
    )
    found = pretraining._widening(
        [replace(life, truths=truths)] * 3, known, lambda days, change, own: serving.with_own_days(days, known, change, own))
    assert found[MESSAGES] == pytest.approx(3.0, abs=0.01)
    assert found[SOCIAL] == pytest.approx(0.5, abs=0.01)
    assert 0.5 < found[CALLS] <= 3.0


def test_the_quantile_of_few_people_is_taken_for_sure() -> None:
    rng = np.random.default_rng(0)
    few, many = (np.column_stack([np.arange(n), np.abs(rng.standard_normal(n))]) for n in (30, 3000))
    assert pretraining._surely(many) == pytest.approx(1.28, abs=0.1)
    assert pretraining._surely(few) > np.quantile(few[:, 1], 0.8)


def test_a_generator_is_judged_on_people_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretraining, "HELD_OUT", 2)
    monkeypatch.setattr(pretraining, "DAYS", 50)
    monkeypatch.setattr(pretraining, "AHEAD", 20)
    days = [simulated(seed, 45, "A").days for seed in (1, 2)]
    calibration = pretraining.calibrated(days, 0)
    stocked = serving.known({"calibration": calibration}).stock
    assert 0 < (stocked.weekday < 5).sum() < len(stocked)
    judged = pretraining.judge(pretraining.held_out(0, lambda words: None), calibration)
    good, bad = serving.load(shipped("models", "whatif")), serving.load(shipped("models", "whatif"))
    assert judged(good) < judged(replace(bad, session=Nothing()))


class Nothing:
    """A net whose days are empty."""

    def run(self, names: list[str], fed: dict[str, np.ndarray]) -> list[np.ndarray]:
        n = len(fed["noise"])
        return [np.zeros((n, 24, 8)), np.zeros((n, 24))]
