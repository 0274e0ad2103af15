"""The forest of lengths: a quantile regression forest (Meinshausen 2006) of the logarithm of minutes over the center.

A leaf keeps the share of its training rows below each edge of a fixed grid, so the mean over trees is the conditional
distribution on that grid and the whole forest is one small ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from coach.core.likeness import words_of
from coach.ml.features.duration import COLUMNS
from coach.ml.train.trees import export

TREES, LEAVES, LEAST_LEAF = 40, 40, 40
EDGES = 24
LEAST_COUNT = 40
"""A word of the ridge is in so many titles."""
RIDGE = 20.0


def grid(residuals: np.ndarray) -> list[float]:
    """Edges of the distribution: quantiles of the training residuals, and both sides of 0, where exact estimates lie."""
    inner = np.quantile(residuals, np.linspace(0.01, 0.99, EDGES - 2))
    return sorted({round(float(x), 4) for x in (*inner, -0.02, 0.02)})


def forest(features: np.ndarray, residuals: np.ndarray, weights: np.ndarray, edges: Sequence[float], seed: int) -> bytes:
    """ONNX of a forest fitted to `features` (n, columns) and `residuals` (n,); output "cdf" (n, len(edges))."""
    from sklearn.ensemble import RandomForestRegressor

    below = (residuals[:, None] <= np.asarray(edges)[None, :]).astype(np.float64)
    model = RandomForestRegressor(
        TREES, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST_LEAF, max_features=0.5, random_state=seed, n_jobs=1)
    model.fit(features, np.clip(residuals, edges[0], edges[-1]), sample_weight=weights)
    leaves = []
    for tree in model.estimators_:
        at = tree.apply(features)
        rows = np.zeros((tree.tree_.node_count, len(edges)))
        np.add.at(rows, at, below * weights[:, None])
        sums = np.bincount(at, weights=weights, minlength=tree.tree_.node_count)
        leaves.append(rows / np.maximum(sums, 1e-9)[:, None])
    return export([t.tree_ for t in model.estimators_], leaves, len(COLUMNS), "cdf", mean=True)


def base_words(titles: Sequence[str], logs: Sequence[float]) -> tuple[float, Mapping[str, float]]:
    """(mean log minutes, addition by word): ridge on the words that many titles share."""
    from sklearn.linear_model import Ridge

    words = [words_of(title) for title in titles]
    counts: dict[str, int] = {}
    for some in words:
        for word in some:
            counts[word] = counts.get(word, 0) + 1
    kept = sorted(w for w, n in counts.items() if n >= LEAST_COUNT)
    number = {w: i for i, w in enumerate(kept)}
    table = np.zeros((len(titles), len(kept)), dtype=np.float32)
    for i, some in enumerate(words):
        for word in some:
            if word in number:
                table[i, number[word]] = 1.0
    model = Ridge(alpha=RIDGE).fit(table, np.asarray(logs))
    return float(model.intercept_), {w: round(float(c), 4) for w, c in zip(kept, model.coef_, strict=True)}
