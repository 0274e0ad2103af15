"""How the pattern detector learns from one person. Nobody labels their days, so a day's labels are what the rules and the
shipped net agree on when they see all of it; asked for from a copy of it with 30 % of its stretches spoilt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, shipped
from coach.core.errors import Unavailable
from coach.core.when import logical_day
from coach.engine import patterns
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.engine.report import bounds_time
from coach.ml import card as cards
from coach.ml import habits
from coach.ml.features.patterns import PATTERNS, Days, Stretches, days_of, noisy
from coach.store.db import Connection

DAYS = 180
NOISE = 0.3
CASES = range(950_000, 950_006)
REHEARSED = range(960_000, 960_024)
"""Simulated people whose days are half of each batch."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """`labels` (n, 8): 1 and 0 where both agree, NaN elsewhere and where a pattern cannot be; `spoilt` are the copies."""

    days: tuple[date, ...]
    stretches: Stretches
    seen: Days
    spoilt: Days
    labels: np.ndarray
    digest: str


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The last DAYS up to yesterday."""
    today = logical_day(now, tz, bounds_time(config))
    return history(patterns.history(db, config, tz, today - timedelta(days=DAYS), today))


def history(lived: patterns.History) -> History:
    made = hashlib.sha256(repr(lived.dates).encode())
    for column in lived.stretches:
        made.update(np.ascontiguousarray(column).tobytes())
    weekend = lived.days.context[:, 0] > 0.5
    return History(lived.dates, lived.stretches, lived.days, days_of(_spoilt(lived), weekend, lived.days.weekday),
                   _labels(lived.dates, lived.days), made.hexdigest())


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Mean Brier score of the labels of each day, from its spoilt copy."""
    at = {day: i for i, day in enumerate(data.days)}
    rows = [at[day] for day in days if day in at]
    if not rows:
        return {}
    said = _said(model, data.spoilt.at(rows))
    losses = (said - data.labels[rows]) ** 2
    return {data.days[row]: float(np.nanmean(loss)) for row, loss in zip(rows, losses, strict=True) if np.isfinite(loss).any()}


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """`base` adapted to the days before `until` together with days of simulated people."""
    from coach.engine.pretraining.patterns import PersonDays, lived, together
    from coach.ml.train import patterns as training  # torch: in the training child only

    progress(0.0, "rehearsing simulated people")
    simulated = together(lived(REHEARSED, "A", lambda words: progress(0.1, words)))
    n = sum(day < until for day in data.days)
    s = data.stretches
    before = s.day < n
    own = PersonDays(0, Stretches(*(column[before] for column in s)), data.seen.context[:n, 0] > 0.5,  # type: ignore[arg-type]
                     data.labels[:n], tuple(d.isoformat() for d in data.days[:n]))
    progress(0.4, f"learning from {n} days")
    weights = base.weights or shipped("models", "patterns", "weights.safetensors").read_bytes()
    onnx, kept = training.adapt(weights, together([own]) if n else simulated, simulated, rung, seed)
    return Trained(onnx, kept, {**base.card, "rung": rung, "own_days": n})


def regression(model: Model) -> dict[str, float]:
    """Brier score on the spoilt days of six simulated people, against what took place: of the net that was trained, without
    what other days add, which makes some of these people so easy that a share of their loss is no measure."""
    from coach.engine.pretraining.patterns import person

    alone = replace(model, card={key: value for key, value in model.card.items() if key != "recurrence"})
    found = {}
    for seed in CASES:
        one = person(seed, "A")
        days = days_of(noisy(one.stretches, NOISE, np.random.default_rng(seed)), one.weekend, one.weekday)
        found[str(seed)] = float(np.nanmean((_said(alone, days) - one.truth) ** 2))
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """By day: hours of activity, stretches an hour, places in use."""
    n = len(data.days)
    hours = np.bincount(data.stretches.day, data.stretches.length_h, n)
    used = np.unique(np.stack([data.stretches.day, data.stretches.slot]), axis=1)[0]
    return {
        "active_h": hours, "stretches_an_hour": np.bincount(data.stretches.day, minlength=n) / np.maximum(hours, 0.1),
        "places": np.bincount(used, minlength=n).astype(float),
    }


def objection(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model) -> str:
    """Why a net may not speak about the days of the last twelve weeks; "" where it may."""
    today = logical_day(now, tz, bounds_time(config))
    return habits.unfit(patterns.history(db, config, tz, today - timedelta(days=patterns.EFFECT_DAYS), today).days)


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """How likely today shows each pattern that it can show: its share of the last four weeks, with its interval."""
    today = logical_day(now, tz, bounds_time(config))
    lived = patterns.history(db, config, tz, today - timedelta(days=patterns.WINDOW_DAYS), today)
    if not lived.dates:
        return []
    claimed = habits.predict(model.net, model.card, lived.days).claimed if model else habits.by_rules(lived.days, {}).claimed
    found = []
    for k, name in enumerate(PATTERNS):
        able = [i for i, day in enumerate(lived.dates) if patterns.can_show(name, day)]
        if able and patterns.can_show(name, today):
            count = int(claimed[able, k].sum())
            found.append(Forecast(f"{name}/{today.isoformat()}", (count + 0.5) / (len(able) + 1),
                                  *habits.share_interval(count, len(able))))
    return found


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> Mapping[str, float]:
    """The labels of days that are over; NaN where nothing was lived or rules and net disagree."""
    today = logical_day(now, tz, bounds_time(config))
    asked = {key: (name, date.fromisoformat(day)) for key in keys for name, _, day in (key.partition("/"),)}
    over = {day for _, day in asked.values() if day < today}
    if not over:
        return {}
    lived = patterns.history(db, config, tz, min(over), today)
    labels, at = _labels(lived.dates, lived.days), {day: i for i, day in enumerate(lived.dates)}
    return {
        key: float(labels[at[day], PATTERNS.index(name)]) if day in at else float("nan")
        for key, (name, day) in asked.items() if day in over
    }


def _said(model: Model | None, days: Days) -> np.ndarray:
    found = habits.predict(model.net, model.card, days) if model else habits.by_rules(days, {})
    return np.asarray(found.probability, dtype=float)


def _labels(dates: Sequence[date], days: Days) -> np.ndarray:
    """What rules and shipped net agree on; without the net, what the rules say."""
    folder = shipped("models", "patterns")
    ruled = habits.by_rules(days, {}).claimed
    try:
        agreed = ruled == habits.predict(habits.load(folder / "model.onnx"), cards.read(folder), days).claimed
    except Unavailable:
        agreed = np.ones_like(ruled)
    able = np.array([[patterns.can_show(name, day) for name in PATTERNS] for day in dates], dtype=bool)
    return np.where(agreed & able.reshape(ruled.shape), ruled.astype(np.float32), np.nan).astype(np.float32)


def _spoilt(lived: patterns.History) -> Stretches:
    """Each day spoilt by its own luck, so that a longer history spoils it alike."""
    s = lived.stretches
    parts = [s]
    for i, day in enumerate(lived.dates):
        own = s.day == i
        parts.append(noisy(Stretches(s.day[own], s.start_h[own], s.length_h[own], s.slot[own]), NOISE,
                           np.random.default_rng(day.toordinal())))
    columns = zip(*parts[1:], strict=True) if len(parts) > 1 else ((c[:0],) for c in s)
    return Stretches(*(np.concatenate(c) for c in columns))
