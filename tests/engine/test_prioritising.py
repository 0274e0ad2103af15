"""What to do next: urgency at first, then what is chosen; reasons that add up; every way in which nothing can be learnt."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from coach.config import Config
from coach.core import change
from coach.core.errors import ModelBroken
from coach.core.priority import FEATURES, Base, Option, Taste, Traits, learn, option, parts, reasons, score, taste_of, update
from coach.engine import prioritising, tasks, views
from coach.engine.learning import priority as learner
from coach.engine.learning import registry
from coach.engine.learning.kinds import Model
from coach.engine.pretraining.priority import as_json, pairs_of
from coach.ml import serving
from coach.ml.train import priority as training
from coach.store import models, taste
from coach.store.db import Connection

NOW_S = 1.79e9


def flat(**values: list[float]) -> Base:
    """Tables that say nothing but `values`, each with one step at 0.5."""
    return Base({n: [0.5] for n in FEATURES}, {n: values.get(n, [0.0, 0.0]) for n in FEATURES}, {})


def some(id: str, words: tuple[str, ...] = (), due_days: float | None = None, tags: tuple[str, ...] = ()) -> Traits:
    return Traits(words, "", tags, 4.0, -99.0, None if due_days is None else NOW_S + due_days * 86_400, NOW_S - 86_400)


def options(base: Base, mine: Taste, all_of: dict[str, Traits]) -> list[Option]:
    return [option(base, mine, name, of, NOW_S, weekend=False) for name, of in all_of.items()]


def filled(db: Connection, config: Config, now: datetime, tz: ZoneInfo, count: int = 6) -> None:
    for n in range(count):
        tasks.add(db, f"Call person {n} p2", config, now - timedelta(days=3), tz)
        tasks.add(db, f"Write page {n}", config, now - timedelta(days=3), tz)


def test_before_the_first_choice_urgency_orders(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz)
    order = prioritising.chosen_next(db, config, now, tz)
    urgent = tasks.ready(db, config, now)
    assert [one.task.id for one in order.ranked] == [task.id for task, _ in urgent]
    assert (order.by, order.n) == ("urgency", 0)
    assert "urgency" in order.document(order.ranked[0])["reason"]


def test_the_routine_of_another_day_waits_for_it(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 6)
    tasks.add(db, "Write the weekly page every mon p1", config, now, tz)
    for n in range(4):
        at = now + timedelta(minutes=n)
        tasks.done(db, [next(t for t, _ in tasks.ready(db, config, at) if t.title.startswith("Write page"))], at)
    order = prioritising.chosen_next(db, config, now + timedelta(hours=1), tz)
    assert order.ranked[-1].task.recurrence is not None
    assert order.n == 4


def test_shown_places_are_kept_while_they_change(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 2)
    view = views.today(db, config, now, tz)
    views.note_shown(db, view)
    ids = [row.id for group in view.tasks for row in group.rows]
    assert taste.shown_since(db, now, now) == {task_id: n for n, task_id in enumerate(ids, start=1)}
    before = db.total_changes
    views.note_shown(db, view)
    assert db.total_changes == before
    prioritising.note_shown(db, ids[::-1], now + timedelta(hours=1))
    assert taste.shown_since(db, now, now + timedelta(hours=2))[ids[-1]] == 1


def test_one_task_shown_alone_leaves_the_fuller_order(db: Connection, now: datetime) -> None:
    day, later = now - timedelta(days=1), now + timedelta(minutes=5)
    prioritising.note_shown(db, ["a", "b", "c"], now)
    prioritising.note_first(db, "a", later)
    assert {i: p.rank for i, p in taste.order_with(db, "a", day, later).items()} == {"a": 1, "b": 2, "c": 3}
    prioritising.note_first(db, "c", later)
    assert {i: p.rank for i, p in taste.order_with(db, "c", day, later).items()} == {"c": 1}
    assert {i: p.rank for i, p in taste.order_with(db, "b", day, later).items()} == {"a": 1, "b": 2, "c": 3}
    before = db.total_changes
    prioritising.note_first(db, "c", later)
    assert db.total_changes == before


def test_an_empty_store_has_nothing_next(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    assert prioritising.chosen_next(db, config, now, tz).ranked == ()
    assert prioritising.follow(db, now, tz) == 0


def test_what_is_chosen_again_and_again_comes_first(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 12)
    for n in range(10):
        at = now + timedelta(hours=n)
        write = next(t for t, _ in tasks.ready(db, config, at) if t.title.startswith("Write"))
        tasks.done(db, [write], at)
    later = now + timedelta(hours=12)
    order = prioritising.chosen_next(db, config, later, tz)
    assert (order.by, order.n) == ("model", 10)
    assert order.ranked[0].task.title.startswith("Write")
    assert any(name in ("own_words", "priority") for name, _ in order.ranked[0].why)
    assert sum(value for _, value in order.ranked[0].why) != 0
    assert "how you take" in order.ranked[0].words() or "priority" in order.ranked[0].words()
    assert [g.rows[0].task.title[:5] for g in views.today(db, config, later, tz).tasks] == ["Write"]
    assert prioritising.follow(db, later, tz) == 10


def test_a_long_history_is_learnt_in_steps_and_once(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 20)
    for n, (task, _) in enumerate(tasks.ready(db, config, now)[:30]):
        tasks.start(db, task, now + timedelta(minutes=2 * n))
        task = tasks.find(db, task.id)
        tasks.done(db, [task], now + timedelta(minutes=2 * n + 1))
    later = now + timedelta(hours=2)
    assert prioritising.chosen_next(db, config, later, tz).n == prioritising.AT_ONCE
    assert prioritising.follow(db, later, tz) == 30  # begun and then finished is one choice
    assert prioritising.chosen_next(db, config, later, tz).n == 30
    tasks.undo(db, later)
    assert len(taste.choices(db, "", 100)) == 30


def test_what_many_did_at_once_is_no_choice(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 3)
    tasks.done(db, [t for t, _ in tasks.ready(db, config, now)][:3], now + timedelta(minutes=1))
    assert taste.choices(db, "", 10) == []


def test_a_baseline_that_serves_and_broken_tables_leave_urgency(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    filled(db, config, now, tz)
    number = models.add(db, "priority", 0, b"x", b"{}", {}, now)
    models.promote(db, "priority", number, now, "better")
    order = prioritising.chosen_next(db, config, now, tz)
    assert order.by == "urgency"
    assert "cannot be read" in order.reason
    models.set_serving(db, "priority", "baseline", "you chose it", now)
    assert prioritising.chosen_next(db, config, now, tz).reason == "you chose it"
    for data in (b"", b"[]", b"{}", as_json(Base({n: [1.0] for n in FEATURES}, {n: [1.0] for n in FEATURES}, {}))):
        with pytest.raises(ModelBroken):
            prioritising.base_of(data)


def test_reasons_add_up_to_the_difference() -> None:
    base = flat(due=[2.0, -1.0], words=[-0.5, 0.5], own_words=[0.0, 1.0])
    mine = Taste()
    for n in range(4):
        mine.n = n
        found = options(base, mine, {"a": some("a", ("call",), 0.2), "b": some("b", ("write",)), "c": some("c", (), 9)})
        urgencies = [3.0, 9.0, -1.0]
        scores = [score(base, mine, o, u) for o, u in zip(found, urgencies, strict=True)]
        told = reasons(base, mine, found[0], urgencies[0], list(zip(found, urgencies, strict=True)))
        assert sum(x for _, x in told) == pytest.approx(scores[0] - sum(scores) / 3)


def test_weights_follow_what_a_person_heeds() -> None:
    """Somebody who never heeds due dates: the weight of the due falls, that of their words does not."""
    rng = np.random.default_rng(3)
    base, mine = flat(due=[1.5, -1.5], words=[0.0, 0.0], tags=[-0.5, 1.0]), Taste()
    for _ in range(60):
        open_now = {str(n): some(str(n), (), float(rng.choice([0.1, 20.0])), ("x",) if n % 2 else ()) for n in range(6)}
        found = options(base, mine, open_now)
        learn(base, mine, found, int(rng.integers(6)), weekend=False)
    assert mine.mean[FEATURES.index("due")] < 0.5
    assert mine.n == 60
    again = taste_of(mine.document())
    assert again.mean == mine.mean
    assert parts(base, again, found[0]) == pytest.approx(parts(base, mine, found[0]), abs=1e-3)
    assert taste_of({"mean": [1.0]}).n == 0


def test_a_choice_from_the_top_says_less() -> None:
    """The person likes both kinds alike and takes what stands first; with the ranks known, the weights say so."""
    weights = []
    for ranked in (False, True):
        rng, mine = np.random.default_rng(5), Taste(n=1)
        for _ in range(400):
            values = [[0.0] * len(FEATURES) for _ in range(6)]
            for n in range(6):
                values[n][0] = 1.0 if n < 3 else 0.0  # what the shown order puts first
            looked = np.arange(1, 7) ** -0.5
            at = int(rng.choice(6, p=looked / looked.sum()))
            update(mine, values, at, [n + 1 if ranked else None for n in range(6)])
        weights.append(mine.mean[0])
    assert weights[0] > weights[1] + 0.2
    assert abs(weights[1]) < 0.35


def test_a_boosted_base_orders_a_person_it_has_not_seen_and_its_graph_says_the_same() -> None:
    taken, passed = pairs_of(77, {})
    base = training.boost(np.asarray(taken), np.asarray(passed), np.full(len(taken), 1 / 8), {})
    other, beside = pairs_of(78, {})

    def total(x: tuple[float, ...]) -> float:
        return sum(base.value(name, value) for name, value in zip(FEATURES, x, strict=True))

    right = np.mean([total(a) > total(b) for a, b in zip(other, beside, strict=True)])
    assert right > 0.7
    net = serving.load(training.as_graph(base), inputs=("features",), outputs=("parts",))
    found = serving.run(net, features=np.asarray(other[:200], dtype=np.float32))["parts"].sum(axis=1)
    assert found == pytest.approx([total(x) for x in other[:200]], abs=1e-3)


def test_the_learner_replays_choices_and_joins_outcomes(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 10)
    for n in range(8):
        at = now + timedelta(days=n // 2, minutes=n)
        tasks.done(db, [tasks.ready(db, config, at)[0][0]], at)
    later = now + timedelta(days=5)
    data = learner.dataset(db, config, tz, later)
    assert len(data.choices) == 8
    model = registry.load(db, "priority", 0)
    for said in (model, None):
        losses = learner.replay(data, said, data.days)
        assert set(losses) == set(data.days)
        assert all(0 <= x <= 1 for x in losses.values())
    told = learner.forecast(db, config, tz, later, model)
    assert told
    assert all(0 <= f.value <= 1 for f in told)
    assert learner.outcomes(db, config, tz, later, [told[0].key]) == {}
    tasks.start(db, tasks.find(db, told[0].key.partition("/")[2]), later)
    after = learner.outcomes(db, config, tz, later + timedelta(days=1), [f.key for f in told[:2]] + ["2026-11-25/gone"])
    assert list(after.values())[:2] == [1.0, 0.0]
    assert np.isnan(after["2026-11-25/gone"])
    assert {len(v) for v in learner.inputs(data).values()} == {4}


def test_a_model_of_other_tables_replays(db: Connection) -> None:
    net = serving.load(training.as_graph(flat(due=[1.0, 0.0])), inputs=("features",), outputs=("parts",))
    assert learner.replay(learner.History((), (), ""), Model(1, net, {}), []) == {}


def test_a_change_of_the_log_by_coach_is_no_choice(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    from coach.store import changes

    filled(db, config, now, tz, 1)
    task = tasks.ready(db, config, now)[0][0]
    edit = change.update("task", task.id, {"status": "pending"}, {"status": "completed"})
    changes.apply(db, [edit], now=now, label="complete task", actor="import")
    assert taste.choices(db, "", 10) == []


def test_purged_tasks_leave_no_word_behind(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 2)
    secret = tasks.add(db, "Visit oncologist", config, now, tz)
    prioritising.note_shown(db, [secret.id], now)
    tasks.done(db, [next(t for t, _ in tasks.ready(db, config, now) if t.title.startswith("Call"))], now)
    prioritising.follow(db, now, tz)
    assert "oncologist" in str(taste.read(db))
    tasks.delete(db, [secret], now)
    tasks.purge(db, now)
    assert taste.read(db) is None
    assert taste.shown_since(db, now, now) == {}
    assert prioritising.follow(db, now, tz) == 1
    assert "oncologist" not in str(taste.read(db))


def test_own_choices_move_the_tables(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    filled(db, config, now, tz, 20)
    for n in range(16):
        at = now + timedelta(hours=n)
        tasks.done(db, [next(t for t, _ in tasks.ready(db, config, at) if t.title.startswith("Write"))], at)
    data = learner.dataset(db, config, tz, now + timedelta(days=2))
    base = registry.load(db, "priority", 0)
    made = learner.tune(data, base, "full", (now + timedelta(days=2)).date(), 0, lambda share, words: None)
    tables = prioritising.base_of(made.weights)
    assert tables.value("priority", 4.0) - tables.value("priority", 2.0) > (
        learner._shipped().value("priority", 4.0) - learner._shipped().value("priority", 2.0))
    mine = Model(1, serving.load(made.onnx, inputs=("features",), outputs=("parts",)), made.card)
    assert np.mean(list(learner.replay(data, mine, data.days).values())) <= np.mean(
        list(learner.replay(data, base, data.days).values())) + 1e-9


def test_the_learner_heeds_the_places_of_shown_orders_as_each_choice_does(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo,
) -> None:
    filled(db, config, now, tz, 12)
    for n in range(12):
        at = now + timedelta(hours=n)
        ready = [task for task, _ in tasks.ready(db, config, at)]
        pages = [task for task in ready if task.title.startswith("Write")]
        prioritising.note_shown(db, [task.id for task in pages + [t for t in ready if t not in pages]], at)
        tasks.done(db, [pages[0]], at + timedelta(minutes=1))
    later = now + timedelta(days=1)
    base, until = registry.load(db, "priority", 0), (now + timedelta(days=2)).date()
    prioritising.follow(db, later, tz)
    live = taste_of(taste.read(db).data)
    moved, digests, counted, losses = [], [], [], []
    for shown in (True, False):
        if not shown:
            db.execute("DELETE FROM shown_order")
        data = learner.dataset(db, config, tz, later)
        assert all(sorted(one.places) == list(range(1, len(one.places) + 1)) for one in data.choices) if shown else all(
            set(one.places) == {None} for one in data.choices)
        made = learner.tune(data, base, "full", until, 0, lambda share, words: None)
        tables = prioritising.base_of(made.weights)
        moved.append(tables.value("priority", 4.0) - tables.value("priority", 2.0))
        digests.append(data.digest)
        counted.append(data.choices[-1].options[0].x[FEATURES.index("words")])
        losses.append(learner.replay(data, base, data.days))
        told = learner.forecast(db, config, tz, later, base)
        assert told
    assert learner._shipped().value("priority", 4.0) - learner._shipped().value("priority", 2.0) < moved[0] < moved[1] - 0.01
    assert digests[0] != digests[1]
    assert live.expected
    assert losses[0] != losses[1]


def test_what_a_place_explains_moves_no_table() -> None:
    taken, passed = np.zeros((40, len(FEATURES))), np.zeros((40, len(FEATURES)))
    taken[:, FEATURES.index("priority")] = 1.0
    steps = [
        made.value("priority", 1.0) - made.value("priority", 0.0)
        for ahead in (0.0, 1.0, 30.0)
        for made in (training.boost_on(flat(), taken, passed, np.ones(40), np.full(40, ahead)),)
    ]
    assert steps[0] > steps[1] + 0.05
    assert steps[2] == pytest.approx(0.0, abs=1e-3)
