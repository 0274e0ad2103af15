"""Chances of completion, advice and modes: they add up, learn from one person, and say so where there is nothing to learn
from."""

from __future__ import annotations

import json
import random
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from coach.config import Config
from coach.core import change
from coach.core.advice import ACTIONS, Case, choose, fitting
from coach.core.completion import (
    COLUMNS,
    Life,
    Lived,
    Question,
    ahead,
    base_rate,
    by_day,
    late_from,
    moved,
    own_effect,
    own_weights,
    shares,
    walk,
)
from coach.core.errors import InvalidInput, ModelMissing, NotFound
from coach.core.own_calibration import drawn, fit
from coach.core.priority import Traits
from coach.core.weeks import WEEK_FEATURES, Modes, mondays, snapshot
from coach.engine import avoidance, modes, predicting, tasks
from coach.engine.learning import behaviour as learner
from coach.engine.learning import registry
from coach.engine.pretraining.behaviour_people import TZ, person, true_hazards
from coach.ml import behaviour, serving
from coach.ml import modes as mixture
from coach.ml.scoring import brier, ece
from coach.ml.train import behaviour as training
from coach.store import changes, lives
from coach.store.db import Connection, meta

DAY = date(2026, 11, 2)


@pytest.fixture(scope="module")
def shipped() -> serving.Net:
    return serving.load(registry.folder("behaviour") / "model.onnx", inputs=("features",), outputs=("logit",))


def life(id: str, created: date, ended: date | None = None, due: date | None = None, *, done: bool = True,
         snoozed: tuple[tuple[date, date], ...] = ()) -> Life:
    at = datetime(created.year, created.month, created.day, 8, tzinfo=TZ).timestamp()
    return Life(id, Traits(("write",), "", (), 4.0, 30.0, None, at), created, ended, done and ended is not None, due, snoozed)


def past(db: Connection, now: datetime, title: str, days_ago: float, took_days: float, **more: object) -> None:
    begin, end = now - timedelta(days=days_ago), now - timedelta(days=days_ago - took_days)
    changes.apply(db, [change.create("task", str(uuid.uuid4()), {
        "title": title, "status": "completed", "created": begin.isoformat(), "modified": end.isoformat(),
        "completed": end.isoformat(), "time_zone": "UTC", **more,
    })], now=begin, label="add task")


def test_a_row_for_each_day_until_the_end() -> None:
    every = [life("a", DAY, DAY + timedelta(days=2)), life("b", DAY + timedelta(days=1)),
             life("c", DAY, DAY + timedelta(days=1), done=False)]
    lived = Lived()
    rows = list(walk(every, DAY, DAY + timedelta(days=3), TZ, predicting.shipped_base(), lived))
    assert [[(r.life.id, r.done) for r in some] for some in rows] == [
        [("a", False), ("c", False)], [("a", False), ("c", False), ("b", False)], [("a", True), ("b", False)], [("b", False)],
    ]
    assert lived.taste.n == 1
    assert {len(r.x) for some in rows for r in some} == {len(COLUMNS)}


def test_of_very_many_tasks_a_sample_stands_for_all() -> None:
    every = [life(str(n), DAY, DAY if n < 3 else None) for n in range(400)]
    lived = Lived()
    rows = next(walk(every, DAY, DAY, TZ, predicting.shipped_base(), lived, 50))
    assert 50 <= len(rows) <= 53
    assert sum(row.done for row in rows) == 3
    assert sum(row.weight for row in rows) == pytest.approx(400)
    list(walk(every, DAY, DAY, TZ, predicting.shipped_base(), lived, 50))
    assert lived.recent == [(3, 400)]


