"""Calendars and their events: time that is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from coach.core.when import iso

Kind = Literal["file", "folder", "feed", "caldav", "demo"]
"""A .ics file, a vdir folder of them, an address, a calendar on a CalDAV server, or the demo's own, which is never read again."""

PRIVATE_TITLE = "Busy"
"""What stands for the title of an event whose CLASS is PRIVATE or CONFIDENTIAL, and of a block in somebody's calendar."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """`location` is a path or an address; an address may hold a secret and is never put into a message. `user` is the name
    under which a CalDAV server knows the person."""

    id: str
    name: str
    kind: Kind
    location: str
    created: datetime
    enabled: bool = True
    user: str = ""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One occurrence. `end` is exclusive; an all-day one spans local midnights. `busy` is false for transparent events."""

    uid: str
    start: datetime
    end: datetime
    all_day: bool = False
    busy: bool = True
    title: str = ""


def event_json(event: CalendarEvent) -> dict[str, Any]:
    return {
        "uid": event.uid, "start": iso(event.start), "end": iso(event.end), "all_day": event.all_day, "busy": event.busy,
        "title": event.title,
    }
