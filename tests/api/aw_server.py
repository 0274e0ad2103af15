"""What aw-server 0.12 does with heartbeats, event by event: aw_core.models.Event, aw_transform.heartbeat_merge,
ServerAPI.heartbeat with its memory of the last event, and `replace_last`, which overwrites the newest."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any


@dataclass(frozen=True)
class Event:
    timestamp: datetime
    duration: timedelta
    data: dict[str, Any]


def event(timestamp: datetime, duration: float, data: dict[str, Any]) -> Event:
    cut = timestamp.replace(microsecond=timestamp.microsecond // 1000 * 1000)
    return Event(cut.astimezone(UTC), timedelta(seconds=duration), data)


@dataclass
class Bucket:
    rows: list[Event] = field(default_factory=list)
    """By id."""
    last: Event | None = None

    def newest(self) -> int:
        return max(range(len(self.rows)), key=lambda i: (self.rows[i].timestamp, i))

    def heartbeat(self, beat: Event, pulsetime: float) -> Event:
        if self.last and self.last.data == beat.data:
            end = self.last.timestamp + self.last.duration + timedelta(seconds=pulsetime)
            if self.last.timestamp <= beat.timestamp <= end:
                length = max(self.last.duration, beat.timestamp - self.last.timestamp + beat.duration)
                self.last = self.rows[self.newest()] = replace(self.last, duration=length)
                return self.last
        self.rows.append(beat)
        self.last = beat
        return beat

    def events(self) -> list[Event]:
        """Newest first, of one start the one stored last first."""
        return [self.rows[i] for i in sorted(range(len(self.rows)), key=lambda i: (self.rows[i].timestamp, i), reverse=True)]
