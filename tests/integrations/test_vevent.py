"""Blocks as VEVENTs: what is written is read back, and rewriting keeps every line that it is not about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.errors import InvalidInput
from coach.integrations import vevent

TZ = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
STAMP = datetime(2026, 11, 1, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=80)


def whole(*lines: str) -> str:
    body = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:b1", *lines, "END:VEVENT", "END:VCALENDAR"])
    return f"{body}\r\n"


@given(title=TEXT, minutes=st.integers(1, 1440))
def test_what_is_written_is_read_back(title: str, minutes: int) -> None:
    end = START + timedelta(minutes=minutes)
    data = vevent.calendar([vevent.event("b1", START, end, title, STAMP)])
    assert vevent.read(data, "b1", TZ) == vevent.BlockEvent((START, end), title)
    assert all(len(line.encode()) <= 75 for line in data.split("\r\n"))


@given(values=st.lists(TEXT.map(lambda t: t.replace("\n", "\\n")), max_size=5))
def test_rewriting_keeps_what_it_does_not_know(values: list[str]) -> None:
    own = [f"X-THING-{n};X-P=\"a:b\":{value}" for n, value in enumerate(values)]
    alarm = ["BEGIN:VALARM", "UID:b1", "SUMMARY:alarm", "DTSTAMP:20260101T000000Z", "TRIGGER:-PT5M", "END:VALARM"]
    before = vevent.calendar([["BEGIN:VEVENT", "UID:b1", "DTSTART:20261120T130000Z", "DURATION:PT1H", "SEQUENCE:4", *own, *alarm,
                               "SUMMARY:Theirs", "END:VEVENT"]])
    after = vevent.rewritten(before, "b1", START + timedelta(hours=1), START + timedelta(hours=2), None, STAMP)
    lines = after.replace("\r\n ", "").split("\r\n")
    for line in (*own, *alarm, "SUMMARY:Theirs", "SEQUENCE:5"):
        assert line in lines
    assert not any(line.startswith("DURATION") for line in lines)
    assert vevent.read(after, "b1", TZ) == vevent.BlockEvent((START + timedelta(hours=1), START + timedelta(hours=2)), "Theirs")


@pytest.mark.parametrize(("lines", "times"), [
    (["DTSTART;TZID=Europe/Berlin:20261120T140000", "DURATION:PT90M"], (START, START + timedelta(minutes=90))),
    (["DTSTART:20261120T140000", "DTEND:20261120T150000"], (START, START + timedelta(hours=1))),
    (["DTSTART;VALUE=DATE:20261120", "DTEND;VALUE=DATE:20261121"], None),
    (["DTSTART:20261120T130000Z", "DTEND:20261120T120000Z"], None),
    (["DTSTART:20261120T130000Z", "DTEND:20261125T130000Z"], None),
    (["DTSTART:soon", "DTEND:20261120T130000Z"], None),
    (["DTSTART:20261120T130000Z"], None),
    (["SUMMARY:x"], None),
])
def test_what_can_be_a_block_is_told_from_what_cannot(lines: list[str], times: object) -> None:
    found = vevent.read(whole(*lines), "b1", TZ)
    assert found is not None
    assert (found.times, found.repeats) == (times, False)


def test_a_cancelled_event_and_one_of_another_id_are_none() -> None:
    assert vevent.read(whole("DTSTART:20261120T130000Z", "DTEND:20261120T140000Z", "STATUS:CANCELLED"), "b1", TZ) is None
    assert vevent.read(whole("DTSTART:20261120T130000Z"), "b2", TZ) is None
    with pytest.raises(InvalidInput):
        vevent.rewritten(whole("DTSTART:20261120T130000Z"), "b2", START, START, None, STAMP)
    with pytest.raises(InvalidInput):
        vevent.read("hello", "b1", TZ)
