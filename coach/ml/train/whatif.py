"""Training of the what-if generator: WGAN-GP with five critic steps to one, goals by hindsight, averaged weights.

Each real day is an example of a goal that was met: what it had more or less of than the person's days before. Goals that
nobody met are trained by the constraint alone."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from torch import Tensor

from coach.ml.features import daymap
from coach.ml.features import whatif as features
from coach.ml.features.whatif import Array, Days, Ints
from coach.ml.nets import whatif as nets
from coach.ml.nets.whatif import Config, Critic, Generator
from coach.ml.train import export

Progress = Callable[[float, str], None]

CRITIC_STEPS = 5
AVERAGED = 0.998
"""Weight of what was averaged before, a step (Yazıcı et al. 2019)."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`steps` of the generator; each has five of the critic. `rate` falls to a tenth."""

    steps: int = 10_500
    batch: int = 512
    rate: float = 4e-4
    imagined: float = 0.25
    """So many goals are made up, as a share of a batch."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Examples: `history` (m, 64), `weekday` (m,), `usual_min` (m, 8), `day` (m,) the row of a day; `minutes` (n, 24, 8) and
    `visits` (n, 24) of all days."""

    history: Array
    weekday: Ints
    usual_min: Array
    day: Ints
    minutes: Array
    visits: Array


@dataclass(frozen=True, slots=True)
class Pair:
    generator: Generator
    critic: Critic


def pool(people: Sequence[Days], typical: Array, draws: int, seed: int) -> Pool:
    """Every day of every person `draws` times, each with a history of 0 to 90 days that ended up to a week before it."""
    rng = np.random.default_rng(seed)
    sums, rows, offset = [], [], 0
    for days in people:
        so_far = np.concatenate([np.zeros((1, features.INGREDIENTS)), np.cumsum(features.ingredients(days), axis=0)])
        row = np.tile(np.arange(len(days)), draws)
        length = np.rint(np.exp(rng.uniform(np.log(3), np.log(features.MOST_DAYS), len(row)))).astype(np.int64)
        end = np.maximum(row - rng.integers(0, 8, len(row)), 0)
        start = np.where(rng.random(len(row)) < 0.05, end, np.maximum(end - length, 0))
        sums.append(so_far[end] - so_far[start])
        rows.append(row + offset)
        offset += len(days)
    history, day = features.summary(np.concatenate(sums), typical), np.concatenate(rows)
    weekday = np.concatenate([days.weekday for days in people])[day]
    minutes = features.whole_minutes(np.concatenate([days.minutes for days in people]))
    visits = np.rint(np.concatenate([days.visits for days in people]))
    return Pool(history, weekday, features.usual_min(history, weekday), day, minutes, visits)


def pretrain(examples: Pool, schedule: Schedule, seed: int, device: str, progress: Progress) -> Pair:
    """A generator and a critic from nothing. Deterministic by seed on the CPU."""
    _settle(seed)
    config = Config()
    pair = Pair(Generator(config).to(device), Critic(config).to(device))
    away = 60 - examples.minutes.sum(axis=2, keepdims=True)
    share = np.concatenate([examples.minutes, away], axis=2).mean(axis=0) / 60
    rate = float(examples.visits.sum() / max(1.0, examples.minutes.sum()))
    pair.generator.begin_at(_tensor(share, device), max(rate, 1e-3))
    return _train(pair, examples, schedule, device, progress)


