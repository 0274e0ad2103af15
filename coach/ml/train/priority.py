"""The base of what is done next: pairwise gradient boosting of an additive model (RankNet's loss, Burges et al. 2005; the
additive form of Lou, Caruana and Gehrke 2012). Without interactions each part of a score is the effect of one feature and
nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coach.core.priority import FEATURES, Base
from coach.ml.train.trees import IR, ML_OPSET, OPSET

BINS = 20
ROUNDS, OWN_ROUNDS = 60, 4
RATE = 0.15
L2 = 30.0
"""Pairs that say nothing, added to every step."""
STARTED = 0.5
LEAST_WORD = 40.0
"""Expected choices below which a word says nothing in general."""


def edges_of(x: np.ndarray) -> list[float]:
    """Borders of steps with about as many rows each; a value that stands alone (0, none) has a step of its own."""
    found = np.unique(np.quantile(x, np.linspace(0, 1, BINS + 1)[1:-1], method="nearest"))
    return [round(float(e), 3) + 0.0005 for e in np.unique(np.round(found, 3))]  # holds in float32 too


def boost(chosen: np.ndarray, passed: np.ndarray, weights: np.ndarray, words: dict[str, float]) -> Base:
    """Tables from pairs: `chosen` and `passed` (pairs, features), a weight for each pair."""
    both = np.concatenate([chosen, passed])
    edges = {name: edges_of(both[:, j]) for j, name in enumerate(FEATURES)}
    # Simulated people start nothing by hand: the step is urgency's own.
    start = Base(edges | {"started": [0.5]}, {}, words)
    made = _boosted(start, [np.zeros(len(start.edges[name]) + 1) for name in FEATURES], chosen, passed, weights, ROUNDS)
    return Base(made.edges, {**made.values, "started": [0.0, STARTED]}, words)


def boost_on(base: Base, chosen: np.ndarray, passed: np.ndarray, weights: np.ndarray, ahead: np.ndarray) -> Base:
    """The tables of `base` moved by a few rounds on one person's pairs. `ahead` (pairs,) is by how much the chosen one was
    likelier to be looked at, in log odds: that much needs no table to say it (the offset of `core.priority.update`)."""
    tables = [np.array(base.values[name], dtype=np.float64) for name in FEATURES]
    return _boosted(base, tables, chosen, passed, weights, OWN_ROUNDS, ahead)


def _boosted(
    base: Base, tables: list[np.ndarray], chosen: np.ndarray, passed: np.ndarray, weights: np.ndarray, rounds: int,
    ahead: np.ndarray | None = None,
) -> Base:
    edges = base.edges
    up = [np.searchsorted(edges[name], chosen[:, j], side="right") for j, name in enumerate(FEATURES)]
    down = [np.searchsorted(edges[name], passed[:, j], side="right") for j, name in enumerate(FEATURES)]
    margin = np.zeros(len(chosen)) if ahead is None else np.array(ahead, dtype=np.float64)
    for table, above, below in zip(tables, up, down, strict=True):
        margin += table[above] - table[below]
    for _ in range(rounds):
        for j in range(len(FEATURES)):
            p = 1 / (1 + np.exp(np.clip(margin, -30, 30)))
            g, h = weights * p, weights * p * (1 - p)
            size = len(tables[j])
            moves = up[j] != down[j]
            gradient = np.bincount(up[j][moves], g[moves], size) - np.bincount(down[j][moves], g[moves], size)
            curve = np.bincount(up[j][moves], h[moves], size) + np.bincount(down[j][moves], h[moves], size)
            step = RATE * gradient / (curve + L2)
            tables[j] += step
            margin += step[up[j]] - step[down[j]]
    values = {}
    for j, name in enumerate(FEATURES):
        share = np.bincount(np.concatenate([up[j], down[j]]), minlength=len(tables[j])) / (2 * len(chosen))
        values[name] = [round(float(v), 4) for v in tables[j] - tables[j] @ share]
    return Base(edges, values, base.words)


def general_words(chosen: Sequence[dict[str, float]], expected: Sequence[dict[str, float]]) -> dict[str, float]:
    """How readily people take tasks with a word: log of chosen over expected, over all of them."""
    picks: dict[str, float] = {}
    shares: dict[str, float] = {}
    for some, expect in zip(chosen, expected, strict=True):
        for group, n in expect.items():
            if group.startswith("w:"):
                shares[group[2:]] = shares.get(group[2:], 0.0) + n
                picks[group[2:]] = picks.get(group[2:], 0.0) + some.get(group, 0.0)
    return {w: round(float(np.log((picks[w] + 10) / (n + 10))), 4) for w, n in sorted(shares.items()) if n >= LEAST_WORD}


def as_graph(base: Base) -> bytes:
    """The tables as ONNX: input "features" (n, columns), output "parts" (n, columns), one chain of steps for each feature."""
    from onnx import TensorProto, helper

    nodes: dict[str, list[float]] = {k: [] for k in ("tree", "id", "feature", "value", "yes", "no")}
    modes: list[str] = []
    found: dict[str, list[float]] = {k: [] for k in ("tree", "id", "target", "weight")}
    for j, name in enumerate(FEATURES):
        edges, values = base.edges[name], base.values[name]
        for i, edge in enumerate(edges):  # node 2i: below the edge, the leaf 2i+1; else the next edge, or the last leaf
            _node(nodes, modes, j, 2 * i, edge, "BRANCH_LT", 2 * i + 1, 2 * i + 2)
            _node(nodes, modes, j, 2 * i + 1, 0.0, "LEAF", 0, 0)
            _leaf(found, j, 2 * i + 1, values[i])
        _node(nodes, modes, j, 2 * len(edges), 0.0, "LEAF", 0, 0)
        _leaf(found, j, 2 * len(edges), values[-1])
    node = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["parts"], domain="ai.onnx.ml", n_targets=len(FEATURES), aggregate_function="SUM",
        nodes_treeids=nodes["tree"], nodes_nodeids=nodes["id"], nodes_featureids=nodes["feature"], nodes_values=nodes["value"],
        nodes_modes=modes, nodes_truenodeids=nodes["yes"], nodes_falsenodeids=nodes["no"], target_treeids=found["tree"],
        target_nodeids=found["id"], target_ids=found["target"], target_weights=found["weight"],
    )
    columns = len(FEATURES)
    graph = helper.make_graph(
        [node], "priority", [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", columns])],
        [helper.make_tensor_value_info("parts", TensorProto.FLOAT, ["n", columns])],
    )
    model = helper.make_model(graph, ir_version=IR, opset_imports=[
        helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)])
    data: bytes = model.SerializeToString()
    return data


def _node(
    nodes: dict[str, list[float]], modes: list[str], tree: int, id: int, value: float, mode: str, yes: int, no: int
) -> None:
    for key, x in (("tree", tree), ("id", id), ("feature", tree), ("value", value), ("yes", yes), ("no", no)):
        nodes[key].append(x)
    modes.append(mode)


def _leaf(found: dict[str, list[float]], tree: int, id: int, weight: float) -> None:
    for key, x in (("tree", tree), ("id", id), ("target", tree), ("weight", weight)):
        found[key].append(x)
