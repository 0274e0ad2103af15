"""Events: what was in front, from when to when. The merge rule is ActivityWatch's (aw_transform.heartbeat_merge)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from coach.core.when import iso


@dataclass(frozen=True, slots=True)
class Sample:
    """What a probe saw at one instant. `idle_s` is the time since the last input; `source` names the probe.

    `inside` is what runs in it, when it is the window of a terminal; `branch` what git has checked out there."""

    at: datetime
    source: str
    app: str = ""
    title: str = ""
    url: str = ""
    project: str = ""
    idle_s: float = 0.0
    private: bool = False
    inside: Sample | None = None
    branch: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """The further fields of its event."""
        return {"branch": self.branch} if self.branch else {}


@dataclass(frozen=True, slots=True)
class Event:
    """A stretch of time in one state. `category` is filled on reading; `data` holds a source's further fields."""

    start: datetime
    end: datetime
    source: str
    app: str = ""
    title: str = ""
    url: str = ""
    project: str = ""
    category: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    id: int | None = None

    def over(self, start: datetime, end: datetime) -> Event:
        """The same state in another stretch. A tenth of what `dataclasses.replace` costs: trackers make several a second."""
        return Event(
            start, end, self.source, self.app, self.title, self.url, self.project, self.category, self.data, self.id
        )

    @property
    def duration_s(self) -> float:
        return (self.end - self.start).total_seconds()


def same_state(a: Event, b: Event) -> bool:
    """Whether two events of one bucket carry the same data, the whole of it."""
    return (a.source, a.app, a.title, a.url, a.project, a.data) == (b.source, b.app, b.title, b.url, b.project, b.data)


def merge(last: Event, heartbeat: Event, pulsetime_s: float) -> Event | None:
    """`last` extended by `heartbeat`, or None when the heartbeat starts a new event.

    Merges when the data is equal and last.start <= heartbeat.start <= last.end + pulsetime."""
    if not same_state(last, heartbeat):
        return None
    if not last.start <= heartbeat.start <= last.end + timedelta(seconds=pulsetime_s):
        return None
    return last.over(last.start, max(last.end, heartbeat.end))


def extended(start_us: int, end_us: int, beat_start_us: int, beat_end_us: int, pulse_us: int) -> int | None:
    """`merge` for two events of equal data, in microseconds: the end of the first once the second is merged into it, or
    None when the second starts a new one."""
    return max(end_us, beat_end_us) if start_us <= beat_start_us <= end_us + pulse_us else None


def event_json(event: Event) -> dict[str, Any]:
    """The Event object of PRODUCT.md 1."""
    return {
        "start": iso(event.start), "end": iso(event.end), "duration_s": round(event.duration_s, 3),
        "source": event.source, "app": event.app, "title": event.title, "url": event.url, "project": event.project,
        "category": event.category, "data": dict(event.data),
    }
