"""Quick-add: a task typed in plain words, read into a Draft.

Everything unrecognised stays in the title: the title is the text minus the recognised spans. The order is: notes after
` // `, marks and attributes, recurrence, days and times, durations. Recognised spans are exact offsets into the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.core.grammar.assembly import Assembly, draft_of
from coach.core.grammar.clock import APPROXIMATE
from coach.core.grammar.durations import duration
from coach.core.grammar.marks import Context, attribute_name, marks
from coach.core.grammar.moments import find
from coach.core.grammar.readings import later, read
from coach.core.grammar.repeat import repeat
from coach.core.grammar.tokens import BARRIER, Source
from coach.core.grammar.vocabulary import WEEKDAYS
from coach.core.task import Draft
from coach.core.when import Moment

Fallback = Callable[[str, datetime, ZoneInfo], "tuple[Moment, int, int] | None"]
"""Asked about a text without a recognised day: a moment and its offsets, or None."""



def parse(
    text: str, now: datetime, *, tz: ZoneInfo, day_first: bool = True,
    ignore: Iterable[tuple[int, int]] = frozenset(), fallback: Fallback | None = None,
) -> Draft:
    """What the text says, at the instant `now`, in the zone `tz`. Never fails and never loses a character.

    `ignore` holds the spans that the user un-recognised: their characters are plain text. `day_first` reads 1/2 as
    1 February. `fallback` is asked, last, about a text in which no day was found."""
    wall = now.astimezone(tz).replace(tzinfo=None, microsecond=0)
    context = Context(wall, tz, day_first, lambda source, i: repeat(source, i, tz))
    assembly = Assembly(text, wall, tz)
    taken = [*ignore]
    body = _notes(text, assembly, taken)
    for mark in marks(body, context, [*taken]):
        assembly.mark(mark)
        taken.append((mark.start, mark.end))
    taken += _addresses(body)
    source = context.source(body, taken)
    _scan(source, assembly, tz)
    if fallback is not None and not assembly.has_day:
        # A time alone stays visible: "morgen um 18:00" is one moment.
        found = fallback(_masked(body, taken + assembly.ranges_but_due), now, tz)
        if found:
            assembly.foreign(*found)
    return draft_of(assembly)


_ESTIMATE = re.compile(
    r"(?<!\S)~-?\d[\d.,]*(?:s|secs?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)?(?:\d+m?)?(?!\S)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?<!\S)([A-Za-z]{2,9}):[^\s/]\S*")


def unread(title: str) -> list[str]:
    """Words of a title that look like attributes or estimates but say nothing that could be read: due:2026-02-30, priority:Z,
    ~40h."""
    left = [found.group() for found in _ATTRIBUTE.finditer(title) if attribute_name(found.group(1).lower())]
    left += unread_estimates(title)
    return left if left != title.split() else []  # a text of marks alone is its own title


def unread_estimates(title: str) -> list[str]:
    """Words of a title that look like estimates but are none: ~40h, ~-5m."""
    return _ESTIMATE.findall(title)


def only_marks(draft: Draft, text: str) -> bool:
    """Whether spans cover the whole text, so that its title is only there because a title may not be empty."""
    left = list(text)
    for span in draft.spans:
        left[span.start : span.end] = " " * (span.end - span.start)
    return not "".join(left).strip()


def _notes(text: str, assembly: Assembly, taken: list[tuple[int, int]]) -> str:
    """The text before ` // `; what follows becomes the notes."""
    at = 0
    while (at := text.find("//", at)) >= 0:
        before = at == 0 or text[at - 1].isspace()
        after = at + 2 >= len(text) or text[at + 2].isspace()
        if before and after and text[:at].strip() and not any(a < at + 2 and at < b for a, b in taken):
            assembly.note(at, text[at + 2:].strip())
            return text[:at]
        at += 2
    return text


def _addresses(text: str) -> list[tuple[int, int]]:
    """Web addresses and mail addresses: digits inside them are no dates."""
    if "://" not in text and "@" not in text and "www." not in text:
        return []
    found, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        if "://" in word or word.startswith("www.") or "@" in word[1:]:
            found.append((start, at))
    return found


def _scan(source: Source, assembly: Assembly, tz: ZoneInfo) -> None:
    """Recurrence first, then moments, then durations, each from left to right over what is left."""
    if assembly.repeat is None:
        _recurrence(source, assembly, tz)
    _moments(source, assembly, tz)
    _durations(source, assembly)


def _recurrence(source: Source, assembly: Assembly, tz: ZoneInfo) -> None:
    for i in range(source.n):
        word = source.words[i]
        may = word in REPEAT_WORDS or word in WEEKDAYS or word[0].isdecimal() or source.words[i + 1] == "/"
        if not may or not source.opens(i):
            continue
        found = repeat(source, i, tz)
        if found and source.closes(found[1]):
            assembly.recurrence(source.span(i, found[1]), found[0])
            source.claim(i, found[1])
            return


def _moments(source: Source, assembly: Assembly, tz: ZoneInfo) -> None:
    i = 0
    while i < source.n:
        if source.words[i] == BARRIER or not source.opens(i):
            i += 1
            continue
        led, k = _leader(source, i)
        found = find(source, k)
        if led and not found:
            led, found = "", find(source, i)
        found = later(found) if found and led == "wait" else found
        reading = read(found, source.now, tz) if found and source.closes(found.j) else None
        j = found.j + (i == 0 and source.words[found.j] == ":") if found else i  # "friday: send the letter"
        if found and reading and assembly.moment(led or found.led_by, found, reading, source.span(i, j)):
            source.claim(i, j)
            i = j
        else:
            i += 1


_LEADERS = frozenset(("wait", "start", "starting", "due", "deadline"))
_VERBS_BEFORE = frozenset("let's lets to will can could should would must may might i we you and he she they please not".split())


def _leader(source: Source, i: int) -> tuple[str, int]:
    """`wait mon`, `start mon`: what a moment sets when a word before it says so. "Let's start at 5" is a sentence."""
    word = source.words[i]
    if word in _LEADERS and not (i and source.words[i - 1] in _VERBS_BEFORE):
        return word, i + 2 if source.words[i + 1] in ("until", "till") else i + 1
    return "", i


def _durations(source: Source, assembly: Assembly) -> None:
    i = 0
    while i < source.n and assembly.estimate_min is None:
        if source.words[i] != BARRIER and source.opens(i) and not (i and source.words[i - 1] == "à"):  # à 9h is a time
            k = i + 1 if (led := source.words[i] == "for") else i
            k = k + 1 if source.words[k] in APPROXIMATE else k
            found = duration(source, k)
            meant = found and source.closes(found[1]) and (k > i or not _idle(source, i, found[1]))
            if found and meant and assembly.length(found[0], source.span(i, found[1]), led):
                return
        i += 1


def _idle(source: Source, i: int, j: int) -> bool:
    """Words that are lengths only where "for" says so, or by themselves: it takes a minute, one day, music of the 90s."""
    words = source.words[i:j]
    if words == ["a", "day"]:
        return True
    decade = len(words) == 2 and words[1] == "s" and words[0].endswith("0") and i > 0 and source.words[i - 1] == "the"
    return decade or (source.n > j - i and words in (["a", "minute"], ["one", "minute"], ["a", "second"], ["one", "day"]))


def _masked(text: str, ranges: list[tuple[int, int]]) -> str:
    """The text with recognised pieces blanked out, so that offsets stay the same."""
    letters = list(text)
    for start, end in ranges:
        letters[start:min(end, len(letters))] = " " * (min(end, len(letters)) - start)
    return "".join(letters)


REPEAT_WORDS = frozenset(
    "every each ev bi everyday hourly daily nightly weekly biweekly fortnightly monthly bimonthly quarterly semiannually yearly "
    "annually biannually biennially once weekends weekdays workdays starting from beginning on at the last start end "
    "mondays tuesdays wednesdays thursdays fridays saturdays sundays mons weds thus thurs fris sats suns "
    "first second third fourth fifth sixth seventh eighth ninth tenth twentieth thirtieth twenty thirty".split()
)
