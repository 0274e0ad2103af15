"""How the what-if learns from one person. Every day is a what-if that came true: the goal is the minutes that it had of what
distracts and of messages, the answer its focus. The loss is the squared error of that focus."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, shipped
from coach.core.when import logical_day
from coach.engine import whatif
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.engine.report import bounds_time
from coach.ml import response as responses
from coach.ml import whatif as serving
from coach.ml.baselines import whatif as baseline
from coach.ml.features import whatif as features
from coach.ml.features.whatif import DISTRACTING, GROUPS, MESSAGES, Array, Days, Ints
from coach.store.db import Connection

DAYS = 180
MADE = 40
"""Days made for each day that is answered."""
STEPS = {"head": 40, "full": 80}
BATCH = 64
DRAWS = 8
CASES = range(950_000, 950_004)


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """A person's tracked days with their dates."""

    days: tuple[date, ...]
    lived: Days
    digest: str


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The last DAYS before today."""
    return history(*whatif.dated(db, config, now, tz, DAYS))


def history(days: Sequence[date], lived: Days) -> History:
    made = hashlib.sha256(repr(tuple(days)).encode())
    for array in (lived.minutes, lived.visits, lived.score):
        made.update(np.ascontiguousarray(array).tobytes())
    return History(tuple(days), lived, made.hexdigest())


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Squared error of each day's focus, told from the days before it and from what it had of messages and distraction."""
    at = {day: i for i, day in enumerate(data.days)}
    truth = features.day_focus(data.lived.score, data.lived.minutes.sum(axis=2))
    found = {}
    for day in days:
        i = at.get(day)
        if i is None or i < 1 or not np.isfinite(truth[i]):
            continue
        before = data.lived[max(0, i - whatif.DAYS):i]
        said = _said(before, model, data.lived.weekday[i:i + 1], data.lived.minutes[i].sum(axis=0))
        found[day] = float((said - truth[i]) ** 2)
    return found


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """`base` some steps on, on the person's days before `until`; the head alone, or all of it."""
    from coach.ml.train import whatif as training  # torch: in the training child only

    progress(0.0, "reading the days")
    learning = data.lived[:sum(day < until for day in data.days)]
    pair = training.from_bytes(base.weights or shipped("models", "whatif", "weights.safetensors").read_bytes())
    known = serving.known(base.card)
    if len(learning) >= 2:
        own = training.pool([learning], known.typical, DRAWS, seed)
        schedule = training.Schedule(steps=STEPS.get(rung, STEPS["full"]), batch=BATCH, rate=2e-5)
        pair = training.tune(pair, own, schedule, seed, lambda share, words: progress(0.1 + 0.7 * share, words),
                             head_only=rung == "head")
    progress(0.8, "exporting")
    onnx, weights = training.to_bytes(pair)
    return Trained(onnx, weights, {**base.card, "days": len(learning), "notes": ""})


def regression(model: Model) -> dict[str, float]:
    """Squared error of the gain that less distraction brings four simulated people."""
    from coach.engine.pretraining.whatif_people import simulated

    known, found = serving.known(model.card), {}
    for seed in CASES:
        life = simulated(seed, 60, "A", 20, ["distraction -60"])
        truth = life.truths[0]
        said = serving.with_net(model.net, life.days[:life.known], known, truth.change_min)
        found[str(seed)] = (said.gain - truth.gain) ** 2 + (said.goal_error_min / 600) ** 2
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """Minutes of each group by day."""
    totals = data.lived.minutes.sum(axis=1)
    return {name: totals[:, i].astype(float) for i, name in enumerate(GROUPS)}


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """The focus of today as a usual day, before most of it has happened; nothing without history."""
    lived = whatif.history(db, config, now, tz)
    today = logical_day(now, tz, bounds_time(config))
    if len(lived) < whatif.LEAST_DAYS:
        return []
    return [Forecast(today.isoformat(), _said(lived, model, np.array([today.weekday()]), None))]


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> dict[str, float]:
    """The mean focus of the days that are over; NaN for one with less than an hour of tracked time, or without a score."""
    today = logical_day(now, tz, bounds_time(config))
    days, lived = whatif.dated(db, config, now, tz, DAYS)
    score = features.day_focus(lived.score, lived.minutes.sum(axis=2)).tolist()
    known: Mapping[date, float] = dict(zip(days, score, strict=True))
    since = today - timedelta(days=DAYS)
    asked = {key: date.fromisoformat(key) for key in keys}
    return {key: known.get(day, float("nan")) if day >= since else float("nan") for key, day in asked.items() if day < today}


def _said(before: Days, model: Model | None, weekday: Ints, spent_min: Array | None) -> float:
    """Expected focus of a day of that weekday; with `spent_min` (8,) of one that has these minutes of the asked groups."""
    known = serving.known(model.card) if model else whatif.shipped_known()
    response = serving.personal(before, known)
    weekdays = np.repeat(weekday, MADE)
    asked = np.zeros((MADE, len(GROUPS)))
    target = np.zeros_like(asked)
    if spent_min is not None:
        asked[:, [MESSAGES, *DISTRACTING]] = 1.0
        target[:] = spent_min
    if model is not None:
        made = serving.generate(model.net, before, known, weekdays, target, asked, np.random.default_rng(0))
    else:
        rng = np.random.default_rng(0)
        made = baseline.goal_days(before, weekdays, target, asked, rng) if spent_min is not None else baseline.usual_days(
            before, weekdays, rng)
    focus = responses.focus_of(response, *made)
    return float(np.nanmean(focus)) if np.isfinite(focus).any() else 0.5
