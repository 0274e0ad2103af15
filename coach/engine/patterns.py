"""Which patterns the last four weeks show: how often, what they go with, days to look at, and who says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from coach.config import shipped
from coach.core import discovery, stats
from coach.core.category import host_and_path
from coach.core.errors import InvalidInput, Unavailable
from coach.core.timeline import CUT_MS
from coach.core.titles import app_key
from coach.core.when import iso, logical_day, to_ms
from coach.engine import sums
from coach.engine.activity import bounds
from coach.engine.report import bounds_time
from coach.store import lived
from coach.store.db import Connection
from coach.store.lived import Said

if TYPE_CHECKING:  # numpy and ONNX Runtime: only where patterns are looked for
    from coach.config import Config
    from coach.engine.learning.kinds import Model
    from coach.ml.features.patterns import Days, Stretches
    from coach.ml.habits import Found

WINDOW_DAYS = 28
"""How often: of the last four weeks."""
EFFECT_DAYS = 84
"""What a pattern goes with: over twelve weeks, as the rest of Insights."""
LEAST_OCCURRENCES = 3
EXAMPLES = 5
WEEKEND_ONLY = "weekend_spill"

TITLES: Mapping[str, str] = {
    "email_loop": "Checking mail again and again", "social_drift": "Drifting to social sites after lunch",
    "meeting_fragmentation": "Days cut up by meetings", "late_night": "Work late at night",
    "deep_block": "A long block of deep work", "ping_pong": "Ping-pong with messages",
    "planning_morning": "Mornings that begin with planning", "weekend_spill": "Work on the weekend",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """Mean focus of days with the pattern less that of like days without it; `low` and `high` are two standard errors off.
    What goes together: not what causes what."""

    value: float
    low: float
    high: float
    n: int
    n_without: int
    sure: bool
    """Whether it survives the control of false discovery."""


@dataclass(frozen=True, slots=True)
class FoundPattern:
    """`count` of `n` days of the last four weeks that can show it; `share` with the ends of its 95 % beta interval.
    `days` are examples, the clearest first."""

    name: str
    title: str
    count: int
    n: int
    share: float
    low: float
    high: float
    base_rate: float
    """How often it is claimed of people who do not have it."""
    p: float
    effect: Effect | None
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class PatternsView:
    """`found` holds what is shown, the most frequent first; `looked_for` the number of patterns. `who` is model or rules."""

    today: date
    days: int
    found: tuple[FoundPattern, ...]
    looked_for: int
    who: str
    reason: str

    def lines(self) -> list[str]:
        """Each pattern in words with what it stands on; then who says so."""
        return [*(sentence(p) for p in self.found), f"patterns by the {self.who}: {self.reason}"]


@dataclass(frozen=True, slots=True)
class History:
    """The days that were lived, earliest first: their stretches, numbered by them, and as the detector sees them."""

    dates: tuple[date, ...]
    stretches: Stretches
    days: Days


def view(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> PatternsView:
    """The patterns of the days up to yesterday, by the version that serves now, or by the rules with the reason."""
    from coach.engine.learning.serve import speaks
    from coach.ml import habits

    today = logical_day(now, tz, bounds_time(config))
    days = history(db, config, tz, today - timedelta(days=EFFECT_DAYS), today)
    chosen = speaks(db, "patterns", config, tz, now, objection=lambda model: habits.unfit(days.days))
    found, who, reason = detect(days.days, chosen.model, chosen.why)
    focus = sums.focus_by_day(db, today - timedelta(days=EFFECT_DAYS), today, bounds_time(config).hour)
    return PatternsView(today, len(days.dates), _shown(days.dates, found, focus, today), len(TITLES), who, reason)


def detect(days: Days, model: Model | None, why: str) -> tuple[Found, str, str]:
    """What each day shows, who says so (model or rules), and why them. `why` is the reason for `model`, or for its absence."""
    from coach.ml import card as cards
    from coach.ml import habits

    if model is None:
        return habits.by_rules(days, cards.read(shipped("models", "patterns"))), "rules", why
    unfit = habits.unfit(days)
    if not unfit:
        try:
            return habits.predict(model.net, model.card, days), "model", why
        except (Unavailable, InvalidInput) as error:
            unfit = error.message
    return habits.by_rules(days, model.card), "rules", unfit


def history(db: Connection, config: Config, tz: ZoneInfo, first: date, end: date) -> History:
    """The days from `first` up to and without `end` with at least half an hour of activity."""
    import numpy as np

    from coach.engine.columns import columns, distinct
    from coach.ml.features import patterns as features

    since, until = bounds(first, config, tz)[0], bounds(end, config, tz)[0]
    rows = columns(db, since - timedelta(milliseconds=CUT_MS), until)
    rows = rows[np.flatnonzero(rows.end_ms > to_ms(since))]
    pairs, named = distinct(rows.context * len(rows.names) + rows.said)
    said = lived.said(db, np.unique(pairs // len(rows.names)).tolist())
    places = [_place(said[pair // len(rows.names)], rows.names[pair % len(rows.names)]) for pair in pairs.tolist()]
    lengths = np.bincount(named, weights=rows.end_ms - rows.start_ms, minlength=len(places))
    spent: dict[tuple[str, str | None], float] = {}
    for place, ms in zip(places, lengths.tolist(), strict=True):
        spent[place] = spent.get(place, 0.0) + ms
    slots = features.slots_of(spent)
    slot = np.array([slots[p] for p in places], dtype=np.int64)[named]
    shift_ms = 60_000 * rows.offset_min
    s = features.stretches(rows.start_ms + shift_ms, rows.end_ms + shift_ms, slot, _number(first))
    n = (end - first).days
    inside = (s.day >= 0) & (s.day < n)
    there = np.flatnonzero(np.bincount(s.day[inside], s.length_h[inside] * 60, n) >= features.LEAST_ACTIVE_MIN)
    number = np.full(n + 1, -1)
    number[there] = np.arange(len(there))
    kept = inside & (number[np.where(inside, s.day, n)] >= 0)
    s = features.Stretches(number[s.day[kept]], s.start_h[kept], s.length_h[kept], s.slot[kept])
    dates = tuple(first + timedelta(days=i) for i in there.tolist())
    weekday = np.array([d.weekday() for d in dates], dtype=np.int64)
    return History(dates, s, features.days_of(s, weekday >= 5, weekday))


def _place(said: Said, by_hand: str | None) -> tuple[str, str | None]:
    """The site or the app, and its category."""
    return (host_and_path(said.url)[0] if said.url else "") or app_key(said.app), by_hand or said.category


def can_show(name: str, day: date) -> bool:
    """Work on the weekend is a pattern of weekends, all others of working days."""
    return (day.weekday() >= 5) == (name == WEEKEND_ONLY)


def sentence(p: FoundPattern) -> str:
    """A pattern in words, with n and interval."""
    text = f"{p.title}: {p.count} of {p.n} days ({p.low:.0%} to {p.high:.0%})"
    if p.effect and p.effect.sure:
        e = p.effect
        text += f"; focus {e.value:+.2f} on such days ({e.low:+.2f} to {e.high:+.2f}, n = {e.n} and {e.n_without})"
    return text


def patterns_json(view: PatternsView) -> dict[str, Any]:
    """The view as plain JSON values."""
    return {
        "today": iso(view.today), "days": view.days, "looked_for": view.looked_for, "who": view.who, "reason": view.reason,
        "found": [
            {
                "name": p.name, "title": p.title, "count": p.count, "n": p.n, "share": round(p.share, 4),
                "low": round(p.low, 4), "high": round(p.high, 4), "base_rate": round(p.base_rate, 4), "p": round(p.p, 6),
                "days": [iso(d) for d in p.days], "effect_on_focus": None if p.effect is None else {
                    "value": round(p.effect.value, 4), "low": round(p.effect.low, 4), "high": round(p.effect.high, 4),
                    "n": p.effect.n, "n_without": p.effect.n_without, "sure": p.effect.sure,
                },
            }
            for p in view.found
        ],
    }


def _shown(dates: Sequence[date], found: Found, focus: Mapping[date, float], today: date) -> tuple[FoundPattern, ...]:
    """The patterns that happened often enough to be there, by the lower end of their interval and after the control of
    false discovery among all eight; effects are controlled among themselves."""
    counted = [_counted(name, k, dates, found, focus, today) for k, name in enumerate(TITLES)]
    survives = discovery.benjamini_hochberg([p.p for p, _ in counted])
    kept = [
        (p, e) for (p, e), sure in zip(counted, survives, strict=True)
        if sure and p.count >= LEAST_OCCURRENCES and p.low > p.base_rate
    ]
    sure_effects = discovery.benjamini_hochberg([discovery.two_sided(e.value, e.error) if e else 1.0 for _, e in kept], 0.05)
    shown = [_with_effect(p, e, sure) for (p, e), sure in zip(kept, sure_effects, strict=True)]
    return tuple(sorted(shown, key=lambda p: (-p.share, p.name)))


def _counted(
    name: str, k: int, dates: Sequence[date], found: Found, focus: Mapping[date, float], today: date,
) -> tuple[FoundPattern, stats.Difference | None]:
    from coach.ml.habits import share_interval

    able = [i for i, day in enumerate(dates) if can_show(name, day)]
    recent = [i for i in able if (today - dates[i]).days <= WINDOW_DAYS]
    there = [i for i in recent if found.claimed[i, k]]
    low, high = share_interval(len(there), len(recent))
    rate = found.base_rates[name]
    clearest = sorted(there, key=lambda i: -float(found.probability[i, k]))[:EXAMPLES]
    known = [i for i in able if dates[i] in focus]
    difference = stats.difference(
        [focus[dates[i]] for i in known if found.claimed[i, k]], [focus[dates[i]] for i in known if not found.claimed[i, k]])
    pattern = FoundPattern(
        name, TITLES[name], len(there), len(recent), len(there) / len(recent) if recent else 0.0, low, high, rate,
        discovery.at_least(len(there), len(recent), rate), None, tuple(dates[i] for i in clearest),
    )
    return pattern, difference


def _with_effect(p: FoundPattern, e: stats.Difference | None, sure: bool) -> FoundPattern:
    if e is None or e.error is None or min(e.n, e.before_n) < LEAST_OCCURRENCES:
        return p
    return replace(p, effect=Effect(e.value, e.value - 2 * e.error, e.value + 2 * e.error, e.n, e.before_n, sure))


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
