"""A trained module as bytes: ONNX to serve, safetensors to go on training from. In memory, or into a shipped folder."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.ml import card as cards

if TYPE_CHECKING:
    import torch

ONNX = "model.onnx"
WEIGHTS = "weights.safetensors"


def to_onnx(
    module: torch.nn.Module, inputs: Mapping[str, torch.Tensor], outputs: Sequence[str],
    free: Mapping[str, Mapping[int, str]] | None = None,
) -> bytes:
    """The graph of `module(*inputs.values())` as one self-contained file, its inputs and outputs by these names.

    `free` names the dimensions of an input that may vary: {"history": {0: "batch"}}; their example size must be 2 or more.
    """
    import contextlib
    import io
    import warnings

    import torch

    module.eval()
    dims = {name: torch.export.Dim(name) for sizes in (free or {}).values() for name in sizes.values()}
    shapes = tuple({at: dims[name] for at, name in (free or {}).get(given, {}).items()} or None for given in inputs)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():  # it reports every step
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            module, tuple(inputs.values()), dynamo=True, input_names=list(inputs), output_names=list(outputs),
            dynamic_shapes=shapes if free else None, external_data=False, verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program")
    made: bytes = program.model_proto.SerializeToString()
    return made


def halved(onnx: bytes, least: int = 1024) -> bytes:
    """The same graph with its large weights stored in half precision and cast when it is loaded: half the file."""
    import numpy as np
    import onnx as onnx_format
    from onnx import TensorProto, helper, numpy_helper

    model = onnx_format.load_from_string(onnx)
    casts = []
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < least:
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    named = {tensor.name for tensor in model.graph.initializer}
    kept = [info for info in model.graph.value_info if info.name.removesuffix(".half") + ".half" not in named]
    del model.graph.value_info[:]
    model.graph.value_info.extend(kept)
    found: bytes = model.SerializeToString()
    return found


def to_safetensors(module: torch.nn.Module, about: Mapping[str, Any]) -> bytes:
    """The module's parameters and buffers; `about` (its config) goes into the header as JSON."""
    from safetensors.torch import save

    state = {name: tensor.detach().cpu().contiguous() for name, tensor in module.state_dict().items()}
    made: bytes = save(state, metadata={"about": json.dumps(about)})
    return made


def from_safetensors(weights: bytes) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """(state dict, what `about` was). Raises ModelBroken where the bytes are no such file."""
    from safetensors import SafetensorError
    from safetensors.torch import load

    from coach.core.errors import ModelBroken

    try:
        state: dict[str, torch.Tensor] = load(weights)
        length = int.from_bytes(weights[:8], "little")
        about: dict[str, Any] = json.loads(json.loads(weights[8 : 8 + length]).get("__metadata__", {}).get("about", "{}"))
    except (SafetensorError, ValueError) as error:
        raise ModelBroken("the stored weights cannot be read", "training starts from the shipped ones") from error
    return state, about


def save(folder: Path, onnx: bytes, weights: bytes, card: Mapping[str, Any]) -> None:
    """A shipped model's folder: model.onnx, weights.safetensors (none for empty bytes) and card.json with their SHA-256."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ONNX).write_bytes(onnx)
    if weights:
        (folder / WEIGHTS).write_bytes(weights)
    else:
        (folder / WEIGHTS).unlink(missing_ok=True)
    cards.write(folder, card)
