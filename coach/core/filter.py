"""Filters as Taskwarrior writes them: project:home +phone -later due.before:fri status:pending /text/ +OVERDUE 12.

Words are joined by `and`; `or`, `xor` and parentheses work too. Dates are read by quick-add's own grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.errors import InvalidInput
from coach.core.filter_words import line_words, plain, split_words
from coach.core.names import is_name
from coach.core.task import Task, status_at
from coach.core.virtual_tags import VIRTUAL_TAGS
from coach.core.when import Moment, end_of, start_of, zone

MOST_WORDS = 150
"""Longer filters are refused: each open parenthesis and each "not" nests one deeper."""
Predicate = Callable[[Task], bool]

_DATES = frozenset(("due", "scheduled", "wait", "until", "created", "modified", "started", "completed", "deleted", "ended"))
_NUMBERS = frozenset(("priority", "estimate_min", "actual_min", "num", "snooze_count"))
_NAMES = {
    "project": "project", "priority": "priority", "due": "due", "scheduled": "scheduled", "wait": "wait", "until": "until",
    "status": "status", "tags": "tags", "tag": "tags", "description": "title", "title": "title", "notes": "notes",
    "entry": "created", "created": "created", "modified": "modified", "start": "started", "started": "started",
    "end": "ended", "completed": "completed", "uuid": "id", "id": "num", "depends": "depends", "recur": "recurrence",
    "estimate": "estimate_min", "category": "category", "annotations": "annotations", "parent": "parent", "actual": "actual_min",
    "snoozed": "snooze_count",
}
_SHORT = {"pri": "priority", "pro": "project", "sch": "scheduled", "desc": "title", "est": "estimate_min", "stat": "status"}
_PRIORITIES = {"h": 1, "m": 2, "l": 3, "": None, "high": 1, "medium": 2, "low": 3, "none": None}
_NO_PRIORITY = 4  # p4 has no urgency either
_STATUSES = ("pending", "waiting", "completed", "deleted")
_MODIFIERS = {
    "before": "before", "under": "before", "below": "before", "by": "by", "after": "after", "over": "after", "above": "after",
    "is": "is", "equals": "is", "isnt": "not", "not": "not", "has": "has", "contains": "has", "hasnt": "hasnt", "none": "none",
    "any": "any", "startswith": "startswith", "left": "startswith", "endswith": "endswith", "right": "endswith", "word": "word",
    "noword": "noword",
}
ATTRIBUTE = re.compile(r"([A-Za-z]+)(?:\.([A-Za-z]+))?:(.*)", re.DOTALL)
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f-]{0,27})?", re.IGNORECASE)
NUMBER_LIST = re.compile(r"\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*")


def parse_filter(
    words: Sequence[str], now: datetime, tz: ZoneInfo, *, day_first: bool = True, blocked: Collection[str] = (),
    blocking: Collection[str] = (), latest: int = 0,
) -> Predicate:
    """Whether a task passes a filter; no words let every task pass. `blocked` and `blocking` hold the ids of tasks that
    depend on an open one and that an open one depends on, `latest` is the highest number. Raises InvalidInput that names
    the word it cannot read."""
    state = _State(list(words), now, tz, day_first, blocked, blocking, latest)
    if not words:
        return lambda task: True
    found = _or(state)
    if state.at < len(state.words):
        raise _unreadable(state.words[state.at], "parentheses come in pairs")
    return found


class _State:
    """The words, how far they are read, and what their meaning depends on."""

    __slots__ = ("at", "blocked", "blocking", "day_first", "latest", "now", "tz", "words")

    def __init__(
        self, words: list[str], now: datetime, tz: ZoneInfo, day_first: bool, blocked: Collection[str], blocking: Collection[str],
        latest: int,
    ) -> None:
        self.words, self.at, self.now, self.tz, self.day_first = split_words(words), 0, now, tz, day_first
        self.blocked, self.blocking, self.latest = blocked, blocking, latest

    def peek(self) -> str:
        return self.words[self.at].lower() if self.at < len(self.words) else ""


_PRIORITY = re.compile("p[1-4]")
_JOINTS = frozenset(("or", "xor", "and", "not", "!"))


def arguments(words: Sequence[str]) -> list[str]:
    """The words of a shell's arguments: one that is a whole filter, quoted because of its parentheses, is taken apart;
    "due.before:next week" and "bread and butter" stay together. p1 is quick-add's priority."""
    found: list[str] = []
    for word in words:
        inner = line_words(word) if any(c.isspace() for c in word) and not word.startswith("/") else [word]
        split = plain(split_words(inner), _is_field)
        operated = split != split_words(inner)
        conditions = sum(ATTRIBUTE.fullmatch(w) is not None or (is_tag("+" + w.lstrip("+-")) and w[0] in "+-") for w in split)
        joined = any(w.lower() in _JOINTS or w in "()" for w in split)
        found += inner if conditions > 1 or (conditions and (joined or operated)) else [word]
    found = plain(split_words(found), _is_field)
    return [f"priority:{word[1]}" if _PRIORITY.fullmatch(word) else word for word in found]


