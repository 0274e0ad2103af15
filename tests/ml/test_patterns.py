"""The pattern detector: what a day looks like to it, the rules, the net through ONNX, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.core.errors import InvalidInput, ModelBroken, ModelForeign, ModelMissing
from coach.ml import habits
from coach.ml.baselines import patterns as baselines
from coach.ml.features import patterns as features
from coach.ml.features.patterns import FIRST, HOURS, PATTERNS, SLOTS, Days, Stretches, days_of

CARD = {"thresholds": dict.fromkeys(PATTERNS, 0.5), "base_rates": dict.fromkeys(PATTERNS, 0.01)}


def stretches(*rows: tuple[int, float, float, int]) -> Stretches:
    """(day, clock hour, minutes, slot) each."""
    day, clock_h, minutes, slot = (np.array(c) for c in zip(*rows, strict=True))
    return Stretches(day, (clock_h - 4).astype(np.float32), (minutes / 60).astype(np.float32), slot)


def claims(s: Stretches, weekend: bool = False) -> set[str]:
    found = baselines.strengths(days_of(s, np.array([weekend])))[0] >= 1
    return {name for name, there in zip(PATTERNS, found, strict=True) if there}


CODE, MAIL, CHAT, CALLS, PLAN, SOCIAL = (FIRST[b] for b in ("code", "email", "chat", "calls", "planning", "social"))


def test_a_slot_means_the_same_for_everybody() -> None:
    slots = features.slots_of({
        ("thunderbird", "Communication > Email"): 1.0, ("code", "Work > Programming"): 9.0, ("nvim", "Work > Programming"): 3.0,
        ("reddit.com", "Social > Forums"): 2.0, ("zzz", None): 1.0, ("own", "My own category"): 2.0,
        **{(f"chat{i}", "Communication > Chat"): 10.0 - i for i in range(6)},
    })
    assert slots["thunderbird", "Communication > Email"] == MAIL
    assert slots["code", "Work > Programming"] == CODE
    assert slots["nvim", "Work > Programming"] == CODE + 1
    assert slots["reddit.com", "Social > Forums"] == SOCIAL
    assert slots["own", "My own category"] == FIRST["unknown"]
    assert slots["zzz", None] == FIRST["unknown"] + 1
    assert [slots[f"chat{i}", "Communication > Chat"] - CHAT for i in range(6)] == [0, 1, 2, 3, 3, 3]
    assert SLOTS == 50


def test_a_day_in_numbers() -> None:
    days = days_of(stretches((0, 9.75, 30, CODE), (1, 27.5, 12, MAIL), (1, 27.7, 12, MAIL)), np.array([False, True]))
    assert days.tensor.shape == (2, 150, HOURS)
    parts = features.unscaled(days.tensor)
    assert parts[0, 0, CODE, 5] == pytest.approx(15)
    assert parts[0, 0, CODE, 6] == pytest.approx(15)
    assert parts[0, 1, CODE].sum() == 1
    assert parts[0, 2, CODE, 5] == pytest.approx(30, rel=1e-4)
    assert parts[1, 0, MAIL, 23] == pytest.approx(24, abs=0.01)  # half past three at night belongs to the day before
    assert parts[1, 1, MAIL, 23] == 1  # one visit, cut in two
    assert days.context[:, 0].tolist() == [0, 1]
    assert days.context[1, 1] == pytest.approx(0.04, abs=1e-3)


def test_places_trade_slots_inside_their_bucket_only() -> None:
    rng = np.random.default_rng(0)
    tensor = rng.random((40, 150, HOURS), dtype=np.float32)
    mixed = features.shuffled_slots(tensor, rng)
    assert (mixed != tensor).any()
    for b in features.BUCKETS:
        for channel in range(3):
            own = slice(channel * SLOTS + FIRST[b.name], channel * SLOTS + FIRST[b.name] + b.size)
            np.testing.assert_allclose(mixed[:, own].sum(axis=1), tensor[:, own].sum(axis=1), rtol=1e-5)
            np.testing.assert_array_equal(mixed[:, own.stop - 1], tensor[:, own.stop - 1])


def test_noise_drops_half_of_what_it_spoils_and_moves_the_rest() -> None:
    rng = np.random.default_rng(0)
    s = Stretches(np.repeat(np.arange(4), 500), np.tile(np.linspace(5, 15, 500, dtype=np.float32), 4),
                  np.full(2000, 0.01, dtype=np.float32), np.repeat([0, 1, 2, 3], 500))
    spoilt = features.noisy(s, 0.3, rng)
    assert len(spoilt.day) == pytest.approx(2000 * 0.85, rel=0.03)
    assert (spoilt.slot != spoilt.day).mean() == pytest.approx(0.15 / 0.85 * 0.75, rel=0.2)
    by_day = features.noisy(s, 0.3, rng, group=s.day)
    assert (by_day.slot == by_day.day).all()
    assert len(features.noisy(s, 0.0, rng).day) == 2000


def test_rules_claim_what_their_names_say() -> None:
    busy = [(0, h, 55, CODE) for h in range(9, 17)]
    loop = [(0, 9 + 0.1 * i, (5, 2)[i % 2], (CODE, MAIL)[i % 2]) for i in range(70)]
    assert "email_loop" in claims(stretches(*loop))
    assert "late_night" in claims(stretches((0, 9, 60, CODE), (0, 22.5, 90, CODE)))
    assert "late_night" not in claims(stretches(*busy))
    assert "deep_block" in claims(stretches((0, 9, 150, CODE)))
    assert "social_drift" in claims(stretches((0, 9, 100, CODE), (0, 13.2, 100, SOCIAL)))
    assert "planning_morning" in claims(stretches((0, 9, 40, PLAN), (0, 9.7, 60, CODE)))
    assert "planning_morning" not in claims(stretches((0, 9, 120, CODE), (0, 14, 40, PLAN)))
    assert "weekend_spill" in claims(stretches((0, 10, 120, CODE)), weekend=True)
    assert "weekend_spill" not in claims(stretches((0, 10, 120, CODE)))
    pings = [(0, 10 + i / 20, 1 + i % 2, (CHAT, CODE)[i % 2]) for i in range(80)]
    assert "ping_pong" in claims(stretches(*pings))
    calls = [(0, 9 + i * 0.6, 25, (CALLS, CODE)[i % 2]) for i in range(22)]
    assert "meeting_fragmentation" in claims(stretches(*calls))


def test_aggregates_are_62_numbers() -> None:
    days = days_of(stretches((0, 9, 60, CODE), (1, 9, 30, MAIL)), np.array([False, False]))
    table = baselines.aggregates(days)
    assert table.shape == (2, 62)
    assert np.isfinite(table).all()
    assert table[0].tolist() != table[1].tolist()


@pytest.fixture(scope="module")
def trained() -> bytes:
    """Two hundred days, half with a loop of mail, a few steps: small, but it learns that one pattern."""
    from coach.ml.train import patterns as training

    rows, n = [], 200
    for day in range(n):
        for hour in range(9, 17):
            rows.append((day, float(hour), 40.0, CODE))
            rows += [(day, hour + 0.7 + i * 0.05, 1.0, (MAIL, CODE)[i % 2]) for i in range(6 if day % 2 else 1)]
    s = stretches(*rows)
    truth = np.zeros((n, 8), dtype=np.float32)
    truth[:, 0] = np.arange(n) % 2
    truth[:, 7] = np.nan
    first = np.concatenate(([0], np.cumsum(np.bincount(s.day))))
    corpus = training.Corpus(s, first, np.zeros(n, dtype=bool), truth, np.arange(n) // 20)
    net, about = training.fit(corpus, corpus, training.Settings(epochs=6, batch=32), 1, "cpu", lambda words: None)
    assert about["thresholds"].keys() == set(PATTERNS) == about["base_rates"].keys()
    onnx: bytes = training.graph(net)
    clean = training.clean(corpus, np.arange(n))
    found = habits.predict(habits.load(onnx), CARD, clean)
    right = found.claimed[:, 0] == (truth[:, 0] > 0.5)
    assert right.mean() > 0.9
    return onnx


def test_a_day_may_take_place_at_another_hour_and_says_nothing_of_the_night_then() -> None:
    from coach.ml.train import patterns as training

    n = 40
    s = stretches(*[(day, 12.0, 60.0, CODE) for day in range(n)])
    truth = np.zeros((n, 8), dtype=np.float32)
    corpus = training.Corpus(s, np.arange(n + 1), np.zeros(n, dtype=bool), truth, np.arange(n))
    still = training.Settings(clean=1.0, blackout=0.0, dealt=0.0, moved=0.0, cut_up=0.0)
    night = PATTERNS.index("late_night")
    for settings, hours in ((still, 1), (replace(still, moved=1.0), 3)):
        days, labels = training.spoilt(corpus, np.arange(n), settings, np.random.default_rng(0))
        used = (days.tensor.sum(axis=1) > 0).any(axis=0)
        assert used.sum() >= hours
        assert (used.sum() > 1) == (hours > 1)
        assert np.isnan(labels[:, night]).all() == (hours > 1)
        assert not np.isnan(np.delete(labels, night, axis=1)).any()


def test_people_without_any_pattern_raise_what_a_claim_needs() -> None:
    import torch

    from coach.ml.nets.patterns import Config, Patterns
    from coach.ml.train import patterns as training

    torch.manual_seed(1)
    rows = [(day, 9.0 + 0.1 * i, 5.0, (CODE, MAIL)[i % 2]) for day in range(80) for i in range(10)]
    s = stretches(*rows)
    truth = np.zeros((80, 8), dtype=np.float32)
    truth[::2] = 1
    of = training.Corpus(s, np.arange(0, 801, 10), np.zeros(80, dtype=bool), truth, np.arange(80) // 10)
    none = of._replace(truth=np.zeros_like(truth))
    alone, beside = (training.calibrated(Patterns(Config()), of, "cpu", 0, without) for without in (None, none))
    for name in PATTERNS:
        assert beside["base_rates"][name] >= alone["base_rates"][name]
        assert beside["thresholds"][name] >= alone["thresholds"][name]


def test_adapting_the_head_leaves_the_rest_and_half_precision_will_do(tmp_path: Path) -> None:
    import torch

    from coach.ml.nets.patterns import Config, Patterns
    from coach.ml.train import export
    from coach.ml.train import patterns as training

    torch.manual_seed(0)
    base = Patterns(Config())
    s = stretches(*[(day, 9.0 + 0.1 * i, 5.0, (CODE, MAIL)[i % 2]) for day in range(6) for i in range(20)])
    truth = np.tile(np.array([1, 0, 0, 0, 0, 0, 0, np.nan], dtype=np.float32), (6, 1))
    corpus = training.Corpus(s, np.arange(0, 121, 20), np.zeros(6, dtype=bool), truth, np.zeros(6, dtype=np.int64))
    training.save(tmp_path, base, {"name": "patterns", **CARD})
    onnx, kept = training.adapt((tmp_path / "weights.safetensors").read_bytes(), corpus, corpus, "head", seed=1, steps=3)
    state = export.from_safetensors(kept)[0]
    np.testing.assert_allclose(state["conv1.weight"], base.half().conv1.weight.detach().float())
    assert (state["head.weight"] != base.head.weight.detach().float()).any()
    assert habits.predict(habits.load(onnx), CARD, training.clean(corpus, np.arange(6))).claimed.shape == (6, 8)


def test_the_net_through_onnx(trained: bytes) -> None:
    days = days_of(stretches((0, 9, 60, CODE)), np.array([False]))
    found = habits.predict(habits.load(trained), CARD, days)
    assert found.probability.shape == (1, 8)
    assert ((found.probability >= 0) & (found.probability <= 1)).all()
    empty = habits.predict(habits.load(trained), CARD, Days(days.tensor[:0], days.context[:0]))
    assert empty.claimed.shape == (0, 8)


def test_what_is_no_model_of_patterns(trained: bytes, tmp_path: Path) -> None:
    days = days_of(stretches((0, 9, 60, CODE)), np.array([False]))
    with pytest.raises(ModelMissing):
        habits.load(tmp_path / "model.onnx")
    with pytest.raises(ModelBroken):
        habits.load(trained[: len(trained) // 2])
    with pytest.raises(ModelForeign, match="card"):
        habits.predict(habits.load(trained), {"thresholds": {}}, days)
    for weights in ({}, {p: [0.0, 1.0] for p in PATTERNS}):
        with pytest.raises(ModelForeign):
            habits.predict(habits.load(trained), {**CARD, "recurrence": weights}, days)
    with pytest.raises(InvalidInput):
        habits.predict(habits.load(trained), CARD, Days(days.tensor * np.nan, days.context))


def test_when_the_net_may_not_speak() -> None:
    weeks = [(day, float(h), 30.0, slot) for day in range(10) for h, slot in ((9, CODE), (10, MAIL), (11, CHAT))]
    assert habits.unfit(days_of(stretches(*weeks), np.zeros(10, dtype=bool))) == ""
    assert "3 days" in habits.unfit(days_of(stretches(*weeks[:9]), np.zeros(3, dtype=bool)))
    one_app = days_of(stretches(*[r for r in weeks if r[3] == CODE]), np.zeros(10, dtype=bool))
    assert "only 1 app" in habits.unfit(one_app)
    assert "not a number" in habits.unfit(Days(one_app.tensor * np.nan, one_app.context))
    assert habits.by_rules(Days(one_app.tensor * np.nan, one_app.context), {}).claimed.sum() == 0


def test_the_interval_of_a_share() -> None:
    assert habits.share_interval(0, 0) == (0.0, 1.0)
    low, high = habits.share_interval(5, 20)
    assert low == pytest.approx(0.1018, abs=1e-3)
    assert high == pytest.approx(0.4640, abs=1e-3)
    assert habits.share_interval(0, 20)[0] == 0
    assert habits.share_interval(20, 20)[1] == 1
