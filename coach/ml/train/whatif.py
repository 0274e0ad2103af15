"""Training of the what-if generator: WGAN-GP with five critic steps to one, goals by hindsight, averaged weights, and of what
training passes through the generator that days held out speak for.

Each real day is an example of a goal that was met: what it had more or less of than the person's days before. It is told from
another of those days, the reference, which the critic does not see: that one is an earlier day made into this one is nothing
to be told apart by. Goals that nobody met are trained by the constraint alone."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import torch
from torch import Tensor

from coach.ml import serving
from coach.ml.features import reference
from coach.ml.features import whatif as features
from coach.ml.features.whatif import Array, Days, Ints
from coach.ml.nets import whatif as nets
from coach.ml.nets.whatif import Config, Critic, Generator
from coach.ml.train import export

Progress = Callable[[float, str], None]
Judge = Callable[[serving.Net], float]

CRITIC_STEPS = 5
AVERAGED = 0.998
"""Weight of what was averaged before, a step (Yazıcı et al. 2019)."""
AHEAD = 40
"""A history ends up to so many days before its example."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`steps` of the generator; each has five of the critic. `rate` falls to a tenth."""

    steps: int = 400
    batch: int = 256
    rate: float = 2e-4
    imagined: float = 0.25
    """So many goals are made up, as a share of a batch."""
    edit: float = 0.05
    """Weight of an hour that an edit moves between groups that nothing was asked of."""
    judged: int = 100
    """The generator is judged after every so many steps."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Examples: `history` (m, 64), `weekday` (m,), `usual_min` (m, 8), `day` (m,) the row of a day, `first` and `last` (m,) the
    rows from and before which a reference is drawn; `minutes` (n, 24, 8), `visits` (n, 24) and `workday` (n,) of all days."""

    history: Array
    weekday: Ints
    usual_min: Array
    day: Ints
    first: Ints
    last: Ints
    minutes: Array
    visits: Array
    workday: Ints


@dataclass(frozen=True, slots=True)
class Pair:
    generator: Generator
    critic: Critic


def pool(people: Sequence[Days], typical: Array, draws: int, seed: int) -> Pool:
    """Every day of every person `draws` times, each with a history of 0 to 90 days that ended up to AHEAD days before it."""
    rng = np.random.default_rng(seed)
    sums, rows, firsts, lasts, offset = [], [], [], [], 0
    for days in people:
        so_far = np.concatenate([np.zeros((1, features.INGREDIENTS)), np.cumsum(features.ingredients(days), axis=0)])
        row = np.tile(np.arange(len(days)), draws)
        length = np.rint(np.exp(rng.uniform(np.log(3), np.log(features.MOST_DAYS), len(row)))).astype(np.int64)
        end = np.maximum(row - rng.integers(0, AHEAD, len(row)), 0)
        start = np.where(rng.random(len(row)) < 0.05, end, np.maximum(end - length, 0))
        sums.append(so_far[end] - so_far[start])
        rows.append(row + offset)
        firsts.append(start + offset)
        lasts.append(end + offset)
        offset += len(days)
    history, day = features.summary(np.concatenate(sums), typical), np.concatenate(rows)
    weekdays = np.concatenate([days.weekday for days in people])
    minutes = features.whole_minutes(np.concatenate([days.minutes for days in people]))
    visits = np.rint(np.concatenate([days.visits for days in people]))
    return Pool(
        history, weekdays[day], features.usual_min(history, weekdays[day]), day, np.concatenate(firsts), np.concatenate(lasts),
        minutes, visits, (weekdays < 5).astype(np.int64),
    )


def pretrain(examples: Pool, schedule: Schedule, seed: int, device: str, progress: Progress, judge: Judge) -> Pair:
    """A generator and a critic from nothing; of the generators passed the one that `judge` gives least. Deterministic by seed on
    the CPU."""
    _settle(seed)
    config = Config()
    return _train(Pair(Generator(config).to(device), Critic(config).to(device)), examples, schedule, device, progress, judge)


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
    given = {
        "noise": torch.zeros(2, config.noise), "condition": torch.zeros(2, config.condition),
        "reference": torch.zeros(2, 24, config.groups + 1),
    }
    onnx = export.to_onnx(generator, given, ["minutes", "visits"], {name: {0: "days"} for name in given})
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


