"""Ranges of two times: 3-4pm, 9.30-4.30pm, between 2 and 4pm, 1605-1800; and how each end completes the other."""

from __future__ import annotations

from dataclasses import replace

from coach.core.grammar.clock import APPROXIMATE, Clock, clock, part
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS, POINTS


def clock_range(s: Source, i: int, bare: bool = False) -> tuple[Clock, Clock, int] | None:
    """Two times with to, till, until, and or a dash between: 3-4pm, 9.30-4.30pm, between 2 and 4pm, 1605-1800.

    An open first hour takes the half of the second where it then lies before it, else the other."""
    j = i
    opened = s.words[i] in ("from", "between", "von")
    if opened:
        j += 1
    elif s.words[i] == "later" and s.words[i + 1] == "than":
        opened, j = True, i + 2
    while s.words[j] in APPROXIMATE or s.words[j] == "the":
        j += 1
    loose = bare or opened
    first = clock(s, j, True, relative=False)
    if not first:
        return None
    a, k = first
    if s.words[k] in ("in", "at") and (named := part(s, k + 2 if s.words[k + 1] == "the" else k + 1)):
        a, k = Clock(a.hour24(named[0]) % 24, a.minute, a.second, "24"), named[1]
    joiners = ("to", "till", "til", "until", "untill", "-", "–", "—", "through", "thru", "and", "or", "but", ",")
    if s.words[k] not in joiners or (s.words[k] == "and" and not opened) or (s.words[k] == "or" and not bare):
        return None
    if s.words[k] in ("but", ",") and (s.words[k + 1] if s.words[k] == "but" else s.words[k + 2]) != "before":
        return None
    k += {"but": 2, ",": 3}.get(s.words[k], 1)
    second = clock(s, k, True, relative=False)
    if not second or _month_follows(s, second[1]):
        return None
    b, end = second
    if s.words[k - 1] == "to" and k == j + 2 and not opened and _counts_minutes(s, j, k, b):
        return None
    if not loose and not _clear(s, j, a) and not _clear(s, k, b):
        return None
    dashed = s.words[k - 1] in ("-", "–", "—")
    if not loose and dashed and not (_clear(s, j, a) or b.half in ("am", "pm") or a.minute or b.minute
                                      or (_clear(s, k, b) and a.hour >= 7)):
        return None
    return a, b, end


def _counts_minutes(s: Source, j: int, k: int, b: Clock) -> bool:
    """Whether the number before "to" counts minutes: 15 to noon, 20 to 6 pm, ten to four."""
    if s.words[j].isdecimal():
        return 12 < int(s.words[j]) < 60 and (s.words[k] in POINTS or b.half in ("am", "pm"))
    return s.words[j] in ("five", "ten", "twenty") and clock(s, j) is not None


def _month_follows(s: Source, j: int) -> bool:
    """13 to 15 July, 13 to 15 of July: days, not hours."""
    k = j + 1 if s.words[j] in ("of", ".", "-") else j
    return s.words[k] in MONTHS or (s.words[k] in ("st", "nd", "rd", "th") and s.glued(k))


def _clear(s: Source, i: int, value: Clock) -> bool:
    """Whether the text of a clock alone says that it is one."""
    return clock(s, i) is not None


def aligned(a: Clock, b: Clock, name: str | None = None) -> tuple[Clock, Clock]:
    """The two times of a range; what one leaves open it takes from the other, or from the part of the day `name`."""
    if name:
        a, b = (replace(c, hour=c.hour24(name) % 24, half="24") if c.half == "" else c for c in (a, b))
    if b.half == "" and (a.half in ("am", "pm", "24") or a.hour > 12) and b.hour <= 12:
        start = a.hour24() * 60 + a.minute
        for half in ("am", "pm"):
            trial = replace(b, half=half)
            if trial.hour24() * 60 + trial.minute > start:
                return a, trial
        return a, replace(b, half="am")  # 23:00-1:00 ends in the night that follows
    if a.half == "" and b.half in ("am", "pm") and a.hour <= 12:
        end = b.hour24() * 60 + b.minute
        for half in (b.half, "am"):
            trial = replace(a, half=half)
            if trial.hour24() * 60 + trial.minute < end:
                return trial, b
    if a.half == "" == b.half and a.hour <= 12 and b.hour <= 12:
        later = b.hour24() * 60 + b.minute <= a.hour24() * 60 + a.minute
        if later and b.hour < 12:
            return a, replace(b, half="pm")
    if a.zone_min is None and b.zone_min is not None:
        a = replace(a, zone_min=b.zone_min)
    return a, b
