"""Training of the workflow graph's net on people whose truth is known: hide some of the levels that rules give, and ask for
those and for the unknown places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from coach.ml import card, workflow
from coach.ml.baselines import graph as baselines
from coach.ml.features.graph import FEATURES, Graph, inputs
from coach.ml.nets.graph import Config, GraphNet, loss
from coach.ml.train import export

Progress = Callable[[str], None]
NAMES = workflow.INPUTS


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One person. `text` (N, 384) of every place, `truth` (N,) 1 productive, 0 distracting, NaN not known, `unknown` (N,)
    places that no rule names, `proposed` (N,) a lookup's guess, -1 to 1."""

    graph: Graph
    text: np.ndarray
    truth: np.ndarray
    unknown: np.ndarray
    proposed: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """An example with some levels hidden: arrays without the batch dimension, and which nodes are asked for."""

    arrays: Mapping[str, np.ndarray]
    truth: np.ndarray
    weight: np.ndarray
    fresh: np.ndarray
    """(N,) the places unknown by themselves, not by hiding."""


@dataclass(frozen=True)
class Recipe:
    """`hidden_weight` is what a hidden node counts beside an unknown one; `masks` hidings are drawn of each person."""

    masks: int = 8
    hide_most: float = 0.6
    hidden_weight: float = 0.3
    epochs: int = 40
    patience: int = 6
    batch: int = 32
    rate: float = 2e-3
    decay: float = 1e-3
    held_out: float = 0.15
    text_dropout: float = 0.1


@dataclass(slots=True)
class Trained:
    net: GraphNet
    report: dict[str, Any] = field(default_factory=dict)


def asked(example: Example, rng: np.random.Generator | None, recipe: Recipe = Recipe()) -> Asked:
    """The example as the net sees it; without `rng` nothing is hidden and only the unknown places are asked for."""
    levels = example.graph.levels.copy()
    levels[example.unknown] = np.nan
    judged = np.isfinite(example.truth) & example.graph.places
    weight = (judged & example.unknown).astype(float)
    text = example.text
    if rng is not None:
        hidden = judged & ~example.unknown & (rng.random(len(levels)) < rng.uniform(0, recipe.hide_most))
        levels[hidden] = np.nan
        weight[hidden] = recipe.hidden_weight
        text = np.where(rng.random(len(levels))[:, None] < recipe.text_dropout, 0.0, text)
    arrays = {name: array[0] for name, array in inputs(example.graph, text, levels, example.proposed).items()}
    return Asked(arrays, np.where(judged, example.truth, 0.0), weight, judged & example.unknown)


def train(
    people: Sequence[Example], seed: int = 0, device: str = "cpu", recipe: Recipe = Recipe(), progress: Progress = lambda _: None,
) -> Trained:
    """A net with its feature-only regression; deterministic by seed on one device. The last `held_out` of the people stop
    the training and calibrate."""
    torch.set_flush_denormal(True)
    torch.set_num_threads(1)  # two on cores that others use are up to ten times slower
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    cut = len(people) - max(1, round(len(people) * recipe.held_out))
    learning = [asked(p, rng, recipe) for p in people[:cut] for _ in range(recipe.masks)]
    plain = [asked(p, None) for p in people[:cut]]
    checked = [asked(p, None) for p in people[cut:]]
    net = GraphNet(Config(features=len(FEATURES)))
    _fix(net, learning)
    _regress(net, [*learning, *plain], checked)
    net.to(device)
    best, history = _descend(net, learning, checked, rng, device, recipe, progress)
    net.load_state_dict(best)
    net.to("cpu").eval()
    _calibrate(net, checked)
    return Trained(net, {"people": cut, "held_out": len(checked), "recipe": asdict(recipe), "loss": history})


def _fix(net: GraphNet, learning: Sequence[Asked]) -> None:
    """PCA of the texts asked for, means and spreads of the features."""
    text = np.concatenate([a.arrays["text"][a.weight > 0] for a in learning])
    text = text[np.abs(text).sum(axis=1) > 0].astype(np.float64)
    mean = text.mean(axis=0)
    _, _, axes = np.linalg.svd(text - mean, full_matrices=False)
    basis = axes[:net.config.reduced].T
    spread = ((text - mean) @ basis).std() + 1e-9
    features = np.concatenate([a.arrays["features"] for a in learning]).astype(np.float64)
    values = {"mean": mean, "basis": basis / spread, "shift": features.mean(axis=0), "scale": features.std(axis=0) + 1e-3}
    for name, value in values.items():
        getattr(net, name).copy_(torch.from_numpy(value).float())


