"""The categoriser without an embedder: a linear model over hashed TF-IDF words. The baseline that the model must beat, one of
the model's members, and what serves where the embedder is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coach.ml.features.categoriser import inverse_frequency, sparse, weighted

if TYPE_CHECKING:
    import numpy as np

STRENGTH = 8.0
"""scikit-learn's C, by cross-validation on the corpus among 2, 4, 8 and 16."""


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """`idf` (BUCKETS,), `weight` (BUCKETS, k) float16, `bias` (k,)."""

    idf: np.ndarray
    weight: np.ndarray
    bias: np.ndarray


def fit(texts: Sequence[str], labels: np.ndarray, weights: np.ndarray | None = None) -> Words:
    """Multinomial logistic regression; `labels` (n,) are 0 to k - 1 and every class is there. `weights` (n,) of the rows."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    idf = inverse_frequency(texts)
    head = LogisticRegression(C=STRENGTH, max_iter=300, tol=1e-3).fit(sparse(texts, idf), labels, sample_weight=weights)
    return Words(idf, np.ascontiguousarray(head.coef_.T).astype(np.float16), head.intercept_.astype(np.float32))


def log_probabilities(model: Words, texts: Sequence[str]) -> np.ndarray:
    """(n, k), float32."""
    import numpy as np

    logits = np.empty((len(texts), len(model.bias)), dtype=np.float32)
    for row, text in enumerate(texts):
        buckets, weights = weighted(text, model.idf)
        logits[row] = weights @ model.weight[buckets].astype(np.float32) + model.bias
    top = logits.max(axis=1, keepdims=True, initial=-np.inf)
    found: np.ndarray = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return found
