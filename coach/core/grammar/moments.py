"""Moments: days and times in any order, merged into one reading; and ranges of two moments.

A word that names a stretch of time (next week, tomorrow evening, end of next week) has a start and an end."""

from __future__ import annotations

from dataclasses import dataclass

from coach.core.grammar.clock import APPROXIMATE, clock, part
from coach.core.grammar.clock_ranges import aligned, clock_range
from coach.core.grammar.dates import Fields
from coach.core.grammar.days import day
from coach.core.grammar.durations import Duration, duration
from coach.core.grammar.numbers import ordinal, small
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS, PARTS, WEEKDAYS
from coach.core.record import Record

_DAY_KEYS = frozenset(
    ("year", "month", "dom", "weekday", "nth", "rel", "exact", "offset", "period", "edge", "holiday", "week", "yearday",
     "whole_week", "count", "weeks", "vague", "near", "quarter", "after")
)
_LINKS = frozenset((",", "at", "on", "@", "by", "-", "–", "of", "in", "for", "(", "the", "this", "from")) | APPROXIMATE
_BARE_AFTER = frozenset(("at", "@", "by")) | APPROXIMATE
_LEADS = frozenset("on at by for from between in the this @ till until through before over during".split()) | APPROXIMATE
_PREPOSITIONS = frozenset("on at by for in till until before".split())
_LEADS_ON = frozenset("the early late around about week month year noon midday".split())
_JOINERS = frozenset(("to", "till", "til", "until", "untill", "-", "–", "—", "through", "thru", "/"))
_COMPATIBLE = {
    "rel": {"weekday", "month", "dom", "year", "offset", "holiday"},
    "weekday": {"month", "dom", "year", "period", "rel", "offset", "nth", "holiday", "weeks", "vague", "edge", "week"},
    "period": {"weekday", "dom", "nth", "month", "year"},
    "offset": {"weekday", "rel"},
    "month": {"weekday", "rel", "period", "nth"},
    "dom": {"weekday", "rel", "month", "year", "period"},
    "year": {"weekday", "month", "dom", "nth", "rel", "quarter"},
    "nth": {"weekday", "month", "year", "period"},
    "holiday": {"weekday", "year", "rel", "period"},
    "edge": {"weekday", "month", "vague"},
    "week": {"weekday", "year"},
    "vague": {"edge", "weekday"},
    "after": {"weekday", "weeks"},
}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Found(Record):
    """A moment, or a range of two, at tokens i to j - 1. `led_by` is the preposition before it, such as "by"."""

    fields: Fields
    end: Fields | None
    i: int
    j: int
    led_by: str = ""


def merged(fields: Fields, more: Fields) -> Fields | None:
    """Both sets of fields, or None where they contradict each other."""
    for key in more:
        if key in fields and not (key == "part" and "tonight" in (fields[key], more[key])):
            return None
    for one, two in ((fields, more), (more, fields)):
        if "rel" in one and "dom" in two and "month" not in two:
            return None
    for key in more:
        if key not in _DAY_KEYS:
            continue
        for other in fields:
            if other in _DAY_KEYS and other not in _COMPATIBLE.get(key, ()) and key not in _COMPATIBLE.get(other, ()):
                return None
    return {**more, **fields} if fields.get("part") == "tonight" else {**fields, **more}


def _piece(s: Source, k: int, have: Fields, bare: bool) -> tuple[Fields, int] | None:
    """The next part of a moment: a range of times, a time, a day, or a part of the day."""
    dated = any(key in _DAY_KEYS for key in have)
    timed = "clock" in have
    if not timed:
        span = clock_range(s, k, bare or dated)
        if span and s.closes(span[2]):
            return {"clock": span[0], "clock_end": span[1]}, span[2]
        exact = clock(s, k)
        if exact:
            return {"clock": exact[0]}, exact[1]
    if not dated or not ("dom" in have and "month" in have and "year" in have):
        found = day(s, k, bool(have))
        if found and merged(have, found[0]) is not None:
            return found
    if "part" not in have or have["part"] == "tonight":
        if not have and (early := _leading_part(s, k)):
            return early
        if not have and s.words[k] == "after" and (named := part(s, k)):
            return {"part": named[0]}, named[1]
        if dated and s.words[k] in ("early", "late") and not s.words[k + 1].isalnum() and s.closes(k + 1):
            return {"part": "early morning" if s.words[k] == "early" else "late evening"}, k + 1
        j = k + 1 if s.words[k] in ("the", "at") else k
        if have or s.words[k - 1] in ("in", "this"):
            named = part(s, j)
            if named:
                return {"part": named[0]}, named[1]
    if not timed and (bare or dated or "part" in have):
        loose = clock(s, k, True)
        if loose and not _loose_day(s, k, have, bare):
            return {"clock": loose[0]}, loose[1]
    if (dated and "dom" not in have and "rel" not in have) or (bare and not have):
        return _bare_day(s, k, have)
    return None


