"""Days: today, friday, 3 march, 3/4, the 21st, next week, in 5 days, 2 weeks after easter, end of the month.

Each rule reads the words at one place and returns the fields it found, which `moments` merges and resolves."""

from __future__ import annotations

import re
from typing import Any

from coach.core.grammar.durations import Duration, days_in_month, duration
from coach.core.grammar.holidays import FIRST_WORDS, LONGEST, NAMES
from coach.core.grammar.numbers import cardinal, ordinal, small
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import DAY, GLUED_UNITS, HOUR, MONTH, MONTHS, ORDINALS, PARTS, UNITS, WEEK, WEEKDAYS, YEAR, spelled

Fields = dict[str, Any]
Found = tuple[Fields, int] | None

_NUMERIC = re.compile(r"(\d{1,4})(\s?[/.\-]\s?)(\d{1,2}|[a-zA-Z]{3,9})(?:\2(\d{4}|\d{1,2}))?(?![\d%])")
_NEXT = frozenset(("next", "coming", "following", "upcoming"))
_THIS = frozenset(("this", "current"))
_RELATIVE = {
    "today": 0, "tod": 0, "tonight": 0, "tonite": 0, "tomorrow": 1, "tmr": 1, "tmrw": 1, "tom": 1, "tomorow": 1, "2moro": 1,
    "tmw": 1, "yesterday": -1, "overmorrow": 2,
}
_ENDS = {
    "eod": ("end", DAY), "eow": ("end", WEEK), "eom": ("end", MONTH), "eoq": ("end", "quarter"), "eoy": ("end", YEAR),
    "sod": ("start", DAY), "sow": ("start", WEEK), "som": ("start", MONTH), "soq": ("start", "quarter"), "soy": ("start", YEAR),
    "eoww": ("end", "workweek"), "soww": ("start", "workweek"), "eocw": ("end", WEEK), "socw": ("start", WEEK),
}
_NOW = (("right", "now"), ("just", "now"), ("now",), ("atm",), ("asap",), ("as", "soon", "as", "possible"),
        ("at", "this", "time"), ("at", "the", "present", "time"), ("at", "the", "moment"))
_NO_WEEKDAY_AFTER = frozenset(("the", "a", "i", "he", "she", "it", "we", "they", "who", "that", "to", "get", "got"))
_MIDDLE = frozenset(("middle", "mid"))
_START = frozenset(("beginning", "start", "begin"))


def day(s: Source, i: int, inside: bool = False) -> Found:
    """A day expression at token i. `inside`: other parts of the moment were read already, so less is ambiguous."""
    word = s.words[i]
    if not word or word == "\0":
        return None
    if word[0].isdecimal():
        return _numeric(s, i) or _number_first(s, i, inside) or _counted(s, i)
    if word == "+" and s.glued(i + 1):
        return _signed(s, i)
    found = _worded(s, i, spelled(word)) or _named(s, i)
    return found or _number_first(s, i, inside) or _counted(s, i)


def _worded(s: Source, i: int, word: str) -> Found:
    if word == "the" or word == "this":
        pair = s.words[i + 1]
        if word == "the" and pair in _NEXT | _THIS | {"end", "week", "weekend", "eod", "eom", "eow", "min", "minute"} | _START | _MIDDLE:
            return _the(s, i)
    if word in _RELATIVE:
        fields: Fields = {"rel": _RELATIVE[word]}
        if word in ("tonight", "tonite"):
            fields["part"] = "tonight"
        return fields, i + 1
    if word == "late" and s.words[i + 1] in ("tonight", "tonite"):
        return {"rel": 0, "part": "late evening"}, i + 2
    if word in ("day", "the") :
        j = i + (word == "the")
        if s.words[j] == "day" and s.words[j + 1] in ("after", "before") and s.words[j + 2] in _RELATIVE:
            sign = 1 if s.words[j + 1] == "after" else -1
            return {"rel": _RELATIVE[s.words[j + 2]] + sign}, j + 3
    if word in _ENDS:
        edge, unit = _ENDS[word]
        return {"edge": (edge, unit, 0)}, i + 1
    for words in _NOW:
        if word == words[0] and tuple(s.words[i:i + len(words)]) == words:
            return {"exact": Duration()}, i + len(words)
    if word in WEEKDAYS:
        return _weekday(s, i, WEEKDAYS[word])
    if word in MONTHS:
        return _month_first(s, i, MONTHS[word])
    if word in _NEXT or word in _THIS or word == "last":
        return _next(s, i)
    if word in ("in", "within", "after", "over"):
        return _in(s, i)
    if word in ("end", "late", "early", "later", "mid", "middle") or word in _START:
        return _edge(s, i)
    if word in ("week", "w", "wk"):
        return _week(s, i)
    return None