def calibrate(pair: Pair, examples: Pool, seed: int = 0, most: int = 3000) -> tuple[float, float, float]:
    """Choose the generator's `sharp` and `chance` so that its days lie nearest to real ones on the map of days; returns both
    and that distance. Averaged weights make hours a little duller than those the critic saw."""
    rows = np.random.default_rng(seed).permutation(len(examples.day))[:most]
    real = examples.minutes[examples.day[rows]], examples.visits[examples.day[rows]]
    scale = daymap.scale(daymap.figures(*real))
    about, weekday = examples.history[rows], examples.weekday[rows]
    nothing = np.zeros((len(rows), len(features.GROUPS)))
    told = _tensor(features.condition(about, weekday, nothing, nothing), "cpu")
    generator = pair.generator.cpu().eval()
    noise = torch.randn(len(rows), generator.config.noise, generator=torch.Generator().manual_seed(seed))
    tried: list[tuple[float, float, float]] = []
    for sharp, chance in itertools.product((2.0, 2.2, 2.4), (1.0, 1.2, 1.4)):
        generator.sharp.fill_(sharp)
        generator.chance.fill_(chance)
        with torch.no_grad():
            minutes, visits = (x.double().numpy() for x in generator(noise, told))
        made = daymap.figures(features.whole_minutes(minutes), np.rint(visits))
        distance = daymap.frechet(daymap.standard(daymap.figures(*real), scale), daymap.standard(made, scale))
        tried.append((distance, sharp, chance))
    distance, sharp, chance = min(tried)
    generator.sharp.fill_(sharp)
    generator.chance.fill_(chance)
    return sharp, chance, distance


def tune(
    pair: Pair, own: Pool, schedule: Schedule, seed: int, progress: Progress, *, head_only: bool = False,
) -> Pair:
    """Both nets some steps on: on a person's own days, lightly."""
    _settle(seed)
    if head_only:
        for parameter in pair.generator.body.parameters():
            parameter.requires_grad_(False)
    made = _train(pair, own, schedule, "cpu", progress)
    for parameter in made.generator.parameters():
        parameter.requires_grad_(True)
    return made


def to_bytes(pair: Pair) -> tuple[bytes, bytes]:
    """(ONNX to serve, safetensors in half precision to go on training from)."""
    generator = copy.deepcopy(pair.generator).cpu().eval()
    config = generator.config
    examples = {"noise": torch.zeros(2, config.noise), "condition": torch.zeros(2, config.condition)}
    onnx = export.to_onnx(generator, examples, ["minutes", "visits"], {"noise": {0: "days"}, "condition": {0: "days"}})
    both = torch.nn.ModuleDict({"generator": generator, "critic": copy.deepcopy(pair.critic).cpu()}).half()
    return export.halved(onnx), export.to_safetensors(both, asdict(config))


def from_bytes(weights: bytes) -> Pair:
    """Raises ModelBroken where the bytes are no safetensors, or not of these nets."""
    from coach.core.errors import ModelBroken

    state, about = export.from_safetensors(weights)
    try:
        config = Config(**about)
        both = torch.nn.ModuleDict({"generator": Generator(config), "critic": Critic(config)})
        both.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    except (RuntimeError, TypeError) as error:
        raise ModelBroken("the stored weights are not those of a what-if", "training starts from the shipped ones") from error
    generator, critic = both["generator"], both["critic"]
    assert isinstance(generator, Generator)
    assert isinstance(critic, Critic)
    return Pair(generator, critic)


