"""Simulated lives: one seed one life, no impossible time, known apps, and structure only where there should be some."""

from __future__ import annotations

import json
import statistics
import tomllib
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.config import shipped
from coach.core import focus
from coach.core.category import Categoriser, Category, categorise, category_named, compiled, from_taxonomy
from coach.core.errors import InvalidInput
from coach.core.task import from_stored, stored
from coach.core.when import from_ms, to_ms
from coach.simulation.life import SimulatedLife, simulate, to_jsonl
from coach.simulation.places import ROLES

NOW = datetime(2026, 11, 20, 14, 20, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def life() -> SimulatedLife:
    return simulate(120, 5, NOW, BERLIN)


@pytest.fixture(scope="module")
def known() -> tuple[dict[str, Category], Categoriser]:
    categories, rules = from_taxonomy(tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8")))
    return categories, compiled(rules)


def hour_scores(life: SimulatedLife, known: tuple[dict[str, Category], Categoriser]) -> dict[int, float]:
    categories, rules = known
    stretches = []
    for start, end, app, title, url, project in life.events:
        category = category_named(categories, categorise(rules, app, title, url, project))
        stretches.append(focus.Stretch(start / 1000, end / 1000, category.level, app + title, category.focus))
    scores = {hour: focus.focus_score(part) for hour, part in focus.hours(stretches).items()}
    return {hour: score for hour, score in scores.items() if score is not None}


def test_one_seed_is_one_life_and_another_is_another(life: SimulatedLife) -> None:
    assert simulate(120, 5, NOW, BERLIN) == life
    assert simulate(120, 6, NOW, BERLIN).events[:50] != life.events[:50]


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 30), st.integers(0, 10**9), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
       st.sampled_from(["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Auckland"]),
       st.sampled_from(["A", "B", "placebo"]))
def test_time_is_never_impossible(days: int, seed: int, now: datetime, tz: str, family: str) -> None:
    now = now.replace(tzinfo=UTC)
    life = simulate(days, seed, now, ZoneInfo(tz), family)
    assert all(start < end for start, end, *_ in life.events)
    assert all(a[1] <= b[0] for a, b in pairwise(life.events))
    assert all(a[2:] != b[2:] for a, b in pairwise(life.events) if a[1] == b[0])
    if life.events:
        assert life.events[-1][1] <= to_ms(now)
        assert life.events[0][0] >= to_ms(now - timedelta(days=days + 1))
    assert all(s.at <= now for s in life.steps)


@pytest.mark.parametrize("hour", [0, 5, 8, 12, 17, 22])
@pytest.mark.parametrize("day", [20, 21, 22])
def test_the_person_is_there_now(day: int, hour: int) -> None:
    now = datetime(2026, 11, day, hour, 7, tzinfo=UTC)
    end_ms = simulate(3, 1, now, BERLIN).events[-1][1]
    assert to_ms(now) - end_ms < 60_000


@pytest.mark.parametrize("role", ROLES)
def test_the_taxonomy_knows_every_place_but_the_invented_ones(role: str, known: tuple[dict[str, Category], Categoriser]) -> None:
    life = simulate(60, 3, NOW, BERLIN, role=role)
    unknown = {e[4].split("/")[2] if e[4] else e[2] for e in life.events if categorise(known[1], *e[2:]) is None}
    invented = {p["url"].split("/")[2] if p["url"] else p["app"] for p in life.truth["places"] if not p["known"]}
    assert life.person.role == role
    assert len(invented) == 10
    assert unknown
    assert unknown <= invented


@pytest.mark.parametrize("seed", range(4))
def test_days_look_like_days(seed: int) -> None:
    life = simulate(120, seed, NOW, BERLIN)
    by_day: dict[str, list[tuple[int, int]]] = {}
    for start, end, *_ in life.events:
        by_day.setdefault(str(from_ms(start).astimezone(BERLIN).date()), []).append((start, end))
    lengths_s = [(end - start) / 1000 for start, end, *_ in life.events]
    weekdays = [len(rows) for day, rows in by_day.items() if datetime.fromisoformat(day).weekday() < 5]
    assert 250 < statistics.mean(weekdays) < 550
    assert 25 < statistics.median(lengths_s) < 75
    assert 4 < sum(lengths_s) / 3600 / len(by_day) < 9
    assert 90 <= len(by_day) <= 120


