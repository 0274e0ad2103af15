"""The sentences that any parser of tasks should pass, each with its one exact reading: everything else in the draft is empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coach.core.quickadd import parse
from coach.core.task import Draft, Recurrence

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, 0, tzinfo=BERLIN)
"""A Wednesday."""


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=BERLIN)


def reading(text: str, now: datetime = NOW, **options: Any) -> Draft:
    """The draft without its spans, which have laws of their own."""
    return replace(parse(text, now, tz=BERLIN, **options), spans=())


@pytest.mark.parametrize(("text", "draft"), [
    ("Pay rent every 1st #home p1 15m", Draft(
        "Pay rent", due=date(2026, 12, 1), due_all_day=True, recurrence=Recurrence("FREQ=MONTHLY;BYMONTHDAY=1"), project="home",
        priority=1, estimate_min=15)),
    ("Email Bob about 3pm meeting", Draft("Email Bob meeting", due=at(2026, 11, 18, 15))),
    ("Create monthly report fri", Draft("Create monthly report", due=date(2026, 11, 20), due_all_day=True)),
    ("Call mum tomorrow at 18:00 @phone", Draft("Call mum", due=at(2026, 11, 19, 18), tags=("phone",))),
    ("Water plants every! 3 days", Draft(
        "Water plants", due=date(2026, 11, 18), due_all_day=True, recurrence=Recurrence("FREQ=DAILY;INTERVAL=3", "completion"))),
    ("Standup every weekday 9:30 for 15m", Draft(
        "Standup", due=at(2026, 11, 19, 9, 30), recurrence=Recurrence("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"), estimate_min=15)),
    ("Taxes by 30 apr ~4h wait:1 mar", Draft(
        "Taxes", due=date(2027, 4, 30), due_all_day=True, due_hard=True, wait=date(2027, 3, 1), estimate_min=240)),
    ("Gym ev mon, wed, fri 7am starting next week until 30 jun", Draft(
        "Gym", due=at(2026, 11, 23, 7), recurrence=Recurrence("FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20270630"))),
    ("Fix C# bug @work", Draft("Fix C# bug", tags=("work",))),
    ("Learn 2+2", Draft("Learn 2+2")),
    ("a@b.com", Draft("a@b.com")),
    ("Write a@b.com tomorrow", Draft("Write a@b.com", due=date(2026, 11, 19), due_all_day=True)),
    ("Submit p1", Draft("Submit", priority=1)),
    ("Rip mp3", Draft("Rip mp3")),
    ("Task 90m", Draft("Task", estimate_min=90)),
    ("Review 1/2", Draft("Review", due=date(2027, 2, 1), due_all_day=True)),
    ("x Feb 29", Draft("x", due=date(2028, 2, 29), due_all_day=True)),
    ("x 31 april", Draft("x 31 april")),
    ("x midnight", Draft("x", due=at(2026, 11, 19, 0))),
    ("x noon", Draft("x", due=at(2026, 11, 18, 12))),
    ("x eod", Draft("x", due=at(2026, 11, 18, 23, 59))),
    ("", Draft("")),
    ("   ", Draft("")),
    ("🎉 🏳️‍🌈 👨‍👩‍👧", Draft("🎉 🏳️‍🌈 👨‍👩‍👧")),
    ("اتصل بأمي @هاتف p2", Draft("اتصل بأمي", tags=("هاتف",), priority=2)),
    ("להתקשר לאמא tomorrow", Draft("להתקשר לאמא", due=date(2026, 11, 19), due_all_day=True)),
    ("Buy milk\nand bread tomorrow", Draft("Buy milk and bread", due=date(2026, 11, 19), due_all_day=True)),
    ("tab\there \x00\x07 \x1bc fri", Draft("tab here \x00\x07 \x1bc", due=date(2026, 11, 20), due_all_day=True)),
])
def test_its_one_reading(text: str, draft: Draft) -> None:
    assert reading(text) == draft


def test_what_is_part_of_the_text_can_be_un_recognised() -> None:
    text = "Email Bob about 3pm meeting"
    (span,) = parse(text, NOW, tz=BERLIN).spans
    assert reading(text, ignore=frozenset({(span.start, span.end)})) == Draft(text)
    monthly = "Create monthly report"
    assert reading(monthly) == Draft(monthly)


def test_day_first_is_a_setting() -> None:
    assert reading("Review 1/2", day_first=False) == Draft("Review", due=date(2027, 1, 2), due_all_day=True)


def test_the_31st_in_a_month_of_thirty_days() -> None:
    april = datetime(2026, 4, 10, 10, tzinfo=BERLIN)
    assert reading("x on the 31st", april) == Draft("x", due=date(2026, 5, 31), due_all_day=True)
    assert reading("x every 31st", april).due == date(2026, 5, 31)


def test_half_past_two_in_the_night_that_has_none() -> None:
    assert reading("x tomorrow 02:30", datetime(2026, 3, 28, 12, tzinfo=BERLIN)).due == at(2026, 3, 29, 3, 30)
    twice = reading("x tomorrow 02:30", datetime(2026, 10, 24, 12, tzinfo=BERLIN)).due
    assert isinstance(twice, datetime)
    assert twice.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first of the two"


@pytest.mark.parametrize("unit", ["word ", "🎉", "م", "\n", "\x07", "#a ", "every day "])
def test_ten_kilobytes(unit: str) -> None:
    text = unit * (10_240 // len(unit.encode()))
    draft = parse(text, NOW, tz=BERLIN)
    kept = text
    for span in reversed(draft.spans):
        kept = kept[: span.start] + kept[span.end :]
    assert "".join(draft.title.split()) in ("".join(kept.split()), "".join(text.split()))
