"""A day as the pattern detector sees it: 24 hours x 50 slots x 3 channels. Shared by training, exam and serving.

A slot belongs to a bucket of categories, so that column 3 means mail for everybody; inside a bucket the person's places
stand in order of time spent, and the last slot of a bucket takes all further ones. Hours count from 04:00, where a day
begins: the night belongs to the evening before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"
Ints: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

PATTERNS = (
    "email_loop", "social_drift", "meeting_fragmentation", "late_night", "deep_block", "ping_pong", "planning_morning",
    "weekend_spill",
)
HOURS = 24
DAY_START_H = 4.0
MINUTES, VISITS, DWELL = range(3)
CHANNELS = 3
JOIN_H = 5 / 3600
"""Two stretches at one place closer than this are one visit."""
LEAST_ACTIVE_MIN = 30.0
"""With less than that, nothing is said about a day."""


class Bucket(NamedTuple):
    """`size` slots for the places of these categories and of what lies below them."""

    name: str
    size: int
    categories: tuple[str, ...]


BUCKETS = (
    Bucket("email", 3, ("Communication > Email",)),
    Bucket("chat", 4, ("Communication", "Communication > Chat")),
    Bucket("calls", 3, ("Communication > Calls",)),
    Bucket("planning", 5, ("Planning", "Work > Project Management")),
    Bucket("code", 6, ("Work > Programming", "Work > Terminal", "Work > Operations")),
    Bucket("making", 6, ("Work", "Work > Writing", "Work > Spreadsheets and Data", "Work > Presentations", "Work > Design",
                         "Work > Audio and Video Production", "Work > Business")),
    Bucket("reading", 4, ("Learning", "Research", "Reading", "Work > Documentation")),
    Bucket("social", 5, ("Social",)),
    Bucket("entertainment", 4, ("Entertainment", "Music")),
    Bucket("news", 2, ("News",)),
    Bucket("private", 2, ("Shopping", "Personal")),
    Bucket("tools", 2, ("Browsing", "System", "Assistants")),
    Bucket("unknown", 4, ()),
)
SLOTS = sum(b.size for b in BUCKETS)
FIRST = {b.name: sum(a.size for a in BUCKETS[:i]) for i, b in enumerate(BUCKETS)}
"""The first slot of each bucket."""
_BY_CATEGORY = {category: b for b in BUCKETS for category in b.categories}


class Stretches(NamedTuple):
    """Stretches of many days in parallel arrays of shape (n,), in order of day and time. Hours count from 04:00."""

    day: Ints
    start_h: Floats
    length_h: Floats
    slot: Ints


class Days(NamedTuple):
    """What the detector takes: `tensor` (n, 150, 24), channels minutes, visits and dwell of 50 slots each, roughly within
    0 to 1; `context` (n, 2): weekend or not, hours of activity by ten. `weekday` (n,) is 0 to 6 from Monday on, where known."""

    tensor: Floats
    context: Floats
    weekday: Ints | None = None

    def at(self, rows: Any) -> Days:
        """Some of the days, by their numbers."""
        return Days(self.tensor[rows], self.context[rows], None if self.weekday is None else self.weekday[rows])


def bucket_of(category: str | None) -> Bucket:
    """By the category's own name or the nearest one above it; unknown names have a bucket of their own."""
    name = category or ""
    while name:
        if name in _BY_CATEGORY:
            return _BY_CATEGORY[name]
        name = name.rpartition(" > ")[0]
    return BUCKETS[-1]


def slots_of(spent: Mapping[tuple[str, str | None], float]) -> dict[tuple[str, str | None], int]:
    """The slot of each (place, category) by the time spent there: the person's first places have slots of their own."""
    found: dict[tuple[str, str | None], int] = {}
    used: dict[str, int] = {}
    for place in sorted(spent, key=lambda p: (-spent[p], p[0], p[1] or "")):
        bucket = bucket_of(place[1])
        rank = used.get(bucket.name, 0)
        used[bucket.name] = rank + 1
        found[place] = FIRST[bucket.name] + min(rank, bucket.size - 1)
    return found


def stretches(start_ms: Ints, end_ms: Ints, slot: Ints, first_day: int) -> Stretches:
    """From milliseconds of local wall time since 1970-01-01; day 0 is `first_day` days after that."""
    since_ms = start_ms - int(DAY_START_H * 3_600_000)
    day = since_ms // 86_400_000
    start_h = ((since_ms - day * 86_400_000) / 3_600_000).astype(np.float32)
    return Stretches(day - first_day, start_h, ((end_ms - start_ms) / 3_600_000).astype(np.float32), slot)


