"""What a recurrence leaves out: except sundays, but not in august, except the 1st, except the last friday of the month.

What an RRULE can say leaves the rule itself. Single days become EXDATEs, and so does a day of one month of every year
("each 2nd monday in march"), for ten years on: an RRULE has no word for it, and RFC 5545 dropped EXRULE."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coach.core.grammar.bounds import Bounds, moment
from coach.core.grammar.holidays import nth_weekday
from coach.core.grammar.numbers import ordinal
from coach.core.grammar.rule import Repeat
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS, WEEKDAYS

_EXCEPTS = frozenset(("except", "excluding", "without", "but"))
_YEARS = 10
_MOST = 31


def excepted(s: Source, i: int, rule: Repeat, tz: ZoneInfo) -> int | None:
    """Reads the exceptions at token i into the rule's bounds; the token after them."""
    if s.words[i] not in _EXCEPTS:
        return None
    j = i + 2 if s.words[i + 1] == "not" else i + 1
    j += s.words[j] in ("for", "on", "in")
    best: int | None = None
    for _ in range(_MOST):
        k = j
        while best and s.words[k] in (",", "and", "or", "&", "in", "on"):
            k += 1
        if best == k:
            break  # the 6 of "except wednesday at 6" is the time of the others
        end = _one(s, k, rule.bounds) or _nth(s, k, rule) or _day(s, k, rule.bounds, tz)
        if not end:
            break
        best = j = end
    return best


def _one(s: Source, k: int, bounds: Bounds) -> int | None:
    """A weekday, the weekend, a month."""
    word = s.words[k]
    plain = word[:-1] if word.endswith("s") and word[:-1] in WEEKDAYS else word
    if word in ("weekend", "weekends"):
        bounds.except_weekdays += [5, 6]
    elif word in ("weekday", "weekdays", "workdays"):
        bounds.except_weekdays += [0, 1, 2, 3, 4]
    elif plain in WEEKDAYS and not s.words[k + 1][:1].isdecimal():
        bounds.except_weekdays.append(WEEKDAYS[plain])
    elif word in MONTHS and not s.words[k + 1][:1].isdecimal():
        bounds.except_months.append(MONTHS[word])
    else:
        return None
    return k + 1


def _nth(s: Source, k: int, rule: Repeat) -> int | None:
    """the 1st, the last day of the month, each 2nd monday in march, the last one."""
    j = k
    while s.words[j] in ("the", "each", "every", "on"):
        j += 1
    found = (-1, j + 1) if s.words[j] == "last" else ordinal(s, j)
    if not found or not -1 <= found[0] <= 31 or s.words[found[1]] in MONTHS:
        return None
    value, j = found
    weekday = WEEKDAYS.get(s.words[j])
    if s.words[j] == "one" and len(rule.byday) == 1:
        weekday = rule.byday[0][1]
    if weekday is None and (value < 0) != (s.words[j] == "day"):
        return None
    j += weekday is not None or s.words[j] == "day"
    month, j = _of(s, j)
    bounds = rule.bounds
    if weekday is None:
        if month or any((day < 0) != (value < 0) for day in bounds.except_monthdays):
            return None
        bounds.except_monthdays.append(value)
    elif month:
        today = s.now.date()
        days = [nth_weekday(today.year + n, month, weekday, value) for n in range(_YEARS + 1)]
        bounds.except_days += [day for day in days if day and day >= today][:_YEARS]
    else:
        bounds.except_nth.append((value, weekday))
    return j


def _of(s: Source, j: int) -> tuple[int, int]:
    """of the month, in march: the month (0 for every one) and the token after it."""
    if s.words[j] not in ("of", "in"):
        return 0, j
    k = j + 1
    while s.words[k] in ("the", "each", "every", "any"):
        k += 1
    if s.words[k] == "month":
        return 0, k + 1
    return (MONTHS[s.words[k]], k + 1) if s.words[k] in MONTHS else (0, j)


def _day(s: Source, k: int, bounds: Bounds, tz: ZoneInfo) -> int | None:
    found = None if s.words[k] in ("each", "every") else moment(s, k, tz)
    if not found:
        return None
    bounds.except_days.append(found[0].end)
    return found[1]


def drop_excepted(rule: Repeat) -> None:
    """Excepted weekdays, months and days of the month leave the rule itself."""
    bounds = rule.bounds
    have = rule.byday or [(0, d) for d in range(7)]
    weekly = rule.freq in ("DAILY", "WEEKLY")
    left = [(n, d) for n, d in have if d not in bounds.except_weekdays]
    if bounds.except_weekdays and left and weekly:
        rule.byday = left
        rule.freq = "WEEKLY" if rule.interval == 1 else rule.freq
    if bounds.except_months:
        rule.bymonth = [m for m in (rule.bymonth or range(1, 13)) if m not in bounds.except_months]
    if bounds.except_nth and weekly and rule.interval == 1:
        rule.freq, rule.byday = "MONTHLY", _without_nth(rule.byday or have, bounds.except_nth)
    elif bounds.except_monthdays and not rule.bymonthday and (rule.freq != "WEEKLY" or rule.interval == 1):
        rule.freq = "DAILY" if rule.freq == "WEEKLY" else rule.freq
        days = range(-31, 0) if bounds.except_monthdays[0] < 0 else range(1, 32)
        rule.bymonthday = [day for day in days if day not in bounds.except_monthdays]


def _without_nth(days: list[tuple[int, int]], dropped: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The weekdays of a month without some of them: mondays but the second are 1MO, 3MO, 4MO and 5MO. Every weekday is
    counted, because dateutil finds no day for a rule that counts only some ("TU,1MO")."""
    left: list[tuple[int, int]] = []
    for _, weekday in days:
        gone = [nth for nth, day in dropped if day == weekday]
        sign = -1 if gone and gone[0] < 0 else 1
        left += [(sign * nth, weekday) for nth in range(1, 6) if sign * nth not in gone]
    return left
