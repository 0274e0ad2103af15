"""How good a forecast was, and how sure that is: the measures that every exam and every promotion uses.

In all of them a NaN truth is a thing that was not observed and is left out; a NaN prediction of something observed is a
broken model and raises ValueError. An empty measure is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its 95 % interval; `n` people (or days) stand behind it."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}] n={self.n}"


def interval(
    values_by_person: Sequence[ArrayLike], statistic: Callable[[Floats], float] | None = None, n: int = 2000, seed: int = 0,
    level: float = LEVEL,
) -> Interval:
    """Percentile bootstrap over people (Efron & Tibshirani 1993, chapter 13); `n` resamples.

    One entry per person: a number, or an array of rows (m, ...) whose m may differ. Rows of the drawn people are
    concatenated and given to `statistic`, the mean unless told otherwise. A person without a finite number, or without
    rows, is left out. One person gives an interval of no width: n says so.
    """
    people = [np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in values_by_person]
    people = [rows for rows in people if rows.size and (rows.shape[0] > 1 or rows.ndim > 1 or math.isfinite(rows[0]))]
    if not people:
        return Interval(math.nan, math.nan, math.nan, 0)
    measure = statistic or _mean
    value = float(measure(np.concatenate(people)))
    drawn = np.random.default_rng(seed).integers(0, len(people), size=(n, len(people)))
    if statistic is None and all(rows.shape == (1,) for rows in people):
        figures = np.concatenate(people)[drawn].mean(axis=1)
    else:
        figures = np.array([measure(np.concatenate([people[i] for i in row])) for row in drawn], dtype=np.float64)
    tail = (1 - level) / 2
    low, high = np.nanquantile(figures, [tail, 1 - tail])
    return Interval(value, float(low), float(high), len(people))


def paired(a_by_person: Sequence[float], b_by_person: Sequence[float], n: int = 2000, seed: int = 0) -> Interval:
    """The mean of a - b over the same people, in the same order: below 0 where a is a smaller error than b."""
    a, b = np.asarray(a_by_person, dtype=np.float64), np.asarray(b_by_person, dtype=np.float64)
    if a.shape != b.shape:
        raise ValueError(f"{a.shape} figures against {b.shape}: not the same people")
    return interval(list(a - b), n=n, seed=seed)


def rmse(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Root of the mean squared error."""
    p, t = _observed(predicted, truth)
    return float(np.sqrt(np.mean((p - t) ** 2))) if t.size else math.nan


def mae(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Mean absolute error."""
    p, t = _observed(predicted, truth)
    return float(np.mean(np.abs(p - t))) if t.size else math.nan


def skill(error: float, reference: float) -> float:
    """1 - error / reference: 0 as good as the reference, 1 perfect."""
    return 1 - error / reference if reference else math.nan


def gap_closed(error: float, base: float, oracle: float) -> float:
    """The part of the way from the baseline's error to the oracle's that was gone."""
    return (base - error) / (base - oracle) if base != oracle else math.nan


def brier(probability: ArrayLike, truth: ArrayLike) -> float:
    """Mean squared distance of a probability from what happened, 0 or 1 (Brier 1950)."""
    p, t = _observed(probability, truth)
    return float(np.mean((p - t) ** 2)) if t.size else math.nan


def ece(probability: ArrayLike, truth: ArrayLike, bins: int = 10) -> float:
    """Expected calibration error: mean of |share that happened - mean probability| over `bins` of equal width, by size.

    For labels of several classes give the confidence of the chosen class and whether it was right.
    """
    p, t = _observed(probability, truth)
    if not t.size:
        return math.nan
    which = np.clip((p * bins).astype(np.int64), 0, bins - 1)
    size = np.bincount(which, minlength=bins)
    gap = np.abs(np.bincount(which, weights=p, minlength=bins) - np.bincount(which, weights=t, minlength=bins))
    return float(gap[size > 0].sum() / t.size)


def average_precision(score: ArrayLike, truth: ArrayLike) -> float:
    """Area under the precision-recall steps; NaN when nothing happened."""
    from sklearn.metrics import average_precision_score  # 0.7 s: only where something is examined

    s, t = _observed(score, truth)
    return float(average_precision_score(t > 0.5, s)) if t.size and (t > 0.5).any() else math.nan


def auc(score: ArrayLike, truth: ArrayLike) -> float:
    """Area under the ROC curve; NaN unless both outcomes are there."""
    from sklearn.metrics import roc_auc_score

    s, t = _observed(score, truth)
    return float(roc_auc_score(t > 0.5, s)) if t.size and 0 < (t > 0.5).mean() < 1 else math.nan


def macro_f1(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Mean of the classes' F1; labels as numbers."""
    from sklearn.metrics import f1_score

    p, t = _observed(predicted, truth)
    return float(f1_score(t, p, average="macro", zero_division=0)) if t.size else math.nan


def accuracy(predicted: ArrayLike, truth: ArrayLike) -> float:
    """Share of labels that are right; labels as numbers."""
    p, t = _observed(predicted, truth)
    return float(np.mean(p == t)) if t.size else math.nan


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Rank correlation; NaN for fewer than three pairs or where one side never changes."""
    from scipy.stats import rankdata

    x, y = _observed(a, b)
    if x.size < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])


def coverage(low: ArrayLike, high: ArrayLike, truth: ArrayLike) -> float:
    """Share of truths inside their band, its ends included."""
    lower, t = _observed(low, truth)
    upper, _ = _observed(high, truth)
    return float(np.mean((lower <= t) & (t <= upper))) if t.size else math.nan


def pinball(predicted: ArrayLike, truth: ArrayLike, quantile: float) -> float:
    """Mean quantile loss (Koenker & Bassett 1978)."""
    p, t = _observed(predicted, truth)
    return float(np.mean(np.maximum(quantile * (t - p), (quantile - 1) * (t - p)))) if t.size else math.nan


def _mean(rows: Floats) -> float:
    return float(np.nanmean(rows))


def _observed(predicted: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    p, t = np.asarray(predicted, dtype=np.float64).ravel(), np.asarray(truth, dtype=np.float64).ravel()
    if p.shape != t.shape:
        raise ValueError(f"{p.size} predictions for {t.size} truths")
    seen = np.isfinite(t)
    if not np.isfinite(p[seen]).all():
        raise ValueError("a prediction is not a number")
    return p[seen], t[seen]
