"""Alarms: soon where something has changed, once a year at most where nothing has."""

from __future__ import annotations

import math
import random
from datetime import date, timedelta

import pytest

from coach.core import drift

START = date(2026, 1, 5)


def year(rng: random.Random, rise_at: int | None = None, rise: float = 1.0, days: int = 365) -> dict[date, float]:
    """Skewed daily losses that differ by weekday, with a rise by a factor from a day on."""
    weekday = [0.0, 0.1, -0.1, 0.0, 0.2, 0.4, 0.5]
    losses = {}
    for number in range(days):
        day = START + timedelta(days=number)
        level = math.log(rise) if rise_at is not None and number >= rise_at else 0.0
        losses[day] = math.exp(rng.gauss(-4 + weekday[day.weekday()] + level, 0.3))
    return losses


def test_false_alarms_are_fewer_than_one_a_year() -> None:
    rng = random.Random(1)
    alarms = sum(drift.loss_drift(year(rng)) is not None for _ in range(100))
    assert alarms < 50  # of 100 years


def test_a_rise_is_found_within_ten_days() -> None:
    rng = random.Random(2)
    late = []
    for _ in range(60):
        losses = year(rng, rise_at=60, rise=1.8, days=100)
        found = drift.loss_drift(losses)
        late.append((found - START).days - 60 if found else 99)
    assert sorted(late)[45] <= 10
    assert sum(days < 0 for days in late) < 12


def test_one_terrible_day_is_no_drift() -> None:
    losses = {day: 0.02 * (1 + 0.1 * (n % 3)) for n, day in enumerate(year(random.Random(3), days=60))}
    losses[START + timedelta(days=40)] = 5.0
    assert drift.loss_drift(losses) is None


def test_short_and_broken_histories_raise_no_alarm() -> None:
    assert drift.loss_drift({}) is None
    assert drift.loss_drift(dict.fromkeys(year(random.Random(0), days=28), 1.0)) is None
    assert drift.loss_drift(dict.fromkeys(year(random.Random(0), days=90), math.nan)) is None
    assert drift.loss_drift(dict.fromkeys(year(random.Random(0), days=90), 0.0)) is None


def starts(rng: random.Random, later_at: int = 999, later: float = 0.5, days: int = 365) -> dict[date, float]:
    """When days begin, by the hour: sometimes very early or late, at weekends at any hour."""
    found = {}
    for number in range(days):
        day = START + timedelta(days=number)
        usual = 9.0 + (later if number >= later_at else 0.0)
        found[day] = rng.uniform(7, 14) if day.weekday() >= 5 or rng.random() < 0.03 else rng.gauss(usual, 0.25)
    return found


@pytest.mark.parametrize("later", [0.5, -0.5])
def test_days_that_begin_at_another_hour_are_found_within_ten_days(later: float) -> None:
    rng = random.Random(6)
    took = []
    for _ in range(40):
        found = drift.rhythm_drift(starts(rng, later_at=80, later=later, days=120))
        took.append((found[0] - START).days - 80 + 1 if found and found[1] * later > 0 else 99)
    assert sorted(took)[28] <= 10  # seven of ten


def test_a_rhythm_that_stays_is_left_alone() -> None:
    rng = random.Random(7)
    assert sum(drift.rhythm_drift(starts(rng)) is not None for _ in range(40)) < 20  # years
    assert drift.rhythm_drift({}) is None
    assert drift.rhythm_drift(starts(rng, days=40)) is None
    assert drift.rhythm_drift(dict.fromkeys(starts(rng), math.nan)) is None
    assert drift.rhythm_drift(dict.fromkeys(starts(rng), 9.0)) is None


def test_what_is_usual_is_learnt_anew_after_an_alarm() -> None:
    found = drift.rhythm_drift({day: 9.0 if n < 100 else 10.0 for n, day in enumerate(starts(random.Random(8), days=250))})
    assert found is not None
    assert (found[0] - START).days < 110
    assert found[1] == pytest.approx(1.0)


def test_a_day_begins_when_a_tenth_of_it_has_passed() -> None:
    minutes = [0.0] * 24
    minutes[2] = 60.0  # the night before
    minutes[9:13] = [60.0] * 4
    assert drift.day_start(minutes) == pytest.approx(9.4)
    minutes[6] = 5.0
    assert drift.day_start(minutes) == pytest.approx(9 + (24.5 - 5) / 60)
    assert drift.day_start([0.0] * 24) is None


def test_page_hinkley_by_hand() -> None:
    assert drift.page_hinkley([0.0] * 20) is None
    assert drift.page_hinkley([0.0] * 20 + [2.5] * 5) == 24  # 2.0 a step: above 8 after the fifth


def test_psi_of_a_shift_and_of_none() -> None:
    rng = random.Random(4)
    before, same = [rng.gauss(0, 1) for _ in range(90)], [rng.gauss(0, 1) for _ in range(28)]
    moved = [rng.gauss(2, 1) for _ in range(28)]
    assert drift.psi(before, before) == pytest.approx(0, abs=0.01)
    assert not drift.shifted(before, same)
    assert drift.shifted(before, moved)
    assert drift.psi(before, moved) > drift.PSI_ALARM
    assert drift.psi([], moved) == 0.0
    assert not drift.shifted(before[:10], moved)


def test_chance_seldom_counts_as_a_shift() -> None:
    rng = random.Random(5)
    alarms = sum(
        drift.shifted([rng.gauss(0, 1) for _ in range(90)], [rng.gauss(0, 1) for _ in range(28)]) for _ in range(1000)
    )
    assert alarms < 10


@pytest.mark.parametrize(("freedom", "right"), [(3, 16.27), (4, 18.47), (9, 27.88)])
def test_chi_squared(freedom: int, right: float) -> None:
    assert drift.chi2_quantile(0.999, freedom) == pytest.approx(right, rel=0.02)
