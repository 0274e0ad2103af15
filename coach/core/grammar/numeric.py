"""Days in digits: 2015-3-3, 3/4, 24.11.17, 25.10., 23/Sep/2020, 20170302. "3/4" follows the setting `day_first`."""

from __future__ import annotations

import re

from coach.core.grammar.clock import Clock
from coach.core.grammar.dates import Fields, Found, ends_phrase, written_year
from coach.core.grammar.durations import days_in_month
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import GLUED_UNITS, MONTHS, UNITS, WEEKDAYS

_NUMERIC = re.compile(r"(\d{1,4})(\s?[/.\-]\s?)(\d{1,2}|[a-zA-Z]{3,9})(?:\2(\d{4}|\d{1,2}))?(?![\d%])")

_WEEK_DATE = re.compile(r"(\d{4})-?w(\d\d)(?:-?([1-7]))?(?!\w)", re.IGNORECASE)
_FRACTIONS = frozenset((("1", "2"), ("1", "3"), ("2", "3"), ("1", "4"), ("3", "4"), ("1", "8")))
_NUMBERED = frozenset(
    "version versions v ver release chapter chapters ch section sections sec size room figure fig table page vol volume part "
    "step item number no nr rule level grade ios android python java node windows macos ubuntu debian kernel build model clause "
    "appendix paragraph question exercise problem unit lesson lecture episode season rated rating".split()
)
_MEASURES = frozenset(
    "x × % percent kg g mg lb lbs oz l ml km m mi cm mm inch inches stars million billion k gb tb mb € $ £".split())
"""What makes 1.5 an amount."""
_BEFORE_DAYS = frozenset("on by until till from due before after starting {".split())


def numeric(s: Source, i: int) -> Found:
    """2015-3-3, 3/4, 3/4/15, 24.11.17, 25.10., 23/Sep/2020, 20170302, 2016-W12."""
    if len(s.words[i]) == 8 and s.words[i].isdecimal() and s.glued(i + 1) and s.words[i + 1] == "t":
        return _basic(s, i)
    if len(s.words[i]) == 8 and s.words[i].isdecimal():
        fields = date_fields(int(s.words[i][:4]), int(s.words[i][4:6]), int(s.words[i][6:]))
        return (fields, i + 1) if fields and not s.glued(i + 1) else None
    if (iso := _WEEK_DATE.match(s.text, s.starts[i])):
        return _week_date(s, i, iso)
    match = _NUMERIC.match(s.text, s.starts[i])
    if not match:
        return _year_day_month(s, i)
    j = i
    while j < s.n and s.starts[j] < match.end():
        j += 1
    a, mark, b, c = match.group(1), match.group(2).strip(), match.group(3), match.group(4)
    if match.group(2) != mark and (mark == "." or c):
        return None
    fields = _ordered(s, a, b, c, mark, match.group(2) != mark)
    if not fields:
        return _year_day_month(s, i)
    if c is None and s.words[j] in UNITS and (s.words[j] not in GLUED_UNITS or s.words[j] == "h"):
        return None
    if c is None and _is_ratio(s, a, b, mark, i, j):
        return None
    if mark == "." and s.words[j] == "." and s.glued(j):
        if not s.glued(j + 1) or s.words[j + 1] in ("-", "–", ")", ","):
            j += 1
        elif c is None:
            return None
    elif s.words[j] == mark and s.glued(j) and s.glued(j + 1) and mark != "-":
        return None
    if s.words[j] == "," and mark == "/" and c is None:
        year = written_year(s, j)
        if year:
            fields["year"], j = year
    if s.words[j] == "t" and s.glued(j) and s.words[j + 1].isdecimal():
        j += 1
    return fields, j


def _week_date(s: Source, i: int, match: re.Match[str]) -> Found:
    """ISO 8601's weeks and their days: 2026-W23, 2026-W23-1."""
    j = i
    while j < s.n and s.starts[j] < match.end():
        j += 1
    year, week, weekday = (int(part) if part else None for part in match.groups())
    if not year or not 1900 <= year <= 2999 or not week or week > 53 or s.ends[j - 1] != match.end():
        return None
    return {"year": year, "week": week, **({"weekday": weekday - 1} if weekday else {})}, j


