"""Stretches of days that a question names: "yesterday", "last week", "in June", "the last 7 days".

Days are logical: they begin at `day_start` local time. A bare weekday or month lies behind unless `ahead`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from typing import TypeAlias

from coach.core.when import DAY_START, day_bounds, logical_day, resolve


@dataclass(frozen=True, slots=True)
class Period:
    """Instants [start, end) in UTC, the logical days first..last, and the words for a sentence ("in June 2026").

    `hours` is the local part of the one day, such as (5, 12) for a morning; `clock` is "T09:00/T11:00" where the question
    named hours (see `clocktime`), and then the instants are cut to them."""

    text: str
    first: date
    last: date
    start: datetime
    end: datetime
    hours: tuple[int, int] | None = None
    clock: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def key(self) -> str:
        """ISO form for facts: `2026-11-20`, `2026-11-16/2026-11-22` (both days included), `2026-11-20T05/T12`."""
        if self.clock:
            return (str(self.first) if self.days == 1 else f"{self.first}/{self.last}") + self.clock
        if self.hours:
            return f"{self.first}T{self.hours[0]:02d}/T{self.hours[1] % 24:02d}"
        return str(self.first) if self.days == 1 else f"{self.first}/{self.last}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """What turns words into days: the present, the zone, and where days and weeks begin."""

    now: datetime
    tz: tzinfo
    day_start: time = DAY_START
    week_start: str = "monday"

    @property
    def today(self) -> date:
        return logical_day(self.now, self.tz, self.day_start)

    def week_of(self, day: date) -> date:
        """The first day of that day's week."""
        back = day.weekday() if self.week_start == "monday" else (day.weekday() + 1) % 7
        return day - timedelta(days=back)


@dataclass(frozen=True, slots=True)
class Found:
    """A period and the characters [start, end) of the text that named it."""

    period: Period
    start: int
    end: int