def _train(pair: Pair, examples: Pool, schedule: Schedule, device: str, progress: Progress) -> Pair:
    generator, critic = pair.generator.train(), pair.critic.train()
    average, data = copy.deepcopy(generator), _Tensors(examples, device)
    rate, weight, missed = (torch.zeros((), device=device) for _ in range(3))
    rate.fill_(schedule.rate)
    weight.fill_(1.0)
    optimisers = [
        torch.optim.Adam(
            [p for p in net.parameters() if p.requires_grad], rate, betas=(0.0, 0.9), capturable=device == "cuda",
            foreach=device == "cuda",
        )
        for net in (generator, critic)
    ]

    def step() -> None:
        for _ in range(CRITIC_STEPS):
            told, real, _, _ = data.batch(schedule.batch)
            with torch.no_grad():
                made = _day(generator, told)[1]
            _descend(optimisers[1], nets.critic_loss(critic, real, made, told, generator.config.penalty))
        told, _, target, asked = data.batch(schedule.batch)
        minutes, made = _day(generator, told)
        judged, verdict = nets.missed(minutes, target, asked).mean(), -critic(made, told).mean()
        told, target, asked = data.imagined(int(schedule.batch * schedule.imagined))
        wished = nets.missed(_day(generator, told)[0], target, asked).mean()
        _descend(optimisers[0], verdict + generator.config.constraint * (judged + schedule.imagined * wished))
        with torch.no_grad():
            for mean, now in zip(average.parameters(), generator.parameters(), strict=True):
                mean.lerp_(now, weight)
            missed.copy_(60 * judged)

    take = _captured(step) if device == "cuda" else step
    for number in range(schedule.steps):
        rate.fill_(schedule.rate * (1 - 0.9 * number / schedule.steps))
        weight.fill_(max(1 - AVERAGED, 1 / (number + 2)))
        take()
        if number % 100 == 0:
            progress(number / schedule.steps, f"step {number} of {schedule.steps}, goals missed by {missed.item():.0f} min")
    return replace(pair, generator=average)


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()


def _captured(step: Callable[[], None]) -> Callable[[], None]:
    """The step as one CUDA graph: a thousand small kernels cost more to start than to run."""
    aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def _day(generator: Generator, told: Tensor) -> tuple[Tensor, Tensor]:
    """Minutes (n, 24, 8) with their gradient, and the day in whole minutes as the critic reads it (n, 216)."""
    minutes, visits = generator(torch.randn(len(told), generator.config.noise, device=told.device), told)
    return minutes, nets.flat(*nets.whole(minutes, visits))


class _Tensors:
    """The pool on a device, and random batches of it."""

    def __init__(self, examples: Pool, device: str) -> None:
        self.device = device
        self.about = torch.cat([_tensor(examples.history, device), _tensor(np.eye(7)[examples.weekday], device)], dim=1)
        self.usual = _tensor(examples.usual_min, device)
        self.row = torch.as_tensor(examples.day, device=device)
        minutes = _tensor(examples.minutes, device)
        self.days = nets.flat(minutes, _tensor(examples.visits, device))
        self.totals = minutes.sum(dim=1)
        self.single = torch.eye(8, device=device)

    def batch(self, size: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(condition, real days, their minutes by group, asked groups)."""
        at = torch.randint(0, len(self.row), (size,), device=self.device)
        row, asked = self.row[at], self.asked(size)
        return self._told(at, self.totals[row], asked), self.days[row], self.totals[row], asked

    def imagined(self, size: int) -> tuple[Tensor, Tensor, Tensor]:
        """(condition, target, asked): up to an hour and a half more or less of one group than the real day has."""
        at = torch.randint(0, len(self.row), (size,), device=self.device)
        asked = self._one(size)
        moved = self.totals[self.row[at]] + asked * (torch.rand(size, 1, device=self.device) * 180 - 90)
        target = moved.clamp(min=0.0)
        return self._told(at, target, asked), target, asked

    def asked(self, size: int) -> Tensor:
        """(size, 8): no goal in a quarter, one group in half, any in the rest."""
        kind = torch.rand(size, 1, device=self.device)
        several = (torch.rand(size, 8, device=self.device) < 0.35).float()
        return torch.where(kind < 0.25, torch.zeros_like(several), torch.where(kind < 0.7, self._one(size), several))

    def _one(self, size: int) -> Tensor:
        return self.single[torch.randint(0, 8, (size,), device=self.device)]

    def _told(self, at: Tensor, target: Tensor, asked: Tensor) -> Tensor:
        return torch.cat([self.about[at], (target - self.usual[at]) * asked / 60, asked], dim=1)


def _settle(seed: int) -> None:
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)


def _tensor(values: Array, device: str) -> Tensor:
    return torch.as_tensor(np.asarray(values, dtype=np.float32), device=device)
