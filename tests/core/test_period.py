"""Periods that a question names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.period import Calendar, before, between, find, masked, today

BERLIN = ZoneInfo("Europe/Berlin")
HERE = Calendar(datetime(2026, 11, 21, 9, tzinfo=UTC), BERLIN)  # a Saturday


@pytest.mark.parametrize(("text", "key", "words"), [
    ("how long today", "2026-11-21", "today"),
    ("yesterday's meetings", "2026-11-20", "yesterday"),
    ("the day before yesterday", "2026-11-19", "the day before yesterday"),
    ("this week", "2026-11-16/2026-11-22", "this week"),
    ("my week", "2026-11-16/2026-11-22", "this week"),
    ("during last week", "2026-11-09/2026-11-15", "last week"),
    ("next week", "2026-11-23/2026-11-29", "next week"),
    ("last month", "2026-10-01/2026-10-31", "last month"),
    ("in June", "2026-06-01/2026-06-30", "in June 2026"),
    ("in december", "2025-12-01/2025-12-31", "in December 2025"),
    ("in june 2024", "2024-06-01/2024-06-30", "in June 2024"),
    ("in the last 7 days", "2026-11-15/2026-11-21", "in the last 7 days"),
    ("past two weeks", "2026-11-08/2026-11-21", "in the last 2 weeks"),
    ("3 days ago", "2026-11-18", "3 days ago"),
    ("two weeks ago", "2026-11-02/2026-11-08", "2 weeks ago"),
    ("on monday", "2026-11-16", "on Monday 16 November"),
    ("on saturday", "2026-11-14", "on Saturday 14 November"),
    ("last fri", "2026-11-20", "on Friday 20 November"),
    ("12 june", "2026-06-12", "on 12 June 2026"),
    ("december 24th", "2025-12-24", "on 24 December 2025"),
    ("2026-11-02", "2026-11-02", "on 2 November 2026"),
    ("this morning", "2026-11-21T04/T12", "this morning"),
    ("last night", "2026-11-20T18/T04", "last night"),
    ("last weekend", "2026-11-14/2026-11-15", "last weekend"),
    ("this year", "2026-01-01/2026-12-31", "this year"),
])
def test_words_become_days(text: str, key: str, words: str) -> None:
    (found,) = find(text, HERE)
    assert (found.period.key, found.period.text) == (key, words)


@pytest.mark.parametrize("text", ["", "may I ask", "the sun shines", "I sat down", "monthly report", "30 february", "31 june"])
def test_other_words_name_no_period(text: str) -> None:
    assert find(text, HERE) == ()


def test_two_periods_are_both_found_in_order() -> None:
    assert [f.period.text for f in find("this week or last week", HERE)] == ["this week", "last week"]


def test_a_bare_weekday_lies_ahead_when_asked_ahead() -> None:
    assert find("on monday", HERE, ahead=True)[0].period.first == date(2026, 11, 23)
    assert find("in june", HERE, ahead=True)[0].period.first == date(2027, 6, 1)


def test_weeks_may_begin_on_sunday() -> None:
    here = Calendar(HERE.now, BERLIN, week_start="sunday")
    assert find("this week", here)[0].period.key == "2026-11-15/2026-11-21"


def test_after_midnight_it_is_still_yesterday() -> None:
    night = Calendar(datetime(2026, 11, 21, 1, 30, tzinfo=UTC), BERLIN)  # 02:30 on Saturday, before the day begins
    assert today(night).first == date(2026, 11, 20)


def test_days_around_a_clock_change_are_23_and_25_hours() -> None:
    spring, autumn = (between("", d, d, HERE) for d in (date(2026, 3, 28), date(2026, 10, 24)))
    assert (spring.end - spring.start).total_seconds() == 23 * 3600
    assert (autumn.end - autumn.start).total_seconds() == 25 * 3600


def test_the_period_before() -> None:
    assert before(find("this week", HERE)[0].period, HERE).key == "2026-11-09/2026-11-15"
    assert before(find("last month", HERE)[0].period, HERE).key == "2026-09-01/2026-09-30"
    assert before(today(HERE), HERE).text == "yesterday"
    assert before(find("this morning", HERE)[0].period, HERE).key == "2026-11-20T04/T12"


def test_one_period_is_masked_and_two_are_kept() -> None:
    assert masked("time in june?", find("time in june?", HERE)) == "time today?"
    both = "today vs yesterday"
    assert masked(both, find(both, HERE)) == both


@given(st.text(max_size=200), st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))
def test_any_text_is_read_without_error(text: str, at: datetime) -> None:
    for found in find(text, Calendar(at.replace(tzinfo=UTC), BERLIN)):
        assert found.period.start < found.period.end
        assert 0 <= found.start < found.end <= len(text)
