"""One person as one example: the unit of privacy is the person, so each contributes one clipped gradient or one update."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from coach.ml.features.focus import PAST
from coach.ml.nets.focus import Ahead, Config, Focus
from coach.ml.train.focus import STRIDE, Packed

HOURS = 72
"""Of history that the net reads here: three days, so that the unrolled LSTM of Opacus stays affordable on a laptop."""
CONFIG = Config(hidden=32, layers=1, head=48, dropout=0.0)

Example = tuple[Tensor, Tensor, Tensor]
"""history (HOURS, E), future (24, F), score (24,) with nan where unscored."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Root mean squared errors over all scored hours of unseen people."""

    net: float
    ridge: float
    profile: float


class Windows(Dataset[Example]):
    """A random forecast of each person, another each time it is asked for."""

    def __init__(self, data: Packed, people: Sequence[int], seed: int) -> None:
        self.data, self.people = data, list(people)
        self._rng = np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self.people)

    def __getitem__(self, index: int) -> Example:
        person = self.people[index]
        return example(self.data, person, int(self._rng.integers(8, self.data.future.shape[1])))


def example(data: Packed, person: int, issue: int) -> Example:
    end = PAST + int(data.offset[person]) + STRIDE * issue
    history = data.history[person, end - HOURS:end].float()
    return history, data.future[person, issue].float(), data.score[person, issue].float()


def loss(ahead: Ahead, score: Tensor) -> Tensor:
    """Mean over examples of each one's own mean squared error, so that no person's gradient depends on another's."""
    seen = torch.isfinite(score)
    squared = (ahead.mean - torch.where(seen, score, 0.0)) ** 2 * seen
    return (squared.sum(-1) / seen.sum(-1).clamp(min=1)).mean() / 0.015


def forecast(net: torch.nn.Module, history: Tensor, future: Tensor) -> Ahead:
    inner: Any = getattr(net, "_module", net)  # Opacus wraps the module
    ahead: Ahead = inner.decode(inner.encode(history)[:, -1], future)
    return ahead


@torch.no_grad()
def errors(net: torch.nn.Module, data: Packed, people: Sequence[int], every: int = 8) -> Errors:
    net.eval()
    sums, n = np.zeros(3), 0
    for person in people:
        some = [example(data, person, i) for i in range(8, data.future.shape[1], every)]
        history, future, score = (torch.stack(x) for x in zip(*some, strict=True))
        ahead = forecast(net, history, future)
        profile = future[..., 0] / 2 + 0.5  # FUTURE[0], scaled as Focus.decode reads it
        seen = torch.isfinite(score)
        for i, guess in enumerate((ahead.mean, ahead.ridge, profile)):
            sums[i] += float(((guess.clamp(0, 1) - score)[seen] ** 2).sum())
        n += int(seen.sum())
    net_error, ridge, profile_error = np.sqrt(sums / max(n, 1)).tolist()
    return Errors(net_error, ridge, profile_error)


def untrained(seed: int) -> Focus:
    """The net over the profile alone: a ridge fitted to everybody's data would not be private."""
    torch.manual_seed(seed)
    return Focus(CONFIG)