def _leading_part(s: Source, k: int) -> tuple[Fields, int] | None:
    """afternoon at 7, early morning @ 3, evening of Friday: a part of the day before its time or day."""
    if s.words[k] in ("early", "late"):
        first = day(s, k + 1) if s.words[k + 1] != "this" else ({"rel": 0}, k + 2)
        later = part(s, first[1]) if first and first[0].keys() <= {"rel", "weekday"} else None
        if first and later and f"{s.words[k]} {later[0]}" in PARTS:
            return {**first[0], "part": f"{s.words[k]} {later[0]}"}, later[1]
    if s.words[k] in ("early", "late") and (s.words[k + 1] in WEEKDAYS or s.words[k + 1] in ("tomorrow", "today", "on")):
        return ({"part": "early morning" if s.words[k] == "early" else "late evening"}, k + 1) if day(s, k + 1) else None
    named = part(s, k)
    if not named:
        return None
    j = named[1]
    if s.words[j] == "of":
        return ({"part": named[0]}, j + 1) if day(s, j + 1) else None
    led = s.words[j] in ("at", "@")
    return ({"part": named[0]}, j) if clock(s, j + 1 if led else j, led) else None


def _loose_day(s: Source, k: int, have: Fields, bare: bool) -> bool:
    """Whether a bare number beside a weekday is the day of the month ("Monday 21")."""
    value = s.number(k, 2)
    return value is not None and not bare and "weekday" in have and "dom" not in have and "clock" not in have and value > 12


def _bare_day(s: Source, k: int, have: Fields) -> tuple[Fields, int] | None:
    value = s.number(k, 2)
    if value is None or not 1 <= value <= 31 or not s.closes(k + 1):
        return None
    free = k + 1 >= s.n or not s.words[k + 1].isalpha() or s.words[k + 1] in ("at", "from", "between")
    if s.words[k - 1] == "for":
        return None
    if ("weekday" in have and free) or (not have and s.words[k - 1] == "on" and free):
        return {"dom": value}, k + 1
    return None


def sequence(s: Source, i: int, bare: bool = False) -> tuple[Fields, int] | None:
    """The longest run of parts that make one moment, from token i."""
    have: Fields = {}
    best: tuple[Fields, int] | None = None
    j = i
    for _ in range(8):
        k, allow, dashed = j, bare and not have, False
        while (s.words[k] in _LINKS or (s.words[k] == "before" and have and clock(s, k + 1))) and k - j < 4:
            if s.words[k] in ("in", "this", "the", "by", "from") and have and not _link_ok(s, k):
                break
            allow = allow or s.words[k] in _BARE_AFTER
            dashed = dashed or s.words[k] in ("-", "–")
            if not have and not best and s.words[k] not in _LEADS:
                break
            piece = _piece(s, k, have, allow) if s.words[k] in ("in", "this", "the", "from", "at", "about", "-") else None
            if piece and (s.words[k] != "-" or have):
                break
            k += 1
        found = _piece(s, k, have, allow)
        if not found or (dashed and not _after_dash(s, k, found[0])):
            break
        both = merged(have, found[0])
        if both is None:
            break
        have, j = both, found[1]
        if s.words[j] in APPROXIMATE and s.closes(j + 1) and "clock" in found[0]:
            j += 1
        if s.words[j] == ")" and "(" in s.words[i:j]:
            j += 1
        if s.closes(j) or s.words[j] in ("-", "–", "—", "/"):
            best = (dict(have), j)
    return best


def _after_dash(s: Source, k: int, fields: Fields) -> bool:
    """A dash joins a day with a clear time ("6 jan - 6:37am"), never with a bare number."""
    return "clock_end" in fields or ("clock" in fields and clock(s, k) is not None) or ("dom" in fields and "month" in fields)


def _link_ok(s: Source, k: int) -> bool:
    """Whether "in", "this", "the" or "by" inside a moment leads on to another part of it."""
    word = s.words[k + 1]
    if s.words[k] in ("in", "from") or word[:1].isdecimal() or word in WEEKDAYS or word in MONTHS or word in _LEADS_ON:
        return True
    return bool(part(s, k + 1) or small(s, k + 1) or ordinal(s, k + 1))