def joined(s: Stretches) -> Stretches:
    """Neighbours at one place as one visit."""
    if not len(s.day):
        return s
    new = np.ones(len(s.day), dtype=bool)
    gap_h = s.start_h[1:] - s.start_h[:-1] - s.length_h[:-1]
    new[1:] = (s.day[1:] != s.day[:-1]) | (s.slot[1:] != s.slot[:-1]) | (gap_h > JOIN_H)
    first = np.flatnonzero(new)
    last = np.append(first[1:] - 1, len(new) - 1)
    length_h = s.start_h[last] + s.length_h[last] - s.start_h[first]
    return Stretches(s.day[first], s.start_h[first], length_h, s.slot[first])


def days_of(s: Stretches, weekend: Any, weekday: Ints | None = None) -> Days:
    """The days 0 to n - 1 of these stretches; `weekend` and, where it is known, `weekday` have shape (n,)."""
    n = len(weekend)
    s = joined(s)
    minutes, visits, dwell = np.zeros((3, n * SLOTS * HOURS), dtype=np.float32)
    start_hour = np.clip(s.start_h.astype(np.int64), 0, HOURS - 1)
    row = (s.day * SLOTS + s.slot) * HOURS
    end_h = np.minimum(s.start_h + s.length_h, float(HOURS))
    for over in range(int(np.max(np.ceil(end_h) - start_hour, initial=0))):
        hour = start_hour + over
        part_h = np.minimum(end_h, hour + 1) - np.maximum(s.start_h, hour)
        here = (part_h > 0) & (hour < HOURS)
        minutes += np.bincount(row[here] + hour[here], part_h[here] * 60, len(minutes)).astype(np.float32)
    visits += np.bincount(row + start_hour, minlength=len(visits))
    dwell += np.bincount(row + start_hour, s.length_h * 60, len(dwell)).astype(np.float32)
    dwell /= np.maximum(visits, 1)
    active_h = minutes.reshape(n, SLOTS * HOURS).sum(axis=1) / 60
    scaled = np.stack([minutes / 60, np.log1p(visits) / 4, np.log1p(dwell) / 4])  # 4 is about log1p(55)
    tensor = scaled.reshape(CHANNELS, n, SLOTS, HOURS).transpose(1, 0, 2, 3).reshape(n, CHANNELS * SLOTS, HOURS)
    context = np.stack([np.asarray(weekend, dtype=np.float32), active_h / 10], axis=1).astype(np.float32)
    return Days(np.ascontiguousarray(tensor, dtype=np.float32), context, weekday)


def unscaled(tensor: Floats) -> Floats:
    """(n, 3, 50, 24): minutes, visits, mean minutes of a visit."""
    parts = tensor.reshape(len(tensor), CHANNELS, SLOTS, HOURS).copy()
    parts[:, MINUTES] *= 60
    parts[:, VISITS] = np.rint(np.expm1(parts[:, VISITS] * 4))
    parts[:, DWELL] = np.expm1(parts[:, DWELL] * 4)
    return parts


def noisy(s: Stretches, share: Any, rng: Generator, group: Ints | None = None) -> Stretches:
    """A random `share` of the stretches (a number, or one per stretch) spoilt: half of those dropped, as by a tracker that
    slept; half at another place, that of a random stretch of their group (all together unless told)."""
    n = len(s.day)
    if not n:
        return s
    spoilt, dropped = rng.random(n) < share, rng.random(n) < 0.5
    if group is None:
        other = rng.integers(0, n, n)
    else:
        first = np.searchsorted(group, group)
        other = first + (rng.random(n) * (np.searchsorted(group, group, side="right") - first)).astype(np.int64)
    slot = np.where(spoilt & ~dropped, s.slot[other], s.slot)
    kept = ~(spoilt & dropped)
    return Stretches(s.day[kept], s.start_h[kept], s.length_h[kept], slot[kept])


def shuffled_slots(tensor: Floats, rng: Generator) -> Floats:
    """Each day with the places of every bucket in another order, the same in all channels; the last slot of a bucket, where
    all further places are, stays."""
    n = len(tensor)
    order = np.tile(np.arange(SLOTS), (n, 1))
    for b in BUCKETS:
        if b.size > 2:
            own = slice(FIRST[b.name], FIRST[b.name] + b.size - 1)
            order[:, own] = rng.permuted(order[:, own], axis=1)
    whole = (order[:, None, :] + SLOTS * np.arange(CHANNELS)[None, :, None]).reshape(n, -1)
    mixed: Floats = np.take_along_axis(tensor, whole[:, :, None], axis=1)
    return mixed
