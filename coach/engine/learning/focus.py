"""How the focus forecast learns from one person: the head and the second layer of the LSTM, with simulated people beside them
so that nothing is forgotten. Days are judged by the forecast of 07:00."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, shipped
from coach.core.drift import day_start, rhythm_drift
from coach.engine import forecast as serving
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.ml.features import focus as features
from coach.ml.features.focus import AHEAD, Series
from coach.ml.features.focus_profile import Prior
from coach.store import hours as tracked
from coach.store import rollups
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.ml.nets.focus import Focus
    from coach.ml.serving import Net
    from coach.ml.train.focus import Packed

ISSUE_HOUR = 7
REHEARSED = range(960_000, 960_003)
"""Simulated people who are learnt from again beside the person."""
REHEARSED_DAYS = 70
"""At least; as long as the person's own history otherwise."""
CASES = range(950_000, 950_003)
CASE_DAYS = 60
BAND_DAYS = 28
LIKELY = 0.3
"""Hours less likely to be active are not logged."""
LATE = timedelta(hours=3)
"""After so long an hour without a score will have none."""


@dataclass(frozen=True, slots=True)
class History:
    """The hours from `first` on; `days` are those before today with a scored hour from 07:00 on."""

    first: date
    series: Series
    days: tuple[date, ...]
    digest: str


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The last 180 days."""
    first, series = serving.history(db, config, now, tz)
    return history(first, series)


def history(first: date, series: Series) -> History:
    made = hashlib.sha256(first.isoformat().encode())
    for column in (series.score, series.active, series.level, series.visits, series.meeting, series.deadline):
        made.update(np.ascontiguousarray(column).tobytes())
    scored = np.isfinite(series.score[:-1, ISSUE_HOUR:]).any(axis=1)
    return History(first, series, tuple(first + timedelta(days=int(i)) for i in np.flatnonzero(scored)), made.hexdigest())


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """`base` adapted to the days before `until`; "recalibrate" only moves its band."""
    from coach.ml.nets.focus import Config as NetConfig
    from coach.ml.nets.focus import Focus
    from coach.ml.train import export
    from coach.ml.train import focus as training  # torch: in the training child only

    own = _until(data, until)
    weights = base.weights or shipped("models", "focus", "weights.safetensors").read_bytes()
    state, about = export.from_safetensors(weights)
    net = Focus(NetConfig(**about))
    net.load_state_dict(state)
    if rung != "recalibrate":
        prior = serving.kept_baselines().prior
        progress(0.05, "rehearsing simulated people")
        packed = _packed(own, prior)
        plan = training.Plan(epochs=3, batch=8, rate=3e-4, average=0.8, frozen=True, head=rung == "head")
        net = training.fit(net, packed, None, plan, seed, "cpu", lambda share, words: progress(0.1 + 0.7 * share, words))
    progress(0.85, "writing the graph")
    made = _graph(net)
    tuned = replace(base, net=_loaded(made), weights=b"")
    band = _calibration(history(data.first, own), tuned)
    card = {**base.card, "rung": rung, "own_days": sum(day < until for day in data.days), "calibration": band}
    return Trained(made, export.to_safetensors(net, net.config.document()), card)


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Mean squared error of the scored hours of each day from 07:00 on, forecast at 07:00."""
    inside = [day for day in days if 0 <= (day - data.first).days < data.series.days]
    if not inside:
        return {}
    known = serving.state(data.series)
    issues = [24 * (day - data.first).days + ISSUE_HOUR for day in inside]
    rest = AHEAD - ISSUE_HOUR
    mean = serving.predicted(known, issues, model).mean[:, :rest]
    score = features.targets(data.series, np.array(issues))[0][:, :rest]
    losses = (mean - score) ** 2
    return {day: float(np.nanmean(loss)) for day, loss in zip(inside, losses, strict=True) if np.isfinite(loss).any()}


def regression(model: Model) -> dict[str, float]:
    """Mean squared error of the last three weeks of three simulated people."""
    from coach.engine.pretraining.focus_people import simulated

    found = {}
    for seed in CASES:
        one = simulated(seed, CASE_DAYS, "A").series
        first = date(2026, 1, 5) + timedelta(days=one.weekday)
        days = [first + timedelta(days=i) for i in range(CASE_DAYS - 21, CASE_DAYS)]
        found[str(seed)] = float(np.mean(list(replay(history(first, one), model, days).values())))
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """By day: active hours, mean focus, visits an active hour, booked hours."""
    at = [(day - data.first).days for day in data.days]
    s = data.series
    hours = s.active[at].sum(axis=1) / 60
    score = np.where(np.isfinite(s.score[at]), s.score[at], 0.0).sum(axis=1)
    return {
        "active_h": hours, "focus": score / np.maximum(np.isfinite(s.score[at]).sum(axis=1), 1),
        "visits_an_hour": s.visits[at].sum(axis=1) / np.maximum(hours, 0.1), "booked_h": s.meeting[at].sum(axis=1),
    }


