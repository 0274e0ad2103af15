"""Days, their response, the baseline, and the shipped generator."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.config import shipped
from coach.core.errors import ModelBroken, ModelForeign
from coach.ml import card as cards
from coach.ml import response as responses
from coach.ml import two_sample
from coach.ml import whatif as serving
from coach.ml.baselines import whatif as baseline
from coach.ml.features import daymap, reference
from coach.ml.features import whatif as features
from coach.ml.features.whatif import CALLS, ENTERTAINMENT, FOCUS, GROUPS, MESSAGES, NEWS, SOCIAL, Days


def made_days(n: int = 30, seed: int = 0) -> Days:
    """Days of eight active hours whose score is 0.2 + 0.7 x share of focus work - 0.2 x share of social media."""
    rng = np.random.default_rng(seed)
    minutes = np.zeros((n, 24, len(GROUPS)))
    share = rng.dirichlet(np.full(len(GROUPS), 0.5), (n, 8))
    minutes[:, 5:13] = 50 * share
    score = np.full((n, 24), np.nan)
    score[:, 5:13] = 0.2 + 0.7 * share[:, :, FOCUS] - 0.2 * share[:, :, SOCIAL]
    visits = np.where(minutes.sum(axis=2) > 0, 30.0, 0.0)
    return Days(minutes, visits, score, np.arange(n) % 7)


@pytest.fixture(scope="module")
def everyone() -> serving.Known:
    return serving.known(cards.read(shipped("models", "whatif")))


@pytest.fixture(scope="module")
def net() -> serving.serving.Net:
    return serving.load(shipped("models", "whatif"))


def test_groups_follow_names_and_focus() -> None:
    assert features.group_of("Social > Networks", False) == SOCIAL
    assert features.group_of("Entertainment", False) == ENTERTAINMENT
    assert features.group_of("Shopping", False) == NEWS
    assert features.group_of("Communication > Email", False) == MESSAGES
    assert features.group_of("My own thing", True) == FOCUS
    assert GROUPS[features.group_of("Socialising", False)] == "other"


def test_days_begin_at_four_and_little_ones_are_left_out() -> None:
    hours = np.zeros((4, 24))
    hours[0, 3] = 60  # the night before the first day
    hours[0, 10:12] = 45
    hours[1, 2] = 30  # still the first day
    hours[2, 9] = 59  # too little for a day
    days = features.days_from({"Social": hours}, {"Social": hours}, np.full((4, 24), np.nan), [0, 1, 2, 3], {})
    assert len(days) == 1
    assert days.minutes[0].sum() == 120
    assert days.minutes[0, 22, SOCIAL] == 30


def test_an_hour_that_the_clock_repeats_holds_no_more_than_an_hour() -> None:
    hours = np.full((2, 24), 90.0)
    days = features.days_from({"Social": hours, "News": hours}, {}, np.full((2, 24), np.nan), [0, 1], {})
    assert days.minutes.sum(axis=2).max() == pytest.approx(60)


def test_the_summary_of_nobody_is_the_typical_person(everyone: serving.Known) -> None:
    nobody = serving.history(made_days()[:0], everyone)
    assert nobody.shape == (1, features.HISTORY)
    assert np.isfinite(nobody).all()
    assert nobody[0, -1] == 0
    assert features.condition(nobody, np.array([3]), np.zeros((1, 8)), np.zeros((1, 8))).shape == (1, features.CONDITION)
    many = serving.history(made_days(80), everyone)
    own = made_days(80).minutes.sum(axis=1)[made_days(80).weekday < 5].mean(axis=0) / 60
    assert np.abs(many[0, :8] - own).max() < 0.15


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7), st.integers(0, 7), st.floats(-200, 200))
def test_rescaled_days_meet_the_goal_and_stay_days(seed: int, first: int, second: int, change: float) -> None:
    days = made_days(5, seed)
    asked = np.zeros((5, 8))
    asked[:, [first, second]] = 1
    target = np.clip(days.minutes.sum(axis=1) + change / (2 if first != second else 1), 0, 300)
    made = baseline.rescaled(days.minutes, target, asked)
    assert made.min() >= 0
    assert made.sum(axis=2).max() <= 60 + 1e-6
    assert np.allclose(made.sum(axis=1)[:, first], target[:, first], atol=0.5)


def test_the_response_is_monotone_and_shrinks_to_everyone() -> None:
    days = made_days(40)
    found = responses.fit(days)
    assert (found.weight * responses.SIGN)[responses.SIGN != 0].min() >= 0
    assert responses.fit(days[:0], found) is found
    few = responses.fit(made_days(2, seed=3), found, strength=1e6)
    assert np.allclose(few.weight, found.weight, atol=1e-2)
    with pytest.raises(ValueError, match="no hour"):
        responses.fit(days[:0])
    truth = features.day_focus(days.score, days.minutes.sum(axis=2))
    assert np.abs(responses.focus_of(found, days.minutes, days.visits) - truth).mean() < 0.02


@pytest.mark.parametrize("server", ["net", "resampling"])
def test_less_social_media_is_promised_what_it_brings(server: str, net: serving.serving.Net, everyone: serving.Known) -> None:
    days = made_days(60)
    change = np.full(8, np.nan)
    change[SOCIAL] = -25
    found = serving.with_net(net, days, everyone, change) if server == "net" else serving.with_own_days(days, everyone, change)
    assert found.server == server
    assert found.low < found.gain < found.high
    assert found.gain > 0.01
    assert found.goal_error_min < 10
    assert -25 <= found.reachable_min[SOCIAL] < -5
    assert found.days == serving.DAYS >= 200
    again = serving.with_net(net, days, everyone, change) if server == "net" else serving.with_own_days(days, everyone, change)
    assert again.gain == found.gain


def test_what_interventions_showed_beyond_the_hours_counts_for_its_groups_only(everyone: serving.Known) -> None:
    days, change = made_days(60), np.full(8, np.nan)
    change[SOCIAL] = -25
    of_social, of_calls = np.zeros(8), np.zeros(8)
    of_social[SOCIAL], of_calls[CALLS] = -0.001, -0.001
    plain, more, other = (
        serving.with_own_days(days, replace(everyone, beyond=beyond), change) for beyond in (np.zeros(8), of_social, of_calls)
    )
    assert more.gain == pytest.approx(plain.gain - 0.001 * plain.reachable_min[SOCIAL])
    assert more.goal_focus - more.usual_focus == pytest.approx(more.gain)
    assert other.gain == plain.gain
    card = cards.read(shipped("models", "whatif"))["calibration"]
    assert (serving.known({"calibration": card}).beyond <= 0).all()
    assert not serving.known({"calibration": {k: v for k, v in card.items() if k != "beyond"}}).beyond.any()


def test_what_cannot_be_taken_is_not(net: serving.serving.Net, everyone: serving.Known) -> None:
    change = np.full(8, np.nan)
    change[NEWS] = -24 * 60
    found = serving.with_net(net, made_days(3), everyone, change)
    assert found.reachable_min[NEWS] == pytest.approx(-found.usual_min[NEWS], abs=1e-6)
    assert found.reachable_min[SOCIAL] == 0
    with pytest.raises(ValueError, match="no day"):
        serving.with_own_days(made_days(3)[:0], everyone, change)


def test_a_foreign_or_broken_model_is_refused(everyone: serving.Known) -> None:
    with pytest.raises(ModelBroken):
        serving.load(b"not a model")
    with pytest.raises(ModelForeign):
        serving.load(shipped("models", "embedder"))
    with pytest.raises(ModelForeign):
        serving.known({"calibration": {"typical": [1, 2]}})
    assert cards.damaged(shipped("models", "whatif")) == []


def test_the_map_tells_days_from_shuffled_hours() -> None:
    a, b = made_days(200, 1), made_days(200, 2)
    scale = daymap.scale(daymap.figures(a.minutes, a.visits))
    shuffled = np.random.default_rng(0).permuted(b.minutes, axis=1)

    def at(minutes: np.ndarray) -> np.ndarray:
        return daymap.standard(daymap.figures(minutes, b.visits), scale)

    same = daymap.frechet(at(a.minutes), at(b.minutes))
    assert len(daymap.MAP) == at(a.minutes).shape[1] == 32
    assert same < 1 < daymap.frechet(at(a.minutes), at(shuffled))
    assert daymap.frechet(at(a.minutes), at(a.minutes)) == pytest.approx(0, abs=1e-6)
    with pytest.raises(ValueError, match="two days"):
        daymap.frechet(at(a.minutes)[:1], at(b.minutes))
    reality = two_sample.fit(np.vstack([at(a.minutes), at(shuffled)]), np.repeat([1.0, 0.0], 200), boosted=False)
    assert reality(at(b.minutes)).mean() > 0.8


def test_an_answer_needs_no_torch() -> None:
    code = """
