"""Tracking in a process: the probe's heartbeats into the store, consent, pause, exclusions, health."""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import change, focus
from coach.core.errors import InvalidInput, NotFound, Unavailable
from coach.core.event import Event
from coach.core.when import iso, parse_iso, to_ms
from coach.engine import activity, categories, clock, manual, preferences, watch
from coach.store import changes, events, leases, rollups
from coach.store.db import Connection, DatabaseError, Unlocked, connect, data_version, meta, set_meta, transaction
from coach.tracker import combine, loop, privacy, shellhook
from coach.tracker.loop import Health
from coach.tracker.probe import Finding, Probe

ROLL_S = 60.0
"""Roll-ups follow the running state this often."""
REFRESH_S = 1.0
"""Pause, consent and rules that others changed are noticed within this time."""

SHELL_BUCKET = "app.shell.command"
"""The bucket type of commands that shells report."""

LONGEST_MIN = 366 * 24 * 60

log = logging.getLogger(__name__)


def consent(db: Connection) -> bool:
    return bool(preferences.get(db, "tracking_consent"))


def set_consent(db: Connection, given: bool, now: datetime) -> None:
    preferences.put(db, {"tracking_consent": given}, now, "allow tracking" if given else "forbid tracking")


def pause(db: Connection, now: datetime, minutes: float | None = None) -> datetime | None:
    """Record nothing from now on, for that long or until `resume`; returns when it ends by itself."""
    until = now + timedelta(minutes=minutes) if minutes else None
    set_meta(db, "paused_until", iso(until) or "resume")
    return until


def resume(db: Connection) -> None:
    set_meta(db, "paused_until", "")


def paused_until(db: Connection, now: datetime) -> datetime | bool:
    """False while tracking, True until resumed by hand, or the end of the pause."""
    value = meta(db, "paused_until")
    if value in ("", "resume"):
        return value == "resume"
    until = parse_iso(value)
    return until if until > now else False


def pause_ended_ms(db: Connection) -> int:
    """When the last pause ended by itself; 0 where it was ended by hand, or there was none."""
    value = meta(db, "paused_until")
    return 0 if value in ("", "resume") else to_ms(parse_iso(value))


def exclusions(db: Connection) -> list[dict[str, Any]]:
    return changes.read(db, "exclusion", "1 ORDER BY created, id")


def exclude(db: Connection, field: str, pattern: str, action: str, now: datetime) -> str:
    """Never record what matches: "drop" leaves only the time, "redact" keeps the app. Raises InvalidInput."""
    privacy.exclusion(field, pattern, action)
    exclusion_id = str(uuid.uuid4())
    values = {"field": field, "pattern": pattern, "action": action, "created": iso(now)}
    changes.apply(db, [change.create("exclusion", exclusion_id, values)], now=now, label="exclude from tracking")
    return exclusion_id


def include(db: Connection, exclusion_id: str, now: datetime) -> None:
    """Remove an exclusion, by id or its beginning."""
    found = changes.read(db, "exclusion", "id >= ? AND id < ?", (exclusion_id, exclusion_id + "g"))
    if len(found) != 1:
        raise NotFound(f"there is no exclusion {exclusion_id!r}", "`coach privacy` shows them")
    values = {k: v for k, v in found[0].items() if k != "id"}
    changes.apply(db, [change.delete("exclusion", found[0]["id"], values)], now=now, label="remove exclusion")


def filter_of(db: Connection, config: Config) -> privacy.Privacy:
    """The privacy filter as the settings and the store have it now."""
    entries = tuple(privacy.exclusion(r["field"], r["pattern"], r["action"]) for r in exclusions(db))
    return privacy.Privacy(entries, urls=config.tracking.urls)


def probe_findings(config: Config) -> list[Finding]:
    """Which probes work here, for `coach doctor`; the chosen one is closed again."""
    chosen, findings = _choose(config)
    if chosen:
        chosen.close()
    return [*findings, shellhook.finding(os.environ)] if config.tracking.shell_hook else findings


def _choose(config: Config) -> tuple[Probe | None, list[Finding]]:
    return combine.choose(config.tracking.probes, os.environ, config.tracking.terminal)


def run(
    unlocked: Unlocked, config: Config, tz: ZoneInfo, stop: threading.Event, on_health: Callable[[Health], None] | None = None
) -> None:
    """Track in this thread until `stop` is set. The caller holds the tracker role."""
    db = connect(unlocked, durable=False)
    listener = _listener(config)
    try:
        recorder = _Recorder(db, config, tz)

        def health(state: Health) -> None:
            recorder.health = state
            if on_health:
                on_health(state)

        loop.run(
            lambda: _choose(config), recorder.sink, lambda: recorder.privacy, stop,
            recorder.is_paused, config.tracking.interval_s, config.tracking.idle_after_min * 60, on_health=health,
            commands=shellhook.Commands(listener.take) if listener else None,
        )
        recorder.close()
    finally:
        if listener:
            listener.close()
        db.close()


def _listener(config: Config) -> shellhook.Listener | None:
    """Where shells report, if that is wanted and possible."""
    if not config.tracking.shell_hook:
        return None
    try:
        return shellhook.Listener(os.environ)
    except Unavailable as error:
        log.info("shells are not listened to: %s", error.message)
        return None


