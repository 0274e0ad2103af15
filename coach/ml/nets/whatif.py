"""Conditional WGAN-GP over days (Gulrajani et al. 2017): 24 hours by eight groups of categories and "away", and visits.

The generator's hours are compositions: a softmax over nine groups, in whole minutes. The critic has no batch norm, because the
gradient penalty is per example; it has layer norm.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as fn


@dataclass(frozen=True, slots=True)
class Config:
    day_noise: int = 64
    condition: int = 87
    """History summary (64), weekday (7), goal (8) and which groups have one (8): coach.ml.features.whatif.condition."""
    groups: int = 8
    width: int = 512
    depth: int = 4
    critic_width: int = 256
    critic_depth: int = 3
    penalty: float = 10.0
    constraint: float = 2.0
    """Weight of an hour of missed goal in the generator's loss."""

    @property
    def noise(self) -> int:
        """Length of the noise: the day's, then one number for each hour and group, then one for each hour's visits."""
        return self.day_noise + 24 * (self.groups + 1) + 24


SHARP = 2.0
"""Factor on logits while training: hours are mostly one thing or away."""


class Generator(nn.Module):
    """Noise (n, 304) and condition (n, 87) to minutes by group (n, 24, 8) and visits (n, 24).

    The first 64 numbers of the noise make the day; the rest is each hour's own: an hour is logistic-normal (Aitchison 1982)
    around what the day makes of it, because which minutes of an hour go where is mostly chance."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        cells, width = 24 * (config.groups + 1), config.width
        sizes = [config.day_noise + config.condition] + [width] * config.depth
        self.body = nn.Sequential(*(
            layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.LeakyReLU(0.2))
        ))
        self.hours = nn.Linear(width, cells)
        self.spread = nn.Linear(width, cells)
        self.visits = nn.Linear(width, 24)
        self.visits_spread = nn.Linear(width, 24)
        # How sharp hours are and how much of an hour is chance: set after training, on real training days.
        self.register_buffer("sharp", torch.tensor(SHARP))
        self.register_buffer("chance", torch.tensor(1.0))

    sharp: Tensor
    chance: Tensor

    def forward(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        groups = self.config.groups + 1
        day, hourly, visiting = torch.split(noise, [self.config.day_noise, 24 * groups, 24], dim=1)
        hidden = self.body(torch.cat([day, condition], dim=1))
        logits = self.sharp * (self.hours(hidden) + fn.softplus(self.spread(hidden)) * hourly * self.chance)
        minutes = 60 * torch.softmax(logits.reshape(-1, 24, groups), dim=2)[:, :, : groups - 1]
        rate = fn.softplus(self.visits(hidden) + fn.softplus(self.visits_spread(hidden)) * visiting * self.chance)
        return minutes, minutes.sum(dim=2) * rate  # visits: so many a minute

    def begin_at(self, share: Tensor, rate: float) -> None:
        """Set the biases so that the first days made have the mean composition `share` (24, 9) and visits a minute."""
        with torch.no_grad():
            for layer in (self.hours, self.spread, self.visits, self.visits_spread):
                layer.weight.mul_(0.3)
            self.hours.bias.copy_(torch.log(share.clamp_min(1e-3)).flatten() / SHARP)
            self.spread.bias.fill_(-0.5)
            self.visits.bias.fill_(math.log(math.expm1(rate)))
            self.visits_spread.bias.fill_(-1.0)


class Critic(nn.Module):
    """Days and their condition to one figure each: higher for real ones."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.groups = config.groups
        sizes = [2 * 24 * (config.groups + 1) + config.groups + config.condition] + [config.critic_width] * config.critic_depth
        self.body = nn.Sequential(*(
            layer for a, b in itertools.pairwise(sizes)
            for layer in (nn.Linear(a, b), nn.LayerNorm(b), nn.LeakyReLU(0.2))
        ))
        self.out = nn.Linear(config.critic_width, 1)

    def forward(self, day: Tensor, condition: Tensor) -> Tensor:
        """`day` (n, 216): `flat`. It is read twice, the second time by logarithm: whether an hour has two minutes of something
        or none tells more than whether it has 40 or 42."""
        totals = day.reshape(-1, 24, self.groups + 1)[:, :, : self.groups].sum(dim=1) / 4
        logarithm = torch.log1p(20 * day.clamp_min(0.0)) / 3
        figure: Tensor = self.out(self.body(torch.cat([day, logarithm, totals, condition], dim=1))).squeeze(1)
        return figure


def flat(minutes: Tensor, visits: Tensor) -> Tensor:
    """(n, 216) in hours: what the critic looks at."""
    return torch.cat([minutes, visits.unsqueeze(2)], dim=2).flatten(1) / 60


def whole(minutes: Tensor, visits: Tensor) -> tuple[Tensor, Tensor]:
    """Rounded to whole minutes and visits, as real days are given, with the gradient of what was rounded."""
    return minutes + (minutes.round() - minutes).detach(), visits + (visits.round() - visits).detach()


def penalty(critic: Critic, real: Tensor, made: Tensor, condition: Tensor) -> Tensor:
    """Mean of (|gradient| - 1)^2 at random points between real and made days."""
    share = torch.rand(len(real), 1, device=real.device)
    between = (share * real + (1 - share) * made).requires_grad_(True)
    slope = torch.autograd.grad(critic(between, condition).sum(), between, create_graph=True)[0]
    square: Tensor = (slope.norm(dim=1) - 1) ** 2
    return square.mean()


def critic_loss(critic: Critic, real: Tensor, made: Tensor, condition: Tensor, weight: float) -> Tensor:
    """Wasserstein loss with gradient penalty; `real` and `made` (n, 216)."""
    both: Tensor = critic(torch.cat([real, made]), torch.cat([condition, condition]))
    return both[len(real):].mean() - both[: len(real)].mean() + weight * penalty(critic, real, made, condition)


def missed(minutes: Tensor, target_min: Tensor, asked: Tensor) -> Tensor:
    """(n,) hours by which days miss the asked minutes of groups: `target_min` and `asked` (n, 8)."""
    return ((minutes.sum(dim=1) - target_min).abs() * asked).sum(dim=1) / 60
