"""Trees of scikit-learn as an ONNX graph (ai.onnx.ml TreeEnsembleRegressor), so that serving needs ONNX Runtime alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper

OPSET, ML_OPSET, IR = 17, 3, 9


def export(
    trees: Sequence[Any], leaves: Sequence[np.ndarray], columns: int, output: str, *, base: Sequence[float] = (),
    mean: bool = False, sigmoid: bool = False,
) -> bytes:
    """The sum (or `mean`) over `trees` (`sklearn.tree._tree.Tree`) of the leaf's row of `leaves`, each (nodes, targets), plus
    `base`; then a sigmoid where asked. Input "features" (n, columns) float32, output (n, targets)."""
    targets = leaves[0].shape[1]
    nodes: dict[str, list[Any]] = {k: [] for k in ("tree", "id", "feature", "value", "mode", "yes", "no")}
    found: dict[str, list[Any]] = {k: [] for k in ("tree", "id", "target", "weight")}
    for number, (tree, rows) in enumerate(zip(trees, leaves, strict=True)):
        _tree(number, tree, rows, nodes, found)
    scores = "raw" if sigmoid else output
    graph_nodes = [helper.make_node(
        "TreeEnsembleRegressor", ["features"], [scores], domain="ai.onnx.ml", n_targets=targets,
        aggregate_function="AVERAGE" if mean else "SUM", post_transform="NONE", base_values=[float(b) for b in base] or None,
        nodes_treeids=nodes["tree"], nodes_nodeids=nodes["id"], nodes_featureids=nodes["feature"], nodes_values=nodes["value"],
        nodes_modes=nodes["mode"], nodes_truenodeids=nodes["yes"], nodes_falsenodeids=nodes["no"],
        target_treeids=found["tree"], target_nodeids=found["id"], target_ids=found["target"], target_weights=found["weight"],
    )]
    if sigmoid:
        graph_nodes.append(helper.make_node("Sigmoid", ["raw"], [output]))
    graph = helper.make_graph(
        graph_nodes, output, [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", columns])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", targets])],
    )
    model = helper.make_model(
        graph, ir_version=IR, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)])
    data: bytes = model.SerializeToString()
    return data


def _tree(number: int, tree: Any, rows: np.ndarray, nodes: dict[str, list[Any]], found: dict[str, list[Any]]) -> None:
    for at in range(tree.node_count):
        leaf = tree.children_left[at] < 0
        nodes["tree"].append(number)
        nodes["id"].append(at)
        nodes["feature"].append(0 if leaf else int(tree.feature[at]))
        nodes["value"].append(0.0 if leaf else float(tree.threshold[at]))
        nodes["mode"].append("LEAF" if leaf else "BRANCH_LEQ")
        nodes["yes"].append(0 if leaf else int(tree.children_left[at]))
        nodes["no"].append(0 if leaf else int(tree.children_right[at]))
        if leaf:
            for target, weight in enumerate(rows[at].tolist()):
                found["tree"].append(number)
                found["id"].append(at)
                found["target"].append(target)
                found["weight"].append(round(weight, 5))


def joined(base: bytes, own: bytes, share: float) -> bytes:
    """Both ensembles as one: (1 - share) of `base` and `share` of `own`, both made by `export` without a sigmoid, with the same
    columns, outputs and kind of sum."""
    import onnx

    model, other = onnx.load_from_string(base), onnx.load_from_string(own)
    first, second = (_ensemble(m) for m in (model, other))
    for part, weight in ((first, 1.0 - share), (second, share)):
        if part.get("aggregate_function") in (b"AVERAGE", "AVERAGE"):
            weight /= len(set(part["nodes_treeids"]))
        part["target_weights"] = [w * weight for w in part["target_weights"]]
        part["base_values"] = [b * weight for b in part.get("base_values") or []]
    step = max(first["nodes_treeids"]) + 1
    for name in ("nodes_treeids", "target_treeids"):
        second[name] = [t + step for t in second[name]]
    both: dict[str, Any] = {name: [*first[name], *second[name]] for name in first if name.startswith(("nodes_", "target_"))}
    base_values = [a + b for a, b in zip(first["base_values"], second["base_values"], strict=True)] or None
    old = model.graph.node[0]
    node = helper.make_node(
        "TreeEnsembleRegressor", list(old.input), list(old.output), domain="ai.onnx.ml", n_targets=first["n_targets"],
        aggregate_function="SUM", post_transform="NONE", base_values=base_values, **both,
    )
    graph = helper.make_graph([node], model.graph.name, list(model.graph.input), list(model.graph.output))
    made = helper.make_model(
        graph, ir_version=IR, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)])
    data: bytes = made.SerializeToString()
    return data


def _ensemble(model: Any) -> dict[str, Any]:
    """The attributes of the graph's one node; lists where there are several."""
    found = {a.name: helper.get_attribute_value(a) for a in model.graph.node[0].attribute}
    return {name: list(value) if not isinstance(value, (bytes, str, int, float)) else value for name, value in found.items()}
