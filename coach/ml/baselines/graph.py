"""What the workflow graph's net must beat, cheapest first: the commonest label, what a catalogue says, labels that spread
along the edges, and a gradient boosting on the net's own features. (The logistic regression ships inside the net's file.)

Each is fitted on hidden nodes of known people and gives a probability for each node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]

STEPS = 20
STAY = 0.85
"""How much of a node's belief comes from its neighbours in each step (Zhou et al. 2004)."""


@dataclass(frozen=True, slots=True)
class Platt:
    """sigmoid(slope score + offset)."""

    slope: float
    offset: float

    def __call__(self, score: Floats) -> Floats:
        probability: Floats = 1 / (1 + np.exp(-(self.slope * score + self.offset)))
        return probability


def platt(score: Floats, truth: Floats) -> Platt:
    """Calibration by logistic regression (Platt 1999)."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=1e3, max_iter=500).fit(score[:, None], truth)
    return Platt(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))


def majority(truth: Floats) -> float:
    """The share that is productive, said of every node."""
    return float(np.mean(truth))


def looked_up(proposed: Floats, share: float) -> Floats:
    """A lookup's guess, -1 to 1, as a probability; the commonest share where it knows nothing."""
    return np.where(proposed == 0, share, np.clip(0.5 + proposed / 2, 0.02, 0.98))


def spread(walk: Floats, levels: Floats) -> Floats:
    """Label propagation: the known levels (N,), -1 to 1 by 2 level - 1, spread along `walk` (N, N) and held at their
    own nodes. Returns scores (N,)."""
    known = np.isfinite(levels)
    seed = np.where(known, 2 * np.where(known, levels, 0.0) - 1, 0.0)
    score = seed.copy()
    for _ in range(STEPS):
        score = np.where(known, seed, STAY * (walk @ score))
    return score


def logistic(rows: Floats, truth: Floats, strength: float = 0.1) -> tuple[np.ndarray, float]:
    """(weights, bias) of the feature-only regression; rows are standardised features and reduced texts."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, max_iter=3000).fit(rows, truth)
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0])


def boosted(rows: Floats, truth: Floats, seed: int = 0) -> Any:
    """A histogram gradient boosting on the same rows, with early stopping."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # scikit-learn's own

    model = HistGradientBoostingClassifier(
        max_iter=300, learning_rate=0.06, max_leaf_nodes=15, l2_regularization=1.0, early_stopping=True, random_state=seed)
    with threadpool_limits(1):  # two threads on cores that others use wait for each other
        return model.fit(rows, truth)


def together(columns: Sequence[Floats]) -> Floats:
    """Rows of several people, one under the other."""
    return np.concatenate([np.asarray(c, dtype=float) for c in columns])
