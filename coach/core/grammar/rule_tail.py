"""What may follow the core of a recurrence: at 9:30, on mon and fri, on december 25th, in week 12."""

from __future__ import annotations

from coach.core.grammar.clock import Clock, clock, part
from coach.core.grammar.clock_ranges import aligned, clock_range
from coach.core.grammar.day_lists import JOINERS, TO, month_days, of_month, ordinals, weekdays
from coach.core.grammar.rule import Repeat
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS

STEP_MIN = {"MINUTELY": 1, "HOURLY": 60}
_MOST_TIMES = 48


def time_of_day(s: Source, j: int, rule: Repeat) -> int | None:
    if rule.clock is not None:
        return None
    k, led = j, False
    while s.words[k] in ("at", "@", "around", "about", ",", "by"):
        led, k = led or s.words[k] != ",", k + 1
    if s.words[k] == "between" or s.words[k] == "from":
        led = True
    span = clock_range(s, k, led)
    if span and s.closes(span[2]):
        if rule.freq in STEP_MIN:
            return span[2] if _each_step(rule, span[0], span[1]) else None
        rule.clock, rule.clock_end = span[0], span[1]
        return span[2]
    if s.words[k] == "in" and s.words[k + 1] == "the" and (named := part(s, k + 2)):
        rule.part = named[0]
        return named[1]
    single = clock(s, k, led)
    if single and (several := _several(s, single[1], [single[0]], rule)):
        return several
    if single and s.closes(single[1]):
        rule.clock = single[0]
        return single[1]
    named = part(s, k) if rule.part is None and rule.freq in ("DAILY", "WEEKLY") else None
    if named and s.closes(named[1]):
        rule.part = named[0]
        return named[1]
    return None


def _several(s: Source, j: int, clocks: list[Clock], rule: Repeat) -> int | None:
    """9am and 5pm; 9, 13 and 17: the times after the first, where one rule can say them all."""
    best: int | None = None
    for _ in range(_MOST_TIMES):
        k = j
        while s.words[k] in JOINERS or (k > j and s.words[k] == "at"):
            k += 1
        found = clock(s, k, True) if k > j else None
        if not found:
            break
        clocks, j = [*clocks, found[0]], found[1]
        if s.closes(j):
            best = j
            times = list(clocks)
    if best is None or not _sayable(rule, times):
        return None
    rule.clock, rule.times = min(times, key=lambda c: (c.hour24(rule.part), c.minute)), times
    return best


def times_first(s: Source, i: int) -> tuple[list[Clock], int] | None:
    """8am and 8pm, before the recurrence: times of the same minute, which every rule of days can say."""
    first = clock(s, i, True)
    if not first:
        return None
    rule = Repeat("DAILY")
    end = _several(s, first[1], [first[0]], rule)
    same = len({time.minute for time in rule.times}) == 1
    return (sorted(rule.times, key=Clock.hour24), end) if end and same else None


def _sayable(rule: Repeat, times: list[Clock]) -> bool:
    """Whether an RRULE can name these times: times of unlike minutes need a day by itself, which BYSETPOS counts in."""
    if any(time.zone_min is not None or time.hour24(rule.part) > 23 for time in times) or rule.bysetpos:
        return False
    if len({time.minute for time in times}) == 1:
        return rule.freq not in STEP_MIN
    if rule.freq == "WEEKLY" and rule.interval == 1 and rule.byday:
        rule.freq = "DAILY"
    return rule.freq == "DAILY"


