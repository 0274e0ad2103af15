"""The bounds of a recurrence: starting aug 3, until may 5, for 3 weeks, 5 times."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.core.grammar.durations import Duration, add_months, duration
from coach.core.grammar.moments import find, sequence
from coach.core.grammar.numbers import cardinal
from coach.core.grammar.readings import Reading, later, read, read_fields
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS, WEEKDAYS
from coach.core.when import Moment

_STARTS = frozenset(("starting", "beginning", "from", "since"))
_UNTILS = frozenset(("until", "till", "til", "ending", "to", "through", "thru"))
_TIMES = frozenset(("times", "occurrences", "occurrence", "time", "x"))


@dataclass(slots=True, eq=False, repr=False)
class Bounds:
    """Where a series starts and ends, and what it leaves out."""

    start: Reading | None = None
    until: Moment | None = None
    until_weekday: bool = False
    """Whether `until` is a weekday: the first one after the start."""
    length: Duration | None = None
    count: int = 0
    except_days: list[Moment] = field(default_factory=list)
    except_weekdays: list[int] = field(default_factory=list)
    except_months: list[int] = field(default_factory=list)
    except_monthdays: list[int] = field(default_factory=list)
    """Days of every month, counted from its end when negative; all of one sign."""
    except_nth: list[tuple[int, int]] = field(default_factory=list)
    """(nth, weekday) of every month."""

    def last_day(self, first: date) -> date | None:
        """The last day on which the series may occur, given its first."""
        if self.until is not None:
            last = self.until.date() if isinstance(self.until, datetime) else self.until
            while last < first and last.year < 9990:
                # "from 3 dec until 5 jan": the january after the start; "from monday until friday": the friday after it.
                last = last + timedelta(days=7) if self.until_weekday else add_months(last, 12)
            return last
        if self.length is None:
            return None
        return add_months(first, self.length.months) + timedelta(days=self.length.days - 1)


def bound(s: Source, i: int, bounds: Bounds, tz: ZoneInfo) -> int | None:
    """Reads one bound at token i into `bounds`; the token after it."""
    word = s.words[i]
    if word in _STARTS and bounds.start is None:
        found = moment(s, i + 1, tz)
        if found:
            bounds.start = found[0]
            return found[1]
    if word in _UNTILS and bounds.until is None and (word not in ("to", "through", "thru") or bounds.start is not None):
        found = moment(s, i + 1, tz, after=True)
        if found:
            reading = found[0]
            bounds.until = reading.start if reading.start is not None else reading.end
            bounds.until_weekday = found[1] == i + 2 and s.words[i + 1] in WEEKDAYS
            return found[1]
    return _length(s, i, bounds)


def moment(s: Source, j: int, tz: ZoneInfo, after: bool = False) -> tuple[Reading, int] | None:
    """A single moment at token j, a month for its first day. `after`: a weekday is never today."""
    k = j + 1 if s.words[j] in ("on", "in") else j
    month = MONTHS.get(s.words[k])
    found = find(s, j)
    if found and found.end is not None:
        # A bound is a single moment: in "from jan 1 to march 25" the second one is the next bound.
        alone = sequence(s, found.i)
        found = replace(found, fields=alone[0], end=None, j=alone[1]) if alone else None
    reading = read(later(found) if after else found, s.now, tz) if found else None
    if found and reading:
        return reading, found.j
    if month:
        year = s.number(k + 1) if len(s.words[k + 1]) == 4 else None
        reading = read_fields({"month": month, "dom": 1, **({"year": year} if year else {})}, s.now, tz)
        return (reading, k + 1 + bool(year)) if reading else None
    return None


def _length(s: Source, i: int, bounds: Bounds) -> int | None:
    """for 3 weeks, for up to 2 months, for the next month, for 10 occurrences, 5 times, twice."""
    if bounds.count or bounds.length is not None:
        return None
    if s.words[i] in ("twice", "thrice"):
        bounds.count = 2 if s.words[i] == "twice" else 3
        return i + 1
    led = s.words[i] == "for"
    j = i + 1 if led else i
    while led and s.words[j] in ("up", "to", "the", "next", "at", "most"):
        j += 1
    count = cardinal(s, j)
    if count and s.words[count[1]] in _TIMES and count[0] > 0 and (s.words[count[1]] != "x" or s.glued(count[1])):
        bounds.count = count[0]
        return count[1] + 1
    if not led:
        return None
    length = duration(s, j)
    if not length and s.words[j] in ("month", "week", "year") and s.words[j - 1] == "next":
        unit = s.words[j]
        length = Duration(days=7 if unit == "week" else 0, months={"month": 1, "year": 12}.get(unit, 0)), j + 1
    if not length or length[0].seconds or not (length[0].days or length[0].months) or not s.closes(length[1]):
        return None
    bounds.length = length[0]
    return length[1]
