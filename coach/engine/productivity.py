"""How a person works, as the plan uses it: peak hours, usual length of a stretch of focus, what a switch costs, and how much work
a day holds. Each with its n; with too little data a part is None and the settings serve."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import interruption, slots, stats
from coach.core import leaning as core_leaning
from coach.core.interruption import Stretch
from coach.core.leaning import Leaning
from coach.engine import categories, focusing, leaning
from coach.engine.leaning import NOTHING, Learned
from coach.engine.planning_hours import work_hours
from coach.engine.profile import answered_focus, focus_profile, focus_source
from coach.store import plan_signals, rollups, timeline
from coach.store.db import Connection, meta, set_meta

WEEKS = 4
"""Of stretches and switches that are looked at."""
LEAST_STRETCHES, LEAST_SWITCHES, LEAST_DAYS = 12, 10, 10
PEAKS = 3
SHORT_FOCUS_MIN = 45
"""The longest block is not made shorter than that, however short a person's stretches of focus are."""


@dataclass(frozen=True, slots=True)
class Productivity:
    """`peaks` are hours of the working day by the wall clock with the mean focus in them, best first. `focus_min` is the median
    stretch of focus and `long_focus_min` what four of five do not reach; `switch_min` the median time until one is back at the
    same work after an interruption; `day_min` the work of a day that four of five do not reach. `taken` is the share of decided
    blocks that were accepted where they were offered. `leanings` are the parts of the day that are given to kinds of work, or
    kept from them."""

    day: date
    peaks: tuple[tuple[int, float], ...] = ()
    focus_min: float | None = None
    long_focus_min: float | None = None
    stretches: int = 0
    switch_min: float | None = None
    switches: int = 0
    day_min: float | None = None
    days: int = 0
    taken: float | None = None
    decided: int = 0
    peaks_from: str = ""
    """On what the peaks stand while there is no profile of focus."""
    learnt: Learned = NOTHING
    """The same with what it was learnt from, by which it is known when it has to be learnt again."""

    @property
    def leanings(self) -> tuple[Leaning, ...]:
        return self.learnt.leanings

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        plain = {**asdict(self), "leanings": [asdict(one) for one in self.leanings]}
        del plain["learnt"]
        return {**plain, "day": self.day.isoformat(), "peaks": [{"hour": h, "focus": round(f, 4)} for h, f in self.peaks]}

    def lines(self) -> list[str]:
        """For people; what is not known yet says what it waits for."""
        peaks = ", ".join(f"{h:02d}:00 ({f:.2f})" for h, f in self.peaks)
        peaks += f", from {self.peaks_from}" if self.peaks and self.peaks_from else ""
        return [
            f"peak hours: {peaks}" if peaks else "peak hours: not before 14 days of focus are known",
            f"a stretch of focus: {self.focus_min:.0f} min as a rule, four of five under {self.long_focus_min:.0f} min"
            f" (n = {self.stretches:,})" if self.focus_min is not None and self.long_focus_min is not None
            else f"a stretch of focus: not before {LEAST_STRETCHES} of them are known (n = {self.stretches:,})",
            f"a switch: {self.switch_min:.0f} min until you are back at the same work (median, n = {self.switches:,})"
            if self.switch_min is not None
            else f"a switch: not before {LEAST_SWITCHES} of them are known (n = {self.switches:,})",
            f"a day's work: four of five under {self.day_min / 60:.1f} h (n = {self.days:,})"
            if self.day_min is not None else f"a day's work: not before {LEAST_DAYS} days are known (n = {self.days:,})",
            f"blocks: {self.taken:.0%} of {self.decided:,} were taken where they were offered"
            if self.taken is not None else "blocks: none was accepted, rejected or moved yet",
            *core_leaning.lines(self.leanings),
        ]


