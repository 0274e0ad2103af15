"""What the focus forecast knows: one person's hours, a profile of their week, and what moved lately.

Training and serving build the same arrays here. Everything at an issue time stands on hours before it; of the future only
what calendars and due dates tell. "Hour" is the local clock hour; `t = 24 * day + hour` counts from the first day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from coach.ml.features.focus_profile import Prior, Profile, decayed, profile, shifted

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

PAST = 168
"""Hours that the encoder reads."""
AHEAD = 24
"""Hours that a forecast covers; the first is the hour of issue itself."""
LEAST_MIN = 10.0
"""Hours with less active minutes carry no focus target."""

LEVELS_H = (2.0, 8.0, 36.0, 120.0, 400.0)
"""Time constants, in clock hours, of the quick and slow means of residuals."""
LEVELS_PRIOR = (0.7, 1.2, 2.0, 3.0, 4.0)
"""Hours of nothing unusual that each of those means starts from."""
SLOT_DAYS = (2.0, 6.0)
"""Time constants, in days, of the residuals of one hour of the day."""
EFFECT_PRIOR = (0.7, 0.7, 3.0)
"""Squared units of meeting, meeting before and pressure that a person's own effects of them start from, at none."""
EFFECT_DAYS = 60.0
RESIDUAL_SD = 0.12
"""Of an ordinary hour, for `z`."""


@dataclass(frozen=True, slots=True)
class Series:
    """One person. `score`, `active`, `level` and `visits` have shape (days, 24); `meeting` and `deadline` (days + 2, 24) or
    more, because calendars and due dates are known ahead."""

    weekday: int
    """Of the first day; Monday is 0."""
    score: Floats
    """Focus score 0 to 1; nan where nothing is known."""
    active: Floats
    """Active minutes."""
    level: Floats
    """Mean productivity level of the active minutes; 0 where there are none."""
    visits: Floats
    """Stretches that began."""
    meeting: Floats
    """Share of the hour that is booked."""
    deadline: Floats
    """Pressure of due dates, about 0 to 2: `pressure`."""

    @property
    def days(self) -> int:
        return int(self.score.shape[0])

    @property
    def weekdays(self) -> Ints:
        """(days + 2,) or more: as far as calendars are known."""
        return (self.weekday + np.arange(len(self.meeting))) % 7


class Recent(NamedTuple):
    """Before hour t, each of shape (T + 1,), scaled to about 1."""

    z: Floats
    """A week's residuals against chance."""
    run: Floats
    """Scored hours since their mean changed its sign (log)."""
    active_today: Floats
    today: Floats
    """Mean residual of the day so far."""
    today_n: Floats
    level: Floats
    """Productivity level in the last active hour."""
    rate: Floats
    """Visits a minute in it."""
    idle: Floats
    """Hours since then (log)."""
    late: Floats
    """Active between 22:00 and 04:00 in the last 24 hours."""
    history: Floats
    """Days with any activity (log)."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known after each hour, ready to be read at any issue time; first axis t = hour, T = 24 * days."""

    series: Series
    profile: Profile
    residual: Floats
    """(T,) score minus profile; 0 where unobserved."""
    seen: Floats
    """(T,) weight of the observation: active share of the hour, 0 where there is no score."""
    levels: Floats
    """(T + 1, 5) means of residuals before hour t, by LEVELS_H."""
    recent: Recent
    effects: Floats
    """(days + 1, 3) what an unusual meeting, one in the hour before and unusual pressure did to this person's focus."""
    slots: Floats
    """(T + 1, 2, 24) mean residual of each hour of the day before t, by SLOT_DAYS, its neighbours included."""


