"""How the focus forecast learns from a person: what it reads, how days are judged, and that a tuned version still forecasts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from coach.config import Config
from coach.engine.learning import focus as learning
from coach.engine.learning import registry
from coach.engine.pretraining.focus_people import simulated
from coach.ml import forecast
from coach.store.db import Connection, transaction
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, empty_store, fortnight


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Connection]:
    db, _ = empty_store(tmp_path)
    yield db
    db.close()


@pytest.fixture(scope="module")
def life() -> learning.History:
    return learning.history(date(2026, 3, 2), simulated(951_000, 40, "A").series)


def test_no_history_is_no_obstacle(store: Connection) -> None:
    data = learning.dataset(store, Config(), BERLIN, NOW)
    assert data.days == ()
    assert learning.replay(data, None, [TODAY]) == {}
    assert learning.inputs(data)["focus"].shape == (0,)
    assert len(learning.forecast(store, Config(), BERLIN, NOW, None)) <= 24


def test_days_with_scored_hours_are_judged(store: Connection) -> None:
    fortnight(store)
    derive(store, at(TODAY - timedelta(days=20), 0), NOW)
    data = learning.dataset(store, Config(), BERLIN, NOW)
    assert TODAY not in data.days
    assert all(day.weekday() < 5 for day in data.days)
    losses = learning.replay(data, None, data.days)
    assert set(losses) == set(data.days)
    assert losses[data.days[-1]] < losses[data.days[0]]  # the same every day: the profile learns it


def test_days_that_begin_later_are_trouble_while_that_is_news(store: Connection) -> None:
    with transaction(store):
        store.executemany("INSERT INTO rollup_hour VALUES(?,?,?,?,?)", [
            ((TODAY - timedelta(days=back)).isoformat(), hour + (2 if back <= 20 else 0), "Work > Programming", 3_600_000, 3)
            for back in range(1, 100) for hour in range(9, 17)
        ])
    said = learning.trouble(store, NOW, TODAY - timedelta(days=28))
    assert said.startswith("working days begin 120 minutes later, seen ")
    assert learning.trouble(store, NOW, TODAY - timedelta(days=5)) == ""


def test_outcomes_are_scores_nothing_or_not_yet(store: Connection) -> None:
    fortnight(store)
    derive(store, at(TODAY - timedelta(days=20), 0), NOW)
    keys = ["2026-11-18T09", "2026-11-18T03", "2026-11-19T23"]
    found = learning.outcomes(store, Config(), BERLIN, NOW, keys)
    assert 0 <= found["2026-11-18T09"] <= 1
    assert math.isnan(found["2026-11-18T03"])
    assert "2026-11-19T23" not in found


def test_forecasts_are_keyed_by_local_hours(store: Connection) -> None:
    fortnight(store)
    derive(store, at(TODAY - timedelta(days=20), 0), NOW)
    for said in learning.forecast(store, Config(), BERLIN, NOW, None):
        assert NOW.astimezone(BERLIN).strftime("%Y-%m-%dT%H") <= said.key
        assert said.low is not None
        assert said.high is not None
        assert said.low <= said.value <= said.high


def test_the_digest_changes_with_the_life(life: learning.History) -> None:
    other = life.series.score.copy()
    other[3, 10] = 0.123
    assert learning.history(life.first, replace(life.series, score=other)).digest != life.digest
    assert learning.history(life.first, life.series).digest == life.digest


@pytest.mark.slow
def test_a_tuned_version_is_near_its_base(
    store: Connection, life: learning.History, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(learning, "REHEARSED", range(960_000, 960_001))
    monkeypatch.setattr(learning, "REHEARSED_DAYS", 40)
    base = registry.load(store, "focus", 0, weights=True)
    heard: list[float] = []
    until = life.days[-7]
    made = learning.tune(life, base, "head", until, 3, lambda share, words: heard.append(share))
    assert heard == sorted(heard)
    assert made.card["own_days"] == sum(day < until for day in life.days)
    tuned = replace(base, net=forecast.load(made.onnx), card=made.card)
    before, after = (learning.replay(life, model, life.days[-7:]) for model in (base, tuned))
    assert before != after
    assert np.mean(list(after.values())) < np.mean(list(before.values())) + 0.01


def test_a_graft_computes_what_the_net_does() -> None:
    import torch

    from coach.config import shipped
    from coach.ml import serving
    from coach.ml.features.focus import ENCODER, FUTURE, PAST
    from coach.ml.nets.focus import Config as NetConfig
    from coach.ml.nets.focus import Focus
    from coach.ml.train import export
    from coach.ml.train import focus as training

    before, about = export.from_safetensors(shipped("models", "focus", "weights.safetensors").read_bytes())
    net = Focus(NetConfig(**about))
    net.load_state_dict(before)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    graph = training.grafted(shipped("models", "focus", "model.onnx").read_bytes(), before, net)
    history, future = torch.randn(3, PAST, len(ENCODER)), torch.randn(3, 24, len(FUTURE)) / 3
    expected = net.eval()(history, future)
    found = serving.run(forecast.load(graph), history=history.numpy(), future=future.numpy())
    for ours, theirs in zip(expected, ("mean", "quantiles", "active"), strict=True):
        assert np.allclose(ours.detach().numpy(), found[theirs], atol=1e-5)
    with pytest.raises(ValueError, match="none of the weights"):
        training.grafted(graph, before, net)
