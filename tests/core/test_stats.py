from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core import stats

MONDAY = date(2026, 11, 2)


def test_quantile_interpolates_like_type_7() -> None:
    assert stats.quantile([4, 1, 3, 2], 0.25) == 1.75
    assert stats.median([5]) == 5
    with pytest.raises(ValueError, match="no values"):
        stats.quantile([], 0.5)


def test_levels_are_about_equally_common_and_an_outlier_changes_nothing() -> None:
    values = [float(v) for v in range(1, 101)]
    bounds = stats.thresholds(values)
    counts = [sum(stats.level(v, bounds) == step for v in values) for step in range(5)]
    assert counts[0] == 0
    assert all(24 <= c <= 26 for c in counts[1:])
    assert stats.thresholds([*values[:-1], 1e9]) == pytest.approx(bounds)


def test_levels_of_nothing_and_of_equal_days() -> None:
    assert stats.thresholds([None, 0.0]) == ()
    assert stats.level(None, ()) == stats.level(0.0, ()) == 0
    assert stats.level(7.0, stats.thresholds([7.0, 7.0, 7.0])) == 1


@given(st.lists(st.floats(0, 1e6)), st.floats(0, 1e6))
def test_a_level_is_never_above_the_steps(values: list[float], value: float) -> None:
    assert 0 <= stats.level(value, stats.thresholds(values)) <= stats.LEVELS


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)), st.integers(0, 6), st.integers(1, 60))
def test_every_day_of_the_matrix_stands_in_its_row(last: date, week_start: int, weeks: int) -> None:
    values = {last - timedelta(days=i): float(i + 1) for i in range(7 * weeks)}
    matrix = stats.year_matrix(values, last, weeks, week_start)
    assert matrix.first.weekday() == week_start
    assert matrix.weeks == weeks
    assert matrix.day(*matrix.place(last)) == last
    row, column = matrix.place(last)
    assert matrix.cells[row][column] == 1.0
    assert column == weeks - 1
    shown = sum(v is not None for line in matrix.cells for v in line)
    assert shown == 7 * (weeks - 1) + row + 1


def test_month_labels_mark_the_column_where_a_month_begins() -> None:
    matrix = stats.year_matrix({}, date(2026, 11, 21), weeks=53)
    months = matrix.months()
    assert months[-1] == (matrix.place(date(2026, 11, 1))[1], date(2026, 11, 1))
    assert [first.month for _, first in months][-12:] == [12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]


def test_hour_of_week_says_how_many_values_a_mean_has() -> None:
    matrix = stats.hour_of_week([(MONDAY, 9, 0.5), (MONDAY + timedelta(days=7), 9, 0.7), (MONDAY, 10, 1.0)])
    nine = matrix[0][9]
    assert nine is not None
    assert (nine.n, round(nine.value, 9), nine.error) == (2, 0.6, pytest.approx(0.1))
    assert matrix[0][10] == stats.Mean(1.0, 1)
    assert matrix[1][9] is None


def test_best_hours_leave_out_what_happened_once() -> None:
    scores = [(MONDAY + timedelta(days=7 * w), 9, 0.6) for w in range(3)] + [(MONDAY, 3, 1.0)]
    assert [(d, h) for d, h, _ in stats.best_hours(stats.hour_of_week(scores))] == [(0, 9)]


def test_moving_mean_skips_gaps() -> None:
    assert stats.moving_mean([None, 2.0, None, 4.0], 3) == [None, 2.0, 2.0, 3.0]


def test_trend_is_deaf_to_one_odd_day() -> None:
    assert stats.trend([1, 2, 3, 100, 5, 6, 7]) == pytest.approx(1.0)
    assert stats.trend([1, None, 3, 4]) is None


def test_sparkline_has_a_blank_for_a_gap() -> None:
    assert stats.sparkline([0, None, 4, 8]) == "▁ ▄█"
    assert stats.sparkline([0, 0]) == "▁▁"
    assert stats.sparkline([50], top=100) == "▄"


def test_ratio_against_nothing_is_unknown() -> None:
    assert stats.ratio(3, 2) == 0.5
    assert stats.ratio(3, 0) is None


def test_a_streak_survives_a_today_that_is_not_over() -> None:
    days = {MONDAY + timedelta(days=i): v for i, v in enumerate([60.0, 70, 10, 90, 90, 20])}
    today = MONDAY + timedelta(days=5)
    assert stats.streak(days, 60, today) == stats.Streak(current=2, longest=2)
    assert stats.streak(days, 60, today + timedelta(days=1)) == stats.Streak(current=0, longest=2)


def test_a_limit_needs_a_value_to_be_kept() -> None:
    days = {MONDAY: 10.0, MONDAY + timedelta(days=2): 20.0}
    assert stats.streak(days, 30, MONDAY + timedelta(days=2), at_most=True) == stats.Streak(1, 1)
