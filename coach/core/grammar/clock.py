"""Times of day: 18:00, 8.30pm, 15h30, half past seven, quarter to six, noon, 9ish; and parts of the day.

An hour from 1 to 6 without am, pm or a leading zero is read in the afternoon; 7 to 12 as it stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from typing import Literal

from coach.core.grammar.durations import duration
from coach.core.grammar.numbers import cardinal, fraction, small
from coach.core.grammar.tokens import BARRIER, Source
from coach.core.grammar.vocabulary import MONTHS, PARTS, POINTS, TENS, WEEKDAYS, ZONES
from coach.core.record import Record

Half = Literal["am", "pm", "24", ""]

APPROXIMATE = frozenset(("around", "about", "approximately", "approx", "ca", "circa", "roughly", "gegen"))
_OCLOCK = frozenset(("o'clock", "oclock", "o’clock"))
_PAST = frozenset(("past", "after"))
_TO = frozenset(("to", "before", "til", "till", "of"))
_HOURS = frozenset(("hrs", "hours", "hr", "uhr"))
_AFTER_BARE = frozenset(
    "on in at with for to until till and or by tomorrow today tonight from every each ev next this if when via please sharp "
    "so because but as is the daily weekly every would will should was are works starting ending except".split()
)
"""Words that may follow a bare number ("at 5 with Ann"); before any other the number is a quantity ("at 5 people")."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Clock(Record):
    """A time of day. `half` is "" while morning or afternoon is open; `zone_min` is an offset that was written."""

    hour: int
    minute: int = 0
    second: int = 0
    half: Half = ""
    zone_min: int | None = None
    days: int = 0
    """Days later, as in a timetable's 7:15+1."""
    early: bool = False
    """An open hour that is read before noon: a quarter to seven."""

    def time(self, part: str | None = None) -> time:
        """The reading, given a part of the day that stands beside it. Hour 24 is returned as 0:00."""
        return time(self.hour24(part) % 24, self.minute, self.second)

    def hour24(self, part: str | None = None) -> int:
        hour = self.hour
        if self.half == "pm":
            return hour + 12 if hour < 12 else hour
        if self.half == "am":
            return 0 if hour == 12 else hour
        if self.half == "24" or hour > 12:
            return hour
        kind = part.split()[-1] if part else ""
        if kind == "morning":
            return 0 if hour == 12 else hour
        if kind in ("night", "nighttime", "tonight"):
            return 0 if hour == 12 else hour + 12 if hour >= 5 else hour
        if kind in ("afternoon", "evening"):
            return hour + 12 if hour < 12 else hour
        if kind in ("lunch", "lunchtime"):
            return hour + 12 if hour < 10 else hour
        return hour + 12 if 1 <= hour <= 6 and not self.early else hour


def half_of_day(s: Source, i: int) -> tuple[Half, int] | None:
    """am, pm, a.m., p m, and the letters a and p when they are written onto the number."""
    j = i + 1 if s.words[i] == "." and s.glued(i) and s.glued(i + 1) else i
    word = s.words[j]
    if word in ("am", "pm"):
        return ("am" if word == "am" else "pm"), j + 1
    if word not in ("a", "p"):
        return None
    half: Half = "am" if word == "a" else "pm"
    k = j + 1
    dotted = s.words[k] == "."
    k += dotted
    if s.words[k] == "m" and (dotted or not s.glued(k)):
        k += 1
        if dotted and s.words[k] == ".":
            k += 1
        return half, k
    return (half, j + 1) if s.glued(j) and s.words[j - 1].isdecimal() else None


def clock(s: Source, i: int, bare: bool = False, relative: bool = True) -> tuple[Clock, int] | None:
    """A time of day at token i. `bare` also takes what needs a context: 5, 1030, 6.45, seven thirty."""
    found = _point(s, i) or ((_relative(s, i) or _hours_off(s, i)) if relative else None) or _digits(s, i, bare) or _spoken(
        s, i, bare)
    if not found:
        return None
    value, j = found
    if s.words[j] in _OCLOCK:
        j += 1
    if value.half in ("am", "pm"):
        j += _ish(s, j)
    if value.half == "" and (s.words[j - 1] in _OCLOCK or s.words[j - 1].endswith("ish")) and (half := half_of_day(s, j)):
        value, j = replace(value, half=half[0]), half[1]
    if s.words[j] == "+" and s.words[j + 1] in ("1", "2") and s.glued(j) and s.glued(j + 1) and not s.glued(j + 2):
        return replace(value, days=int(s.words[j + 1])), j + 2
    if s.words[j] == "sharp":
        j += 1
    zone = s.words[j]
    offset = _offset(s, j)
    if offset:
        return replace(value, zone_min=offset[0]), offset[1]
    if zone in ZONES and (zone not in ("z", "west", "wet") or s.text[s.starts[j]].isupper()):
        east = _east(s, j + 1) if zone in ("utc", "gmt") else None
        return (replace(value, zone_min=east[0]), east[1]) if east else (replace(value, zone_min=ZONES[zone]), j + 1)
    return value, j