def _is_field(word: str) -> bool:
    return field_name(word) is not None or word == "urgency"  # refused by name, not looked for as a word


def _or(state: _State) -> Predicate:
    left = _and(state)
    while state.peek() in ("or", "xor"):
        exclusive = state.peek() == "xor"
        state.at += 1
        left = _either(left, _and(state), exclusive)
    return left


def _either(left: Predicate, right: Predicate, exclusive: bool) -> Predicate:
    return (lambda task: left(task) != right(task)) if exclusive else (lambda task: left(task) or right(task))


def _and(state: _State) -> Predicate:
    parts: list[Predicate] = []
    while state.at < len(state.words) and state.peek() not in ("or", "xor", ")"):
        if state.peek() == "and" and parts:
            state.at += 1
            continue
        parts.append(_one(state))
    if not parts:
        raise _unreadable(state.words[min(state.at, len(state.words) - 1)], "a condition is missing here")
    return parts[0] if len(parts) == 1 else lambda task: all(part(task) for part in parts)


def _one(state: _State) -> Predicate:
    word = state.words[state.at]
    state.at += 1
    if state.at > MOST_WORDS:
        raise _unreadable(word, f"a filter takes at most {MOST_WORDS} words")
    if word == "(":
        inner = _or(state)
        if state.peek() != ")":
            raise _unreadable(word, "parentheses come in pairs")
        state.at += 1
        return inner
    if word in ("!", "not"):
        negated = _one(state) if state.at < len(state.words) else None
        if negated is None:
            raise _unreadable(word, "a condition is missing here")
        return lambda task: not negated(task)
    return _word(word, state)


def _word(word: str, state: _State) -> Predicate:
    if is_tag(word) or (word[0] == "-" and is_tag("+" + word[1:])):
        wanted = _tag(word[1:], state)
        return wanted if word[0] == "+" else lambda task: not wanted(task)
    if word.startswith("#") and len(word) > 1:
        return _project(word[1:])
    if word.startswith("@") and len(word) > 1:
        return lambda task: word[1:] in task.tags
    if word.startswith("/"):
        return _pattern(word)
    attribute = ATTRIBUTE.fullmatch(word)
    if attribute and "://" not in word:
        return _attribute(word, attribute.group(1).lower(), (attribute.group(2) or "").lower(), attribute.group(3), state)
    if NUMBER_LIST.fullmatch(word):
        listed = numbers(word)
        return lambda task: task.num in listed
    if UUID.fullmatch(word) and any(c.isdigit() for c in word):
        return lambda task: task.id.startswith(word.lower())
    return _contains(word)


def numbers(word: str) -> set[int]:
    found: set[int] = set()
    for part in word.split(","):
        low, _, high = part.partition("-")
        if int(high or low) - int(low) > 100_000:
            raise _unreadable(word, "that names too many tasks")
        found.update(range(int(low), int(high or low) + 1))
    return found


