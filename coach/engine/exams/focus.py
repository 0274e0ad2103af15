"""The exam of the focus forecast: model, every baseline and the oracle on people that nobody has trained on.

Forecasts are made at 07:00 and 12:00 for 24 hours; only hours with ten active minutes or more count. The main figures are of
days 90 to 139; "after a change" is the three weeks after a person changed; the cold start is the week after so many days."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from coach.config import shipped
from coach.core.errors import ModelMissing
from coach.engine.pretraining.focus_people import Simulated, people
from coach.ml import card as cards
from coach.ml import forecast, scoring
from coach.ml.baselines import focus as baselines
from coach.ml.features import focus as features
from coach.ml.features.focus import AHEAD, Floats, Ints
from coach.ml.serving import Net

EXAM_SEED = 1_000_000
"""The first person of the usual exam; training knows smaller seeds only."""
DAYS = 140
SINCE_DAY = 90
AFTER_CHANGE_DAYS = 21
COLD_DAYS = (0, 3, 7, 14, 30, 90)
COLD_SPAN = 7
HOURS_OF_ISSUE = (7, 12)
SETTLED_DAY = 40
"""A change is judged where there was something to change from."""
BLOCK_H = 4

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's scored hours, one row for each forecast of each: `predicted` by name. `day` and `hour` are of the hour,
    `issue` numbers the forecast; `active` and `p_active` are of all hours, `p_usual` the profile's probability."""

    change_day: int | None
    issued: Ints
    hour: Ints
    issue: Ints
    score: Floats
    expected: Floats
    predicted: Mapping[str, Floats]
    low: Floats
    high: Floats
    active: Floats
    p_active: Floats
    p_usual: Floats


@dataclass(frozen=True, slots=True)
class Served:
    """What is examined: the shipped net, its calibration and the baselines."""

    net: Net
    calibration: Mapping[str, Any]
    kept: baselines.Baselines

    @classmethod
    def shipped(cls, folder: Path | None = None) -> Served:
        """Raises ModelMissing where no model ships."""
        folder = folder or shipped("models", "focus")
        if not folder.is_dir():
            raise ModelMissing(f"there is no model in {folder}", "`coach lab pretrain focus` makes it")
        return cls(forecast.load(folder / "model.onnx"), cards.read(folder).get("calibration", {}), baselines.load(folder))


def exam(users: int, family: str, seed: int, progress: Progress, folder: Path | None = None, days: int = DAYS,
         replicates: int = 24) -> dict[str, Any]:
    """Figures with 95 % intervals over people `seed` and after, as plain JSON values."""
    served = Served.shipped(folder)
    seeds = range(seed, seed + users)
    sheets = []
    for one in people(seeds, days, family, issues_of(days), workers=min(users, os.cpu_count() or 1), replicates=replicates):
        sheets.append(sheet(one, served, issues_of(days)))
        if len(sheets) % 10 == 0:
            progress(f"{len(sheets)} of {users} people examined")
    return {"name": "focus", "family": family, "users": users, "seed": seed, **figures(sheets, since=min(SINCE_DAY, days - 28)),
            "latency": latency(served, folder or shipped("models", "focus"))}


def issues_of(days: int) -> Ints:
    """Hours since the first day at which forecasts are made."""
    day = np.arange(days)
    return np.sort(np.concatenate([24 * day + hour for hour in HOURS_OF_ISSUE]))


