"""Days reckoned from now or from another day: next friday, in 5 days, 2 weeks after easter, end of next week, week 36."""

from __future__ import annotations

from collections.abc import Callable

from coach.core.grammar.dates import (
    NEXT,
    THIS,
    Fields,
    Found,
    ends_phrase,
    month_first,
    nth_weekday_of,
    number_first,
    written_year,
)
from coach.core.grammar.durations import Duration, duration
from coach.core.grammar.numbers import cardinal, ordinal
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import DAY, HOUR, MONTH, MONTHS, WEEK, WEEKDAYS, YEAR, spelled

Rule = Callable[[Source, int, bool], Found]
"""The rule for any day, handed in where a day is reckoned from another."""

RELATIVE_DAYS = {
    "today": 0, "tod": 0, "tonight": 0, "tonite": 0, "tomorrow": 1, "tmr": 1, "tmrw": 1, "tom": 1, "tomo": 1, "tomorow": 1,
    "tmw": 1, "tmro": 1, "tomoz": 1, "yesterday": -1, "overmorrow": 2,
}
_SHORT = {"wk": "week", "mo": "month", "mth": "month", "yr": "year", "qtr": "quarter", "wknd": "weekend"}
START_WORDS = frozenset(("beginning", "start", "begin"))


def next_day(s: Source, i: int) -> Found:
    """next week, this friday, next 3 days, coming weekend, next weekday, next 6th of april."""
    j = i
    while s.words[j] in ("next", "nxt", "following", "coming", "upcoming", "this", "current", "around"):
        j += 1
    if s.words[i] == "last" and s.words[i + 1] in WEEKDAYS and s.words[i + 2] not in ("of", "in"):
        return {"weekday": WEEKDAYS[s.words[i + 1]], "weeks": -1}, i + 2
    if s.words[i] == "last":
        length = duration(s, i + 1) if i == 0 or s.words[i - 1] in ("the", "over", "in", "during") else None
        return ({"count": (length[0], -1)}, length[1]) if length and length[0].seconds else nth_weekday_of(s, i + 1, -1)
    ahead = s.words[i] in NEXT
    word = _SHORT.get(s.words[j], spelled(s.words[j]))
    if word in WEEKDAYS:
        if s.words[i] in ("coming", "upcoming"):
            return {"weekday": WEEKDAYS[word], "weeks": 0}, j + 1
        return {"weekday": WEEKDAYS[word], **({"period": ("week", 1)} if ahead else {})}, j + 1
    if word in ("week", "weekend", "month", "quarter", "year", "workweek"):
        if word == "week" and s.words[j + 1] == "-" and s.words[j + 2] == "end":
            return {"period": ("weekend", int(ahead))}, j + 3
        return {"period": (word, int(ahead))}, j + 1
    if word in ("work", "working") and s.words[j + 1] == "week":
        return {"period": ("workweek", int(ahead))}, j + 2
    business = word in ("business", "working") and s.words[j + 1] == "day"
    if ahead and (business or word in ("weekday", "workday")):
        return {"offset": (Duration(business_days=1), 1, None)}, j + 1 + business
    if ahead and word == "day" and s.words[j + 1] != "off":
        return {"rel": 1}, j + 1
    if ahead and word in ("decade",):
        return {"offset": (Duration(months=120), 1, None)}, j + 1
    if ahead and word in ("hour", "minute"):
        return {"count": (Duration(seconds=3600 if word == HOUR else 60), 1)}, j + 1
    if word in ("morning", "afternoon", "evening", "night"):
        return {"rel": int(ahead), "part": word}, j + 1
    if word in MONTHS:
        direct = month_first(s, j, MONTHS[word])
        return direct or (({"month": MONTHS[word]}, j + 1) if ends_phrase(s, j + 1) else None)
    if word[:1].isdecimal() and ordinal(s, j):
        return number_first(s, j, True)
    if ahead:
        length = duration(s, j)
        if length:
            return {"count": (length[0], 1)}, length[1]
    return None


