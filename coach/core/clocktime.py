"""Hours that a question names: "between 9 and 11", "at 10:30", "after 5pm". Pure.

A bare hour from 1 to 6 is read as afternoon ("after 5"), since answers say the hours they counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from coach.core.period import Calendar, Period
from coach.core.when import resolve

POINT_MIN = 30
"""What "at 15:00" covers where a moment alone has no answer."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes after local midnight, [low, high); None where the question leaves that side open. `point` is "at 10:30";
    [start, end) are the characters that say it."""

    low: int | None
    high: int | None
    point: bool
    start: int
    end: int


_TIME = r"(?:\d{1,2}(?:[:.]\d\d)?\s?(?:[ap]\.?m\b\.?|o['’]?clock\b|h\b)?|noon|midday|midnight)"
_NOT = (  # what makes a number no hour: a date, a count, a longer number
    r"(?![:.]?\d|\w|\s*(?:%|percent|st\b|nd\b|rd\b|th\b|of\b|min|sec|hour|hrs?\b|day|week|month|year|task|time|app|site|session"
    r"|switch|break|jan|feb|mar|apr|may\b|jun|jul|aug|sep|oct|nov|dec|/|-\d\d-))"
)
_RANGE = re.compile(
    rf"\b(?:(?:between|from)\s+({_TIME})\s+(?:and|to|until|till|[-–])\s*|({_TIME})\s?(?:[-–]|to)\s?)({_TIME}){_NOT}",
    re.IGNORECASE,
)
_ONE = re.compile(rf"\b(at|around|about|after|since|from|past|before|until|till|by)\s+({_TIME}){_NOT}", re.IGNORECASE)
_BARE = re.compile(r"\d{1,2}$")


def find(text: str) -> Hours | None:
    """The first hours that the text names, None when it names none."""
    for match in _RANGE.finditer(text):
        first, last = match[1] or match[2], match[3]
        if match[2] and _BARE.match(match[2].strip()) and _BARE.match(last.strip()):
            continue  # "3 to 5" alone may count anything
        high = _minute(last)
        low = _minute(first)
        if low is None or high is None:
            continue
        if _half(last) and not _half(first) and _BARE.match(first.strip()):
            low = _beside(int(first), high)
        if high <= low:
            bare = int(last) % 12 * 60 if _BARE.match(last.strip()) else high + 24 * 60
            high = next(m for m in (bare, bare + 12 * 60, bare + 24 * 60, bare + 36 * 60) if m > low)
        return Hours(low, high, False, match.start(), match.end())
    for match in _ONE.finditer(text):
        word, at = match[1].lower(), _minute(match[2])
        if at is None or (word in ("about", "by", "past", "around") and _BARE.match(match[2].strip())):
            continue
        if word in ("after", "since", "from", "past"):
            return Hours(at, None, False, match.start(), match.end())
        if word in ("before", "until", "till", "by"):
            return Hours(None, at, False, match.start(), match.end())
        return Hours(at, at + 1, True, match.start(), match.end())
    return None


def clip(period: Period, hours: Hours, calendar: Calendar, *, wide: bool = False) -> Period:
    """A one-day period cut to the hours. `wide` turns a moment into half an hour. It may be empty."""
    ((start, end),) = windows(period, hours, calendar, wide=wide)
    return Period(f"{period.text} {words(hours, wide)}", period.first, period.last, start, end, period.hours,
                  _clock(start, calendar.tz) + "/" + _clock(end, calendar.tz))


def of_days(period: Period, hours: Hours) -> Period:
    """A period of several days that names the hours; its instants stay whole, `windows` has the cuts."""
    shown = words(hours, True)
    key = "".join(f"/T{c}" for c in re.findall(r"\d\d:\d\d", shown)) or "/T"
    return Period(f"{period.text} {shown}", period.first, period.last, period.start, period.end, None, key)


def windows(period: Period, hours: Hours, calendar: Calendar, *, wide: bool = False) -> list[tuple[datetime, datetime]]:
    """Those hours of each logical day of the period, earliest first; start is never after end."""
    found = []
    begins = calendar.day_start.hour * 60 + calendar.day_start.minute
    for back in range(period.days):
        day = period.first + timedelta(days=back)
        midnight = datetime.combine(day, time())
        low = begins if hours.low is None else hours.low
        high = begins + 24 * 60 if hours.high is None else hours.high + (POINT_MIN - 1 if hours.point and wide else 0)
        if low < begins and (hours.low is not None):  # 2 at night belongs to the day before
            low, high = low + 24 * 60, (high if hours.high is None else high + 24 * 60)
        edges = [resolve(midnight + timedelta(minutes=m), calendar.tz).astimezone(period.start.tzinfo) for m in (low, high)]
        start = min(max(period.start, edges[0]), period.end)
        found.append((start, max(start, min(period.end, edges[1]))))
    return found


def words(hours: Hours, wide: bool = False) -> str:
    """"between 09:00 and 11:00", "after 17:00", "before 09:00", "at 10:30"."""
    if hours.low is None:
        return f"before {_shown(hours.high or 0)}"
    if hours.high is None:
        return f"after {_shown(hours.low)}"
    if hours.point and not wide:
        return f"at {_shown(hours.low)}"
    return f"between {_shown(hours.low)} and {_shown(hours.high + (POINT_MIN - 1 if hours.point else 0))}"


def _shown(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _clock(at: datetime, tz: tzinfo) -> str:
    return f"T{at.astimezone(tz):%H:%M}"


def _half(said: str) -> str:
    found = re.search(r"([ap])\.?m", said, re.IGNORECASE)
    return found[1].lower() if found else ""


def _minute(said: str) -> int | None:
    low = said.lower().strip()
    if low in ("noon", "midday", "midnight"):
        return 12 * 60 if low != "midnight" else 24 * 60
    digits = re.match(r"(\d{1,2})(?:[:.](\d\d))?", low)
    assert digits is not None
    hour, minute, half = int(digits[1]), int(digits[2] or 0), _half(low)
    if hour > 24 or minute > 59 or (half and not 1 <= hour <= 12):
        return None
    if half:
        return (hour % 12 + (12 if half == "p" else 0)) * 60 + minute
    if 1 <= hour <= 6 and not digits[1].startswith("0"):
        hour += 12
    return hour * 60 + minute


def _beside(hour: int, high: int) -> int:
    """A bare first hour before "11pm": the nearest one before it."""
    return max((m for m in (hour % 12 * 60, (hour % 12 + 12) * 60) if m < high), default=hour * 60)
