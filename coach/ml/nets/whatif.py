"""Conditional WGAN-GP over days (Gulrajani et al. 2017): 24 hours by eight groups of categories and "away", and visits.

The generator edits a real day, its reference: how an hour is filled, empty hours and what goes with what are taken from life,
and what the net adds is a change of each hour's composition in log-ratio space (Aitchison 1982). The critic has no batch norm,
because the gradient penalty is per example; it has layer norm.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as fn

USED = 60
"""Where in the history summary the visits a minute are (`features.whatif.summary`)."""
TRACE, UNUSED = 0.1, 0.001
"""Minutes that a group which an hour has nothing of counts as, where the hour has other things and where it has none: a change
can bring it in, and without one it rounds to none."""


@dataclass(frozen=True, slots=True)
class Config:
    noise: int = 64
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


class Generator(nn.Module):
    """Noise (n, 64), condition (n, 87) and reference (n, 24, 9: minutes by group, visits) to minutes by group (n, 24, 8) and
    visits (n, 24). Untrained it gives the reference with the asked groups in proportion to their goal."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        cells, width = 24 * (config.groups + 1), config.width
        sizes = [config.noise + config.condition + cells + config.groups] + [width] * config.depth
        self.body = nn.Sequential(*(
            layer for a, b in itertools.pairwise(sizes) for layer in (nn.Linear(a, b), nn.LeakyReLU(0.2))
        ))
        self.hours = nn.Linear(width, cells)
        self.visits = nn.Linear(width, 24)
        for layer in (self.hours, self.visits):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, noise: Tensor, condition: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
        groups = self.config.groups
        own, begun = reference[:, :, :groups], reference[:, :, groups]
        active = own.sum(dim=2)
        lean = self._lean(condition, own.sum(dim=1))
        seen = torch.log1p(reference.flatten(1) / 3) / 3
        hidden = self.body(torch.cat([noise, condition, seen, lean], dim=1))
        cells = torch.cat([own, (60 - active).clamp_min(0.0).unsqueeze(2)], dim=2)
        trace = torch.where(active >= 1, TRACE, UNUSED).unsqueeze(2)
        change = self.hours(hidden).reshape(-1, 24, groups + 1) + fn.pad(lean, (0, 1)).unsqueeze(1)
        minutes = 60 * torch.softmax(torch.log(cells + trace) + change, dim=2)[:, :, :groups]
        pace = torch.where(active >= 1, begun / active.clamp_min(1.0), condition[:, USED : USED + 1])
        return minutes, minutes.sum(dim=2) * pace * torch.exp(self.visits(hidden))

    def _lean(self, condition: Tensor, total_min: Tensor) -> Tensor:
        """(n, 8) logarithm of what the asked groups should take over what the reference has."""
        groups = self.config.groups
        history, told = condition[:, : 2 * groups], condition[:, -2 * groups - 7 :]
        weekend = told[:, 5:7].sum(dim=1, keepdim=True)
        usual = history[:, :groups] * (1 - weekend) + history[:, groups:] * weekend
        goal, asked = told[:, 7 : 7 + groups], told[:, 7 + groups :]
        target_min = 60 * (usual + goal).clamp_min(0.0)
        return asked * torch.log((target_min + 1) / (total_min + 1))


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


def moved(minutes: Tensor, reference: Tensor, asked: Tensor) -> Tensor:
    """(n,) hours by which days differ from their reference (n, 24, 9) in the groups that are not asked (n, 8)."""
    apart = (minutes - reference[:, :, : minutes.shape[2]]).abs().sum(dim=1)
    return (apart * (1 - asked)).sum(dim=1) / 60
