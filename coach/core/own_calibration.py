"""Chances drawn towards a person's own share where the model tells little about them: logistic regression of their answers on the
log odds of both (stacking; Wolpert 1992), with a Gaussian prior that leaves the model as it is until answers say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log

PRIOR = (0.0, 1.0, 0.0)
"""Of (intercept, weight of the model's log odds, weight of the share's)."""
PRECISION = (8.0, 1.0, 8.0)
"""Of the prior, chosen on simulated people whom no exam asks: the model's weight may fall fast, the rest moves slowly."""
LEAST = 5
EDGE = 1e-3
STEPS = 12

Weights = tuple[float, float, float]


def fit(said: Sequence[float], shares: Sequence[float], happened: Sequence[bool]) -> Weights:
    """Weights by Newton's steps on the posterior; the prior's for fewer than LEAST answers."""
    if len(happened) < LEAST:
        return PRIOR
    rows = [(1.0, _logit(p), _logit(s)) for p, s in zip(said, shares, strict=True)]
    w = list(PRIOR)
    for _ in range(STEPS):
        gradient = [-PRECISION[i] * (w[i] - PRIOR[i]) for i in range(3)]
        curve = [[PRECISION[i] if i == j else 0.0 for j in range(3)] for i in range(3)]
        for row, y in zip(rows, happened, strict=True):
            p = _sigmoid(sum(a * b for a, b in zip(w, row, strict=True)))
            v = p * (1 - p)
            for i in range(3):
                gradient[i] += (y - p) * row[i]
                for j in range(3):
                    curve[i][j] += v * row[i] * row[j]
        steps = [max(-1.0, min(1.0, s)) for s in _solve(curve, gradient)]
        w = [a + s for a, s in zip(w, steps, strict=True)]
        if max(map(abs, steps)) < 1e-4:
            break
    return w[0], w[1], w[2]


def drawn(p: float, share: float, weights: Weights) -> float:
    """A chance, drawn towards a share."""
    return _sigmoid(weights[0] + weights[1] * _logit(p) + weights[2] * _logit(share))


def _logit(p: float) -> float:
    q = min(1 - EDGE, max(EDGE, p))
    return log(q / (1 - q))


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + exp(-min(30.0, max(-30.0, x))))


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Of three equations whose matrix is positive definite: Gauss's elimination needs no pivots."""
    a = [[*row, r] for row, r in zip(matrix, right, strict=True)]
    for i in range(3):
        a[i] = [x / a[i][i] for x in a[i]]
        for k in range(3):
            if k != i:
                a[k] = [x - a[k][i] * y for x, y in zip(a[k], a[i], strict=True)]
    return [row[3] for row in a]
