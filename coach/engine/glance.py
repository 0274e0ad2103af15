"""What is going on, in the few reads that a status bar can afford."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config, Home
from coach.config import clock as wall
from coach.core.glance import Glance
from coach.core.when import day_bounds, logical_day, parse_iso
from coach.store import glance as store
from coach.store import leases
from coach.store.db import Connection, meta


def glance(db: Connection, home: Home, config: Config, now: datetime, tz: ZoneInfo) -> Glance:
    """The tracker's state, the task or focus session in hand, and the time tracked today."""
    day_start = wall(config.time.day_start)
    low, _ = day_bounds(logical_day(now, tz, day_start), tz, day_start)
    focus, task = store.focus(db, now), store.started(db)
    work = focus["label"] if focus and focus["label"] else task[2] if task else ""
    left_s = (parse_iso(focus["planned_end"]) - now).total_seconds() if focus else None
    return Glance(tracker_state(db, home, now), work, left_s, store.tracked_s(db, low, now))


def tracker_state(db: Connection, home: Home, now: datetime) -> str:
    """on, paused, off or no consent."""
    if not store.consented(db):
        return "no consent"
    until = meta(db, "paused_until")
    if until and (until == "resume" or parse_iso(until) > now):
        return "paused"
    return "on" if leases.held(home.state, "tracker") else "off"