def learned(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Productivity:
    """The profile as of now, read from what was tracked."""
    today = now.astimezone(tz).date()
    start = now - timedelta(weeks=WEEKS)
    lengths = [
        (s.end - s.start).total_seconds() / 60 for s in focusing.spells(db, start, now, config, now).spells if s.end > s.start
    ]
    lags = _lags(db, config, start, now)
    worked = _worked(db, today)
    known = len(lengths) >= LEAST_STRETCHES
    return Productivity(
        today, _peaks(db, config, today),
        stats.median(lengths) if known else None, stats.quantile(lengths, 0.8) if known else None, len(lengths),
        stats.median(lags) / 60 if len(lags) >= LEAST_SWITCHES else None, len(lags),
        stats.quantile(worked, 0.8) if len(worked) >= LEAST_DAYS else None, len(worked),
        *_taken(db, now), focus_source(db, today), leaning.learned(db, config, now, tz, _learnt(_kept(db))),
    )


def last(db: Connection) -> Productivity | None:
    """The profile that was kept last, of whatever day."""
    tree = _kept(db)
    if not tree:
        return None
    told = {name: value for name, value in tree.items() if name not in ("leanings", "stamp", "digest")}
    peaks = tuple((p["hour"], p["focus"]) for p in tree["peaks"])
    return Productivity(**{**told, "day": date.fromisoformat(tree["day"]), "peaks": peaks, "learnt": _learnt(tree)})


def _kept(db: Connection) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(meta(db, plan_signals.PROFILE, "{}"))
    return found


def _learnt(tree: Mapping[str, Any]) -> Learned:
    """The preferences of a kept profile; one without a stamp is learnt anew."""
    leanings = tuple(Leaning(**one) for one in tree.get("leanings", ()))
    return Learned(leanings, tree.get("stamp", ""), tree.get("digest", ""))


def known(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Productivity:
    """Today's profile, as it was kept, with the decisions since then, or else read anew from four weeks of the timeline. Writes
    nothing."""
    found = last(db)
    if found is None or found.day != now.astimezone(tz).date():
        return learned(db, config, now, tz)
    taken, decided = _taken(db, now)
    return replace(found, taken=taken, decided=decided, learnt=leaning.learned(db, config, now, tz, found.learnt))


def keep(db: Connection, found: Productivity) -> None:
    """Until there is a profile of another day."""
    of = {"stamp": found.learnt.stamp, "digest": found.learnt.digest}
    set_meta(db, plan_signals.PROFILE, json.dumps({**found.document(), **of}))


def remember(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Productivity:
    """Today's profile, worked out once a day and kept."""
    found = known(db, config, now, tz)
    keep(db, found)
    return found


def longest_block_min(found: Productivity, setting_min: int) -> int:
    """The longest block: the setting, or less where stretches of focus are shorter, in whole quarter-hours."""
    if found.long_focus_min is None:
        return setting_min
    own = slots.quarters(round(found.long_focus_min)) * slots.QUARTER_MIN
    return min(setting_min, max(SHORT_FOCUS_MIN, own))


def between_blocks_min(found: Productivity, setting_min: int) -> int:
    """Time kept free between two blocks: the break, or what a switch costs where that is more."""
    return max(setting_min, round(found.switch_min or 0.0))


def tires_after_min(found: Productivity, setting_min: int) -> int:
    """Planned minutes of a day beyond which more tires: the setting, or for 0 what the days so far held; 0 is no limit."""
    return setting_min or round(found.day_min or 0.0)


def _taken(db: Connection, now: datetime) -> tuple[float | None, int]:
    """(share of decided blocks that were accepted where they were offered, how many were decided)"""
    signals = plan_signals.since(db, now - timedelta(weeks=3 * WEEKS))
    return sum(s.kind == "accept" for s in signals) / len(signals) if signals else None, len(signals)


def _peaks(db: Connection, config: Config, today: date) -> tuple[tuple[int, float], ...]:
    profile = focus_profile(db, today) or answered_focus(db, today)
    if profile is None:
        return ()
    by_hour: dict[int, list[float]] = {}
    for day, stretches in work_hours(config.time).items():
        for start, end in stretches:
            for hour in range(start // 60, -(-end // 60)):
                by_hour.setdefault(hour % 24, []).append(profile[(day * 24 + hour) % slots.HOURS_IN_WEEK])
    best = sorted(((sum(v) / len(v), -hour) for hour, v in by_hour.items()), reverse=True)
    return tuple((-hour, value) for value, hour in best[:PEAKS])


def _lags(db: Connection, config: Config, start: datetime, end: datetime) -> list[float]:
    rules = categories.load(db, config)
    rows = []
    for start_ms, end_ms, app, project, name in timeline.worked(db, start, end):
        category = rules.named(name)
        rows.append(Stretch(start_ms / 1000, end_ms / 1000, app, f"#{project}" if project else category.name, category.focus))
    return [one.lag_s for one in interruption.interruptions(rows) if one.lag_s is not None]


def _worked(db: Connection, today: date) -> list[float]:
    """Active minutes of the days of the last weeks that had any, today's aside."""
    totals: dict[str, int] = {}
    for row in rollups.score_rows(db, today - timedelta(weeks=WEEKS), today - timedelta(days=1)):
        totals[row[0]] = totals.get(row[0], 0) + row[3]
    return [ms / 60_000 for ms in totals.values() if ms]
