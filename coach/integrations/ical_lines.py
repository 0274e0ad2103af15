"""iCalendar's content lines (RFC 5545, 3.1): unfolded with their numbers, taken apart, and written again. Lines are kept
as they are, so that what Coach does not understand can go back unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.errors import InvalidInput
from coach.core.when import resolve
from coach.integrations.source import Source, clean, lines_of, refuse

_NAME = re.compile(r"[A-Za-z0-9.-]+")
_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


@dataclass(frozen=True, slots=True)
class Line:
    """`raw` is the whole content line, unfolded."""

    number: int
    name: str
    params: Mapping[str, str]
    value: str
    raw: str


@dataclass(slots=True)
class Component:
    """A component with its own lines, and the ones inside it. `raw` is all of it, BEGIN and END included."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    inside: list[Component] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    def all(self, name: str) -> list[Line]:
        return [line for line in self.lines if line.name == name]

    def first(self, name: str) -> Line | None:
        return next((line for line in self.lines if line.name == name), None)


def components(source: Source) -> Iterator[Component]:
    """The components inside each VCALENDAR (or outside of any), one at a time. Raises InvalidInput naming the line."""
    opened: list[Component] = []
    number = 0
    some = False
    for number, text in unfolded(source):
        where = f"{source.name}, line {number}"
        line = taken_apart(number, text, where)
        if line.name == "BEGIN":
            some = True
            name = line.value.strip().upper()
            if name == "VCALENDAR" and not opened:
                continue
            if len(opened) > 50:
                raise InvalidInput(f"{where}: it is nested too deeply", "is it a calendar file?")
            opened.append(Component(name, number))
        elif line.name == "END":
            name = line.value.strip().upper()
            if name == "VCALENDAR" and not opened:
                continue
            if not opened or opened[-1].name != name:
                raise InvalidInput(f"{where}: END:{name[:30]} ends nothing", "nothing was imported; export the file again")
            done = opened.pop()
            for each in (*opened, done):
                each.raw.append(text)
            if opened:
                opened[-1].inside.append(done)
            else:
                yield done
            continue
        elif opened:
            opened[-1].lines.append(line)
        elif not some:
            raise InvalidInput(f"{where}: there is no BEGIN:VCALENDAR", "is it a calendar file?")
        for each in opened:
            each.raw.append(text)
    if opened:
        raise InvalidInput(
            f"{source.name}, line {number}: the file ends inside the {opened[-1].name} of line {opened[-1].number}",
            "nothing was imported; export the file again",
        )
    if not some:
        raise InvalidInput(f"{source.name}, line 1: there is no BEGIN:VCALENDAR", "is it a calendar file?")


def unfolded(source: Source) -> Iterator[tuple[int, str]]:
    """Content lines with the number of their first physical line."""
    number, held = 0, ""
    for here, line in lines_of(source):
        if line[:1] in (" ", "\t") and held:
            held += line[1:]
            if len(held) > 4_000_000:
                raise InvalidInput(f"{source.name}, line {number} is longer than 4 MB", "is it a calendar file?")
            continue
        if held.strip():
            yield number, held
        number, held = here, line
    if held.strip():
        yield number, held


def taken_apart(number: int, raw: str, where: str) -> Line:
    raw = clean(raw)
    head, value = _split(raw)
    name, *params = _outside_quotes(head, ";")
    if value is None or not _NAME.fullmatch(name):
        raise InvalidInput(f"{where}: this is no line of iCalendar", "nothing was imported; export the file again")
    named = {}
    for param in params:
        key, _, text = param.partition("=")
        named[key.upper()] = text[1:-1] if text[:1] == '"' == text[-1:] else text
    return Line(number, name.upper(), named, value, raw)


def text(value: str) -> str:
    """A TEXT value without its escapes."""
    return re.sub(r"\\[nN,;\\]", lambda m: _ESCAPES[m[0]], value)


def texts(value: str) -> list[str]:
    """A list of TEXT values."""
    return [text(part) for part in re.findall(r"(?:^|,)((?:\\.|[^,\\]|\\$)*)", value)]


def escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\r\n", "\\n").replace("\n", "\\n")


def folded(raw: str) -> str:
    """The line as it stands in a file: at most 75 octets, CRLF at its end. A character is never cut."""
    pieces: list[str] = []
    held, octets = "", 0
    for character in raw:
        size = len(character.encode())
        if octets + size > 75:
            pieces.append(held)
            held, octets = "", 1
        held, octets = held + character, octets + size
    return "\r\n ".join([*pieces, held]) + "\r\n"


def moment(line: Line, where: str, zones: Mapping[str, tzinfo], tz: ZoneInfo, value: str = "") -> datetime | date | timedelta:
    """A DATE, DATE-TIME or DURATION; a floating time is read in `tz`. Raises InvalidInput naming the property."""
    import icalendar  # 90 ms

    try:
        types: Any = icalendar.vDDDTypes
        found: Any = types.from_ical(value or line.value.strip())
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        refuse(where, line.name, "is no date")
    if isinstance(found, timedelta):
        return found
    if not isinstance(found, date):
        refuse(where, line.name, "is no date")
    if not isinstance(found, datetime) or found.tzinfo is not None:
        return found
    name = line.params.get("TZID", "")
    zone = zones.get(name) or (_zone(name) if name else None) or tz
    return resolve(found, zone)


def custom_zone(component: Component) -> tzinfo | None:
    """The zone that a VTIMEZONE defines, for names that nobody knows."""
    import icalendar

    name = component.first("TZID")
    if name is None or _zone(name.value) is not None:
        return None
    try:
        defined: Any = icalendar.Timezone.from_ical("\r\n".join(component.raw) + "\r\n")
        made = defined.to_tz()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None  # its times are then read as local ones
    return made if isinstance(made, tzinfo) else None


def definition(tzid: str) -> str:
    """The VTIMEZONE of an IANA zone."""
    import icalendar

    return str(icalendar.Timezone.from_tzid(tzid).to_ical().decode())


def _zone(name: str) -> tzinfo | None:
    """IANA names, Windows names, and IANA names behind a vendor's prefix."""
    import warnings

    from icalendar.timezone import tzp

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = tzp.timezone(name)
    return UTC if found is not None and str(found) == "UTC" else found


def _split(raw: str) -> tuple[str, str | None]:
    quoted = False
    for place, character in enumerate(raw):
        if character == '"':
            quoted = not quoted
        elif character == ":" and not quoted:
            return raw[:place], raw[place + 1 :]
    return raw, None


def _outside_quotes(head: str, mark: str) -> list[str]:
    found, held, quoted = [], "", False
    for character in head:
        quoted ^= character == '"'
        if character == mark and not quoted:
            found.append(held)
            held = ""
        else:
            held += character
    return [*found, held]

