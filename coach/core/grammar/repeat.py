"""Recurrence: every 3 days, ev mon, wed 7am, weekly on fridays, the 4th of every month; with bounds and exceptions.

"every" counts from the schedule, "every!" from completion. "monthly report" is text: the adverb must stand by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.core.grammar.bounds import Bounds, bound
from coach.core.grammar.clock import Clock, clock, clock_range, part
from coach.core.grammar.numbers import cardinal, ordinal
from coach.core.grammar.tokens import BARRIER, Source
from coach.core.grammar.vocabulary import BUSINESS_DAY, CARDINALS, CODES, MONTHS, UNITS, WEEKDAYS, spelled

_EVERY = frozenset(("every", "each", "ev"))
_FREQUENCY = {"second": "SECONDLY", "minute": "MINUTELY", "hour": "HOURLY", "day": "DAILY", "week": "WEEKLY", "month": "MONTHLY",
              "year": "YEARLY"}
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
_WORKDAYS = [(0, d) for d in range(5)]
_WEEKEND = [(0, 5), (0, 6)]
_AFTER_ADVERB = frozenset(
    "at on for until till ending starting from beginning except excluding but in by with would will should is are and or to "
    "if so because when every this next before after please twice".split()
)
_JOIN = frozenset((",", "and", "&"))
_PLURALS = {name + "s": day for name, day in WEEKDAYS.items()} | {"tues": 1}


@dataclass(slots=True)
class Repeat:
    """A recurrence as it was written: the parts of an RRULE, a time of day, and bounds."""

    freq: str = ""
    interval: int = 1
    byday: list[tuple[int, int]] = field(default_factory=list)
    """(nth, weekday), nth 0 for every one."""
    bymonthday: list[int] = field(default_factory=list)
    bymonth: list[int] = field(default_factory=list)
    bysetpos: list[int] = field(default_factory=list)
    byyearday: list[int] = field(default_factory=list)
    byweekno: list[int] = field(default_factory=list)
    clock: Clock | None = None
    clock_end: Clock | None = None
    part: str | None = None
    completion: bool = False
    bounds: Bounds = field(default_factory=Bounds)

    def text(self, until: date | None) -> str:
        """The RRULE, and EXDATE on a second line where days were excepted."""
        parts = [f"FREQ={self.freq}"]
        if self.interval != 1:
            parts.append(f"INTERVAL={self.interval}")
        for name, values in (("BYMONTH", self.bymonth), ("BYWEEKNO", self.byweekno), ("BYYEARDAY", self.byyearday),
                             ("BYMONTHDAY", self.bymonthday)):
            if values:
                parts.append(f"{name}={','.join(map(str, values))}")
        if self.byday:
            parts.append("BYDAY=" + ",".join(f"{nth or ''}{CODES[day]}" for nth, day in self.byday))
        if self.bysetpos:
            parts.append("BYSETPOS=" + ",".join(map(str, self.bysetpos)))
        if self.bounds.count:
            parts.append(f"COUNT={self.bounds.count}")
        elif until:
            parts.append(f"UNTIL={until:%Y%m%d}")
        lines = [";".join(parts)]
        if self.bounds.except_days:
            lines.append("EXDATE:" + ",".join(f"{d:%Y%m%dT%H%M%S}" if isinstance(d, datetime) else f"{d:%Y%m%d}"
                                              for d in self.bounds.except_days))
        return "\n".join(lines)

    @property
    def plain(self) -> bool:
        """Whether the rule is a frequency alone, which the start date completes."""
        return not (self.byday or self.bymonthday or self.bymonth or self.byyearday or self.byweekno or self.bysetpos)


def repeat(s: Source, i: int, tz: ZoneInfo) -> tuple[Repeat, int] | None:
    """A recurrence at token i. With i = -1 the whole text is one, as in Taskwarrior's `recur:`."""
    if i < 0:
        return _attribute(s, tz)
    word = s.words[i]
    if word in ("starting", "from", "beginning") and s.words[i + 1] != "of":
        return _bound_first(s, i, tz)
    k = i + 1 if word in ("on", "at") else i
    core = _core(s, k)
    if not core or not (s.closes(core[1]) or s.words[core[1]] == "-"):
        return None
    return _modified(s, *core, tz)


