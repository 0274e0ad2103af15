"""A plan block as iCalendar's VEVENT: written anew, read back, and rewritten so that every line that is not about its time
or its title stays as the server has it: alarms, attendees, unknown properties, other components."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.errors import InvalidInput
from coach.integrations.ical_lines import (
    Component,
    Line,
    components,
    custom_zone,
    escaped,
    folded,
    moment,
    taken_apart,
    text,
    unfolded,
)
from coach.integrations.source import Source, without_fraction

PRODID = "-//Coach//Coach//EN"
_REPEATS = ("RRULE", "RDATE")
_STAMPS = ("DTSTAMP", "LAST-MODIFIED", "SEQUENCE")
_LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BlockEvent:
    """What an event says of a block. `times` is None where it is nothing that a block can be: a whole day, none, longer
    than a day, or an event that repeats (`repeats`)."""

    times: tuple[datetime, datetime] | None
    title: str
    repeats: bool = False


def event(uid: str, start: datetime, end: datetime, title: str, stamp: datetime) -> list[str]:
    """The content lines of a block, BEGIN and END included, not folded."""
    return [
        "BEGIN:VEVENT", f"UID:{escaped(uid)}", f"DTSTAMP:{without_fraction(stamp)}", *_times(start, end),
        f"SUMMARY:{escaped(title)}", "TRANSP:OPAQUE", "END:VEVENT",
    ]


def calendar(events: Iterable[Sequence[str]], name: str = "") -> str:
    """A VCALENDAR of such events."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODID}"] + ([f"X-WR-CALNAME:{escaped(name)}"] if name else [])
    return "".join(folded(line) for line in [*head, *(line for one in events for line in one), "END:VCALENDAR"])


def read(data: str, uid: str, tz: ZoneInfo) -> BlockEvent | None:
    """What the block's event says; None where there is none. Raises InvalidInput for what is no iCalendar."""
    found = list(components(_source(data)))
    own = [c for c in found if c.name == "VEVENT" and (u := c.first("UID")) and text(u.value) == uid]
    master = next((c for c in own if c.first("RECURRENCE-ID") is None), own[0] if own else None)
    if master is None:
        return None
    status = master.first("STATUS")
    if status is not None and status.value.strip().upper() == "CANCELLED":
        return None
    title = master.first("SUMMARY")
    words = text(title.value) if title else ""
    if len(own) > 1 or any(master.first(name) for name in _REPEATS):
        return BlockEvent(None, words, repeats=True)
    zones = {n.value: z for c in found if c.name == "VTIMEZONE" and (n := c.first("TZID")) and (z := custom_zone(c))}
    return BlockEvent(_span(master, zones, tz), words)


def rewritten(data: str, uid: str, start: datetime, end: datetime, title: str | None, stamp: datetime) -> str:
    """The server's text with other times, and another title unless that is None. Raises InvalidInput where it has no event
    of that UID."""
    lines, begin, finish = _place(data, uid)
    return "".join(folded(raw) for raw in with_times(lines, begin, finish, start, end, stamp, title))


def with_times(
    lines: Sequence[str], begin: int, finish: int, start: datetime, end: datetime, stamp: datetime, title: str | None = None
) -> list[str]:
    """The content lines with other times, and another title unless that is None, in the event from `begin` to `finish`."""
    replaced = {"DTSTART", "DTEND", "DURATION", *_STAMPS} | ({"SUMMARY"} if title is not None else set())
    kept: list[str] = []
    sequence = 0
    for raw, name, inner in named(lines[begin + 1 : finish]):
        if name == "SEQUENCE" and not inner:
            value = taken_apart(0, raw, "the event").value.strip()
            sequence = int(value) if value.isdecimal() and len(value) < 10 else 0
        if inner or name not in replaced:
            kept.append(raw)
    at = without_fraction(stamp)
    new = [f"DTSTAMP:{at}", f"LAST-MODIFIED:{at}", f"SEQUENCE:{sequence + 1}", *_times(start, end)]
    if title is not None:
        new.append(f"SUMMARY:{escaped(title)}")
    return [*lines[: begin + 1], *new, *kept, *lines[finish:]]


def ranges(data: str) -> tuple[list[str], list[tuple[int, int]]]:
    """The content lines, and where the BEGIN and END of each event stand."""
    lines = [raw for _, raw in unfolded(_source(data))]
    words = [raw.strip().upper() for raw in lines]
    begins, ends = ([n for n, word in enumerate(words) if word == mark] for mark in ("BEGIN:VEVENT", "END:VEVENT"))
    return lines, list(zip(begins, ends, strict=True))


def uid_of(data: str) -> str:
    """The UID of the first event; empty where there is none to be found."""
    try:
        found = next((c for c in components(_source(data)) if c.name == "VEVENT"), None)
    except InvalidInput:
        return ""
    line = found.first("UID") if found else None
    return text(line.value) if line else ""


def _times(start: datetime, end: datetime) -> list[str]:
    return [f"DTSTART:{without_fraction(start)}", f"DTEND:{without_fraction(end)}"]


def _source(data: str) -> Source:
    return Source("the event", data=data.encode("utf-8", "replace"))


def _span(component: Component, zones: dict[str, tzinfo], tz: ZoneInfo) -> tuple[datetime, datetime] | None:
    def read_moment(line: Line) -> Any:
        return moment(line, "the event", zones, tz)

    begin, finish, length = (component.first(name) for name in ("DTSTART", "DTEND", "DURATION"))
    if begin is None:
        return None
    try:
        start: date | timedelta = read_moment(begin)
        end: date | timedelta | None = read_moment(finish) if finish else None
        if isinstance(start, datetime) and end is None and length is not None:
            lasting = read_moment(length)
            end = start + lasting if isinstance(lasting, timedelta) else None
    except (InvalidInput, OverflowError):
        return None
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    return (start, end) if timedelta() < end - start <= _LONGEST else None


def _place(data: str, uid: str) -> tuple[list[str], int, int]:
    """The content lines, and where the event's BEGIN and END stand."""
    lines, found = ranges(data)
    for begin, finish in found:
        for raw, name, inner in named(lines[begin + 1 : finish]):
            if name == "UID" and not inner and text(taken_apart(0, raw, "the event").value) == uid:
                return lines, begin, finish
    raise InvalidInput("there is no such event", "synchronise again")


def named(lines: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """Each line, the name of its property, and whether it belongs to a component inside, such as an alarm."""
    depth = 0
    for raw in lines:
        name = _name(raw)
        depth += name == "BEGIN"
        yield raw, name, depth > 0
        depth -= name == "END"


def _name(raw: str) -> str:
    """The name of a content line, in capitals."""
    end = min((at for mark in ";:" if (at := raw.find(mark)) >= 0), default=len(raw))
    return raw[:end].upper()
