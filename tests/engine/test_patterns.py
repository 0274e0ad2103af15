"""Patterns of a real store: who serves, what is shown and on what it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from coach.config import Config
from coach.engine import patterns, sums
from coach.engine.learning import patterns as learning
from coach.ml import habits
from coach.ml.features.patterns import PATTERNS
from coach.store.db import Connection
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, empty_store, lived

WEEKDAYS = [TODAY - timedelta(days=back) for back in range(27, 0, -1) if (TODAY - timedelta(days=back)).weekday() < 5]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Connection]:
    connection, _ = empty_store(tmp_path)
    yield connection
    connection.close()


def weeks(db: Connection) -> None:
    """Four weeks of code with mail at noon; every second working day goes on from ten to half past eleven at night."""
    for i, day in enumerate(WEEKDAYS):
        for hour in (9, 10, 14, 15):
            lived(db, at(day, hour), 40, "code", "main.py")
            lived(db, at(day, hour, 45), 10, "Slack", "general")
        lived(db, at(day, 12), 20, "thunderbird", "Inbox")
        if i % 2:
            lived(db, at(day, 22), 90, "code", "late.py")
    derive(db, at(TODAY - timedelta(days=28), 0), NOW)


def test_an_empty_store_is_told_by_rules_and_says_why(db: Connection) -> None:
    view = patterns.view(db, Config(), NOW, BERLIN)
    assert (view.found, view.who, view.days) == ((), "rules", 0)
    assert "0 days of history" in view.reason
    assert json.loads(json.dumps(patterns.patterns_json(view)))["found"] == []


def test_late_nights_are_found_with_what_they_stand_on(db: Connection) -> None:
    weeks(db)
    lived_days = patterns.history(db, Config(), BERLIN, TODAY - timedelta(days=84), TODAY)
    assert lived_days.dates == tuple(WEEKDAYS)
    found, who, why = patterns.detect(lived_days.days, None, "the rules were asked for")
    assert (who, why) == ("rules", "the rules were asked for")
    k = PATTERNS.index("late_night")
    assert found.claimed[:, k].tolist() == [bool(i % 2) for i in range(len(WEEKDAYS))]
    shown = {p.name: p for p in patterns._shown(lived_days.dates, found, {}, TODAY)}
    late = shown["late_night"]
    assert (late.count, late.n) == (len(WEEKDAYS) // 2, len(WEEKDAYS))
    assert late.low < late.share < late.high
    assert late.low > late.base_rate
    assert set(late.days) <= {d for i, d in enumerate(WEEKDAYS) if i % 2}
    assert late.effect is None
    assert f"{late.count} of {late.n} days" in patterns.sentence(late)


def test_effects_need_days_on_both_sides_and_survive_together(db: Connection) -> None:
    weeks(db)
    lived_days = patterns.history(db, Config(), BERLIN, TODAY - timedelta(days=84), TODAY)
    found = patterns.detect(lived_days.days, None, "")[0]
    rng = np.random.default_rng(0)
    focus = {d: 0.6 - 0.2 * (i % 2) + float(rng.normal(0, 0.02)) for i, d in enumerate(WEEKDAYS)}
    late = next(p for p in patterns._shown(lived_days.dates, found, focus, TODAY) if p.name == "late_night")
    assert late.effect is not None
    assert late.effect.sure
    assert late.effect.low < -0.2 < late.effect.high
    assert late.effect.n + late.effect.n_without == len(WEEKDAYS)
    assert "focus -0.2" in patterns.sentence(late)
    noise = {d: 0.6 + 0.02 * (i // 2 % 2) for i, d in enumerate(WEEKDAYS)}
    late = next(p for p in patterns._shown(lived_days.dates, found, noise, TODAY) if p.name == "late_night")
    assert late.effect is not None
    assert not late.effect.sure
    assert "focus" not in patterns.sentence(late)


def test_twice_is_no_pattern(db: Connection) -> None:
    dates = tuple(WEEKDAYS)
    claimed = np.zeros((len(dates), len(PATTERNS)), dtype=bool)
    claimed[:2, 0] = True
    found = habits.Found(claimed.astype(float), claimed, dict.fromkeys(PATTERNS, 0.0001))
    assert patterns._shown(dates, found, {}, TODAY) == ()
    claimed[2, 0] = True
    assert [p.name for p in patterns._shown(dates, found, {}, TODAY)] == ["email_loop"]
    common = habits.Found(claimed.astype(float), claimed, dict.fromkeys(PATTERNS, 0.2))
    assert patterns._shown(dates, common, {}, TODAY) == ()


def test_the_night_belongs_to_the_day_before_and_the_focus_to_its_day(db: Connection) -> None:
    day = WEEKDAYS[5]
    lived(db, at(day + timedelta(days=1), 1), 60, "code", "late.py")
    derive(db, at(day, 0), NOW)
    found = patterns.history(db, Config(), BERLIN, TODAY - timedelta(days=28), TODAY)
    assert found.dates == (day,)
    assert sums.focus_by_day(db, TODAY - timedelta(days=28), TODAY, 4).keys() == {day}


def test_learning_asks_spoilt_days_for_what_both_agree_on(db: Connection) -> None:
    weeks(db)
    data = learning.dataset(db, Config(), BERLIN, NOW)
    assert data.days == tuple(WEEKDAYS)
    assert data.digest == learning.dataset(db, Config(), BERLIN, NOW).digest
    assert np.isnan(data.labels[:, PATTERNS.index("weekend_spill")]).all()
    losses = learning.replay(data, None, data.days)
    assert losses.keys() == set(data.days)
    assert all(0 <= loss < 0.6 for loss in losses.values())
    assert all(len(column) == len(data.days) for column in learning.inputs(data).values())
    said = learning.forecast(db, Config(), BERLIN, NOW, None)
    assert {f.key for f in said} == {f"{p}/{TODAY.isoformat()}" for p in PATTERNS if p != "weekend_spill"}
    late = next(f for f in said if f.key.startswith("late_night"))
    assert 0.3 < late.value < 0.6
    asked = [f"late_night/{WEEKDAYS[1]}", late.key, f"late_night/{date(2026, 1, 5)}"]
    known = learning.outcomes(db, Config(), BERLIN, NOW, asked)
    assert late.key not in known
    assert np.isnan(known[f"late_night/{date(2026, 1, 5)}"])
    assert known[f"late_night/{WEEKDAYS[1]}"] != 0


def test_the_frozen_people_judge_the_net_alone() -> None:
    import json

    from coach.config import shipped
    from coach.engine.learning import patterns as learner
    from coach.engine.learning.kinds import Model
    from coach.ml import habits

    net = habits.load(shipped("models", "patterns", "model.onnx"))
    card = json.loads(shipped("models", "patterns", "card.json").read_text(encoding="utf-8"))
    alone = {key: value for key, value in card.items() if key != "recurrence"}
    losses = learner.regression(Model(0, net, card))
    assert losses == learner.regression(Model(0, net, alone))
    assert min(losses.values()) > 0.001
