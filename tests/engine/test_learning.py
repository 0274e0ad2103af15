"""Training in its child, verdicts, who serves, and every way in which it goes wrong: the active version is as it was."""

from __future__ import annotations

import subprocess
import threading
import time
from contextlib import closing
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home, LearningConfig
from coach.core.errors import Busy, InvalidInput, NotFound
from coach.engine import piped
from coach.engine.learning import child, kinds, nightly, ratings, registry, scores, serve, training, view
from coach.engine.learning.training import Order, Place, Result
from coach.store import leases, models, predictions
from coach.store.db import Connection, Unlocked, connect, transaction
from coach.tracker import machine
from tests.bench import learning_crash
from tests.engine import toy_learner as toy


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kinds, "KINDS", kinds.KINDS)
    monkeypatch.setattr(registry, "folder", registry.folder)
    toy.ship(tmp_path / "toy")
    toy.install(tmp_path / "toy")
    return tmp_path / "toy"


@pytest.fixture
def place(unlocked: Unlocked, home: Home, config: Config, tz: ZoneInfo) -> Place:
    return Place(unlocked, home, config, tz)


@pytest.fixture(autouse=True)
def _idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "on_battery", lambda: False)
    monkeypatch.setattr(machine, "load_per_core", lambda: 0.0)


def train(place: Place, folder: Path, now: datetime, seed: int, **more: object) -> Result:
    return training.run(place, Order("toy", "full", "test", seed), now, command=toy.command(folder), **more)  # type: ignore[arg-type]


def test_a_better_version_is_promoted_and_rolled_back(
    place: Place, folder: Path, db: Connection, now: datetime
) -> None:
    toy.live(db, now.date(), 60)
    told: list[tuple[float, str]] = []
    result = train(place, folder, now, toy.BETTER, progress=lambda share, words: told.append((share, words)))
    assert (result.status, result.number, result.verdict) == ("done", 1, "kept"), result.words
    assert registry.active(db, "toy").number == 1
    assert toy.says(registry.load(db, "toy", 1)) == pytest.approx(0.75)
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    assert "first epoch" in [words for _, words in told]
    card = models.version(db, "toy", 1).card
    assert (card["parent"], card["data"]["days"], card["seed"]) == (0, 46, toy.BETTER)
    assert models.version(db, "toy", 1).score == pytest.approx(0.9, abs=0.02)
    assert predictions.runs(db)[0].status == "done"
    assert "version 1 is active now" in predictions.notices(db)[0]["text"]
    assert view.roll_back(db, "toy", now) == 0
    assert registry.active(db, "toy").number == 0


@pytest.mark.parametrize(("seed", "words"), [
    (toy.RAISES, "RuntimeError"), (toy.TRUNCATED, "cannot be read as a model"), (toy.NAN, "not a number"),
    (toy.FULL, "No space left"), (toy.FOREIGN, "another model"),
])
def test_a_training_that_fails_changes_nothing(
    place: Place, folder: Path, db: Connection, now: datetime, seed: int, words: str
) -> None:
    toy.live(db, now.date(), 60)
    models.promote(db, "toy", models.add(db, "toy", 0, toy.graph(0.6), b"", {"factor": 0.6}, now), now, "better")
    result = train(place, folder, now, seed)
    assert result.status == "failed"
    assert words in result.words
    assert "Secret" not in result.words
    assert toy.says(registry.load(db, "toy", registry.active(db, "toy").number)) == pytest.approx(0.6)
    assert [r.status for r in predictions.runs(db)] == ["failed"]
    assert len(models.versions(db, "toy")) == 1


@pytest.mark.parametrize("seed", [toy.WORSE, toy.FORGETFUL])
def test_a_worse_or_forgetful_version_is_rejected_and_loses_its_files(
    place: Place, folder: Path, db: Connection, now: datetime, seed: int
) -> None:
    toy.live(db, now.date(), 60)
    result = train(place, folder, now, seed)
    assert (result.status, result.verdict) == ("done", "rejected")
    assert registry.active(db, "toy").number == 0
    assert not models.version(db, "toy", 1).held


