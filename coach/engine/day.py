"""One day as the screens show it: what was lived, in stretches a person can read, and how the hours were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from coach.core import focus
from coach.core.category import Category
from coach.core.timeline import CUT_MS
from coach.core.when import from_ms, to_ms
from coach.engine.categories import Rules
from coach.store import rollups, timeline
from coach.store.db import Connection
from coach.store.timeline import Span

SLOT_MS = 300_000
"""What happened is told in steps of five minutes: 10,000 switches a day stay a picture."""


@dataclass(frozen=True, slots=True)
class Lived:
    """A stretch mostly spent in one category; `app` is the one used most in it, `active_s` what was really active."""

    start: datetime
    end: datetime
    category: str
    app: str
    level: float
    active_s: float


@dataclass(frozen=True, slots=True)
class HourScore:
    """A clock hour of a day; `score` is None with less than 10 active minutes."""

    hour: int
    score: float | None
    active_s: float


@dataclass(frozen=True, slots=True)
class DayFocus:
    """A day's focus: the mean of its scored hours weighted by active time, and the `n` of them it stands on."""

    score: float | None
    n: int
    active_s: float
    focus_s: float
    longest_s: float
    hours: tuple[HourScore, ...]
    version: int = focus.FORMULA


def spans(db: Connection, start: datetime, end: datetime) -> list[Span]:
    """Timeline rows of [start, end), clipped to it."""
    low, high = to_ms(start), to_ms(end)
    found = timeline.spans(db, start - timedelta(milliseconds=CUT_MS), end)
    return [
        s if low <= s[0] and s[1] <= high  # nearly all: ten thousand a day may pass here
        else Span(max(low, s.start_ms), min(high, s.end_ms), s.offset_min, s.app, s.category)
        for s in found if s[1] > low
    ]


def lived(rows: Iterable[Span], rules: Rules) -> tuple[Lived, ...]:
    """Five-minute slots named after the category that filled most of them, equal neighbours joined."""
    slots: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    apps: dict[tuple[int, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    edges: dict[int, tuple[int, int]] = {}
    for at, end, _, app, category in rows:
        name = category or rollups.UNCATEGORISED
        while at < end:
            slot = at // SLOT_MS
            stop = min(end, (slot + 1) * SLOT_MS)
            slots[slot][name] += stop - at
            apps[slot, name][app] += stop - at
            low, high = edges.get(slot, (at, stop))
            edges[slot] = (low if low < at else at, high if high > stop else stop)
            at = stop
    return _joined(slots, apps, edges, rules)


def unexplained(rows: Sequence[Span], least_s: float = focus.BREAK_S) -> tuple[tuple[datetime, datetime], ...]:
    """Stretches between the first and the last row without a state, of at least that length."""
    return tuple(
        (from_ms(a.end_ms), from_ms(b.start_ms)) for a, b in pairwise(rows) if b.start_ms - a.end_ms >= least_s * 1000
    )


def day_focus(rows: Sequence[Span], rules: Rules) -> DayFocus:
    """The focus of a day from its timeline, the running hour included."""
    stretches = stretches_of(rows, rules)
    hours = tuple(
        HourScore(hour_s // 3600 % 24, focus.focus_score(parts), sum(p.end_s - p.start_s for p in parts))
        for hour_s, parts in sorted(_by_hour(stretches).items())
    )
    scored = [(h.score, h.active_s) for h in hours if h.score is not None]
    weight_s = sum(s for _, s in scored)
    return DayFocus(
        score=sum(score * s for score, s in scored) / weight_s if weight_s else None,
        n=len(scored), active_s=sum(h.active_s for h in hours),
        focus_s=sum(x.end_s - x.start_s for x in stretches if x.focus),
        longest_s=focus.longest_block_s(stretches), hours=hours,
    )


def stretches_of(rows: Iterable[Span], rules: Rules) -> list[focus.Stretch]:
    """Timeline rows as the focus formulas take them, on the clock as lived (seconds of local time)."""
    found = []
    known: dict[str | None, Category] = {}
    for start_ms, end_ms, offset_min, app, name in rows:
        category = known.get(name)
        if category is None:
            category = known[name] = rules.named(name)
        shift_s = offset_min * 60
        found.append(focus.Stretch(start_ms / 1000 + shift_s, end_ms / 1000 + shift_s, category.level, app, category.focus))
    return found


def _by_hour(stretches: Iterable[focus.Stretch]) -> dict[int, list[focus.Stretch]]:
    """`focus.hours`, without copying the many that lie within one hour."""
    found: dict[int, list[focus.Stretch]] = {}
    for x in stretches:
        hour_s = int(x.start_s // 3600) * 3600
        if x.end_s <= hour_s + 3600:
            found.setdefault(hour_s, []).append(x)
        else:
            for cut_s, parts in focus.hours([x]).items():
                found.setdefault(cut_s, []).extend(parts)
    return found


def _joined(
    slots: dict[int, dict[str, float]], apps: dict[tuple[int, str], dict[str, float]],
    edges: dict[int, tuple[int, int]], rules: Rules,
) -> tuple[Lived, ...]:
    found: list[Lived] = []
    used: dict[str, float] = {}
    last_slot = -2
    for slot in sorted(slots):
        category = max(slots[slot], key=lambda name: slots[slot][name])
        low, high = edges[slot]
        active_s = sum(slots[slot].values()) / 1000
        here = apps[slot, category]
        if found and found[-1].category == category and slot == last_slot + 1:
            used = {app: used.get(app, 0.0) + here.get(app, 0.0) for app in used.keys() | here.keys()}
            before = found.pop()
            start, active_s = before.start, active_s + before.active_s
        else:
            used, start = dict(here), from_ms(low)
        app = max(sorted(used), key=lambda name: used[name])
        found.append(Lived(start, from_ms(high), category, app, rules.named(category).level, active_s))
        last_slot = slot
    return tuple(found)


def minute_of(instant: datetime, midnight: datetime, tz: ZoneInfo) -> float:
    """Minutes on the wall since that local midnight; beyond 1440 after the next one."""
    local, start = instant.astimezone(tz), midnight.astimezone(tz)
    return (local.date() - start.date()).days * 1440 + local.hour * 60 + local.minute + local.second / 60
