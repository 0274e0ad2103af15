"""What the pattern detector must beat: a threshold rule for each pattern, gradient boosting on 62 sums, nearest days.

The rules serve wherever the net may not, so they need NumPy only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from coach.ml.features.patterns import (
    BUCKETS,
    DAY_START_H,
    DWELL,
    FIRST,
    HOURS,
    MINUTES,
    PATTERNS,
    VISITS,
    Days,
    Floats,
    unscaled,
)

WORK = ("email", "chat", "calls", "planning", "code", "making", "reading")
FOCUS = ("code", "making", "reading")
DRIFT = ("social", "entertainment", "news", "private")

THRESHOLDS: Mapping[str, float] = {
    "email_loop": 4.6, "social_drift": 67.0, "meeting_fragmentation": 7.0, "late_night": 11.0, "deep_block": 90.0,
    "ping_pong": 18.0, "planning_morning": 14.0, "weekend_spill": 69.0,
}
"""Best F1 on 600 of the simulated people that the net is trained on (`tuned`; the card has that of all): visits to mail an active
hour; minutes of social sites, play and news in two hours after noon; visits to calls; minutes of work after 22:00; focus minutes
in two hours; visits to chats in two hours; minutes of planning in the first two active hours; minutes of work on a weekend's
day."""

CALIBRATION: Mapping[str, tuple[float, float]] = {
    "email_loop": (8.608, -0.421), "social_drift": (1.308, -2.276), "meeting_fragmentation": (4.069, -0.997),
    "late_night": (1.505, 0.142), "deep_block": (5.714, -0.254), "ping_pong": (16.276, -0.011),
    "planning_morning": (13.094, -0.456), "weekend_spill": (3.453, -0.11),
}
"""Scale and shift of each rule's logistic, fitted on the same people by `calibrated`."""


class Detector(Protocol):
    """Every baseline and the net: days in, scores (n, 8) out, larger is surer."""

    def __call__(self, days: Days) -> Floats: ...


def rules(days: Days) -> Floats:
    """Probabilities (n, 8) of the threshold rules: a logistic of the logarithm of the strength."""
    scale, shift = (np.array([CALIBRATION[p][i] for p in PATTERNS]) for i in (0, 1))
    logit = scale * np.log(np.maximum(strengths(days), 1e-3)) + shift
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -30, 30))), dtype=np.float32)


def strengths(days: Days) -> Floats:
    """What each rule measures over its threshold, (n, 8): from 1 on the pattern is claimed."""
    return np.asarray(measures(days) / np.array([THRESHOLDS[p] for p in PATTERNS]), dtype=np.float32)


def measures(days: Days) -> Floats:
    """What each rule compares with its threshold, (n, 8)."""
    parts = unscaled(days.tensor)  # (n, 3, 50, 24)
    minutes, visits = _by_bucket(parts[:, MINUTES]), _by_bucket(parts[:, VISITS])
    active = np.maximum(parts[:, MINUTES].sum(axis=(1, 2)) / 60, 1.0)
    work = sum(minutes[name] for name in WORK)
    found = {
        "email_loop": visits["email"].sum(axis=1) / active,
        "social_drift": _busiest(sum(minutes[n] for n in DRIFT)[:, _hour(12):_hour(18)]),
        "meeting_fragmentation": visits["calls"].sum(axis=1),
        "late_night": work[:, _hour(22):].sum(axis=1),
        "deep_block": _busiest(sum(minutes[n] for n in FOCUS)),
        "ping_pong": _busiest(visits["chat"]),
        "planning_morning": _first_hours(minutes["planning"], parts[:, MINUTES].sum(axis=1)),
        "weekend_spill": work.sum(axis=1) * days.context[:, 0],
    }
    columns: Floats = np.stack([found[p] for p in PATTERNS], axis=1).astype(np.float32)
    return columns


def aggregates(days: Days) -> Floats:
    """Sums of a day for models without a sense of hours, (n, 62): minutes, visits and the busiest two hours of each of 13
    buckets, activity and work in four parts of the day, the longest dwell at calls and at work, what the rules measure,
    weekend, hours of activity, first and last active hour, changes of place an hour."""
    parts = unscaled(days.tensor)
    minutes, visits = _by_bucket(parts[:, MINUTES]), _by_bucket(parts[:, VISITS])
    active = parts[:, MINUTES].sum(axis=1)
    work = sum(minutes[name] for name in WORK)
    edges = [0, _hour(12), _hour(17), _hour(22), HOURS]
    quarters = [series[:, a:b].sum(axis=1) for series in (active, work) for a, b in pairwise(edges)]
    there = active > 5
    columns = [
        *(minutes[b.name].sum(axis=1) for b in BUCKETS), *(visits[b.name].sum(axis=1) for b in BUCKETS),
        *(_busiest(minutes[b.name]) for b in BUCKETS), *quarters,
        *(_longest(parts[:, DWELL], names) for names in (("calls",), FOCUS)), *measures(days).T,
        days.context[:, 0], days.context[:, 1], there.argmax(axis=1), HOURS - there[:, ::-1].argmax(axis=1),
        parts[:, VISITS].sum(axis=(1, 2)) / np.maximum(active.sum(axis=1) / 60, 1),
    ]
    table: Floats = np.stack(columns, axis=1).astype(np.float32)
    return table


