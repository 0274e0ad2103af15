"""Differentially private pretraining of the focus net: DP-SGD (Abadi et al. 2016) by Opacus with the person as the unit.

A step draws each person with probability q (Poisson), takes one forecast of each, clips each person's gradient to norm 1 and adds
Gaussian noise; the accountant (RDP, or PRV where asked for) adds up what all steps reveal. Adding or removing one person changes
the distribution of the weights by at most a factor e^epsilon, but for delta."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch.utils.data import DataLoader

from coach.ml.private.people import Errors, Windows, errors, forecast, loss, untrained
from coach.ml.train.focus import Packed

CLIP = 1.0


@dataclass(frozen=True, slots=True)
class Budget:
    """`epsilon` None trains without noise and without clipping, for comparison."""

    epsilon: float | None
    delta: float
    steps: int
    batch: int = 64
    rate: float = 3e-3


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run cost and brought. `noise` is the multiplier of the clipping norm, `epsilon` what the accountant counted."""

    asked: float | None
    epsilon: float | None
    delta: float
    noise: float
    errors: Errors


def train(
    data: Packed, train_people: Sequence[int], test_people: Sequence[int], budget: Budget, seed: int,
    progress: Callable[[str], None],
) -> Spent:
    """One point of the curve of utility against epsilon."""
    from opacus import PrivacyEngine
    from opacus.accountants.utils import get_noise_multiplier
    from opacus.validators import ModuleValidator

    warnings.filterwarnings("ignore", module=r"opacus|torch")
    net = ModuleValidator.fix(untrained(seed))  # nn.LSTM to DPLSTM, which knows each person's gradient
    loader = DataLoader(Windows(data, train_people, seed), batch_size=budget.batch, drop_last=False)
    optimiser = torch.optim.Adam(net.parameters(), lr=budget.rate)
    rate = budget.batch / len(train_people)
    engine, noise = PrivacyEngine(accountant="rdp"), 0.0
    if budget.epsilon is not None:
        noise = get_noise_multiplier(
            target_epsilon=budget.epsilon, target_delta=budget.delta, sample_rate=rate, steps=budget.steps, accountant="rdp")
    generator = torch.Generator().manual_seed(seed)
    net, optimiser, loader = engine.make_private(
        module=net, optimizer=optimiser, data_loader=loader, noise_multiplier=noise,
        max_grad_norm=CLIP if budget.epsilon is not None else 1e6, poisson_sampling=True, noise_generator=generator,
    )
    done = 0
    net.train()
    while done < budget.steps:
        for history, future, score in loader:
            if done >= budget.steps:
                break
            done += 1
            optimiser.zero_grad()
            if len(score):  # a Poisson draw may be empty: the step still counts
                loss(forecast(net, history, future), score).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
        progress(f"epsilon {budget.epsilon}: {done} of {budget.steps} steps")
    counted = engine.get_epsilon(budget.delta) if budget.epsilon is not None else None
    return Spent(budget.epsilon, counted, budget.delta, float(noise), errors(net, data, test_people))