def _the(s: Source, i: int) -> Found:
    if s.words[i + 1] in ("min", "minute") and s.words[i + 2] in ("after", "before"):
        return {"exact": Duration(seconds=60 if s.words[i + 2] == "after" else -60)}, i + 3
    if s.words[i + 1] == "weekend":
        return {"period": ("weekend", 0)}, i + 2
    found = _worded(s, i + 1, s.words[i + 1])
    if found and s.words[i + 1] == "eom":
        # "eom" is a point, "the EOM" the end of the month.
        found[0]["vague"] = True
    return found


def _weekday(s: Source, i: int, weekday: int) -> Found:
    if s.words[i] in ("sat", "sun", "wed") and i and s.words[i - 1] in _NO_WEEKDAY_AFTER:
        return None
    j = i + 1
    if s.words[j] == "." and s.glued(j) and len(s.words[i]) <= 5 and not s.glued(j + 1):
        j += 1
    return {"weekday": weekday}, j


def _year(s: Source, j: int) -> tuple[int, int] | None:
    """A year after a day and month, perhaps after a comma or "of": 2015, '15, two thousand and thirty two."""
    k = j + 1 if s.words[j] in (",", "of", "/", "-", ".") else j
    value = s.number(k)
    if value is not None and len(s.words[k]) == 4 and s.words[k + 1] == "be" and value > 2400:
        return value - 543, k + 2
    if value is not None and 1900 <= value <= 2199 and len(s.words[k]) == 4 and s.words[k + 1] not in (":",):
        return value, k + 1
    if s.words[k] in ("'", "’") and s.glued(k + 1) and len(s.words[k + 1]) == 2 and s.words[k + 1].isdecimal():
        return 2000 + int(s.words[k + 1]), k + 2
    if s.words[k + 1] in ("thousand", "hundred") or s.words[k] == "twenty":
        found = cardinal(s, k)
        if found and 1900 <= found[0] <= 2999:
            return found
    return None


def _day_number(s: Source, i: int) -> tuple[int, int] | None:
    """15, 15th, fifteenth, "the 15th", "15th day"."""
    j = i + 1 if s.words[i] == "the" else i
    found = ordinal(s, j)
    if not found:
        value = s.number(j, 2)
        found = (value, j + 1) if value is not None else None
        if found and s.words[j + 1] in (":", "%") and s.glued(j + 1):
            return None
    if not found or not 1 <= found[0] <= 31:
        return None
    return found


def _month_first(s: Source, i: int, month: int) -> Found:
    """march 3, march the 3rd 2015, jan-1, jul24, october, 1st, sep-2020-23."""
    j = i + 1
    if s.words[j] == "." and s.glued(j):
        j += 1
    year = _year(s, j)
    if year and s.words[year[1]] in ("-", "/") and s.glued(year[1]):
        late = _day_number(s, year[1] + 1)
        if late:
            return {"month": month, "dom": late[0], "year": year[0]}, late[1]
    k = j + 1 if s.words[j] in (",", "-", "/") else j
    found = _day_number(s, k) or (small(s, k) if month not in (3, 5) else None)
    if found and found[0] < 32 and not (s.words[k].isdecimal() and _is_clock(s, found[1])):
        dom, end = found
        if dom > days_in_month(2000, month):
            return None
        if s.words[end] == "." and s.glued(end) and s.words[end - 1].isdecimal() and not s.glued(end + 1):
            end += s.closes(end + 1)
        fields: Fields = {"month": month, "dom": dom}
        year = _year(s, end)
        if year:
            fields["year"], end = year
        return fields, end
    if year:
        return {"month": month, "year": year[0]}, year[1]
    return None


