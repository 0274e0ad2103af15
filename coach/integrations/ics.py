"""Calendar events (RFC 5545) from a .ics file, a vdir folder of them, or the bytes of a feed.

Readers meet broken calendars every day, so one bad event is named and left out, and the others are read. Messages name
the file, the line and the property, never what is written there.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.calendar import PRIVATE_TITLE, CalendarEvent
from coach.core.errors import InvalidInput, NotFound
from coach.core.when import resolve, start_of
from coach.integrations.ics_repair import TIMES, BadEvent, repair, without_repeats

MOST_BYTES = 32_000_000
"""Of one file or feed, and of a folder together."""
MOST_FILES = 50_000
MOST_EVENTS = 50_000
"""Occurrences in the time asked for."""
MOST_S = 20.0
"""A calendar whose rules take longer to expand is left where it is."""

_EXPORT = "export the calendar again, or open it in the program that wrote it"

# What icalendar, dateutil and recurring_ical_events raise on broken input, over the 197 files of icalendar's own tests.
_BROKEN = (ValueError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError, RecursionError, AssertionError)


@dataclass(frozen=True, slots=True)
class Reading:
    """The events that overlap the time asked for, earliest first, and what could not be read."""

    events: tuple[CalendarEvent, ...]
    problems: tuple[str, ...] = ()


def read(path: Path, start: datetime, end: datetime, tz: ZoneInfo) -> Reading:
    """Events of a file or of a folder (its .ics files, and those one level below) in [start, end). Times without a zone
    are read in `tz`.

    Raises NotFound for a path that is not there, InvalidInput for one that holds no readable calendar."""
    if not path.exists():
        raise NotFound(f"there is no file or folder {path}", "an address begins with https://, a server's follows `caldav`")
    if path.is_dir():
        return _read_folder(path, start, end, tz)
    return parse(_bytes_of(path, MOST_BYTES), path.name, start, end, tz)


def mark(path: Path) -> str:
    """Differs when the file, or any file of the folder, may have changed; empty when it cannot be looked at."""
    try:
        files = _files(path) if path.is_dir() else [path]
        found = [f.stat() for f in files]
    except OSError:
        return ""
    return f"{len(found)} {sum(s.st_size for s in found)} {max((s.st_mtime_ns for s in found), default=0)}"


def parse(data: bytes, name: str, start: datetime, end: datetime, tz: ZoneInfo) -> Reading:
    """Events of an iCalendar stream; `name` stands for it in messages. Raises InvalidInput naming the line."""
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{name} is larger than {MOST_BYTES // 1_000_000} MB", "export a shorter time")
    found, problems = _events_of(data, name, start, end, tz, time.monotonic() + MOST_S)
    return Reading(_sorted(found, name), tuple(problems))


def _read_folder(folder: Path, start: datetime, end: datetime, tz: ZoneInfo) -> Reading:
    files = _files(folder)
    if not files:
        raise InvalidInput(f"{folder} holds no .ics files", "name a .ics file, or a folder with one file per event")
    if len(files) > MOST_FILES:
        raise InvalidInput(f"{folder} holds more than {MOST_FILES:,} files", "name one calendar's folder")
    found: list[CalendarEvent] = []
    problems: list[str] = []
    left, deadline, broken = MOST_BYTES, time.monotonic() + MOST_S, 0
    for file in files:
        name = str(file.relative_to(folder))
        try:
            data = _bytes_of(file, left)
            events, named = _events_of(data, name, start, end, tz, deadline)
        except InvalidInput as error:
            problems.append(error.message)
            broken += 1
            continue
        left -= len(data)
        found += events
        problems += named
        if len(found) > MOST_EVENTS:
            break
    if broken == len(files):
        raise InvalidInput(f"no file in {folder} can be read: {problems[0]}", _EXPORT)
    return Reading(_sorted(found, str(folder)), tuple(problems))


def _files(folder: Path) -> list[Path]:
    return sorted(p for pattern in ("*.ics", "*/*.ics") for p in folder.glob(pattern) if not _hidden(p, folder))


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _bytes_of(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error.strerror}", "check its permissions") from error
    if len(data) > most:
        raise InvalidInput(f"{path.name} goes over {MOST_BYTES // 1_000_000} MB", "export a shorter time")
    return data


def _sorted(found: list[CalendarEvent], name: str) -> tuple[CalendarEvent, ...]:
    if len(found) > MOST_EVENTS:
        raise InvalidInput(f"{name} has more than {MOST_EVENTS:,} events in this time", "a rule in it repeats too often")
    return tuple(sorted(found, key=lambda e: (e.start, e.end, e.uid)))


def _events_of(
    data: bytes, name: str, start: datetime, end: datetime, tz: ZoneInfo, deadline_s: float,
) -> tuple[list[CalendarEvent], list[str]]:
    import warnings

    text = _decoded(data)
    lines = _begin_lines(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # icalendar says on stderr which zone it takes an old zone name for
        components, problems = _components(text, name)
        found: list[CalendarEvent] = []
        for group in _series(components, lines):
            where = f"{name}, {group[0].where}"
            if time.monotonic() > deadline_s:
                raise InvalidInput(f"{where}: its rules take too long to expand", "a rule in it repeats too often")
            problems += [f"{e.where_in(name)}: {why}" for e in group for why in e.problems]
            if group := [e for e in group if e.component is not None]:
                found += _read_series(group, name, start, end, tz, problems)
            if len(found) > MOST_EVENTS:
                break
    return found, problems


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")  # what old Outlook exports are


@dataclass(frozen=True, slots=True)
class _Event:
    """A VEVENT (None when it cannot be placed), where in the file it stands, and what could not be read of it."""

    component: Any
    where: str
    problems: tuple[str, ...] = ()

    def where_in(self, name: str) -> str:
        return f"{name}, {self.where}"


def _begin_lines(text: str) -> list[int]:
    """The line of each BEGIN:VEVENT."""
    return [n for n, line in enumerate(text.splitlines(), 1) if line.strip().upper() == "BEGIN:VEVENT"]


def _components(text: str, name: str) -> tuple[list[Any], list[str]]:
    """The parsed file. When its own time zones are what is broken, it is read without them."""
    import icalendar  # 90 ms

    def parsed(source: str) -> list[Any]:
        return list(icalendar.Calendar.from_ical(source.encode(), multiple=True))

    try:
        found = parsed(text)
        problems: list[str] = []
    except _BROKEN:
        try:
            found = parsed(_without_zones(text))
        except _BROKEN as error:
            raise InvalidInput(f"{name}, line {_broken_line(text)}: this is not iCalendar", _EXPORT) from error
        problems = [f"{name}: its own time zones cannot be read; zones are taken by their names"]
    if not any(c.name == "VCALENDAR" or c.walk("VEVENT") for c in found):
        if "BEGIN:VCALENDAR" in text.upper():
            last = len(text.splitlines())
            raise InvalidInput(f"{name}, line {last}: it ends in the middle, END:VCALENDAR is missing", _EXPORT)
        raise InvalidInput(f"{name}, line 1: there is no BEGIN:VCALENDAR", "is it a calendar file?")
    return found, problems


def _without_zones(text: str) -> str:
    kept: list[str] = []
    inside = False
    for line in text.splitlines():
        word = line.strip().upper()
        inside = inside or word == "BEGIN:VTIMEZONE"
        if not inside:
            kept.append(line)
        inside = inside and word != "END:VTIMEZONE"
    return "\r\n".join(kept) + "\r\n"


def _broken_line(text: str) -> int:
    """The first content line that is none, or the first END that ends nothing; else the last line."""
    from icalendar.parser import Contentline

    opened: list[str] = []
    number = 0
    for number, line in _unfolded(text):
        try:
            prop, _, value = Contentline(line).parts()  # type: ignore[no-untyped-call]
        except _BROKEN:
            return number
        if prop.upper() == "BEGIN":
            opened.append(value.upper())
        elif prop.upper() == "END" and (not opened or opened.pop() != value.upper()):
            return number
    return max(1, number)


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Content lines with the number of their first physical line."""
    number, held = 0, ""
    for here, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t") and held:
            held += line[1:]
            continue
        if held:
            yield number, held
        number, held = here, line.strip()
    if held:
        yield number, held


