"""Marks: #project @label p1 +tag ~45m {deadline} !reminder, and Taskwarrior's attributes.

A mark counts only at the start or after a space. What a mark cannot make sense of stays text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.grammar.days import EDGE_WORDS
from coach.core.grammar.durations import Duration, duration
from coach.core.grammar.moments import find
from coach.core.grammar.readings import Reading, later, read, read_fields
from coach.core.grammar.tokens import Source
from coach.core.grammar.vocabulary import MONTHS
from coach.core.names import is_name
from coach.core.record import Record
from coach.core.task import Reminder
from coach.core.when import Moment, resolve

_MARK = re.compile(r"(?<!\S)(?:[#@+~{!][^\s]|[pP][1-4](?!\S)|[A-Za-z]{2,9}:[^\s/])")
_NAME = re.compile(r"[^\s,;]+(?<![.,;:!?])")
_ATTRIBUTES = ("project", "priority", "due", "wait", "scheduled", "until", "recur", "depends", "tags", "estimate", "remind")
_SHORT = {"pri": "priority", "pro": "project"}
_PRIORITIES = {"h": 1, "m": 2, "l": 3, "1": 1, "2": 2, "3": 3, "4": 4, "high": 1, "medium": 2, "low": 3}
MINUTES_IN_DAY = 1440
_WIDEST = 120


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mark(Record):
    """A recognised mark: offsets, what it sets, and the value; a moment's value is a Reading."""

    start: int
    end: int
    kind: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FromDue(Record):
    """A time reckoned from the due time, which the whole text gives: wait:due-3d."""

    length: Duration

    def of(self, due: Moment, tz: ZoneInfo) -> Moment | None:
        """The moment; None where it is beyond the calendar. A whole day counts from its start."""
        if not isinstance(due, datetime) and not self.length.whole_days:
            due = resolve(datetime.combine(due, datetime.min.time()), tz)
        moved = _moved(due, self.length)
        return moved.end if moved else None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Context(Record):
    """What reading a mark needs to know."""

    now: datetime
    tz: ZoneInfo
    day_first: bool
    repeat: Callable[[Source, int], Any]
    """The rule for recurrences, handed in because it reads moments too."""

    def source(self, text: str, claimed: list[tuple[int, int]] | None = None) -> Source:
        return Source(text, self.now, self.day_first, claimed or ())


def marks(text: str, context: Context, taken: list[tuple[int, int]]) -> Iterator[Mark]:
    """The marks of a text from left to right, none of them overlapping another or a taken range."""
    at = 0
    while match := _MARK.search(text, at):
        start = match.start()
        at = start + 1
        inside = next((end for begin, end in taken if begin <= start < end), 0)
        if inside:
            at = inside
            continue
        found = _mark(text, start, context)
        if found and not any(begin < found.end and found.start < end for begin, end in taken):
            yield found
            at = found.end


def _window(text: str, at: int) -> str:
    """The words from an offset on that one mark may take in; no mark needs more, and long texts stay quick."""
    end = at + _WIDEST
    if end >= len(text):
        return text[at:]
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[at:end]


def _mark(text: str, start: int, context: Context) -> Mark | None:
    sign = text[start]
    if sign in "#+":
        return _name(text, start, "project" if sign == "#" else "tag", context)
    if sign == "@":
        return _label(text, start, context)
    if sign == "~":
        return _estimate(text, start, start + 1, context)
    if sign == "{":
        return _deadline(text, start, context)
    if sign == "!":
        return _reminder(text, start, start + 1, context)
    if text[start + 1] in "1234" and sign in "pP" and text[start + 1:start + 2].isdecimal():
        return Mark(start, start + 2, "priority", int(text[start + 1]))
    return _attribute(text, start, context)


def _name(text: str, start: int, kind: str, context: Context) -> Mark | None:
    """#project, +tag. A "+3d" is an offset and "#1" a number, not names."""
    match = _NAME.match(text, start + 1)
    if not match or not is_name(match.group()):
        return None
    if kind == "tag" and text[start + 1].isdecimal():
        return None
    return Mark(start, match.end(), kind, match.group())


