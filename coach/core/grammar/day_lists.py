"""Lists of days inside a recurrence: mon, wed and fri; 1st and 15th; first and last; of every 3 months; aug 20 and 30."""

from __future__ import annotations

from coach.core.grammar.numbers import cardinal, ordinal
from coach.core.grammar.rule import Repeat
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS, WEEKDAYS, spelled

_LONGEST_LIST = 31
"""A list of days is no longer, so that no text takes quadratic time."""
JOINERS = frozenset((",", "and", "&"))
TO = frozenset(("-", "–", "through", "thru", "to"))
_BETWEEN = JOINERS | TO | {"/"}
_CODES = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6}
"""Two letters name a day in a list of such ("every mo, we, fr"); alone they are other words."""
_WORKDAYS = frozenset(("weekday", "weekdays", "workday", "workdays"))
PLURALS = {name + "s": day for name, day in WEEKDAYS.items()} | {"tues": 1}


def weekdays(s: Source, i: int) -> tuple[list[int], int]:
    """A list of weekdays: mon, wed and fri; tuesday-saturday; weekdays; weekends."""
    days: list[int] = []
    coded = s.words[i] in _CODES and s.words[i + 1] in _BETWEEN and (s.words[i + 2] in _CODES or s.words[i + 3] in _CODES)
    j = i
    for _ in range(_LONGEST_LIST):
        k = j
        while (s.words[k] in JOINERS or s.words[k] == "/") and days:
            k += 1
        if s.words[k] in ("business", "working", "work") and s.words[k + 1] in ("day", "days"):
            more, k = [0, 1, 2, 3, 4], k + 2
        elif s.words[k] in _WORKDAYS:
            more, k = [0, 1, 2, 3, 4], k + 1
        elif s.words[k] in ("weekend", "weekends"):
            more, k = [5, 6], k + 1
        else:
            one = _CODES.get(s.words[k]) if coded else weekday_named(s.words[k])
            if one is None:
                return days, j
            more, k = [one], k + 1
            if s.words[k] == "." and s.glued(k) and s.glued(k + 1) is False and k + 1 < s.n and s.words[k + 1] in JOINERS:
                k += 1
            ends = s.words[k + 1] if s.words[k] in TO else ""
            last = _CODES.get(ends) if coded else weekday_named(ends)
            if last is not None:
                more = [(one + n) % 7 for n in range((last - one) % 7 + 1)]
                k += 2
        days += [d for d in more if d not in days]
        j = k
    return days, j


def weekday_named(word: str) -> int | None:
    word = spelled(word)
    found = WEEKDAYS.get(word)
    return found if found is not None else PLURALS.get(word)


def ordinals(s: Source, i: int) -> tuple[list[int], int] | None:
    """1st; 4th and 10th; last; first and last; 2nd to the last; second last."""
    values: list[int] = []
    j = i
    for _ in range(_LONGEST_LIST):
        k = j
        while s.words[k] in JOINERS and values:
            k += 1
        if s.words[k] == "the":
            k += 1
        if s.words[k] == "last":
            values, j = [*values, -1], k + 1
            continue
        one = ordinal(s, k)
        if not one or one[0] < 1:
            return (values, j) if values else None
        value, k = one
        if s.words[k] == "to" and "last" in (s.words[k + 1], s.words[k + 2]):
            value, k = -value, k + (2 if s.words[k + 1] == "last" else 3)
        elif s.words[k] == "last":
            value, k = -value, k + 1
        values, j = [*values, value], k
    return (values, j) if values else None


def of_month(s: Source, j: int, rule: Repeat) -> int:
    """of the month, of every 3 months, of aug, in november: where it ends; sets month and frequency."""
    if s.words[j] not in ("of", "in") and s.words[j] not in MONTHS:
        return j
    k = j + 1 if s.words[j] in ("of", "in") else j
    while s.words[k] in ("the", "each", "every", "any"):
        k += 1
    months: list[int] = []
    end = k
    while s.words[end] in MONTHS or (months and s.words[end] in JOINERS and s.words[end + 1] in MONTHS):
        if s.words[end] in MONTHS:
            months.append(MONTHS[s.words[end]])
        end += 1
    if months:
        rule.freq, rule.bymonth = "YEARLY", months
        return end
    if s.words[k] == "other" and s.words[k + 1] in ("month", "year"):
        rule.interval, k = 2, k + 1
    count = cardinal(s, k)
    if count and s.words[count[1]] in ("months", "month", "years"):
        rule.interval, k = count[0], count[1]
    if s.words[k] in ("month", "months"):
        rule.freq = "MONTHLY"
        return k + 1
    if s.words[k] in ("year", "years"):
        rule.freq = "YEARLY"
        if rule.bymonthday:
            rule.byyearday, rule.bymonthday = rule.bymonthday, []
        return k + 1
    return j


def month_days(s: Source, i: int, rule: Repeat) -> tuple[Repeat, int] | None:
    """july 4th, aug 20 and 30, january, april and october."""
    month = MONTHS[s.words[i]]
    rule.freq, rule.bymonth = "YEARLY", [month]
    j = i + 1
    while (s.words[j], s.words[j + 1]) != (",", "and") and s.words[j] in JOINERS and s.words[j + 1] in MONTHS:
        rule.bymonth.append(MONTHS[s.words[j + 1]])
        j += 2
    while True:
        k = j
        while (s.words[k] in JOINERS and rule.bymonthday) or s.words[k] == "the":
            k += 1
        one = ordinal(s, k) or ((s.number(k, 2) or 0, k + 1) if s.words[k].isdecimal() else None)
        if not one or not 1 <= one[0] <= 31 or s.words[one[1]] in (":", "am", "pm"):
            return rule, j
        rule.bymonthday.append(one[0])
        j = one[1]
