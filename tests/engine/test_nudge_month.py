"""The small version of tests/bench/nudge_month.py: a week in which Coach speaks, holds out, judges and keeps to its limits."""

import json

import pytest

from coach.engine import nudge_effects, nudging
from tests.bench import nudge_month


@pytest.fixture(autouse=True)
def _given_back(monkeypatch):
    """The bench puts its own view and aftermath in place."""
    monkeypatch.setattr(nudging, "view", nudging.view)
    monkeypatch.setattr(nudge_effects, "what_followed", nudge_effects.what_followed)


@pytest.mark.slow
def test_a_week_of_somebody():
    found = nudge_month.run(people=1, days=5, cap=8, seed=3)
    assert found["broken"] == 0
    assert 0 < found["useful_heard"] + found["useless_heard"] <= 5 * 8
    assert found["helped"] > 0
    assert found["power"][0] == 0  # nothing is known after five days


@pytest.mark.long
def test_a_month_stops_more_of_the_useless_than_of_the_useful():
    found = nudge_month.run(people=3, days=30, cap=12, seed=5)
    print(json.dumps(found))
    assert found["broken"] == 0
    assert found["power"][0] > found["false_stops"][0]
    assert found["useless_heard"] < found["useless_heard_never_stopping"]