def find(s: Source, i: int, bare: bool = False) -> Found | None:
    """A moment or a range of two at token i; leading prepositions belong to it."""
    k, lead = i, ""
    opened = False
    if s.words[i] in APPROXIMATE and not clock(s, i + 1, True) and (s.words[i] == "about" or not day(s, i + 1)):
        return None
    if s.words[i] in _PREPOSITIONS and s.words[i + 1] in _PREPOSITIONS and s.words[i] != "by":
        return None  # "put it in for may 10": only the second belongs to the day
    days_first = _days_from(s, i)
    if days_first:
        return days_first
    if (s.words[i], s.words[i + 1], s.words[i + 2]) == ("no", "later", "than"):
        lead, k = "by", i + 3
    elif (s.words[i], s.words[i + 1]) == ("not", "before"):
        lead, k = "start", i + 2
    while s.words[k] in _LEADS and k - i < 5:
        if s.words[k] in ("from", "between"):
            opened = True
        if s.words[k] in ("in", "the", "this", "at", "from", "between", "about", "around"):
            whole = sequence(s, k, False)
            if whole:
                return _maybe_range(s, i, k, whole, lead or s.words[k], opened)
        lead, k = (lead or s.words[k]), k + 1
    allow = bare or any(word in _BARE_AFTER for word in s.words[i:k])
    first = _open_range(s, k) or (_evening_number(s, k) if k == i or allow or lead == "on" else None) or sequence(s, k, allow)
    if not first and opened:
        first = _open_day(s, k)
    if not first and lead == "on":
        number = _bare_day(s, k, {})
        first = sequence_after(s, number) if number else None
    if not first:
        return None
    return _maybe_range(s, i, k, first, lead, opened)


def sequence_after(s: Source, first: tuple[Fields, int]) -> tuple[Fields, int]:
    """A first part with the time that may follow it ("15 at 8:00")."""
    fields, j = first
    more = sequence(s, j) if s.words[j] in ("at", "@", "from", "between") else None
    both = merged(fields, more[0]) if more else None
    return (both, more[1]) if both is not None and more else first


def _evening_number(s: Source, k: int) -> tuple[Fields, int] | None:
    """9 tomorrow, "10, tonight", seven on 15: a bare hour is one where a day follows it."""
    value = small(s, k) or ((s.number(k, 2) or 0, k + 1) if s.words[k].isdecimal() else None)
    if not value or not 1 <= value[0] <= 24:
        return None
    j = value[1]
    if s.words[j] == "," or (s.words[j] == "on" and s.number(j + 1, 2)):
        j += 1
    if s.words[j] not in ("tomorrow", "tonight", "tmrw", "tmr", "today") and not (s.words[j - 1] == "on" and j > value[1]):
        return None
    hour = clock(s, k, True)
    if not hour:
        return None
    rest = _bare_day(s, j, {}) if s.words[j - 1] == "on" else sequence(s, j)
    both = merged({"clock": hour[0]}, rest[0]) if rest else None
    return (both, rest[1]) if both is not None and rest else None


def _open_range(s: Source, k: int) -> tuple[Fields, int] | None:
    """The first day of "12 to 16 september", "13th - 15th of July", known by the month behind the second."""
    first = _open_day(s, k)
    if not first or s.words[first[1]] not in _JOINERS:
        return None
    second = _open_day(s, first[1] + 1)
    if not second:
        return None
    j = second[1] + 1 if s.words[second[1]] in ("of", "-") else second[1]
    return first if s.words[j] in MONTHS else None


def _open_day(s: Source, k: int) -> tuple[Fields, int] | None:
    """The 13 of "from 13 to 15 July": a day whose month comes later."""
    j = k + 1 if s.words[k] == "the" else k
    found = ordinal(s, j) or ((s.number(j, 2) or 0, j + 1) if s.words[j].isdecimal() else None)
    if not found or not 1 <= found[0] <= 31:
        return None
    end = found[1]
    if s.words[end] == "." and s.glued(end):
        end += 1
    return {"dom": found[0], "open": True}, end


