"""Working hours and quarter-hours. Pure.

Every zone in use keeps its offset a multiple of a quarter of an hour, so quarter-hours counted from the epoch are
quarter-hours on the wall clock too, on both sides of a daylight-saving change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import TypeAlias

from coach.core.errors import InvalidInput
from coach.core.when import resolve

QUARTER_S = 900
QUARTER_MIN = 15
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_IN_WEEK = 168

Hours: TypeAlias = Mapping[int, Sequence[tuple[int, int]]]
"""By weekday (Monday is 0): working stretches as wall minutes after midnight. An end past 1440 is in the next day."""

Stretch: TypeAlias = tuple[datetime, datetime]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def quarter(instant: datetime) -> int:
    """The number of the quarter-hour that an instant lies in."""
    return (instant - _EPOCH) // timedelta(seconds=QUARTER_S)


def quarter_after(instant: datetime) -> int:
    """The number of the first quarter-hour that begins at or after an instant."""
    return -((_EPOCH - instant) // timedelta(seconds=QUARTER_S))


def instant_of(number: int) -> datetime:
    """When that quarter-hour begins (UTC)."""
    return _EPOCH + timedelta(seconds=number * QUARTER_S)


def quarters(minutes: int) -> int:
    """How many quarter-hours hold so many minutes."""
    return -(-minutes // QUARTER_MIN)


@lru_cache(maxsize=8192)  # a search asks for the same few weeks again and again
def hour_of_week(instant: datetime, tz: tzinfo) -> int:
    """0 for Monday 00:00 to 167, by the wall clock."""
    local = instant.astimezone(tz)
    return local.weekday() * 24 + local.hour


def hours_of(table: Mapping[str, Iterable[Iterable[str]]]) -> dict[int, tuple[tuple[int, int], ...]]:
    """Working hours from `{"mon": [["09:00", "17:00"]], ...}`. An end at or before its start lies in the next day;
    24:00 may be written. Raises InvalidInput naming the entry."""
    hours: dict[int, tuple[tuple[int, int], ...]] = {}
    for day, stretches in table.items():
        if day not in DAYS:
            raise InvalidInput(f"work_hours: unknown day {day!r}", f"one of {', '.join(DAYS)}")
        hours[DAYS.index(day)] = tuple(_stretch(day, pair) for pair in stretches)
    return hours


def _stretch(day: str, pair: Iterable[str]) -> tuple[int, int]:
    ends = tuple(pair)
    if len(ends) != 2:
        raise InvalidInput(f"work_hours: {day} needs pairs of start and end", 'for example ["09:00", "17:00"]')
    start, end = (_minutes(day, text) for text in ends)
    return (start, end if end > start else end + 1440)


def _minutes(day: str, text: str) -> int:
    if text == "24:00":
        return 1440
    try:
        clock = time.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"work_hours: {day}: {text!r} is not a time", 'write it as "HH:MM"') from error
    return clock.hour * 60 + clock.minute


def working(hours: Hours, now: datetime, tz: tzinfo, days: int) -> list[Stretch]:
    """The working stretches (UTC) of `days` calendar days from today on, merged and in order, past ones included.

    Last night's stretch that runs into today is among them."""
    today = now.astimezone(tz).date()
    found: list[Stretch] = []
    for offset in range(-1, days):
        day = today + timedelta(days=offset)
        for start_min, end_min in hours.get(day.weekday(), ()):
            if offset >= 0 or end_min > 1440:
                found.append((_at(day, start_min, tz), _at(day, end_min, tz)))
    return merged(found)


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """In order, with the overlapping and adjoining ones joined and the empty ones left out."""
    joined: list[Stretch] = []
    for start, end in sorted(s for s in stretches if s[0] < s[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def _at(day: date, minute: int, tz: tzinfo) -> datetime:
    midnight = datetime.combine(day + timedelta(days=minute // 1440), time())
    return resolve(midnight + timedelta(minutes=minute % 1440), tz).astimezone(UTC)


def mean_focus(focus: Sequence[float], hours: Hours) -> float:
    """Mean of the 168 values over the working quarter-hours of a week; over the whole week when there are none."""
    numbers = {
        (day * 96 + n) % (7 * 96)
        for day, stretches in hours.items() for start, end in stretches
        for n in range(quarters(start), end // QUARTER_MIN)
    }
    values = [focus[n // 4] for n in sorted(numbers)] or list(focus)
    return sum(values) / len(values)
