"""The focus forecast: an LSTM over a week of hours and a head over each hour ahead, as a residual over a global ridge over the
person's profile. Its last layer begins at zero, so that an untrained net is the ridge.

B people (or windows), T hours, N issue times, 24 hours ahead, E encoder features, F future features, H hidden units."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as nnf

from coach.ml.features.focus import CROSSED, ENCODER, FUTURE

PROFILE, P_ACTIVE = FUTURE.index("profile"), FUTURE.index("p_active")
SPREAD = 0.15
"""Distance of the untrained quantiles from the mean."""


@dataclass(frozen=True, slots=True)
class Config:
    hidden: int = 256
    layers: int = 2
    head: int = 192
    dropout: float = 0.1
    encoder: int = len(ENCODER)
    future: int = len(FUTURE)

    def document(self) -> dict[str, Any]:
        return asdict(self)


class Ahead(NamedTuple):
    """Each of shape (..., 24), `quantiles` (..., 24, 3) for 10, 50 and 90 %, `active` in logits."""

    mean: Tensor
    quantiles: Tensor
    active: Tensor
    ridge: Tensor


class Focus(nn.Module):
    """The ridge's weights are buffers: fitted before, never trained."""

    def __init__(self, config: Config, ridge: Tensor | None = None) -> None:
        super().__init__()
        self.config = config
        self.lstm = nn.LSTM(config.encoder, config.hidden, config.layers, batch_first=True, dropout=config.dropout)
        self.from_state = nn.Linear(config.hidden, config.head)
        self.from_future = nn.Linear(config.future, config.head, bias=False)
        self.middle = nn.Linear(config.head, config.head)
        self.dropout = nn.Dropout(config.dropout)
        self.last = nn.Linear(config.head, 5)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        size = config.future + len(CROSSED) + 1
        self.ridge: Tensor
        self.first: Tensor
        self.second: Tensor
        self.register_buffer("ridge", torch.zeros(size) if ridge is None else ridge.float())
        self.register_buffer("first", torch.tensor([a for a, _ in CROSSED]))
        self.register_buffer("second", torch.tensor([b for _, b in CROSSED]))

    def encode(self, history: Tensor) -> Tensor:
        """(B, T, E) to (B, T, H): what is known after each hour."""
        states: Tensor = self.lstm(history)[0]
        return states

    def decode(self, state: Tensor, future: Tensor) -> Ahead:
        """state (..., H) at the time of issue, future (..., 24, F)."""
        products = future.index_select(-1, self.first) * future.index_select(-1, self.second)
        line = (torch.cat([future, products], dim=-1) * self.ridge[:-1]).sum(-1) + self.ridge[-1]
        ridge = future[..., PROFILE] / 2 + 0.5 + line
        hidden = nnf.gelu(self.from_state(state).unsqueeze(-2) + self.from_future(future))
        hidden = self.dropout(nnf.gelu(self.middle(hidden)) + hidden)
        out = self.last(hidden)
        mean = ridge + out[..., 0] / 10
        median = mean + out[..., 1] / 10
        low = median - SPREAD * nnf.softplus(out[..., 2] + 0.5413)
        high = median + SPREAD * nnf.softplus(out[..., 3] + 0.5413)
        usual = future[..., P_ACTIVE].clamp(0.01, 0.99)
        return Ahead(mean, torch.stack([low, median, high], dim=-1), torch.logit(usual) + out[..., 4], ridge)

    def forward(self, history: Tensor, future: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """For serving: history (B, 168, E), future (B, 24, F) to mean (B, 24), quantiles (B, 24, 3), active (B, 24)."""
        ahead = self.decode(self.encode(history)[:, -1], future)
        return ahead.mean.clamp(0, 1), ahead.quantiles.clamp(0, 1), torch.sigmoid(ahead.active)


def loss(ahead: Ahead, score: Tensor, active: Tensor) -> Tensor:
    """Squared error of the mean and pinball of the quantiles over scored hours, cross-entropy of activity over lived ones.

    score, active (..., 24), nan where there is nothing to learn; each term is scaled to about 1."""
    seen, lived = torch.isfinite(score), torch.isfinite(active)
    y = torch.where(seen, score, 0.0)
    weight = seen.float() / seen.sum().clamp(min=1)
    squared = ((ahead.mean - y) ** 2 * weight).sum() / 0.015
    miss = y.unsqueeze(-1) - ahead.quantiles
    levels = torch.tensor([0.1, 0.5, 0.9], device=miss.device)
    pinball = (torch.maximum(levels * miss, (levels - 1) * miss).sum(-1) * weight).sum() / 0.1
    entropy = nnf.binary_cross_entropy_with_logits(ahead.active, torch.where(lived, active, 0.0), reduction="none")
    return squared + 0.5 * pinball + 0.5 * (entropy * lived.float()).sum() / lived.sum().clamp(min=1)
