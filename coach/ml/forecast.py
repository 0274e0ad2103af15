"""Serving the focus forecast: arrays in, a frozen record out, through ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from coach.ml import serving
from coach.ml.baselines import focus as baselines
from coach.ml.features import focus as features
from coach.ml.features.focus import AHEAD, Floats, Ints
from coach.ml.serving import Net

INPUTS, OUTPUTS = ("history", "future"), ("mean", "quantiles", "active")
COVERAGE = 0.8



@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the hours ahead, each (..., 24): mean focus if the hour is active, its 80 % band, and the probability that it is."""

    mean: Floats
    low: Floats
    high: Floats
    active: Floats


def load(source: Path | bytes) -> Net:
    """Raises ModelMissing, ModelBroken or ModelForeign."""
    return serving.load(source, inputs=INPUTS, outputs=OUTPUTS)


def predict(net: Net, known: features.State, issues: Ints, calibration: Mapping[str, Any], batch: int = 128) -> Forecast:
    """The model's forecasts at `issues` (n,), hours since the first day: arrays of (n, 24)."""
    encoded = features.encoder(known)
    parts: list[dict[str, Floats]] = []
    for at in range(0, len(issues), batch):
        some = issues[at:at + batch]
        history = np.stack([features.window(encoded, int(t)) for t in some])
        parts.append(serving.run(net, history=history, future=features.future(known, some)))
    joined = {name: np.concatenate([p[name] for p in parts]).astype(np.float64) for name in OUTPUTS}
    widen = float(calibration.get("widen", 0.0))
    low, high = joined["quantiles"][..., 0] - widen, joined["quantiles"][..., 2] + widen
    mean = joined["mean"]
    return Forecast(mean, np.clip(np.minimum(low, mean), 0, 1), np.clip(np.maximum(high, mean), 0, 1), joined["active"])


def baseline(kept: baselines.Baselines, known: features.State, issues: Ints) -> Forecast:
    """The profile's forecasts at `issues` (n,), arrays of (n, 24). Works with no history at all."""
    return usual(kept, known, issues[:, None] + np.arange(AHEAD)[None, :], issues[:, None] // 24)


def usual(kept: baselines.Baselines, known: features.State, hours: Ints, day: Ints | int) -> Forecast:
    """The profile of any `hours` since the first day as it stood when `day` began, in the shape of `hours`, with the band of its
    errors on other people."""
    at = np.minimum(day, known.series.days)
    weekday, hour = (known.series.weekday + hours // 24) % 7, hours % 24
    mean = known.profile.score[at, weekday, hour]
    below, above = kept.widen
    return Forecast(mean, np.clip(mean + below, 0, 1), np.clip(mean + above, 0, 1), known.profile.active[at, weekday, hour])


def beyond(kept: baselines.Baselines, known: features.State, issue: int, hours: int) -> Forecast:
    """What calendars, due dates and the profile say of the `hours` from `issue` on, each (hours,): the global ridge in the
    profile's band. tests/bench/week.py says how good that is on each of seven days."""
    future = features.future(known, np.array([issue]), hours)
    so_far = features.FUTURE.index("meetings_so_far")
    future[..., so_far] = np.minimum(future[..., so_far], 1.0)  # a ridge goes straight on: no day that it knew had many more
    mean = baselines.ridge(kept, future)[0]
    below, above = kept.widen
    active = future[0, :, features.FUTURE.index("p_active")]
    return Forecast(mean, np.clip(mean + below, 0, 1), np.clip(mean + above, 0, 1), active)


def calibrated(quantiles: Floats, score: Floats) -> dict[str, float]:
    """Conformal calibration (Romano et al. 2019): by how much both ends of the band of others move so that it covers 80 %."""
    missed = np.maximum(quantiles[..., 0] - score, score - quantiles[..., 2])
    missed = missed[np.isfinite(missed)]
    if not missed.size:
        return {"widen": 0.0, "n": 0}
    level = min(1.0, COVERAGE * (1 + 1 / missed.size))
    return {"widen": round(float(np.quantile(missed, level)), 5), "n": int(missed.size)}