def _bound_first(s: Source, i: int, tz: ZoneInfo) -> tuple[Repeat, int] | None:
    """starting next tuesday on the 4th of each month."""
    for k in range(i + 2, min(i + 8, s.n)):
        later = _core(s, k + 1) if s.words[k] in ("on", ",") else _core(s, k) if s.words[k] in _EVERY | _ADVERBS.keys() else None
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
    if word in _TASKWARRIOR or word in _ADVERBS:
        freq, interval = (_TASKWARRIOR | _ADVERBS)[word]
        return Repeat(freq, interval), 1
    if word in ("weekdays", "weekday"):
        return Repeat("WEEKLY", byday=list(_WORKDAYS)), 1
    core = _core(s, 0) or _every(s, 0, Repeat())
    if core and s.closes(core[1]):
        return core
    from coach.core.grammar.durations import duration

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


def _core(s: Source, i: int) -> tuple[Repeat, int] | None:
    word = s.words[i]
    if word in _EVERY:
        j, completion = i + 1, False
        if s.words[j] == "!" and s.glued(j):
            j, completion = j + 1, True
        if s.words[j] == "single":
            j += 1
        return _every(s, j, Repeat(completion=completion))
    if word in _ADVERBS:
        if not _stands(s, i):
            return None
        freq, interval = _ADVERBS[word]
        rule = Repeat(freq, interval, part="night" if word == "nightly" else None)
        return rule, i + 1 + (s.words[i + 1] == "!" and s.glued(i + 1) and s.closes(i + 2))
    if word == "once" and s.words[i + 1] in ("a", "every", "per") and s.words[i + 2] in ("day", "week", "month", "year"):
        after = s.words[i + 3]
        return (Repeat(_FREQUENCY[s.words[i + 2]]), i + 3) if after in ("on", "at", "in", "starting", "until") or i + 3 >= s.n else None
    if word in ("weekends", "weekdays", "workdays") or _plural(s, i):
        return _days_alone(s, i)
    return _of_each(s, i)


def _plural(s: Source, i: int) -> bool:
    word = s.words[i]
    if i and (s.words[i - 1].isdecimal() or s.words[i - 1] in CARDINALS):
        return False
    return word in _PLURALS and word not in WEEKDAYS and s.words[i + 1] != "from"


def _stands(s: Source, i: int) -> bool:
    """Whether a frequency adverb stands by itself and is no adjective ("monthly report")."""
    if i and s.words[i - 1] in ("twice", "thrice", "the", "a", "my", "our", "times", "three", "two"):
        return False
    after = s.words[i + 1]
    if i + 1 >= s.n or after == BARRIER or after in _AFTER_ADVERB or after in WEEKDAYS or after in _PLURALS:
        return True
    return after[:1].isdecimal() or (not after.isalnum() and s.closes(i + 1)) or after in ("!", "noon", "midnight", "morning")


def _days_alone(s: Source, i: int) -> tuple[Repeat, int] | None:
    word = s.words[i]
    if word == "weekends":
        return Repeat("WEEKLY", byday=list(_WEEKEND)), i + 1
    if word in ("weekdays", "workdays"):
        return Repeat("WEEKLY", byday=list(_WORKDAYS)), i + 1
    days, j = weekdays(s, i)
    return (Repeat("WEEKLY", byday=[(0, d) for d in days]), j) if days else None


