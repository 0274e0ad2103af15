"""What a person's other days say about one of them: a habit comes back, most of all on its own weekdays.

A detector that sees one day cannot tell a person who drifts every Tuesday from one who did so once. Here each day's logit is
joined by the shares of the person's other days that show the pattern, shrunk towards few (an empirical Bayes step after
Efron and Morris 1973, with a logistic regression for the weights), and by how sure the net is of those days as a rule.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from coach.ml.features.patterns import PATTERNS, Ints

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"

WEEKEND_ONLY = PATTERNS.index("weekend_spill")
EVIDENCE = ("day", "share of other days", "share of that weekday", "other days as a rule")
PRIOR_DAYS, PRIOR_SHARE = 1.0, 0.1
"""Other days count as if one more had shown a tenth of the pattern."""
WEEKDAY_DAYS = 1.5
"""Days of the same weekday that outweigh the share of all."""
RULE_DAYS, RULE_LOGIT = 3.0, -6.0
"""Of people without a pattern a net says about exp(-6); it takes three days to say otherwise."""
BOUND = 15.0


def logits(probability: Array) -> Array:
    bounded = np.clip(probability.astype(np.float64), 1e-6, 1 - 1e-6)
    found: Array = np.log(bounded / (1 - bounded))
    return found


def evidence(logit: Array, weekend: Array, weekday: Ints | None = None) -> Array:
    """(n, 8, 4) in the order of EVIDENCE, of the n days of one person; `logit` (n, 8), `weekend` (n,) true or false, `weekday`
    (n,) 0 to 6 where it is known. Nothing of a day itself is in what its other days say."""
    found = np.empty((*logit.shape, len(EVIDENCE)))
    for k in range(logit.shape[1]):
        can = weekend if k == WEEKEND_ONLY else ~weekend
        z = np.clip(logit[:, k], -BOUND, BOUND)
        p = np.where(can, 1 / (1 + np.exp(-z)), 0.0)
        others = np.maximum(can.sum() - can, 0)
        share = (p.sum() - p + PRIOR_SHARE * PRIOR_DAYS) / (others + PRIOR_DAYS)
        same = _same(can, p, weekday) if weekday is not None else (np.zeros(len(z)), np.zeros(len(z)))
        on_weekday = (same[0] + WEEKDAY_DAYS * share) / (same[1] + WEEKDAY_DAYS)
        known = np.where(can, z, 0.0)
        rule = (known.sum() - known + RULE_DAYS * RULE_LOGIT) / (others + RULE_DAYS)
        found[:, k] = np.stack([z, logits(share), logits(on_weekday), rule], axis=1)
    return found


def probabilities(logit: Array, weekend: Array, weekday: Ints | None, weights: Array) -> Array:
    """(n, 8) of the n days of one person; `weights` (8, 5) are an intercept and one weight for each kind of evidence."""
    said = weights[:, 0] + (evidence(logit, weekend, weekday) * weights[:, 1:]).sum(axis=2)
    found: Array = (1 / (1 + np.exp(-np.clip(said, -50, 50)))).astype(np.float32)
    return found


def fitted(told: Array, truth: Array) -> list[list[float]]:
    """The weights (8, 5) by logistic regression of `truth` (n, 8; NaN left out) on the evidence (n, 8, 4) of many people; the
    day's own logit alone where nothing, or everything, is true."""
    from sklearn.linear_model import LogisticRegression  # in the lab only

    found = []
    for k in range(truth.shape[1]):
        seen = ~np.isnan(truth[:, k])
        x = told[seen, k]
        if len(np.unique(truth[seen, k])) < 2:
            found.append([0.0, 1.0, *[0.0] * (len(EVIDENCE) - 1)])
            continue
        mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
        fit = LogisticRegression(C=1.0, max_iter=500).fit((x - mean) / scale, truth[seen, k] > 0.5)
        slope = fit.coef_[0] / scale
        found.append([round(float(v), 5) for v in (fit.intercept_[0] - slope @ mean, *slope)])
    return found


def _same(can: Array, p: Array, weekday: Ints) -> tuple[Array, Array]:
    """Of the other days of each day's weekday: the sum of what they show, and how many they are."""
    sums, counts = np.bincount(weekday, p, 7), np.bincount(weekday, can.astype(float), 7)
    return sums[weekday] - p, np.maximum(counts[weekday] - can, 0)
