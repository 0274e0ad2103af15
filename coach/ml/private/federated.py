"""Federated pretraining of the focus net with Flower's simulation: each simulated person is a client, hours never leave it, and
the server averages updates (FedAvg, McMahan et al. 2017), with or without client-level noise (McMahan et al. 2018)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from coach.ml.nets.focus import Focus
from coach.ml.private.people import Errors, Windows, errors, forecast, loss, untrained
from coach.ml.train.focus import Packed

CLIP = 0.5
"""Largest norm of a client's update in a private run."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """`noise` is the multiplier of the clipping norm; 0 averages plainly."""

    rounds: int = 20
    clients: int = 20
    """People of each round."""
    steps: int = 12
    rate: float = 2e-3
    noise: float = 0.0
    delta: float = 1e-3


@dataclass(frozen=True, slots=True)
class Averaged:
    epsilon: float | None
    errors: Errors


def train(
    data: Packed, train_people: Sequence[int], test_people: Sequence[int], plan: Rounds, seed: int,
    progress: Callable[[str], None],
) -> Averaged:
    """The averaged net's errors on unseen people; epsilon by Opacus' accountant where there is noise."""
    from flwr.client import ClientApp, NumPyClient
    from flwr.common import Context, ndarrays_to_parameters
    from flwr.server import ServerApp, ServerAppComponents, ServerConfig
    from flwr.server.strategy import DifferentialPrivacyServerSideFixedClipping, FedAvg
    from flwr.simulation import run_simulation

    logging.getLogger("flwr").setLevel(logging.ERROR)
    kept: list[list[NDArray[Any]]] = []

    class Person(NumPyClient):  # type: ignore[misc]
        """One client: trains on one person's hours."""

        def __init__(self, number: int) -> None:
            self.person = train_people[number]

        def fit(self, parameters: list[NDArray[Any]], config: dict[str, Any]) -> tuple[list[NDArray[Any]], int, dict[str, Any]]:
            net = _loaded(parameters, seed)
            _local(net, data, self.person, plan, seed + int(config["round"]))
            return _weights(net), 1, {}

    def client(context: Context) -> Any:
        return Person(int(context.node_config["partition-id"])).to_client()

    def told(number: int) -> dict[str, Any]:
        return {"round": number}

    def judge(number: int, parameters: list[NDArray[Any]], config: dict[str, Any]) -> tuple[float, dict[str, Any]]:
        kept[:] = [parameters]
        if number % 5 == 0:
            progress(f"round {number} of {plan.rounds}")
        return 0.0, {}

    def server(context: Context) -> ServerAppComponents:
        strategy: Any = FedAvg(
            fraction_fit=plan.clients / len(train_people), min_fit_clients=plan.clients, fraction_evaluate=0.0,
            min_available_clients=len(train_people), on_fit_config_fn=told, evaluate_fn=judge,
            initial_parameters=ndarrays_to_parameters(_weights(untrained(seed))),
        )
        if plan.noise:
            strategy = DifferentialPrivacyServerSideFixedClipping(strategy, plan.noise, CLIP, plan.clients)
        return ServerAppComponents(strategy=strategy, config=ServerConfig(num_rounds=plan.rounds))

    run_simulation(
        server_app=ServerApp(server_fn=server), client_app=ClientApp(client_fn=client), num_supernodes=len(train_people),
        backend_config={"client_resources": {"num_cpus": 1}},
    )
    return Averaged(_epsilon(plan, len(train_people)), errors(_loaded(kept[0], seed), data, test_people))


def pooled(
    data: Packed, train_people: Sequence[int], test_people: Sequence[int], plan: Rounds, seed: int,
) -> Errors:
    """What as many steps on everybody's hours in one place bring: the ceiling of the federated run."""
    net = untrained(seed)
    optimiser = torch.optim.Adam(net.parameters(), lr=plan.rate)
    windows, rng = Windows(data, train_people, seed), np.random.default_rng(seed)
    net.train()
    for _ in range(plan.rounds * plan.steps):
        _step(net, optimiser, windows, rng.choice(len(train_people), min(plan.clients, len(train_people)), replace=False))
    return errors(net, data, test_people)


def _local(net: Focus, data: Packed, person: int, plan: Rounds, seed: int) -> None:
    optimiser = torch.optim.SGD(net.parameters(), lr=plan.rate * 5, momentum=0.9)
    windows = Windows(data, [person], seed)
    net.train()
    for _ in range(plan.steps):
        _step(net, optimiser, windows, np.zeros(8, dtype=np.int64))


def _step(net: Focus, optimiser: torch.optim.Optimizer, windows: Windows, which: NDArray[np.int64]) -> None:
    history, future, score = (torch.stack(x) for x in zip(*(windows[int(i)] for i in which), strict=True))
    optimiser.zero_grad()
    loss(forecast(net, history, future), score).backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimiser.step()


def _epsilon(plan: Rounds, people: int) -> float | None:
    if not plan.noise:
        return None
    from opacus.accountants import RDPAccountant

    accountant = RDPAccountant()
    for _ in range(plan.rounds):
        accountant.step(noise_multiplier=plan.noise, sample_rate=plan.clients / people)
    return float(accountant.get_epsilon(plan.delta))


def _weights(net: Focus) -> list[NDArray[Any]]:
    return [p.detach().numpy().copy() for p in net.parameters()]


def _loaded(weights: Sequence[NDArray[Any]], seed: int) -> Focus:
    net = untrained(seed)
    with torch.no_grad():
        for own, given in zip(net.parameters(), weights, strict=True):
            own.copy_(torch.from_numpy(np.asarray(given)))
    return net


