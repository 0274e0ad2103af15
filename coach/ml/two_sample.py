"""The classifier two-sample test (Lopez-Paz and Oquab 2017): can made rows be told from real ones?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]


def fit(rows: Array, real: Array, boosted: bool) -> Callable[[Array], Array]:
    """The probability that a row is real, from rows (n, k) with `real` (n,) 1 or 0: by gradient boosting, or linearly."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # 1 s
    from sklearn.linear_model import LogisticRegression

    model = HistGradientBoostingClassifier(max_iter=80, random_state=0) if boosted else LogisticRegression(max_iter=500)
    model.fit(rows, real)
    return lambda asked: np.asarray(model.predict_proba(asked)[:, 1], dtype=np.float64)
