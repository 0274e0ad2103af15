"""The hazard of completion of each task and day, served by ONNX Runtime, and its calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp, log
from typing import Any

import numpy as np

from coach.core.completion import COLUMNS, by_day
from coach.ml import serving
from coach.ml.serving import Net

EDGE = 1e-4


def logits(net: Net, rows: Sequence[Sequence[float]]) -> list[float]:
    """Log odds of being done on the day of each row."""
    if not rows:
        return []
    table = np.asarray(rows, dtype=np.float32).reshape(-1, len(COLUMNS))
    found: list[float] = serving.run(net, features=table)["logit"][:, 0].astype(float).tolist()
    return found


def chances(said: Sequence[float], effect: float, card: Mapping[str, Any]) -> list[float]:
    """Chance of being done by the end of each day, calibrated on people that the net was not trained on (Platt 1999)."""
    a, b = card.get("platt", (0.0, 1.0))
    return [calibrated(p, a, b) for p in by_day(said, effect)]


def calibrated(p: float, a: float, b: float) -> float:
    q = min(1 - EDGE, max(EDGE, p))
    return 1.0 / (1.0 + exp(-(a + b * log(q / (1 - q)))))
