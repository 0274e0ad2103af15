"""Days written out: 3 march 2015, march the 3rd, the 21st, first friday of july, last day of october, 20th of next month."""

from __future__ import annotations

from typing import Any

from coach.core.grammar.durations import days_in_month
from coach.core.grammar.numbers import cardinal, ordinal, small
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS, ORDINALS, PARTS, UNITS, WEEKDAYS, spelled

Fields = dict[str, Any]
Found = tuple[Fields, int] | None
NEXT = frozenset(("next", "nxt", "coming", "following", "upcoming"))
THIS = frozenset(("this", "current"))
_PHRASE_ENDS = frozenset(
    "at from between in until to by with on for every would will is should early late noon midday if so".split()
)
_OF = frozenset(("of", "day", "in", "-", "/"))
_BEFORE_A_DAY = frozenset("on by until till before from am den the".split())
_SUFFIXES = frozenset(("st", "nd", "rd", "th"))


def written_year(s: Source, j: int) -> tuple[int, int] | None:
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


def day_number(s: Source, i: int) -> tuple[int, int] | None:
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


def month_first(s: Source, i: int, month: int) -> Found:
    """march 3, march the 3rd 2015, jan-1, jul24, october, 1st, sep-2020-23."""
    j = i + 1
    if s.words[j] == "." and s.glued(j):
        j += 1
    year = written_year(s, j)
    if year and s.words[year[1]] in ("-", "/") and s.glued(year[1]):
        late = day_number(s, year[1] + 1)
        if late:
            return {"month": month, "dom": late[0], "year": year[0]}, late[1]
    k = j + 1 if s.words[j] in (",", "-", "/") else j
    found = day_number(s, k) or (small(s, k) if month not in (3, 5) else None)
    if found and found[0] < 32 and not (s.words[k].isdecimal() and is_clock(s, found[1])):
        dom, end = found
        if dom > days_in_month(2000, month):
            return None
        if s.words[end] == "." and s.glued(end) and s.words[end - 1].isdecimal() and not s.glued(end + 1):
            end += s.closes(end + 1)
        fields: Fields = {"month": month, "dom": dom}
        year = written_year(s, end)
        if year:
            fields["year"], end = year
        return fields, end
    if year:
        return {"month": month, "year": year[0]}, year[1]
    return None


def is_clock(s: Source, j: int) -> bool:
    """Whether the number before token j is the hour of a time such as 3:15 or 3pm."""
    return (s.words[j] in (":", "am", "pm", "a", "p") and s.glued(j)) or s.words[j] in ("am", "pm", "o'clock")


def number_first(s: Source, i: int, inside: bool) -> Found:
    """3 march, 3rd of march 2015, the 21st, first friday of july, last day of october, 20th of next month."""
    j = i + 1 if s.words[i] == "the" else i
    if s.words[j] == "next" and s.words[j + 1][:1].isdecimal():
        j += 1
    last = s.words[j] == "last"
    # "the thirty" is how dictation writes the 30th.
    ordered = ordinal(s, j) or (small(s, j) if j > i and s.words[j] in ("twenty", "thirty") else None)
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
    if plain is None and i > 1 and s.words[i - 1] in ("and", ",", "&") and s.words[i - 2] in ORDINALS.keys() | _SUFFIXES:
        return None
    if plain is None:
        nth = nth_weekday_of(s, k, value)
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
    while s.words[m] in _OF or (s.words[m] == "the" and s.words[m + 1] in ("next", "month", "following")):
        m += 1
    month = MONTHS.get(spelled(s.words[m]))
    if month:
        if value > days_in_month(2000, month):
            return None
        end = m + 1
        if s.words[end] == "." and s.glued(end) and (s.glued(end + 1) is False or s.words[end + 1].isdecimal()):
            end += s.closes(end) or s.glued(end + 1)
        fields: Fields = {"month": month, "dom": value}
        year = written_year(s, end)
        if year:
            fields["year"], end = year
        return fields, end
    if s.words[m] == "month" and s.words[m - 1] == "the":
        return {"dom": value}, m + 1
    if s.words[m] in NEXT | THIS and s.words[m + 1] == "month":
        return {"dom": value, "period": ("month", 1 if s.words[m] in NEXT else 0)}, m + 2
    if ordered and (j > i or inside or s.words[i][0].isdecimal()) and (s.words[k] not in UNITS or s.words[k] in PARTS):
        return ({"dom": value}, k) if inside or ends_phrase(s, k) else None
    if j > i and plain is not None and inside:
        return {"dom": value}, k
    if plain is not None and s.words[k] == "." and s.glued(k) and k + 1 >= s.n and (i == 0 or s.words[i - 1] in _BEFORE_A_DAY):
        return {"dom": value}, k + 1
    if j > i and plain is not None and ends_phrase(s, k):
        return {"dom": value}, k
    return None


def ends_phrase(s: Source, k: int) -> bool:
    word = s.words[k]
    if word in (",", "&") and ordinal(s, k + 1):
        return False
    return k >= s.n or not word.isalnum() or word in PARTS or word in _PHRASE_ENDS or word.isdecimal()


def _year_day(s: Source, k: int, value: int) -> Found:
    if s.words[k] in ("in", "of") and s.number(k + 1) and len(s.words[k + 1]) == 4:
        return {"yearday": value, "year": int(s.words[k + 1])}, k + 2
    return ({"yearday": value}, k) if value > 31 else None


def nth_weekday_of(s: Source, k: int, value: int) -> Found:
    """What follows first, 3rd, last, second last: a weekday, day, week or weekend of a month."""
    word = spelled(s.words[k])
    kind: int | str | None = WEEKDAYS.get(word)
    if word in ("business", "working", "work") and s.words[k + 1] == "day":
        word, k = "workday", k + 1
    if kind is None:
        if word not in ("day", "week", "weekend", "workday", "weekday") or (word == "day" and value > 0):
            return None
        kind = "workday" if word == "weekday" else word
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
        year = written_year(s, end)
        if year:
            fields["year"], end = year
        return fields, end
    if s.words[m] in NEXT | THIS and s.words[m + 1] in ("month", "year"):
        fields["period"] = (s.words[m + 1], 1 if s.words[m] in NEXT else 0)
        return fields, m + 2
    if s.words[m] in ("month", "year") and s.words[m - 1] == "the":
        fields["period"], fields["next"] = (s.words[m], 0), True  # of this month or, when that is over, of the next one
        return fields, m + 1
    return None