def tuned(days: Days, truth: Any) -> dict[str, float]:
    """The threshold of each rule with the best F1 on these days; `truth` (n, 8), NaN where a pattern cannot be."""
    found: dict[str, float] = {}
    for k, (name, values) in enumerate(zip(PATTERNS, measures(days).T, strict=True)):
        seen = ~np.isnan(truth[:, k])
        right, x = truth[seen, k] > 0.5, values[seen]
        candidates = np.unique(np.quantile(x, np.linspace(0.5, 0.999, 300)))
        f1 = [2 * (right & (x >= c)).sum() / max(1, right.sum() + (x >= c).sum()) for c in candidates]
        found[name] = float(candidates[int(np.argmax(f1))])
    return found


def calibrated(days: Days, truth: Any) -> dict[str, tuple[float, float]]:
    """Scale and shift of each rule's logistic on these days."""
    from sklearn.linear_model import LogisticRegression

    found: dict[str, tuple[float, float]] = {}
    for k, (name, strength) in enumerate(zip(PATTERNS, strengths(days).T, strict=True)):
        seen = ~np.isnan(truth[:, k])
        fit = LogisticRegression(C=1e3).fit(np.log(np.maximum(strength[seen, None], 1e-3)), truth[seen, k] > 0.5)
        found[name] = (round(float(fit.coef_[0, 0]), 3), round(float(fit.intercept_[0]), 3))
    return found


def base_rates(days: Days, truth: Any, person: Any, base_rate: Callable[[Any, Any, Any], float]) -> dict[str, float]:
    """How often each rule claims its pattern of people who do not have it."""
    claimed = strengths(days) >= 1
    found: dict[str, float] = {}
    for k, name in enumerate(PATTERNS):
        seen = ~np.isnan(truth[:, k])
        found[name] = round(base_rate(claimed[seen, k], truth[seen, k] > 0.5, person[seen]), 5)
    return found


@dataclass(frozen=True, slots=True)
class Fitted:
    """A detector made of one classifier per pattern over a table of the days."""

    table: Callable[[Days], Floats]
    models: tuple[Any, ...]

    def __call__(self, days: Days) -> Floats:
        x = self.table(days)
        scores: Floats = np.stack([m.predict_proba(x)[:, -1] for m in self.models], axis=1).astype(np.float32)
        return scores


def boosting(days: Days, truth: Any, seed: int) -> Fitted:
    """Gradient boosting on `aggregates`, one model a pattern."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # 1 s: in the lab only

    def model() -> Any:
        return HistGradientBoostingClassifier(max_iter=120, learning_rate=0.08, l2_regularization=1.0, random_state=seed)

    return _fitted(aggregates, days, truth, model)


def nearest(days: Days, truth: Any, seed: int, most: int = 8000) -> Fitted:
    """The share among the 15 nearest of `most` days, by minutes and visits of each bucket in four-hour blocks."""
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    kept = np.sort(np.random.default_rng(seed).permutation(len(truth))[:most])
    some = Days(days.tensor[kept], days.context[kept])
    return _fitted(_blocks, some, truth[kept], lambda: make_pipeline(StandardScaler(), KNeighborsClassifier(15)))


def _fitted(table: Callable[[Days], Floats], days: Days, truth: Any, model: Callable[[], Any]) -> Fitted:
    x = table(days)
    models = []
    for k in range(len(PATTERNS)):
        seen = ~np.isnan(truth[:, k])
        models.append(model().fit(x[seen], truth[seen, k] > 0.5))
    return Fitted(table, tuple(models))


def _blocks(days: Days) -> Floats:
    """(n, 13 * 2 * 6 + 2)."""
    parts = days.tensor.reshape(len(days.tensor), 3, -1, HOURS)
    sums = [part for c in (MINUTES, VISITS) for part in _by_bucket(parts[:, c]).values()]
    blocks = np.stack(sums, axis=1).reshape(len(days.tensor), len(sums), 6, 4).sum(axis=3)
    table: Floats = np.concatenate([blocks.reshape(len(blocks), -1), 3 * days.context], axis=1)
    return table


def _by_bucket(values: Floats) -> dict[str, Any]:
    """(n, 50, 24) -> by bucket (n, 24)."""
    return {b.name: values[:, FIRST[b.name]:FIRST[b.name] + b.size].sum(axis=1) for b in BUCKETS}


def _hour(clock_h: float) -> int:
    return int(clock_h - DAY_START_H)


def _busiest(hourly: Any) -> Any:
    """The largest sum of two hours in a row, (n,)."""
    return (hourly[:, 1:] + hourly[:, :-1]).max(axis=1)


def _first_hours(wanted: Any, active: Any) -> Any:
    """Sum over the first two hours with five active minutes, (n,)."""
    there = active > 5
    return (wanted * (there & (there.cumsum(axis=1) <= 2))).sum(axis=1)


def _longest(dwell: Any, names: tuple[str, ...]) -> Any:
    of = [dwell[:, FIRST[b.name]:FIRST[b.name] + b.size].max(axis=(1, 2)) for b in BUCKETS if b.name in names]
    return np.stack(of).max(axis=0)
