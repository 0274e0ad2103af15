"""What stands out in the last weeks: focus compared between kinds of days and parts of the day. Many things are compared, so
what is shown has passed the control of false discovery (Benjamini and Hochberg 1995)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import contrast, discovery, stats
from coach.core.contrast import Contrast
from coach.core.focus import mean_score
from coach.core.when import logical_day, start_of
from coach.engine import categories
from coach.engine.report import bounds_time
from coach.store import calendars, hours, rollups
from coach.store.db import Connection

WEEKS = 12
LEAST_DAYS = 14
LEAST_SIDE = 5
"""Days on either side of a comparison."""
LEAST_HOURS = 2
"""A day, or a part of one, with fewer scored hours has no mean."""
RATE = discovery.RATE
DISTRACTING = 0.25
"""Levels up to this one distract."""
EARLY, NOON, NIGHT = 4, 12, 22
PARTS = {"before 10:00": (4, 10), "from 10:00 to 13:00": (10, 13), "from 13:00 to 16:00": (13, 16), "after 16:00": (16, 24)}
WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays")


@dataclass(frozen=True, slots=True)
class Discovered:
    """A comparison that is surely more than chance, in words, with its figures in words, and as they are."""

    kind: str
    text: str
    figures: str
    contrast: Contrast


@dataclass(frozen=True, slots=True)
class Discoveries:
    """The surest first; `tried` comparisons were made on `days` days. With `missing_days` there were too few for any."""

    found: tuple[Discovered, ...]
    tried: int
    days: int
    missing_days: int = 0

    def lines(self) -> list[str]:
        """What stands out, and out of how many comparisons; nothing while there were none."""
        if not self.tried:
            return []
        chance = f"{len(self.found)} of {self.tried} comparisons stand out; one in {round(1 / RATE)} of those may be chance"
        return [*(f"{d.text} ({d.figures})" for d in self.found), chance]

    def document(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "tried": self.tried, "days": self.days, "missing_days": self.missing_days, "rate": RATE,
            "found": [
                {"kind": d.kind, "text": d.text, "value": round(d.contrast.value, 4), "low": round(d.contrast.low, 4),
                 "high": round(d.contrast.high, 4), "p": round(d.contrast.p, 6), "n": d.contrast.n, "n_other": d.contrast.other_n}
                for d in self.found
            ],
        }


@dataclass(slots=True)
class Day:
    """A logical day by the clock as lived: scores by hour, minutes by hour (all and distracting), messages before noon."""

    scores: dict[int, float] = field(default_factory=dict)
    active: dict[int, float] = field(default_factory=dict)
    distracting_am: float = 0.0
    messages_am: float = 0.0
    meetings_h: float = 0.0

    def focus(self, low: int = 0, high: int = 24) -> float | None:
        """The mean focus of the scored hours in [low, high); None for too few."""
        return self._mean([h for h in self.scores if low <= h < high])

    def rest(self, low: int, high: int) -> float | None:
        """That of the other hours."""
        return self._mean([h for h in self.scores if not low <= h < high])

    def _mean(self, hours: list[int]) -> float | None:
        return mean_score((self.scores[h], self.active.get(h, 0.0)) for h in hours) if len(hours) >= LEAST_HOURS else None

    @property
    def begins(self) -> int | None:
        """The first hour of the day with ten active minutes."""
        return min((h for h, m in self.active.items() if h >= EARLY and m >= 10), default=None)

    def late_min(self) -> float:
        return sum(m for h, m in self.active.items() if h >= NIGHT or h < EARLY)


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> Discoveries:
    """The comparisons of the last WEEKS up to yesterday that chance does not make."""
    today = logical_day(now, tz, bounds_time(config))
    return discoveries(days(db, config, tz, today - timedelta(weeks=WEEKS), today))


def discoveries(table: Mapping[date, Day]) -> Discoveries:
    """The same from days that were read."""
    scored = sum(1 for d in table.values() if d.focus() is not None)
    if scored < LEAST_DAYS:
        return Discoveries((), 0, scored, LEAST_DAYS - scored)
    made = list(_comparisons(table))
    sure = discovery.benjamini_hochberg([c.contrast.p for c in made])
    found = sorted((c for c, yes in zip(made, sure, strict=True) if yes), key=lambda c: c.contrast.p)
    return Discoveries(tuple(found), len(made), scored)


def days(db: Connection, config: Config, tz: ZoneInfo, first: date, end: date) -> dict[date, Day]:
    """Every tracked day from `first` up to and without `end`."""
    table: dict[date, Day] = {}
    begins = bounds_time(config).hour

    def day_at(text: str, hour: int) -> Day | None:
        day = date.fromisoformat(text) - timedelta(days=int(hour < begins))
        return table.setdefault(day, Day()) if first <= day < end else None

    for text, hour, score, _ in rollups.score_rows(db, first, end):
        if (scored := day_at(text, hour)) is not None:
            scored.scores[hour] = score
    named = categories.load(db, config).named
    for text, hour, name, ms, _ in hours.hour_rows(db, first, end):
        day, minutes, category = day_at(text, hour), ms / 60_000, named(name)
        if day is None:
            continue
        day.active[hour] = day.active.get(hour, 0.0) + minutes
        if 4 <= hour < NOON:
            day.distracting_am += minutes if category.level <= DISTRACTING else 0.0
            day.messages_am += minutes if name.startswith("Communication") and "Calls" not in name else 0.0
    for event in calendars.events_between(db, start_of(first, tz), start_of(end, tz)):
        met = table.get(event.start.astimezone(tz).date())
        if met is not None and event.busy and not event.all_day:
            met.meetings_h += (event.end - event.start).total_seconds() / 3600
    return table


def _comparisons(table: Mapping[date, Day]) -> Iterator[Discovered]:
    yield from _of_weekdays(table)
    yield from _of_parts(table)
    yield from _split(table, "begins", "days that begin at {x:.0f}:00 or later", lambda d, _: d.begins)
    yield from _split(table, "meetings", "days with more than {x:.1f} h of meetings", lambda d, _: d.meetings_h)
    yield from _split(table, "late", "days after more than {x:.0f} min past 22:00", lambda _, b: b.late_min() if b else None)
    yield from _split(table, "long", "days after more than {x:.1f} active hours",
                      lambda _, b: sum(b.active.values()) / 60 if b else None)
    yield from _split(table, "distracting", "afternoons after more than {x:.0f} distracting minutes before noon",
                      lambda d, _: d.distracting_am, NOON)
    yield from _split(table, "messages", "afternoons after more than {x:.0f} min of messages before noon",
                      lambda d, _: d.messages_am, NOON)
    half = sorted(table)[len(table) // 2]
    yield from _made("trend", "the newer half of these weeks", [(d, f, d >= half) for d, f in _focus(table)])


def _of_weekdays(table: Mapping[date, Day]) -> Iterator[Discovered]:
    workdays = [(d, f) for d, f in _focus(table) if d.weekday() < len(WEEKDAYS)]
    for weekday, name in enumerate(WEEKDAYS):
        yield from _made("weekday", name, [(d, f, d.weekday() == weekday) for d, f in workdays], "other workdays")


def _of_parts(table: Mapping[date, Day]) -> Iterator[Discovered]:
    for name, (low, high) in PARTS.items():
        differences = []
        for day in (table[d] for d in sorted(table)):
            here, rest = day.focus(low, high), day.rest(low, high)
            if here is not None and rest is not None:
                differences.append(here - rest)
        found = contrast.from_zero(differences, LEAST_DAYS)
        if found:
            yield _told("part", f"Focus is {_way(found)} {name} than in the rest of the day", found, f"n = {found.n} days")


def _split(table: Mapping[date, Day], kind: str, words: str, x: Any, since: int = 0) -> Iterator[Discovered]:
    """Days above the median of `x(day, the day before)` against the others, each beside others of its weekday."""
    rows = []
    for d, f in _focus(table, since):
        value = x(table[d], table.get(d - timedelta(days=1)))
        if value is not None:
            rows.append((d, f, float(value)))
    if not rows:
        return
    middle = stats.median([v for _, _, v in rows])
    at_least = kind == "begins"
    inside = [(v >= middle if at_least else v > middle) for _, _, v in rows]
    usual = _by_weekday(rows)
    made = [(d, f - usual[d.weekday()], i) for (d, f, _), i in zip(rows, inside, strict=True)]
    yield from _made(kind, words.format(x=middle), made, "the others of their weekday")


def _by_weekday(rows: Sequence[tuple[date, float, float]]) -> dict[int, float]:
    by: dict[int, list[float]] = {}
    for d, f, _ in rows:
        by.setdefault(d.weekday(), []).append(f)
    return {w: sum(v) / len(v) for w, v in by.items()}


def _made(kind: str, words: str, rows: Sequence[tuple[date, float, bool]], than: str = "the others") -> Iterator[Discovered]:
    found = contrast.between([f for _, f, _ in rows], [i for _, _, i in rows], LEAST_SIDE)
    if found:
        where = "in" if kind == "trend" else "on"
        text = f"Focus is {_way(found)} {where} {words} than {'before' if kind == 'trend' else f'{where} {than}'}"
        yield _told(kind, text, found, f"n = {found.n} and {found.other_n} days")


def _focus(table: Mapping[date, Day], since: int = 0) -> list[tuple[date, float]]:
    """Days with a mean focus from hour `since` on, earliest first."""
    found = ((d, table[d].focus(since)) for d in sorted(table))
    return [(d, f) for d, f in found if f is not None]


def _way(found: Contrast) -> str:
    return f"{abs(found.value):.2f} {'higher' if found.value > 0 else 'lower'}"


def _told(kind: str, text: str, found: Contrast, n: str) -> Discovered:
    return Discovered(kind, text, f"{found.low:+.2f} to {found.high:+.2f}, {n}", found)

