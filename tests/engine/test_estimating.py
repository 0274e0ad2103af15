"""Lengths of tasks: the person's estimate stands unless the evidence excludes it, ranges, and every poor history."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta
from math import log
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.config import Config
from coach.core import change
from coach.core.duration import CENTER, Known, correction, evidence, median_interval, past
from coach.core.errors import InvalidInput, ModelMissing
from coach.core.likeness import Words, words_of
from coach.core.task import Draft
from coach.engine import estimating, suggesting
from coach.engine.estimating import Spoken
from coach.engine.learning import duration as learner
from coach.engine.learning import registry
from coach.engine.models import Models
from coach.engine.pretraining.duration_people import person
from coach.ml import duration
from coach.ml.train import duration as training
from coach.store import changes, finished
from coach.store.db import Connection


def finish(db: Connection, now: datetime, title: str, took: int | None, said: int | None = None, days_ago: float = 1.0,
           **more: object) -> None:
    at = (now - timedelta(days=days_ago)).isoformat()
    changes.apply(db, [change.create("task", str(uuid.uuid4()), {
        "title": title, "status": "completed", "created": at, "modified": at, "completed": at, "time_zone": "UTC",
        "estimate_min": said, "actual_min": took, **more,
    })], now=now, label="add task")


def test_without_history_a_range_stands_on_people_in_general(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    found = estimating.estimate(db, "Write the essay", config, now, tz)
    assert found.n == 0
    assert found.basis.startswith("people in general")
    assert any("no task of yours has been measured yet" in line for line in found.lines())
    assert 0 < found.low_min < found.median_min < found.high_min
    quick = estimating.estimate(db, "Book room", config, now, tz)
    assert quick.median_min < found.median_min
    unknown = estimating.estimate(db, "Zrbl fnord", config, now, tz)
    assert (unknown.similar, unknown.assumed, unknown.planned_min) == ((), True, config.plan.default_estimate_min)
    assert (found.assumed, found.planned_min) == (False, pytest.approx(found.median_min, abs=1))


def test_an_own_estimate_stands_until_the_evidence_excludes_it(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    for n in range(9):
        finish(db, now, f"Write report number {n}", 60 if n % 2 else 66, 60, 20 - n)
    found = estimating.estimate(db, "Write report on cats ~60m", config, now, tz)
    assert (found.median_min, found.corrected, found.basis) == (pytest.approx(60.0), None, "your estimate")
    for n in range(12):
        finish(db, now, f"Answer mail {n}", 40 + n, 20, 10 - n / 2)
    slow = estimating.estimate(db, "Answer mail of Ines ~20m", config, now, tz)
    assert slow.corrected == pytest.approx(2.2, abs=0.3)
    assert slow.median_min == pytest.approx(44, abs=6)
    assert slow.low_min <= slow.median_min <= slow.high_min
    assert slow.corrected_n == 12
    assert "the last 9 like it took" in " ".join(slow.lines())
    assert "you say 20 min" in slow.lines()[0]


def test_the_plan_takes_the_percentile_that_is_set(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    from dataclasses import replace

    said = []
    for percentile in (10.0, 50.0, 90.0, 400.0):
        wanted = replace(config, plan=replace(config.plan, percentile=percentile))
        said.append(estimating.estimate(db, "Write the essay ~60m", wanted, now, tz).planned_min)
    assert said == sorted(said)
    assert said[1] == 60
    assert said[0] < 60 < said[2]


@pytest.mark.parametrize("took", [0, 1, 5_000_000])
def test_strange_histories_leave_finite_ranges(db: Connection, config: Config, now: datetime, tz: ZoneInfo, took: int) -> None:
    for n in range(8):
        finish(db, now, "Call", took, 0, n)
    finish(db, now, "", 5, None)
    found = estimating.estimate(db, "Call ~0", config, now, tz)
    assert 1 <= found.low_min <= found.median_min <= found.high_min <= 20_000
    assert found.planned_min >= 1


def test_no_text_and_no_model(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput):
        estimating.estimate(db, "   ", config, now, tz)

    def missing(*_: object, **__: object) -> None:
        raise ModelMissing("the model is missing", "")

    monkeypatch.setattr(registry, "load", missing)
    found = estimating.estimate(db, "Write it ~30m", config, now, tz)
    assert (found.by, round(found.median_min)) == ("baseline", 30)
    assert "missing" in found.why


def test_what_similar_tasks_took_is_said_with_how_many_it_holds_for() -> None:
    def said(*took: int) -> str:
        return estimating.like_words([Spoken("x", None, minutes, 1.0) for minutes in took])

    assert said(5, *[50] * 8, 300) == "8 of the last 10 like it took 46 to 75 min"
    assert said(38, 70) == "the last 2 like it took 38 to 70 min"
    assert said(40) == "the one like it took 40 min"
    assert said(1200, 2400) == "the last 2 like it took 1,200 to 2,400 min"


def test_one_word_in_common_is_not_called_alike(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for n, name in enumerate(("Samir", "Priya", "Ines", "Jonas")):
        finish(db, now, f"Write to {name}", 10 + n, days_ago=9 - n)
    found = estimating.estimate(db, "Write report for Anna", config, now, tz)
    assert (found.basis, found.n, found.begin) == ("tasks that begin with “write”", 4, "write")
    assert any("the last 4 that begin with “write” took 10 to 13 min" in line for line in found.lines())
    finish(db, now, "Write report for Bob", 90)
    found = estimating.estimate(db, "Write report for Anna", config, now, tz)
    assert (found.basis, found.n, found.begin) == ("tasks like it or that begin with “write”", 5, "")
    assert [one.title for one in found.similar] == ["Write report for Bob"]


def test_own_range_is_said_in_words(db: Connection, now: datetime, config: Config, tz: ZoneInfo) -> None:
    for n in range(12):
        finish(db, now, f"Write report {n}", 50 + n, 60, 20 - n)
    from coach.engine import tasks

    task = tasks.add(db, "Write report of May ~60m", config, now, tz)
    words = estimating.own_range(db, task)
    assert "in 4 of 5 cases (n = 12)" in words
    assert "the last 9 like it took 54 to 60 min" in words
    assert estimating.own_range(db, tasks.add(db, "Dance", config, now, tz)) == ""


@given(st.lists(st.floats(-3, 3), max_size=40))
def test_an_interval_of_the_median_holds_the_sample_median(values: list[float]) -> None:
    low, high = median_interval(values)
    if values:
        assert low <= np.median(values) <= high


def test_exact_estimates_are_never_corrected() -> None:
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(300):
        ratios = [0.0 if rng.random() < 0.5 else float(rng.normal(0, 0.45)) for _ in range(int(rng.integers(5, 60)))]
        wrong += correction([("similar tasks", ratios)])[0] != 0.0
    assert wrong <= 6
    assert correction([("similar tasks", [0.4] * 9)])[0] == pytest.approx(0.36)
    assert correction([("similar tasks", [0.0] * 9), ("all your tasks", [0.5] * 40)])[0] == 0.0


def test_the_kind_of_work_counts_more_than_its_object() -> None:
    words = Words()
    for title in ("Review pull request of Ana", "Write to Ana", "Review the budget"):
        words.add(words_of(title))
    assert [n for n, _ in words.nearest(words_of("Review pull request of Bo"), 2, 0.3)] == [0, 2]
    assert words_of("The  of 12 !!") == ()


def test_a_forest_learns_a_kind_and_its_range_widens_where_it_was_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "TREES", 8)
    rng = np.random.default_rng(0)
    features = np.zeros((600, 19), dtype=np.float32)
    features[:, 0] = rng.integers(0, 2, 600)
    residuals = np.where(features[:, 0] > 0, rng.normal(1.0, 0.1, 600), rng.normal(-1.0, 0.5, 600))
    edges = training.grid(residuals)
    from coach.ml import serving

    net = serving.load(training.forest(features, residuals, np.ones(600), edges, 0), inputs=("features",), outputs=("cdf",))
    found = duration.bands(net, {"edges": edges, "center": CENTER}, [[1.0] + [0.0] * 18, [0.0] * 19])
    assert found.middle == pytest.approx([1.0, -1.0], abs=0.15)
    assert found.high[0] - found.low[0] < found.high[1] - found.low[1]
    truth = rng.normal(0, 1, 200)
    assert duration.widening(np.full(200, -0.1), np.full(200, 0.1), truth) > 0.8
    assert duration.widening(np.full(200, -5.0), np.full(200, 5.0), truth) < -2.0
    assert duration.widening(np.zeros(3), np.zeros(3), np.ones(3)) == 0.0


def test_the_learner_replays_a_history_and_joins_outcomes(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for n in range(12):
        finish(db, now, f"Write report {n}", 50 + n, None if n % 2 else 60, 20 - n)
    data = learner.dataset(db, config, tz, now)
    assert len(data.days) == 12
    model = registry.load(db, "duration", 0)
    for said in (model, None):
        losses = learner.replay(data, said, data.days)
        assert set(losses) == set(data.days)
        assert all(np.isfinite(x) for x in losses.values())
    from coach.engine import tasks

    task = tasks.add(db, "Write report of May", config, now, tz)
    told = learner.forecast(db, config, tz, now, model)
    assert [f.key for f in told] == [task.id]
    assert learner.outcomes(db, config, tz, now, [task.id]) == {}
    db.execute("UPDATE task SET status = 'completed', actual_min = 70 WHERE id = ?", (task.id,))
    assert learner.outcomes(db, config, tz, now, [task.id, "gone"])[task.id] == pytest.approx(log(70))
    assert {len(v) for v in learner.inputs(data).values()} == {12}


def test_a_simulated_person_of_kinds_is_told_better_than_by_one_ratio() -> None:
    cases = person(1_000_003, "A", {}, log(30.0)).cases[20:]
    estimated = [c for c in cases if c.asked.estimate_min]
    ours = [abs(np.exp(c.found.center) - c.actual_min) for c in estimated]
    plain = [abs(c.asked.estimate_min * np.exp(c.found.own_ratio or 0.0) - c.actual_min) for c in estimated]
    oracle = [abs(c.oracle_min - c.actual_min) for c in estimated]
    assert np.mean(oracle) < np.mean(ours) < np.mean(plain)


def test_evidence_of_one_task() -> None:
    known = Known()
    when = datetime(2026, 1, 1)
    known.add(past("Call mum", (), None, 10, when))
    from coach.core.duration import Asked

    found = evidence(known, Asked("Call dad", words_of("Call dad"), ()), log(30.0))
    assert (len(found.near), found.own_n) == (1, 1)
    assert log(10) < found.center < log(30)


def test_insights_name_the_kinds_whose_estimates_are_off(db: Connection, now: datetime) -> None:
    from coach.engine.estimates import compared, estimates_json
    from coach.store import tasks as stored

    for n in range(8):
        finish(db, now, f"Mail {n}", 40 + n, 20, 20 - n, tags=["mail"], project="desk")
        finish(db, now, f"Sweep {n}", 20 if n % 2 else 22, 20, 20 - n, project="home")
    found = compared(stored.completed_between(db, now - timedelta(days=40), now))
    assert {kind for kind, _, _ in found.off} == {"tag:mail", "project:desk"}
    assert estimates_json(found)["off"][0]["ratio"] == pytest.approx(2.175)
    assert compared([]).off == ()


def test_tasks_of_the_same_meaning_join_where_words_find_none(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coach.engine import similar
    from coach.engine.models import Models

    for n in range(6):
        finish(db, now, f"Ring the dentist {n}", 8 + n, None, 20 - n)
    nums = [row.num for row in finished.measured(db, 10)]

    def meant(*_: object, **__: object) -> list[similar.Similar]:
        return [similar.Similar(num, "", "", 0.8, "completed", None, None, None, False) for num in (*nums, 9999)]

    monkeypatch.setattr(similar, "similar", meant)
    plain = estimating.estimate(db, "Telephone surgery", config, now, tz)
    meaning = estimating.estimate(db, "Telephone surgery", config, now, tz, models=Models(config))
    assert (len(plain.similar), len(meaning.similar)) == (0, 6)
    assert meaning.basis == "similar tasks"
    assert meaning.low_min <= 10.5 <= meaning.high_min


def test_own_tasks_grow_a_forest_beside_the_shipped_one(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for n in range(80):
        finish(db, now, f"Write report {n}", 90, None, 80 - n)
    data = learner.dataset(db, config, tz, now)
    base = registry.load(db, "duration", 0)
    made = learner.tune(data, base, "full", now.date(), 0, lambda share, words: None)
    from coach.engine.learning.kinds import Model
    from coach.ml import serving

    mine = Model(1, serving.load(made.onnx, inputs=("features",), outputs=("cdf",)), made.card)
    last = data.days[-20:]
    losses = [np.mean(list(learner.replay(data, model, last).values())) for model in (mine, base)]
    assert losses[0] <= losses[1] + 1e-9
    assert made.card["own_tasks"] == 80
    few = learner.tune(data, base, "full", data.days[3], 0, lambda share, words: None)
    assert learner.replay(data, Model(1, serving.load(few.onnx), few.card), last) == learner.replay(data, base, last)


def test_a_hint_says_how_long_it_will_take_with_what_that_stands_on(db: Connection, config: Config, now: datetime) -> None:
    models = Models(config)
    assert suggesting.hint(db, models, Draft("Answer mail of Ines"), now).length == ""  # type: ignore[union-attr]
    for n in range(12):
        finish(db, now, f"Answer mail {n}", 38 + n, days_ago=20 - n)
    typed = suggesting.hint(db, models, Draft("Answer mail of Ines"), now + timedelta(1))
    assert typed is not None
    assert re.fullmatch(
        r"likely \d+ min, \d+ to \d+ min in 4 of 5 cases, by similar tasks \(n = 9, median 45 min\)"
        r"(, towards people in general \(\d+ min\))?, 7 of the last 9 like it took \d+ to \d+ min", typed.length)
    assert typed.length in typed.parts()
    own = suggesting.hint(db, models, Draft("Answer mail of Ines", estimate_min=60), now + timedelta(1))
    assert own is not None
    assert own.length.startswith("7 of the last 9 like it took")  # nothing was estimated before
    for n in range(5):
        finish(db, now, f"Answer mail of {n}", 38 + n, 40, days_ago=5 - n / 9)
    own = suggesting.hint(db, models, Draft("Answer mail of Ines", estimate_min=60), now + timedelta(1))
    assert own is not None
    assert re.match(r"\d+ to \d+ min in 4 of 5 cases \(n = \d+\), 7 of the last 9", own.length)


def test_what_is_named_is_what_moved_the_number(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for n in range(60):
        finish(db, now, f"Refactor module {n} of the parser", 80 + n % 9, days_ago=90 - n)
    for n, took in enumerate((15, 20, 30, 30)):
        finish(db, now, f"Buy present for {('Rafael', 'Tomas', 'Carmen', 'Ines')[n]}", took, days_ago=20 - n)
    found = estimating.estimate(db, "buy milk", config, now, tz)
    assert (found.basis, found.n) == ("tasks that begin with “buy”", 4)
    assert found.low_min < 30 < found.high_min
    assert sum(one.share for one in found.stands) == pytest.approx(1.0)
    stands = sum(s.share * s.log_min for s in found.stands)
    assert log(found.median_min) == pytest.approx(stands + log(found.factor) + log(found.general))
    assert found.general > 1.05
    assert "towards the 38 min that people in general need for such words" in " ".join(found.lines())
    assert "towards people in general (38 min)" in found.short()
    words = " ".join(found.lines())
    assert "stands on tasks that begin with “buy” (n = 4, median 24 min)" in words
    finish(db, now, "Buy bread", 200, days_ago=1)
    mixed = estimating.estimate(db, "Buy bread", config, now, tz)  # one of this title, four that begin alike
    shares = {one.what: one.share for one in mixed.stands}
    assert shares["tasks of this very title"] == pytest.approx(0.2)
    assert "tasks of this very title (n = 1, median 200 min)" in " ".join(mixed.lines())


def test_what_was_said_of_the_same_title_counts_first(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for n in range(30):
        finish(db, now, f"Write chapter {n} of the thesis", 90, days_ago=60 - n)
    changes.apply(db, [change.create("task", str(uuid.uuid4()), {
        "title": "Water the plants", "status": "pending", "created": now.isoformat(), "modified": now.isoformat(),
        "time_zone": "UTC", "estimate_min": 5,
    })], now=now, label="add task")
    for n in range(19):
        finish(db, now, "Water the plants", None, 4, days_ago=60 - 3 * n)
    found = estimating.estimate(db, "water the  PLANTS", config, now, tz)
    assert (round(found.median_min), found.estimate_min, found.before_min, found.before_n) == (5, None, 5, 19)
    assert found.high_min < 30
    assert found.planned_min == 5
    assert any("the 5 min that you gave a task of this title, done 19 times" in line for line in found.lines())
    assert "5 min that you gave a task of this title" in found.short()
    for n in range(4):
        finish(db, now, "Water the plants", 20, None, days_ago=3 - n / 2)
    measured = estimating.estimate(db, "Water the plants", config, now, tz)  # what it took outweighs what was said
    assert measured.before_min is None
    assert "tasks of this very title" in " ".join(measured.lines())
    assert 12 < measured.median_min < 40


def test_the_more_a_title_was_done_the_less_people_in_general_say_of_it(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    finish(db, now, "Buy milk", 10, days_ago=41)
    once = estimating.estimate(db, "Buy milk", config, now, tz)
    for n in range(30):
        finish(db, now, "Buy milk", 9 + n % 3, days_ago=40 - n)
    often = estimating.estimate(db, "Buy milk", config, now, tz)
    assert once.median_min > 18
    assert 9 < often.median_min < 13
    assert 1 < often.general < once.general
    assert often.stands[0].what == "tasks of this very title"