def _is_clock(s: Source, j: int) -> bool:
    """Whether the number before token j is the hour of a time such as 3:15 or 3pm."""
    return (s.words[j] in (":", "am", "pm", "a", "p") and s.glued(j)) or s.words[j] in ("am", "pm", "o'clock")


def _number_first(s: Source, i: int, inside: bool) -> Found:
    """3 march, 3rd of march 2015, the 21st, first friday of july, last day of october, 20th of next month."""
    j = i + 1 if s.words[i] == "the" else i
    if s.words[j] == "next" and s.words[j + 1][:1].isdecimal():
        j += 1
    last = s.words[j] == "last"
    ordered = ordinal(s, j)
    plain = None if ordered or last else s.number(j, 2)
    if not ordered and not last and plain is None:
        return None
    value, k = ordered or (-1, j + 1) if not (plain is not None) else (plain, j + 1)
    if ordered and s.words[k] == "to" and s.words[k + 1] == "last":
        value, k = -value, k + 2
    elif ordered and s.words[k] == "to" and s.words[k + 1] == "the" and s.words[k + 2] == "last":
        value, k = -value, k + 3
    elif ordered and s.words[k] == "last":
        value, k = -value, k + 1
    if plain is None and i > 1 and s.words[i - 1] in ("and", ",", "&") and (s.words[i - 2] in ORDINALS or s.words[i - 2] in ("st", "nd", "rd", "th")):
        return None
    if plain is None:
        nth = _nth(s, k, value)
        if nth:
            return nth
    if ordered and s.words[k] == "day" and value > 0:
        counted = _year_day(s, k + 1, value)
        if counted:
            return counted
    if not 1 <= value <= 31:
        return None
    m = k
    if s.words[m] == "." and s.glued(m):
        m += 1
    while s.words[m] in ("of", "day", "in", "the", "-", "/") and not (s.words[m] == "the" and s.words[m + 1] not in ("next", "month", "following")):
        m += 1
    month = MONTHS.get(spelled(s.words[m]))
    if month:
        if value > days_in_month(2000, month):
            return None
        end = m + 1
        if s.words[end] == "." and s.glued(end) and (s.glued(end + 1) is False or s.words[end + 1].isdecimal()):
            end += s.closes(end) or s.glued(end + 1)
        fields: Fields = {"month": month, "dom": value}
        year = _year(s, end)
        if year:
            fields["year"], end = year
        return fields, end
    if s.words[m] in _NEXT | _THIS and s.words[m + 1] == "month":
        return {"dom": value, "period": ("month", 1 if s.words[m] in _NEXT else 0)}, m + 2
    if ordered and (j > i or inside or s.words[i][0].isdecimal()) and (s.words[k] not in UNITS or s.words[k] in PARTS):
        return ({"dom": value}, k) if inside or _ends_phrase(s, k) else None
    if j > i and plain is not None and inside:
        return {"dom": value}, k
    if j > i and plain is not None and _ends_phrase(s, k):
        return {"dom": value}, k
    return None


_PHRASE_ENDS = frozenset("at from between in until to by with on for every would will is should early late noon midday if so".split())


def _ends_phrase(s: Source, k: int) -> bool:
    word = s.words[k]
    if word in (",", "&") and ordinal(s, k + 1):
        return False
    return k >= s.n or not word.isalnum() or word in PARTS or word in _PHRASE_ENDS or word.isdecimal()


def _year_day(s: Source, k: int, value: int) -> Found:
    if s.words[k] in ("in", "of") and s.number(k + 1) and len(s.words[k + 1]) == 4:
        return {"yearday": value, "year": int(s.words[k + 1])}, k + 2
    return ({"yearday": value}, k) if value > 31 else None


