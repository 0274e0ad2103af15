"""Sentence embeddings: all-MiniLM-L6-v2 as int8 ONNX, pooled and normalised inside the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.core.errors import Unavailable

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 384
MAX_TOKENS = 128
"""Titles and questions are short; a longer text is cut here and costs 20 ms at most."""


@dataclass(frozen=True, slots=True)
class Embedder:
    """A loaded model. Safe to share between threads: neither the session nor the tokenizer keeps state."""

    session: Any
    tokenizer: Any
    folder: Path


def load(folder: Path) -> Embedder:
    """The embedder in `folder` (model.onnx, tokenizer.json). Raises Unavailable when a file is missing or broken."""
    # 45 MB and 0.15 s: only once something asks for a meaning.
    import onnxruntime
    from tokenizers import Tokenizer

    model, vocabulary = folder / "model.onnx", folder / "tokenizer.json"
    for file in (model, vocabulary):
        if not file.is_file():
            raise Unavailable(f"the embedder's file {file} is missing", "reinstall Coach, or run `coach lab export-embedder`")
    try:
        session = onnxruntime.InferenceSession(str(model), session_options(onnxruntime), providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(vocabulary))
    except Exception as error:  # both libraries raise bare exceptions of their own for a broken file
        raise Unavailable(f"the embedder in {folder} cannot be loaded: {error}", "reinstall Coach") from error
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return Embedder(session, tokenizer, folder)


def session_options(onnxruntime: Any) -> Any:
    """One thread and no memory arena: an embedder that is asked a few times an hour must not hold on to memory."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    return options


def embed(embedder: Embedder, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors, float32 of shape (len(texts), 384).

    One text per run: activations are quantised per run, so in a batch a text's vector would depend on its neighbours
    (and batching gains nothing on one thread)."""
    import numpy as np

    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        tokens = embedder.tokenizer.encode(text)
        inputs = {
            "input_ids": np.array([tokens.ids], dtype=np.int64),
            "attention_mask": np.array([tokens.attention_mask], dtype=np.int64),
        }
        vectors[row] = embedder.session.run(None, inputs)[0][0]
    return vectors
