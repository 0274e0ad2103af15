"""Versions of models: one active, the others kept or forgotten; predictions and their outcomes."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.errors import ModelBroken, ModelMissing, NotFound
from coach.engine import activity, categories
from coach.store import models, predictions
from coach.store.db import Connection, Unlocked, connect
from coach.store.predictions import Said

DAY = date(2026, 11, 19)


def made(db: Connection, now: datetime, kind: str = "focus", score: float | None = None) -> int:
    return models.add(db, kind, 0, b"onnx", b"weights", {"seed": 1}, now, score)


def held(db: Connection) -> list[int]:
    return sorted(v.number for v in models.versions(db, "focus") if v.held)


def test_a_candidate_serves_nothing_until_it_is_promoted(db: Connection, now: datetime) -> None:
    number = made(db, now)
    assert models.active(db, "focus") is None
    models.promote(db, "focus", number, now, "better by 4 %")
    found = models.active(db, "focus")
    assert found is not None
    assert (found.number, found.serves, found.why) == (1, "model", "better by 4 %")
    assert models.version(db, "focus", 1).status == "kept"
    assert models.files(db, "focus", 1) == (b"onnx", b"weights")
    assert models.active(db, "graph") is None


def test_rolling_back_goes_down_the_chain_to_what_shipped(db: Connection, now: datetime) -> None:
    for _ in range(3):
        models.promote(db, "focus", made(db, now), now, "better")
    assert [models.roll_back(db, "focus", now, "by hand") for _ in range(3)] == [2, 1, 0]
    with pytest.raises(NotFound, match="no version before"):
        models.roll_back(db, "focus", now, "by hand")
    with pytest.raises(NotFound):
        models.roll_back(db, "graph", now, "by hand")
    assert [s["what"] for s in models.history(db, "focus")] == ["rollback"] * 3 + ["promote"] * 3


def test_the_last_five_and_the_best_keep_their_files(db: Connection, now: datetime) -> None:
    for number in range(1, 10):
        models.promote(db, "focus", made(db, now, score=0.9 if number == 2 else 0.1), now, "better")
    assert held(db) == [2, 5, 6, 7, 8, 9]
    with pytest.raises(ModelMissing):
        models.promote(db, "focus", 3, now, "by hand")
    active = models.active(db, "focus")
    assert active is not None
    assert active.number == 9
    models.promote(db, "focus", 2, now, "by hand")
    assert models.files(db, "focus", 2)[0] == b"onnx"


def test_what_is_rejected_keeps_its_card_only(db: Connection, now: datetime) -> None:
    number = made(db, now)
    models.judge(db, "focus", number, "rejected", -0.1)
    found = models.version(db, "focus", number)
    assert (found.held, found.score, found.card) == (False, -0.1, {"seed": 1})


def test_a_second_trial_ends_the_first(db: Connection, now: datetime) -> None:
    first, second = made(db, now), made(db, now)
    models.begin_trial(db, "focus", first, "shadow", 1, now)
    models.begin_trial(db, "focus", second, "ab", 2, now)
    assert models.trial(db, "focus") == models.Trial(second, "ab", 2, "2026-11-20T10:00:00Z")
    assert models.version(db, "focus", first).status == "rejected"
    models.promote(db, "focus", second, now, "won its trial")
    assert models.trial(db, "focus") is None


def test_damaged_files_are_noticed(db: Connection, now: datetime) -> None:
    number = made(db, now)
    db.execute("UPDATE model_version SET onnx = ?", (b"onn",))
    with pytest.raises(ModelBroken):
        models.files(db, "focus", number)
    with pytest.raises(ModelMissing):
        models.files(db, "focus", 77)


def test_a_failed_promotion_changes_nothing(unlocked: Unlocked, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    db = connect(unlocked)
    models.promote(db, "focus", made(db, now), now, "better")
    second = made(db, now)

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(models, "_forget", full)
    with pytest.raises(OSError, match="no space"):
        models.promote(db, "focus", second, now, "better")
    db.close()
    db = connect(unlocked)
    active = models.active(db, "focus")
    assert active is not None
    assert active.number == 1
    assert models.version(db, "focus", second).status == "candidate"
    assert len(models.history(db, "focus")) == 1


def test_who_serves_is_told_once(db: Connection, now: datetime) -> None:
    assert models.set_serving(db, "focus", "baseline", "3 days of history", now)
    assert not models.set_serving(db, "focus", "baseline", "4 days of history", now + timedelta(days=1))
    active = models.active(db, "focus")
    assert active == models.Active(0, "baseline", "4 days of history", "2026-11-20T10:00:00Z")
    assert len(models.history(db, "focus")) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["add", "promote", "reject", "trial", "rollback"]), max_size=30))
def test_whatever_happens_the_active_version_has_its_files(steps: list[str]) -> None:
    import tempfile
    from pathlib import Path

    from tests.engine.filled import NOW, empty_store

    with tempfile.TemporaryDirectory() as folder:
        db, _ = empty_store(Path(folder))
        for step in steps:
            waiting = [v.number for v in models.versions(db, "focus") if v.status in ("candidate", "trial")]
            if step == "add":
                made(db, NOW)
            elif step == "rollback":
                try:
                    models.roll_back(db, "focus", NOW, "")
                except NotFound:
                    continue
            elif waiting:
                {
                    "promote": lambda n: models.promote(db, "focus", n, NOW, ""),
                    "reject": lambda n: models.judge(db, "focus", n, "rejected"),
                    "trial": lambda n: models.begin_trial(db, "focus", n, "shadow", 0, NOW),
                }[step](waiting[-1])
            active = models.active(db, "focus")
            if active and active.number:
                assert models.files(db, "focus", active.number)[0]
        db.close()


def test_the_first_word_of_a_day_counts(db: Connection, now: datetime) -> None:
    predictions.log(db, "focus", DAY, [Said("10", 0, 0.5, None, None, True), Said("10", -1, 0.7, 0.1, 0.9, False)])
    predictions.log(db, "focus", DAY, [Said("10", 0, 0.6, None, None, True)])
    assert predictions.logged(db, "focus", DAY, 0)
    assert not predictions.logged(db, "focus", DAY, 1)
    assert predictions.open_keys(db, "focus") == ["10"]
    assert predictions.join(db, "focus", {"10": 0.6, "11": 0.3}, now) == 2
    assert predictions.open_keys(db, "focus") == []
    assert predictions.losses(db, "focus", 0, -1, DAY) == {DAY: (pytest.approx(0.01), pytest.approx(0.01), 1)}
    assert predictions.served(db, "focus", DAY) == {DAY: (pytest.approx(0.01), 0)}


def test_what_never_will_be_known_is_closed_and_counts_for_nobody(db: Connection, now: datetime) -> None:
    predictions.log(db, "focus", DAY, [Said("10", v, 0.5, None, None, v == 0) for v in (0, -1)])
    assert predictions.join(db, "focus", {"10": math.nan}, now) == 2
    assert predictions.join(db, "focus", {"10": 0.5}, now) == 0
    assert predictions.losses(db, "focus", 0, -1, DAY) == {}


def test_only_what_both_predicted_is_compared(db: Connection, now: datetime) -> None:
    predictions.log(db, "focus", DAY, [Said("10", 0, 0.5, None, None, True), Said("11", 0, 0.0, None, None, True),
                                       Said("10", -1, 0.6, None, None, False)])
    predictions.join(db, "focus", {"10": 0.5, "11": 1.0}, now)
    assert predictions.losses(db, "focus", 0, -1, DAY) == {DAY: (0.0, pytest.approx(0.01), 1)}


def test_runs(db: Connection, now: datetime) -> None:
    run = predictions.begin_run(db, "focus", "nightly", "full", now)
    predictions.progress_of(db, run, 0.4, "epoch 2 of 5")
    assert (predictions.runs(db)[0].share, predictions.runs(db)[0].words) == (0.4, "epoch 2 of 5")
    assert not predictions.cancelled(db, run)
    predictions.cancel(db, run)
    assert predictions.cancelled(db, run)
    predictions.end_run(db, run, "cancelled", "by you", now)
    with pytest.raises(NotFound):
        predictions.cancel(db, run)
    predictions.begin_run(db, "graph", "nightly", "full", now)
    assert predictions.lose_runs(db, now) == 1
    assert [r.status for r in predictions.runs(db)] == ["lost", "cancelled"]


def test_a_notice_is_given_once_until_it_is_seen(db: Connection, now: datetime) -> None:
    assert predictions.notify(db, "focus", "the baseline serves", now)
    assert not predictions.notify(db, "focus", "the baseline serves", now)
    assert len(predictions.notices(db)) == 1
    predictions.see_notices(db)
    assert predictions.notices(db) == []
    assert predictions.notify(db, "focus", "the baseline serves", now)


def test_erasing_time_forgets_what_was_learnt(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    models.promote(db, "focus", made(db, now), now, "better")
    predictions.log(db, "focus", DAY, [Said("10", 0, 0.5, None, None, True)])
    predictions.rate(db, "focus", DAY, 2, now)
    rules = categories.load(db, config)
    activity.erase_range(db, now - timedelta(hours=1), now, rules, tz, now)
    assert models.active(db, "focus") is None
    assert models.versions(db, "focus") == []
    assert predictions.open_keys(db, "focus") == []
    assert predictions.ratings(db, "focus", DAY) == {}
