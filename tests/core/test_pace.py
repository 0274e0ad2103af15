"""How often somebody may ask."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from coach.core.pace import wait_s


@given(st.lists(st.floats(0, 30), max_size=200), st.integers(1, 10))
def test_no_minute_holds_more_and_the_wait_is_exact(steps: list[float], most: int) -> None:
    passed: deque[float] = deque()
    times: list[float] = []
    now = 0.0
    for step in steps:
        now += step
        wait = wait_s(passed, now, most, 60.0)
        recent = [t for t in times if t > now - 60.0]
        if wait == 0.0:
            times.append(now)
            assert len(recent) < most
        else:
            assert len(recent) == most
            assert wait == recent[0] + 60.0 - now
    assert len(passed) <= most