Days: TypeAlias = tuple[str, date, date]
"""Words, first day, last day."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)
NUMBERS = {w: n for n, w in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"), start=1)}
PARTS = {"morning": (4, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 28)}

_DAY = r"(monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_SHORT_DAY = r"(mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)"  # "sun" and "sat" are words too: only after on, last, next, this
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|march|mar|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?"
)
_OVER = r"(?:(?:in|over|during|on|for) (?:the )?)"
_NTH = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_COUNT = r"(\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten|few|couple of)"


def between(text: str, first: date, last: date, calendar: Calendar) -> Period:
    """The logical days first to last, both included."""
    start, _ = day_bounds(first, calendar.tz, calendar.day_start)
    _, end = day_bounds(last, calendar.tz, calendar.day_start)
    return Period(text, first, last, start, end)


_SPELT = (
    "today", "yesterday", "tomorrow", "tonight", "week", "month", "weekend", "morning", "afternoon", "evening", *WEEKDAYS,
    *(m for m in MONTHS if len(m) > 5),
)


def spelt(text: str) -> str:
    """The text with slips in words of time put right: "yestrday", "tody", "last weeek"."""
    def right(match: re.Match[str]) -> str:
        low = match[0].lower()
        if low in _SPELT or low.removesuffix("s") in _SPELT:
            return match[0]
        near = [w for w in _SPELT if w[0] == low[0] and abs(len(w) - len(low)) <= 1]
        return next(iter(get_close_matches(low, near, 1, 0.82)), match[0])

    return re.sub(r"[A-Za-z]{4,}", right, text)


def today(calendar: Calendar) -> Period:
    return between("today", calendar.today, calendar.today, calendar)


def part_of(text: str, day: date, part: str, calendar: Calendar) -> Period:
    """The morning, afternoon, evening or night of a day, by the local clock and inside the logical day."""
    low, high = PARTS[part]
    whole = between(text, day, day, calendar)
    midnight = datetime.combine(day, time())
    start = max(whole.start, resolve(midnight + timedelta(hours=low), calendar.tz).astimezone(whole.start.tzinfo))
    end = min(whole.end, resolve(midnight + timedelta(hours=high), calendar.tz).astimezone(whole.start.tzinfo))
    return Period(text, day, day, start, end, (low, high))


def before(period: Period, calendar: Calendar) -> Period:
    """The period of the same kind just before: the week before a week, the day before a day, the month before a month."""
    first, last = period.first, period.last
    if period.hours and not period.clock:
        part = next(p for p, hours in PARTS.items() if hours == period.hours)
        return part_of(f"the {part} before", first - timedelta(days=1), part, calendar)
    if first.day == 1 and (last + timedelta(days=1)).day == 1 and period.days >= 28:
        return between("the month before", (first - timedelta(days=1)).replace(day=1), first - timedelta(days=1), calendar)
    words = {1: "the day before", 7: "the week before"}.get(period.days, f"the {period.days} days before")
    if first == calendar.today and period.days == 1:
        words = "yesterday"
    elif period.days == 7 and first <= calendar.today <= last:
        words = "last week"
    step = timedelta(days=period.days)
    return between(words, first - step, last - step, calendar)


def find(text: str, calendar: Calendar, ahead: bool = False) -> tuple[Found, ...]:
    """Every period that the text names, in order. `ahead` reads bare weekdays and months as lying ahead."""
    found: list[Found] = []
    for pattern, read in _PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < f.end and f.start < match.end() for f in found):
                continue
            period = read(match, calendar, ahead)
            if period is not None:
                found.append(Found(period, match.start(), match.end()))
    return tuple(sorted(found, key=lambda f: f.start))


def masked(text: str, found: tuple[Found, ...]) -> str:
    """The text with its only period written as "today", so that a reader of meanings need not know every date."""
    if len(found) != 1:
        return text
    return f"{text[:found[0].start]}today{text[found[0].end:]}"


Reader: TypeAlias = Callable[[re.Match[str], Calendar, bool], Period | None]


def _weekday(name: str) -> int:
    return next(i for i, day in enumerate(WEEKDAYS) if day.startswith(name.lower()[:3]))


def _month(name: str) -> int:
    return next(i for i, month in enumerate(MONTHS, start=1) if month.startswith(name.lower()[:3]))


def _count(words: str) -> int:
    words = words.lower()
    return int(words) if words.isdigit() else {"few": 3, "couple of": 2}.get(words) or NUMBERS[words]


def _day_words(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period:
    word = " ".join(match[0].lower().split())
    shift = {"yesterday": -1, "today": 0, "tomorrow": 1, "day before yesterday": -2, "day after tomorrow": 2}
    key = word.removeprefix("the ").removesuffix("'s").removesuffix("’s")
    day = calendar.today + timedelta(days=shift[key])
    return between(key if abs(shift[key]) < 2 else f"the {key}", day, day, calendar)


def _part(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period:
    which, part = match[1].lower(), match[2].lower()
    which = "this" if which == "my" else which
    shift = {"this": 0, "yesterday": -1, "last": -1, "tomorrow": 1}[which]
    day = calendar.today + timedelta(days=shift)
    return part_of(f"{which} {part}", day, part, calendar)


def _tonight(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period:
    return part_of("tonight", calendar.today, "night", calendar)


def _rolling(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period | None:
    """The last or next N days or weeks, today included."""
    count, unit = _count(match[2]), match[3].lower()
    days = min(count * {"day": 1, "week": 7, "month": 30, "year": 365}[unit], 36_500)
    if days < 1:
        return None
    last, plural = calendar.today, "" if count == 1 else "s"
    if match[1].lower() in ("next", "coming"):
        return between(f"in the next {count} {unit}{plural}", last, last + timedelta(days=days - 1), calendar)
    return between(f"in the last {count} {unit}{plural}", last - timedelta(days=days - 1), last, calendar)


def _ago(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period:
    count, unit = _count(match[1]), match[2].lower()
    day = calendar.today - timedelta(days=min(count * {"day": 1, "week": 7}[unit], 36_500))
    if unit == "week":
        first = calendar.week_of(day)
        return between(f"{count} weeks ago", first, first + timedelta(days=6), calendar)
    return between(f"{count} day{'s' if count != 1 else ''} ago", day, day, calendar)


def _unit(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period:
    which, unit = match[1].lower(), match[2].lower()
    shift = {"this": 0, "the": 0, "my": 0, "last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1}[which]
    words = f"{'this' if shift == 0 else 'last' if shift < 0 else 'next'} {unit}"
    if unit == "week":
        first = calendar.week_of(calendar.today) + timedelta(days=7 * shift)
        return between(words, first, first + timedelta(days=6), calendar)
    if unit == "weekend":
        monday = calendar.today - timedelta(days=calendar.today.weekday()) + timedelta(days=7 * shift)
        return between(words, monday + timedelta(days=5), monday + timedelta(days=6), calendar)
    if unit == "month":
        return between(words, *_month_days(calendar.today.year, calendar.today.month + shift), calendar)
    year = calendar.today.year + shift
    return between(words, date(year, 1, 1), date(year, 12, 31), calendar)


def _month_days(year: int, month: int) -> tuple[date, date]:
    """First and last day; the month may lie outside 1..12."""
    year, index = year + (month - 1) // 12, (month - 1) % 12
    first = date(year, index + 1, 1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _named_day(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period:
    which, number = (match[1] or "").lower().strip(), _weekday(match[2])
    forward = (number - calendar.today.weekday()) % 7
    if which == "this":
        day = calendar.week_of(calendar.today) + timedelta(days=(number - calendar.week_of(calendar.today).weekday()) % 7)
    elif which == "next" or (ahead and which != "last"):
        day = calendar.today + timedelta(days=forward or (7 if which == "next" else 0))
    else:
        day = calendar.today - timedelta(days=(7 - forward) % 7 or 7)
    return between(f"on {WEEKDAYS[number].capitalize()} {day.day} {MONTHS[day.month - 1].capitalize()}", day, day, calendar)


def _named_month(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period | None:
    month, year = _month(match[1]), match[2]
    here = calendar.today
    nearest = here.year + (month < here.month) if ahead else here.year - (month > here.month)
    chosen = int(year) if year else nearest
    if not 1900 < chosen < 2200:
        return None
    return between(f"in {MONTHS[month - 1].capitalize()} {chosen}", *_month_days(chosen, month), calendar)


def _date(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period | None:
    groups = match.groupdict()
    month = int(groups["month"]) if groups["month"].isdigit() else _month(groups["month"])
    year = int(groups["year"]) if groups.get("year") else None
    try:
        day = date(year or calendar.today.year, month, int(groups["day"]))
        if year is None and not ahead and day > calendar.today:
            day = day.replace(year=day.year - 1)
    except ValueError:
        return None
    return between(f"on {day.day} {MONTHS[day.month - 1].capitalize()} {day.year}", day, day, calendar)


def _ever(match: re.Match[str], calendar: Calendar, ahead: bool) -> Period:
    first = calendar.today - timedelta(days=36_500)
    return between("so far", first, calendar.today, calendar)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


_PATTERNS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (_pattern(r"\b(?:on )?(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)\b"), _date),
    (_pattern(rf"\b(?:on )?(?:the )?{_NTH}(?: of)? (?P<month>{_MONTH})(?: (?P<year>\d{{4}}))?\b"), _date),
    (_pattern(rf"\b(?:on )?(?P<month>{_MONTH}) (?:the )?{_NTH}(?:,? (?P<year>\d{{4}}))?\b"), _date),
    (_pattern(r"\b(this|my|yesterday|tomorrow|last) (morning|afternoon|evening|night)\b"), _part),
    (_pattern(r"\btonight\b"), _tonight),
    (_pattern(r"\b(?:the )?day (?:before yesterday|after tomorrow)\b|\b(?:yesterday|today|tomorrow)(?:['’]s)?\b"), _day_words),
    (_pattern(rf"\b{_OVER}?(?:the )?(last|past|previous|next|coming) {_COUNT} (day|week|month|year)s?\b"), _rolling),
    (_pattern(rf"\b{_COUNT} (day|week)s? ago\b"), _ago),
    (_pattern(rf"\b{_OVER}?(this|last|past|previous|next|coming|the|my) (weekend|week|month|year)\b"), _unit),
    (_pattern(rf"\b(?:on )?((?:last|next|this) )?{_DAY}\b"), _named_day),
    (_pattern(rf"\b(on|last|next|this) {_SHORT_DAY}\b"), _named_day),
    (_pattern(rf"\b(?:in|during|of|for) (?:all of )?({_MONTH})(?: (\d{{4}}))?\b"), _named_month),
    (_pattern(r"\b(?:ever|so far|all time|in total|altogether)\b"), _ever),
)