def _series(components: Iterable[Any], lines: list[int]) -> list[list[_Event]]:
    """Events that share a UID: a rule and its exceptions. An event without a UID stands alone."""
    events = [e for c in components for e in c.walk("VEVENT")]
    named = len(events) == len(lines)
    groups: dict[str, list[_Event]] = {}
    for number, event in enumerate(events):
        where = f"line {lines[number]}" if named else f"event {number + 1}"
        groups.setdefault(str(event.get("UID") or f"\0{number}"), []).append(_repaired(event, where))
    return list(groups.values())


def _repaired(event: Any, where: str) -> _Event:
    try:
        return _Event(event, where, tuple(repair(event)))
    except _BROKEN as error:
        return _Event(None, where, (_what(error),))


def _read_series(
    group: list[_Event], name: str, start: datetime, end: datetime, tz: ZoneInfo, problems: list[str]
) -> list[CalendarEvent]:
    """The occurrences of a series; where it cannot be expanded, the first time of each of its events."""
    where = group[0].where_in(name)
    try:
        return _occurrences(group, start, end, tz)
    except _BROKEN as error:
        found: list[CalendarEvent] = []
        repeats = [without_repeats(event.component) for event in group]
        for event in group:
            try:
                found += _occurrences([event], start, end, tz)
            except _BROKEN as worse:
                problems.append(f"{event.where_in(name)}: {_what(worse)}")
        if any(repeats):
            problems.append(f"{where}: {_what(error)}; only its first time is read")
        return found