def weekdays(s: Source, i: int) -> tuple[list[int], int]:
    """A list of weekdays: mon, wed and fri; tuesday-saturday; weekdays; weekends."""
    days: list[int] = []
    j = i
    while True:
        k = j
        while s.words[k] in _JOIN and days:
            k += 1
        if s.words[k] in ("weekday", "weekdays", "workday", "workdays"):
            more, k = [0, 1, 2, 3, 4], k + 1
        elif s.words[k] in ("weekend", "weekends"):
            more, k = [5, 6], k + 1
        else:
            one = _weekday(s.words[k])
            if one is None:
                return days, j
            more, k = [one], k + 1
            if s.words[k] == "." and s.glued(k) and s.glued(k + 1) is False and k + 1 < s.n and s.words[k + 1] in _JOIN:
                k += 1
            last = _weekday(s.words[k + 1]) if s.words[k] in ("-", "–", "through", "thru", "to") else None
            if last is not None:
                more = [(one + n) % 7 for n in range((last - one) % 7 + 1)]
                k += 2
        days += [d for d in more if d not in days]
        j = k


def _weekday(word: str) -> int | None:
    word = spelled(word)
    found = WEEKDAYS.get(word)
    return found if found is not None else _PLURALS.get(word)


def _every(s: Source, i: int, rule: Repeat) -> tuple[Repeat, int] | None:
    """What follows "every"."""
    word = s.words[i]
    if word in ("other", "alternate"):
        rule.interval = 2
        return _unit(s, i + 1, rule)
    if word in MONTHS:
        return _month_days(s, i, rule)
    nth = _ordinals(s, i)
    if nth:
        return _every_nth(s, i, rule, *nth)
    count = cardinal(s, i)
    if count and count[0] > 0:
        rule.interval = count[0]
        return _unit(s, count[1], rule)
    return _unit(s, i, rule)


def _unit(s: Source, i: int, rule: Repeat) -> tuple[Repeat, int] | None:
    """A unit of time, a weekday list, or a part of the day after "every", "every other", "every 3"."""
    word = s.words[i]
    days, j = weekdays(s, i)
    if days:
        if rule.interval > 1 and word in ("weekday", "workday", "weekdays", "workdays"):
            return None
        rule.freq, rule.byday = "WEEKLY", [(0, d) for d in days]
        return rule, j
    if word in ("business", "working", "work") and s.words[i + 1] in ("day", "days"):
        rule.freq, rule.byday = "WEEKLY", list(_WORKDAYS)
        return rule, i + 2
    named = part(s, i) or (("noon", i + 1) if word in ("noon", "midday") else None)
    if named:
        rule.freq, rule.part = "DAILY", named[0]
        return rule, named[1]
    if word not in UNITS or UNITS[word][0] == BUSINESS_DAY or (len(word) == 1 and not s.glued(i)):
        return None
    unit, factor = UNITS[word]
    if word.startswith("night"):
        rule.part = "night"
    rule.freq, rule.interval = _FREQUENCY[unit], rule.interval * factor
    return rule, i + 1


def _ordinals(s: Source, i: int) -> tuple[list[int], int] | None:
    """1st; 4th and 10th; last; first and last; 2nd to the last; second last."""
    values: list[int] = []
    j = i
    while True:
        k = j
        while s.words[k] in _JOIN and values:
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


def _every_nth(s: Source, i: int, rule: Repeat, values: list[int], j: int) -> tuple[Repeat, int] | None:
    """every 4th day, every 3rd friday, every last day, every 15th workday, every 20th and 30th of aug, every 27th."""
    word = s.words[j]
    days, end = weekdays(s, j)
    if days and word in ("workday", "workdays", "weekday"):
        rule.freq, rule.byday, rule.bysetpos = "MONTHLY", list(_WORKDAYS), values
        return rule, _of_month(s, end, rule)
    if days:
        stop = _of_month(s, end, rule)
        if len(values) == 1 and values[0] > 4 and stop == end:
            rule.freq, rule.interval, rule.byday = "WEEKLY", values[0], [(0, d) for d in days]
            return rule, end
        rule.freq = rule.freq or "MONTHLY"
        rule.byday = [(v, d) for v in values for d in days]
        return rule, stop
    if word in UNITS and len(values) == 1 and values[0] > 0 and len(word) > 1:
        if word == "day" and s.words[j + 1] in ("of", "in") and not (s.words[j + 2] == "the" and s.words[j + 3] == "week"):
            rule.freq, rule.bymonthday = "MONTHLY", values
            return rule, _of_month(s, j + 1, rule)
        rule.interval = values[0]
        return _unit(s, j, rule)
    if word == "day":
        rule.freq, rule.bymonthday = "MONTHLY", values
        return rule, _of_month(s, j + 1, rule)
    if any(not -31 <= v <= 31 for v in values) or not (s.closes(j) or s.words[j].isalnum()):
        return None
    rule.freq, rule.bymonthday = "MONTHLY", values
    return rule, _of_month(s, j, rule)


