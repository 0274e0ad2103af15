"""A day as the screens tell it, from sums, is what its states one by one make of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.when import from_ms
from coach.engine import activity, categories, day
from coach.store import day_slots
from coach.store.db import Connection
from tests.engine.filled import BERLIN, TODAY, at, derive, empty_store, lived

STATES = st.lists(
    st.tuples(st.integers(0, 1500), st.sampled_from(["nvim", "slack", "steam", "nobodyknows"]), st.integers(1, 4000)),
    max_size=40,
)
"""Seconds without anything, an app, seconds in it."""


def filled(db: Connection, states: list[tuple[int, str, int]], end_hour: int) -> None:
    begin = at(TODAY, 2, 30)
    for away_s, app, here_s in states:
        begin += timedelta(seconds=away_s)
        lived(db, begin, here_s / 60, app, app)
        begin += timedelta(seconds=here_s)
    derive(db, at(TODAY, 0), begin)
    activity.roll(db, categories.load(db, Config()), at(TODAY, end_hour))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STATES, st.integers(5, 23), st.integers(0, 59))
def test_sums_tell_what_states_tell(states: list[tuple[int, str, int]], hour: int, minute: int) -> None:
    with TemporaryDirectory() as folder:
        db, _ = empty_store(Path(folder))
        filled(db, states, hour)
        rules = categories.load(db, Config())
        start, end = activity.bounds(TODAY, Config(), BERLIN)[0], at(TODAY, hour, minute)
        rows, told = day.spans(db, start, end), day.told(db, start, end, rules)
        each = [piece for row in rows for piece in day_slots._cut(row[0], row[1], *row[2:])]
        assert told.lived == day.lived(each, rules)
        assert told.gaps == tuple(
            (from_ms(a.end_ms), from_ms(b.start_ms)) for a, b in pairwise(rows) if b.start_ms - a.end_ms >= 300_000)
        plain = day.day_focus(rows, rules)
        assert (told.focus.n, told.focus.score) == (plain.n, pytest.approx(plain.score))
        assert (told.focus.active_s, told.focus.focus_s) == (pytest.approx(plain.active_s), pytest.approx(plain.focus_s))
        assert [(h.hour, h.score) for h in told.focus.hours] == [(h.hour, pytest.approx(h.score)) for h in plain.hours]
        db.close()
