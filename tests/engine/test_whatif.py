"""The what-if over a real store: words to an answer, honest about little history, and what it learns from one person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from coach.config import Config, home_at, shipped
from coach.core.errors import InvalidInput
from coach.engine import whatif
from coach.engine.demo import create_demo
from coach.engine.learning import registry, view
from coach.engine.learning import whatif as learner
from coach.engine.learning.kinds import Model, kind
from coach.ml import card
from coach.store import models
from coach.store.db import Connection, connect
from tests.engine.filled import BERLIN, NOW, empty_store

CONFIG = Config()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """Forty days of a simulated developer."""
    db = connect(create_demo(home_at(tmp_path_factory.mktemp("whatif")), 40, 3, NOW, BERLIN, CONFIG))
    yield db
    db.close()


@pytest.fixture(scope="module")
def shipped_model(lived: Connection) -> Model:
    return registry.load(lived, "whatif", 0, None)


@pytest.mark.parametrize(("text", "group"), [
    ("less social media 1h", "social media"), ("30 min less youtube", "entertainment"), ("no news", "news and shopping"),
    ("1h more deep work", "focus work"), ("20 min less chat", "messages"),
])
def test_words_get_an_answer(lived: Connection, text: str, group: str) -> None:
    seen = whatif.asked(lived, text, CONFIG, NOW, BERLIN)
    assert seen.by in ("net", "own days")
    assert seen.why
    assert seen.generated >= 200
    assert seen.low <= seen.gain <= seen.high
    assert seen.missed_min < 10
    moved = {g.name: g.goal_min - g.usual_min for g in seen.groups}
    assert (moved[group] > 0) == ("more" in text)
    assert seen.document()["similar_days"] == seen.similar


def test_less_distraction_is_worth_something_and_more_focus_work_too(lived: Connection) -> None:
    assert whatif.asked(lived, "less distraction 45 min", CONFIG, NOW, BERLIN).gain > 0
    assert whatif.asked(lived, "less distraction 45 min", CONFIG, NOW, BERLIN).asked_min == pytest.approx(-45)
    assert whatif.suppose(lived, CONFIG, NOW, BERLIN, {"focus work": 60, "calls": 0}).gain > 0


def test_more_than_there_is_cannot_be_taken_away(lived: Connection) -> None:
    seen = whatif.asked(lived, "5h less entertainment", CONFIG, NOW, BERLIN)
    assert seen.reachable_min > seen.asked_min
    assert any("a usual day allows" in note for note in seen.notes)


@pytest.mark.parametrize("text", ["less of what nobody knows 1h", "1h less #website", "less computer time 1h"])
def test_what_is_no_group_is_refused(lived: Connection, text: str) -> None:
    with pytest.raises(InvalidInput):
        whatif.asked(lived, text, CONFIG, NOW, BERLIN)


def test_the_form_names_its_groups(lived: Connection) -> None:
    rows = whatif.groups(whatif.history(lived, CONFIG, NOW, BERLIN))
    assert len(rows) == 8
    assert sum(r.usual_min for r in rows) > 120
    with pytest.raises(InvalidInput, match="no group"):
        whatif.suppose(lived, CONFIG, NOW, BERLIN, {"sleep": 60})
    with pytest.raises(InvalidInput, match="nothing"):
        whatif.suppose(lived, CONFIG, NOW, BERLIN, {"calls": 0})


def test_without_history_nothing_is_said(tmp_path: Path) -> None:
    db, _ = empty_store(tmp_path)
    seen = whatif.asked(db, "less social media 1h", CONFIG, NOW, BERLIN)
    assert (seen.by, seen.days, seen.missing_days) == ("nothing", 0, 3)
    assert learner.forecast(db, CONFIG, BERLIN, NOW, None) == []
    data = learner.dataset(db, CONFIG, BERLIN, NOW)
    assert data.days == ()
    assert learner.replay(data, None, [NOW.date()]) == {}
    assert all(len(column) == 0 for column in learner.inputs(data).values())
    db.close()


def test_days_of_a_store_are_those_that_were_lived(lived: Connection) -> None:
    days, seen = whatif.dated(lived, CONFIG, NOW, BERLIN)
    assert len(days) == len(seen) >= 25
    assert list(days) == sorted(days)
    assert days[-1] < NOW.date()
    assert [d.weekday() for d in days] == seen.weekday.tolist()
    (ms,) = lived.execute("SELECT sum(ms) FROM rollup_day WHERE day = ?", (days[-1].isoformat(),)).fetchone()
    assert seen.minutes[-1].sum() == pytest.approx(ms / 60_000, rel=0.01)


def test_days_that_came_true_judge_net_and_own_days(lived: Connection, shipped_model: Model) -> None:
    data = learner.dataset(lived, CONFIG, BERLIN, NOW)
    judged = data.days[-6:]
    for model in (None, shipped_model):
        losses = learner.replay(data, model, judged)
        assert set(losses) == set(judged)
        assert np.mean(list(losses.values())) < 0.02
    assert learner.dataset(lived, CONFIG, BERLIN, NOW).digest == data.digest


def test_a_forecast_meets_its_outcome(lived: Connection, shipped_model: Model) -> None:
    yesterday = NOW - timedelta(days=1)
    for model in (None, shipped_model):
        (said,) = learner.forecast(lived, CONFIG, BERLIN, yesterday, model)
        known = learner.outcomes(lived, CONFIG, BERLIN, NOW, [said.key, NOW.date().isoformat(), "2001-01-01"])
        assert abs(known[said.key] - said.value) < 0.3
        assert NOW.date().isoformat() not in known
        assert np.isnan(known["2001-01-01"])


def test_a_broken_model_leaves_own_days(lived: Connection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "whatif"
    folder.mkdir()
    card = json.loads(shipped("models", "whatif", "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps({**card, "serves": "model"}), encoding="utf-8")
    (folder / "model.onnx").write_bytes(b"cut off")
    monkeypatch.setattr(registry, "folder", lambda name: folder)
    seen = whatif.asked(lived, "less social media 30 min", CONFIG, NOW, BERLIN)
    assert seen.by == "own days"
    assert "cannot be read" in seen.why


@pytest.mark.parametrize(("count", "by"), [(2, "nothing"), (5, "net"), (13, "net"), (14, "own days"), (27, "own days")])
def test_one_rule_says_who_answers(lived: Connection, count: int, by: str) -> None:
    with begun(lived, count):
        seen = whatif.asked(lived, "less social media 30 min", CONFIG, NOW, BERLIN)
        listed = view.line(lived, "whatif", CONFIG, BERLIN, NOW)
    assert seen.by == by
    assert listed.serves == ("model" if by == "net" else "baseline")
    if by != "nothing":
        assert seen.why == listed.why
    assert kind("whatif").cold == (whatif.LEAST_DAYS, card.read(shipped("models", "whatif"))["own_days_from"])


def test_own_days_chosen_by_hand_answer_from_the_first_on(lived: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = models.Active(models.SHIPPED, "baseline", registry.CHOSEN, "")
    monkeypatch.setattr(registry, "active", lambda db, name: chosen)
    with begun(lived, 5):
        seen = whatif.asked(lived, "less social media 30 min", CONFIG, NOW, BERLIN)
        listed = view.line(lived, "whatif", CONFIG, BERLIN, NOW)
    assert (seen.by, listed.serves) == ("own days", "baseline")
    assert 3 <= seen.days <= 5


@contextmanager
def begun(db: Connection, count: int) -> Iterator[None]:
    """The store as if only the last `count` days before today had been tracked; afterwards it is as it was."""
    days = [row[0] for row in db.execute("SELECT DISTINCT day FROM rollup_hour WHERE ms > 0 AND day < ? ORDER BY day DESC",
                                         (NOW.date().isoformat(),))]
    db.execute("SAVEPOINT begun")
    try:
        for table in ("rollup_hour", "focus_hour"):
            db.execute(f"DELETE FROM {table} WHERE day <= ? OR day >= ?", (days[count], NOW.date().isoformat()))
        yield
    finally:
        db.execute("ROLLBACK TO begun")
        db.execute("RELEASE begun")