def _contains(text: str) -> Predicate:
    wanted = text.casefold()
    return lambda task: wanted in task.title.casefold() or wanted in task.notes.casefold() or any(
        wanted in note.text.casefold() for note in task.annotations)


def _pattern(word: str) -> Predicate:
    if len(word) < 3 or not word.endswith("/"):
        raise _unreadable(word, "a pattern stands between slashes: /text/")
    if is_literal(word[1:-1]):
        return _contains(word[1:-1])
    try:
        wanted = re.compile(word[1:-1], re.IGNORECASE)
    except re.error as error:
        raise _unreadable(word, f"not a regular expression: {error}") from error
    return lambda task: bool(wanted.search(task.title) or wanted.search(task.notes) or any(
        wanted.search(note.text) for note in task.annotations))


def is_tag(word: str) -> bool:
    """Whether the word asks for a tag: +phone, +OVERDUE."""
    return len(word) > 1 and word[0] == "+" and (word[1] == "_" or is_name(word[1]))


def is_literal(pattern: str) -> bool:
    """Whether a pattern means only its own letters, in upper or lower case."""
    return not set(pattern) & set("\\.^$*+?{}[]|()")


def _project(name: str) -> Predicate:
    """The project itself or one below it: home covers home.garden."""
    wanted = name.casefold()
    return lambda task: task.project is not None and (
        task.project.casefold() == wanted or task.project.casefold().startswith(wanted + "."))


def field_name(word: str) -> str | None:
    """The field that a word names, abbreviated to three letters or more as long as it is clear."""
    if word in _NAMES:
        return _NAMES[word]
    if word in _SHORT:
        return _SHORT[word]
    fits = {field for name, field in _NAMES.items() if len(word) >= 3 and name.startswith(word)}
    return fits.pop() if len(fits) == 1 else None


def _attribute(word: str, name: str, modifier: str, value: str, state: _State) -> Predicate:
    field = field_name(name)
    if field is None:
        from difflib import get_close_matches

        close = get_close_matches(name, _NAMES, n=1)
        raise _unreadable(word, f"did you mean {close[0]}:?" if close else "known: " + ", ".join(sorted(_NAMES)))
    how = _MODIFIERS.get(modifier) if modifier else "is"
    if how is None:
        from difflib import get_close_matches

        close = get_close_matches(modifier, _MODIFIERS, n=1)
        known = f"did you mean {name}.{close[0]}:?" if close else "known: " + ", ".join(sorted(_MODIFIERS))
        raise _unreadable(word, f"unknown modifier .{modifier}; {known}")
    value = value.strip("\"'")
    if value == "" and how not in ("is", "not", "none", "any"):
        raise _unreadable(word, f"something has to follow, without a space: {name}.{modifier}:VALUE")
    if how in ("none", "any") or value == "":
        empty = how == "none" or (how == "is" and value == "")
        return lambda task: (not _value(task, field)) == empty
    if field == "project" and modifier in ("is", "equals", "isnt"):
        same = value.casefold()  # itself alone, where project:home covers home.garden
        return lambda task: ((task.project or "").casefold() == same) == (modifier != "isnt")
    if how in ("not", "hasnt", "noword"):
        positive = _comparison(word, field, {"not": "is", "hasnt": "has", "noword": "word"}[how], value, state)
        return lambda task: not positive(task)
    return _comparison(word, field, how, value, state)


def _value(task: Task, field: str) -> Any:
    if field == "annotations":
        return "\n".join(note.text for note in task.annotations)
    if field == "ended":
        return task.completed or task.deleted
    return getattr(task, field)


def _comparison(word: str, field: str, how: str, value: str, state: _State) -> Predicate:
    if field == "status":
        return _status(word, value, state)
    if field in _DATES:
        return _dated(word, field, how, value, state)
    if field in ("tags", "depends"):
        return lambda task: value in _value(task, field)
    if field == "project" and how == "is":
        return _project(value)
    if field in _NUMBERS:
        return _number(word, field, how, value)
    if field == "recurrence":
        return lambda task: task.recurrence is not None and value.casefold() in task.recurrence.rrule.casefold()
    if field in ("id", "parent"):
        return lambda task: (_value(task, field) or "").startswith(value.lower())
    return _text(field, how, value)


