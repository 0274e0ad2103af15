"""Days and stretches in the words that people use for them, and what stays text."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from coach.core.grammar.holidays import islamic
from coach.core.quickadd import parse

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=BERLIN)
"""A Wednesday."""


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("friday week", date(2026, 11, 27)),
        ("tomorrow week", date(2026, 11, 26)),
        ("monday fortnight", date(2026, 12, 7)),
        ("the closest monday to 3 dec", date(2026, 11, 30)),
        ("last working day of the month", date(2026, 11, 30)),
        ("first business day of next month", date(2026, 12, 1)),
        ("next business day", date(2026, 11, 19)),
        ("a year after christmas", date(2026, 12, 25)),
        ("mid month", date(2026, 12, 15)),
        ("the thirty", date(2026, 11, 30)),
        ("plan for the day", date(2026, 11, 18)),
        ("eid al-fitr", date(2027, 3, 9)),
        ("juneteenth", date(2027, 6, 19)),
        ("at half seven", at(11, 19, 7, 30)),
        ("at ten-thirty pm", at(11, 18, 22, 30)),
        ("1930h", at(11, 18, 19, 30)),
        ("tomorrow before noon", at(11, 19, 12)),
    ],
)
def test_a_day_or_time(text: str, due: date):
    assert parse(f"{text}", NOW, tz=BERLIN).due == due


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("x in q1", date(2027, 1, 1), date(2027, 3, 31)),
        ("x Q2 2027", date(2027, 4, 1), date(2027, 6, 30)),
        ("x third quarter of next year", date(2027, 7, 1), date(2027, 9, 30)),
        ("x weekend of december 1", date(2026, 12, 5), date(2026, 12, 6)),
        ("x 01.12.-05.12.", date(2026, 12, 1), date(2026, 12, 5)),
        ("x mon - wed next week", date(2026, 11, 23), date(2026, 11, 25)),
        ("x wed 9:00 to wed 9:30", at(11, 25, 9), at(11, 25, 9, 30)),
        ("x 23 nov 23:05-07:15+1", at(11, 23, 23, 5), at(11, 24, 7, 15)),
        ("x late friday afternoon", at(11, 20, 15), at(11, 20, 19)),
        ("x early this morning", at(11, 18, 0), at(11, 18, 9)),
        ("x at 4pm for 30 minutes", at(11, 18, 16), at(11, 18, 16, 30)),
        ("x for an hour starting at 11:00", at(11, 18, 11), at(11, 18, 12)),
        ("x fri at 10 for 2h", at(11, 20, 10), at(11, 20, 12)),
    ],
)
def test_a_stretch(text: str, start: date, end: date):
    draft = parse(text, NOW, tz=BERLIN)
    assert (draft.title, draft.scheduled, draft.due) == ("x", start, end)


def test_a_length_behind_an_end_is_an_estimate():
    draft = parse("x eod for 2h", NOW, tz=BERLIN)
    assert (draft.due, draft.scheduled, draft.estimate_min) == (at(11, 18, 23, 59), None, 120)
    draft = parse("x by 5pm for 2h", NOW, tz=BERLIN)
    assert (draft.due, draft.scheduled, draft.estimate_min) == (at(11, 18, 17), None, 120)


def test_a_length_lasts_in_real_minutes_when_the_clocks_change():
    draft = parse("x tomorrow at 1:30am for 60m", datetime(2026, 3, 28, 12, tzinfo=BERLIN), tz=BERLIN)
    assert draft.due == datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "text",
    ["Finish Q3 report", "Read Q1 2019 numbers", "Photo of the day", "2nd and 4th Thu of Aug", "Beat the thirty people",
     "Ann is to wed"],
)
def test_names_are_no_days(text: str):
    draft = parse(text, NOW, tz=BERLIN)
    assert (draft.title, draft.due, draft.scheduled) == (text, None, None)


def test_the_tabular_islamic_calendar():
    assert [islamic(year, 10, 1) for year in (2016, 2022, 2023)] == [date(2016, 7, 6), date(2022, 5, 2), date(2023, 4, 21)]
    assert islamic(2025, 12, 10) == date(2025, 6, 6)


@pytest.mark.parametrize(("text", "due"), [
    ("Nap 3 oclock am", at(11, 19, 3)),
    ("Nap 6ish pm", at(11, 18, 18)),
    ("Meet 330pm", at(11, 18, 15, 30)),
    ("Swim this morning at 6", at(11, 18, 6)),
    ("Lunch 15 to noon", at(11, 18, 11, 45)),
    ("Drill 0800 hours", at(11, 19, 8)),
    ("Swim in 2 sundays", date(2026, 11, 29)),
    ("Swim 4 tuesdays from today", date(2026, 12, 15)),
    ("Swim third tuesday after christmas", date(2027, 1, 12)),
    ("Swim week from friday", date(2026, 11, 27)),
    ("Swim fortnight from today", date(2026, 12, 2)),
    ("Swim nxt fri", date(2026, 11, 27)),
    ("Swim next qtr", date(2027, 3, 31)),
    ("Write report 3/3 by 5 march", date(2027, 3, 5)),
    ("Ship 1.5 by eom", date(2026, 11, 30)),
])
def test_more_ways_to_say_when(text, due):
    assert parse(text, NOW, tz=BERLIN).due == due


@pytest.mark.parametrize(("text", "start", "end"), [
    ("Meeting 14-16h", at(11, 18, 14), at(11, 18, 16)),
    ("Film sat eve", at(11, 21, 18), at(11, 21, 23, 59)),
    ("Walk sun arvo", at(11, 22, 12), at(11, 22, 19)),
    ("Paint this wknd", date(2026, 11, 21), date(2026, 11, 22)),
])
def test_more_ways_to_say_from_when_to_when(text, start, end):
    draft = parse(text, NOW, tz=BERLIN)
    assert (draft.scheduled, draft.due) == (start, end)


def test_a_number_before_its_deadline_is_no_date_after_it():
    draft = parse("Ship 1.5 by eom", NOW, tz=BERLIN)
    assert (draft.title, draft.scheduled, draft.due_hard) == ("Ship 1.5", None, True)


def test_several_months_repeat():
    assert parse("Check roof every april and october", NOW, tz=BERLIN).recurrence.rrule == "FREQ=YEARLY;BYMONTH=4,10"