def _nth(s: Source, k: int, value: int) -> Found:
    """What follows first, 3rd, last, second last: a weekday, day, week or weekend of a month."""
    word = spelled(s.words[k])
    kind: int | str | None = WEEKDAYS.get(word)
    if kind is None:
        if word not in ("day", "week", "weekend") or (word == "day" and value > 0):
            return None
        kind = word
    m = k + 1
    if s.words[m] not in ("of", "in"):
        return None
    m += 1
    if s.words[m] == "the":
        m += 1
    fields: Fields = {"nth": (value, kind)}
    month = MONTHS.get(spelled(s.words[m]))
    if month:
        fields["month"], end = month, m + 1
        if s.words[end] == "." and s.glued(end):
            end += 1
        year = _year(s, end)
        if year:
            fields["year"], end = year
        return fields, end
    if s.words[m] in _NEXT | _THIS and s.words[m + 1] in ("month", "year"):
        fields["period"] = (s.words[m + 1], 1 if s.words[m] in _NEXT else 0)
        return fields, m + 2
    if s.words[m] == "month" and s.words[m - 1] == "the":
        fields["period"] = ("month", 0)
        return fields, m + 1
    return None


def _numeric(s: Source, i: int) -> Found:
    """2015-3-3, 3/4, 3/4/15, 24.11.17, 25.10., 23/Sep/2020, 20170302, 2016-W12."""
    if len(s.words[i]) == 8 and s.words[i].isdecimal():
        fields = _date(int(s.words[i][:4]), int(s.words[i][4:6]), int(s.words[i][6:]))
        return (fields, i + 1) if fields and not s.glued(i + 1) else None
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
    if mark == "." and s.words[j] == "." and s.glued(j):
        if not s.glued(j + 1):
            j += 1
        elif c is None:
            return None
    elif s.words[j] == mark and s.glued(j) and s.glued(j + 1) and mark != "-":
        return None
    if s.words[j] == "," and mark == "/" and c is None:
        year = _year(s, j)
        if year:
            fields["year"], j = year
    if s.words[j] == "t" and s.glued(j) and s.words[j + 1].isdecimal():
        j += 1
    return fields, j


def _year_day_month(s: Source, i: int) -> Found:
    """2020/23/Sep."""
    month = MONTHS.get(s.words[i + 4])
    year, dom = s.number(i), s.number(i + 2, 2)
    if not (month and year and dom and len(s.words[i]) == 4 and s.words[i + 1] in ("/", "-") and s.words[i + 3] == s.words[i + 1]):
        return None
    fields = _date(year, month, dom)
    return (fields, i + 5) if fields else None


def _ordered(s: Source, a: str, b: str, c: str | None, mark: str, spaced: bool) -> Fields | None:
    if b.isalpha():
        month = MONTHS.get(b.lower())
        if not month or c is None:
            return None
        return _date(int(a), month, int(c)) if len(a) == 4 else _date(_full_year(c), month, int(a))
    x, y = int(a), int(b)
    if len(a) == 4:
        return _date(x, y, int(c)) if c and len(c) <= 2 and 1900 <= x <= 2999 else None
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
    fields = _date(year, y, x) if s.day_first or mark == "." else _date(year, x, y)
    other = _date(year, x, y) if s.day_first or mark == "." else _date(year, y, x)
    if mark == "." or not other:
        return fields
    if not fields:
        return {**other, "turned": True}
    return {**fields, "other": (other["month"], other["dom"])} if x != y else fields


def _dotted_day(s: Source, a: str, b: str) -> bool:
    """16.12 is a day only where it cannot be a time or a plain number: with two digits, or a weekday before it."""
    return (len(b) == 2 and 1 <= int(b) <= 12) or len(b) == 1


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else 2000 + year


def _date(year: int | None, month: int, day: int) -> Fields | None:
    if not 1 <= month <= 12 or not 1 <= day <= days_in_month(year or 2000, month):
        return None
    if year is None:
        return {"month": month, "dom": day}
    return {"month": month, "dom": day, "year": year} if 1900 <= year <= 2999 else None


def _named(s: Source, i: int) -> Found:
    """A holiday, perhaps with a year."""
    j = i
    while s.words[j] in ("next", "following", "this", "the", "coming"):
        j += 1
    if s.words[j] not in FIRST_WORDS:
        return None
    for length in range(LONGEST, 0, -1):
        name = " ".join(s.words[j:j + length])
        if name in NAMES:
            end = j + length
            fields: Fields = {"holiday": name}
            year = _year(s, end)
            if year:
                fields["year"], end = year
            return fields, end
    return None