def _each_step(rule: Repeat, first: Clock, last: Clock) -> bool:
    """Every 2 hours from 9 to 17: the times of a day, which a rule below a day would lose from one day to the next."""
    first, last = aligned(first, last)
    begin, end = first.hour24() * 60 + first.minute, last.hour24() * 60 + last.minute
    at = range(begin, end + 1, STEP_MIN[rule.freq] * rule.interval)
    if not 1 < len(at) <= _MOST_TIMES or end >= 1440:
        return False
    rule.freq, rule.interval = "DAILY", 1
    rule.times = [Clock(minute // 60, minute % 60, half="24") for minute in at]
    rule.clock = rule.times[0]
    return True


def on_days(s: Source, j: int, rule: Repeat) -> int | None:
    """on mon and fri, on the 1st day, on december 25th, on the fourth thursday in november, in week 12, at the start."""
    if not rule.bymonth and rule.freq in ("DAILY", "WEEKLY") and s.words[j] in ("in", "during") and s.words[j + 1] in MONTHS:
        return in_months(s, j + 1, rule)
    if rule.freq == "WEEKLY" and rule.byday and s.words[j] == "the":
        return _thirteenth(s, j, rule)
    if not rule.plain:
        return in_weeks(s, j, rule)
    if rule.freq == "DAILY" and rule.interval == 1 and s.words[j] == "from" and s.words[j + 2] in TO:
        days, end = weekdays(s, j + 1)
        if len(days) > 1:
            rule.freq, rule.byday = "WEEKLY", [(0, d) for d in days]
            return end
    k = j + 1 if s.words[j] in ("on", "in", "at") else j
    led = k > j
    if rule.freq == "WEEKLY" or led:
        days, end = weekdays(s, k)
        if days and rule.freq in ("WEEKLY", "MONTHLY", "DAILY", "YEARLY"):
            rule.byday = [(0, d) for d in days]
            return end
    if not led or rule.freq not in ("MONTHLY", "YEARLY"):
        return None
    m = k + 1 if s.words[k] == "the" else k
    if rule.freq == "MONTHLY" and s.words[m] in ("begin", "beginning", "start", "end"):
        rule.bymonthday = [-1 if s.words[m] == "end" else 1]
        return m + 1
    if s.words[m] in MONTHS:
        found = month_days(s, m, rule)
        return found[1] if found else None
    if s.words[m] == "day" and s.number(m + 1, 3):
        values = [int(s.words[m + 1])]
        rule.byyearday, rule.bymonthday = (values, []) if rule.freq == "YEARLY" else ([], values)
        return m + 2
    number = s.number(k, 2)
    if number and number < 32 and s.words[k + 1] in MONTHS:
        rule.bymonth, rule.bymonthday = [MONTHS[s.words[k + 1]]], [number]
        return k + 2
    nth = ordinals(s, k)
    return _on_nth(s, rule, *nth) if nth else None


def _thirteenth(s: Source, j: int, rule: Repeat) -> int | None:
    """every friday the 13th."""
    nth = ordinals(s, j + 1)
    if not nth or rule.interval > 1 or not all(0 < day < 32 for day in nth[0]) or not s.closes(nth[1]):
        return None
    rule.freq, rule.bymonthday = "MONTHLY", nth[0]
    return nth[1]


def _on_nth(s: Source, rule: Repeat, values: list[int], k: int) -> int | None:
    instance = s.words[k] in ("instance", "instances") and s.words[k + 1] == "of"
    days, end = weekdays(s, k + 2 if instance else k)
    if days and instance:
        rule.byday, rule.bysetpos = [(0, d) for d in days], values
        return end
    if days:
        rule.byday = [(v, d) for v in values for d in days]
        yearly = rule.freq == "YEARLY"
        stop = of_month(s, end, rule)
        if yearly:
            rule.freq = "YEARLY"
        return stop
    end = k + 1 if s.words[k] == "day" else k
    if rule.freq == "YEARLY":
        rule.byyearday = values
        stop = of_month(s, end, rule)
        if rule.bymonth:
            rule.bymonthday, rule.byyearday = values, []
        return stop
    rule.bymonthday = values
    return of_month(s, end, rule)


def in_months(s: Source, j: int, rule: Repeat) -> int | None:
    """daily in june; every friday in july and august; a day or a year behind the month makes it a date."""
    months: list[int] = []
    while s.words[j] in MONTHS:
        months.append(MONTHS[s.words[j]])
        if s.words[j + 1][:1].isdecimal() and not clock(s, j + 1):
            return None
        j += 2 if s.words[j + 1] in JOINERS and s.words[j + 2] in MONTHS else 1
    rule.bymonth = sorted(months)
    return j


def in_weeks(s: Source, j: int, rule: Repeat) -> int | None:
    if rule.freq != "WEEKLY" or s.words[j] != "in" or s.words[j + 1] not in ("week", "weeks"):
        return None
    weeks: list[int] = []
    k = j + 2
    while True:
        m = k + 1 if s.words[k] in JOINERS and weeks else k
        value = s.number(m, 2)
        if not value or value > 53:
            break
        weeks, k = [*weeks, value], m + 1
    if not weeks:
        return None
    rule.freq, rule.byweekno = "YEARLY", weeks
    return k
