"""How tracking is doing, for `coach status` and the app."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, Home
from coach.core.event import Event, event_json
from coach.core.when import iso, parse_iso
from coach.engine import activity, receiving, tracking
from coach.engine.outdated import Outdated, outdated
from coach.store import leases, timeline
from coach.store.db import Connection

LIVE_S = 10.0
"""The newest state counts as the present one when it ended less than this ago."""


@dataclass(frozen=True, slots=True)
class Status:
    """`state` is on, paused, off or no consent; `current` the state of this moment; `today_s` tracked today."""

    state: str
    probe: str
    holder: str
    pid: int | None
    since: datetime | None
    gaps: int
    errors: int
    paused_until: datetime | None
    current: Event | None
    today_s: float
    jobs: str
    watchers: receiving.Served | None = None
    outdated: Outdated = field(default_factory=Outdated)
    """Why the plan that is shown no longer holds."""

    def document(self) -> dict[str, Any]:
        return {
            "state": self.state, "probe": self.probe, "holder": self.holder, "pid": self.pid, "since": iso(self.since),
            "gaps": self.gaps, "errors": self.errors, "paused_until": iso(self.paused_until),
            "current": event_json(self.current) if self.current else None, "today_s": round(self.today_s, 1),
            "jobs": self.jobs, "watchers": asdict(self.watchers) if self.watchers else None,
            "plan_outdated": self.outdated.document(),
        }

    def words(self, tz: ZoneInfo) -> str:
        hints = {
            "off": "start it: `coach track`, or open the app",
            "no consent": "agree to it in the app, or with `coach track`",
            "paused": "`coach resume` goes on",
        }
        lines = [f"tracking: {self.state}" + (f" ({hints[self.state]})" if self.state in hints else "")]
        if self.pid is not None:
            process = f"process {self.pid} ({self.holder})"
            lines.append(f"  probe {self.probe or 'none'}, {process}, {self.gaps} gaps, {self.errors} errors")
        if self.paused_until:
            lines.append(f"  until {self.paused_until.astimezone(tz):%a %H:%M}")
        if self.current:
            title = "".join(c if c.isprintable() else " " for c in self.current.title)
            lines.append("  now: " + "  ".join(word for word in (self.current.app, self.current.project, title) if word))
        minutes = round(self.today_s / 60)
        lines.append(f"  today: {minutes // 60} h {minutes % 60:02d} min tracked")
        if self.outdated:
            stays = " around what you accepted, `coach plan reject` gives a block back" if self.outdated.in_the_way else ""
            lines.append(f"the plan no longer holds: {self.outdated.words}; `coach plan` makes it anew{stays}")
        return "\n".join([*lines, self.watchers.words()] if self.watchers else lines)


def status(db: Connection, home: Home, config: Config, now: datetime) -> Status:
    """The tracker as the lease, the lock and the newest state tell it."""
    from coach.config import clock as wall
    from coach.core.when import logical_day
    from coach.engine.clock import local_zone

    tz = local_zone(config)
    live = leases.held(home.state, "tracker")
    row = leases.row(db, "tracker") if live else None
    info = json.loads(row["info"] or "{}") if row else {}
    paused = tracking.paused_until(db, now)
    state = "no consent" if not tracking.consent(db) else "paused" if paused else "on" if live else "off"
    newest = timeline.newest(db, now)
    lives = state == "on" and newest is not None and abs((now - newest.end).total_seconds()) < LIVE_S
    current = newest if lives else None
    low, high = activity.bounds(logical_day(now, tz, wall(config.time.day_start)), config, tz)
    today_s = sum(e.duration_s for e in timeline.between(db, low, high))
    jobs = leases.row(db, "jobs") if leases.held(home.state, "jobs") else None
    return Status(
        state, str(info.get("probe", "")), row["holder"] if row else "", row["pid"] if row else None,
        parse_iso(row["since"]) if row else None, int(info.get("gaps", 0)), int(info.get("errors", 0)),
        paused if isinstance(paused, datetime) else None, current, today_s, jobs["holder"] if jobs else "",
        receiving.served(db, home), outdated(db, config, now, tz),
    )


