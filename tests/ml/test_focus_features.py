"""The focus forecast's features: causal, finite, and the same whether built in one go or up to an hour of issue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.ml.baselines import focus as baselines
from coach.ml.features import focus as features
from coach.ml.features.focus import Series
from coach.ml.features.focus_profile import decayed

PRIOR = baselines.UNINFORMED


def person(days: int = 40, seed: int = 0, level: float = 0.5) -> Series:
    """Active from 9 to 17 on weekdays, focused in the morning, with a meeting on Tuesdays at ten that costs focus."""
    rng = np.random.default_rng(seed)
    hour = np.tile(np.arange(24), (days, 1))
    weekday = np.arange(days)[:, None] % 7
    active = np.where((hour >= 9) & (hour < 17) & (weekday < 5), rng.uniform(20, 60, (days, 24)), 0.0)
    meeting = np.zeros((days + 2, 24))
    meeting[1::7, 10] = 1.0
    score = level + 0.2 * (hour < 12) - 0.2 * meeting[:days] + rng.normal(0, 0.05, (days, 24))
    score = np.where(active >= 10, score, np.nan)
    visits = np.where(active > 0, rng.poisson(30, (days, 24)), 0).astype(float)
    return Series(0, score, active, np.where(active > 0, 0.6, 0.0), visits, meeting, np.full((days + 2, 24), 0.3))


def empty(days: int) -> Series:
    nothing = np.zeros((days, 24))
    return Series(3, np.full((days, 24), np.nan), nothing, nothing, nothing, np.zeros((days + 2, 24)), np.zeros((days + 2, 24)))


def cut(series: Series, hour: int) -> Series:
    """What was known at `hour`: the rest of that day not yet lived."""
    days = hour // 24 + 1
    kept = [np.array(x[:days]) for x in (series.score, series.active, series.level, series.visits)]
    for x, fill in zip(kept, (np.nan, 0.0, 0.0, 0.0), strict=True):
        x.reshape(-1)[hour:] = fill
    return replace(series, score=kept[0], active=kept[1], level=kept[2], visits=kept[3], meeting=series.meeting[: days + 2],
                   deadline=series.deadline[: days + 2])


@pytest.mark.parametrize("hour", [24 * 20 + 7, 24 * 33 + 12, 24 * 9])
def test_nothing_at_an_hour_of_issue_stands_on_later_hours(hour: int) -> None:
    series = person()
    whole, before = features.state(series, PRIOR), features.state(cut(series, hour), PRIOR)
    issues = np.array([hour])
    assert np.allclose(features.future(whole, issues), features.future(before, issues))
    window = features.window(features.encoder(whole), hour)
    assert np.allclose(window, features.window(features.encoder(before), hour))
    assert np.allclose(features.slot_profile(whole, issues), features.slot_profile(before, issues))


@pytest.mark.parametrize("days", [1, 3, 400])
def test_a_life_without_activity_gives_finite_features(days: int) -> None:
    known = features.state(empty(days), PRIOR)
    issues = np.array([0, 24 * days - 1, 24 * days])
    assert np.isfinite(features.encoder(known)).all()
    assert np.isfinite(features.future(known, issues)).all()
    assert np.allclose(features.slot_profile(known, issues), 0.45)


def test_the_profile_finds_the_mornings() -> None:
    known = features.state(person(), PRIOR)
    table = known.profile.score[-1, 2]
    assert table[10] == pytest.approx(0.7, abs=0.05)
    assert table[15] == pytest.approx(0.5, abs=0.05)


def test_the_profile_begins_as_the_usual_person() -> None:
    known = features.state(person(), PRIOR)
    assert np.allclose(known.profile.score[0], PRIOR.score)
    assert np.allclose(known.profile.active[0], PRIOR.active)


def test_an_unusual_meeting_has_this_persons_effect() -> None:
    series = person(60)
    series.meeting[[16, 30, 37, 44], 14] = 1.0
    series.score[[16, 30, 37, 44], 14] = 0.1
    known = features.state(series, PRIOR)
    assert known.effects[-1, 0] < -0.1


def test_quick_means_follow_a_change_before_slow_ones() -> None:
    series = person(60)
    series.score[50:] -= 0.2
    known = features.state(series, PRIOR)
    quick, slow = known.levels[24 * 51 + 17, 2], known.levels[24 * 51 + 17, 4]
    assert quick < slow < 0.01
    assert known.recent.run[24 * 53 + 17] > known.recent.run[24 * 50 + 12]


def test_decayed_is_the_recursion() -> None:
    x = np.random.default_rng(0).normal(size=(37, 2))
    y, expected = np.zeros(2), []
    for row in x:
        y = row + 0.8 * y
        expected.append(y)
    assert np.allclose(decayed(x, 0.8), expected)


def test_pressure_counts_tasks_that_were_known_the_day_before() -> None:
    due, since, until = np.array([10, 10, 10]), np.array([0, 9, 0]), np.array([10**6, 10**6, 5])
    found = features.pressure(due, since, until, 14)
    assert found[10] == pytest.approx(1 / 3)  # the second is too new, the third was done
    assert found[7] == pytest.approx(1 / 12)
    assert found[11] == 0.0
    assert found[6] == 0.0


def test_last_weeks_hour_is_the_seasonal_naive_forecast() -> None:
    series = person()
    issues = np.array([24 * 21 + 7])
    found = baselines.seasonal_naive(series, issues, np.full((1, 24), 0.5))
    assert found[0, 3] == series.score[14, 10]
    assert found[0, 20] == 0.5  # 3 in the night: nothing is known


def test_flat_trees_predict_what_scikit_learn_does() -> None:
    from sklearn.ensemble import HistGradientBoostingRegressor

    rng = np.random.default_rng(0)
    x = rng.normal(size=(3000, len(features.FUTURE))).astype(np.float32)
    y = 0.1 * np.sin(3 * x[:, 1]) + 0.05 * x[:, 2]
    grown = HistGradientBoostingRegressor(max_iter=20, max_leaf_nodes=15).fit(x, y)
    x[:, 0] = 0.0  # the profile is 0.5
    found = baselines.boosted(baselines.flat(grown), x.reshape(125, 24, -1).astype(float))
    assert np.allclose(found.ravel() - 0.5, np.clip(grown.predict(x), -0.5, 0.5), atol=1e-6)


def test_baselines_survive_a_file(tmp_path: Path) -> None:
    from coach.core.errors import ModelBroken, ModelMissing

    folder = tmp_path
    with pytest.raises(ModelMissing):
        baselines.load(folder)
    known = features.state(person(), PRIOR)
    rows = [baselines.rows(known, np.arange(200, 900, 6))]
    kept = baselines.Baselines(PRIOR, baselines.solve(map(baselines.moments, rows)), (-0.1, 0.1), baselines.grow(rows, trees=5))
    baselines.save(kept, folder)
    again = baselines.load(folder)
    future = features.future(known, np.arange(300, 400, 6))
    assert np.allclose(baselines.ridge(kept, future), baselines.ridge(again, future))
    assert again.trees is not None
    assert kept.trees is not None
    assert np.allclose(baselines.boosted(kept.trees, future), baselines.boosted(again.trees, future), atol=1e-5)
    (folder / baselines.FILE).write_bytes((folder / baselines.FILE).read_bytes()[:200])
    with pytest.raises(ModelBroken):
        baselines.load(folder)
