"""The pattern detector: a 1-D CNN over the hours of a day, with one calibrated probability for each pattern."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from coach.ml.features.patterns import CHANNELS, HOURS, PATTERNS, SLOTS


@dataclass(frozen=True, slots=True)
class Config:
    channels: int = CHANNELS * SLOTS
    hours: int = HOURS
    patterns: int = len(PATTERNS)
    filters: tuple[int, int, int] = (64, 128, 256)
    kernel: int = 3
    hidden: int = 96
    dropout: float = 0.3


class Patterns(nn.Module):
    """`forward(tensor (n, 150, 24), context (n, 2))` gives probabilities (n, 8); `logits` what the loss takes. The last scale
    and shift of each pattern (Platt 1999) are fitted on people held out from training."""

    scale: Tensor
    shift: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        one, two, three = config.filters
        pad = config.kernel // 2
        self.conv1 = nn.Conv1d(config.channels, one, config.kernel, padding=pad)
        self.conv2 = nn.Conv1d(one, two, config.kernel, padding=pad)
        self.conv3 = nn.Conv1d(two, three, config.kernel, padding=pad)
        self.norms = nn.ModuleList(nn.GroupNorm(8, filters) for filters in config.filters)
        self.hidden = nn.Linear(three * (config.hours // 4) + three + 2, config.hidden)
        self.drop = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden, config.patterns)
        self.register_buffer("scale", torch.ones(config.patterns))
        self.register_buffer("shift", torch.zeros(config.patterns))

    def logits(self, tensor: Tensor, context: Tensor) -> Tensor:
        h = f.relu(self.norms[0](self.conv1(tensor)))             # (n, 64, 24)
        h = f.relu(self.norms[1](self.conv2(h)))                  # (n, 128, 24)
        h = f.max_pool1d(h, 2)                                    # (n, 128, 12)
        h = f.relu(self.norms[2](self.conv3(h)))                  # (n, 256, 12)
        anywhere = h.amax(dim=2)                                  # (n, 256): what happened at whatever hour
        when = f.max_pool1d(h, 2).flatten(1)                      # (n, 1536): and when
        joined = torch.cat([when, anywhere, context], dim=1)
        raw: Tensor = self.head(self.drop(f.relu(self.hidden(self.drop(joined)))))
        return raw

    def forward(self, tensor: Tensor, context: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(tensor, context) * self.scale + self.shift)


def loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Binary cross-entropy over patterns; days on which a pattern cannot be (NaN truth) are left out."""
    seen = ~torch.isnan(truth)
    return f.binary_cross_entropy_with_logits(logits[seen], truth[seen])