def _label(text: str, start: int, context: Context) -> Mark | None:
    """@label; a label that reads as a day or a recurrence ("@friday") is one."""
    source = context.source(_window(text, start + 1))
    again = context.repeat(source, 0)
    if again:
        return Mark(start, start + 1 + source.ends[again[1] - 1], "recurrence", again)
    moment = _moment(text, start + 1, context)
    if moment:
        return Mark(start, moment[1], "due", moment[0])
    match = _NAME.match(text, start + 1)
    return Mark(start, match.end(), "tag", match.group()) if match and "@" not in match.group() else None


def _estimate(text: str, start: int, at: int, context: Context) -> Mark | None:
    source = context.source(_window(text, at))
    found = duration(source, 0)
    minutes = found[0].minutes if found else None
    if found is None and source.number(0) and source.closes(1):
        found, minutes = (Duration(seconds=60 * (source.number(0) or 0)), 1), float(source.number(0) or 0)
    if not found or minutes is None or not source.closes(found[1]) or not 1 <= minutes <= MINUTES_IN_DAY:
        return None
    return Mark(start, at + source.ends[found[1] - 1], "estimate", round(minutes))


def _deadline(text: str, start: int, context: Context) -> Mark | None:
    close = text.find("}", start)
    if close < 0:
        return None
    found = _moment(text[:close], start + 1, context)
    return Mark(start, close + 1, "deadline", found[0]) if found and not text[found[1]:close].strip() else None


def _reminder(text: str, start: int, at: int, context: Context) -> Mark | None:
    """!30m (before the due time), "!30 min before", !3pm, "!fri 9am"."""
    source = context.source(_window(text, at))
    found = duration(source, 0)
    minutes = found[0].minutes if found else None
    if found and minutes is not None and source.closes(found[1]) and not float(minutes) % 1:
        j = found[1] + (source.words[found[1]] == "before")
        return Mark(start, at + source.ends[j - 1], "remind", Reminder(before_min=int(minutes)))
    moment = _moment(text, at, context)
    if moment:
        return Mark(start, moment[1], "remind", moment[0])
    return None


def _moment(text: str, at: int, context: Context, after: bool = False) -> tuple[Reading, int] | None:
    """The longest moment at an offset of the text. `after`: a weekday is never today, as in Taskwarrior."""
    source = context.source(_window(text, at))
    found = find(source, 0)
    if not found or not source.closes(found.j):
        return None
    reading = read(later(found) if after else found, context.now, context.tz)
    return (reading, at + source.ends[found.j - 1]) if reading else None


def attribute_name(word: str) -> str | None:
    """The attribute that a word of at least three letters abbreviates."""
    if word in _SHORT:
        return _SHORT[word]
    fits = [name for name in _ATTRIBUTES if name.startswith(word)] if len(word) >= 3 else []
    return fits[0] if len(fits) == 1 else None


def _attribute(text: str, start: int, context: Context) -> Mark | None:
    colon = text.index(":", start)
    name = attribute_name(text[start:colon].lower())
    at = colon + 1
    if name is None:
        return None
    if name in ("wait", "scheduled", "until", "remind") and (reckoned := _FROM_DUE.match(text, at)):
        length = _signed(context.source(reckoned.group(1)))
        return Mark(start, reckoned.end(), name, FromDue(length)) if length else None
    if name in ("due", "wait", "scheduled", "until"):
        found = taskwarrior_moment(text, at, context)
        # `due:eom` is a point: only everyday words ("end of the month") give a stretch.
        reading = Reading(found[0].end) if found and name in ("due", "until") else found[0] if found else None
        return Mark(start, found[1], name, reading) if found else None
    if name == "estimate":
        return _estimate(text, start, at, context)
    if name == "remind":
        return _reminder(text, start, at, context)
    if name == "recur":
        source = context.source(_window(text, at))
        again = context.repeat(source, -1)
        return Mark(start, at + source.ends[again[1] - 1], "recurrence", again) if again else None
    return _plain(text, start, at, name)