def test_what_is_to_come_is_not_known_before() -> None:
    """The rows of a day do not change with what happens after it, nor do those of the days ahead."""
    later = ((DAY + timedelta(days=9), DAY + timedelta(days=12)),)
    base = predicting.shipped_base()
    seen = []
    for snoozed in ((), later):
        one, lived = life("a", DAY, None, snoozed=snoozed), Lived()
        told = walk([one], DAY, DAY + timedelta(days=5), TZ, base, lived)
        seen.append(([next(told)[0].x for _ in range(5)], ahead(one, 0, DAY + timedelta(days=5), 10, TZ, base, lived)))
    assert seen[0] == seen[1]


def test_chances_grow_with_the_days_and_the_own_pace_moves_them() -> None:
    said = by_day([-2.0] * 10, 0.0)
    assert said == sorted(said)
    assert by_day([-2.0] * 10, 1.0)[4] > said[4] > by_day([-2.0] * 10, -1.0)[4]
    rng = np.random.default_rng(0)
    logits = rng.normal(-2, 1, 3000)
    done = rng.random(3000) < 1 / (1 + np.exp(-(logits + 0.7)))
    found, sd = own_effect(logits.tolist(), done.tolist(), [1.0] * 3000)
    assert found == pytest.approx(0.7, abs=3 * sd)
    assert own_effect([], [], []) == (0.0, pytest.approx(0.6))
    assert base_rate(0, 0) == 0.5


def test_the_own_share_speaks_where_it_foretold_more() -> None:
    one = life("a", DAY)
    asked = [Question("soon", one, DAY + timedelta(days=n), DAY + timedelta(days=n + 7), (), 0.0, n % 5 == 0) for n in range(40)]
    shared = shares(asked)
    assert shared[0] == shared[7] == 0.5
    assert shared[8] == pytest.approx(2 / 3)
    assert shared[-1] == pytest.approx((7 + 1) / (32 + 2), abs=0.05)
    end = DAY + timedelta(days=60)
    wrong, right = [0.9] * 40, [float(q.happened) for q in asked]
    luck = np.random.default_rng(1)
    wrong, right = luck.choice([0.05, 0.95], 40).tolist(), [0.9 if q.happened else 0.1 for q in asked]
    own = own_weights(asked, wrong, shared, "soon", end)
    assert own.words() == "drawn towards your own share: by your last 40 answers the model's log odds count 0%"
    assert own.drawn(0.95, 0.2) < 0.5
    trusted = own_weights(asked, right, shared, "soon", end)
    assert trusted.words() == ""
    assert trusted.drawn(0.9, 0.2) > 0.7
    nothing = own_weights(asked, wrong, shared, "on time", end), own_weights(asked[:4], wrong[:4], shared[:4], "soon", end)
    assert [one.drawn(0.9, 0.2) for one in nothing] == [0.9, 0.9]


def test_a_model_that_tells_nothing_is_calibrated_by_answers() -> None:
    luck = np.random.default_rng(2)
    said, share = luck.choice([0.02, 0.5, 0.98], 400), np.full(400, 0.65)
    happened = luck.random(400) < 0.65
    weights = fit(said[:200].tolist(), share[:200].tolist(), happened[:200].tolist())
    told = np.array([drawn(p, s, weights) for p, s in zip(said[200:], share[200:], strict=True)])
    assert ece(said[200:], happened[200:]) > 0.3
    assert ece(told, happened[200:]) < 0.06
    assert brier(told, happened[200:]) < 1.03 * brier(share[200:], happened[200:])
    assert fit([], [], []) == (0.0, 1.0, 0.0)
    extreme = fit([0.0] * 50 + [1.0] * 50, [0.5] * 100, [False] * 50 + [True] * 50)
    assert all(np.isfinite(extreme))


def test_chances_by_day_move_as_one_and_stay_in_order() -> None:
    chances = by_day([-2.0] * 10, 0.0)
    found = moved(chances, chances[7], 0.5)
    assert found[7] == pytest.approx(0.5)
    assert found == sorted(found)
    assert moved(chances, 0.3, 0.3) == chances
    assert all(0 <= p <= 1 for p in moved([0.0, 1.0], 1.0, 0.5))