ENCODER = (
    "observed", "score", "residual", "profile", "active", "level", "visits", "meeting", "deadline", "sin_hour", "cos_hour",
    "weekend", "quick", "middle", "slow", "z", "run", "history", "active_today", "profile_n",
)
FUTURE = (
    "profile", "fast_minus_slow", "profile_n", "meeting", "meeting_before", "meeting_after", "unusual_meeting",
    "unusual_before", "meetings_so_far", "deadline", "deadline_over", "sin_hour", "cos_hour", "sin_half", "cos_half",
    "weekend", "monday", "friday", "k", "decay_quick", "decay_slow", "slot_quick", "slot_slow", "level_2", "level_8",
    "level_36", "level_120", "level_400", "same_day", "p_active", "today_residual", "today_n", "z", "run", "active_today",
    "last_level", "last_visits", "idle_h", "late_night", "history", "own_meeting", "own_before", "own_deadline",
)
CROSSED = tuple(
    (FUTURE.index(a), FUTURE.index(b))
    for a, b in (
        *((level, decay) for level in ("level_2", "level_8", "level_36") for decay in ("decay_quick", "decay_slow")),
        *((level, "same_day") for level in ("level_2", "level_8", "level_36", "level_120", "today_residual")),
        ("last_level", "decay_quick"), ("last_visits", "decay_quick"), ("active_today", "same_day"), ("z", "run"),
        ("fast_minus_slow", "run"), ("fast_minus_slow", "profile_n"), ("slot_quick", "run"), ("profile", "meeting"),
        ("profile", "deadline"), ("meetings_so_far", "meeting"), ("meetings_so_far", "active_today"),
        ("deadline", "same_day"), ("late_night", "cos_hour"), ("level_120", "run"), ("profile", "profile_n"),
    )
)
"""Products that the ridge gets beside FUTURE; trees and the net find their own."""


def pressure(due: Ints, since: Ints, until: Ints, days: int) -> Floats:
    """(days,) pressure of due dates on each day: a ramp over the four days up to a task's due day, summed, over 3.

    `due`, `since` and `until` (tasks,) are day numbers: due, noted, done (or a large one). A task counts on day d when it
    was there and open at the beginning of day d - 1: so much is known a day ahead."""
    day = np.arange(days)[:, None]
    ahead = due[None, :] - day
    counts = (since[None, :] < day - 1) & (until[None, :] >= day - 1) & (ahead >= 0) & (ahead < 4)
    found: Floats = np.minimum((counts * (1 - ahead / 4)).sum(axis=1) / 3, 3.0)
    return found


def state(series: Series, prior: Prior) -> State:
    """All causal sums of a person's hours."""
    known = np.isfinite(series.score) & (series.active >= LEAST_MIN)
    weight = np.where(known, np.minimum(series.active, 60.0) / 60, 0.0)
    table = profile(series, weight, prior)
    days = series.days
    mean = table.score[np.arange(days), series.weekdays[:days]] if days else np.zeros((0, 24))
    residual = np.where(known, np.nan_to_num(series.score) - mean, 0.0).ravel()
    seen = weight.ravel()
    levels = np.stack([
        shifted(decayed(residual * seen, np.exp(-1 / h)) / (decayed(seen, np.exp(-1 / h)) + p))
        for h, p in zip(LEVELS_H, LEVELS_PRIOR, strict=True)
    ], axis=-1)
    slots = np.stack([_slots(residual * seen, seen, days, d) for d in SLOT_DAYS], axis=1)
    effects = _effects(series, table, residual, seen)
    return State(series, table, residual, seen, levels, _recent(series, residual, seen), effects, slots)


def encoder(known: State) -> Floats:
    """(T, len(ENCODER)) what the LSTM reads of each past hour."""
    s = known.series
    days = s.days
    hour = np.tile(np.arange(24), days)
    weekday = np.repeat(s.weekdays[:days], 24)
    table = known.profile
    day = np.repeat(np.arange(days), 24)
    columns = (
        (known.seen > 0).astype(float), np.where(known.seen > 0, np.nan_to_num(s.score.ravel()) - 0.5, 0.0) * 2,
        known.residual * 5, (table.score[day, weekday, hour] - 0.5) * 2, s.active.ravel() / 60, s.level.ravel(),
        _rate(s.visits.ravel(), s.active.ravel()), s.meeting[:days].ravel(), s.deadline[:days].ravel(),
        np.sin(2 * np.pi * hour / 24), np.cos(2 * np.pi * hour / 24), (weekday >= 5).astype(float),
        known.levels[1:, 1] * 5, known.levels[1:, 2] * 5, known.levels[1:, 3] * 5, known.recent.z[1:], known.recent.run[1:],
        known.recent.history[1:], known.recent.active_today[1:], np.log1p(table.n[day, weekday, hour]) / 3,
    )
    return np.stack(columns, axis=-1) if days else np.zeros((0, len(ENCODER)))