def _next(s: Source, i: int) -> Found:
    """next week, this friday, next 3 days, coming weekend, next weekday, next 6th of april."""
    j = i
    while s.words[j] in ("next", "following", "coming", "upcoming", "this", "current", "around"):
        j += 1
    if s.words[i] == "last":
        length = duration(s, i + 1) if i == 0 or s.words[i - 1] in ("the", "over", "in", "during") else None
        return ({"count": (length[0], -1)}, length[1]) if length and length[0].seconds else _nth(s, i + 1, -1)
    ahead = s.words[i] in _NEXT
    word = spelled(s.words[j])
    if word in WEEKDAYS:
        plural = s.words[i] in ("coming", "upcoming") or not ahead
        return {"weekday": WEEKDAYS[word], **({} if plural else {"period": ("week", 1)})}, j + 1
    if word in ("week", "weekend", "month", "quarter", "year", "workweek"):
        if word == "week" and s.words[j + 1] == "-" and s.words[j + 2] == "end":
            return {"period": ("weekend", int(ahead))}, j + 3
        return {"period": (word, int(ahead))}, j + 1
    if word in ("work", "working") and s.words[j + 1] == "week":
        return {"period": ("workweek", int(ahead))}, j + 2
    if ahead and word in ("weekday", "workday"):
        return {"offset": (Duration(business_days=1), 1, None)}, j + 1
    if ahead and word == "day":
        return {"rel": 1}, j + 1
    if ahead and word in ("decade",):
        return {"offset": (Duration(months=120), 1, None)}, j + 1
    if ahead and word in ("hour", "minute"):
        return {"count": (Duration(seconds=3600 if word == HOUR else 60), 1)}, j + 1
    if word in ("morning", "afternoon", "evening", "night"):
        return {"rel": int(ahead), "part": word}, j + 1
    if word in MONTHS:
        direct = _month_first(s, j, MONTHS[word])
        return direct or (({"month": MONTHS[word]}, j + 1) if _ends_phrase(s, j + 1) else None)
    if word[:1].isdecimal() and ordinal(s, j):
        return _number_first(s, j, True)
    if ahead:
        length = duration(s, j)
        if length:
            return {"count": (length[0], 1)}, length[1]
    return None


def _in(s: Source, i: int) -> Found:
    """in 5 days, in about an hour, within two weeks, after 4 days, in 15 (minutes), in march."""
    j = i + 1
    while s.words[j] in ("about", "around", "less", "than", "approximately", "the", "next"):
        j += 1
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
        if s.words[end] in ("time", "from"):
            return _from_anchor(s, length[0], end) or ({"offset": (length[0], 1, None)}, end + (s.words[end] == "time"))
        return {"offset": (length[0], 1, None)}, end
    if s.words[i] != "in":
        return None
    if s.number(j, 2) and j + 1 >= s.n and j == i + 1:
        return {"offset": (Duration(seconds=60 * int(s.words[j])), 1, None)}, j + 1
    month = MONTHS.get(s.words[j])
    if month:
        return _month_first(s, j, month) or ({"month": month}, j + 1)
    if s.number(j) and len(s.words[j]) == 4 and 2000 <= int(s.words[j]) <= 2100 and s.closes(j + 1):
        return {"year": int(s.words[j])}, j + 1
    return None


_AFTER = {"later": 1, "hence": 1, "out": 1, "ago": -1, "earlier": -1, "ahead": 1}


def _counted(s: Source, i: int) -> Found:
    """3 days from now, 2 weeks ago, a fortnight later, 3 weeks after christmas, 2 sundays from now."""
    nth = _sundays(s, i)
    if nth:
        return nth
    length = duration(s, i)
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
        return _from_anchor(s, value, j)
    return _spread(s, i, j, value)


