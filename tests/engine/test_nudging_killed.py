"""kill -9 at random moments around ticks, the small version of tests/bench/nudge_crash.py."""

import random

import pytest

from tests.bench import nudge_crash


@pytest.mark.slow
def test_killed_at_any_moment(db, tmp_path):
    db.close()
    found = nudge_crash.run(6, random.Random(7), tmp_path, reminder_steps=40)
    assert found["faults"] == []
    assert found["twice"] == 0
    assert found["delivered"] > 6
    assert found["retried"] > 0
