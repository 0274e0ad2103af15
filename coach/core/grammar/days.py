"""Any day: today, friday, christmas, now, and whatever `dates`, `numeric` and `relative` read.

Each rule reads the words at one place and returns the fields it found, which `moments` merges and `readings` resolves."""

from __future__ import annotations

from coach.core.grammar.dates import NEXT, THIS, Fields, Found, ends_phrase, month_first, number_first, written_year
from coach.core.grammar.durations import Duration
from coach.core.grammar.holidays import FIRST_WORDS, LONGEST, NAMES
from coach.core.grammar.numeric import numeric
from coach.core.grammar.relative import (
    RELATIVE_DAYS,
    START_WORDS,
    counted,
    edge_of,
    from_anchor,
    in_a_while,
    nearest,
    next_day,
    quarter,
    signed,
    week,
)
from coach.core.grammar.tokens import BARRIER, Source
from coach.core.grammar.vocabulary import DAY, MONTH, MONTHS, ORDINALS, WEEK, WEEKDAYS, YEAR, spelled

EDGE_WORDS = {
    "eow": ("end", WEEK), "eom": ("end", MONTH), "eoq": ("end", "quarter"), "eoy": ("end", YEAR),
    "sod": ("start", DAY), "sow": ("start", WEEK), "som": ("start", MONTH), "soq": ("start", "quarter"), "soy": ("start", YEAR),
    "eoww": ("end", "workweek"), "soww": ("start", "workweek"), "eocw": ("end", WEEK), "socw": ("start", WEEK),
}
_NOW = (("right", "now"), ("just", "now"), ("now",), ("atm",), ("asap",), ("as", "soon", "as", "possible"),
        ("at", "this", "time"), ("at", "the", "present", "time"), ("at", "the", "moment"))
_NO_WEEKDAY_AFTER = frozenset(("the", "a", "i", "he", "she", "it", "we", "they", "who", "that", "to", "get", "got"))
_BEFORE_A_NAME = frozenset("with to from and or call ask email meet tell for by see help text ping about".split())
_AFTER_THE = NEXT | THIS | START_WORDS | frozenset(
    "middle mid end week weekend month eod eom eow min minute closest nearest".split())


def day(s: Source, i: int, inside: bool = False) -> Found:
    """A day expression at token i. `inside`: other parts of the moment were read already, so less is ambiguous."""
    word = s.words[i]
    if not word or word == "\0":
        return None
    if word[0].isdecimal():
        return numeric(s, i) or quarter(s, i) or number_first(s, i, inside) or counted(s, i, day)
    if word == "+" and s.glued(i + 1):
        return signed(s, i)
    found = _worded(s, i, spelled(word), inside) or _named(s, i)
    return found or number_first(s, i, inside) or counted(s, i, day)


def _worded(s: Source, i: int, word: str, inside: bool = False) -> Found:
    if word == "the" or word == "this":
        pair = s.words[i + 1]
        if word == "the" and pair in _AFTER_THE:
            return _the(s, i)
    if word == "tom" and ((i and s.words[i - 1] in _BEFORE_A_NAME) or s.text[s.starts[i]].isupper()):
        return None
    if word in RELATIVE_DAYS:
        fields: Fields = {"rel": RELATIVE_DAYS[word]}
        if word in ("today", "tomorrow") and s.words[i + 1] == "week" and ends_phrase(s, i + 2):
            return {"rel": RELATIVE_DAYS[word] + 7}, i + 2
        if word in ("tonight", "tonite"):
            fields["part"] = "tonight"
        return fields, i + 1
    if word == "late" and s.words[i + 1] in ("tonight", "tonite"):
        return {"rel": 0, "part": "late evening"}, i + 2
    if word == "the" and s.words[i + 1] == "day" and s.words[i - 1] == "for" and not inside and _ends_text(s, i + 2):
        return {"rel": 0}, i + 2
    if word in ("day", "the"):
        j = i + (word == "the")
        if s.words[j] == "day" and s.words[j + 1] in ("after", "before"):
            sign = 1 if s.words[j + 1] == "after" else -1
            if s.words[j + 2] in RELATIVE_DAYS:
                return {"rel": RELATIVE_DAYS[s.words[j + 2]] + sign}, j + 3
            return from_anchor(s, Duration(days=1), j + 1, day)
    if word in ("rest", "all") and s.words[i + 1 if word == "all" else i + 3] in ("week", "month", "year"):
        j = i + 1 if word == "all" else i + 3
        if word == "all" or (s.words[i + 1] == "of" and s.words[i + 2] in ("the", "this")):
            return {"period": (s.words[j], 0)}, j + 1
    if word in EDGE_WORDS:
        edge, unit = EDGE_WORDS[word]
        return {"edge": (edge, unit, 0)}, i + 1
    if word == "atm" and s.text[s.starts[i]] == "A":
        return None  # a cash machine
    if word == "now" and (s.words[i + 1], s.words[i + 2]) in (("and", "then"), ("or", "never")):
        return None
    for words in _NOW:
        if word == words[0] and tuple(s.words[i:i + len(words)]) == words:
            return {"exact": Duration()}, i + len(words)
    if word in WEEKDAYS:
        return _weekday(s, i, WEEKDAYS[word])
    if word in MONTHS:
        return month_first(s, i, MONTHS[word])
    if word in NEXT or word in THIS or word == "last":
        return next_day(s, i)
    if word in ("in", "within", "after", "over"):
        return in_a_while(s, i, day)
    if word in ("end", "late", "early", "later", "mid", "middle") or word in START_WORDS:
        return edge_of(s, i)
    if word in ("week", "w", "wk", "weekend") or (word == "month" and s.words[i + 1] == "after"):
        return week(s, i, day)
    if word in ("closest", "nearest"):
        return nearest(s, i, day)
    return quarter(s, i)


