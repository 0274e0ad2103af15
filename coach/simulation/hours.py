"""A simulated life by local date and hour, as the roll-ups of a real one: minutes and visits by category, focus scores, meetings.

The score is `coach.core.focus.focus_score` (formula 1) over arrays, so that thousands of person-days cost seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from coach.core import focus
from coach.core.when import from_ms

if TYPE_CHECKING:
    from coach.simulation.life import Meeting, SimulatedLife

    Array = np.ndarray[Any, np.dtype[np.float64]]
    Ints = np.ndarray[Any, np.dtype[np.int64]]

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


class Label(NamedTuple):
    """What the taxonomy says of a window: category, productivity level 0 to 1, whether it counts as focus."""

    category: str
    level: float
    focus: bool


Categorise: TypeAlias = Callable[[str, str, str, str], Label]
"""(app, title, url, project) to its label."""


@dataclass(frozen=True, slots=True)
class Hours:
    """All arrays have shape (days, 24): local calendar date by local hour."""

    dates: tuple[date, ...]
    score: Array
    """Focus score; nan with less than 10 active minutes."""
    active_min: Array
    focus_min: Array
    """In focus categories."""
    level_min: Array
    """Minutes weighted by their productivity level."""
    switches: Array
    """Changes of app inside the hour."""
    meeting: Array
    """Share of the hour that the calendar has meetings in, 0 to 1."""
    minutes: Mapping[str, Array]
    """By category."""
    visits: Mapping[str, Array]
    """Stretches that began, by category."""


class Pieces(NamedTuple):
    """Stretches cut at whole local hours, in order. `hour` counts from the first date's midnight."""

    hour: Ints
    start_s: Array
    length_s: Array
    level: Array
    place: Ints
    """What counts as the same place between neighbours: the app."""
    stretch: Ints
    """Index of the stretch that it is part of."""

    def within(self, hours: int) -> Pieces:
        """Those of hours 0 to `hours` that have a length."""
        of = (self.hour >= 0) & (self.hour < hours) & (self.length_s > 0)
        return Pieces(self.hour[of], self.start_s[of], self.length_s[of], self.level[of], self.place[of], self.stretch[of])


def hourly(life: SimulatedLife, categorise: Categorise, tz: ZoneInfo) -> Hours:
    """The hours of all dates from the first stretch to the last."""
    if not life.events:
        return _empty()
    starts, ends = (np.array([e[i] for e in life.events], dtype=np.int64) for i in (0, 1))
    first, last = (from_ms(int(ms)).astimezone(tz).date() for ms in (starts[0], ends[-1]))
    dates = tuple(first + timedelta(days=i) for i in range((last - first).days + 1))
    labels, label_of = _labels(life.events, categorise)
    apps: dict[str, int] = {}
    places = np.array([apps.setdefault(e[2], len(apps)) for e in life.events], dtype=np.int64)
    levels = np.array([label.level for label in labels])[label_of]
    local = local_ms(starts, dates, tz), local_ms(ends, dates, tz)
    pieces = cut(*local, levels, places, _midnight_ms(first))
    return _sums(pieces, labels, label_of, dates, meeting_share(life.meetings, dates, tz))


def scores(pieces: Pieces, hours: int) -> tuple[Array, Array, Array]:
    """(score, active minutes, switches) of each of `hours` hours; the score is nan with less than 10 active minutes."""
    active_s = _sum(pieces.hour, pieces.length_s, hours)
    level = _sum(pieces.hour, pieces.length_s * pieces.level, hours)
    same_hour = pieces.hour[1:] == pieces.hour[:-1]
    switched = same_hour & (pieces.place[1:] != pieces.place[:-1])
    switches = _sum(pieces.hour[1:], switched.astype(float), hours)
    with np.errstate(divide="ignore", invalid="ignore"):
        steadiness = 1 / (1 + switches / (active_s / 60) / 2)
        depth = np.minimum(1.0, _longest_block_s(pieces, same_hour, hours) / focus.FULL_BLOCK_S)
        score = np.minimum(1.0, level / active_s * (0.4 + 0.3 * steadiness + 0.3 * depth))
    return np.where(active_s >= focus.LEAST_ACTIVE_S, score, np.nan), active_s / 60, switches


def cut(start_ms: Ints, end_ms: Ints, level: Array, place: Ints, midnight_ms: int) -> Pieces:
    """Local stretches cut at whole hours; `midnight_ms` is the local instant at which hour 0 begins."""
    since, until = start_ms - midnight_ms, end_ms - midnight_ms
    first = since // HOUR_MS
    count = np.maximum((until - 1) // HOUR_MS - first + 1, 1)
    of = np.repeat(np.arange(len(since)), count)
    step = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count)
    hour = first[of] + step
    begin = np.maximum(since[of], hour * HOUR_MS)
    end = np.minimum(until[of], (hour + 1) * HOUR_MS)
    return Pieces(hour, begin / 1000, (end - begin) / 1000, level[of], place[of], of)


