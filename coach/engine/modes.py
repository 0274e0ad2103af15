"""Modes: the kinds of weeks that a person has, from weekly snapshots of tasks and focus; "no stable modes yet" where there are
none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.weeks import VERSION, WEEK_FEATURES, mondays, snapshot
from coach.core.when import logical_day, parse_iso
from coach.engine import predicting
from coach.store import lives, rollups
from coach.store.db import Connection

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

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "weeks": self.weeks, "stable": bool(self.modes), "agreement": self.agreement, "why": self.why,
            "current": self.current, "modes": [
                {"weeks": m.weeks, "last": m.last.isoformat(), "means": m.means,
                 "apart": [{"feature": name, "deviation": round(x, 3)} for name, x in m.apart]} for m in self.modes
            ],
        }

    def lines(self) -> list[str]:
        """For people."""
        if not self.modes:
            return [f"no stable modes yet: {self.why}"]
        found = [f"{self.why}, from {self.weeks} weeks"]
        for n, mode in enumerate(self.modes):
            words = ", ".join(f"{name} {'high' if x > 0 else 'low'} ({mode.means[name]})" for name, x in mode.apart[:4])
            here = "  (last week)" if n == self.current else ""
            found.append(f"mode {n + 1}: {mode.weeks} weeks, last {mode.last.isoformat()}: {words or 'like the others'}{here}")
        return found


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> ModesView:
    """The modes of the last year's weeks. Writes the snapshots that are missing."""
    from coach.ml import modes  # numpy, scikit-learn

    kept = snapshots(db, config, now, tz)
    weeks, rows = list(kept), list(kept.values())
    found = modes.find(rows)
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