def _ends_text(s: Source, j: int) -> bool:
    """Whether only punctuation follows: "plan for the day" is today's, "rent a car for the day on friday" is not."""
    return j >= s.n or (not s.words[j].isalnum() and s.words[j] != BARRIER and j + 1 >= s.n)


def _the(s: Source, i: int) -> Found:
    if s.words[i + 1] in ("min", "minute") and s.words[i + 2] in ("after", "before"):
        return {"exact": Duration(seconds=60 if s.words[i + 2] == "after" else -60)}, i + 3
    if s.words[i + 1] == "weekend":
        return week(s, i + 1, day) or ({"period": ("weekend", 0)}, i + 2)
    found = _worded(s, i + 1, s.words[i + 1])
    if found and s.words[i + 1] == "eom":
        # "eom" is a point, "the EOM" the end of the month.
        found[0]["vague"] = True
    return found


def _range_to(s: Source, i: int) -> bool:
    """Whether "to" follows a weekday or a time: "mon to wed" is a range, "ann is to wed" is not."""
    before = s.words[i - 1]
    return s.words[i] == "to" and i > 0 and (before in WEEKDAYS or before in ("am", "pm") or before.isdecimal())


_LEADS_A_NAME = frozenset("on by before after until till from since at before due next this following coming of".split())
_AFTER_A_FEAST = NEXT | THIS | frozenset("of or and be as or but when because the a i we he she they you my our his her".split())
_COMPOUNDS = {
    "sun": frozenset(
        "cream creams screen lotion protection hat hats block bed beds roof glasses tan lamp dress room shade tzu".split()),
    "sat": frozenset("nav navs prep test tests exam exams score scores phone dish".split()),
    "mon": frozenset("ami amie amis cher".split()),
}
"""Words that make something else of a weekday's short name."""


def _weekday(s: Source, i: int, weekday: int) -> Found:
    if s.words[i + 1] in _COMPOUNDS.get(s.words[i], ()) or (i and f"{s.words[i - 1]} {s.words[i]}" in NAMES):
        return None
    if s.words[i] in ("sat", "sun", "wed") and i and s.words[i - 1] in _NO_WEEKDAY_AFTER and not _range_to(s, i - 1):
        return None
    if s.words[i + 1] == "of" and i and (s.words[i - 1] in ORDINALS or s.words[i - 1] in ("st", "nd", "rd", "th")):
        return None  # the rest of "2nd and 4th thu of aug", which is no single day
    j = i + 1
    if s.words[j] == "." and s.glued(j) and len(s.words[i]) <= 5 and not s.glued(j + 1):
        j += 1
    if s.words[j] == "after" and s.words[j + 1] == "next":
        return {"weekday": weekday, "weeks": 1}, j + 2
    weeks = {"week": 1, "fortnight": 2}.get(s.words[j], 0)
    if weeks and ends_phrase(s, j + 1) and not s.glued(j):
        return {"weekday": weekday, "weeks": weeks}, j + 1
    return {"weekday": weekday}, j


def _adjective(s: Source, j: int) -> bool:
    """Whether a noun follows a feast: christmas shopping, easter eggs, black friday deals."""
    word = s.words[j]
    return word.isalpha() and not (ends_phrase(s, j) or word in _AFTER_A_FEAST or word in WEEKDAYS or word in RELATIVE_DAYS)


def _named(s: Source, i: int) -> Found:
    """A holiday, perhaps with a year."""
    j = i
    while s.words[j] in ("next", "following", "this", "the", "coming"):
        j += 1
    if s.words[j] not in FIRST_WORDS:
        return None
    words = s.words[j:j + LONGEST + 1]
    dotted = words[:2] == ["st", "."]
    if dotted:
        del words[1]
    for length in range(LONGEST, 0, -1):
        name = " ".join(words[:length])
        if name in NAMES:
            end = j + length + dotted
            if j == i and not s.anchored and s.words[i - 1] not in _LEADS_A_NAME and _adjective(s, end):
                return None
            fields: Fields = {"holiday": name}
            year = written_year(s, end)
            if year:
                fields["year"], end = year
            return fields, end
    return None