def _ish(s: Source, j: int) -> int:
    """How many tokens "ish" and "-ish" take."""
    if s.words[j] == "ish":
        return 1
    return 2 if s.words[j] == "-" and s.words[j + 1] == "ish" and s.glued(j) and s.glued(j + 1) else 0


def _east(s: Source, j: int) -> tuple[int, int] | None:
    """The +2, -5 or +5:30 of UTC+2, in minutes."""
    hours = s.number(j + 1, 2)
    if s.words[j] not in ("+", "-") or not s.glued(j) or not s.glued(j + 1) or hours is None or hours > 14:
        return None
    minutes, k = (int(s.words[j + 3]), j + 4) if s.words[j + 2] == ":" and _two_digits(s, j + 3) else (0, j + 2)
    return (1 if s.words[j] == "+" else -1) * (hours * 60 + minutes), k


def _offset(s: Source, j: int) -> tuple[int, int] | None:
    """+01:00, -0530: after a time with seconds only, since 8:00-10:00 is a range."""
    if s.words[j] not in ("+", "-") or not s.glued(j) or not s.glued(j + 1) or s.words[j - 4] != ":":
        return None
    sign, word = (1 if s.words[j] == "+" else -1), s.words[j + 1]
    if len(word) == 4 and word.isdecimal():
        return sign * (int(word[:2]) * 60 + int(word[2:])), j + 2
    if len(word) == 2 and s.words[j + 2] == ":" and _two_digits(s, j + 3) and _two_digits(s, j + 1):
        return sign * (int(word) * 60 + int(s.words[j + 3])), j + 4
    return None


def _point(s: Source, i: int) -> tuple[Clock, int] | None:
    word = s.words[i]
    if word == "12" and s.words[i + 1] in ("noon", "midnight"):
        return _point(s, i + 1)
    j = i + 1
    if word == "mid":
        j = i + 2 if s.words[i + 1] == "-" else i + 1
        word, j = "mid" + s.words[j], j + 1
    if word.endswith("ish"):
        word = word[:-3]
    named = _phrase(s, i)
    if named:
        word, j = named
    if word not in POINTS:
        return None
    hour, minute = POINTS[word]
    return Clock(hour, minute, half="24"), j


def _phrase(s: Source, i: int) -> tuple[str, int] | None:
    """Times of several words: end of the day, close of business, first thing."""
    first, j = s.words[i], i + 1
    if (first, s.words[j]) == ("first", "thing"):
        return "first thing", j + 1
    if first not in ("end", "close") or s.words[j] != "of":
        return None
    j += 1 + (s.words[j + 1] in ("the", "my"))
    if s.words[j] == "day" and first == "end":
        return "eod", j + 1
    return ("eob", j + 1) if s.words[j] in ("business", "play") else None