class _Recorder:
    """The tracker's connection and what it has read through it; used by the tracker's thread only."""

    def __init__(self, db: Connection, config: Config, tz: ZoneInfo) -> None:
        self._db, self._config, self._tz = db, config, tz
        self.health = Health()
        self._seen_version = -1
        self._refreshed_at = self._rolled_at = time.monotonic()
        self._paused = False
        self._newest = activity.Newest()
        rollups.forget_scores(db, but=focus.FORMULA)
        self._edits = watch.edits(db)
        self._load(datetime.now(tz))
        self._notice(datetime.now(tz))

    def sink(self, heartbeats: list[Event], pulsetime_s: float) -> None:
        commands = [event for event in heartbeats if event.source == shellhook.SOURCE]
        seen = [event for event in heartbeats if event.source != shellhook.SOURCE] if commands else heartbeats
        try:
            with transaction(self._db):
                # Commands ran beside what was in front: they are told by the log and are no part of the timeline.
                for event in commands:
                    self._keep(event)
                activity.record(self._db, seen, pulsetime_s, self.rules, self._tz, self._newest)
        except BaseException:
            self._newest.forget()
            raise
        now_s = time.monotonic()
        if now_s - self._rolled_at >= ROLL_S:
            self._rolled_at = now_s
            with suppress(InvalidInput):  # a zone that nobody knows: the last one stays
                self._tz = clock.local_zone(self._config)  # a laptop travels while this process runs
            activity.roll(self._db, self.rules, datetime.now(self._tz))

    def _keep(self, command: Event) -> None:
        bucket = events.bucket(self._db, command.source, SHELL_BUCKET, command.end, hostname=socket.gethostname())
        context = events.context(
            self._db, command.app, command.title, command.url, command.project, self.rules.categorise
        )
        events.insert(self._db, bucket, command, context)

    def is_paused(self) -> bool:
        """Asked a few times a second; reads the store once a second, and only when somebody else wrote to it."""
        now_s = time.monotonic()
        if now_s - self._refreshed_at >= REFRESH_S:
            self._refreshed_at = now_s
            now = datetime.now(self._tz)
            try:
                self._beat(now)
                version = data_version(self._db)
                if version != self._seen_version:
                    self._notice(now)
                    self._seen_version = version
                elif self._paused:  # a pause ends by itself
                    self._paused = bool(paused_until(self._db, now)) or not self._allowed
            except DatabaseError as error:
                log.warning("the store is busy: %s", type(error).__name__)
        return self._paused

    def close(self) -> None:
        activity.roll(self._db, self.rules, datetime.now(self._tz))

    def _notice(self, now: datetime) -> None:
        """Somebody wrote. A watcher or another job does so every second, so the rules are read anew after edits only."""
        edits = watch.edits(self._db)
        if edits != self._edits:
            self._load(now)
            self._edits = edits
        manual.follow(self._db, self.rules, self._tz, now)
        self._newest.forget()  # what was said by hand may stand in the newest row by now
        self._paused = bool(paused_until(self._db, now)) or not self._allowed

    def _load(self, now: datetime) -> None:
        self.rules = categories.load(self._db, self._config)
        self.privacy = filter_of(self._db, self._config)
        self._allowed = consent(self._db)
        self._beaten: tuple[object, ...] = ()

    def _beat(self, now: datetime) -> None:
        state = self.health
        told = (state.probe, state.gaps, state.errors, state.paused, now.hour * 60 + now.minute)
        if told != self._beaten:  # once a minute and when something changed: the idle tracker writes nothing else
            self._beaten = told
            info = json.dumps(dict(zip(("probe", "gaps", "errors", "paused", "minute"), told, strict=True)))
            leases.beat(self._db, "tracker", now, info)


def parse_duration_min(text: str) -> float:
    """`30m`, `2h`, `1h30`, `90` (minutes), up to a year. Raises InvalidInput."""
    import re

    found = re.fullmatch(r"(?:(\d+(?:\.\d+)?)\s*h)?\s*(?:(\d+)\s*(?:m|min)?)?", text.strip().lower())
    if not found or not any(found.groups()):
        raise InvalidInput(f"{text!r} is no duration", "for example: 30m, 2h, 1h30")
    minutes = float(found[1] or 0) * 60 + float(found[2] or 0)
    if not 0 < minutes <= LONGEST_MIN:
        raise InvalidInput(f"{text!r} is too short or too long", "from 1m to a year")
    return minutes


def look(db: Connection, config: Config, tz: ZoneInfo) -> tuple[Event | None, list[Finding]]:
    """What is in front now, redacted and categorised, without recording it; and how the probes fared."""
    chosen, findings = _choose(config)
    if chosen is None:
        return None, findings
    try:
        now = datetime.now(tz)
        chosen.wait(0.3)
        seen = chosen.sample(now)
    finally:
        chosen.close()
    if seen is None:
        return None, findings
    seen = privacy.redact(seen, filter_of(db, config))
    category = categories.load(db, config).categorise(seen.app, seen.title, seen.url, seen.project)
    return Event(now, now, seen.source, seen.app, seen.title, seen.url, seen.project, category), findings
