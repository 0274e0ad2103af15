"""Recurrence: every 3 days, ev mon, wed 7am, weekly on fridays, the 4th of every month; with bounds and exceptions.

"every" counts from the schedule, "every!" from completion. "monthly report" is text: the adverb must stand by itself."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo

from coach.core.grammar.bounds import bound
from coach.core.grammar.clock import part
from coach.core.grammar.day_lists import JOINERS, PLURALS, month_days, of_month, ordinals, weekdays
from coach.core.grammar.durations import duration
from coach.core.grammar.exceptions import drop_excepted, excepted
from coach.core.grammar.holidays import FIRST_WORDS, FIXED, LONGEST, NTH
from coach.core.grammar.numbers import cardinal, ordinal
from coach.core.grammar.rule import WEEKEND, WORKDAYS, Repeat, never
from coach.core.grammar.rule_tail import STEP_MIN, on_days, time_of_day, times_first
from coach.core.grammar.tokens import BARRIER, Source
from coach.core.grammar.vocabulary import BUSINESS_DAY, CARDINALS, MONTHS, UNITS, WEEKDAYS

EVERY = frozenset(("every", "each", "ev"))
FREQUENCY = {"second": "SECONDLY", "minute": "MINUTELY", "hour": "HOURLY", "day": "DAILY", "week": "WEEKLY", "month": "MONTHLY",
              "year": "YEARLY"}
WORKDAY_WORDS = frozenset(("workday", "workdays", "weekday", "business", "working", "work"))
_MOST_PAIRS = 8
_ADVERBS = {
    "hourly": ("HOURLY", 1), "daily": ("DAILY", 1), "everyday": ("DAILY", 1), "nightly": ("DAILY", 1), "weekly": ("WEEKLY", 1),
    "biweekly": ("WEEKLY", 2), "fortnightly": ("WEEKLY", 2), "monthly": ("MONTHLY", 1), "bimonthly": ("MONTHLY", 2),
    "quarterly": ("MONTHLY", 3), "semiannually": ("MONTHLY", 6), "yearly": ("YEARLY", 1), "annually": ("YEARLY", 1),
    "biannually": ("MONTHLY", 6), "biennially": ("YEARLY", 2),
}
_TASKWARRIOR = {
    "fortnight": ("WEEKLY", 2), "sennight": ("WEEKLY", 1), "semiannual": ("MONTHLY", 6), "annual": ("YEARLY", 1),
    "biannual": ("YEARLY", 2), "biyearly": ("YEARLY", 2), "biennial": ("YEARLY", 2),
}
_ONE_WEEK = frozenset(("this", "next", "last", "coming", "past", "first", "second", "third", "fourth", "both", "between"))
"""Before two weekdays, these mean the days of one week, or of a month."""
_HALVES = {"hour": ("MINUTELY", 30), "day": ("HOURLY", 12), "year": ("MONTHLY", 6)}
_AFTER_ADVERB = frozenset(
    "at on for until till ending starting from beginning except excluding but in by with would will should is are and or to "
    "if so because when every this next before after please twice".split()
)


def repeat(s: Source, i: int, tz: ZoneInfo) -> tuple[Repeat, int] | None:
    """A recurrence at token i. With i = -1 the whole text is one, as in Taskwarrior's `recur:`."""
    if i < 0:
        return _attribute(s, tz)
    word = s.words[i]
    if word in ("starting", "from", "beginning") and s.words[i + 1] != "of":
        return _bound_first(s, i, tz)
    k = i + 1 if word in ("on", "at") else i
    timed = times_first(s, k)
    if timed and (later := _core(s, timed[1])) and later[0].freq not in STEP_MIN:
        later[0].clock, later[0].times = timed[0][0], timed[0]
        return _modified(s, *later, tz)
    core = _core(s, k)
    if not core or not (s.closes(core[1]) or s.words[core[1]] == "-"):
        return None
    return _modified(s, *core, tz)