import sys
import numpy as np
from coach.config import shipped
from coach.ml import card, whatif
from coach.ml.features.whatif import Days
net, known = whatif.load(shipped("models", "whatif")), whatif.known(card.read(shipped("models", "whatif")))
days = Days(np.full((3, 24, 8), 4.0), np.ones((3, 24)), np.full((3, 24), 0.5), np.arange(3))
change = np.full(8, np.nan)
change[4] = -30
print(whatif.with_net(net, days, known, change).gain)
assert "torch" not in sys.modules and "sklearn" not in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=60).stdout


def test_what_is_edited_is_a_recent_day_of_the_kind_and_near_the_goal() -> None:
    days, stock = made_days(60), made_days(14, 1)
    weekday, nothing = np.repeat([2, 6], 50), np.zeros((100, 8))
    rng = np.random.default_rng(0)
    found = reference.chosen(days, stock, weekday, nothing, nothing, rng)
    recent = reference.flat(days)[-reference.RECENT:]
    at = np.array([np.flatnonzero((recent == one).all(axis=(1, 2)))[0] for one in found])
    assert ((days.weekday[-reference.RECENT:][at] < 5) == (weekday < 5)).all()
    assert len(set(at[:50])) > 10
    asked, target = nothing.copy(), nothing.copy()
    asked[:, SOCIAL] = 1
    least = reference.chosen(days, stock, weekday, target, asked, rng)
    totals = recent[:, :, SOCIAL].sum(axis=1)[days.weekday[-reference.RECENT:] < 5]
    assert set(least[:50, :, SOCIAL].sum(axis=1)) <= set(np.sort(totals)[: reference.NEAREST])


