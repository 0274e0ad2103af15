"""Which question is this? A logistic head over the sentence's states of several layers, guarded by its nearest known phrases.

The score of a question is p + s + (s - d) / 2: the head's probability of the best intent, the mean cosine s (of the last layer)
to the two nearest phrases that can be answered and d to the two nearest that cannot. Below the threshold the router abstains.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coach.core.errors import Unavailable

if TYPE_CHECKING:
    import numpy as np

NEAREST = 2
NEAR = 0.45
"""A question whose score lies less below the threshold is offered what it came near to."""
WEIGHTS = "router.npz"


@dataclass(frozen=True, slots=True)
class Router:
    """`weight` (k, 1152) and `bias` (k,) over `labels`, the last of which is "" for what must be declined;
    `anchors` (n, 384) are the phrases, `answerable` (n,) says which of them have an answer."""

    labels: tuple[str, ...]
    weight: np.ndarray
    bias: np.ndarray
    anchors: np.ndarray
    answerable: np.ndarray
    threshold: float


@dataclass(frozen=True, slots=True)
class Route:
    """`intent` is None when the router abstains; `nearest` are the three best guesses either way. `score` is on the
    router's own scale, `threshold` where it would have answered."""

    intent: str | None
    score: float
    threshold: float
    nearest: tuple[str, ...]

    @property
    def near(self) -> bool:
        return self.score >= self.threshold - NEAR


def load(folder: Path) -> Router:
    """The router in `folder`. Raises Unavailable when its file is missing or broken."""
    import numpy as np  # 17 MB: only with the embedder

    file = folder / WEIGHTS
    try:
        with np.load(file, allow_pickle=False) as stored:
            return Router(
                tuple(str(name) for name in stored["labels"]), stored["weight"], stored["bias"],
                stored["anchors"].astype(np.float32), stored["answerable"], float(stored["threshold"]),
            )
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(f"the router in {folder} cannot be loaded", "reinstall Coach") from error


def route(router: Router, vector: np.ndarray) -> Route:
    """The intent of one question, `vector` (1152,) as `embed.deep` gives it."""
    p = probabilities(router.weight, router.bias, vector[None])[0][:-1]  # without the declined class
    best = p.argsort()[::-1][:3]
    last = vector[None, :router.anchors.shape[1]]
    score = float(combined(p.max(keepdims=True), last, router.anchors, router.answerable)[0])
    nearest = tuple(router.labels[i] for i in best)
    return Route(nearest[0] if score >= router.threshold else None, score, router.threshold, nearest)


def probabilities(weight: np.ndarray, bias: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Softmax over the labels, (n, k)."""
    import numpy as np

    logits = vectors @ weight.T + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    total: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return total


def combined(p: np.ndarray, vectors: np.ndarray, anchors: np.ndarray, answerable: np.ndarray) -> np.ndarray:
    """The score of the module's docstring for n questions: `p` (n,), `vectors` (n, 384)."""
    import numpy as np

    similar = vectors @ anchors.T
    inside = np.sort(similar[:, answerable], axis=1)[:, -NEAREST:].mean(axis=1)
    outside = np.sort(similar[:, ~answerable], axis=1)[:, -NEAREST:].mean(axis=1)
    score: np.ndarray = p + inside + (inside - outside) / 2
    return score