def rows(net: GraphNet, people: Sequence[Asked]) -> tuple[np.ndarray, np.ndarray]:
    """What is known of the asked nodes by themselves (m, reduced + F), and their truth (m,)."""
    found, truth = [], []
    for one in people:
        with torch.no_grad():
            x = net.read(_tensor(one.arrays["text"]), _tensor(one.arrays["features"])).numpy()
        found.append(x[one.weight > 0])
        truth.append(one.truth[one.weight > 0])
    return np.concatenate(found).astype(np.float64), np.concatenate(truth)


def _regress(net: GraphNet, learning: Sequence[Asked], checked: Sequence[Asked]) -> None:
    """The strength of its penalty by the people held out; its probabilities calibrated like the net's."""
    x, y = rows(net, learning)
    xc, yc = rows(net, checked)
    best = None
    for strength in (0.003, 0.01, 0.03, 0.1, 0.3, 1.0):
        weight, bias = baselines.logistic(x, y, strength)
        p = np.clip(1 / (1 + np.exp(-(xc @ weight + bias))), 1e-6, 1 - 1e-6)
        missed = -float(np.mean(yc * np.log(p) + (1 - yc) * np.log(1 - p)))
        if best is None or missed < best[0]:
            best = (missed, weight, bias)
    assert best is not None
    fitted = baselines.platt(xc @ best[1] + best[2], yc)
    net.weight.copy_(torch.from_numpy(best[1] * np.float32(fitted.slope)))
    net.bias.copy_(torch.tensor(best[2] * fitted.slope + fitted.offset))


