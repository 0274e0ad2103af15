"""Training of the categoriser: the heads with early stopping, the blend's weights and thresholds by cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from coach.ml import categoriser as serving
from coach.ml.baselines import categoriser as words
from coach.ml.categoriser import Base
from coach.ml.embed import DIMENSIONS
from coach.ml.features.categoriser import words_known
from coach.ml.nets.categoriser import Categoriser, Size, loss
from coach.ml.train import export

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
Progress = Callable[[str], None]

FOLDS = 5
BATCH = 64
RATE, DECAY = 1e-3, 1e-2
EPOCHS, PATIENCE = 40, 5
HELD = 0.1
"""Share of the titles that early stopping looks at."""
DESCRIBED = 20.0
"""Titles that a category's description counts for in its prototype."""
ABSTAINING = 0.03
"""Share of titles that have a category and may be declined by the floor; as many more by distance."""
SCALE = 1 / 400
"""Of the corpus's int8 vectors: components of MiniLM's unit vectors stay below 127 / 400."""


@dataclass(frozen=True, slots=True, eq=False)
class Titles:
    """`texts`, `labels` (n,), `deep` (n, 1152), and `block` (n,): titles written together, which stay together in a fold."""

    texts: Sequence[str]
    labels: Ints
    deep: Floats
    block: Ints
    descriptions: Floats

    def some(self, rows: Ints) -> Titles:
        return Titles([self.texts[int(r)] for r in rows], self.labels[rows], self.deep[rows], self.block[rows], self.descriptions)


@dataclass(frozen=True, slots=True)
class Run:
    """One training of the heads: its loss on the titles held aside, by epoch."""

    seed: int
    epochs: int
    best: float
    losses: tuple[float, ...]


def fit_heads(titles: Titles, seed: int, weights: Floats | None = None, start: bytes = b"",
              rate: float = RATE, epochs: int = EPOCHS) -> tuple[Categoriser, Run]:
    """The heads, stopped where a tenth of the titles held aside fits best. `start` are weights to go on from."""
    torch.set_flush_denormal(True)
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Categoriser(Size(classes=len(titles.descriptions)))
    x, y = torch.from_numpy(titles.deep.astype(np.float32)), torch.from_numpy(titles.labels.astype(np.int64))
    w = torch.ones(len(y)) if weights is None else torch.from_numpy(weights.astype(np.float32))
    if start:
        net.load_state_dict(export.from_safetensors(start)[0])
    else:
        net.mean.copy_(x.mean(dim=0))
        net.scale.copy_(1 / (20 * (x.std(dim=0) + 1e-4)))
    order = rng.permutation(len(y))
    held, used = order[: max(1, int(HELD * len(y)))], order[max(1, int(HELD * len(y))):]
    optimiser = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=DECAY)
    best, kept, losses = float("inf"), {k: v.clone() for k, v in net.state_dict().items()}, []
    for _ in range(epochs):
        net.train()
        shuffled = rng.permutation(used)
        for at in range(0, len(shuffled), BATCH):
            rows = torch.from_numpy(shuffled[at : at + BATCH])
            error = loss(net.each(x[rows]), y[rows], w[rows])
            optimiser.zero_grad()
            error.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        net.eval()
        with torch.no_grad():
            losses.append(float(torch.nn.functional.nll_loss(net(x[held]), y[held])))
        if losses[-1] < best - 1e-4:
            best, kept = losses[-1], {k: v.clone() for k, v in net.state_dict().items()}
        elif len(losses) - int(np.argmin(losses)) > PATIENCE:
            break
    net.load_state_dict(kept)
    net.eval()
    return net, Run(seed, len(losses), round(best, 4), tuple(round(one, 4) for one in losses))


def prototypes(titles: Titles) -> Floats:
    """(k, 384): the sum of each category's titles and of its description, DESCRIBED times."""
    sums = np.stack([titles.deep[titles.labels == k, :DIMENSIONS].sum(axis=0) for k in range(len(titles.descriptions))])
    found = sums + DESCRIBED * titles.descriptions
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def base_of(titles: Titles, names: Sequence[str]) -> Base:
    """All but the weights and thresholds, which cross-validation gives."""
    vectors = np.clip(np.round(titles.deep[:, :DIMENSIONS] / SCALE), -127, 127).astype(np.int8)
    none = np.empty(0)
    return Base(tuple(names), words.fit(titles.texts, titles.labels), vectors, SCALE, titles.labels.astype(np.int64),
                prototypes(titles), np.ones(len(serving.MEMBERS)), 2.0, 0.0, -1.0, none, none.astype(bool),
                words_known(titles.texts))


def held_out(titles: Titles, names: Sequence[str], seed: int, progress: Progress) -> tuple[Floats, Floats, list[Run]]:
    """(log-probabilities (members, n, k), cosine to the nearest title (n,), runs): each title by members that had not seen it,
    nor any that was written next to it."""
    members = np.zeros((len(serving.MEMBERS), len(titles.texts), len(names)))
    nearest, runs = np.zeros(len(titles.texts)), []
    for fold in range(FOLDS):
        test, train = np.flatnonzero(titles.block == fold), np.flatnonzero(titles.block != fold)
        part = titles.some(train)
        net, run = fit_heads(part, seed + fold)
        runs.append(run)
        base = base_of(part, names)
        with torch.no_grad():
            head = net(torch.from_numpy(titles.deep[test].astype(np.float32))).numpy()
        vectors = titles.deep[test, :DIMENSIONS]
        similar = serving.cosines(base, vectors)
        nearest[test] = similar.max(axis=1)
        members[:, test] = np.stack([
            head, words.log_probabilities(base.words, [titles.texts[int(r)] for r in test]),
            serving.voted(similar, base.labels, len(names)), serving.likeness(base.prototypes, vectors),
        ])
        right = float((members[0, test].argmax(axis=1) == titles.labels[test]).mean())
        progress(f"fold {fold + 1} of {FOLDS}: the head is right on {right:.1%} of {len(test)} titles")
    return members, nearest, runs


def weigh(members: Floats, labels: Ints) -> Floats:
    """The blend's weights of least log-loss, none negative, (members,)."""
    from scipy.optimize import minimize

    def log_loss(weights: Floats) -> float:
        return float(-serving.blended(members, weights)[np.arange(len(labels)), labels].mean())

    found = minimize(log_loss, np.full(len(members), 0.4), method="L-BFGS-B", bounds=[(0.0, 3.0)] * len(members))
    return np.asarray(found.x)


def cross_fitted(members: Floats, labels: Ints, block: Ints) -> Floats:
    """Log-probabilities (n, k) with weights from the other folds."""
    found = np.zeros(members.shape[1:])
    for fold in range(FOLDS):
        rows = block == fold
        found[rows] = serving.blended(members[:, rows], weigh(members[:, ~rows], labels[~rows]))
    return found


def graph(net: Categoriser) -> bytes:
    return export.to_onnx(net, {"vectors": torch.zeros(2, net.size.inputs)}, ["logits"], {"vectors": {0: "batch"}})
