"""Which patterns a day shows: the net where it may serve, the rules where it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.core.errors import ModelForeign
from coach.ml import recurrence, serving
from coach.ml.baselines import patterns as baselines
from coach.ml.features.patterns import MINUTES, PATTERNS, Days, unscaled

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

INPUTS, OUTPUTS = ("tensor", "context"), ("probability",)
LEAST_DAYS = 7
LEAST_SLOTS = 3
"""A person with fewer places than that has no day that a net was trained on."""
RULES_BASE_RATE = 0.05
"""Where no card says how often a rule claims its pattern of people without it."""


@dataclass(frozen=True, slots=True)
class Found:
    """`probability` and `claimed`, both (n, 8), in the order of PATTERNS; `base_rates` says how often each pattern is claimed
    of people who do not have it."""

    probability: Array
    claimed: Array
    base_rates: Mapping[str, float]


def load(source: Path | bytes) -> serving.Net:
    """Raises ModelMissing, ModelBroken, ModelForeign."""
    return serving.load(source, inputs=INPUTS, outputs=OUTPUTS)


def predict(net: serving.Net, card: Mapping[str, Any], days: Days) -> Found:
    """By the net, by what a person's other days say (`recurrence`, where the card weighs it) and by the card's thresholds.
    `days` are one person's. Raises ModelForeign where the card is not this model's, InvalidInput for features that are not
    finite."""
    try:
        thresholds = np.array([float(card["thresholds"][p]) for p in PATTERNS])
        base_rates = {p: float(card["base_rates"][p]) for p in PATTERNS}
        weights = np.array([card["recurrence"][p] for p in PATTERNS], dtype=np.float64) if "recurrence" in card else None
        if weights is not None and weights.shape != (len(PATTERNS), 1 + len(recurrence.EVIDENCE)):
            raise ValueError(weights.shape)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelForeign("the card of the patterns model has no thresholds", serving.REINSTALL) from error
    if not len(days.context):
        return Found(np.zeros((0, len(PATTERNS))), np.zeros((0, len(PATTERNS)), dtype=bool), base_rates)
    probability = serving.run(net, tensor=days.tensor, context=days.context)["probability"]
    if weights is not None:
        probability = recurrence.probabilities(
            recurrence.logits(probability), days.context[:, 0] > 0.5, days.weekday, weights)
    return Found(probability, probability >= thresholds, base_rates)


def by_rules(days: Days, card: Mapping[str, Any]) -> Found:
    """By the threshold rules. They ask for nothing: any card or none, any days or none."""
    rates = card.get("rules", {}).get("base_rates", {}) if card else {}
    base_rates = {p: float(rates.get(p, RULES_BASE_RATE)) for p in PATTERNS}
    clean = Days(np.nan_to_num(days.tensor), np.nan_to_num(days.context))
    return Found(baselines.rules(clean), baselines.strengths(clean) >= 1, base_rates)


def unfit(days: Days) -> str:
    """Why the net may not speak about these days; "" where it may."""
    if len(days.context) < LEAST_DAYS:
        return f"{len(days.context)} days of history, the model needs {LEAST_DAYS}"
    if not np.isfinite(days.tensor).all() or not np.isfinite(days.context).all():
        return "some of the history is not a number"
    minutes = unscaled(days.tensor)[:, MINUTES].sum(axis=(0, 2))
    used = int((minutes > 5).sum())
    if used < LEAST_SLOTS:
        return f"only {used} {'app or site' if used == 1 else 'apps or sites'} in {len(days.context)} days"
    return ""


def share_interval(count: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """The interval of a share after `count` of `n` days, by the beta law with Jeffreys' prior (Brown, Cai and DasGupta 2001);
    (0, 1) without days."""
    from scipy.special import betaincinv  # 0.1 s: only where something is counted

    if n == 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = float(betaincinv(count + 0.5, n - count + 0.5, tail)) if count else 0.0
    high = float(betaincinv(count + 0.5, n - count + 0.5, 1 - tail)) if count < n else 1.0
    return low, high
