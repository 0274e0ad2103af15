"""Durations: 45m, 1h30, 1 hour thirty, an hour and a half, 2 weeks 3 days, P2W."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from coach.core.grammar.numbers import cardinal, fraction, quantity
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import BUSINESS_DAY, DAY, GLUED_UNITS, HOUR, MINUTE, MONTH, SECOND, UNITS, WEEK, YEAR
from coach.core.record import Record

_ISO = r"p(?:(\d{1,4})y)?(?:(\d{1,4})m)?(?:(\d{1,4})w)?(?:(\d{1,5})d)?(?:t(?:(\d{1,5})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?)?"
_SECONDS = {SECOND: 1, MINUTE: 60, HOUR: 3600}
_MINUTES_PER = {MINUTE: 1, HOUR: 60, DAY: 1440, WEEK: 10080}
_FILLERS = frozenset("more fewer less additional extra upcoming coming past last next whole full".split())


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Duration(Record):
    """A length of time in calendar parts: months, whole days, business days, and seconds below a day."""

    months: int = 0
    days: int = 0
    seconds: float = 0.0
    business_days: int = 0

    @property
    def whole_days(self) -> bool:
        return not self.seconds

    @property
    def minutes(self) -> float | None:
        """The length in minutes, None where months make it vague."""
        return None if self.months or self.business_days else self.days * 1440 + self.seconds / 60

    def plus(self, other: Duration, sign: int = 1) -> Duration:
        return Duration(
            self.months + sign * other.months, self.days + sign * other.days, self.seconds + sign * other.seconds,
            self.business_days + sign * other.business_days,
        )


def of(amount: float, unit: str, factor: int = 1) -> Duration | None:
    """So many units; None where a fraction of the unit has no exact meaning (half a month)."""
    amount *= factor
    if unit in _SECONDS:
        return Duration(seconds=amount * _SECONDS[unit])
    if unit in (DAY, WEEK):
        days = amount * (7 if unit == WEEK else 1)
        return Duration(days=int(days), seconds=(days - int(days)) * 86_400)
    months = amount * (12 if unit == YEAR else 1)
    if months != int(months):
        return None
    return Duration(business_days=int(months)) if unit == BUSINESS_DAY else Duration(months=int(months))


def unit(s: Source, i: int, number_before: bool) -> tuple[str, int, int] | None:
    """A unit of time at token i: (unit, factor, next token)."""
    word = s.words[i]
    if word in ("business", "working", "work") and s.words[i + 1] in ("day", "days"):
        return BUSINESS_DAY, 1, i + 2
    if number_before and s.glued(i):
        if word in ("'", "′", "’"):
            return MINUTE, 1, i + 1
        if word in ('"', "″", "”"):
            return SECOND, 1, i + 1
    if word not in UNITS or (word in GLUED_UNITS and word != "h" and not s.glued(i)):
        return None
    j = i + 1
    if s.words[j] == "." and s.glued(j) and word in ("min", "mins", "hr", "hrs", "sec", "secs", "wk", "wks", "yr", "yrs", "mo"):
        j += s.glued(j + 1) is False and j + 1 < s.n
    return *UNITS[word], j


def _term(s: Source, i: int) -> tuple[Duration, str, int] | None:
    """One quantity with its unit."""
    amount = quantity(s, i)
    if not amount:
        return None
    value, j = amount
    digit = s.words[j - 1].isdecimal()
    if s.words[j] == "-" and s.glued(j):
        j += 1
    if s.words[j] in _FILLERS:
        j += 1
    found = unit(s, j, digit)
    if not found:
        return None
    name, factor, k = found
    length = of(value, name, factor)
    return (length, name, k) if length is not None else None


def duration(s: Source, i: int) -> tuple[Duration, int] | None:
    """The longest duration that begins at token i."""
    first = _term(s, i) or _iso(s, i) or _clocked(s, i)
    if not first:
        return None
    total, name, j = first
    while True:
        k = j
        while s.words[k] in (",", "and", "&"):
            k += 1
        if s.words[k] in ("half", "quarter", "a", "an", "one", "three"):
            part = _trailing_fraction(s, k, name)
            if part and (k > j):
                total, j = total.plus(part[0]), part[1]
                continue
        after = _term(s, k) if s.words[k] not in ("a", "an") or k > j else None
        if after and _finer(after[1], name):
            total, name, j = total.plus(after[0]), after[1], after[2]
            continue
        bare = _bare_minutes(s, j, k) if name == HOUR else None
        if bare:
            return total.plus(Duration(seconds=bare[0] * 60)), bare[1]
        return total, j


def _finer(unit_name: str, than: str) -> bool:
    order = (YEAR, MONTH, WEEK, DAY, BUSINESS_DAY, HOUR, MINUTE, SECOND)
    return order.index(unit_name) > order.index(than)


def _trailing_fraction(s: Source, k: int, name: str) -> tuple[Duration, int] | None:
    """and a half, and three quarters: of the unit before."""
    part = fraction(s, k)
    if not part or unit(s, part[1], False) or s.words[part[1] - 1] in ("a", "an"):
        return None
    length = of(part[0], name)
    return (length, part[1]) if length is not None else None


def _bare_minutes(s: Source, j: int, k: int) -> tuple[int, int] | None:
    """The minutes of 1h30, 1 hour thirty, 2 hours and 10."""
    found = cardinal(s, k)
    if not found or not 0 < found[0] < 60 or not s.closes(found[1]):
        return None
    if s.words[k].isdecimal() and k == j and not s.glued(k):
        return None
    return found


def _iso(s: Source, i: int) -> tuple[Duration, str, int] | None:
    """ISO 8601: P2W, P14D, PT90M."""
    if s.words[i] not in ("p", "pt") or not s.glued(i + 1):
        return None
    match = re.compile(_ISO, re.IGNORECASE).match(s.text, s.starts[i])
    if not match or not any(match.groups()):
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(g or 0) for g in match.groups())
    j = i
    while j < s.n and s.starts[j] < match.end():
        j += 1
    if s.ends[j - 1] != match.end():
        return None
    length = Duration(years * 12 + months, weeks * 7 + days, hours * 3600 + minutes * 60 + seconds)
    return length, SECOND, j


def _clocked(s: Source, i: int) -> tuple[Duration, str, int] | None:
    """2:30 hours, 1:15h."""
    hours, minutes = s.number(i, 2), s.number(i + 2, 2)
    if hours is None or minutes is None or s.words[i + 1] != ":" or not (s.glued(i + 1) and s.glued(i + 2)) or minutes > 59:
        return None
    if s.words[i + 3] not in ("h", "hr", "hrs", "hour", "hours") or len(s.words[i + 2]) != 2 or hours > 9:
        return None
    return Duration(seconds=hours * 3600 + minutes * 60), MINUTE, i + 4


def days_in_month(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the month's last day where it has none such. Raises ValueError past year 9999."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, days_in_month(year, month + 1)))


def shift(moment: datetime, length: Duration, sign: int = 1) -> datetime:
    """A wall time moved by a duration: months, then days, then hours. Raises ValueError or OverflowError out of range."""
    day = add_months(moment.date(), sign * length.months) + timedelta(days=sign * length.days)
    for _ in range(min(length.business_days, 5000)):
        day += timedelta(days=sign)
        while day.weekday() > 4:
            day += timedelta(days=sign)
    return datetime.combine(day, moment.time()) + timedelta(seconds=sign * length.seconds)