def _basic(s: Source, i: int) -> Found:
    """ISO 8601's basic form, Taskwarrior's own: 20261224T183000Z."""
    fields = date_fields(int(s.words[i][:4]), int(s.words[i][4:6]), int(s.words[i][6:]))
    digits = s.words[i + 2]
    if not fields or not digits.isdecimal() or len(digits) not in (4, 6):
        return None
    hour, minute, second = int(digits[:2]), int(digits[2:4]), int(digits[4:] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    zulu = s.words[i + 3] == "z" and s.glued(i + 3)
    return {**fields, "clock": Clock(hour, minute, second, "24", 0 if zulu else None)}, i + 3 + zulu


def _is_ratio(s: Source, a: str, b: str, mark: str, i: int, j: int) -> bool:
    """Two numbers without a year that are no day: 24/7, 1/2 cup, pages 10-20; a dash needs to stand alone or after "on"."""
    if mark == "/":
        return (a, b) == ("24", "7") or ((a, b) in _FRACTIONS and s.words[j].isalpha() and not ends_phrase(s, j))
    if mark == ".":
        return not (s.words[j] == "." and s.glued(j)) and (s.words[j] in _MEASURES or _numbered(s, i))
    return mark == "-" and not (j >= s.n and i == 0) and s.words[i - 1] not in _BEFORE_DAYS and s.words[i - 1] not in WEEKDAYS


def _numbered(s: Source, i: int) -> bool:
    """Whether 4.2 counts what stands before it ("section 4.2"), or is the version of a name ("install Django 5.1"): a name is
    taken for one where days are not written with the day first."""
    word = s.words[i - 1] if i else ""
    name = i > 1 and word.isalpha() and word not in WEEKDAYS and s.text[s.starts[i - 1]:s.ends[i - 1]] != word
    return word in _NUMBERED or (name and not s.day_first)


def _year_day_month(s: Source, i: int) -> Found:
    """2020/23/Sep."""
    month = MONTHS.get(s.words[i + 4])
    year, dom = s.number(i), s.number(i + 2, 2)
    marked = s.words[i + 1] in ("/", "-") and s.words[i + 3] == s.words[i + 1]
    if not (marked and month and year and dom and len(s.words[i]) == 4):
        return None
    fields = date_fields(year, month, dom)
    return (fields, i + 5) if fields else None


def _ordered(s: Source, a: str, b: str, c: str | None, mark: str, spaced: bool) -> Fields | None:
    if b.isalpha():
        month = MONTHS.get(b.lower())
        if not month or c is None:
            return None
        return date_fields(int(a), month, int(c)) if len(a) == 4 else date_fields(_full_year(c), month, int(a))
    x, y = int(a), int(b)
    if len(a) == 4:
        return date_fields(x, y, int(c)) if c and len(c) <= 2 and 1900 <= x <= 2999 else None
    if len(a) > 2:
        return None
    if c is None:
        if mark == "." and not _dotted_day(s, a, b):
            return None
        if mark == "-" and not spaced and (len(a), len(b)) == (1, 1) and (x, y) == (1, 1):
            return None
    if c is not None and (len(c) < 2 or (mark == "." and len(c) == 2 and (len(a), len(b)) != (2, 2))):
        return None
    year = _full_year(c) if c else None
    fields = date_fields(year, y, x) if s.day_first or mark == "." else date_fields(year, x, y)
    other = date_fields(year, x, y) if s.day_first or mark == "." else date_fields(year, y, x)
    if mark == "." or not other:
        return fields or (other if c and len(c) == 4 else None)
    if not fields:
        return {**other, "turned": True}
    return {**fields, "other": (other["month"], other["dom"])} if x != y else fields


def _dotted_day(s: Source, a: str, b: str) -> bool:
    """16.12 is a day only where it cannot be a time or a plain number: with two digits, or a weekday before it."""
    return (len(b) == 2 and 1 <= int(b) <= 12) or len(b) == 1


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year


def date_fields(year: int | None, month: int, day: int) -> Fields | None:
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year or 2000, month):
        return None
    if year is None:
        return {"month": month, "dom": day}
    return {"month": month, "dom": day, "year": year} if 1900 <= year <= 2999 else None
