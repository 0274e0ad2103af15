"""Urgency against the values of Taskwarrior's own documentation."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.config import UrgencyConfig
from coach.core.task import Annotation, Task
from coach.core.urgency import due_term, terms, urgency

NOW = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
BARE = Task(id="t", title="x", created=NOW, modified=NOW)
C = UrgencyConfig()


def score(blocked: bool = False, blocking: bool = False, **fields) -> float:
    return urgency(replace(BARE, **fields), NOW, C, blocked=blocked, blocking=blocking)


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({}, 0.0),
        ({"due": NOW}, 8.8),
        ({"due": date(2026, 11, 18)}, 8.8),
        ({"due": NOW - timedelta(days=7)}, 12.0),
        ({"due": NOW - timedelta(days=70)}, 12.0),
        ({"due": NOW + timedelta(days=15)}, 2.4),
        ({"priority": 2, "tags": ("a",), "project": "p"}, 5.7),
        ({"priority": 1}, 6.0),
        ({"priority": 3}, 1.8),
        ({"priority": 4}, 0.0),
        ({"tags": ("next",)}, 15.8),
        ({"tags": ("a", "b")}, 0.9),
        ({"tags": ("a", "b", "c", "d")}, 1.0),
        ({"scheduled": NOW - timedelta(seconds=1)}, 5.0),
        ({"scheduled": NOW + timedelta(seconds=1)}, 0.0),
        ({"started": NOW}, 4.0),
        ({"wait": NOW + timedelta(days=1)}, -3.0),
        ({"created": NOW - timedelta(days=365)}, 2.0),
        ({"created": NOW - timedelta(days=900)}, 2.0),
        ({"created": NOW - timedelta(days=73, hours=23)}, 0.4),
        ({"annotations": (Annotation(NOW, "n"),) * 2}, 0.9),
    ],
)
def test_taskwarriors_values(fields: dict, value: float):
    assert score(**fields) == pytest.approx(value, abs=0.005)


def test_blocked_and_blocking():
    assert score(blocked=True) == -5.0
    assert score(blocking=True) == 8.0


def test_coefficients_come_from_the_settings():
    task = replace(BARE, project="p")
    assert urgency(task, NOW, replace(C, project=7.5), blocked=False, blocking=False) == 7.5


def test_terms_name_each_part_and_sum_up():
    task = replace(BARE, due=NOW, tags=("a",), project="p", wait=NOW + timedelta(days=1))
    parts = terms(task, NOW, C, blocked=True, blocking=False)
    assert [name for name, _ in parts] == ["due", "tags", "project", "waiting", "blocked"]
    assert sum(value for _, value in parts) == urgency(task, NOW, C, blocked=True, blocking=False)


@given(st.integers(-40 * 86_400, 40 * 86_400), st.integers(0, 86_400))
def test_urgency_of_due_never_falls_as_time_passes(ahead_s: int, later_s: int):
    due = NOW + timedelta(seconds=ahead_s)
    before, after = (due_term(due, NOW + timedelta(seconds=s)) for s in (0, later_s))
    assert 0.2 <= before <= after <= 1.0