def _text(field: str, how: str, value: str) -> Predicate:
    wanted = value.casefold()

    def passes(task: Task) -> bool:
        text = (_value(task, field) or "").casefold()
        if how == "startswith":
            return bool(text.startswith(wanted))
        if how == "endswith":
            return bool(text.endswith(wanted))
        if how == "word":
            return re.search(rf"\b{re.escape(wanted)}\b", text) is not None
        return wanted in text

    return passes


def _status(word: str, value: str, state: _State) -> Predicate:
    fits = [status for status in _STATUSES if status.startswith(value.lower())]
    if value.lower() in ("all", "any"):
        return lambda task: True
    if len(fits) != 1:
        raise _unreadable(word, "a status is one of " + ", ".join(_STATUSES))
    return lambda task: status_at(task, state.now) == fits[0]


def _number(word: str, field: str, how: str, value: str) -> Predicate:
    wanted: float | None
    if field == "priority" and value.lower() in _PRIORITIES:
        wanted = _PRIORITIES[value.lower()]
    elif field == "num" and NUMBER_LIST.fullmatch(value):
        listed = numbers(value)
        return lambda task: task.num in listed
    else:
        digits = re.fullmatch(r"p?(\d+)", value.lower())
        if not digits:
            raise _unreadable(word, "priorities are H, M, L or 1 to 4" if field == "priority" else "that needs a number")
        wanted = float(digits.group(1))
    if how not in ("before", "after", "by"):
        return lambda task: _value(task, field) == wanted
    below, even = how != "after", how == "by"
    if field == "priority":
        below = not below  # H, a small number, is above M

    def passes(task: Task) -> bool:
        have = _value(task, field)
        if field == "priority":
            have, bar = have or _NO_PRIORITY, wanted or _NO_PRIORITY  # none is below L, as in Taskwarrior
        elif have is None or wanted is None:
            return False
        else:
            bar = wanted
        return bool((even and have == bar) or (have < bar if below else have > bar))

    return passes


def moment(word: str, value: str, state_now: datetime, tz: ZoneInfo, day_first: bool) -> Moment:
    """A date of a filter, in Taskwarrior's or everyday words. Raises InvalidInput."""
    # The grammar is needed for dates only.
    from coach.core.grammar.marks import Context, taskwarrior_moment
    from coach.core.grammar.repeat import repeat

    context = Context(state_now.astimezone(tz).replace(tzinfo=None), tz, day_first, lambda source, i: repeat(source, i, tz))
    found = taskwarrior_moment(value, 0, context)
    if not found or value[found[1]:].strip():
        raise _unreadable(word, f"{value!r} is no date; for example fri, 2026-12-24, eom, +3d")
    reading = found[0]
    return reading.start if reading.start is not None else reading.end


def _dated(word: str, field: str, how: str, value: str, state: _State) -> Predicate:
    wanted = moment(word, value, state.now, state.tz, state.day_first)
    first, last = start_of(wanted, state.tz), end_of(wanted, state.tz)

    def passes(task: Task) -> bool:
        have = _value(task, field)
        if have is None:
            return False
        begin = start_of(have, zone(task.time_zone))
        if how == "before":
            return begin < first
        if how == "by":
            return begin < last or begin == first
        if how == "after":
            return begin >= last if last > first else begin > first
        return first <= begin < last if last > first else begin == first

    return passes


def _tag(name: str, state: _State) -> Predicate:
    """A tag, or in capitals one of Taskwarrior's virtual tags."""
    if not name.isupper():
        return lambda task: name in task.tags
    virtual = VIRTUAL_TAGS.get(name)
    if virtual is None:
        return lambda task: name in task.tags
    return lambda task: virtual(task, state)


def _unreadable(word: str, hint: str) -> InvalidInput:
    return InvalidInput(f"the filter word {word!r} cannot be read", hint)
