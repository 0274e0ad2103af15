"""Sentence embeddings: all-MiniLM-L6-v2 as int8 ONNX, pooled and normalised inside the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.core.errors import Unavailable
from coach.ml import serving

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 384
INNER = (2, 4)
"""Layers whose pooled states are given beside the last one's. They hold more of the words and less of the topic: what is to
be done with the thing a title names. A head on all three is right about 5 points more often (models/categoriser/card.json)."""
MAX_TOKENS = 128
"""Titles and questions are short; a longer text is cut here and costs 20 ms at most."""


@dataclass(frozen=True, slots=True)
class Embedder:
    """A loaded model. Safe to share between threads: neither the net nor the tokenizer keeps state."""

    net: serving.Net
    tokenizer: Any
    folder: Path


def load(folder: Path) -> Embedder:
    """The embedder in `folder` (model.onnx, tokenizer.json). Raises Unavailable when a file is missing or broken."""
    from tokenizers import Tokenizer

    model, vocabulary = folder / "model.onnx", folder / "tokenizer.json"
    for file in (model, vocabulary):
        if not file.is_file():
            raise Unavailable(f"the embedder's file {file} is missing", "reinstall Coach, or run `coach lab export-embedder`")
    net = serving.load(model, inputs=("input_ids", "attention_mask"), outputs=("vector", "inner"))
    try:
        tokenizer = Tokenizer.from_file(str(vocabulary))
    except Exception as error:  # it raises bare exceptions for a broken file
        raise Unavailable(f"the embedder in {folder} cannot be loaded: {error}", "reinstall Coach") from error
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return Embedder(net, tokenizer, folder)


def embed(embedder: Embedder, texts: Sequence[str]) -> np.ndarray:
    """Unit vectors, float32 of shape (len(texts), 384).

    One text per run: activations are quantised per run, so in a batch a text's vector would depend on its neighbours
    (and batching gains nothing on one thread)."""
    return deep(embedder, texts)[:, :DIMENSIONS]


def deep(embedder: Embedder, texts: Sequence[str]) -> np.ndarray:
    """`embed`'s vectors with those of the INNER layers behind them, each of unit length: float32 of shape
    (len(texts), 384 x (1 + len(INNER))); for the price of `embed`, which is a view of it."""
    import numpy as np

    vectors = np.zeros((len(texts), DIMENSIONS * (1 + len(INNER))), dtype=np.float32)
    for row, text in enumerate(texts):
        tokens = embedder.tokenizer.encode(text)
        found = serving.run(
            embedder.net, input_ids=np.array([tokens.ids], dtype=np.int64),
            attention_mask=np.array([tokens.attention_mask], dtype=np.int64),
        )
        vectors[row, :DIMENSIONS] = found["vector"][0]
        vectors[row, DIMENSIONS:] = found["inner"][0]
    return vectors
