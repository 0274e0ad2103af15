"""Pretraining for those who pool data: with differential privacy, or without moving anybody's hours. Simulated people stand in;
the curve of utility against epsilon goes into the focus model's card."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.config import shipped
from coach.core.errors import Unavailable

if TYPE_CHECKING:
    from coach.ml.train.focus import Packed

DAYS = 100
EPSILONS = (8.0, 3.0, 1.0)
NOISES = (0.5, 1.0)
TEST_SEED = 1_500_000

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class People:
    """Training people first, then unseen ones."""

    data: Packed
    train: Sequence[int]
    test: Sequence[int]


def differential(people: int, steps: int, seed: int, progress: Progress) -> dict[str, Any]:
    """The curve: errors on unseen people without privacy and at each epsilon, beside the profile. delta is 1 over 10 times the
    people. Raises Unavailable outside the environment of coach/ml/private/requirements.txt."""
    private = _imported("differential", "opacus")
    made = _people(people, seed, progress)
    budget = private.Budget(None, 1 / (10 * people), steps, batch=min(64, people // 4))
    curve = []
    for epsilon in (None, *EPSILONS):
        spent = private.train(made.data, made.train, made.test, replace(budget, epsilon=epsilon), seed, progress)
        curve.append(asdict(spent))
    return {"what": "DP-SGD, unit: person", "people": people, "steps": steps, "seed": seed, "curve": curve}


def federated(people: int, rounds: int, seed: int, progress: Progress) -> dict[str, Any]:
    """Federated averaging without and with client-level noise, beside as many steps on pooled hours. Raises as above."""
    private = _imported("federated", "flwr")
    made = _people(people, seed, progress)
    plan = private.Rounds(rounds=rounds, clients=max(2, people // 10), delta=1 / (10 * people))
    runs = []
    for noise in (0.0, *NOISES):
        averaged = private.train(made.data, made.train, made.test, replace(plan, noise=noise), seed, progress)
        runs.append({"noise": noise, **asdict(averaged)})
    pooled = asdict(private.pooled(made.data, made.train, made.test, plan, seed))
    return {
        "what": "FedAvg, a client per person", "people": people, "rounds": rounds, "seed": seed, "runs": runs, "pooled": pooled,
    }


def publish(found: Mapping[str, Any], name: str, folder: Path | None = None) -> None:
    """Write what a run found into the focus model's card, as `name`."""
    from coach.ml import card

    folder = folder or shipped("models", "focus")
    card.write(folder, {**card.read(folder), name: dict(found)})


def _imported(name: str, library: str) -> Any:
    from importlib import import_module
    from importlib.util import find_spec

    if find_spec(library) is None:
        raise Unavailable(
            f"{library} is not installed here", "make the environment that coach/ml/private/requirements.txt describes")
    return import_module(f"coach.ml.private.{name}")


def _people(count: int, seed: int, progress: Progress) -> People:
    from coach.engine.pretraining.focus_people import people
    from coach.ml.baselines.focus import UNINFORMED
    from coach.ml.train import focus as training

    seeds = [*range(seed, seed + count), *range(TEST_SEED, TEST_SEED + max(10, count // 5))]
    series = [one.series for one in people(seeds, DAYS, "A", progress=progress)]
    # The usual of all people would tell about each of them: the profile starts from nothing here.
    offsets = [0] * len(series)
    data = training.packed([training.arrays(s, UNINFORMED, DAYS, 0) for s in series], offsets)
    progress(f"{count} people to train on, {len(seeds) - count} unseen")
    return People(data, list(range(count)), list(range(count, len(seeds))))
