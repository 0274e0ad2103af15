"""Modes: the kinds of weeks that a person has, from weekly snapshots of tasks and focus; "no stable modes yet" where there are
none. Only where profiling was allowed: without that nothing is computed or stored."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite, nan
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.weeks import VERSION, WEEK_FEATURES, Modes, mondays, snapshot
from coach.core.when import logical_day, parse_iso
from coach.engine import avoidance, predicting
from coach.store import lives, rollups
from coach.store.db import Connection

FOUND = 1
"""Of the way in which modes are found; what another one found is looked for anew."""
WEEKS = 52
MOST_TASKS = 10_000
TELLING = 0.5
"""A feature is named where a mode's mean lies so many standard deviations from that of all weeks."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A kind of week: how many there were, the last of them, the means of its features, and what sets it apart (feature,
    deviation from all weeks in standard deviations)."""

    weeks: int
    last: date
    means: dict[str, float | None]
    apart: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class ModesView:
    """`modes` are empty where none are stable; `current` is that of the last week."""

    weeks: int
    modes: tuple[Mode, ...]
    current: int | None
    agreement: float | None
    why: str
    allowed: bool = True

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        if not self.allowed:
            return {"profiling": False, "why": avoidance.OFF, "how": avoidance.HOW}
        return {
            "profiling": True, "weeks": self.weeks, "stable": bool(self.modes), "agreement": self.agreement, "why": self.why,
            "current": self.current, "modes": [
                {"weeks": m.weeks, "last": m.last.isoformat(), "means": m.means,
                 "apart": [{"feature": name, "deviation": round(x, 3)} for name, x in m.apart]} for m in self.modes
            ],
        }

    def lines(self) -> list[str]:
        """For people."""
        if not self.allowed:
            return [avoidance.OFF, avoidance.HOW]
        if not self.modes:
            return [f"no stable modes yet: {self.why}"]
        found = [f"{self.why}, from {self.weeks} weeks"]
        for n, mode in enumerate(self.modes):
            words = ", ".join(f"{name} {'high' if x > 0 else 'low'} ({mode.means[name]})" for name, x in mode.apart[:4])
            here = "  (last week)" if n == self.current else ""
            found.append(f"mode {n + 1}: {mode.weeks} weeks, last {mode.last.isoformat()}: {words or 'like the others'}{here}")
        return found


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> ModesView:
    """The modes of the last year's weeks. Writes the snapshots that are missing. Empty without consent."""
    if not avoidance.allowed(db):
        return ModesView(0, (), None, None, "", allowed=False)
    kept = snapshots(db, config, now, tz)
    weeks, rows = list(kept), list(kept.values())
    found = _found(db, rows)
    means = _columns(rows)
    made = []
    for k, center in enumerate(found.centers):
        members = [date.fromisoformat(week) for week, label in zip(weeks, found.labels, strict=True) if label == k]
        apart = [(name, (x - mean) / sd) for name, x, (mean, sd) in zip(WEEK_FEATURES, center, means, strict=True)
                 if isfinite(x) and sd > 1e-9 and abs(x - mean) / sd >= TELLING]
        usual = {n: round(x, 3) if isfinite(x) else None for n, x in zip(WEEK_FEATURES, center, strict=True)}
        made.append(Mode(len(members), max(members), usual, tuple(sorted(apart, key=lambda pair: -abs(pair[1])))))
    return ModesView(len(rows), tuple(made), found.labels[-1] if found.labels else None, found.ari, found.why)


def snapshots(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> dict[str, list[float]]:
    """The weeks that are over, by the ISO date of their Monday, earliest first; the first is left out, for nobody begins with a
    whole one. Those that are missing are made and kept."""
    from coach.engine.report import bounds_time

    today = logical_day(now, tz, bounds_time(config))
    kept = {week: [float("nan") if x is None else float(x) for x in json.loads(data)]
            for week, data in lives.weeks(db, VERSION).items()}
    begin = now - timedelta(weeks=WEEKS)
    first = _first(db, tz)
    if first is None:
        return {}
    wanted = mondays(max(first + timedelta(days=7), begin.astimezone(tz).date()), today)
    missing = [m for m in wanted if m.isoformat() not in kept]
    if missing:
        every = predicting.lives_of(db, lives.since(db, begin, MOST_TASKS), begin, tz)
        new = {}
        for monday in missing:
            scores = [float(r["score"]) for r in rollups.focus_by_hour(db, monday, monday + timedelta(days=6))]
            new[monday.isoformat()] = list(snapshot(every, scores, monday))
        lives.keep_weeks(db, {w: json.dumps([x if isfinite(x) else None for x in xs]) for w, xs in new.items()}, VERSION)
        kept |= new
    return {m.isoformat(): kept[m.isoformat()] for m in wanted}


def _found(db: Connection, rows: list[list[float]]) -> Modes:
    """The modes of those weeks; what was found in the same ones is not looked for again, which takes a second."""
    data = [[x if isfinite(x) else None for x in row] for row in rows]
    of = hashlib.sha256(json.dumps([VERSION, FOUND, data]).encode()).hexdigest()
    if kept := lives.modes(db, of):
        labels, centers, ari, why = json.loads(kept)
        return Modes(tuple(labels), tuple(tuple(nan if x is None else x for x in c) for c in centers), ari, why)
    from coach.ml import modes  # numpy, scikit-learn

    found = modes.find(rows)
    centers = [[x if isfinite(x) else None for x in c] for c in found.centers]
    lives.keep_modes(db, json.dumps([found.labels, centers, found.ari, found.why]), of)
    return found


def _first(db: Connection, tz: ZoneInfo) -> date | None:
    """The day on which the first task was noted; None without one."""
    at = lives.first_created(db)
    return None if at is None else parse_iso(at).astimezone(tz).date()


def _columns(rows: list[list[float]]) -> list[tuple[float, float]]:
    """(mean, standard deviation) of each feature, of what is known."""
    found = []
    for j in range(len(WEEK_FEATURES)):
        known = [row[j] for row in rows if isfinite(row[j])]
        mean = sum(known) / len(known) if known else 0.0
        found.append((mean, (sum((x - mean) ** 2 for x in known) / len(known)) ** 0.5 if known else 0.0))
    return found
