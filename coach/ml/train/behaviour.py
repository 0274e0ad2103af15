"""The hazard of completion: gradient boosting of trees on task-days, exported as one ONNX graph; and the logistic regression on
five features that it has to beat."""

from __future__ import annotations

from typing import Any

import numpy as np

from coach.core.completion import COLUMNS
from coach.ml.train.trees import export

TREES, DEPTH, RATE, LEAST_LEAF, SHARE = 140, 4, 0.1, 60, 0.5
FIVE = ("due", "age", "priority", "snoozed", "pace")
"""Features of the logistic baseline."""


def boost(rows: np.ndarray, done: np.ndarray, weights: np.ndarray, seed: int, trees: int = 0) -> bytes:
    """ONNX of the log odds of `done` (n,) given `rows` (n, columns); input "features", output "logit" (n, 1)."""
    from sklearn.ensemble import GradientBoostingClassifier

    model = GradientBoostingClassifier(
        n_estimators=trees or TREES, max_depth=DEPTH, learning_rate=RATE, min_samples_leaf=LEAST_LEAF, subsample=SHARE,
        max_features=0.5, random_state=seed,
    )
    model.fit(rows, done.astype(int), sample_weight=weights)
    share = float((weights * done).sum() / weights.sum())
    grown = [one.tree_ for one in model.estimators_[:, 0]]
    leaves = [RATE * tree.value[:, 0, :] for tree in grown]
    return export(grown, leaves, len(COLUMNS), "logit", base=[float(np.log(share / (1 - share)))])


def platt(probability: np.ndarray, happened: np.ndarray) -> tuple[float, float]:
    """(a, b) of log odds a + b logit(p)."""
    from sklearn.linear_model import LogisticRegression

    p = np.clip(probability, 1e-4, 1 - 1e-4)
    model = LogisticRegression(C=1e6).fit(np.log(p / (1 - p))[:, None], happened.astype(int))
    return round(float(model.intercept_[0]), 4), round(float(model.coef_[0, 0]), 4)


def logistic(rows: np.ndarray, done: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """The baseline on FIVE features as plain numbers: mean, scale, weights, intercept; no due counts as a month away."""
    from sklearn.linear_model import LogisticRegression

    table = five(rows)
    mean, scale = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-6)
    model = LogisticRegression(C=1.0).fit((table - mean) / scale, done.astype(int), sample_weight=weights)
    return {
        "mean": mean.round(5).tolist(), "scale": scale.round(5).tolist(), "weights": model.coef_[0].round(5).tolist(),
        "intercept": round(float(model.intercept_[0]), 5),
    }


def five(rows: np.ndarray) -> np.ndarray:
    """The columns of FIVE."""
    table = rows[:, [COLUMNS.index(name) for name in FIVE]].astype(np.float64)
    table[:, 0] = np.where(table[:, 0] < -90, 30.0, table[:, 0])
    return table
