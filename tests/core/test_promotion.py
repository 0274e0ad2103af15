"""Who serves, what is promoted, and how much so few days can show."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core import promotion

START = date(2026, 10, 1)


def days(losses: list[float]) -> dict[date, float]:
    return {START + timedelta(days=n): loss for n, loss in enumerate(losses)}


def test_only_days_that_both_have_are_compared() -> None:
    found = promotion.compare(days([0.1, 0.2, math.nan, 0.1]), days([0.2, 0.3, 0.5]))
    assert (found.days, found.gain) == (2, pytest.approx(0.1))
    assert promotion.compare({}, days([1.0])).days == 0
    assert promotion.compare({}, {}).skill == 0.0


@pytest.mark.parametrize(("own", "serving", "yes"), [
    (0.95, False, True), (1.01, True, True), (1.01, False, False), (1.03, True, False), (1.0, False, False),
])
def test_never_below_the_baseline_minus_the_tolerance(own: float, serving: bool, yes: bool) -> None:
    verdict = promotion.who_serves(promotion.compare(days([own] * 10), days([1.0] * 10)), serving, prior=False)
    assert verdict.yes is yes
    assert "over 10 days" in verdict.why


@pytest.mark.parametrize("prior", [True, False])
def test_a_few_days_decide_nothing(prior: bool) -> None:
    verdict = promotion.who_serves(promotion.compare(days([9.0] * 3), days([1.0] * 3)), True, prior)
    assert verdict.yes is prior
    assert "3 days scored so far" in verdict.why


def test_the_gate_wants_more_than_a_standard_error() -> None:
    active = days([1.0, 1.2, 0.8, 1.1, 0.9, 1.0, 1.1, 0.9])
    better = {d: loss - 0.1 for d, loss in active.items()}
    assert promotion.gate(promotion.compare(better, active), {}, {}).yes
    flip = {d: loss + (0.1 if n % 2 else -0.11) for n, (d, loss) in enumerate(active.items())}
    assert not promotion.gate(promotion.compare(flip, active), {}, {}).yes
    few = dict(list(better.items())[:5])
    assert "fewer than 7" in promotion.gate(promotion.compare(few, active), {}, {}).why


@pytest.mark.parametrize(("after", "passes"), [
    ({"a": 1.01, "b": 0.5}, True), ({"a": 1.03, "b": 0.1}, False), ({"a": 1.0}, False), ({"a": math.nan, "b": 0.5}, False),
])
def test_a_frozen_case_may_lose_two_per_cent(after: dict[str, float], passes: bool) -> None:
    active = days([1.0] * 14)
    better = {d: 0.5 + 0.01 * n for n, d in enumerate(active)}
    verdict = promotion.gate(promotion.compare(better, active), after, {"a": 1.0, "b": 0.5})
    assert verdict.yes is passes


def test_a_case_without_loss_may_not_get_one() -> None:
    assert promotion.worst_case({"a": 0.0}, {"a": 0.0}) == ("a", 0.0)
    assert promotion.worst_case({"a": 0.1}, {"a": 0.0}) == ("a", math.inf)
    assert promotion.worst_case({}, {}) == ("", 0.0)


@given(st.integers(0, 10**9), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_each_pair_of_days_has_one_of_each_arm(seed: int, day: date) -> None:
    first = date.fromordinal(day.toordinal() // 2 * 2)
    assert promotion.on_new_arm(seed, first) != promotion.on_new_arm(seed, first + timedelta(days=1))
    assert promotion.on_new_arm(seed, day) == promotion.on_new_arm(seed, day)


def test_another_seed_is_another_plan() -> None:
    plans = {tuple(promotion.on_new_arm(seed, START + timedelta(days=n)) for n in range(28)) for seed in range(20)}
    assert len(plans) == 20


def test_the_detectable_difference_is_found_four_times_in_five() -> None:
    rng = random.Random(3)
    size = promotion.switchback([rng.gauss(0, 1) for _ in range(4000)], [rng.gauss(0, 1) for _ in range(4000)]).detectable
    assert size == pytest.approx((1.96 + 0.8416) * math.sqrt(2 / 4000), rel=0.05)
    true, hits, rounds = 1.06 * math.sqrt(2) * 0.756, 0, 800  # MDE at 14 + 14 days of unit deviation: 2.90 * sqrt(2 / 14)
    for _ in range(rounds):
        found = promotion.switchback([rng.gauss(true, 1) for _ in range(14)], [rng.gauss(0, 1) for _ in range(14)])
        hits += found.low > 0
    assert 0.75 < hits / rounds < 0.87


def test_one_day_an_arm_shows_nothing() -> None:
    found = promotion.switchback([1.0], [0.0, 0.0])
    assert found.low == -math.inf
    assert found.detectable == math.inf
    assert promotion.switchback([1.0, 1.0], [0.0, 0.0]).difference == 1.0


@pytest.mark.parametrize(("freedom", "right"), [(4, 2.776), (6, 2.447), (13, 2.160), (27, 2.052), (1e6, 1.960)])
def test_student(freedom: float, right: float) -> None:
    assert promotion.t_quantile(0.975, freedom) == pytest.approx(right, rel=0.02)
    assert promotion.t_quantile(0.5, freedom) == pytest.approx(NormalDist().inv_cdf(0.5))


def test_the_interval_of_a_comparison() -> None:
    found = promotion.compare(days([0.0, 1.0] * 7), days([1.0] * 14))
    assert found.low < 0.5 < found.high
    assert promotion.recent(days([1.0] * 30), START + timedelta(days=29), 14).keys() == {
        START + timedelta(days=n) for n in range(16, 30)
    }