def _relative(s: Source, i: int) -> tuple[Clock, int] | None:
    """half past 7, a quarter to seven, 20 past 3pm, three mins to five thirty."""
    half = _half(s, i)
    if half:
        return half
    part = fraction(s, i)
    if part and part[0] < 1 and s.words[part[1] - 1] not in ("of",):
        minutes, j = int(part[0] * 60), part[1]
    else:
        found = cardinal(s, i)
        if not found or not 0 < found[0] < 60:
            return None
        minutes, j = found
        if s.words[j] in ("min", "mins", "minute", "minutes"):
            j += 1
    j += s.words[j] == "-" and s.glued(j)  # half-past ten, quarter-to-ten
    sign = 1 if s.words[j] in _PAST else -1 if s.words[j] in _TO else 0
    if not sign:
        return None
    m = j + 2 if s.words[j + 1] == "-" and s.glued(j + 1) else j + 1
    base = _digits(s, m, True, alone=False) or _spoken(s, m, True, alone=False) or _point(s, m)
    # With pm, noon or midnight, more than twelve can only be minutes.
    if not base or (s.words[j] in ("to", "of", "before", "after") and not _names_minutes(s, i, j)
                    and not (minutes > 12 and (base[0].half in ("am", "pm") or (base[0].half == "24" and not base[0].minute)))):
        return None
    value, k = base
    total = (value.hour * 60 + value.minute + sign * minutes) % 1440
    early = value.half == "" and 7 <= value.hour <= 12
    return replace(value, hour=total // 60 or (12 if value.hour in (1, 12) else 0), minute=total % 60, early=early), k


def _hours_off(s: Source, i: int) -> tuple[Clock, int] | None:
    """an hour before noon, 2 hours after midnight, 30 minutes before 6pm: within the same day."""
    found = None if i and s.words[i - 1] == "for" else duration(s, i)
    if not found or s.words[found[1]] not in ("before", "after"):
        return None
    length, j = found
    base = _point(s, j + 1) or _digits(s, j + 1, False)
    if not base or length.days or length.months or length.business_days:
        return None
    value, sign = base[0], 1 if s.words[j] == "after" else -1
    minute = value.hour24() * 60 + value.minute + sign * int(length.seconds // 60)
    if value.half == "24" and value.hour == 24 and sign > 0:
        minute -= 1440
    return (replace(value, hour=minute // 60, minute=minute % 60, half="24"), base[1]) if 0 <= minute < 1440 else None


_BEFORE_TIME = frozenset("at @ by from to till until between and - – before after around about".split())
_BEFORE_HALF = frozenset(("at", "by", "until", "till")) | APPROXIMATE


def _half(s: Source, i: int) -> tuple[Clock, int] | None:
    """at half seven: 7:30, as the British say it."""
    if s.words[i] != "half" or i == 0 or s.words[i - 1] not in _BEFORE_HALF:
        return None
    base = _digits(s, i + 1, True) or _spoken(s, i + 1, True)
    return (replace(base[0], minute=30), base[1]) if base and not base[0].minute and 1 <= base[0].hour <= 12 else None


def _names_minutes(s: Source, i: int, j: int) -> bool:
    """`20 to 5` may be a range; with the minutes named or spelled it is a time."""
    return not s.words[i].isdecimal() or s.words[j - 1] in ("min", "mins", "minute", "minutes")


def _valid(hour: int, minute: int, second: int, half: Half) -> bool:
    if minute > 59 or second > 59:
        return False
    if half == "am":
        return 1 <= hour <= 12
    if half == "pm":
        return 1 <= hour <= 23
    return hour < 24 or (hour == 24 and minute == 0 == second)


def _digits(s: Source, i: int, bare: bool, alone: bool = True) -> tuple[Clock, int] | None:
    word = s.words[i]
    if not word.isdecimal() or len(word) not in (1, 2, 3, 4):
        return None
    hour, minute, second, j = int(word), 0, 0, i + 1
    written: Half = "24" if word[0] == "0" and len(word) > 1 else ""
    explicit = False
    if len(word) >= 3:
        hour, minute = divmod(hour, 100)
        written = "24"
        if len(word) == 4 and ((s.words[j] == "h" and s.glued(j)) or s.words[j] in ("hours", "hrs")):
            j, explicit = j + 1, True
        if len(word) == 3 and not half_of_day(s, j):
            return None
    elif s.words[j] == ":" and s.glued(j) and s.glued(j + 1) and _two_digits(s, j + 1):
        minute, j, explicit = int(s.words[j + 1]), j + 2, True
        if s.words[j] == ":" and s.glued(j) and _two_digits(s, j + 1):
            second, j = int(s.words[j + 1]), j + 2
            if s.words[j] == "." and s.glued(j) and s.glued(j + 1) and s.words[j + 1].isdecimal():
                j += 2
        if s.words[j] == "h" and s.glued(j):
            j, written = j + 1, "24"
        elif s.words[j] in _HOURS:
            if hour < 10 and s.words[i - 1] not in _BEFORE_TIME:
                return None  # "2:30 hours" is a length
            j += 1
    elif s.words[j] == "." and s.glued(j) and s.glued(j + 1) and _two_digits(s, j + 1):
        minute, j = int(s.words[j + 1]), j + 2
        if s.words[j] == "." and s.glued(j) and s.words[j + 1].isdecimal():
            return None  # the day of "15.02. 16:00"
        if s.words[j] == "h" and s.glued(j):
            j, explicit, written = j + 1, True, "24"
    elif s.words[j] in ("h", "u") and s.glued(j):
        written, minutes = "24", s.glued(j + 1) and _two_digits(s, j + 1)
        explicit = hour >= (10 if minutes else 13)
        if minutes:
            minute, j = int(s.words[j + 1]), j + 1
        elif s.glued(j + 1) and s.words[j + 1].isalnum():
            return None
        j += 1
        # `2h` and `1h30` are lengths, `at 2h` and `from 9h to 11h` are times.
        in_time = (i > 0 and s.words[i - 1] in _BEFORE_TIME) or s.words[j] in ("-", "–", "to", "till", "until")
        if not explicit and not (bare and in_time):
            return None
        explicit = True
    elif bare and _two_digits(s, j) and not s.glued(j) and int(s.words[j]) < 60 and s.words[j + 1] not in ("/", "."):
        minute, j = int(s.words[j]), j + 1
    half = half_of_day(s, j) if s.words[j] != "." or s.words[j + 1] in ("am", "pm", "a", "p") else None
    the = j + 2 if (s.words[j], s.words[j + 1]) == ("in", "the") and s.words[j + 2] in ("am", "pm") else 0
    if the:
        half = half_of_day(s, the)
    if half:
        written, j, explicit = half[0] if hour <= 12 or half[0] == "pm" else "24", half[1], True
    elif s.words[j] in _OCLOCK:
        j, explicit = j + 1, True
    elif s.glued(j) and (ish := _ish(s, j)):
        j, explicit = j + ish, True
    if not _valid(hour, minute, second, written):
        return None
    if not explicit and not _in_part(s, j) and (not bare or (alone and not _stands_alone(s, j))):
        return None
    return Clock(hour, minute, second, written), j


def _two_digits(s: Source, j: int) -> bool:
    return len(s.words[j]) == 2 and s.words[j].isdecimal()


def _spoken(s: Source, i: int, bare: bool, alone: bool = True) -> tuple[Clock, int] | None:
    """seven, seven thirty five pm, eight o'clock."""
    first = small(s, i)
    if not first or first[0] > 24:
        return None
    hour, j = first
    minute = 0
    dashed = s.words[j] == "-" and s.glued(j) and (s.words[j + 1] in TENS or s.words[j + 1] == "fifteen")
    second = small(s, j + dashed)
    if second and 10 <= second[0] < 60:
        minute, j = second
        if s.words[j] == "minutes":
            j += 1
    half = half_of_day(s, j)
    if half:
        return (Clock(hour, minute, half=half[0] if hour <= 12 else "24"), half[1]) if _valid(hour, minute, 0, half[0]) else None
    if s.words[j] in _OCLOCK:
        return Clock(hour, minute), j + 1
    led = bool(minute) and i > 0 and s.words[i - 1] in ("for", "at")
    stands = _in_part(s, j) or ((bare or led) and (not alone or _stands_alone(s, j)))
    return (Clock(hour, minute), j) if stands and hour else None


def _in_part(s: Source, j: int) -> bool:
    """Whether "in the morning", "at night" or "lunchtime" follows, which makes any number an hour."""
    if s.words[j] == "in" and s.words[j + 1] == "the":
        return part(s, j + 2) is not None
    return s.words[j] in ("lunchtime", "afternoon") or (s.words[j], s.words[j + 1]) == ("at", "night")


def _stands_alone(s: Source, j: int) -> bool:
    """Whether what follows lets a bare number be a time of day."""
    word = s.words[j]
    if word == "+" and s.glued(j) and s.words[j + 1] in ("1", "2"):
        return True
    if j >= s.n or word == BARRIER or word in _AFTER_BARE or word in PARTS or word in ("late", "early"):
        return True
    if word in MONTHS:
        return s.words[j + 1][:1].isdecimal()  # "at 5 march 3"; "5 march" is a day
    return word in ("-", "–", "—", "/", "midnight", "noon") or (not word.isalnum() and s.closes(j)) or word in WEEKDAYS


def part(s: Source, i: int) -> tuple[str, int] | None:
    """A part of the day: evening, late afternoon, afternoonish."""
    word = s.words[i]
    j = i + 1
    prefix = ""
    if word in ("early", "late", "after"):
        prefix, j = word + " ", i + 2
        word = s.words[i + 1]
    if word.endswith("ish"):
        word = word[:-3]
    word = {"mornings": "morning", "morn": "morning", "arvo": "afternoon"}.get(word, word)
    if word == "eve" and s.text[s.starts[j - 1]] == "e":
        word = "evening"
    if word == "night" and s.words[j] == "-" and s.words[j + 1] == "time":
        j += 2
    name = prefix + word
    if name in PARTS:
        return name, j
    return (word, j) if word in PARTS else None