def test_who_has_few_days_is_told_by_everyones() -> None:
    stock = made_days(14, 1)
    back = reference.unpacked(reference.packed(stock))
    assert (back.weekday == stock.weekday).all()
    assert (reference.flat(back) == reference.flat(stock)).all()
    nothing = np.zeros((40, 8))
    own = made_days(2)
    found = reference.chosen(own, back, np.zeros(40, dtype=np.int64), nothing, nothing, np.random.default_rng(0))
    mine = [(reference.flat(own) == one).all(axis=(1, 2)).any() for one in found]
    assert 0 < sum(mine) < 40
    assert len(reference.chosen(own[:0], back, np.array([6]), nothing[:1], nothing[:1], np.random.default_rng(0))) == 1
    for text in ("no days", "AAAA"):
        with pytest.raises(ValueError, match=r".+"):
            reference.unpacked(text)


@pytest.mark.slow
def test_a_few_steps_of_training_come_back_from_their_bytes() -> None:
    torch = pytest.importorskip("torch")
    from coach.ml.train import whatif as training

    people = [made_days(20, seed) for seed in range(3)]
    typical = np.mean([features.ingredients(d).mean(axis=0) for d in people], axis=0)
    examples = training.pool(people, typical, 2, 0)
    told: list[str] = []
    judged: list[float] = []

    def judge(net: serving.serving.Net) -> float:
        made = serving.serving.run(net, **given)["minutes"]
        judged.append(float(abs(made.sum() - given["reference"][:, :, :8].sum())))
        return judged[-1]

    rng = np.random.default_rng(0)
    edited = reference.flat(made_days(4))
    given = {
        "noise": rng.standard_normal((4, serving.NOISE)).astype(np.float32),
        "condition": np.zeros((4, features.CONDITION), dtype=np.float32), "reference": edited.astype(np.float32),
    }
    untrained = training.as_net(training.Generator(training.Config()))
    assert np.allclose(serving.serving.run(untrained, **given)["minutes"].round(), edited[:, :, :8], atol=1)
    schedule = training.Schedule(steps=4, batch=16, judged=2)
    pair = training.pretrain(examples, schedule, 0, "cpu", lambda share, words: told.append(words), judge)
    assert told
    assert len(judged) == 2
    assert judge(training.as_net(pair.generator)) == pytest.approx(min(judged))
    onnx, weights = training.to_bytes(pair)
    served = serving.load(onnx)
    back = training.as_net(training.from_bytes(weights).generator)
    expected = serving.serving.run(back, **given)["minutes"]
    assert np.allclose(serving.serving.run(served, **given)["minutes"], expected, atol=0.5)
    tuned = training.tune(training.from_bytes(weights), examples, schedule, 1, lambda share, words: None, head_only=True)
    kept = dict(training.from_bytes(weights).generator.named_parameters())
    assert all(torch.equal(kept[name], p) for name, p in tuned.generator.named_parameters() if name.startswith("body"))
    with pytest.raises(ModelBroken):
        training.from_bytes(b"12345678")


def test_training_and_serving_edit_days_of_the_same_choice() -> None:
    torch = pytest.importorskip("torch")
    from coach.ml.train import whatif as training

    people = [made_days(60, seed) for seed in range(2)]
    examples = training.pool(people, np.ones(features.INGREDIENTS), 1, 0)
    data = training._Tensors(examples, "cpu")
    torch.manual_seed(0)
    for batch in (data.batch(400), data.imagined(400)):
        days = batch.reference[:, :, :8].sum(dim=1)
        asked = batch.asked.any(dim=1)
        assert ((days - batch.target).abs() * batch.asked).sum(dim=1)[asked].mean() < (
            (days.roll(1, 0) - batch.target).abs() * batch.asked).sum(dim=1)[asked].mean()
    at = torch.arange(len(examples.day))
    rows = data._reference(at, data.totals[data.row], torch.zeros(len(at), 8))
    assert (data.workday[rows] == data.workday[data.row]).all()
    enough = (data.last - data.first) >= 20
    assert enough.any()
    assert ((rows < data.last) & (rows >= data.last - reference.RECENT))[enough].all()