def as_net(generator: Generator) -> serving.Net:
    """A generator behind the interface of serving, to be judged while it trains."""
    return serving.Net(_Session(copy.deepcopy(generator).cpu().eval()), "the generator", ("noise", "condition", "reference"),
                       ("minutes", "visits"), {}, 0)


class _Session:
    def __init__(self, generator: Generator) -> None:
        self.generator = generator

    def run(self, names: Sequence[str], fed: dict[str, Array]) -> list[Array]:
        """As ONNX Runtime's own."""
        with torch.no_grad():
            made = self.generator(*(torch.from_numpy(fed[name]) for name in ("noise", "condition", "reference")))
        return [x.numpy() for x in made]


def _train(
    pair: Pair, examples: Pool, schedule: Schedule, device: str, progress: Progress, judge: Judge | None = None,
) -> Pair:
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
            given = data.batch(schedule.batch)
            with torch.no_grad():
                made = nets.flat(*_day(generator, given))
            _descend(optimisers[1], nets.critic_loss(critic, given.real, made, given.told, generator.config.penalty))
        given = data.batch(schedule.batch)
        day = _day(generator, given)
        judged, moved = nets.missed(day[0], given.target, given.asked).mean(), nets.moved(day[0], given.reference, given.asked)
        verdict = schedule.edit * moved.mean() - critic(nets.flat(*day), given.told).mean()
        given = data.imagined(int(schedule.batch * schedule.imagined))
        wished = nets.missed(_day(generator, given)[0], given.target, given.asked).mean()
        _descend(optimisers[0], verdict + generator.config.constraint * (judged + schedule.imagined * wished))
        with torch.no_grad():
            for mean, now in zip(average.parameters(), generator.parameters(), strict=True):
                mean.lerp_(now, weight)
            missed.copy_(60 * judged)

    take = _captured(step) if device == "cuda" else step
    best: tuple[float, Generator] | None = None
    for number in range(schedule.steps):
        rate.fill_(schedule.rate * (1 - 0.9 * number / schedule.steps))
        weight.fill_(max(1 - AVERAGED, 1 / (number + 2)))
        take()
        if number % 100 == 0:
            progress(number / schedule.steps, f"step {number} of {schedule.steps}, goals missed by {missed.item():.0f} min")
        if judge and (number + 1) % schedule.judged == 0:
            found = judge(as_net(average))
            progress(number / schedule.steps, f"step {number + 1}: {found:.3f} on days held out")
            if best is None or found < best[0]:
                best = found, copy.deepcopy(average)
    return replace(pair, generator=best[1] if best else average)


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


def _day(generator: Generator, given: Batch) -> tuple[Tensor, Tensor]:
    """Days in whole minutes (n, 24, 8) and visits (n, 24), as a critic and a goal see them, with the gradient of what was
    rounded."""
    noise = torch.randn(len(given.told), generator.config.noise, device=given.told.device)
    return nets.whole(*generator(noise, given.told, given.reference))


@dataclass(frozen=True, slots=True)
class Batch:
    """`told` (n, 87) the condition, `reference` (n, 24, 9), `real` (n, 216) days, `target` (n, 8) minutes, `asked` (n, 8)."""

    told: Tensor
    reference: Tensor
    real: Tensor
    target: Tensor
    asked: Tensor