def local_ms(instants_ms: Ints, dates: Sequence[date], tz: ZoneInfo) -> Ints:
    """Wall-clock milliseconds of instants, by the zone's offset in each whole hour of UTC."""
    hours, where = np.unique(instants_ms // HOUR_MS, return_inverse=True)
    offsets = np.array([_offset_ms(int(h) * HOUR_MS, tz) for h in hours], dtype=np.int64)
    return instants_ms + offsets[where]


def meeting_share(meetings: Sequence[Meeting], dates: Sequence[date], tz: ZoneInfo) -> Array:
    """(days, 24) shares of each local hour that a meeting takes."""
    share = np.zeros((len(dates), 24))
    for m in meetings:
        start, end = m.start.astimezone(tz).replace(tzinfo=None), m.end.astimezone(tz).replace(tzinfo=None)
        at = start.replace(minute=0, second=0, microsecond=0)
        while at < end:
            day = (at.date() - dates[0]).days
            if 0 <= day < len(dates):
                held = min(end, at + timedelta(hours=1)) - max(start, at)
                share[day, at.hour] = min(1.0, share[day, at.hour] + held.total_seconds() / 3600)
            at += timedelta(hours=1)
    return share


def _sums(
    pieces: Pieces, labels: Sequence[Label], label_of: Ints, dates: tuple[date, ...], meeting: Array,
) -> Hours:
    n = len(dates) * 24
    pieces = pieces.within(n)
    score, active_min, switches = scores(pieces, n)
    label = label_of[pieces.stretch]
    begins = np.ones(len(label), dtype=bool)
    begins[1:] = pieces.stretch[1:] != pieces.stretch[:-1]
    cell = label * n + pieces.hour
    minutes = _sum(cell, pieces.length_s / 60, len(labels) * n).reshape(len(labels), -1, 24)
    visits = _sum(cell, begins.astype(float), len(labels) * n).reshape(len(labels), -1, 24)
    focused = np.array([x.focus for x in labels], dtype=float)
    shape = (-1, 24)
    return Hours(
        dates, score.reshape(shape), active_min.reshape(shape),
        np.tensordot(focused, minutes, 1), _sum(pieces.hour, pieces.length_s * pieces.level / 60, n).reshape(shape),
        switches.reshape(shape), meeting, _by_category(labels, minutes), _by_category(labels, visits),
    )


def _by_category(labels: Sequence[Label], sums: Array) -> dict[str, Array]:
    found: dict[str, Array] = {}
    for label, part in zip(labels, sums, strict=True):
        found[label.category] = found[label.category] + part if label.category in found else part
    return found


def _labels(events: Sequence[tuple[int, int, str, str, str, str]], categorise: Categorise) -> tuple[list[Label], Ints]:
    known: dict[tuple[str, str, str, str], int] = {}
    numbers: dict[Label, int] = {}
    of = np.empty(len(events), dtype=np.int64)
    for i, (_, _, *context) in enumerate(events):
        key = (context[0], context[1], context[2], context[3])
        if key not in known:
            known[key] = numbers.setdefault(categorise(*key), len(numbers))
        of[i] = known[key]
    return list(numbers), of


def _longest_block_s(pieces: Pieces, same_hour: Any, hours: int) -> Array:
    """As `coach.core.focus.longest_block_s`, for every hour."""
    productive = pieces.level >= focus.BLOCK_LEVEL
    gap_s = pieces.start_s[1:] - (pieces.start_s[:-1] + pieces.length_s[:-1])
    goes_on = same_hour & productive[1:] & productive[:-1] & (gap_s <= focus.BLOCK_GAP_S)
    block = np.concatenate(([0], np.cumsum(~goes_on)))
    length_s = _sum(block, np.where(productive, pieces.length_s, 0.0))
    longest: Array = np.zeros(hours)
    np.maximum.at(longest, pieces.hour, length_s[block])
    return longest


def _sum(cell: Ints, what: Array, cells: int = 0) -> Array:
    """What there is of it in each cell."""
    return np.bincount(cell, what, cells).astype(np.float64)


def _offset_ms(instant_ms: int, tz: ZoneInfo) -> int:
    offset = from_ms(instant_ms).astimezone(tz).utcoffset()
    return int((offset or timedelta()).total_seconds() * 1000)


def _midnight_ms(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY_MS


def _empty() -> Hours:
    nothing = np.zeros((0, 24))
    return Hours((), nothing, nothing, nothing, nothing, nothing, nothing, {}, {})
