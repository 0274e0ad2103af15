"""Appointments that were meetings: time in a busy calendar, away from the keyboard, with work before, during or after it.

They are source events of their own, below every other: the timeline shows them only where nothing else is, so that a
meeting never doubles time. In a call's window the call itself counts."""

from __future__ import annotations

import socket
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.event import Sample
from coach.core.when import to_ms
from coach.engine import activity, tracking
from coach.engine.categories import Rules
from coach.store import calendars
from coach.store import meetings as stored
from coach.store.db import Connection, meta, set_meta, transaction
from coach.store.meetings import Meeting
from coach.tracker.privacy import EXCLUDED, redact

BACK = timedelta(days=28)
"""So far back meetings follow the calendars; calendars keep 31 days. What is older stays as it was."""
NEAR = timedelta(minutes=30)
"""Somebody who was at the machine this long before or after it has been at the appointment, not on holiday."""
_PAUSED = "meetings_paused_ms"
_JUST_MS = 90_000
"""A pause that is seen for the first time began at most so long ago: one looks once a minute."""


def follow(db: Connection, config: Config, rules: Rules, tz: ZoneInfo, now: datetime) -> int:
    """Bring the meetings of the last weeks to what calendars and activity say now, the running one up to `now`; returns how
    many changed. Without consent, or while tracking is paused, none come."""
    now_ms, since_ms = to_ms(now), to_ms(now - BACK)
    if not config.tracking.meetings or not tracking.consent(db):
        return 0
    paused_ms = int(meta(db, _PAUSED, "0"))
    if tracking.paused_until(db, now):
        with transaction(db):
            stored.keep_free(db, min(now_ms, paused_ms or now_ms - _JUST_MS), now_ms, since_ms)
            set_meta(db, _PAUSED, str(now_ms))
        return 0
    if paused_ms:
        over_ms = tracking.pause_ended_ms(db) or paused_ms + _JUST_MS
        with transaction(db):
            stored.keep_free(db, paused_ms, min(now_ms, over_ms), since_ms)
            set_meta(db, _PAUSED, "0")
    wanted = _wanted(db, config, since_ms, now)
    held = stored.held(db, since_ms, now_ms)
    gone = {key: held[key] for key in held.keys() - wanted.keys()}
    new = {key: wanted[key] for key in wanted.keys() - held.keys()}
    other = {key: wanted[key] for key in wanted.keys() & held.keys() if wanted[key] != held[key][1]}
    if not (gone or new or other):
        return 0
    with transaction(db):
        stored.put(
            db, [i for i, _ in gone.values()], {held[key][0]: end for key, end in other.items()}, new, rules.categorise,
            socket.gethostname(), now,
        )
        ranges = [(key[0], end) for key, (_, end) in gone.items()] + [(key[0], end) for key, end in new.items()]
        ranges += [(min(end, held[key][1]), max(end, held[key][1])) for key, end in other.items()]
        for low, high in sorted(ranges):
            activity.rebuild(db, low, high, rules, tz)
    return len(gone) + len(new) + len(other)


def _wanted(db: Connection, config: Config, since_ms: int, now: datetime) -> dict[Meeting, int]:
    """Ends by meeting, cut to the past and to what may be recorded."""
    filtered = tracking.filter_of(db, config)
    free = stored.free(db)
    now_ms, near_ms = to_ms(now), int(NEAR.total_seconds() * 1000)
    found: dict[Meeting, int] = {}
    for event in calendars.events_between(db, now - BACK, now):
        start_ms, end_ms = to_ms(event.start), to_ms(event.end)
        if not event.busy or event.all_day or start_ms < since_ms:
            continue
        shown = redact(Sample(event.start, stored.BUCKET, app=stored.APP, title=event.title), filtered)
        if shown.app == EXCLUDED or not stored.was_there(db, start_ms - near_ms, end_ms + near_ms):
            continue
        for low, high in _without(start_ms, min(end_ms, now_ms), free):
            key = (low, shown.title)
            found[key] = max(high, found.get(key, 0))
    return found


def _without(low: int, high: int, free: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """[low, high) without the ranges, which are in order and apart."""
    parts = []
    for start, end in free:
        if end <= low or start >= high:
            continue
        if start > low:
            parts.append((low, start))
        low = max(low, end)
    return [*parts, (low, high)] if low < high else parts
