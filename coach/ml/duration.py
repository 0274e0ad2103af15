"""A range around a length: the forest's distribution, widened or narrowed by how the person's last ranges did (conformalised
quantile regression; Romano, Patterson and Candès 2019), and any percentile between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from coach.core.duration import CENTER
from coach.core.errors import ModelForeign
from coach.ml import serving
from coach.ml.features.duration import rows
from coach.ml.serving import Net

LEVEL = 0.8
LOW, HIGH = 0.1, 0.9
PRIOR = 30.0
"""Own ranges count in full only beside this many of them."""
PLAIN_SD = 0.55
"""Spread of log minutes that is assumed where no forest serves."""
Z80 = 1.2816


@dataclass(frozen=True, slots=True)
class Bands:
    """Quantiles of log minutes over the center, (n,) each."""

    low: np.ndarray
    middle: np.ndarray
    high: np.ndarray


def bands(net: Net, card: Mapping[str, Any], features: Sequence[Sequence[float]]) -> Bands:
    """Quantiles of the forest for each row. Raises ModelForeign where the card has no grid, or tells what lies over centers of
    another make."""
    edges = card.get("edges")
    if not isinstance(edges, list) or len(edges) < 2:
        raise ModelForeign("the card of the lengths has no grid", serving.BASELINE)
    if card.get("center") != CENTER:
        raise ModelForeign("this forest of lengths is of an earlier make", serving.BASELINE)
    if not len(features):
        nothing = np.zeros(0)
        return Bands(nothing, nothing, nothing)
    cdf = np.maximum.accumulate(serving.run(net, features=rows(features))["cdf"].astype(np.float64), axis=1)
    low, middle, high = (quantile(cdf, np.asarray(edges), q) for q in (LOW, 0.5, HIGH))
    return Bands(low, middle, high)


def plain_bands(count: int) -> Bands:
    """What is assumed without a forest."""
    return Bands(np.full(count, -Z80 * PLAIN_SD), np.zeros(count), np.full(count, Z80 * PLAIN_SD))


def quantile(cdf: np.ndarray, edges: np.ndarray, q: float) -> np.ndarray:
    """Where each row of `cdf` (n, edges) reaches `q`, linear between edges; (n,)."""
    at = np.minimum((cdf < q).sum(axis=1), len(edges) - 1)
    before = np.maximum(at - 1, 0)
    lines = np.arange(len(cdf))
    rise = cdf[lines, at] - cdf[lines, before]
    share = np.where(rise > 1e-9, (q - cdf[lines, before]) / np.maximum(rise, 1e-9), 1.0)
    found: np.ndarray = edges[before] + np.clip(share, 0.0, 1.0) * (edges[at] - edges[before])
    return found


def widening(low: np.ndarray, high: np.ndarray, truth: np.ndarray, prior: float = PRIOR) -> float:
    """By how much (log minutes) both ends move so that LEVEL of the person's last ranges would have held; drawn to 0 while
    there are few."""
    scores = np.sort(np.maximum(low - truth, truth - high))
    n = len(scores)
    if n < 5:
        return 0.0
    place = min(n, ceil((n + 1) * LEVEL)) - 1
    return float(scores[place]) * n / (n + prior)


def at_percentile(low: float, middle: float, high: float, percentile: float) -> float:
    """Log minutes at a percentile, 1 to 99: linear between the three, and on with the same slope outside."""
    p = min(max(percentile, 1.0), 99.0) / 100
    if p <= 0.5:
        return middle + (low - middle) * (0.5 - p) / (0.5 - LOW)
    return middle + (high - middle) * (p - 0.5) / (HIGH - 0.5)


def share_within(low: float, middle: float, high: float, log_min: float) -> float:
    """The inverse of `at_percentile`: the share of cases, 0.01 to 0.99, that take no longer. Where an end lies on the middle,
    half of them do up to it and nearly all beyond."""
    end, width = (low, 0.5 - LOW) if log_min < middle else (high, HIGH - 0.5)
    away = abs(end - middle)
    part = abs(log_min - middle) / away * width if away > 0 else 0.0 if log_min == middle else 0.5
    return min(0.99, max(0.01, 0.5 + (part if log_min >= middle else -part)))


def between(
    center: float, low: float, middle: float, high: float, estimate_min: int | None,
) -> tuple[float, float, float]:
    """(low, high, median) in minutes: `low`, `middle`, `high` in log minutes over `center`. Where the person gave an estimate the
    median is `center`, that estimate as far as their own evidence lets it stand."""
    from coach.core.duration import minutes

    median = center if estimate_min else center + middle
    return minutes(min(center + low, median)), minutes(max(center + high, median)), minutes(median)