def test_tasks_come_to_their_state_step_by_step(life: SimulatedLife) -> None:
    current = {}
    for step in life.steps:
        before = current.get(step.task.id)
        if step.series is not None:
            assert step.action == "complete"
            assert step.task.series_id == step.series.id
            assert current[step.series.id].due <= step.task.due < step.series.due
            current |= {step.series.id: step.series, step.task.id: step.task}
            continue
        assert (before is None) == (step.action == "create")
        assert before is None or before.status == "pending"
        assert step.task.modified == step.at
        assert (step.action == "snooze") == (before is not None and step.task.snooze_count == before.snooze_count + 1)
        current[step.task.id] = step.task
    assert current == {t.id: t for t in life.tasks}
    assert all(from_stored(stored(t)) == t for t in life.tasks)


def test_there_is_something_of_everything_to_show(life: SimulatedLife) -> None:
    statuses = {t.status for t in life.tasks}
    pending = [t for t in life.tasks if t.status == "pending"]
    overdue = [t for t in pending if t.due is not None and str(t.due)[:10] < "2026-11-20"]
    assert statuses == {"pending", "completed", "deleted"}
    assert 10 <= len(pending) <= 90
    assert overdue
    assert any(t.snooze_count >= 3 for t in life.tasks)
    assert any(m.start > NOW for m in life.meetings)
    assert any(b.start.date() == NOW.date() for b in life.blocks)
    assert {b.task_id for b in life.blocks} <= {t.id for t in life.tasks}


def test_routines_are_kept_more_or_less(life: SimulatedLife) -> None:
    series = {t.id: t for t in life.tasks if t.recurrence is not None}
    kept: dict[str, int] = {}
    for t in life.tasks:
        if t.series_id is not None:
            assert t.status == "completed"
            kept[series[t.series_id].title] = kept.get(series[t.series_id].title, 0) + 1
    assert all(t.status == "pending" for t in series.values())
    assert 40 < kept["Plan the day"] < 86
    assert 8 < kept["Weekly review"] < 18
    assert 2 <= kept["Pay the rent"] <= 4


def test_dreaded_tasks_are_put_off_more() -> None:
    snoozes: dict[bool, list[int]] = {True: [], False: []}
    for seed in range(6):
        life = simulate(120, seed, NOW, BERLIN)
        snoozed = {t.id: t.snooze_count for t in life.tasks}
        for task_id, truth in life.truth["tasks"].items():
            snoozes[truth["aversive"] > 0.6].append(snoozed[task_id])
    assert statistics.mean(snoozes[True]) > 1.5 * statistics.mean(snoozes[False])


def test_energy_shows_in_the_focus_score(known: tuple[dict[str, Category], Categoriser]) -> None:
    high, low = [], []
    for seed in range(4):
        life = simulate(90, seed, NOW, BERLIN)
        for second, score in hour_scores(life, known).items():
            at = datetime.fromtimestamp(second, BERLIN)
            if at.weekday() < 5 and 9 <= at.hour < 18:
                energy = life.truth["energy"][str(at.date())][at.hour]
                (high if energy > life.person.base + 0.1 else low).append(score)
    assert statistics.mean(high) > statistics.mean(low) + 0.05


def test_placebo_people_have_no_good_hours(known: tuple[dict[str, Category], Categoriser]) -> None:
    by_hour: dict[int, list[float]] = {}
    for seed in range(3):
        for second, score in hour_scores(simulate(120, seed, NOW, BERLIN, "placebo", "student"), known).items():
            by_hour.setdefault(datetime.fromtimestamp(second, BERLIN).hour, []).append(score)
    means = [statistics.mean(scores) for hour, scores in by_hour.items() if 10 <= hour <= 17 and len(scores) > 60]
    assert max(means) - min(means) < 0.12


def test_lines_carry_the_truth_at_the_end(life: SimulatedLife) -> None:
    lines = [json.loads(json.dumps(line)) for line in to_jsonl(life)]
    assert lines[0]["kind"] == "person"
    assert lines[-1]["kind"] == "truth"
    assert sum(line["kind"] == "event" for line in lines) == len(life.events)
    assert sum(line["kind"] == "task" for line in lines) == len(life.steps)
    assert len(lines[-1]["energy"]) == 120


def test_what_cannot_be_simulated_is_said() -> None:
    for bad in ({"days": 0}, {"days": 10**6}, {"family": "C"}, {"role": "astronaut"}):
        with pytest.raises(InvalidInput):
            simulate(**{"days": 3, "seed": 1, "now": NOW, "tz": BERLIN, **bad})  # type: ignore[arg-type]