def sheet(one: Simulated, served: Served, issues: Ints) -> Sheet:
    """All forecasts for one person, each from what was known at its hour of issue."""
    known = features.state(one.series, served.kept.prior)
    future = features.future(known, issues)
    profile = features.slot_profile(known, issues)
    ahead = forecast.predict(served.net, known, issues, served.calibration)
    score, active = features.targets(one.series, issues)
    t = issues[:, None] + np.arange(AHEAD)[None, :]
    expected = np.append(one.expected.ravel(), np.nan)[np.minimum(t, one.expected.size)] if one.expected is not None else score
    best = one.best if one.best is not None else np.full(t.shape, np.nan)
    seen = np.isfinite(score) & (np.isfinite(best) | (one.best is None))
    predicted = {
        "model": ahead.mean, "seasonal naive": baselines.seasonal_naive(one.series, issues, profile), "profile": profile,
        "ridge": baselines.ridge(served.kept, future),
    }
    if served.kept.trees is not None:
        predicted["trees"] = baselines.boosted(served.kept.trees, future)
    if one.best is not None:
        predicted["oracle"] = np.clip(best, 0, 1)
    number = np.broadcast_to(np.arange(len(issues))[:, None], t.shape)
    return Sheet(
        one.change_day, np.broadcast_to(issues[:, None] // 24, t.shape)[seen], t[seen], number[seen], score[seen],
        expected[seen], {name: x[seen] for name, x in predicted.items()}, ahead.low[seen], ahead.high[seen],
        active.ravel(), ahead.active.ravel(), future[..., features.FUTURE.index("p_active")].ravel(),
    )


def figures(sheets: Sequence[Sheet], since: int = SINCE_DAY) -> dict[str, Any]:
    """What the sheets say, main figures from day `since` on."""
    names = list(sheets[0].predicted)
    main = [s.issued >= since for s in sheets]
    changed = [(s.issued >= s.change_day) & (s.issued < s.change_day + AFTER_CHANGE_DAYS) if s.change_day and
               s.change_day >= SETTLED_DAY else np.zeros(len(s.score), dtype=bool) for s in sheets]
    errors, after = _errors(sheets, main), _errors(sheets, changed)
    rivals = [n for n in ("ridge", "trees") if n in names]
    best = min(rivals, key=lambda n: root(np.concatenate(errors)[:, names.index(n)]))
    found: dict[str, Any] = {
        "rmse": _by_name(names, errors), "mae": _by_name(names, [np.sqrt(e) for e in errors], np.mean),
        "skill over seasonal naive": interval_json(scoring.interval(errors, _skill(names, "seasonal naive"))),
        "minus best": {"best": best, **interval_json(scoring.interval(errors, _apart(names, best)))},
        "minus": {n: interval_json(scoring.interval(errors, _apart(names, n))) for n in (*rivals, "profile")},
        "after change": {
            "rmse": _by_name(names, after),
            "minus": {n: interval_json(scoring.interval(after, _apart(names, n))) for n in (*rivals, "profile")},
        },
        "share better than profile": round(float(np.mean([
            root(e[:, names.index("model")]) < root(e[:, names.index("profile")]) for e in errors if len(e)])), 3),
        "band": interval_json(scoring.interval([
            ((s.low <= s.score) & (s.score <= s.high))[m].astype(float) for s, m in zip(sheets, main, strict=True)],
            lambda x: float(x.mean()))),
        "band width": round(float(np.concatenate([(s.high - s.low)[m] for s, m in zip(sheets, main, strict=True)]).mean()), 4),
        "expected focus": _expected(sheets, main, names), "day parts": _parts(sheets, main, names),
        "active hours": _active(sheets), "cold start": _cold(sheets, names),
    }
    if "oracle" in names:
        found["gap closed"] = interval_json(scoring.interval(errors, _gap(names)))
        found["after change"]["gap closed"] = interval_json(scoring.interval(after, _gap(names)))
    return found


def latency(served: Served, folder: Path) -> dict[str, float]:
    """Milliseconds of one prediction (median of 20) and of the first one with loading, in this process."""
    history = np.zeros((1, features.PAST, len(features.ENCODER)))
    future = np.zeros((1, AHEAD, len(features.FUTURE)))
    from coach.ml import serving

    began = perf_counter()
    first = forecast.load(folder / "model.onnx")
    serving.run(first, history=history, future=future)
    loaded = perf_counter() - began
    times = []
    for _ in range(20):
        began = perf_counter()
        serving.run(served.net, history=history, future=future)
        times.append(perf_counter() - began)
    return {"single_ms": round(float(np.median(times)) * 1000, 2), "load_and_first_ms": round(loaded * 1000, 1)}


def _errors(sheets: Sequence[Sheet], kept: Sequence[Any], against: str = "score") -> list[Floats]:
    """By person (rows, names) of squared errors."""
    return [
        np.stack([(x - getattr(s, against))[m] ** 2 for x in s.predicted.values()], axis=-1)
        for s, m in zip(sheets, kept, strict=True)
    ]


def root(squared: Floats) -> float:
    """Root of the mean."""
    return float(np.sqrt(np.nanmean(squared))) if squared.size else float("nan")


def _by_name(names: Sequence[str], by_person: Sequence[Floats], statistic: Callable[[Floats], Any] = root) -> dict[str, Any]:
    return {
        n: interval_json(scoring.interval([e[:, i] for e in by_person], lambda x: float(statistic(x)), n=500))
        for i, n in enumerate(names)
    }


def _skill(names: Sequence[str], than: str) -> Callable[[Floats], float]:
    model, other = names.index("model"), names.index(than)
    return lambda e: scoring.skill(root(e[:, model]), root(e[:, other]))


def _apart(names: Sequence[str], other: str) -> Callable[[Floats], float]:
    """RMSE of the model less that of another: below 0 the model is better."""
    model, at = names.index("model"), names.index(other)
    return lambda e: root(e[:, model]) - root(e[:, at])


def _gap(names: Sequence[str]) -> Callable[[Floats], float]:
    model, profile, oracle = (names.index(n) for n in ("model", "profile", "oracle"))
    return lambda e: scoring.gap_closed(root(e[:, model]), root(e[:, profile]), root(e[:, oracle]))


def _expected(sheets: Sequence[Sheet], kept: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    known = [m & np.isfinite(s.expected) for s, m in zip(sheets, kept, strict=True)]
    errors = _errors(sheets, known, "expected")
    return {"rmse": _by_name(names, errors), "mae": _by_name(names, [np.sqrt(e) for e in errors], np.mean)}


def _parts(sheets: Sequence[Sheet], kept: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    """Means over blocks of four hours of one forecast, against raw and against expected focus."""
    found: dict[str, Any] = {}
    for against in ("score", "expected"):
        errors = []
        for s, m in zip(sheets, kept, strict=True):
            m = m & np.isfinite(s.expected)
            key = s.issue[m] * 100_000 + s.hour[m] // BLOCK_H
            _, block = np.unique(key, return_inverse=True)
            count = np.bincount(block)
            truth = np.bincount(block, getattr(s, against)[m]) / np.maximum(count, 1)
            errors.append(np.stack([
                (np.bincount(block, x[m]) / np.maximum(count, 1) - truth) ** 2 for x in s.predicted.values()], axis=-1))
        found[against] = {
            "rmse": _by_name(names, errors), "mae": _by_name(names, [np.sqrt(e) for e in errors], np.mean)}
    return found


def _active(sheets: Sequence[Sheet]) -> dict[str, float]:
    truth, model, usual = (np.concatenate([getattr(s, n) for s in sheets]) for n in ("active", "p_active", "p_usual"))
    return {
        "brier": round(scoring.brier(model, truth), 5), "brier of the profile": round(scoring.brier(usual, truth), 5),
        "ece": round(scoring.ece(model, truth), 5),
    }


def _cold(sheets: Sequence[Sheet], names: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for day in COLD_DAYS:
        errors = _errors(sheets, [(s.issued >= day) & (s.issued < day + COLD_SPAN) for s in sheets])
        if sum(len(e) for e in errors):
            rows.append({
                "day": day, "rmse": {n: round(root(np.concatenate(errors)[:, i]), 4) for i, n in enumerate(names)},
                "minus profile": interval_json(scoring.interval(errors, _apart(names, "profile"))),
            })
    return rows


def interval_json(of: scoring.Interval) -> dict[str, Any]:
    """An interval as plain JSON values; null where there is nothing to measure."""
    return {name: value if isinstance(value, int) else None if value != value else round(value, 5)
            for name, value in asdict(of).items()}