def _plain(text: str, start: int, at: int, name: str) -> Mark | None:
    if text[at] == '"' and (close := text.find('"', at + 1)) > at:
        value, end = text[at + 1:close], close + 1
    else:
        match = re.compile(r"\S+(?<![.;!?])").match(text, at)
        if not match:
            return None
        value, end = match.group(), match.end()
    if name == "priority":
        level = _PRIORITIES.get(value.lower())
        return Mark(start, end, "priority", level) if level else None
    if name in ("tags", "depends"):
        items = tuple(item for item in value.split(",") if item)
        return Mark(start, end, "tag" if name == "tags" else "depends", items) if items else None
    return Mark(start, end, name, value) if value.strip() else None


_FROM_DUE = re.compile(r"due((?:[+-]\d+[a-z]+)*)(?!\S)", re.IGNORECASE)
_ARITHMETIC = re.compile(r"(?:now|today|tomorrow|eo[dwmqy]|so[dwmqy]|[a-z]{3,9})?(?:[+-]\d+\s?[a-z]+)+", re.IGNORECASE)


def taskwarrior_moment(text: str, at: int, context: Context) -> tuple[Reading, int] | None:
    """A date as Taskwarrior writes it (fri, eom-2d, 3wks, later), else in everyday words: value and end offset."""
    match = _ARITHMETIC.match(text, at)
    if match and (len(text) == match.end() or text[match.end()].isspace()):
        moved = _arithmetic(match.group(), context)
        if moved:
            return moved, match.end()
    word = re.compile(r"[^\s,;]+(?<![.!?])").match(text, at)
    if word and word.group().lower() in ("later", "someday"):
        # Taskwarrior's own far date.
        return Reading(datetime(9999, 12, 30).date()), word.end()
    found = _moment(text, at, context, after=True)
    if found:
        return found
    source = context.source(_window(text, at))
    length = duration(source, 0)
    if length and source.closes(length[1]):
        reading = read_fields({"offset": (length[0], 1, None)}, context.now, context.tz)
        return (reading, at + source.ends[length[1] - 1]) if reading else None
    month = MONTHS.get(source.words[0])
    if month and source.closes(1):
        reading = read_fields({"month": month, "dom": 1}, context.now, context.tz)
        return (reading, at + source.ends[0]) if reading else None
    return None


def _arithmetic(text: str, context: Context) -> Reading | None:
    """eom-2d, now+6h: a word moved by durations."""
    first = re.match(r"[a-z]*", text, re.IGNORECASE)
    base_word = first.group().lower() if first else ""
    total = _signed(context.source(text[len(base_word):]))
    if total is None:
        return None
    if base_word == "now" and total.whole_days:
        return _moved(resolve(context.now, context.tz), total)  # to the minute: a bare +3d is the whole day
    if base_word in ("", "now"):
        return read_fields({"offset": (total, 1, None)}, context.now, context.tz)
    inner = context.source(base_word)
    found = find(inner, 0)
    base = read(found, context.now, context.tz) if found and found.j == inner.n else None
    if not base:
        return None
    moment = base.end if base_word in EDGE_WORDS or base.start is None else base.start
    return _moved(moment, total)


def _signed(source: Source) -> Duration | None:
    """The sum of +1d-2h; nothing is no length at all."""
    total, j = Duration(), 0
    while j < source.n:
        length = duration(source, j + 1)
        if not length:
            return None
        total, j = total.plus(length[0], 1 if source.words[j] == "+" else -1), length[1]
    return total


def _moved(moment: Any, total: Duration) -> Reading | None:
    from coach.core.grammar.durations import shift

    try:
        if isinstance(moment, datetime):
            return Reading(shift(moment.replace(tzinfo=None), total).replace(tzinfo=moment.tzinfo))
        if total.whole_days:
            return Reading(shift(datetime.combine(moment, datetime.min.time()), total).date())
        return None
    except (ValueError, OverflowError):
        return None