def test_the_last_fifth_begins_before_the_due() -> None:
    assert late_from(DAY, DAY + timedelta(days=10)) == DAY + timedelta(days=8)
    assert late_from(DAY, DAY) == DAY
    assert late_from(DAY, DAY - timedelta(days=5)) == DAY - timedelta(days=5)


def test_without_history_a_chance_is_told(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Write the report fri ~60m", config, now, tz)
    found = predicting.predict(db, str(task.num), config, now, tz)
    assert found.by == "model"
    assert list(found.by_day) == sorted(found.by_day)
    assert all(0 <= p <= 1 for p in found.by_day)
    assert found.n == 0
    assert found.on_time == pytest.approx(found.by_day[0])  # the clock of the tests stands at a Friday
    assert json.loads(json.dumps(found.document()))["within_7_days"] == pytest.approx(found.soon, abs=1e-3)
    assert found.lines()[0] == f"on time: {found.on_time:.0%} (no such question yet)"


def test_bad_input(db: Connection, config: Config, now: datetime, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound):
        predicting.predict(db, "77", config, now, tz)
    task = tasks.add(db, "Late due:2026-01-02 ~0", config, now, tz)
    found = predicting.predict(db, str(task.num), config, now, tz)
    assert (found.on_time, found.last_minute) == (0.0, 1.0)
    with pytest.raises(InvalidInput):
        predicting.answer(db, str(tasks.add(db, "Fine", config, now, tz).num), True, now)
    tasks.done(db, [task], now)
    with pytest.raises(InvalidInput):
        predicting.predict(db, str(task.num), config, now, tz)
    for n in range(40):
        past(db, now, f"Thing {n}", 50 - n, 1)

    def missing(*_: object, **__: object) -> None:
        raise ModelMissing("the model is missing", "")

    monkeypatch.setattr(registry, "load", missing)
    other = predicting.predict(db, str(tasks.add(db, "Another", config, now, tz).num), config, now, tz)
    assert (other.by, "missing" in other.why, other.on_time) == ("baseline", True, None)
    assert 0 < other.soon < 1


def test_a_person_who_finishes_things_is_expected_to(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Sort the photos", config, now, tz)
    before = predicting.predict(db, str(task.num), config, now, tz)
    for n in range(60):
        past(db, now, f"Thing {n}", 61 - n, 0.5)
    after = predicting.predict(db, str(task.num), config, now, tz)
    assert after.effect > before.effect
    assert after.soon > before.soon
    assert after.n > 40


def test_advice_is_kept_and_what_came_of_it(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Tax return due:2026-11-21 ~180m", config, now - timedelta(days=30), tz)
    for _ in range(2):
        found = predicting.predict(db, str(task.num), config, now, tz)
    if found.advice is None:
        pytest.fail(f"no advice at {found.on_time}")
    assert found.advice.words().startswith("usually helps: ")
    assert "not tried with you yet" in found.advice.words()
    assert len(lives.advice(db)) == 1
    assert predicting.answer(db, str(task.num), True, now) == found.advice.action
    tasks.done(db, [tasks.find(db, str(task.num))], now + timedelta(hours=2))
    predicting.settle(db, now + timedelta(hours=3), tz)
    assert [a["status"] for a in lives.advice(db)] == ["helped"]
    other = tasks.add(db, "Tax return again due:2026-11-21 ~180m", config, now - timedelta(days=30), tz)
    predicting.predict(db, str(other.num), config, now, tz)
    predicting.answer(db, str(other.num), True, now)
    predicting.settle(db, now + timedelta(days=9), tz)
    assert [a["status"] for a in lives.advice(db)] == ["helped", "failed"]


def test_the_bandit_finds_what_helps_this_person() -> None:
    case = Case(120, 30, 2, True, False, 0.2, "you focus best at about 10:00")
    assert fitting(case) == ["split", "timebox", "good hour", "two minutes"]
    assert fitting(replace(case, chance=0.9)) == []
    assert "drop" in fitting(replace(case, has_due=False))
    assert "good hour" not in fitting(replace(case, due_today=True))
    assert "good hour" not in fitting(replace(case, good_hour=""))
    luck, results = random.Random(1), []
    helps = {"split": 0.2, "timebox": 0.2, "good hour": 0.2, "two minutes": 0.8}
    for n in range(200):
        given = choose(case, results, str(n))
        assert given is not None
        results.append((given.action, luck.random() < helps[given.action]))
    late = [a for a, _ in results[100:]]
    assert late.count("two minutes") > 70
    assert choose(case, results, "x") == choose(case, results, "x")
    assert set(ACTIONS) == {"split", "timebox", "good hour", "two minutes", "drop"}


def test_trees_learn_a_hazard_and_their_graph_is_calibrated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "TREES", 40)
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 1, (6000, len(COLUMNS))).astype(np.float32)
    chance = 1 / (1 + np.exp(-(1.5 * rows[:, 0] - 1.5)))
    done = rng.random(6000) < chance
    net = serving.load(training.boost(rows[:4000], done[:4000], np.ones(4000), 0), inputs=("features",), outputs=("logit",))
    said = 1 / (1 + np.exp(-np.array(behaviour.logits(net, rows[4000:].tolist()))))
    assert brier(said, done[4000:]) < 0.9 * brier(np.full(2000, done.mean()), done[4000:])
    assert ece(said, done[4000:]) < 0.05
    from coach.ml.train.trees import joined

    one, other = (training.boost(rows[:1500], mask, np.ones(1500), 1) for mask in (done[:1500], ~done[:1500]))
    both = serving.load(joined(one, other, 0.25), inputs=("features",), outputs=("logit",))
    apart = [np.array(behaviour.logits(serving.load(x), rows[:50].tolist())) for x in (one, other)]
    assert behaviour.logits(both, rows[:50].tolist()) == pytest.approx(0.75 * apart[0] + 0.25 * apart[1], abs=1e-4)
    a, b = training.platt(np.clip(said * 0.5, 0, 1), done[4000:])
    fixed = [behaviour.calibrated(p * 0.5, a, b) for p in said]
    assert np.mean(fixed) == pytest.approx(done[4000:].mean(), abs=0.02)
    assert behaviour.logits(net, []) == []


def test_the_learner_replays_and_joins_outcomes(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, shipped: serving.Net
) -> None:
    one = person(1_000_002, "A", 70)
    data = learner.history(one.lives, one.dates[0], one.dates[-1], TZ)
    model = registry.load(db, "behaviour", 0)
    half = data.days[len(data.days) // 2:]
    mine, plain = (np.mean(list(learner.replay(data, said, half).values())) for said in (model, None))
    assert mine < plain
    assert {len(v) for v in learner.inputs(data).values()} == {len(data.days)}
    task = tasks.add(db, "Write it", config, now, tz)
    told = learner.forecast(db, config, tz, now, model)
    assert [f.key.partition("/")[2] for f in told] == [task.id]
    assert learner.outcomes(db, config, tz, now, [told[0].key]) == {}
    assert learner.outcomes(db, config, tz, now + timedelta(days=9), [told[0].key]) == {told[0].key: 0.0}
    tasks.done(db, [task], now + timedelta(days=1))
    assert learner.outcomes(db, config, tz, now + timedelta(days=2), [told[0].key]) == {told[0].key: 1.0}
    assert true_hazards(one, one.lives[0], one.dates[3], 3) == pytest.approx(
        true_hazards(one, one.lives[0], one.dates[3], 5)[:3])


def test_modes_are_found_where_there_are_some_and_only_there() -> None:
    rng = np.random.default_rng(4)
    plain = rng.normal(0, 1, (40, 6))
    assert mixture.find(plain).labels == ()
    mixed = plain.copy()
    mixed[::2, :3] += 5
    mixed[3, 4] = np.nan
    found = mixture.find(mixed)
    assert found.ari is not None
    assert found.ari >= 0.6
    assert len({found.labels[0], found.labels[1]}) == 2
    assert len(set(found.labels[::2])) == len(set(found.labels[1::2])) == 1
    assert mixture.find(plain[:5]).why == "5 weeks; 12 are needed"
    assert mixture.find(np.ones((20, 3))).why == "every week is like the others"
    assert mixture.find(np.full((20, 3), np.nan)).labels == ()


def test_weeks_are_kept_and_a_young_store_has_no_modes(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    assert modes.view(db, config, now, tz).lines() == [avoidance.OFF, avoidance.HOW]
    avoidance.set_consent(db, True, now)
    assert modes.view(db, config, now, tz).lines() == ["no stable modes yet: 0 weeks; 12 are needed"]
    for n in range(100):
        past(db, now, f"Thing {n}", 101 - n, 1 if (n // 14) % 2 else 0.2, due=None)
    view = modes.view(db, config, now, tz)
    assert view.weeks == len(lives.weeks(db, 1)) == 12
    assert view.document()["stable"] == bool(view.modes)
    assert modes.snapshots(db, config, now, tz).keys() == lives.weeks(db, 1).keys()


def test_modes_are_looked_for_once_and_go_with_the_consent(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(100):
        past(db, now, f"Thing {n}", 101 - n, 1 if (n // 14) % 2 else 0.2, due=None)
    modes.view(db, config, now, tz)
    assert lives.weeks(db, 1) == {}  # nothing is kept that was not allowed
    avoidance.set_consent(db, True, now)
    looked: list[int] = []

    def find(rows: list[list[float]]) -> Modes:
        looked.append(len(rows))
        return Modes(tuple(n % 2 for n in range(len(rows))), ((1.0,) * 8 + (float("nan"),), (2.0,) * 9), 0.9, "2 modes")

    monkeypatch.setattr(mixture, "find", find)
    first, again = (modes.view(db, config, now, tz) for _ in range(2))
    assert looked == [12]
    assert first == again
    assert [mode.weeks for mode in again.modes] == [6, 6]
    assert again.modes[0].means[WEEK_FEATURES[-1]] is None
    modes.view(db, config, now + timedelta(days=7), tz)
    assert looked == [12, 13]
    avoidance.set_consent(db, False, now)
    assert (lives.weeks(db, 1), meta(db, lives.MODES)) == ({}, "")
    assert not modes.view(db, config, now, tz).modes


def test_a_week_in_numbers() -> None:
    monday = mondays(date(2026, 11, 1), date(2026, 11, 10))[0]
    assert monday == date(2026, 11, 2)
    every = [life("a", monday, monday + timedelta(days=1), monday + timedelta(days=5)),
             life("b", monday, monday + timedelta(days=6), monday + timedelta(days=4))]
    week = dict(zip(WEEK_FEATURES, snapshot(every, [0.4, 0.6], monday), strict=True))
    assert (week["done"], week["added"], week["on time"], week["last minute"], week["wait days"]) == (2, 2, 0.5, 0.5, 3.5)
    assert week["focus"] == pytest.approx(0.5)
    assert all(np.isnan(x) for x in snapshot([], [], monday)[3:6])


def test_days_with_finished_tasks_count_where_a_model_learns_from_tasks(db: Connection, now: datetime) -> None:
    from coach.engine.learning import kinds, serve

    for n in range(5):
        past(db, now, f"Thing {n}", 10 - n // 2, 0.1)
    assert serve.history_days(db, 20, tasks=True) == 3
    assert serve.history_days(db, 2, tasks=True) == 2
    assert serve.history_days(db, 20) == 0
    assert {"duration", "priority", "behaviour"} <= {k.name for k in kinds.KINDS.values() if k.tasks}
