"""Hours in questions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coach.core import clocktime, period
from coach.core.clocktime import find, words

CALENDAR = period.Calendar(datetime(2026, 11, 20, 12, tzinfo=UTC), UTC)


@pytest.mark.parametrize(("text", "said"), [
    ("between 9 and 11", "between 09:00 and 11:00"), ("at 10:30", "at 10:30"), ("yesterday at 3pm", "at 15:00"),
    ("after 5", "after 17:00"), ("between 9 and 5", "between 09:00 and 17:00"), ("from 11 to 2pm", "between 11:00 and 14:00"),
    ("from 9 to 11pm", "between 21:00 and 23:00"), ("9:00-11:30", "between 09:00 and 11:30"),
    ("from 22 to 2", "between 22:00 and 02:00"), ("since noon", "after 12:00"), ("before 9 o'clock", "before 09:00"),
])
def test_hours_are_found(text: str, said: str) -> None:
    hours = find(text)
    assert hours is not None
    assert words(hours) == said


@pytest.mark.parametrize("text", [
    "between 9 and 11 november", "after 5 minutes", "at least 3 tasks", "over 8 hours", "between 3 and 4 tasks", "on 2026-11-20",
    "tell me about task 12", "at 99", "at 13pm", "from 5 may", "in the last 7 days", "at 3 %", "3 to 5",
])
def test_other_numbers_are_no_hours(text: str) -> None:
    assert find(text) is None


def test_a_night_runs_past_midnight_and_stays_in_its_logical_day() -> None:
    hours = find("from 22 to 2")
    assert hours is not None
    cut = clocktime.clip(period.today(CALENDAR), hours, CALENDAR)
    assert (cut.start, cut.end) == (datetime(2026, 11, 20, 22, tzinfo=UTC), datetime(2026, 11, 21, 2, tzinfo=UTC))
    assert cut.key == "2026-11-20T22:00/T02:00"


def test_days_of_a_week_each_give_their_hours() -> None:
    week = period.find("last week", CALENDAR)[0].period
    hours = find("between 9 and 11")
    assert hours is not None
    found = clocktime.windows(week, hours, CALENDAR)
    assert [(a.hour, b.hour) for a, b in found] == [(9, 11)] * 7


@pytest.mark.parametrize(("text", "right"), [
    ("yestrday", "yesterday"), ("tody", "today"), ("last weeek", "last week"), ("on sundays", "on sundays"),
    ("weekly money study tidy monthly", "weekly money study tidy monthly"), ("on mondy", "on monday"),
])
def test_slips_in_words_of_time_are_put_right(text: str, right: str) -> None:
    assert period.spelt(text) == right
