"""What is kept of a view is the view, and what is erased is in none of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from coach.config import Config
from coach.engine import activity, categories, forecast, graphs, interruptions, kept, tasks
from coach.engine.forecast import DayAhead, ForecastView, HourAhead
from coach.engine.kept import FORECAST, GRAPH, HABITS, INTERRUPTIONS, USUAL, Kind
from coach.engine.models import Models
from coach.store import kept_views, models
from coach.store.db import Connection
from tests.engine.filled import BERLIN, NOW, TODAY, at, derive, fortnight, lived

BUILDS: dict[str, tuple[Kind[Any], Callable[[Connection], Any]]] = {
    "graph": (GRAPH, lambda db: graphs.view(db, Config(), NOW, BERLIN, Models(Config()))),
    "habits": (HABITS, lambda db: kept.habits(db, Config(), NOW, BERLIN)),
    "interruptions": (INTERRUPTIONS, lambda db: interruptions.recent(db, NOW, Config())),
    "forecast": (FORECAST, lambda db: forecast.forecast(db, Config(), NOW, BERLIN, Models(Config()).shelf)),
    "usual": (USUAL, lambda db: kept.usual(db, Config(), NOW, BERLIN)),
}


NAMES = ("habits", "graph", "interruptions", "forecast", "usual")


@pytest.fixture
def months(db: Connection) -> Connection:
    """Six weeks, in which every second evening was long: something for every page to say."""
    for back in range(42, 14, -1):
        day = TODAY - timedelta(days=back)
        for hour in (9, 11, 14):
            lived(db, at(day, hour), 50, "nvim", "main.py", project="coach")
            lived(db, at(day, hour, 50), 10, "slack", "general")
        if back % 2:
            lived(db, at(day, 22), 90, "nvim", "late.py")
    fortnight(db)
    derive(db, at(TODAY - timedelta(days=42), 0), NOW)
    return db


def everything(db: Connection) -> str:
    return " ".join(str(tuple(row)) for row in db.execute("SELECT * FROM kept_view"))


@pytest.mark.parametrize("name", BUILDS)
def test_a_kept_view_is_the_one_that_was_made(months: Connection, name: str) -> None:
    kind, build = BUILDS[name]
    assert kept.find(months, kind) is None
    made = kept.make(months, kind, Config(), NOW, lambda: build(months))
    found = kept.find(months, kind)
    assert found == made
    assert found.view == build(months)  # type: ignore[union-attr]
    assert ("slack" in everything(months)) == (name in ("graph", "interruptions"))


def test_a_kept_forecast_has_its_hours_by_the_clock_they_were_made_for() -> None:
    hour = HourAhead(at(TODAY, 9), 0.5, 0.25, 0.75, 1.0)
    day = DayAhead(TODAY, 0.5, 0.25, 0.75, 6.0, "both")
    made = ForecastView(NOW, (hour,), (day,), "model", 3, 40, "chosen by you")
    found = FORECAST.unpack(json.loads(json.dumps(FORECAST.pack(made))))
    assert found == made
    assert f"{found.hours[0].start:%a %H:%M}" == f"{hour.start:%a %H:%M}"


def test_a_pattern_with_its_effect_and_a_discovery_come_back_whole(months: Connection) -> None:
    made = kept.habits(months, Config(), NOW, BERLIN)
    assert any(p.effect for p in made.patterns.found)
    assert made.discoveries.found
    assert HABITS.unpack(HABITS.pack(made)) == made


def test_an_edit_a_quarter_of_an_hour_and_another_model_make_it_old_and_nothing_else(db: Connection) -> None:
    first = kept.stamp(db, Config(), NOW)
    assert kept.stamp(db, Config(), NOW + timedelta(minutes=2)) == first
    assert kept.stamp(db, Config(), NOW + timedelta(minutes=15)) != first
    models.set_serving(db, "focus", "baseline", "you chose it", NOW)
    switched = kept.stamp(db, Config(), NOW)
    assert switched != first
    tasks.add(db, "Call mum", Config(), NOW, BERLIN)
    assert kept.stamp(db, Config(), NOW) != switched


def test_erasing_drops_every_kept_view_and_what_is_being_made(months: Connection) -> None:
    rules = categories.load(months, Config())
    for kind, build in BUILDS.values():
        kept.make(months, kind, Config(), NOW, lambda build=build: build(months))  # type: ignore[misc]
    activity.erase_range(months, at(TODAY, 15), NOW, rules, BERLIN, NOW)
    assert everything(months) == ""

    def erased_meanwhile() -> Any:
        view = BUILDS["graph"][1](months)
        activity.erase_range(months, at(TODAY, 0), NOW, rules, BERLIN, NOW, app="nvim")
        return view

    assert kept.make(months, GRAPH, Config(), NOW, erased_meanwhile).view.nodes
    assert everything(months) == ""


def test_a_view_in_another_shape_is_made_anew(months: Connection) -> None:
    kept.make(months, HABITS, Config(), NOW, lambda: BUILDS["habits"][1](months))
    months.execute("UPDATE kept_view SET form = form + 1, data = 'something else'")
    assert kept.find(months, HABITS) is None


def test_only_what_is_a_day_old_is_renewed(months: Connection) -> None:
    models = Models(Config())
    assert kept.renew_old(months, Config(), NOW, BERLIN, models) == list(NAMES)
    assert kept.renew_old(months, Config(), NOW + timedelta(hours=23), BERLIN, models) == []
    kept_views.keep(months, "graph", GRAPH.form, kept_views.Kept("", NOW - timedelta(days=2), "{}"), kept_views.forgotten(months))
    assert kept.renew_old(months, Config(), NOW, BERLIN, models) == ["graph"]
