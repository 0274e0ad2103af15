"""The forecast over a real store: whatever the history is like, something honest is said."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from coach.config import Config
from coach.engine import forecast as engine
from coach.engine.learning import view as models
from coach.store import rollups
from coach.store.db import Connection, transaction
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, empty_store, fortnight, lived


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Connection]:
    db, _ = empty_store(tmp_path)
    yield db
    db.close()


def view(db: Connection) -> engine.ForecastView:
    found = engine.forecast(db, Config(), NOW, BERLIN)
    assert len(found.hours) == 24
    assert len(found.week) == 7
    assert found.hours[0].start == NOW.astimezone(BERLIN).replace(minute=0)
    for hour in found.hours:
        assert 0 <= hour.low <= hour.mean <= hour.high <= 1
        assert 0 <= hour.active <= 1
    for day in found.week:
        assert day.low <= day.mean <= day.high
    assert found.week[0].day == TODAY
    return found


def test_without_any_history_the_profile_of_everyone_serves(store: Connection) -> None:
    found = view(store)
    assert (found.serves, found.days) == ("profile", 0)
    assert "0 days" in found.why


def test_three_days_are_too_short_for_the_model(store: Connection) -> None:
    for back in (1, 2, 3):
        for hour in (9, 10, 11):
            lived(store, at(TODAY - timedelta(days=back), hour), 55, "nvim")
    derive(store, at(TODAY - timedelta(days=5), 0), NOW)
    found = view(store)
    assert (found.serves, found.days) == ("profile", 3)
    assert "3 days" in found.why


def test_a_fortnight_in_one_app_moves_the_profile(store: Connection) -> None:
    before = view(store)
    for back in range(1, 20):
        for hour in range(9, 17):
            lived(store, at(TODAY - timedelta(days=back), hour), 59, "nvim")
    derive(store, at(TODAY - timedelta(days=25), 0), NOW)
    after = view(store)
    assert (after.serves, after.days) == ("profile", 19)
    assert "better than the model" in after.why  # nobody is like that: the model knows no such life
    listed = models.line(store, "focus", Config(), BERLIN, NOW)
    assert (listed.serves, listed.why) == ("baseline", after.why)
    nine = [h.start.hour for h in after.hours].index(10)
    assert after.hours[nine].mean > before.hours[nine].mean + 0.15
    assert after.hours[nine].active > 0.7


def test_few_scored_hours_leave_the_profile_in_place(store: Connection) -> None:
    for back in range(1, 20):
        lived(store, at(TODAY - timedelta(days=back), 9), 3, "nvim")  # never ten minutes in an hour: no score
    derive(store, at(TODAY - timedelta(days=25), 0), NOW)
    found = view(store)
    assert found.serves == "profile"
    assert found.days == 19


def test_a_gap_of_a_year_is_no_history(store: Connection) -> None:
    for back in range(400, 420):
        lived(store, at(TODAY - timedelta(days=back), 9), 55, "nvim")
    lived(store, at(TODAY, 9), 55, "nvim")
    derive(store, at(TODAY - timedelta(days=425), 0), NOW)
    found = view(store)
    assert (found.serves, found.days) == ("profile", 1)


def test_a_score_that_is_no_number_is_left_out(store: Connection) -> None:
    fortnight(store)
    derive(store, at(TODAY - timedelta(days=20), 0), NOW)
    with transaction(store):
        rollups.set_focus(store, (TODAY - timedelta(days=1)).isoformat(), 9, 1, float("inf"), 3_600_000)
    first, series = engine.history(store, Config(), NOW, BERLIN)
    assert math.isnan(series.score[(TODAY - timedelta(days=1) - first).days, 9])
    view(store)


def test_history_holds_what_the_roll_ups_hold(store: Connection) -> None:
    fortnight(store)
    derive(store, at(TODAY - timedelta(days=20), 0), NOW)
    first, series = engine.history(store, Config(), NOW, BERLIN)
    day = (date(2026, 11, 18) - first).days
    assert series.active[day, 9] == pytest.approx(60, abs=0.1)
    assert series.visits[day, 9] == 2
    scores = {(r[0], r[1]): r[2] for r in rollups.score_rows(store, first, TODAY)}
    assert series.score[day, 9] == pytest.approx(scores["2026-11-18", 9])
    now_hour = NOW.astimezone(BERLIN).hour
    assert series.active[-1, now_hour:].sum() == 0


def test_meetings_beyond_the_nets_day_move_the_week(store: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    fortnight(store)
    for back in range(15, 40):
        for hour in range(9, 17):
            lived(store, at(TODAY - timedelta(days=back), hour), 50, "nvim")
    derive(store, at(TODAY - timedelta(days=45), 0), NOW)
    monkeypatch.setattr(engine, "objection", lambda known, model: "")
    before = view(store)
    assert before.serves == "model"
    assert [d.by for d in before.week[:3]] == ["model", "both", "calendar"]
    assert {d.by for d in before.week[2:]} == {"calendar"}
    booked = engine._meetings
    day = before.week[4].day

    def meetings(db: Connection, first: date, days: int, tz: object) -> object:
        share = booked(db, first, days, BERLIN)
        share[(day - first).days, [10, 14]] = 1.0
        return share

    monkeypatch.setattr(engine, "_meetings", meetings)
    after = view(store)
    assert abs(after.week[4].mean - before.week[4].mean) > 0.001
    assert [d.mean for d in after.week[:4]] == pytest.approx([d.mean for d in before.week[:4]])
    monkeypatch.setattr(engine, "objection", lambda known, model: "it is not")
    assert {d.by for d in view(store).week} == {"profile"}


def test_the_document_is_plain(store: Connection) -> None:
    import json

    fortnight(store)
    derive(store, at(TODAY - timedelta(days=20), 0), NOW)
    document = json.loads(json.dumps(view(store).document(), allow_nan=False))
    assert set(document) == {"made", "serves", "version", "days", "why", "hours", "week"}
