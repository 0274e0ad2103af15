from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core import effect
from coach.core.effect import Tally

COUNTS = st.integers(0, 60).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))


def test_newcombes_own_example():
    """56 of 70 against 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, method 10, case a)."""
    found = effect.effect(Tally(70, 56, 80, 48))
    assert (found.difference, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


@given(COUNTS, COUNTS)
def test_the_interval_holds_the_difference_and_is_possible(a, b):
    found = effect.effect(Tally(*a, *b))
    if found is None:
        assert 0 in (a[0], b[0])
        return
    assert -1 - 1e-9 <= found.low <= found.difference + 1e-9
    assert found.difference - 1e-9 <= found.high <= 1 + 1e-9


def test_a_kind_stops_only_when_enough_is_known():
    assert effect.stops(Tally(9, 0, 40, 20)) is None
    assert effect.stops(Tally(10, 0, 40, 20)) == "no_effect"
    assert effect.stops(Tally(40, 12, 20, 6)) == "no_effect"
    assert effect.stops(Tally(40, 28, 20, 6)) is None


def test_opinions_move_the_bar_and_five_bad_ones_stop_it():
    doubtful = Tally(40, 14, 40, 12)
    assert effect.stops(doubtful) is None
    assert effect.stops(Tally(40, 14, 40, 12, good=0, bad=3)) == "no_effect"
    assert effect.stops(Tally(40, 12, 40, 12)) == "no_effect"
    assert effect.stops(Tally(40, 12, 40, 12, good=6)) is None
    assert effect.stops(Tally(bad=5)) == "not_helpful"
    assert effect.stops(Tally(bad=5, good=1)) is None


def test_a_kind_on_trial_is_held_out_more_and_none_without_hold_outs():
    assert effect.held_share(Tally(), 0.2) == 0.2
    assert effect.held_share(Tally(3, 0, 0, 0), 0.2) == 0.2
    assert effect.held_share(Tally(4, 4, 0, 0), 0.2) == 0.5
    assert effect.held_share(Tally(20, 8, 5, 2), 0.2) == 0.5
    assert effect.held_share(Tally(20, 16, 5, 2), 0.2) == 0.2
    assert effect.held_share(Tally(20, 8, 5, 2), 0) == 0
    assert not any(effect.holds_out(Tally(20, 8, 5, 2), 0, Random(seed)) for seed in range(50))


def test_each_stop_rests_twice_as_long():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert [(effect.rests_until(at, run) - at) // timedelta(days=1) for run in (1, 2, 3)] == [28, 56, 112]


def test_what_nobody_could_tell_does_not_count():
    moments = [(False, True), (False, None), (True, False), (True, True), (False, False)]
    assert effect.tallied(moments, [True, False, False]) == Tally(2, 1, 2, 1, 1, 2)