def in_a_while(s: Source, i: int, day: Rule) -> Found:
    """in 5 days, in about an hour, within two weeks, after 4 days, in 15 (minutes), in march."""
    j = i + 1
    while s.words[j] in ("about", "around", "less", "than", "approximately", "the", "next"):
        j += 1
    sundays = cardinal(s, j) if s.words[i] == "in" else None
    weekday = WEEKDAYS.get(s.words[sundays[1]].removesuffix("s")) if sundays and s.words[sundays[1]].endswith("s") else None
    if sundays and weekday is not None and 0 < sundays[0] < 500:
        return {"weekday": weekday, "weeks": sundays[0] - 1}, sundays[1] + 1
    length = duration(s, j)
    if length:
        end = length[1]
        if s.words[i] == "after" and not s.closes(end):
            return None
        if s.words[i] == "within":
            return {"count": (length[0], 1), "from_now": True}, end
        spread = _spread(s, j, end, length[0])
        if spread:
            return spread
        if s.words[end] == "or" and s.words[end + 1] in ("so", "two"):
            end += 2
        if s.words[end] in ("'", "’") and s.words[end + 1] == "time":
            end += 1
        if s.words[end] in ("time", "from"):
            return from_anchor(s, length[0], end, day) or ({"offset": (length[0], 1, None)}, end + (s.words[end] == "time"))
        return {"offset": (length[0], 1, None)}, end
    if s.words[i] != "in":
        return None
    if s.number(j, 2) and j + 1 >= s.n and j == i + 1:
        return {"offset": (Duration(seconds=60 * int(s.words[j])), 1, None)}, j + 1
    month = MONTHS.get(s.words[j])
    if month:
        return month_first(s, j, month) or ({"month": month}, j + 1)
    if s.number(j) and len(s.words[j]) == 4 and 2000 <= int(s.words[j]) <= 2100 and s.closes(j + 1):
        return {"year": int(s.words[j])}, j + 1
    return None


_AFTER = {"later": 1, "hence": 1, "out": 1, "ago": -1, "earlier": -1, "ahead": 1}


def counted(s: Source, i: int, day: Rule) -> Found:
    """3 days from now, 2 weeks ago, a fortnight later, 3 weeks after christmas, 2 sundays from now."""
    nth = _sundays(s, i, day)
    if nth:
        return nth
    length = duration(s, i)
    if not length and s.words[i] in ("week", "fortnight") and s.words[i + 1] == "from":
        length = Duration(days=7 if s.words[i] == "week" else 14), i + 1
    if not length:
        return None
    value, j = length
    word = s.words[j]
    if word in _AFTER:
        return {"offset": (value, _AFTER[word], None)}, j + 1
    if word == "from" and s.words[j + 1] == "right" and s.words[j + 2] == "now":
        return {"exact": value}, j + 3
    if word == "from" and s.words[j + 1] == "now":
        return {"offset": (value, 1, None)}, j + 2
    if word in ("from", "after", "before"):
        return from_anchor(s, value, j, day)
    if word == "on" and s.words[j + 1] in WEEKDAYS and value.days and value == Duration(days=value.days // 7 * 7) and (
            i == 0 or s.words[i - 1] != "for"):
        return {"offset": (value, 1, {"weekday": WEEKDAYS[s.words[j + 1]]})}, j + 2  # a week on thursday
    return _spread(s, i, j, value)


def _spread(s: Source, i: int, j: int, length: Duration) -> Found:
    """5 coming minutes, 2 upcoming days, 13 last minutes: a stretch that ends or starts now."""
    words = s.words[i:j]
    if "upcoming" in words or "coming" in words:
        return {"count": (length, 1)}, j
    if "last" in words or "past" in words:
        return {"count": (length, -1)}, j
    return None


def _sundays(s: Source, i: int, day: Rule) -> Found:
    """2 sundays from now, 4 tuesdays from today, the third tuesday after christmas."""
    count = ordinal(s, i) or cardinal(s, i)
    if not count or not 0 < count[0] < 500:
        return None
    j = count[1]
    name = s.words[j]
    weekday = WEEKDAYS.get(name, WEEKDAYS.get(name.removesuffix("s")))
    if weekday is None or s.words[j + 1] not in ("from", "after"):
        return None
    fields: Fields = {"weekday": weekday, "weeks": count[0] - 1}
    if s.words[j + 2] in ("now", "today"):
        return fields, j + 3
    anchor = _anchor(s, j + 2, day)
    if not anchor or "offset" in anchor[0] or "exact" in anchor[0]:
        return None
    return {**fields, "after": anchor[0]}, anchor[1]


def _anchor(s: Source, i: int, day: Rule) -> Found:
    """The day that another is reckoned from, which may not be reckoned itself."""
    if s.anchored:
        return None
    s.anchored = True
    found = day(s, i, True)
    s.anchored = False
    return found


def from_anchor(s: Source, length: Duration, j: int, day: Rule) -> Found:
    """from tomorrow, after christmas, before new year: the day so far from another."""
    if s.words[j] not in ("from", "after", "before"):
        return None
    if s.words[j + 1] == "now":
        return {"offset": (length, 1, None)}, j + 2
    anchor = _anchor(s, j + 1, day)
    if not anchor or "offset" in anchor[0] or "exact" in anchor[0]:
        return None
    return {"offset": (length, -1 if s.words[j] == "before" else 1, anchor[0])}, anchor[1]


def signed(s: Source, i: int) -> Found:
    """+3d, +15min, +1 decade -2 years: from now."""
    total, j = Duration(), i
    while s.words[j] in ("+", "-") and s.glued(j + 1):
        length = duration(s, j + 1)
        if not length:
            break
        total = total.plus(length[0], 1 if s.words[j] == "+" else -1)
        j = length[1]
    return ({"offset": (total, 1, None)}, j) if j > i else None


