"""How common each shipped category is among a person's tasks: at first by their role, then by what their list says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from coach.core import cold_start
from coach.store import guesses
from coach.store.db import Connection

if TYPE_CHECKING:
    import numpy as np

    from coach.ml.categoriser import Base

UNTOLD, OTHER = -1, -2
LEAST = 10
"""Tasks below which a list says nothing of its mix."""
LATEST = 500
"""Tasks that are looked at: the list as it is lately."""


def of_list(db: Connection, base: Base, model: str, role: str, chosen: Mapping[int, int], answers: int) -> np.ndarray:
    """What the mix adds to log-probabilities, (k,). `chosen` are the categories of tasks that the person answered about, by
    number: UNTOLD for none, OTHER for one of their own; `answers` how many they gave."""
    import numpy as np

    rows = [(num, said) for num, said in guesses.said(db, model, LATEST)
            if len(said) == 2 * len(base.names) and chosen.get(num) != OTHER]
    told = np.array([chosen.get(num, UNTOLD) for num, _ in rows], dtype=np.int64)
    log_p = np.array([np.frombuffer(said, dtype=np.float16) for _, said in rows], dtype=np.float32)
    return shift(base, log_p.reshape(-1, len(base.names)), told, role, answers)


def shift(base: Base, log_p: np.ndarray, chosen: np.ndarray, role: str, answers: int) -> np.ndarray:
    """The same for a list's log-probabilities (n, k) and what was said of its titles, (n,), -1 for nothing."""
    import numpy as np

    from coach.ml import prior

    trained = np.bincount(base.labels, minlength=len(base.names)) / len(base.labels)
    centre = trained * np.exp(cold_start.category_prior(role, base.names, answers))
    centre /= centre.sum()
    mix = prior.estimated(log_p, chosen, trained, centre) if len(log_p) >= LEAST else centre
    found: np.ndarray = np.log(mix / trained)
    return found if np.abs(found).max() > 1e-6 else np.zeros(len(found))