def objection(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model) -> str:
    """Why `model` may not speak about the days in the store; "" where it may."""
    return serving.objection(serving.state(serving.history(db, config, now, tz)[1]), model)


def trouble(db: Connection, now: datetime, recent: date) -> str:
    """That days have come to begin at another hour, noticed after `recent`; a forecast by the clock is wrong until it has learnt
    that, and its loss is too noisy to say so for weeks."""
    minutes: dict[date, list[float]] = {}
    first, yesterday = (now.date() - timedelta(days=back) for back in (serving.HISTORY_DAYS, 1))
    for day, hour, _, ms, _ in tracked.hour_rows(db, first, yesterday):
        minutes.setdefault(date.fromisoformat(day), [0.0] * 24)[hour] += ms / 60_000
    moved = rhythm_drift({day: start for day, row in minutes.items() if (start := day_start(row)) is not None})
    if moved is None or moved[0] <= recent:
        return ""
    way = "later" if moved[1] > 0 else "earlier"
    return f"working days begin {abs(moved[1]) * 60:.0f} minutes {way}, seen {moved[0].isoformat()}"


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """Focus of the hours of the next day that are likely to be active, keyed "2026-11-28T10"."""
    first, series = serving.history(db, config, now, tz)
    local = now.astimezone(tz)
    issue = (local.date() - first).days * 24 + local.hour
    ahead = serving.predicted(serving.state(series), [issue], model)
    found = []
    for k in range(AHEAD):
        if ahead.active[0, k] >= LIKELY:
            day = first + timedelta(days=(issue + k) // 24)
            key = f"{day.isoformat()}T{(issue + k) % 24:02d}"
            found.append(Forecast(key, *(float(x[0, k]) for x in (ahead.mean, ahead.low, ahead.high))))
    return found


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> Mapping[str, float]:
    """Scores of the hours that are over; NaN where three hours later there is none."""
    hours = {key: datetime.fromisoformat(f"{key}:00:00").replace(tzinfo=tz) for key in keys}
    over = {key: at for key, at in hours.items() if at + timedelta(hours=1) <= now}
    if not over:
        return {}
    last = max(over.values()).date()
    known = {(day, hour): score for day, hour, score, _ in rollups.score_rows(db, min(over.values()).date(), last)}
    found: dict[str, float] = {}
    for key, at in over.items():
        score = known.get((at.date().isoformat(), at.hour))
        if score is not None:
            found[key] = score
        elif at + timedelta(hours=1) + LATE <= now:
            found[key] = float("nan")
    return found


def _until(data: History, until: date) -> Series:
    """The hours before `until`, with the two days of calendar that a series has ahead."""
    n = max(0, min((until - data.first).days, data.series.days))
    s = data.series
    return Series(s.weekday, s.score[:n], s.active[:n], s.level[:n], s.visits[:n], s.meeting[:n + 2], s.deadline[:n + 2])


def _packed(own: Series, prior: Prior) -> Packed:
    from coach.engine.pretraining.focus_people import simulated
    from coach.ml.train import focus as training

    days = max(REHEARSED_DAYS, own.days)
    parts = [own] * 2 + [simulated(seed, days, "A").series for seed in REHEARSED]
    offsets = [0, 3, *(seed % training.STRIDE for seed in REHEARSED)]
    return training.packed([training.arrays(s, prior, days, o) for s, o in zip(parts, offsets, strict=True)], offsets)


def _calibration(data: History, model: Model) -> Mapping[str, object]:
    """The band's width from the last four weeks, weighed as four weeks against the width that the card had."""
    from coach.ml import forecast as ml

    days = data.days[-BAND_DAYS:]
    before = dict(model.card.get("calibration", {}))
    if not days:
        return before
    issues = [24 * (day - data.first).days + ISSUE_HOUR for day in days]
    plain = ml.predict(model.net, serving.state(data.series), np.array(issues), {})
    score = features.targets(data.series, np.array(issues))[0]
    own = ml.calibrated(np.stack([plain.low, plain.mean, plain.high], axis=-1), score)
    share = own["n"] / (own["n"] + 200.0)
    return {"widen": round(share * own["widen"] + (1 - share) * float(before.get("widen", 0.0)), 5), "n": own["n"]}


def _graph(net: Focus) -> bytes:
    """The shipped graph with other weights; exported anew where the shipped files are not a pair."""
    from coach.ml.train import export
    from coach.ml.train import focus as training

    try:
        graph = shipped("models", "focus", "model.onnx").read_bytes()
        before, _ = export.from_safetensors(shipped("models", "focus", "weights.safetensors").read_bytes())
        return training.grafted(graph, before, net)
    except (OSError, ValueError):
        return training.onnx(net)


def _loaded(onnx: bytes) -> Net:
    from coach.ml import forecast as ml

    return ml.load(onnx)
