"""Whose turn it is, and what it costs to be behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.core import lateness, turns
from coach.core.plan import Instance, PlanTask

NOW = datetime(2026, 11, 16, 8, 0, tzinfo=UTC)
WEEK = Instance(
    now=NOW, tz=ZoneInfo("Europe/Berlin"), days=5, work_hours=dict.fromkeys(range(5), ((540, 1020),)), uncertain=True,
    tire_after_min=240,
)


def task(name: str, due_days: float | None = None, minutes: int = 60, priority: int | None = None) -> PlanTask:
    due = None if due_days is None else NOW + timedelta(days=due_days)
    return PlanTask(id=name, title=name, estimate_min=minutes, priority=priority, due=due)


def in_turn(*tasks: PlanTask) -> list[str]:
    found = turns.turns(replace(WEEK, tasks=tasks), lateness.strength(WEEK))
    return sorted(found, key=lambda name: found[name])


def test_dues_that_can_be_kept_come_first_then_what_is_late_then_the_rest() -> None:
    order = in_turn(task("none"), task("late", -1), task("thursday", 3.3), task("tomorrow", 1.3))
    assert order == ["tomorrow", "thursday", "late", "none"]


def test_late_work_of_the_highest_priority_goes_before_a_due_far_off() -> None:
    assert in_turn(task("late", -1, priority=1), task("far", 4.3), task("today", 0.3)) == ["today", "late", "far"]
    assert in_turn(task("none", priority=1), task("far", 4.3)) == ["far", "none"]


def test_what_can_hardly_be_done_by_its_due_makes_way() -> None:
    assert in_turn(task("hopeless", 0.3, minutes=1200), task("tomorrow", 1.3)) == ["tomorrow", "hopeless"]
    assert in_turn(task("close", 0.3, minutes=240), task("tomorrow", 1.3)) == ["close", "tomorrow"]


def test_a_turn_is_over_when_the_work_before_it_and_its_own_are_done() -> None:
    found = turns.turns(replace(WEEK, tasks=(task("a", 0.3), task("b", 1.3, minutes=180))), lateness.strength(WEEK))
    assert found == {"a": pytest.approx(0.25), "b": pytest.approx(1.0)}  # 240 minutes are a day of strength
    assert turns.behind(1.0, 0.8) == 0
    assert turns.behind(1.0, 1.5) == 0.5
    assert turns.turns(replace(WEEK, uncertain=False, tasks=(task("a", 0.3),)), lateness.strength(WEEK)) == {}


def test_to_be_behind_costs_more_the_nearer_the_due() -> None:
    of = lateness.strength(WEEK)
    today, later, none = (turns.pace(WEEK, t, of) for t in (task("a", 0.3), task("b", 3.3), task("c")))
    assert today > 3 * later > 3 * none > 0
    assert turns.pace(replace(WEEK, uncertain=False), task("a", 0.3), of) == 0