def future(known: State, issues: Ints, ahead: int = AHEAD) -> Floats:
    """(issues, ahead, len(FUTURE)) what is known of each hour ahead; `issues` are hours 1..T, T being the first one unlived.

    Beyond AHEAD hours, which nothing was trained on, what has just happened counts for as little as at their end."""
    s = known.series
    table = known.profile
    k = np.arange(ahead)[None, :]
    t = issues[:, None] + k
    issued = np.minimum(issues // 24, s.days)[:, None]
    day, hour = t // 24, t % 24
    weekday = s.weekdays[day]
    slot = table.score[issued, weekday, hour]
    meeting = np.pad(s.meeting.ravel(), (1, 1))
    unusual = meeting[t + 1] - table.meeting[issued, weekday, hour]
    before = meeting[t] - table.meeting[issued, np.where(hour == 0, (weekday - 1) % 7, weekday), (hour - 1) % 24]
    effects = known.effects[issued] * 5
    so_far = np.cumsum(s.meeting, axis=1).ravel()
    k = np.minimum(k, AHEAD - 1)
    due = s.deadline.ravel()[t]
    same = (day == issues[:, None] // 24).astype(float)
    wide = np.ones_like(same)
    recent = Recent(*(x[issues][:, None] * wide for x in known.recent))
    columns = (
        (slot - 0.5) * 2, (table.fast[issued, weekday, hour] - slot) * 5, np.log1p(table.n[issued, weekday, hour]) / 3,
        meeting[t + 1], meeting[t], meeting[t + 2], unusual, before,
        (so_far[t] - s.meeting.ravel()[t]) / 3, np.minimum(due, 1.0), np.maximum(due - 1.0, 0.0), np.sin(2 * np.pi * hour / 24),
        np.cos(2 * np.pi * hour / 24), np.sin(4 * np.pi * hour / 24), np.cos(4 * np.pi * hour / 24),
        (weekday >= 5).astype(float), (weekday == 0).astype(float), (weekday == 4).astype(float), k / 24 * wide,
        0.75**k * wide, 0.95**k * wide, *(known.slots[issues[:, None], i, hour] * 5 for i in range(len(SLOT_DAYS))),
        *(known.levels[issues, i][:, None] * wide * 5 for i in range(len(LEVELS_H))), same,
        table.active[issued, weekday, hour], recent.today * same * 5, recent.today_n * same, recent.z, recent.run,
        recent.active_today * same, recent.level, recent.rate, recent.idle, recent.late, recent.history,
        effects[..., 0] * unusual, effects[..., 1] * before, effects[..., 2] * (due - table.deadline[issued]),
    )
    return np.stack(columns, axis=-1)


def slot_profile(known: State, issues: Ints) -> Floats:
    """(issues, 24) the profile of the hours ahead, as it stood at the beginning of the day of issue."""
    t = issues[:, None] + np.arange(AHEAD)[None, :]
    issued = np.minimum(issues // 24, known.series.days)[:, None]
    found: Floats = known.profile.score[issued, known.series.weekdays[t // 24], t % 24]
    return found


def targets(series: Series, issues: Ints) -> tuple[Floats, Floats]:
    """((issues, 24) score or nan, (issues, 24) 1.0 where the hour is active, nan beyond what has been lived)."""
    t = issues[:, None] + np.arange(AHEAD)[None, :]
    score = np.append(np.where(series.active >= LEAST_MIN, series.score, np.nan).ravel(), np.nan)
    active = np.append((series.active >= LEAST_MIN).astype(float).ravel(), np.nan)
    t = np.minimum(t, len(score) - 1)
    return score[t], active[t]


def window(encoded: Floats, issue: int) -> Floats:
    """(168, len(ENCODER)) the hours before `issue`, zeros before the first."""
    rows = encoded[max(0, issue - PAST):issue]
    return np.pad(rows, ((PAST - len(rows), 0), (0, 0)))


def _rate(visits: Floats, active: Floats) -> Floats:
    return np.where(active >= 1, np.log1p(visits / np.maximum(active, 1.0)) / 1.5, 0.0)


def _slots(weighted: Floats, seen: Floats, days: int, constant_days: float) -> Floats:
    """(T + 1, 24) decayed mean residual of each hour of the day over the days before t, smoothed over neighbours."""
    decay = float(np.exp(-1 / constant_days))
    sums, weights = (decayed(x.reshape(days, 24), decay) for x in (weighted, seen))
    t = np.arange(24 * days + 1)[:, None]
    day, hour = t // 24, np.arange(24)[None, :]
    last = np.where(hour < t % 24, day, day - 1)  # the last day on which that hour is over
    inside = last >= 0
    at = np.clip(last, 0, max(days - 1, 0))
    if not days:
        return np.zeros((1, 24))
    found = [np.where(inside, x[at, hour], 0.0) for x in (sums, weights)]
    near = [0.5 * x + 0.25 * np.roll(x, 1, axis=1) + 0.25 * np.roll(x, -1, axis=1) for x in found]
    ratio: Floats = near[0] / (near[1] + 1.0)
    return ratio


def _effects(series: Series, table: Profile, residual: Floats, seen: Floats) -> Floats:
    """A ridge regression of the person's residuals that forgets, as it stood at the beginning of each day."""
    days = series.days
    at = np.arange(days)
    own = series.meeting[:days]
    usual = table.meeting[at, series.weekdays[:days]]
    unusual = (own - usual).ravel()
    pressed = np.repeat(series.deadline[:days, 12] - table.deadline[:days], 24)
    x = np.stack([unusual, np.append(0.0, unusual[:-1])[: len(unusual)], pressed], axis=-1)
    weighted = (x * seen[:, None]).reshape(days, 24, 3)
    decay = float(np.exp(-1 / EFFECT_DAYS))
    gram = shifted(decayed(np.einsum("dhi,dhj->dij", weighted, x.reshape(days, 24, 3)), decay))
    moment = shifted(decayed(np.einsum("dhi,dh->di", weighted, residual.reshape(days, 24)), decay))
    return np.asarray(np.linalg.solve(gram + np.diag(EFFECT_PRIOR), moment[..., None])[..., 0], dtype=np.float64)


def _recent(series: Series, residual: Floats, seen: Floats) -> Recent:
    days, length = series.days, len(residual)
    decay = float(np.exp(-1 / 120.0))
    spread = np.sqrt(decayed(seen**2 * RESIDUAL_SD**2, decay**2) + 2 * RESIDUAL_SD**2)
    z = np.clip(decayed(residual * seen, decay) / spread, -4, 4) / 2
    run = np.log1p(_run(np.sign(decayed(residual * seen, float(np.exp(-1 / 36.0)))), seen)) / 4
    fresh = np.arange(length + 1) % 24 == 0
    hours, sums, counts = (
        np.where(fresh, 0.0, np.append(0.0, np.cumsum(x.reshape(days, 24), axis=1).ravel()))
        for x in (series.active / 60, residual * seen, (seen > 0).astype(float))
    )
    active = (series.active >= LEAST_MIN).ravel()
    last = np.append(-1, np.maximum.accumulate(np.where(active, np.arange(length), -1)))
    level, rate = (
        np.where(last >= 0, np.append(x, 0.0)[last], 0.5)
        for x in (series.level.ravel(), _rate(series.visits.ravel(), series.active.ravel()))
    )
    idle = np.where(last >= 0, np.minimum(np.arange(length + 1) - 1 - last, 200), 200)
    lived = np.append(0, np.cumsum(active.reshape(days, 24).any(axis=1)))
    history = np.append(np.repeat(lived[:days], 24), lived[days])
    at_night = np.isin(np.arange(length) % 24, (22, 23, 0, 1, 2, 3))
    night = np.append(0.0, np.cumsum(at_night * series.active.ravel()))
    late = night - night[np.maximum(np.arange(length + 1) - 24, 0)]
    return Recent(
        shifted(z), shifted(run), hours / 8, sums / (counts + 1.0), counts / 4, level, rate, np.log1p(idle) / 4,
        np.minimum(late / 120, 2.0), np.log1p(history) / 5,
    )


def _run(sign: Floats, seen: Floats) -> Floats:
    """How many scored hours ago the sign last changed."""
    count = np.cumsum(seen > 0)
    changed = np.append(True, sign[1:] != sign[:-1])[: len(sign)]
    found: Floats = count - np.maximum.accumulate(np.where(changed, count, 0))
    return found
