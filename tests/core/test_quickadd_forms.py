"""Forms in which people write days, times, lengths and repetitions, each beside its one reading."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from coach.core.quickadd import parse
from coach.core.task import draft_json

NOW = datetime(2026, 5, 13, 10, tzinfo=UTC)
"""A wednesday."""


def read(text: str, day_first: bool = False) -> dict:
    return draft_json(parse(text, NOW, tz=ZoneInfo("UTC"), day_first=day_first))


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("a week on thursday", "2026-05-21"),
        ("2026-W23-1", "2026-06-01"),
        ("2026W233", "2026-06-03"),
        ("the week after next on tuesday", "2026-05-26"),
        ("march 3rd of next year", "2027-03-03"),
        ("last day of the year", "2026-12-31"),
        ("last friday of next year", "2027-12-31"),
        ("10.31.2026", "2026-10-31"),
        ("31.10.2026", "2026-10-31"),
        ("palm sunday", "2027-03-21"),
        ("on st. patrick's day", "2027-03-17"),
        ("first monday of the month", "2026-06-01"),
        ("around the 21st", "2026-05-21"),
        ("ten to four in the afternoon tomorrow", "2026-05-14T15:50:00Z"),
        ("20 to 6 pm on monday", "2026-05-18T17:40:00Z"),
        ("half-past nine am tomorrow", "2026-05-14T09:30:00Z"),
        ("quarter-to-ten pm", "2026-05-13T21:45:00Z"),
        ("an hour before noon tomorrow", "2026-05-14T11:00:00Z"),
        ("2 hours after midnight on friday", "2026-05-15T02:00:00Z"),
        ("tomorrow 16:00 UTC+2", "2026-05-14T14:00:00Z"),
        ("tomorrow 16:00 GMT-5:30", "2026-05-14T21:30:00Z"),
        ("tomorrow at 17:00 hrs", "2026-05-14T17:00:00Z"),
        ("3pm sharp", "2026-05-13T15:00:00Z"),
        ("4pm-ish tomorrow", "2026-05-14T16:00:00Z"),
    ],
)
def test_days_and_times(text: str, due: str):
    got = read("Call " + text)
    assert (got["due"], got["title"]) == (due, "Call")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-06-01/2026-06-05", "2026-06-01", "2026-06-05"),
        ("14.06. 15:00 - 15.06. 16:00", "2026-06-14T15:00:00Z", "2026-06-15T16:00:00Z"),
        ("the weekend of june 7", "2026-06-06", "2026-06-07"),
        ("the weekend after next", "2026-05-30", "2026-05-31"),
        ("mon-fri 9-5", "2026-05-18T09:00:00Z", "2026-05-22T17:00:00Z"),
        ("from 15 to 17 on friday", "2026-05-15T15:00:00Z", "2026-05-15T17:00:00Z"),
    ],
)
def test_ranges(text: str, start: str, end: str):
    got = read("Trip " + text)
    assert (got["scheduled"], got["due"], got["title"]) == (start, end, "Trip")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("about 2 hours", 120), ("for around 45 min", 45), ("½ hour", 30), ("2½ hours", 150), ("1½h", 90), ("1 1/2 hours", 90),
     ("2:30 hours", 150), (".5 hours", 30), ("for a minute", 1)],
)
def test_lengths(text: str, minutes: int):
    got = read("Write " + text)
    assert (got["estimate_min"], got["title"], got["due"]) == (minutes, "Write", None)


@pytest.mark.parametrize(
    ("text", "rrule"),
    [
        ("every mo, we, fr", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("every tu/th", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("every mo", "FREQ=MONTHLY"),
        ("first business day of each month", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"),
        ("every working day", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("every friday the 13th", "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR"),
        ("every day from monday to thursday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"),
        ("monday to friday at 8am every week", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("june 5 every year", "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=5"),
        ("mon wed fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("mon,tue,thu", "FREQ=WEEKLY;BYDAY=MO,TU,TH"),
        ("tue and thu", "FREQ=WEEKLY;BYDAY=TU,TH"),
        ("on monday & thursday", "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("every weekday except wednesday at 6", "FREQ=WEEKLY;BYDAY=MO,TU,TH,FR"),
        ("the 15th every month", "FREQ=MONTHLY;BYMONTHDAY=15"),
    ],
)
def test_repetitions(text: str, rrule: str):
    got = read("Report " + text)
    assert (got["recurrence"]["rrule"], got["title"]) == (rrule, "Report")


@pytest.mark.parametrize("text", ["next tue and thu", "tue or thu", "sat and sun", "both tue and thu"])
def test_two_days_of_one_week_do_not_repeat(text: str):
    assert read("Report " + text)["recurrence"] is None


def test_a_friday_the_13th_is_one():
    assert read("Watch out every friday the 13th")["due"] == "2026-11-13"


@pytest.mark.parametrize(
    "text",
    ["see section 4.2", "read chapter 1.2", "install Django 5.1", "order size 10.5 shoes", "8.5 x 11 paper", "buy sun cream",
     "sat nav update", "Christmas shopping", "buy easter eggs",
     "Black Friday deals", "SAT prep", "music of the 90s", "it takes a minute", "one day trip", "now and then",
     "get 20 dollars from ATM"],
)
def test_words_and_numbers_that_only_look_like_days(text: str):
    got = read(text)
    assert (got["title"], got["spans"]) == (text, [])


def test_a_version_after_a_name_is_a_day_where_days_come_first():
    assert read("Call Ann 7.6", day_first=True)["due"] == "2026-06-07"
    assert read("Call Ann 7.6.", day_first=False)["due"] == "2026-06-07"


def test_the_time_after_an_exception_is_that_of_the_other_days():
    assert read("Swim every weekday except wednesday at 6")["due"] == "2026-05-14T18:00:00Z"


def test_a_day_before_a_colon_leads_the_title():
    got = read("friday: send newsletter")
    assert (got["due"], got["title"]) == ("2026-05-15", "send newsletter")


def test_times_reckoned_from_the_due_time():
    got = read("Pay bill friday 5pm wait:due-2h sched:due-1d until:due+1wk")
    assert (got["title"], got["wait"], got["scheduled"], got["until"]) == (
        "Pay bill", "2026-05-15T15:00:00Z", "2026-05-14T17:00:00Z", "2026-05-22T17:00:00Z")
    assert read("Pay bill due:2026-06-01 wait:due-3d")["wait"] == "2026-05-29"
    assert read("Pay bill due:2026-06-01 wait:due-6h")["wait"] == "2026-05-31T18:00:00Z"


@pytest.mark.parametrize("text", ["Pay bill wait:due-3d", "Pay bill due:fri wait:due-9999y"])
def test_without_a_due_time_to_reckon_from_the_words_stay(text: str):
    got = read(text)
    assert got["wait"] is None
    assert "wait:due" in got["title"]
