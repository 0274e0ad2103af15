"""How focus answers to what an hour is made of: a monotone ridge regression, its coefficients shrunk from a person's own hours
towards everyone's.

More focus work never lowers the score, more distraction never raises it. It stands on real hours only; whether a generated
day is likely is no business of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from coach.ml.features.whatif import (
    CALLS,
    DISTRACTING,
    ENTERTAINMENT,
    FOCUS,
    LEAST_HOUR_MIN,
    MESSAGES,
    NEWS,
    SOCIAL,
    WORK,
    Array,
    Days,
    day_focus,
)

BASIS = (
    "constant", "focus work", "other work", "messages", "calls", "social media", "news and shopping", "entertainment",
    "focus work over half", "steadiness", "focus work x steadiness", "active hour",
    "messages amid focus work", "distraction amid focus work",
)
SIGN = np.array([0, 1, 0, 0, 0, -1, -1, -1, 1, 1, 1, 0, -1, -1])
"""1: the coefficient may not be negative, -1: not positive, 0: free."""
SWEEPS = 400
TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Response:
    """`weight` (14,) over BASIS, `spread` (14, 14) its posterior covariance, `noise` the variance of an hour's score about it;
    `hours` of the person's own stand behind it."""

    weight: Array
    spread: Array
    noise: float
    hours: int

    def json(self) -> dict[str, Any]:
        return {"weight": self.weight.tolist(), "spread": self.spread.tolist(), "noise": self.noise, "hours": self.hours}


def from_json(values: Mapping[str, Any]) -> Response:
    """Raises KeyError or ValueError for what is no response."""
    weight, spread = np.asarray(values["weight"], dtype=np.float64), np.asarray(values["spread"], dtype=np.float64)
    if weight.shape != (len(BASIS),) or spread.shape != (len(BASIS), len(BASIS)):
        raise ValueError("another basis")
    return Response(weight, spread, float(values["noise"]), int(values["hours"]))


def basis(minutes: Array, visits: Array) -> Array:
    """(..., 14) of hours: `minutes` (..., 8), `visits` (...); an hour without activity gives the constant only."""
    active = minutes.sum(axis=-1)
    share = minutes / np.maximum(active, 1.0)[..., None]
    steady = 1 / (1 + visits / np.maximum(active, 1.0) / 2)
    focus = share[..., FOCUS]
    columns = (
        np.ones_like(active), focus, share[..., WORK], share[..., MESSAGES], share[..., CALLS], share[..., SOCIAL],
        share[..., NEWS], share[..., ENTERTAINMENT], np.maximum(focus - 0.5, 0.0), steady, focus * steady, active / 60,
        np.minimum(share[..., MESSAGES], focus), np.minimum(share[..., DISTRACTING].sum(axis=-1), focus),
    )
    found: Array = np.stack(columns, axis=-1)
    return found


def fit(days: Days, prior: Response | None = None, strength: float = 1.0) -> Response:
    """From scored hours. With a `prior`, coefficients are shrunk towards its own as if `strength` hours of each had said so;
    without hours the prior itself comes back (ValueError where there is neither)."""
    scored = np.isfinite(days.score) & (days.minutes.sum(axis=2) >= LEAST_HOUR_MIN)
    x, y = basis(days.minutes[scored], days.visits[scored]), days.score[scored]
    if not len(y):
        if prior is None:
            raise ValueError("no hour has a score")
        return prior
    centre = prior.weight if prior else np.zeros(len(BASIS))
    gram = x.T @ x + strength * np.eye(len(BASIS))
    weight = _bounded(gram, x.T @ y + strength * centre)
    left = y - x @ weight
    own, known = len(y), 200.0 if prior else 0.0
    noise = float((left @ left + (prior.noise * known if prior else 0.0)) / (own + known))
    spread = np.asarray(noise * np.linalg.inv(gram), dtype=np.float64)
    return Response(weight, spread, noise, own)


def _bounded(gram: Array, aim: Array) -> Array:
    """The minimum of w G w / 2 - a w within SIGN, by coordinate descent: scipy's solver takes 0.3 s to import, and an answer
    that is the first after the start has 0.4 s for everything."""
    weight = np.linalg.solve(gram, aim)
    weight = np.where(SIGN > 0, np.maximum(weight, 0.0), np.where(SIGN < 0, np.minimum(weight, 0.0), weight))
    for _ in range(SWEEPS):
        moved = 0.0
        for j in range(len(weight)):
            best = weight[j] + (aim[j] - gram[j] @ weight) / gram[j, j]
            best = max(best, 0.0) if SIGN[j] > 0 else min(best, 0.0) if SIGN[j] < 0 else best
            moved = max(moved, abs(best - weight[j]))
            weight[j] = best
        if moved < TOLERANCE:
            break
    return np.asarray(weight, dtype=np.float64)


def pace(days: Days) -> Array:
    """(8,) stretches that begin in a minute of each group: non-negative least squares over hours."""
    from scipy.optimize import nnls  # 0.3 s: pretraining only

    minutes, visits = days.minutes.reshape(-1, days.minutes.shape[2]), days.visits.ravel()
    gram = minutes.T @ minutes + np.eye(minutes.shape[1])
    root = np.linalg.cholesky(gram)
    found, _ = nnls(root.T, np.linalg.solve(root, minutes.T @ visits))
    return np.asarray(found, dtype=np.float64)


def focus_of(response: Response, minutes: Array, visits: Array) -> Array:
    """(n,) expected mean focus of days (n, 24, 8); nan where no hour has 10 active minutes."""
    score = np.clip(basis(minutes, visits) @ response.weight, 0.0, 1.0)
    active = minutes.sum(axis=2)
    return day_focus(np.where(active >= LEAST_HOUR_MIN, score, np.nan), active)


def slope(minutes: Array, visits: Array) -> Array:
    """(n, 14) by which the focus of days hangs on the coefficients: the active-weighted mean of the basis."""
    active = minutes.sum(axis=2)
    weight = np.where(active >= LEAST_HOUR_MIN, active, 0.0)
    rows = basis(minutes, visits) * weight[..., None]
    found: Array = rows.sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)[:, None]
    return found