class _Tensors:
    """The pool on a device, and random batches of it."""

    def __init__(self, examples: Pool, device: str) -> None:
        self.device = device
        self.about = torch.cat([_tensor(examples.history, device), _tensor(np.eye(7)[examples.weekday], device)], dim=1)
        self.usual = _tensor(examples.usual_min, device)
        self.row, self.first, self.last, self.workday = (
            torch.as_tensor(x, device=device) for x in (examples.day, examples.first, examples.last, examples.workday))
        minutes, visits = _tensor(examples.minutes, device), _tensor(examples.visits, device)
        self.days, self.whole = nets.flat(minutes, visits), torch.cat([minutes, visits.unsqueeze(2)], dim=2)
        self.totals = minutes.sum(dim=1)
        self.single = torch.eye(8, device=device)
        # Rows of weekends, then of workdays: where everyone's days of a kind are drawn from.
        self.by_kind = torch.argsort(self.workday, stable=True)
        self.weekends = int((self.workday == 0).sum())

    def batch(self, size: int) -> Batch:
        """Real days and what their asked groups took."""
        at = torch.randint(0, len(self.row), (size,), device=self.device)
        return self._given(at, self.totals[self.row[at]], self._asked(size))

    def imagined(self, size: int) -> Batch:
        """Up to an hour and a half more or less of one group than the real day has."""
        at = torch.randint(0, len(self.row), (size,), device=self.device)
        asked = self._one(size)
        moved = self.totals[self.row[at]] + asked * (torch.rand(size, 1, device=self.device) * 180 - 90)
        return self._given(at, moved.clamp(min=0.0), asked)

    def _given(self, at: Tensor, target: Tensor, asked: Tensor) -> Batch:
        told = torch.cat([self.about[at], (target - self.usual[at]) * asked / 60, asked], dim=1)
        return Batch(told, self.whole[self._reference(at, target, asked)], self.days[self.row[at]], target, asked)

    def _reference(self, at: Tensor, target: Tensor, asked: Tensor) -> Tensor:
        """(n,) rows chosen as `coach.ml.features.reference` does."""
        size, recent = len(at), reference.RECENT
        workday = self.workday[self.row[at]].unsqueeze(1)
        own = self.last[at].unsqueeze(1) - 1 - torch.arange(recent, device=self.device)
        there = own >= self.first[at].unsqueeze(1)
        own = own.clamp_min(0)
        there &= self.workday[own] == workday
        count = there.sum(dim=1, keepdim=True)
        few = count < reference.LEAST
        among = torch.where(few & ~there, self._anyone(workday, recent), own)
        apart = ((self.totals[among] - target.unsqueeze(1)).abs() * asked.unsqueeze(1)).sum(dim=2)
        apart = apart + torch.rand(size, recent, device=self.device) + 1e6 * ~(there | few)
        wide = torch.where(asked.any(dim=1), reference.NEAREST, torch.where(few, recent, count).squeeze(1))
        pick = torch.minimum((torch.rand(size, device=self.device) * wide).long(), wide - 1).unsqueeze(1)
        return among.gather(1, torch.argsort(apart, dim=1).gather(1, pick)).squeeze(1)

    def _anyone(self, workday: Tensor, count: int) -> Tensor:
        """(n, count) rows of days of that kind, of any where there are none."""
        shape, every = (len(workday), count), len(self.workday)
        weekends = self.weekends if 0 < self.weekends < every else 0
        low, high = workday * weekends, torch.where(workday == 1, every, weekends or every)
        drawn = (low + torch.rand(shape, device=self.device) * (high - low)).long()
        return self.by_kind[torch.minimum(drawn, high - 1)]  # single precision may round up to the end

    def _asked(self, size: int) -> Tensor:
        """(size, 8): no goal in a quarter, one group in half, any in the rest."""
        kind = torch.rand(size, 1, device=self.device)
        several = (torch.rand(size, 8, device=self.device) < 0.35).float()
        return torch.where(kind < 0.25, torch.zeros_like(several), torch.where(kind < 0.7, self._one(size), several))

    def _one(self, size: int) -> Tensor:
        return self.single[torch.randint(0, 8, (size,), device=self.device)]


def _settle(seed: int) -> None:
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)


def _tensor(values: Array, device: str) -> Tensor:
    return torch.as_tensor(np.asarray(values, dtype=np.float32), device=device)