def _descend(
    net: GraphNet, learning: Sequence[Asked], checked: Sequence[Asked], rng: np.random.Generator, device: str, recipe: Recipe,
    progress: Progress,
) -> tuple[dict[str, Tensor], list[float]]:
    optimiser = torch.optim.AdamW(net.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * (len(learning) // recipe.batch + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=steps)
    held = [_batch(checked[i:i + 64], device) for i in range(0, len(checked), 64)]
    best, best_loss, history, since = {}, np.inf, [], 0
    for epoch in range(recipe.epochs):
        net.train()
        order = rng.permutation(len(learning))
        for start in range(0, len(order), recipe.batch):
            batch = _batch([learning[i] for i in order[start:start + recipe.batch]], device)
            optimiser.zero_grad()
            _loss(net, batch).backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
        net.eval()
        with torch.no_grad():
            missed = float(np.average([_loss(net, b).item() for b in held], weights=[float(b["weight"].sum()) for b in held]))
        history.append(round(missed, 5))
        progress(f"epoch {epoch + 1}: held-out loss {missed:.4f}")
        if missed < best_loss:
            best, best_loss, since = {k: v.detach().cpu().clone() for k, v in net.state_dict().items()}, missed, 0
        else:
            since += 1
            if since > recipe.patience:
                break
    return best, history


def _loss(net: GraphNet, batch: Mapping[str, Tensor]) -> Tensor:
    x = net.read(batch["text"], batch["features"])
    return loss(net.logits(x, batch["moves"], batch["near"]), batch["truth"], batch["weight"])


def _calibrate(net: GraphNet, checked: Sequence[Asked]) -> None:
    """Slope and offset by the people held out (Platt 1999)."""
    fitted = baselines.platt(*_logits(net, checked))
    net.slope.fill_(fitted.slope)
    net.offset.fill_(fitted.offset)


def _logits(net: GraphNet, people: Sequence[Asked]) -> tuple[np.ndarray, np.ndarray]:
    """Uncalibrated scores of the nodes asked for, and their truth, both (m,) float64."""
    scores, truth = [], []
    for one in people:
        given = {name: _tensor(one.arrays[name])[None] for name in NAMES}
        with torch.no_grad():
            logits = net.logits(net.read(given["text"], given["features"]), given["moves"], given["near"])[0]
        scores.append(logits.numpy()[one.weight > 0])
        truth.append(one.truth[one.weight > 0])
    return np.concatenate(scores).astype(np.float64), np.concatenate(truth).astype(np.float64)


def _batch(people: Sequence[Asked], device: str) -> dict[str, Tensor]:
    """Padded to the largest graph: what is added has weight 0 and stays by itself."""
    most = max(len(p.truth) for p in people)
    made: dict[str, Tensor] = {}
    for name in NAMES:
        square = name in ("moves", "near")
        width = most if square else people[0].arrays[name].shape[1]
        block = np.zeros((len(people), most, width), dtype=np.float32)
        for i, p in enumerate(people):
            n = len(p.truth)
            block[i, :n, :n if square else width] = p.arrays[name]
            if square:
                block[i, range(n, most), range(n, most)] = 1.0
        made[name] = torch.from_numpy(block).to(device)
    for name in ("truth", "weight"):
        flat = np.zeros((len(people), most), dtype=np.float32)
        for i, p in enumerate(people):
            flat[i, :len(p.truth)] = getattr(p, name)
        made[name] = torch.from_numpy(flat).to(device)
    return made


def _tensor(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))


def save(trained: Trained, target: Path, about: Mapping[str, Any]) -> dict[str, Any]:
    """weights.safetensors, model.onnx and card.json in `target`; returns the card. Raises RuntimeError where the exported
    model says something else than the net."""
    result = {**about, "features": list(FEATURES), "training": trained.report}
    export.save(target, *packed(trained.net.eval()), result)
    return card.read(target)


def packed(net: GraphNet) -> tuple[bytes, bytes]:
    """(ONNX to serve, safetensors to train further)."""
    return to_onnx(net), export.to_safetensors(net, asdict(net.config))


def to_onnx(net: GraphNet) -> bytes:
    """The net as ONNX for any number of nodes, compared with itself on random input."""
    rng = torch.Generator().manual_seed(0)
    n = 7
    walk = torch.softmax(torch.randn(1, n, n, generator=rng), dim=-1)
    given = {
        "text": torch.randn(1, n, net.config.embedding, generator=rng),
        "features": torch.randn(1, n, net.config.features, generator=rng), "moves": walk, "near": walk,
    }
    free = {name: {1: "nodes", 2: "nodes"} if name in ("moves", "near") else {1: "nodes"} for name in NAMES}
    made = export.to_onnx(net, given, workflow.OUTPUTS, free)
    said = workflow.predict(workflow.load(made), {name: value.numpy() for name, value in given.items()})
    with torch.no_grad():
        wanted = [one[0].numpy() for one in net(*given.values())]
    for a, b in zip((said.productive, said.by_features), wanted, strict=True):
        if not np.allclose(a, b, atol=1e-4):
            raise RuntimeError("the exported graph net differs from the trained one")
    return made


def adapt(
    net: GraphNet, people: Sequence[Example], rung: str, seed: int = 0, recipe: Recipe = Recipe(rate=3e-4, epochs=3),
) -> GraphNet:
    """The net turned to one person by their own known levels, hidden in turn: its calibration (rung "recalibrate"), its last
    layer too ("head"), all of it otherwise. With nothing to learn from it stays as it is."""
    torch.set_flush_denormal(True)
    torch.set_num_threads(1)  # two on cores that others use are up to ten times slower
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    learning = [a for p in people for _ in range(recipe.masks) if (a := asked(p, rng, recipe)).weight.sum() > 0]
    if not learning:
        return net
    if rung != "recalibrate":
        chosen = net.head.parameters() if rung == "head" else net.parameters()
        optimiser = torch.optim.AdamW(list(chosen), lr=recipe.rate, weight_decay=recipe.decay)
        net.train()
        for _ in range(recipe.epochs):
            order = rng.permutation(len(learning))
            for start in range(0, len(order), recipe.batch):
                optimiser.zero_grad()
                batch = _batch([learning[i] for i in order[start:start + recipe.batch]], "cpu")
                _loss(net, batch).backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
                optimiser.step()
    _recalibrate(net.eval(), learning)
    return net


def _recalibrate(net: GraphNet, learning: Sequence[Asked]) -> None:
    """Slope and offset by penalised cross-entropy: as good as ten observations hold them where they are."""
    scores, truth = _logits(net, learning)
    z, y = torch.from_numpy(scores), torch.from_numpy(truth)
    slope, offset = (one.detach().double().clone().requires_grad_() for one in (net.slope, net.offset))
    start = slope.detach().clone(), offset.detach().clone()
    optimiser = torch.optim.Adam([slope, offset], lr=0.02)
    for _ in range(300):
        optimiser.zero_grad()
        missed = nn.functional.binary_cross_entropy_with_logits(slope * z + offset, y, reduction="sum")
        held = 10 * ((slope - start[0]) ** 2 + (offset - start[1]) ** 2)
        ((missed + held) / (len(y) + 10)).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    net.slope.fill_(max(0.1, float(slope.detach())))
    net.offset.fill_(float(offset.detach()))


def restore(weights: bytes) -> GraphNet:
    """The net in a safetensors file, to train further. Raises ModelBroken."""
    state, about = export.from_safetensors(weights)
    net = GraphNet(Config(**about))
    net.load_state_dict(state)
    return net.eval()