def edge_of(s: Source, i: int) -> Found:
    """end of next week, beginning of the month, mid january, later this week, end of the day."""
    word = s.words[i]
    if word in ("late", "early") and s.words[i + 1] in MONTHS:
        year = written_year(s, i + 2)
        month: Fields = {"edge": (word, MONTH, 0), "month": MONTHS[s.words[i + 1]], "vague": True}
        return ({**month, "year": year[0]}, year[1]) if year else (month, i + 2)
    if word == "later" and s.words[i + 1] == "today":
        return {"rel": 0}, i + 2
    if word in ("later", "late", "early"):
        k = i + 2 if s.words[i + 1] == "in" else i + 1
        if s.words[k] in THIS | NEXT and s.words[k + 1] in ("week", "month", "year"):
            edge = "start" if word == "early" else "late"
            return {"edge": (edge, s.words[k + 1], int(s.words[k] in NEXT)), "vague": True}, k + 2
        return None
    edge = "end" if word == "end" else "start" if word in START_WORDS else "mid"
    j = i + 1
    if s.words[j] == "-" and edge == "mid":
        j += 1
    if s.words[j] == "of":
        j += 1
    elif edge != "mid":
        return None
    ahead, named = 0, False
    while s.words[j] in ("the", "around", "my") or s.words[j] in NEXT or s.words[j] in THIS:
        ahead = 1 if s.words[j] in NEXT else ahead
        j, named = j + 1, True
    word = s.words[j]
    if word in MONTHS:
        year = written_year(s, j + 1)
        fields: Fields = {"edge": (edge, MONTH, 0), "month": MONTHS[word]}
        return ({**fields, "year": year[0]}, year[1]) if year else (fields, j + 1)
    if word in ("today", "tomorrow"):
        return {"edge": (edge, DAY, RELATIVE_DAYS[word])}, j + 1
    led = named or edge != "start" or s.words[j - 1] == "of"
    if led and word in (DAY, WEEK, MONTH, "quarter", YEAR, "workday", "workweek"):
        unit = DAY if word == "workday" else word
        return {"edge": (edge, unit, ahead), "vague": True}, j + 1
    return None


_LEADS_A_QUARTER = frozenset("in by before until till during from of end start beginning".split())


def quarter(s: Source, i: int) -> Found:
    """by q3, Q2 2014, third quarter of next year. Without a year or such a word before it, it is a name; so is one that is
    over ("Q1 2019 report")."""
    led, j = True, i + 2
    if s.words[i] == "q":
        number, led = (s.number(i + 1, 1) if s.glued(i + 1) else None), s.words[i - 1] in _LEADS_A_QUARTER
    else:
        found = ordinal(s, i)
        number, j = (found[0], found[1] + 1) if found and s.words[found[1]] in ("quarter", "qtr") else (None, i)
    if number is None or not 1 <= number <= 4:
        return None
    this = s.now.year, (s.now.month + 2) // 3
    if s.words[j] == "of" and s.words[j + 1] in ("this", "next", "the") and s.words[j + 2] == YEAR:
        year = this[0] + (s.words[j + 1] == "next"), j + 3
    else:
        year = written_year(s, j) or ((this[0] + (number < this[1]), j) if led and ends_phrase(s, j) else (0, j))
    return ({"quarter": number, "year": year[0]}, year[1]) if (year[0], number) >= this else None


def nearest(s: Source, i: int, day: Rule) -> Found:
    """closest monday to oct 5th: the weekday that lies nearest to another day."""
    weekday = WEEKDAYS.get(s.words[i + 1])
    anchor = _anchor(s, i + 3, day) if weekday is not None and s.words[i + 2] == "to" else None
    return ({"near": (weekday, anchor[0])}, anchor[1]) if anchor else None


def week(s: Source, i: int, day: Rule) -> Found:
    """week 36, w12; the week of july 23, week beginning february 4; the weekend after next."""
    if s.words[i] != "w" and (s.words[i + 1], s.words[i + 2]) == ("after", "next"):
        return {"period": (_SHORT.get(s.words[i], s.words[i]), 2)}, i + 3
    value = s.number(i + 1, 2) if s.words[i] != "weekend" else None
    if value is not None and 1 <= value <= 53 and (s.words[i] != "w" or s.glued(i + 1)):
        year = written_year(s, i + 2)
        if s.words[i] == "w" and not year and len(s.words[i + 1]) != 2:
            return None
        return ({"week": value, "year": year[0]}, year[1]) if year else ({"week": value}, i + 2)
    j = i + 1
    unit = "weekend" if s.words[i] == "weekend" else WEEK
    if s.words[j] in ("of", "beginning", "starting", "commencing"):
        j += 1
        if s.words[j] == "the":
            j += 1
        inner = _anchor(s, j, day)
        if inner and ("month" in inner[0] or "dom" in inner[0]):
            return {**inner[0], "whole_week": unit}, inner[1]
    return None