def _maybe_range(s: Source, i: int, k: int, first: tuple[Fields, int], lead: str, opened: bool) -> Found | None:
    fields, j = first
    spread = _days_long(s, j, fields)
    if spread:
        return Found({**fields, "span": spread[0]}, None, i, spread[1], lead)
    second = _second(s, j, fields, opened)
    if second:
        end, stop = second
        a, b = _shared(fields, end)
        if a is not None and b is not None and "clock_end" in b and not a.keys() & {"clock", "part"}:
            # mon-fri 9-5, 1.6.-3.6. 9-17h: the first time belongs to the first day.
            a["clock"], b["clock"] = aligned(b["clock"], b.pop("clock_end"))
        if a is not None and b is not None:
            tail = sequence(s, stop) if s.words[stop] not in ("from", "between") else None
            both = merged(a, tail[0]) if tail and not any(key in _DAY_KEYS for key in tail[0]) else None
            if both is not None and tail:
                return Found(both, b, i, tail[1], lead)
            return Found(a, b, i, stop, lead)
    if "open" in fields:
        return None
    return Found(fields, None, i, j, lead)


def _days_long(s: Source, j: int, fields: Fields) -> tuple[Duration, int] | None:
    """The "for 10 days" after a day; with a time of day it is an estimate instead."""
    if s.words[j] != "for" or "clock" in fields or not fields.keys() & _DAY_KEYS:
        return None
    length = duration(s, j + 1)
    return length if length and length[0].whole_days and s.closes(length[1]) else None


def _days_from(s: Source, i: int) -> Found | None:
    """for 10 days from 18th Dec; for 1 week, from monday."""
    length = duration(s, i + 1) if s.words[i] == "for" else None
    if not length or not length[0].whole_days:
        return None
    j = length[1] + (s.words[length[1]] == ",")
    first = sequence(s, j + 1) if s.words[j] in ("from", "starting") else None
    if not first or "clock" in first[0] or not first[0].keys() & _DAY_KEYS or "exact" in first[0]:
        return None
    return Found({**first[0], "span": length[0]}, None, i, first[1])


def _second(s: Source, j: int, fields: Fields, opened: bool) -> tuple[Fields, int] | None:
    joiner = s.words[j]
    if (joiner not in _JOINERS and not (joiner == "and" and opened)) or "clock_end" in fields:
        return None
    if joiner == "/" and ("year" not in fields or not ("clock" in fields or len(s.words[j + 1]) == 4)):
        return None
    k = j + 1
    if s.words[k] == "the" and not ordinal(s, k + 1):
        k += 1
    if "month" in fields or "open" in fields or "dom" in fields:
        short = _open_day(s, k)
        if short and not s.closes(short[1]) and not s.glued(short[1]):
            short = None
        full = sequence(s, k)
        if full and not ("clock" in full[0] and "clock" not in fields and len(full[0]) == 1):
            return full
        if short and s.closes(short[1]):
            year = _trailing_year(s, short[1])
            inner = {"dom": short[0]["dom"]}
            return ({**inner, "year": year[0]}, year[1]) if year else (inner, short[1])
        return None
    return sequence(s, k, "clock" in fields)


def _trailing_year(s: Source, j: int) -> tuple[int, int] | None:
    k = j + 1 if s.words[j] == "," else j
    value = s.number(k)
    return (value, k + 1) if value and 1900 <= value <= 2999 and len(s.words[k]) == 4 else None


def _shared(a: Fields, b: Fields) -> tuple[Fields | None, Fields | None]:
    """Each end takes from the other what it lacks: month, year, or the whole day."""
    first, last = dict(a), dict(b)
    first.pop("open", None)
    last.pop("open", None)
    day_of_a = {k: v for k, v in first.items() if k in _DAY_KEYS}
    day_of_b = {k: v for k, v in last.items() if k in _DAY_KEYS}
    if "dom" in first and "dom" in last:
        for key in ("month", "year", "period"):
            if key in last and key not in first and not (key == "year" and "month" not in last and "month" not in first):
                first[key] = last[key]
            elif key in first and key not in last and key != "year":
                last[key] = first[key]
                if key == "month" and last["dom"] < first["dom"]:
                    last["month"] = first["month"] % 12 + 1
        return _same_order(first, last)
    if "weekday" in first and last.get("period") and "period" not in first:
        return {**first, "period": last["period"]}, last
    if "clock" in first and "clock" in last:
        if not day_of_b:
            last.update(day_of_a)
        elif not day_of_a and "rel" not in day_of_b:
            first.update(day_of_b)
        return first, last
    if "exact" in first or "exact" in last or (day_of_a and day_of_b):
        return first, last
    return None, None


def _same_order(first: Fields, last: Fields) -> tuple[Fields, Fields]:
    """Both ends of 2/29-3/1 are written in one order: where one can only be month first, so is the other."""
    if "turned" in first and "other" in last:
        last = {**last, "month": last["other"][0], "dom": last["other"][1]}
    elif "turned" in last and "other" in first:
        first = {**first, "month": first["other"][0], "dom": first["other"][1]}
    return first, last