def _of_month(s: Source, j: int, rule: Repeat) -> int:
    """of the month, of every 3 months, of aug, in november: where it ends; sets month and frequency."""
    if s.words[j] not in ("of", "in") and s.words[j] not in MONTHS:
        return j
    k = j + 1 if s.words[j] in ("of", "in") else j
    while s.words[k] in ("the", "each", "every", "any"):
        k += 1
    months: list[int] = []
    end = k
    while s.words[end] in MONTHS or (months and s.words[end] in _JOIN and s.words[end + 1] in MONTHS):
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


def _month_days(s: Source, i: int, rule: Repeat) -> tuple[Repeat, int] | None:
    """july 4th, aug 20 and 30, january."""
    month = MONTHS[s.words[i]]
    rule.freq, rule.bymonth = "YEARLY", [month]
    j = i + 1
    while True:
        k = j
        while (s.words[k] in _JOIN and rule.bymonthday) or s.words[k] == "the":
            k += 1
        one = ordinal(s, k) or ((s.number(k, 2) or 0, k + 1) if s.words[k].isdecimal() else None)
        if not one or not 1 <= one[0] <= 31 or s.words[one[1]] in (":", "am", "pm"):
            return rule, j
        rule.bymonthday.append(one[0])
        j = one[1]


def _of_each(s: Source, i: int) -> tuple[Repeat, int] | None:
    """4th of every month; first and third friday and second tuesday of each month; beginning of each month."""
    rule = Repeat()
    word = s.words[i]
    if word in ("beginning", "start", "end") or (word == "the" and s.words[i + 1] in ("beginning", "start", "end")):
        j = i + 2 if word == "the" else i + 1
        if s.words[j] != "of" or s.words[j + 1] not in _EVERY:
            return None
        rule.bymonthday = [-1 if "end" in (word, s.words[i + 1]) else 1]
        end = _of_month(s, j, rule)
        return (rule, end) if rule.freq == "MONTHLY" else None
    if not (word == "the" or word == "last" or ordinal(s, i)):
        return None
    j = i
    pairs: list[tuple[int, int]] = []
    numbers: list[int] = []
    while True:
        k = j
        while s.words[k] in _JOIN and (pairs or numbers):
            k += 1
        nth = _ordinals(s, k)
        if not nth:
            break
        values, k = nth
        days, end = weekdays(s, k)
        if days:
            pairs += [(v, d) for v in values for d in days]
            j = end
        else:
            numbers += values
            j = k + 1 if s.words[k] == "day" else k
    if (not pairs and not numbers) or s.words[j] != "of" or s.words[j + 1] not in _EVERY:
        return None
    rule.byday, rule.bymonthday = pairs, numbers
    end = _of_month(s, j, rule)
    return (rule, end) if rule.freq else None


def _modified(s: Source, rule: Repeat, j: int, tz: ZoneInfo) -> tuple[Repeat, int] | None:
    """The days, times, bounds and exceptions after the core of a recurrence, in any order."""
    best = j
    for _ in range(8):
        k = _time(s, j, rule) or _on(s, j, rule) or bound(s, j, rule.bounds, tz) or (
            bound(s, j + 1, rule.bounds, tz) if s.words[j] in (",", "and") else None)
        if not k:
            break
        j = k
        if s.closes(j):
            best = j
    _except(rule)
    return rule, best


