"""The one small interface over ONNX Runtime: a model from a file or from bytes, arrays in, arrays out."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.core.errors import InvalidInput, ModelBroken, ModelForeign, ModelMissing

if TYPE_CHECKING:
    import numpy as np

BASELINE = "the baseline serves; `coach models show` says which versions there are"
REINSTALL = "reinstall Coach; until then the baseline serves"


def quiet_runtime() -> Any:
    """ONNX Runtime, told before it starts to report to nobody.

    From 1.29 on its wheels send what they run to their maker on Linux and macOS too, and keep an identifier on disk, unless the
    environment of the process says not to when the library is loaded; `disable_telemetry_events` comes too late for that (its
    first event) but is what Windows heeds."""
    for name in ("ORT_DISABLE_TELEMETRY", "ORT_TELEMETRY_DISABLED"):  # the second is its older name
        os.environ[name] = "1"
    # 45 MB and 0.15 s: only once something is predicted.
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    return onnxruntime


@dataclass(frozen=True, slots=True)
class Net:
    """A loaded model. `shapes` has None where a dimension is free. Safe to share between threads: ONNX Runtime locks."""

    session: Any
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: Mapping[str, tuple[int | None, ...]]
    size: int
    """Bytes of the serialised model."""


def load(
    source: Path | bytes, *, inputs: Sequence[str] = (), outputs: Sequence[str] = (), threads: int = 1, arena: bool = False
) -> Net:
    """The model in `source`. With `inputs` and `outputs` it must have exactly those names (in any order).

    Raises ModelMissing without a file, ModelBroken when ONNX Runtime cannot read it, ModelForeign when names differ.
    `threads` is for one run, 1 or 2. Without the arena a model gives back its scratch memory after each run.
    """
    onnxruntime = quiet_runtime()
    name = source.name if isinstance(source, Path) else "the stored model"
    if isinstance(source, Path) and source.is_dir():
        source = source / "model.onnx"
    size = _size(source)
    given = str(source) if isinstance(source, Path) else source
    try:
        session = onnxruntime.InferenceSession(given, options(onnxruntime, threads, arena), providers=["CPUExecutionProvider"])
    except Exception as error:  # it raises bare exceptions of its own for whatever is wrong with a file
        raise ModelBroken(f"{name} cannot be read as a model", REINSTALL if isinstance(source, Path) else BASELINE) from error
    net = Net(
        session, name, tuple(one.name for one in session.get_inputs()), tuple(one.name for one in session.get_outputs()),
        {one.name: _shape(one.shape) for one in (*session.get_inputs(), *session.get_outputs())}, size,
    )
    for what, wanted, found in (("inputs", inputs, net.inputs), ("outputs", outputs, net.outputs)):
        if wanted and set(wanted) != set(found):
            raise ModelForeign(f"{name} is another model: its {what} are {', '.join(found)}, not {', '.join(wanted)}", BASELINE)
    return net


def run(net: Net, **arrays: np.ndarray) -> dict[str, np.ndarray]:
    """One pass: an array for each input by its name (floats become float32), an array for each output by its name.

    Raises InvalidInput where a value is not finite, ModelForeign when names, shapes or types do not fit the model.
    """
    import numpy as np

    if set(arrays) != set(net.inputs):
        raise ModelForeign(f"{net.name} takes {', '.join(net.inputs)}, not {', '.join(arrays)}", BASELINE)
    fed = {}
    for name, array in arrays.items():
        floats = np.issubdtype(array.dtype, np.floating)
        if floats and not np.isfinite(array).all():
            raise InvalidInput(f"{net.name} was given a {name} that is not a number", BASELINE)
        fed[name] = np.ascontiguousarray(array, dtype=np.float32) if floats else np.ascontiguousarray(array)
    try:
        found = net.session.run(list(net.outputs), fed)
    except Exception as error:  # bare exceptions again: shapes and types that the graph refuses
        raise ModelForeign(f"{net.name} refuses its input", BASELINE) from error
    return dict(zip(net.outputs, found, strict=True))


@dataclass(slots=True)
class Shelf:
    """Loaded models by a key, at most `budget_mb` of them; the one unused for longest goes first. Thread-safe.

    A model counts RESIDENT times its serialised bytes. One that is larger than the whole budget is loaded and not kept.
    """

    budget_mb: float
    kept: OrderedDict[str, Net] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str, make: Callable[[], Net]) -> Net:
        """The model under `key`, made by `make` when it is not there. A key names one version: another is another key."""
        with self.lock:
            found = self.kept.get(key)
            if found is not None:
                self.kept.move_to_end(key)
                return found
            net = make()
            self.kept[key] = net
            while self.kept and self.used_mb() > self.budget_mb:
                self.kept.popitem(last=False)
            return net

    def used_mb(self) -> float:
        """What is loaded, in MB."""
        return sum(net.size for net in self.kept.values()) * RESIDENT / 2**20

    def forget(self, prefix: str = "") -> None:
        """Drop the models whose key starts so: a model was retrained, or memory is short."""
        with self.lock:
            for key in [key for key in self.kept if key.startswith(prefix)]:
                del self.kept[key]


RESIDENT = 2.0
"""Bytes held per byte of file."""


def options(onnxruntime: Any, threads: int = 1, arena: bool = False) -> Any:
    """No spinning, and no arena unless asked: what is asked a few times an hour must hold neither a core nor memory."""
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = max(1, min(threads, 2))
    chosen.inter_op_num_threads = 1
    chosen.enable_cpu_mem_arena = arena
    chosen.enable_mem_pattern = arena
    chosen.log_severity_level = 4
    chosen.add_session_config_entry("session.intra_op.allow_spinning", "0")
    chosen.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    return chosen


def _size(source: Path | bytes) -> int:
    if isinstance(source, bytes):
        return len(source)
    try:
        return sum(file.stat().st_size for file in (source, *source.parent.glob(f"{source.name}.data")))  # weights apart
    except OSError as error:
        raise ModelMissing(f"the model {source} is missing", REINSTALL) from error


def _shape(shape: Sequence[Any]) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in shape)
