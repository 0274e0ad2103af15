"""The small version of tests/bench/nudge_month.py: a week in which Coach speaks, holds out, judges and keeps to its limits."""

import pytest

from coach.engine import nudge_effects, nudging
from tests.bench import nudge_month


@pytest.mark.slow
def test_a_week_of_somebody(monkeypatch):
    monkeypatch.setattr(nudging, "view", nudging.view)  # the bench puts its own in place; given back afterwards
    monkeypatch.setattr(nudge_effects, "what_followed", nudge_effects.what_followed)
    found = nudge_month.run(people=1, days=5, cap=8, seed=3)
    assert found["broken"] == 0
    assert 0 < found["useful_heard"] + found["useless_heard"] <= 5 * 8
    assert found["helped"] > 0
    assert found["power"][0] == 0  # nothing is known after five days
