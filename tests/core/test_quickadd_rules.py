"""Recurrences with several times a day, with exceptions, and with bounds that depend on one another."""

import itertools
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from coach.core.quickadd import parse

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 8, 0, tzinfo=BERLIN)
"""A Wednesday."""


def expanded(text: str, most: int) -> list[str]:
    """The first occurrences, as dateutil counts them from the draft's due."""
    draft = parse(text, NOW, tz=BERLIN)
    assert draft.recurrence is not None
    assert draft.due is not None
    assert draft.title == "x"
    due = draft.due.replace(tzinfo=None) if isinstance(draft.due, datetime) else datetime.combine(draft.due, datetime.min.time())
    rule = rrulestr(draft.recurrence.rrule.splitlines()[0].replace("UNTIL=20261120", "UNTIL=20261120T235959"), dtstart=due)
    return [f"{moment:%d.%m. %H:%M}" for moment in itertools.islice(rule, most)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("x every day at 9am and 5pm", ["18.11. 09:00", "18.11. 17:00", "19.11. 09:00"]),
        ("x every day at 9, 13 and 17", ["18.11. 09:00", "18.11. 13:00", "18.11. 17:00", "19.11. 09:00"]),
        ("x daily at 9:00 and 17:30", ["18.11. 09:00", "18.11. 17:30", "19.11. 09:00", "19.11. 17:30"]),
        ("x every fri at 9 and 15:30", ["20.11. 09:00", "20.11. 15:30", "27.11. 09:00"]),
        ("x at 9am and 5pm every day", ["18.11. 09:00", "18.11. 17:00", "19.11. 09:00"]),
        ("x mon/wed/fri 9:00", ["18.11. 09:00", "20.11. 09:00", "23.11. 09:00"]),
        ("x the last friday of the month every month at 9", ["27.11. 09:00", "25.12. 09:00"]),
        ("x every day at 9 in july and august", ["01.07. 09:00", "02.07. 09:00"]),
        ("x every day at 7:00 and 17:00", ["18.11. 17:00", "19.11. 07:00", "19.11. 17:00"]),
        ("x every 5 hours from 9 to 19", ["18.11. 09:00", "18.11. 14:00", "18.11. 19:00", "19.11. 09:00"]),
        ("x every 30 minutes between 9 and 10 on fri", ["20.11. 09:00", "20.11. 09:30", "20.11. 10:00", "27.11. 09:00"]),
    ],
)
def test_several_times_a_day(text: str, first: list[str]):
    assert expanded(text, len(first)) == first


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("x every day except weekends", ["18.11.", "19.11.", "20.11.", "23.11."]),
        ("x every day except the 19th and 21st", ["18.11.", "20.11.", "22.11."]),
        ("x daily except the last day of the month until 2 dec", ["18.11."]),
        ("x every wed but not the last one", ["18.11.", "02.12.", "09.12.", "16.12.", "23.12.", "06.01."]),
        ("x every weekday except the 3rd friday of the month", ["18.11.", "19.11.", "23.11."]),
        ("x every week except in december", ["18.11.", "25.11.", "06.01."]),
    ],
)
def test_exceptions_that_a_rule_can_say(text: str, first: list[str]):
    assert [moment[:6] for moment in expanded(text, len(first))] == first


def test_a_yearly_exception_becomes_ten_exdates():
    draft = parse("x every monday except each 2nd monday in march", NOW, tz=BERLIN)
    assert draft.recurrence is not None
    rule, days = draft.recurrence.rrule.splitlines()
    assert rule == "FREQ=WEEKLY;BYDAY=MO"
    assert days.startswith("EXDATE:20270308,20280313,")
    assert len(days.split(",")) == 10


def test_an_until_that_is_a_weekday_follows_the_start():
    draft = parse("x every day from monday until friday", NOW, tz=BERLIN)
    assert draft.recurrence is not None
    assert draft.recurrence.rrule == "FREQ=DAILY;UNTIL=20261127"


@pytest.mark.parametrize("text", ["x every feb 30", "x every 31 april", "x every year on june 31"])
def test_a_day_that_no_year_has_is_no_recurrence(text: str):
    assert parse(text, NOW, tz=BERLIN).recurrence is None


def test_no_weeks_are_no_bound():
    draft = parse("x every mon for 0 weeks", NOW, tz=BERLIN)
    assert draft.recurrence is not None
    assert draft.recurrence.rrule == "FREQ=WEEKLY;BYDAY=MO"
