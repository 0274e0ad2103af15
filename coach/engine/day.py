"""One day as the screens show it: what was lived, in stretches a person can read, and how the hours were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from coach.core import focus
from coach.core.category import Category
from coach.core.timeline import CUT_MS
from coach.core.when import from_ms, to_ms
from coach.engine.categories import Rules
from coach.store import day_slots, rollups, timeline
from coach.store.day_slots import Piece
from coach.store.db import Connection
from coach.store.timeline import Span


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
    hours: tuple[HourScore, ...]
    version: int = focus.FORMULA


@dataclass(frozen=True, slots=True)
class Told:
    """A day's stretches, its focus, and its time that nothing explains."""

    lived: tuple[Lived, ...]
    focus: DayFocus
    gaps: tuple[tuple[datetime, datetime], ...]


def spans(db: Connection, start: datetime, end: datetime) -> list[Span]:
    """Timeline rows of [start, end), clipped to it."""
    low, high = to_ms(start), to_ms(end)
    found = timeline.spans(db, start - timedelta(milliseconds=CUT_MS), end)
    return [
        s if low <= s[0] and s[1] <= high  # nearly all: ten thousand a day may pass here
        else Span(max(low, s.start_ms), min(high, s.end_ms), s.offset_min, s.app, s.category)
        for s in found if s[1] > low
    ]


def told(db: Connection, start: datetime, end: datetime, rules: Rules) -> Told:
    """[start, end) as the screens show it. Five minutes are summed by the store, and hours that have a score are not scored
    anew: 10,000 switches a day stay a picture."""
    found = day_slots.pieces(db, start, end)
    return Told(lived(found, rules), _focus_of(db, found, start, end, rules), gaps(found))


def lived(pieces: Iterable[Piece], rules: Rules) -> tuple[Lived, ...]:
    """Five-minute slots named after the category that filled most of them, equal neighbours joined. `pieces` in order."""
    slots: dict[int, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    apps: dict[tuple[int, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    edges: dict[int, tuple[int, int]] = {}
    for slot, low, high, _, app, category, ms in pieces:
        name = category or rollups.UNCATEGORISED
        slots[slot][name] += ms
        apps[slot, name][app] += ms
        first, last = edges.get(slot, (low, high))
        edges[slot] = min(first, low), max(last, high)
    return _joined(slots, apps, edges, rules)


def gaps(pieces: Iterable[Piece], least_s: float = focus.BREAK_S) -> tuple[tuple[datetime, datetime], ...]:
    """Stretches between the first and the last state without one, of at least that length, which is no less than a slot's.
    `pieces` in order."""
    found: list[tuple[datetime, datetime]] = []
    last_ms: int | None = None
    for _, low, high, *_ in pieces:
        if last_ms is not None and low - last_ms >= least_s * 1000:
            found.append((from_ms(last_ms), from_ms(low)))
        last_ms = high if last_ms is None else max(last_ms, high)
    return tuple(found)


def day_focus(rows: Sequence[Span], rules: Rules) -> DayFocus:
    """The focus of a day from its timeline, the running hour included."""
    stretches = stretches_of(rows, rules)
    hours = tuple(
        HourScore(hour_s // 3600 % 24, focus.focus_score(parts), sum(p.end_s - p.start_s for p in parts))
        for hour_s, parts in sorted(_by_hour(stretches).items())
    )
    return _mean_of(hours, sum(x.end_s - x.start_s for x in stretches if x.focus))


def longest_block_s(rows: Iterable[Span], rules: Rules) -> float:
    """The longest unbroken productive block among timeline rows."""
    return focus.longest_block_s(stretches_of(rows, rules))


def _focus_of(db: Connection, pieces: Sequence[Piece], start: datetime, end: datetime, rules: Rules) -> DayFocus:
    """`day_focus` of [start, end): from the scores of its hours, where they are those of all its time; the rest, as a rule the
    running hour, is scored here."""
    active: dict[int, int] = {}
    focus_ms = 0
    focused: dict[str | None, bool] = {}
    for slot, _, _, offset_min, _, name, ms in pieces:
        hour = (slot * day_slots.SLOT_MS + offset_min * 60_000) // rollups.HOUR_MS
        active[hour] = active.get(hour, 0) + ms
        if name not in focused:
            focused[name] = rules.named(name).focus
        focus_ms += ms if focused[name] else 0
    known = rollups.scores_of(db, [rollups.local_hour(hour * rollups.HOUR_MS) for hour in active], focus.FORMULA)
    scores: dict[int, float | None] = {}
    for hour, ms in active.items():
        found = known.get(rollups.local_hour(hour * rollups.HOUR_MS))
        if found and found[1] == ms:
            scores[hour] = found[0]
    missing = active.keys() - scores.keys()
    if missing:
        offsets = [piece.offset_min for piece in pieces]
        low, high = (from_ms(hour * rollups.HOUR_MS - offset * 60_000) for hour, offset in (
            (min(missing), max(offsets)), (max(missing) + 1, min(offsets))))
        parts = _by_hour(stretches_of(spans(db, max(low, start), min(high, end)), rules))
        scores |= {hour: focus.focus_score(parts[hour * 3600]) for hour in missing}
    hours = tuple(HourScore(hour % 24, scores[hour], active[hour] / 1000) for hour in sorted(active))
    return _mean_of(hours, focus_ms / 1000)


def _mean_of(hours: tuple[HourScore, ...], focus_s: float) -> DayFocus:
    scored = [(h.score, h.active_s) for h in hours if h.score is not None]
    return DayFocus(
        score=focus.mean_score(scored), n=len(scored), active_s=sum(h.active_s for h in hours), focus_s=focus_s, hours=hours,
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
