"""One occurrence of a calendar's event moved or taken out (RFC 5545, 3.8.4.4 and 3.8.5.1). Every other line, and every
other exception of a series, goes back to the server as it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.errors import InvalidInput, NotFound
from coach.integrations import vevent
from coach.integrations.ical_lines import Component, Line, components, custom_zone, folded, moment, text
from coach.integrations.source import Source, without_fraction

_REPEATS = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"})


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """Where an occurrence comes from: an event of its own (`own`), or the rule of the master that begins at line `master`."""

    lines: list[str]
    events: list[tuple[int, int, Component]]
    own: int | None
    master: int | None


def moved(data: str, uid: str, at: datetime, start: datetime, end: datetime, stamp: datetime, tz: ZoneInfo) -> str:
    """The object with the occurrence that begins at `at` moved to [start, end): an exception where a rule made it. Raises
    NotFound where there is none, InvalidInput for a whole day."""
    found = _find(data, uid, at, tz)
    if found.own is not None:
        begin, finish, _ = found.events[found.own]
        return _joined(vevent.with_times(found.lines, begin, finish, start, end, stamp))
    assert found.master is not None
    begin, finish, master = found.events[found.master]
    exception = [raw for raw, name, inner in vevent.named(found.lines[begin : finish + 1]) if inner or name not in _REPEATS]
    exception.insert(1, f"RECURRENCE-ID{_written(master, at, tz)}")
    new = vevent.with_times(exception, 0, len(exception) - 1, start, end, stamp)
    last = max(finish for _, finish, _ in found.events)
    return _joined([*found.lines[: last + 1], *new, *found.lines[last + 1 :]])


def cancelled(data: str, uid: str, at: datetime, tz: ZoneInfo) -> str | None:
    """The object without the occurrence that begins at `at`; None where nothing of it would be left. Raises NotFound where
    there is none, InvalidInput for a whole day."""
    found = _find(data, uid, at, tz)
    if found.master is None and len(found.events) == 1:
        return None
    gone: range = range(0)
    instead: Line | None = None
    if found.own is not None:
        begin, finish, own = found.events[found.own]
        gone, instead = range(begin, finish + 1), own.first("RECURRENCE-ID")
    excluded: dict[int, str] = {}
    if found.master is not None:
        _, finish, master = found.events[found.master]
        excluded[finish] = f"EXDATE{instead.raw[len('RECURRENCE-ID'):] if instead else _written(master, at, tz)}"
    kept = ((n, raw) for n, raw in enumerate(found.lines) if n not in gone)
    return _joined(line for n, raw in kept for line in (*([excluded[n]] if n in excluded else []), raw))


def _find(data: str, uid: str, at: datetime, tz: ZoneInfo) -> _Occurrence:
    source = Source("the event", data=data.encode("utf-8", "replace"))
    found = list(components(source))
    zones = {n.value: z for c in found if c.name == "VTIMEZONE" and (n := c.first("TZID")) and (z := custom_zone(c))}
    lines, ranges = vevent.ranges(data)
    events = [
        (begin, finish, c) for (begin, finish), c in zip(ranges, (c for c in found if c.name == "VEVENT"), strict=True)
        if (own := c.first("UID")) and text(own.value) == uid
    ]
    master = next((n for n, (_, _, c) in enumerate(events) if c.first("RECURRENCE-ID") is None), None)
    repeats = master is not None and any(events[master][2].first(name) for name in ("RRULE", "RDATE"))
    for number, (_, _, component) in enumerate(events):
        if (number != master or not repeats) and _begins(component, zones, tz) == at:
            return _Occurrence(lines, events, number, master if number != master and repeats else None)
    if master is None or not repeats:
        raise NotFound("there is no such event any more", "`coach calendar sync` reads the calendar again")
    if _begins(events[master][2], zones, tz) is None:
        raise InvalidInput("it is a whole day", "change it in the calendar's own program")
    return _Occurrence(lines, events, None, master)


def _begins(component: Component, zones: Any, tz: ZoneInfo) -> datetime | None:
    line = component.first("DTSTART")
    found = moment(line, "the event", zones, tz) if line else None
    return found.astimezone(UTC) if isinstance(found, datetime) else None


def _written(master: Component, at: datetime, tz: ZoneInfo) -> str:
    """The parameters and the value by which an occurrence is named: in the form of the master's DTSTART."""
    line: Line | None = master.first("DTSTART")
    assert line is not None
    if line.value.strip().endswith("Z"):
        return f":{without_fraction(at)}"
    zone = moment(line, "the event", {}, tz)
    assert isinstance(zone, datetime)
    local = at.astimezone(zone.tzinfo).strftime("%Y%m%dT%H%M%S")
    return f";TZID={line.params['TZID']}:{local}" if "TZID" in line.params else f":{local}"


def _joined(lines: Iterable[str]) -> str:
    return "".join(folded(raw) for raw in lines)
