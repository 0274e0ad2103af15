"""Hours as roll-ups hold them, what could be known at best, and what would have been otherwise."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from coach.config import shipped
from coach.core import focus
from coach.core.category import categorise, category_named, compiled, from_taxonomy
from coach.simulation import oracle
from coach.simulation.course import Course, course, deadline_load, lived
from coach.simulation.hours import Label, hourly
from coach.simulation.intervene import Intervention
from coach.simulation.life import told
from coach.simulation.places import DISTRACTION, MODES

NOW = datetime(2026, 11, 20, 23, 20, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
CATEGORIES, SHIPPED = from_taxonomy(tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8")))
RULES = compiled(SHIPPED)


def label(app: str, title: str, url: str, project: str) -> Label:
    found = category_named(CATEGORIES, categorise(RULES, app, title, url, project))
    return Label(found.name, found.level, found.focus)


@pytest.fixture(scope="module")
def of() -> Course:
    return course(50, 1_000_001, NOW, BERLIN)


def test_hours_over_arrays_are_those_of_the_formula(of: Course) -> None:
    life = told(of, lived(of))
    hours = hourly(life, label, BERLIN)
    stretches = []
    for start, end, *context in life.events:
        found = label(*context)
        stretches.append(focus.Stretch(start / 1000, end / 1000, found.level, context[0], found.focus))
    scored = 0
    for second, part in focus.hours(stretches).items():
        at = datetime.fromtimestamp(second, BERLIN)
        if at.month == 10 and at.hour == 2:  # two hours of the clock in one
            continue
        day = (at.date() - hours.dates[0]).days
        score = focus.focus_score(part)
        assert hours.active_min[day, at.hour] == pytest.approx(sum(x.end_s - x.start_s for x in part) / 60)
        assert (score is None) == bool(np.isnan(hours.score[day, at.hour]))
        if score is not None:
            scored += 1
            assert hours.score[day, at.hour] == pytest.approx(score)
    assert scored > 200
    assert sum(m.sum() for m in hours.minutes.values()) == pytest.approx(hours.active_min.sum())
    assert (hours.focus_min <= hours.active_min + 1e-9).all()


def test_the_oracle_knows_more_than_the_mean_and_no_more_than_it_can(of: Course) -> None:
    score = oracle.hour_scores(of, lived(of), label)
    known = oracle.oracle(of, label, replicates=12)
    states = lived(of).energies
    truth, best, mean = [], [], []
    for day in range(1, 48):
        for hour in (7, 12):
            forecast = oracle.forecast(known, of, states, day, hour)
            for k, value in enumerate(forecast):
                to_day, to_hour = day + (hour + 1 + k) // 24, (hour + 1 + k) % 24
                if np.isfinite(value) and np.isfinite(score[to_day, to_hour]):
                    truth.append(score[to_day, to_hour])
                    best.append(value)
                    mean.append(known.expected[to_day, to_hour])
    error, apart = np.std(np.subtract(truth, best)), np.std(np.subtract(truth, mean))
    assert 0.06 < error < apart
    assert apart < np.std(truth)


def test_a_place_that_pulls_costs_more_than_one_that_does_not(of: Course) -> None:
    values = oracle.place_values(of, runs=25)
    modes = np.array([MODES[m] for m in of.own.modes])
    assert values[modes == "deep"].mean() > values[modes == "comms"].mean() > values[modes == "distraction"].mean()
    strong = [v for v, pull, mode in zip(values, of.own.pulls, modes, strict=True) if mode == "comms" and pull > 0.3]
    weak = [v for v, pull, mode in zip(values, of.own.pulls, modes, strict=True) if mode == "comms" and pull <= 0.3]
    assert not strong or not weak or np.mean(strong) < np.mean(weak)
    effects = oracle.edge_effects(of, runs=3)
    assert effects[0, 1] == pytest.approx(-effects[1, 0])


def test_less_distraction_is_an_hour_less_of_it_and_focus_gains(of: Course) -> None:
    without = Intervention({DISTRACTION: 60.0})
    as_it_was, otherwise = lived(of), lived(of, intervention=without)
    def minutes(life, day):  # type: ignore[no-untyped-def]
        return sum((s.end_h - s.start_h) * 60 for s in life.stays[day] if s.mode == DISTRACTION)

    for day in range(50):
        assert minutes(otherwise, day) <= max(0.0, minutes(as_it_was, day) - 60) + 8
    gain = np.nanmean(oracle.hour_scores(of, otherwise, label)) - np.nanmean(oracle.hour_scores(of, as_it_was, label))
    assert gain > 0.01
    nothing = lived(of, intervention=Intervention({}))
    assert nothing.starts_s.tolist() == as_it_was.starts_s.tolist()


def test_deadlines_press_while_their_task_is_open(of: Course) -> None:
    load = deadline_load(of.noted, of.dates)
    assert load.shape == (50,)
    assert load.max() > 0.3
    assert (load >= 0).all()
