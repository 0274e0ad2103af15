"""What the workflow graph's net says of a person's places, through ONNX Runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coach.ml import serving
from coach.ml.serving import Net

if TYPE_CHECKING:
    import numpy as np

INPUTS = ("text", "features", "moves", "near")
OUTPUTS = ("productive", "by_features")


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Probabilities (N,) that each node is productive: by the graph, and by its features alone (the baseline)."""

    productive: np.ndarray
    by_features: np.ndarray


def load(source: Path | bytes) -> Net:
    """Raises ModelMissing, ModelBroken or ModelForeign."""
    return serving.load(source, inputs=INPUTS, outputs=OUTPUTS, arena=True)  # N x N arrays: half the time at 1,000 nodes


def predict(net: Net, arrays: Mapping[str, np.ndarray]) -> Labels:
    """`arrays` as `features.graph.inputs` makes them. Raises InvalidInput where a value is not finite, ModelForeign where
    the model was made for other features."""
    found = serving.run(net, **arrays)
    return Labels(found["productive"][0], found["by_features"][0])