def _spread(s: Source, i: int, j: int, length: Duration) -> Found:
    """5 coming minutes, 2 upcoming days, 13 last minutes: a stretch that ends or starts now."""
    words = s.words[i:j]
    if "upcoming" in words or "coming" in words:
        return {"count": (length, 1)}, j
    if "last" in words or "past" in words:
        return {"count": (length, -1)}, j
    return None


def _sundays(s: Source, i: int) -> Found:
    count = cardinal(s, i)
    if not count:
        return None
    name = s.words[count[1]]
    weekday = WEEKDAYS.get(name[:-1] if name.endswith("s") else name)
    if weekday is None or tuple(s.words[count[1] + 1:count[1] + 3]) != ("from", "now") or not 0 < count[0] < 500:
        return None
    return {"weekday": weekday, "weeks": count[0] - 1}, count[1] + 3


def _from_anchor(s: Source, length: Duration, j: int) -> Found:
    """from tomorrow, after christmas, before new year."""
    if s.words[j] not in ("from", "after", "before"):
        return None
    if s.words[j + 1] == "now":
        return {"offset": (length, 1, None)}, j + 2
    anchor = day(s, j + 1, True)
    if not anchor or "offset" in anchor[0] or "exact" in anchor[0]:
        return None
    return {"offset": (length, -1 if s.words[j] == "before" else 1, anchor[0])}, anchor[1]


def _signed(s: Source, i: int) -> Found:
    """+3d, +15min, +1 decade -2 years: from now."""
    total, j = Duration(), i
    while s.words[j] in ("+", "-") and s.glued(j + 1):
        length = duration(s, j + 1)
        if not length:
            break
        total = total.plus(length[0], 1 if s.words[j] == "+" else -1)
        j = length[1]
    return ({"offset": (total, 1, None)}, j) if j > i else None


def _edge(s: Source, i: int) -> Found:
    """end of next week, beginning of the month, mid january, later this week, end of the day."""
    word = s.words[i]
    if word in ("later", "late", "early"):
        k = i + 2 if s.words[i + 1] == "in" else i + 1
        if s.words[k] in _THIS | _NEXT and s.words[k + 1] in ("week", "month", "year"):
            edge = "start" if word == "early" else "late"
            return {"edge": (edge, s.words[k + 1], int(s.words[k] in _NEXT)), "vague": True}, k + 2
        return None
    edge = "end" if word == "end" else "start" if word in _START else "mid"
    j = i + 1
    if s.words[j] == "-" and edge == "mid":
        j += 1
    if s.words[j] == "of":
        j += 1
    elif edge != "mid":
        return None
    ahead, named = 0, False
    while s.words[j] in ("the", "around", "my") or s.words[j] in _NEXT or s.words[j] in _THIS:
        ahead = 1 if s.words[j] in _NEXT else ahead
        j, named = j + 1, True
    word = s.words[j]
    if word in MONTHS:
        year = _year(s, j + 1)
        return {"edge": (edge, MONTH, 0), "month": MONTHS[word], **({"year": year[0]} if year else {})}, year[1] if year else j + 1
    if word in ("today", "tomorrow"):
        return {"edge": (edge, DAY, _RELATIVE[word])}, j + 1
    if word in (DAY, WEEK, MONTH, "quarter", YEAR, "workday", "workweek") and (named or edge == "end" or s.words[j - 1] == "of"):
        unit = DAY if word == "workday" else word
        return {"edge": (edge, unit, ahead), "vague": True}, j + 1
    return None


def _week(s: Source, i: int) -> Found:
    """week 36, w12; the week of july 23, week beginning february 4."""
    value = s.number(i + 1, 2)
    if value is not None and 1 <= value <= 53 and (s.words[i] != "w" or s.glued(i + 1)):
        year = _year(s, i + 2)
        if s.words[i] == "w" and not year and len(s.words[i + 1]) != 2:
            return None
        return ({"week": value, "year": year[0]}, year[1]) if year else ({"week": value}, i + 2)
    j = i + 1
    if s.words[j] in ("of", "beginning", "starting", "commencing"):
        j += 1
        if s.words[j] == "the":
            j += 1
        inner = day(s, j, True)
        if inner and ("month" in inner[0] or "dom" in inner[0]):
            return {**inner[0], "whole_week": True}, inner[1]
    return None

