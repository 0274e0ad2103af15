from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from coach.config import Config, TimeConfig
from coach.core.words import change, duration
from coach.engine import categories, day
from coach.engine.activity import bounds
from coach.engine.insights import insights, insights_json, put_off
from coach.engine.report import extent, report, report_json
from coach.store.day_slots import SLOT_MS, Piece
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, empty_store, fortnight, lived

CONFIG = Config()


@pytest.fixture
def db(tmp_path: Path):
    db, _ = empty_store(tmp_path)
    yield db
    db.close()


def test_a_day_is_the_sum_of_what_was_lived(db) -> None:
    fortnight(db)
    found = report(db, "day", TODAY, CONFIG, NOW, BERLIN)
    assert found.active_s == (180 + 30 + 20 + 20) * 60
    assert {a.name: a.s / 60 for a in found.apps} == {"nvim": 170, "slack": 30, "thunderbird": 30, "firefox": 20}
    assert found.active_s == sum(a.s for a in found.categories) == sum(a.s for a in found.projects)
    assert (found.before_first, found.before_active_s) == (TODAY - timedelta(days=1), 230 * 60)


def test_an_unfinished_week_is_compared_with_as_many_days(db) -> None:
    fortnight(db)
    found = report(db, "week", TODAY, CONFIG, NOW, BERLIN)
    assert (found.first, found.last) == (date(2026, 11, 16), TODAY)
    assert (found.before_first, found.before_last) == (date(2026, 11, 9), date(2026, 11, 12))
    assert found.before_active_s == 4 * 230 * 60
    nvim = next(a for a in found.apps if a.name == "nvim")
    assert nvim.change == pytest.approx(20 / (4 * 150))


def test_a_score_says_how_many_hours_it_stands_on(db) -> None:
    fortnight(db)
    found = report(db, "day", TODAY, CONFIG, NOW, BERLIN)
    assert found.n == 5, "the running hour is not scored yet"
    assert found.score is not None
    assert 0.5 < found.score <= 1
    assert report(db, "day", date(2020, 1, 1), CONFIG, NOW, BERLIN).score is None


@pytest.mark.parametrize(("period", "day_", "first", "last"), [
    ("week", date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
    ("month", date(2024, 2, 10), date(2024, 2, 1), date(2024, 2, 29)),
    ("year", date(2024, 2, 10), date(2024, 1, 1), date(2024, 12, 31)),
])
def test_extents(period, day_, first, last) -> None:
    assert extent(period, day_, CONFIG) == (first, last)


def test_a_week_may_start_on_sunday() -> None:
    assert extent("week", date(2026, 11, 22), Config(time=TimeConfig(week_start="sunday")))[0] == date(2026, 11, 22)


def test_a_day_is_told_in_stretches(db) -> None:
    fortnight(db)
    rules = categories.load(db, CONFIG)
    start, end = bounds(TODAY, CONFIG, BERLIN)
    told = day.told(db, start, end, rules).lived
    assert (told[0].start, told[0].app) == (at(TODAY, 9), "nvim")
    assert told[0].level == 1.0
    assert sum(x.active_s for x in told) == sum(s.end_ms - s.start_ms for s in day.spans(db, start, end)) / 1000
    assert all(a.end <= b.start for a, b in pairwise(told))


def test_ten_thousand_switches_stay_a_picture(db) -> None:
    cut = [
        Piece(s * 8000 // SLOT_MS, s * 8000, s * 8000 + 8000, 0,
              *(("nvim", "Work > Programming") if s % 3 else ("slack", "Comms > Chat")), 8000)
        for s in range(10_000)
    ]
    assert len(day.lived(cut, categories.load(db, CONFIG))) <= 288


def test_the_running_hour_counts_in_the_gauge(db) -> None:
    fortnight(db)
    rules = categories.load(db, CONFIG)
    found = day.day_focus(day.spans(db, *bounds(TODAY, CONFIG, BERLIN)), rules)
    assert [h.hour for h in found.hours] == [9, 10, 11, 13, 14, 15]
    assert found.n == 6
    assert found.active_s == 250 * 60


def test_insights_of_an_empty_store_say_so(db) -> None:
    view = insights(db, CONFIG, NOW, BERLIN)
    assert view.empty
    assert view.patterns == ()
    assert view.estimates.ratio is None


def test_insights_stand_on_what_was_tracked(db) -> None:
    fortnight(db)
    view = insights(db, CONFIG, NOW, BERLIN, measure="focus")
    assert len(view.year) == 10
    assert view.year[TODAY - timedelta(days=1)] == 150 * 60
    assert view.hours[3][9] is not None
    assert view.hours[3][9].n == 2
    assert view.streak.current == 4
    assert {p.kind for p in view.patterns} >= {"best_hour", "worst_hour"}
    assert all(p.n >= 3 for p in view.patterns)
    assert insights_json(view)["year"][0] == {"day": "2026-11-06", "duration_s": 9000.0}


def test_what_is_put_off_names_its_evidence() -> None:
    from coach.core.task import Task

    old = Task("a", "Tax return", NOW - timedelta(days=40), NOW, num=3, snooze_count=2, due=TODAY - timedelta(days=3))
    new = Task("b", "Call mum", NOW, NOW, num=4, due=TODAY)
    found = put_off([old, new], NOW, BERLIN)
    assert [p.num for p in found] == [3]
    assert found[0].evidence == ("snoozed 2 times", "3 days late", "40 days old, never started")


def test_json_keeps_seconds_and_dates(db) -> None:
    fortnight(db)
    plain = report_json(report(db, "day", TODAY, CONFIG, NOW, BERLIN))
    assert (plain["first"], plain["active_s"], plain["n_hours"]) == ("2026-11-19", 15000.0, 5)
    assert plain["apps"][0]["name"] == "nvim"


def test_words() -> None:
    assert [duration(s) for s in (0, 20, 720, 3900, 7200)] == ["0 min", "< 1 min", "12 min", "1 h 05 min", "2 h"]
    assert [change(r) for r in (None, 0.123, -0.5, 14.67)] == ["new", "+12 %", "−50 %", "×15.7"]


def test_the_day_before_four_belongs_to_the_evening(db) -> None:
    lived(db, at(TODAY, 1), 30, "nvim")
    derive(db, at(TODAY, 0), NOW)
    assert report(db, "day", TODAY, CONFIG, NOW, BERLIN).active_s == 0
    before = report(db, "day", TODAY - timedelta(days=1), CONFIG, NOW, BERLIN)
    assert (before.active_s, before.n) == (1800, 1)
    assert report(db, "day", TODAY, CONFIG, NOW, BERLIN).n == 0