def _what(error: Exception) -> str:
    if isinstance(error, BadEvent):
        return str(error)
    words = str(error)
    prop = next((p for p in TIMES if p in words), "RRULE" if "UNTIL" in words else "")
    return f"{prop} cannot be read" if prop else "the event cannot be read"


def _occurrences(group: list[_Event], start: datetime, end: datetime, tz: ZoneInfo) -> list[CalendarEvent]:
    single = group[0].component
    plain = len(group) == 1 and not any(p in single for p in ("RRULE", "RDATE", "RECURRENCE-ID"))
    found = [single] if plain else _expanded(group, start, end)
    events = [_event(c, tz) for c in found if str(c.get("STATUS", "")).upper() != "CANCELLED"]
    return [e for e in events if e.start < end and (e.end > start or e.start >= start)]


def _expanded(group: list[_Event], start: datetime, end: datetime) -> list[Any]:
    import icalendar
    import recurring_ical_events  # 60 ms

    calendar = icalendar.Calendar()
    for event in group:
        calendar.add_component(event.component)
    found = recurring_ical_events.of(calendar).between(start, end)
    if len(found) > MOST_EVENTS:
        raise BadEvent("it repeats too often")
    return list(found)


def _event(component: Any, tz: ZoneInfo) -> CalendarEvent:
    begin = component["DTSTART"].dt
    if not isinstance(begin, date):
        raise TypeError("DTSTART is neither a date nor a time")
    finish = _finish(component, begin)
    all_day = not isinstance(begin, datetime)
    start, end = _instant(begin, tz), _instant(finish, tz)
    if end < start:
        raise BadEvent("it ends before it starts")
    free = str(component.get("TRANSP", "")).upper() == "TRANSPARENT" or str(
        component.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() == "FREE"
    # What is not read can appear nowhere: not in the timeline of meetings, an export, a report or a shared screen.
    private = str(component.get("CLASS", "")).upper() in ("PRIVATE", "CONFIDENTIAL")
    title = PRIVATE_TITLE if private else str(component.get("SUMMARY", ""))
    return CalendarEvent(str(component.get("UID", "")), start, end, all_day, not free, title)


def _finish(component: Any, begin: date) -> date:
    """DTEND, or DTSTART and DURATION, or what RFC 5545 says without both: the whole day, or no time at all."""
    if "DTEND" in component:
        finish = component["DTEND"].dt
        if not isinstance(finish, date):
            raise TypeError("DTEND is neither a date nor a time")
        return finish
    if "DURATION" in component:
        return begin + component["DURATION"].dt  # type: ignore[no-any-return]
    return begin if isinstance(begin, datetime) else begin + timedelta(days=1)


def _instant(moment: date, tz: ZoneInfo) -> datetime:
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else resolve(moment, tz)).astimezone(UTC)
    return start_of(moment, tz).astimezone(UTC)