def test_three_days_are_too_few(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 3)
    result = train(place, folder, now, toy.BETTER)
    assert result.status == "failed"
    assert "3 days of history" in result.words
    found = serve.served(db, "toy", now)
    assert found.model is None
    assert found.why == "3 days of history; the model needs 7"
    nightly.tick(place, db, now, threading.Event())
    assert [r.status for r in predictions.runs(db)] == ["failed"]  # the one from above: none was started
    assert predictions.logged(db, "toy", now.date(), models.BASELINE)


def test_a_full_disk_while_the_candidate_is_written(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    """SQLite's own limit stands for the disk: the write of the blob fails inside its transaction, in the child."""
    toy.live(db, now.date(), 60)
    code = toy.command(folder)[2].replace("main()", (
        "from coach.store import models as stored\ntruly = stored.add\n"
        "def add(db, *rest, **more):\n"
        "    db.execute('PRAGMA max_page_count = %d' % db.execute('PRAGMA page_count').fetchone()[0])\n"
        "    return truly(db, rest[0], rest[1], b'x' * 900_000 + rest[2], *rest[3:], **more)\n"
        "stored.add = add\nmain()"
    ))
    result = training.run(place, Order("toy", "full", "test", toy.BETTER), now, command=(*toy.command(folder)[:2], code))
    assert result.status == "failed"
    assert "the disk is full" in result.words
    assert models.versions(db, "toy") == []
    assert train(place, folder, now, toy.BETTER).verdict == "kept"


def test_cancelling_and_closing_end_it_within_seconds(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    found: list[Result] = []
    stop = threading.Event()
    for end in (lambda: training.cancel(connect(place.unlocked)), stop.set):
        begun = threading.Event()
        thread = threading.Thread(target=lambda begun=begun: found.append(
            train(place, folder, now, toy.ENDLESS, stop=stop, progress=lambda share, words: begun.set())
        ))
        thread.start()
        assert begun.wait(20)
        with pytest.raises(Busy, match="another training"):
            train(place, folder, now, toy.BETTER)
        end()
        began = time.monotonic()
        thread.join(timeout=10)
        assert time.monotonic() - began < 4
    assert [(r.status, r.words) for r in found] == [("cancelled", "you cancelled it"), ("cancelled", "Coach was closed")]
    with pytest.raises(NotFound):
        training.cancel(db)


def test_mains_power_that_goes_ends_a_nightly_training(
    place: Place, folder: Path, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.live(db, now.date(), 60)
    monkeypatch.setattr(machine, "on_battery", lambda: True)
    result = training.run(place, Order("toy", "full", "nightly", toy.ENDLESS, power=True), now, command=toy.command(folder))
    assert (result.status, result.words) == ("cancelled", "the machine runs on its battery")


def test_the_key_is_in_no_argument_and_no_environment(
    place: Place, folder: Path, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.live(db, now.date(), 60)
    seen: list[str] = []
    truly = subprocess.Popen

    def watched(command: tuple[str, ...], **more: object) -> object:
        seen.append(repr(command) + repr(more))
        return truly(command, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(training.subprocess, "Popen", watched)
    assert train(place, folder, now, toy.BETTER).verdict == "kept"
    key = place.unlocked.key
    assert len(seen) == 1
    assert key.hex() not in seen[0]
    assert repr(key) not in seen[0]
    for file in (f for f in place.home.data.parent.rglob("*") if f.is_file() and f.suffix != ".key"):
        assert key.hex().encode() not in file.read_bytes()


def test_the_child_ends_when_whoever_started_it_is_gone(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    process = subprocess.Popen(toy.command(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(piped.request(
        place.unlocked, locks=str(place.home.state), name="toy", rung="full", seed=toy.ENDLESS, tz=place.tz.key,
        now=now.isoformat(), config=asdict(place.config),
    ))
    process.stdin.flush()
    assert process.stdout.readline()
    process.stdin.close()
    assert process.wait(timeout=5) == piped.ORPHANED
    process.stdout.close()
    assert not leases.held(place.home.state, child.LOCK)


def test_a_candidate_that_a_killed_parent_left_behind_gets_its_verdict(
    place: Place, folder: Path, db: Connection, now: datetime
) -> None:
    toy.live(db, now.date(), 60)
    with closing(connect(place.unlocked)) as other:
        predictions.begin_run(other, "toy", "nightly", "full", now)
    days = [(now.date() - timedelta(days=n)).isoformat() for n in range(1, 14)]
    judged = {
        "active": 0, "candidate_losses": dict.fromkeys(days, 0.1), "active_losses": dict.fromkeys(days, 0.2),
        "baseline_losses": dict.fromkeys(days, 0.3), "regression": {}, "regression_before": {},
    }
    models.add(db, "toy", 0, toy.graph(0.9), b"", {"factor": 0.9, "judged": judged}, now)
    train(place, folder, now, toy.BETTER)
    assert [r.status for r in predictions.runs(db)] == ["done", "lost"]
    assert models.version(db, "toy", 1).status == "kept"
    assert registry.active(db, "toy").number == 2


def test_a_candidate_of_another_parent_is_not_promoted(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    models.add(db, "toy", 7, toy.graph(0.9), b"", {"judged": {"active": 7}}, now)
    train(place, folder, now, toy.WORSE)
    assert models.version(db, "toy", 1).status == "rejected"


@pytest.mark.parametrize("to", ["substr(onnx, 1, 20)", "x'00'"])
def test_a_damaged_version_hands_over_to_the_shipped_one(folder: Path, db: Connection, now: datetime, to: str) -> None:
    toy.live(db, now.date(), 60)
    models.promote(db, "toy", models.add(db, "toy", 0, toy.graph(0.9), b"", {}, now), now, "better")
    db.execute(f"UPDATE model_version SET onnx = {to}")
    found = serve.served(db, "toy", now)
    assert found.number == 0
    assert toy.says(found.model) == pytest.approx(0.5)
    assert "damaged" in found.why
    assert "damaged" in view.broken(db)[0]
    (folder / "model.onnx").write_bytes(b"no model")
    found = serve.served(db, "toy", now)
    assert found.model is None
    assert "cannot be read" in found.why


def test_training_replaces_a_damaged_version(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    models.promote(db, "toy", models.add(db, "toy", 0, toy.graph(0.9), b"", {}, now), now, "better")
    db.execute("UPDATE model_version SET onnx = x'00'")
    assert train(place, folder, now, toy.BETTER).verdict == "kept"
    assert registry.active(db, "toy").number == 2


def test_weights_of_another_coach_give_way_to_the_shipped_ones(
    place: Place, folder: Path, db: Connection, now: datetime
) -> None:
    toy.live(db, now.date(), 60)
    models.promote(db, "toy", models.add(db, "toy", 0, toy.graph(0.3), b"", {"factor": 0.3}, now), now, "better")
    assert train(place, folder, now, toy.OTHER_LAYERS).verdict == "kept"
    assert models.version(db, "toy", 2).parent == 0
    assert models.version(db, "toy", 2).card["factor"] == 0.75


def lived_on(place: Place, db: Connection, now: datetime, days: int) -> datetime:
    """Keep score day by day; returns the last day's time."""
    for n in range(days):
        nightly.keep_score(place, db, "toy", now + timedelta(days=n))
    return now + timedelta(days=days - 1)


def test_the_better_one_of_model_and_baseline_serves(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    toy.ship(folder, factor=-0.5)  # worse than the baseline's 0.2
    assert serve.served(db, "toy", now).number == 0
    end = lived_on(place, db, now, 12)
    found = serve.served(db, "toy", end)
    assert found.model is None
    assert "worse by" in found.why
    assert any("the baseline serves now" in n["text"] for n in predictions.notices(db))
    line = view.line(db, "toy", place.config, place.tz, end)
    assert line.gain is not None
    assert line.gain[2] < 0
    toy.ship(folder, factor=1.0)
    end = lived_on(place, db, end + timedelta(days=1), 30)
    assert serve.served(db, "toy", end).number == 0
    assert [s["serves"] for s in models.history(db, "toy")] == ["model", "baseline", "model"]


def test_a_model_that_objects_to_these_days_leaves_them_to_the_baseline(
    place: Place, folder: Path, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.live(db, now.date(), 60)
    assert view.line(db, "toy", place.config, place.tz, now).serves == "model"
    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, "toy": replace(kinds.KINDS["toy"], objects=True)})
    monkeypatch.setattr(kinds, "objection", lambda name: lambda *given: "no such life was learnt from")
    found = serve.speaks(db, "toy", place.config, place.tz, now)
    assert (found.model, found.why) == (None, "no such life was learnt from")
    line = view.line(db, "toy", place.config, place.tz, now)
    assert (line.serves, line.why) == ("baseline", found.why)


def test_a_card_that_lost_its_exam_lets_the_baseline_begin(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    toy.ship(folder, factor=1.0, serves="baseline")
    assert serve.served(db, "toy", now).model is None
    end = lived_on(place, db, now, 12)
    assert serve.served(db, "toy", end).number == 0


def test_a_choice_by_hand_stays_until_it_is_taken_back(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    toy.ship(folder, factor=1.0)
    view.use(db, "toy", "baseline", now)
    end = lived_on(place, db, now, 12)
    assert serve.served(db, "toy", end).model is None
    view.use(db, "toy", "auto", end)
    assert serve.served(db, "toy", end).number == 0
    with pytest.raises(InvalidInput):
        view.use(db, "toy", "best", now)


def test_a_model_that_says_nan_hands_over(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    toy.ship(folder, factor=float("nan"))
    nightly.keep_score(place, db, "toy", now)
    assert not predictions.logged(db, "toy", now.date(), 0)
    assert predictions.logged(db, "toy", now.date(), models.BASELINE)
    assert any("not a number" in n["text"] for n in predictions.notices(db))


def test_a_version_of_a_coach_with_another_net_hands_over_once(
    place: Place, folder: Path, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.live(db, now.date(), 60)
    models.promote(db, "toy", models.add(db, "toy", 0, toy.graph(0.9), b"", {"factor": 0.9}, now), now, "better")
    end = lived_on(place, db, now, 12)
    assert serve.served(db, "toy", end).number == 1
    (folder / "model.onnx").write_bytes(toy.graph(0.5, "other"))
    monkeypatch.setattr(kinds, "KINDS", {"toy": replace(kinds.KINDS["toy"], inputs=("other",))})
    end = lived_on(place, db, end + timedelta(days=1), 3)
    found = serve.served(db, "toy", end)
    assert found.model is None
    assert "another model" in found.why
    assert [s["serves"] for s in models.history(db, "toy")] == ["baseline", "model"]


def test_a_shadow_trial_is_decided_by_its_days(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    number = models.add(db, "toy", 0, toy.graph(0.9), b"", {"factor": 0.9}, now)
    models.begin_trial(db, "toy", number, "shadow", 1, now)
    lived_on(place, db, now, 10)
    assert models.trial(db, "toy") is not None
    assert serve.served(db, "toy", now).number == 0
    lived_on(place, db, now + timedelta(days=10), 8)
    assert registry.active(db, "toy").number == number
    assert "won its trial" in models.history(db, "toy")[0]["why"]


def test_an_ab_trial_serves_on_its_days_and_says_what_it_can_show(
    place: Place, folder: Path, db: Connection, now: datetime
) -> None:
    toy.live(db, now.date(), 60)
    number = models.add(db, "toy", 0, toy.graph(0.52), b"", {"factor": 0.52}, now)
    models.begin_trial(db, "toy", number, "ab", 5, now)
    shown = [serve.served(db, "toy", now + timedelta(days=n)).number for n in range(12)]
    assert shown.count(number) == 6
    lived_on(place, db, now, 13)
    found = scores.switchback(db, "toy")
    assert found is not None
    assert found.new_days + found.old_days >= 10
    assert found.difference < 0
    assert 0 < found.detectable < 0.1


def test_low_ratings_retrain_and_say_so(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    predictions.end_run(db, predictions.begin_run(db, "toy", "nightly", "full", now - timedelta(days=1)), "done", "", now)
    for n, stars in enumerate((2, 1, 3)):
        ratings.rate(db, "toy", now.date() - timedelta(days=n), stars, now)
    order = nightly.due(place, db, "toy", now)
    assert order is not None
    assert (order.rung, order.reason) == ("head", "rated 2.0 of 5 over 3 days")
    assert "rated 2.0 of 5" in predictions.notices(db)[0]["text"]
    for _ in range(2):  # each rung is tried once, then the baseline serves
        tried = predictions.begin_run(db, "toy", order.reason, order.rung, now - timedelta(days=2))
        predictions.end_run(db, tried, "done", "", now)
    assert training.ladder(db, "toy", now - timedelta(days=28)) is None
    later = nightly.due(place, db, "toy", now + timedelta(days=1))
    assert later is not None
    assert registry.active(db, "toy").serves == "baseline"
    assert ratings.weights(db, "toy", [now.date(), date(2020, 1, 1)]) == pytest.approx([2**0.5, 1.0])
    with pytest.raises(InvalidInput):
        ratings.rate(db, "toy", now.date(), 6, now)


def test_a_loss_above_the_floor_is_trouble(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    toy.ship(folder, factor=0.0)
    end = lived_on(place, db, now, 12)
    assert "above its floor of 0.5" in scores.trouble(db, "toy", end)


def test_it_is_done_once_a_night_and_caught_up(
    place: Place, folder: Path, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    toy.live(db, now.date(), 60)
    assert nightly.due(place, db, "toy", now) is not None  # never trained, whatever the hour
    nightly.tick(place, db, now, threading.Event(), toy.command(folder))
    assert predictions.runs(db)[0].status == "done"
    assert nightly.due(place, db, "toy", now + timedelta(hours=1)) is None
    slept = now + timedelta(days=1, hours=5)  # closed over the hour of training
    assert nightly.due(place, db, "toy", slept) is not None
    monkeypatch.setattr(machine, "load_per_core", lambda: 2.0)
    assert nightly.due(place, db, "toy", slept) is None
    assert nightly.due(place, db, "toy", now + timedelta(days=4)) is not None  # too long overdue to wait for quiet
    monkeypatch.setattr(machine, "on_battery", lambda: True)
    assert nightly.due(place, db, "toy", now + timedelta(days=4)) is None
    charged = replace(place, config=Config(learning=LearningConfig(on_battery=True)))
    assert nightly.due(charged, db, "toy", now + timedelta(days=4)) is not None


def test_a_failed_training_is_tried_again_after_hours(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    predictions.end_run(db, predictions.begin_run(db, "toy", "nightly", "full", now), "failed", "", now)
    assert nightly.due(place, db, "toy", now + timedelta(hours=1)) is None
    assert nightly.due(place, db, "toy", now + timedelta(hours=7)) is not None


def test_a_writer_does_not_hold_learning_up_for_good(place: Place, folder: Path, db: Connection, now: datetime) -> None:
    toy.live(db, now.date(), 60)
    with transaction(db):
        assert serve.served(connect(place.unlocked), "toy", now).number == 0


def test_killed_while_training_and_promoting(folder: Path) -> None:
    tally = learning_crash.run(4, seed=3)
    assert tally.problems == []
    assert tally.rounds == 4
    assert tally.killed_parent + tally.killed_child == 4