def _time(s: Source, j: int, rule: Repeat) -> int | None:
    if rule.clock is not None:
        return None
    k, led = j, False
    while s.words[k] in ("at", "@", "around", "about", ",", "by"):
        led, k = led or s.words[k] != ",", k + 1
    span = clock_range(s, k, led)
    if span and s.closes(span[2]):
        rule.clock, rule.clock_end = span[0], span[1]
        return span[2]
    if s.words[k] == "in" and s.words[k + 1] == "the" and (named := part(s, k + 2)):
        rule.part = named[0]
        return named[1]
    single = clock(s, k, led)
    if single and s.closes(single[1]):
        rule.clock = single[0]
        return single[1]
    named = part(s, k) if rule.part is None and rule.freq in ("DAILY", "WEEKLY") else None
    if named and s.closes(named[1]):
        rule.part = named[0]
        return named[1]
    return None


def _on(s: Source, j: int, rule: Repeat) -> int | None:
    """on mon and fri, on the 1st day, on december 25th, on the fourth thursday in november, in week 12, at the start."""
    if not rule.plain:
        return _in_weeks(s, j, rule)
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
        found = _month_days(s, m, rule)
        return found[1] if found else None
    if s.words[m] == "day" and s.number(m + 1, 3):
        values = [int(s.words[m + 1])]
        rule.byyearday, rule.bymonthday = (values, []) if rule.freq == "YEARLY" else ([], values)
        return m + 2
    nth = _ordinals(s, k)
    return _on_nth(s, rule, *nth) if nth else None


def _on_nth(s: Source, rule: Repeat, values: list[int], k: int) -> int | None:
    instance = s.words[k] in ("instance", "instances") and s.words[k + 1] == "of"
    days, end = weekdays(s, k + 2 if instance else k)
    if days and instance:
        rule.byday, rule.bysetpos = [(0, d) for d in days], values
        return end
    if days:
        rule.byday = [(v, d) for v in values for d in days]
        yearly = rule.freq == "YEARLY"
        stop = _of_month(s, end, rule)
        if yearly:
            rule.freq = "YEARLY"
        return stop
    end = k + 1 if s.words[k] == "day" else k
    if rule.freq == "YEARLY":
        rule.byyearday = values
        stop = _of_month(s, end, rule)
        if rule.bymonth:
            rule.bymonthday, rule.byyearday = values, []
        return stop
    rule.bymonthday = values
    return _of_month(s, end, rule)


def _in_weeks(s: Source, j: int, rule: Repeat) -> int | None:
    if rule.freq != "WEEKLY" or s.words[j] != "in" or s.words[j + 1] not in ("week", "weeks"):
        return None
    weeks: list[int] = []
    k = j + 2
    while True:
        m = k + 1 if s.words[k] in _JOIN and weeks else k
        value = s.number(m, 2)
        if not value or value > 53:
            break
        weeks, k = [*weeks, value], m + 1
    if not weeks:
        return None
    rule.freq, rule.byweekno = "YEARLY", weeks
    return k


def _except(rule: Repeat) -> None:
    """Excepted weekdays and months leave the rule itself."""
    if rule.bounds.except_weekdays:
        have = rule.byday or [(0, d) for d in range(7)]
        left = [(n, d) for n, d in have if d not in rule.bounds.except_weekdays]
        if left and rule.freq in ("DAILY", "WEEKLY"):
            rule.byday = left
            rule.freq = "WEEKLY" if rule.interval == 1 else rule.freq
    if rule.bounds.except_months:
        rule.bymonth = [m for m in (rule.bymonth or range(1, 13)) if m not in rule.bounds.except_months]


def matches(rule: Repeat, day: date) -> bool:
    """Whether a day satisfies the BY parts of a rule, set positions aside."""
    last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    if rule.bymonth and day.month not in rule.bymonth:
        return False
    if rule.bymonthday and day.day not in rule.bymonthday and day.day - last.day - 1 not in rule.bymonthday:
        return False
    if rule.byyearday and day.timetuple().tm_yday not in rule.byyearday:
        return False
    if rule.byweekno and day.isocalendar()[1] not in rule.byweekno:
        return False
    if not rule.byday:
        return True
    from_start, from_end = (day.day - 1) // 7 + 1, -((last.day - day.day) // 7 + 1)
    return any(d == day.weekday() and nth in (0, from_start, from_end) for nth, d in rule.byday)