def _bound_first(s: Source, i: int, tz: ZoneInfo) -> tuple[Repeat, int] | None:
    """starting next tuesday on the 4th of each month."""
    for k in range(i + 2, min(i + 8, s.n)):
        later = _core(s, k + 1) if s.words[k] in ("on", ",") else _core(s, k) if s.words[k] in EVERY | _ADVERBS.keys() else None
        if not later:
            continue
        cut, s.words[k] = s.words[k], BARRIER
        end = bound(s, i, later[0].bounds, tz)
        s.words[k] = cut
        if end == k:
            return _modified(s, *later, tz)
    return None


def _attribute(s: Source, tz: ZoneInfo) -> tuple[Repeat, int] | None:
    word = s.words[0]
    if word == "freq":
        return _literal(s)
    if word in _TASKWARRIOR or word in _ADVERBS:
        freq, interval = (_TASKWARRIOR | _ADVERBS)[word]
        return Repeat(freq, interval), 1
    if word in ("weekdays", "weekday"):
        return Repeat("WEEKLY", byday=list(WORKDAYS)), 1
    core = _core(s, 0) or _every(s, 0, Repeat())
    if core and s.closes(core[1]):
        return core
    length = duration(s, 0)
    if not length or not s.closes(length[1]):
        return None
    span = length[0]
    if span.months:
        return Repeat("MONTHLY", span.months) if span.months % 12 else Repeat("YEARLY", span.months // 12), length[1]
    if span.days:
        return Repeat("DAILY", span.days) if span.days % 7 else Repeat("WEEKLY", span.days // 7), length[1]
    minutes = int(span.seconds // 60)
    if not minutes:
        return None
    return Repeat("MINUTELY", minutes) if minutes % 60 else Repeat("HOURLY", minutes // 60), length[1]


def _literal(s: Source) -> tuple[Repeat, int] | None:
    """An RRULE as it stands: FREQ=WEEKLY;BYDAY=MO, with EXDATE after a bar; an exclamation mark counts from completion."""
    text = s.text.split(maxsplit=1)[0]
    rule = text.removesuffix("!").upper().replace("|", "\n")
    freq = rule.split("\n")[0].split(";")[0].removeprefix("FREQ=")
    if freq not in FREQUENCY.values():
        return None
    j = 0
    while j < s.n and s.ends[j] <= len(text):
        j += 1
    return Repeat(freq, completion=text.endswith("!"), literal=rule), j


def _core(s: Source, i: int) -> tuple[Repeat, int] | None:
    word = s.words[i]
    if word in EVERY:
        j, completion = i + 1, False
        if s.words[j] == "!" and s.glued(j):
            j, completion = j + 1, True
        if s.words[j] == "single":
            j += 1
        return _every(s, j, Repeat(completion=completion))
    if word == "bi" and s.words[i + 1] == "-" and s.words[i + 2] in ("weekly", "monthly"):
        found = _core(s, i + 2)
        if found:
            found[0].interval = 2
        return found
    if word in _ADVERBS:
        if not _stands(s, i):
            return None
        freq, interval = _ADVERBS[word]
        rule = Repeat(freq, interval, part="night" if word == "nightly" else None)
        return rule, i + 1 + (s.words[i + 1] == "!" and s.glued(i + 1) and s.closes(i + 2))
    if word == "once" and s.words[i + 1] in EVERY:
        return _core(s, i + 1)
    if word == "once" and s.words[i + 1] in ("a", "per") and s.words[i + 2] in ("day", "week", "month", "year"):
        after = s.words[i + 3]
        complete = i + 3 >= s.n or after in ("on", "at", "in", "starting", "until")
        return (Repeat(FREQUENCY[s.words[i + 2]]), i + 3) if complete else None
    if word in ("weekends", "weekdays", "workdays") or _plural(s, i) or _listed(s, i):
        return _days_alone(s, i)
    return _of_each(s, i)


def _listed(s: Source, i: int) -> bool:
    """mon/wed/fri, mon wed fri, tue and thu: three or more weekdays repeat, and two with "and" between them, unless they are
    days in a row; two side by side may be a choice. A task has one due time: no other reading keeps both days."""
    if s.words[i] not in WEEKDAYS:
        return False
    if s.words[i + 1] == "/" == s.words[i + 3] and all(s.words[k] in WEEKDAYS for k in (i, i + 2, i + 4)):
        return True
    days, end = weekdays(s, i)
    joined = s.words[i + 1] in ("and", "&") and end == i + 3 and s.words[i - 1] not in _ONE_WEEK
    return len(days) > (1 if joined else 2) and "-" not in s.words[i:end] and sum((b - a) % 7 != 1 for a, b in pairwise(days)) > 0


def _plural(s: Source, i: int) -> bool:
    word = s.words[i]
    if i and (s.words[i - 1].isdecimal() or s.words[i - 1] in CARDINALS):
        return False
    return word in PLURALS and word not in WEEKDAYS and s.words[i + 1] != "from"


def _stands(s: Source, i: int) -> bool:
    """Whether a frequency adverb stands by itself and is no adjective ("monthly report")."""
    if i and s.words[i - 1] in ("twice", "thrice", "the", "a", "my", "our", "times", "three", "two"):
        return False
    after = s.words[i + 1]
    if i + 1 >= s.n or after == BARRIER or after in _AFTER_ADVERB or after in WEEKDAYS or after in PLURALS:
        return True
    return after[:1].isdecimal() or (not after.isalnum() and s.closes(i + 1)) or after in ("!", "noon", "midnight", "morning")


def _days_alone(s: Source, i: int) -> tuple[Repeat, int] | None:
    word = s.words[i]
    if word == "weekends":
        return Repeat("WEEKLY", byday=list(WEEKEND)), i + 1
    if word in ("weekdays", "workdays"):
        return Repeat("WEEKLY", byday=list(WORKDAYS)), i + 1
    days, j = weekdays(s, i)
    return (Repeat("WEEKLY", byday=[(0, d) for d in days]), j) if days else None


def _every(s: Source, i: int, rule: Repeat) -> tuple[Repeat, int] | None:
    """What follows "every"."""
    word = s.words[i]
    if word in ("other", "alternate"):
        rule.interval = 2
        return _unit(s, i + 1, rule)
    if word in MONTHS:
        return month_days(s, i, rule)
    feast = _feast(s, i, rule)
    if feast:
        return feast
    nth = ordinals(s, i)
    if nth:
        return _every_nth(s, i, rule, *nth)
    if word == "half" and s.words[i + 1] in _HALVES:
        rule.freq, rule.interval = _HALVES[s.words[i + 1]]
        return rule, i + 2
    count = cardinal(s, i)
    if count and s.words[count[1]] in MONTHS and count[0] < 32:
        rule.freq, rule.bymonth, rule.bymonthday = "YEARLY", [MONTHS[s.words[count[1]]]], [count[0]]
        return rule, count[1] + 1
    if count and count[0] > 0:
        rule.interval = count[0]
        return _unit(s, count[1], rule)
    return _unit(s, i, rule)


def _feast(s: Source, i: int, rule: Repeat) -> tuple[Repeat, int] | None:
    """every christmas, every thanksgiving: feasts that a rule can name."""
    if s.words[i] not in FIRST_WORDS:
        return None
    for length in range(LONGEST, 0, -1):
        name = " ".join(s.words[i:i + length])
        if name in NTH:
            month, weekday, nth = NTH[name]
            rule.freq, rule.bymonth, rule.byday = "YEARLY", [month], [(nth, weekday)]
            return rule, i + length
        month_day = FIXED.get(name)
        if month_day:
            rule.freq, rule.bymonth, rule.bymonthday = "YEARLY", [month_day[0]], [month_day[1]]
            return rule, i + length
    return None


def _unit(s: Source, i: int, rule: Repeat) -> tuple[Repeat, int] | None:
    """A unit of time, a weekday list, or a part of the day after "every", "every other", "every 3"."""
    word = s.words[i]
    days, j = weekdays(s, i)
    if days:
        if rule.interval > 1 and word not in WEEKDAYS and days == [0, 1, 2, 3, 4]:
            return None
        rule.freq, rule.byday = "WEEKLY", [(0, d) for d in days]
        return rule, j
    named = part(s, i) or (("noon", i + 1) if word in ("noon", "midday") else None)
    if named:
        rule.freq, rule.part = "DAILY", named[0]
        return rule, named[1]
    if word not in UNITS or UNITS[word][0] == BUSINESS_DAY or (len(word) == 1 and not s.glued(i)):
        return None
    unit, factor = UNITS[word]
    if word.startswith("night"):
        rule.part = "night"
    rule.freq, rule.interval = FREQUENCY[unit], rule.interval * factor
    return rule, i + 1


def _every_nth(s: Source, i: int, rule: Repeat, values: list[int], j: int) -> tuple[Repeat, int] | None:
    """every 4th day, every 3rd friday, every last day, every 15th workday, every 20th and 30th of aug, every 27th."""
    word = s.words[j]
    days, end = weekdays(s, j)
    if days and word in WORKDAY_WORDS:
        rule.freq, rule.byday, rule.bysetpos = "MONTHLY", list(WORKDAYS), values
        return rule, of_month(s, end, rule)
    if days:
        stop = of_month(s, end, rule)
        if len(values) == 1 and values[0] > 4 and stop == end:
            rule.freq, rule.interval, rule.byday = "WEEKLY", values[0], [(0, d) for d in days]
            return rule, end
        rule.freq = rule.freq or "MONTHLY"
        rule.byday = [(v, d) for v in values for d in days]
        return rule, stop
    if word in UNITS and len(values) == 1 and values[0] > 0 and len(word) > 1:
        if word == "day" and s.words[j + 1] in ("of", "in") and not (s.words[j + 2] == "the" and s.words[j + 3] == "week"):
            rule.freq, rule.bymonthday = "MONTHLY", values
            return rule, of_month(s, j + 1, rule)
        rule.interval = values[0]
        return _unit(s, j, rule)
    if word == "day":
        rule.freq, rule.bymonthday = "MONTHLY", values
        return rule, of_month(s, j + 1, rule)
    if any(not -31 <= v <= 31 for v in values) or not (s.closes(j) or s.words[j].isalnum()):
        return None
    rule.freq, rule.bymonthday = "MONTHLY", values
    return rule, of_month(s, j, rule)


def _of_each(s: Source, i: int) -> tuple[Repeat, int] | None:
    """4th of every month; first and third friday and second tuesday of each month; beginning of each month."""
    rule = Repeat()
    word = s.words[i]
    if word in ("beginning", "start", "end") or (word == "the" and s.words[i + 1] in ("beginning", "start", "end")):
        j = i + 2 if word == "the" else i + 1
        if s.words[j] != "of" or s.words[j + 1] not in EVERY:
            return None
        rule.bymonthday = [-1 if "end" in (word, s.words[i + 1]) else 1]
        end = of_month(s, j, rule)
        return (rule, end) if rule.freq == "MONTHLY" else None
    if not (word == "the" or word == "last" or ordinal(s, i)):
        return None
    j = i
    pairs: list[tuple[int, int]] = []
    numbers: list[int] = []
    for _ in range(_MOST_PAIRS):
        k = j
        while s.words[k] in JOINERS and (pairs or numbers):
            k += 1
        nth = ordinals(s, k)
        if not nth:
            break
        values, k = nth
        days, end = weekdays(s, k)
        if days and s.words[k] in WORKDAY_WORDS:
            rule.bysetpos, pairs, j = values, list(WORKDAYS), end
        elif days:
            pairs += [(v, d) for v in values for d in days]
            j = end
        else:
            numbers += values
            j = k + 1 if s.words[k] == "day" else k
    if (not pairs and not numbers) or s.words[j] != "of" or s.words[j + 1] not in EVERY:
        return None
    rule.byday, rule.bymonthday = pairs, numbers
    end = of_month(s, j, rule)
    return (rule, end) if rule.freq else None


def _modified(s: Source, rule: Repeat, j: int, tz: ZoneInfo) -> tuple[Repeat, int] | None:
    """The days, times, bounds and exceptions after the core of a recurrence, in any order."""
    best = j
    for _ in range(8):
        k = time_of_day(s, j, rule) or on_days(s, j, rule) or bound(s, j, rule.bounds, tz) or excepted(s, j, rule, tz) or (
            bound(s, j + 1, rule.bounds, tz) if s.words[j] in (",", "and") else None)
        if not k:
            break
        j = k
        if s.closes(j):
            best = j
    if s.words[best] in ("from", "after") and s.words[best + 1] == "completion" and s.closes(best + 2):
        rule.completion, best = True, best + 2
    drop_excepted(rule)
    return None if never(rule) else (rule, best)
