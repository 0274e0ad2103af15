"""The categoriser's head over the embedder's three layers: Dense 128, ReLU, dropout, softmax. A few of them, started
differently, are averaged."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from coach.ml.embed import DIMENSIONS, INNER


@dataclass(frozen=True, slots=True)
class Size:
    inputs: int = DIMENSIONS * (1 + len(INNER))
    hidden: int = 128
    classes: int = 12
    dropout: float = 0.2
    heads: int = 3

    def document(self) -> dict[str, Any]:
        return asdict(self)


class Categoriser(nn.Module):
    """(b, inputs) of `embed.deep` to log-probabilities (b, classes). Inputs are standardised by the training set's moments."""

    mean: Tensor
    scale: Tensor

    def __init__(self, size: Size) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("mean", torch.zeros(size.inputs))
        self.register_buffer("scale", torch.ones(size.inputs))
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Linear(size.inputs, size.hidden), nn.ReLU(), nn.Dropout(size.dropout),
                          nn.Linear(size.hidden, size.classes))
            for _ in range(size.heads)
        )

    def forward(self, vectors: Tensor) -> Tensor:
        found = self.each(vectors).softmax(dim=-1).mean(dim=0)  # (b, k)
        return found.clamp(min=1e-7).log()

    def each(self, vectors: Tensor) -> Tensor:
        """Logits of each head, (heads, b, classes)."""
        x = (vectors - self.mean) * self.scale
        return torch.stack([head(x) for head in self.heads])


def loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy summed over heads, each learning by itself; `labels` (b,), `weights` (b,)."""
    heads, rows, classes = logits.shape
    each = nn.functional.cross_entropy(
        logits.reshape(heads * rows, classes), labels.repeat(heads), reduction="none"
    ).reshape(heads, rows)
    return (each * weights).sum() / weights.sum()
