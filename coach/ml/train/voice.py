"""`coach lab train-voice`: a LoRA adapter for SmolLM2-135M on the bank of lines, as a GGUF file for llama.cpp.

LoRA as in Hu et al. 2021, on the value, output and feed-forward projections only: training the query and key projections too
would take the llama permutation of their rows on export, or the result is silently wrong. The loss stands at the answer's tokens
alone. Two passes over the lines; more of them overfit."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch

from coach.core.errors import Unavailable
from coach.ml import card
from coach.ml.embed import Embedder, embed
from coach.ml.voice import ADAPTER, MODES, prompt

PROJECTIONS = {
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
"""Modules that get a low-rank part, and what llama.cpp calls them."""
IGNORED = -100
"""The label of a token that has no loss."""
STRENGTH = 10.0
"""Inverse regularisation of the head that tells modes apart."""


@dataclass(frozen=True, slots=True)
class Line:
    situation: str
    mode: str
    text: str
    fills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipe:
    """`held_out` is the share of lines that perplexity is measured on; `steps` of 0 means all of the epochs."""

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    rate: float = 1e-3
    batch: int = 8
    epochs: int = 2
    held_out: float = 0.05
    seed: int = 0
    steps: int = 0


class Tokenizer(Protocol):
    def apply_chat_template(self, messages: Any, *, tokenize: bool, add_generation_prompt: bool) -> str: ...
    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]: ...


Example = tuple[list[int], int]
"""Token ids, and how many of them belong to the prompt."""
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""ids, attention mask and labels, each (batch, longest)."""


def train(
    lines: Sequence[Line], gguf: Path, target: Path, recipe: Recipe, data_sha256: dict[str, str], embedder: Embedder,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Write adapter.gguf, modes.npz and card.json to `target`; returns the card. `gguf` is the base model's file. The lines that
    are held out are the same for the same seed. Raises Unavailable without the libraries of the `voice-training` extra."""
    began = time.monotonic()
    torch.manual_seed(recipe.seed)
    progress(f"reading {gguf.name}")
    model, tokenizer = _adapted(gguf, recipe)
    held, taught = _split([example(tokenizer, line) for line in lines], recipe)
    before = perplexity(model, held, recipe.batch)
    progress(f"{len(taught)} lines to learn from, {len(held)} held out; perplexity {before:.1f} before")
    after = list(_learn(model, taught, held, recipe, progress))
    target.mkdir(parents=True, exist_ok=True)
    _export(model, target / ADAPTER, recipe)
    progress("what tells modes apart")
    modes = teach_modes(lines, embedder, target)
    result: dict[str, Any] = {
        "name": "voice", "what": "LoRA adapter for SmolLM2-135M-Instruct: lines in Coach's tone, filtered before they are heard",
        "base": {"file": gguf.name, "sha256": card.sha256(gguf)}, "data_sha256": data_sha256,
        "recipe": asdict(recipe), "lines": len(taught), "held_out": len(held),
        "perplexity": {"before": round(before, 2), "after_epochs": [round(p, 2) for p in after]},
        "modes": modes, "seconds": round(time.monotonic() - began),
    }
    card.write(target, result)
    return result


def teach_modes(lines: Sequence[Line], embedder: Embedder, target: Path) -> dict[str, Any]:
    """Write modes.npz, which tells modes apart, to `target`; returns what the card says of it."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression  # 2 s
    from sklearn.model_selection import cross_val_score

    vectors, modes = embed(embedder, [line.text for line in lines]), [line.mode for line in lines]
    head = LogisticRegression(C=STRENGTH, max_iter=1000)
    folds = cross_val_score(head, vectors, modes, cv=5)
    head.fit(vectors, modes)
    target.mkdir(parents=True, exist_ok=True)
    np.savez(
        target / MODES, modes=head.classes_, weight=head.coef_.astype(np.float32), bias=head.intercept_.astype(np.float32)
    )
    return {"strength": STRENGTH, "lines": len(lines), "five_folds": round(float(folds.mean()), 3)}


def example(tokenizer: Tokenizer, line: Line) -> Example:
    turns = [{"role": role, "content": text} for role, text in prompt(line.situation, line.mode, line.fills)]
    asked = tokenizer.encode(
        tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True), add_special_tokens=False
    )
    return asked + tokenizer.encode(f"{line.text}<|im_end|>", add_special_tokens=False), len(asked)


def batches(examples: Sequence[Example], size: int, chance: random.Random | None = None) -> Iterator[Batch]:
    """Batches of about equal lengths, so that little is padding; in a random order with `chance`."""
    order = sorted(range(len(examples)), key=lambda i: (len(examples[i][0]), chance.random() if chance else 0))
    chunks = [order[i:i + size] for i in range(0, len(order), size)]
    if chance:
        chance.shuffle(chunks)
    for chunk in chunks:
        longest = max(len(examples[i][0]) for i in chunk)
        ids = torch.zeros((len(chunk), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        labels = torch.full_like(ids, IGNORED)
        for row, i in enumerate(chunk):
            tokens, asked = examples[i]
            ids[row, :len(tokens)] = torch.tensor(tokens)
            mask[row, :len(tokens)] = 1
            labels[row, asked:len(tokens)] = torch.tensor(tokens[asked:])
        yield ids, mask, labels


def perplexity(model: Any, examples: Sequence[Example], size: int) -> float:
    """exp of the mean loss per answer token."""
    model.eval()
    total = count = 0.0
    with torch.no_grad():
        for ids, mask, labels in batches(examples, size):
            tokens = int((labels[:, 1:] != IGNORED).sum())
            total += float(model(input_ids=ids, attention_mask=mask, labels=labels).loss) * tokens
            count += tokens
    return math.exp(total / count)


def _adapted(gguf: Path, recipe: Recipe) -> tuple[Any, Any]:
    try:
        import gguf as _  # noqa: F401  # what transformers reads GGUF files with
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError as error:
        raise Unavailable(f"{error.name} is missing", "pip install 'coach[voice,voice-training]'") from error
    folder, file = str(gguf.parent), gguf.name
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file, local_files_only=True)
    model.config.use_cache = False
    return get_peft_model(model, LoraConfig(
        r=recipe.rank, lora_alpha=recipe.alpha, lora_dropout=recipe.dropout, bias="none", task_type="CAUSAL_LM",
        target_modules=[name.rpartition(".")[2] for name in PROJECTIONS],
    )), tokenizer


def _split(examples: Sequence[Example], recipe: Recipe) -> tuple[list[Example], list[Example]]:
    order = list(range(len(examples)))
    random.Random(recipe.seed).shuffle(order)
    held = max(1, round(len(order) * recipe.held_out))
    return [examples[i] for i in order[:held]], [examples[i] for i in order[held:]]


def _learn(
    model: Any, taught: Sequence[Example], held: Sequence[Example], recipe: Recipe, progress: Callable[[str], None]
) -> Iterator[float]:
    """Perplexity on the held-out lines after each epoch."""
    chance = random.Random(recipe.seed)
    planned = recipe.epochs * math.ceil(len(taught) / recipe.batch)
    most = min(planned, recipe.steps or planned)
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=recipe.rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, most)
    step = 0
    for epoch in range(recipe.epochs):
        model.train()
        for ids, mask, labels in batches(taught, recipe.batch, chance):
            loss = model(input_ids=ids, attention_mask=mask, labels=labels).loss
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            step += 1
            if step % 20 == 0:
                progress(f"step {step} of {most}, loss {float(loss):.2f}")
            if step >= most:
                break
        found = perplexity(model, held, recipe.batch)
        progress(f"epoch {epoch + 1}: perplexity {found:.1f} on held-out lines")
        yield found
        if step >= most:
            return


def _export(model: Any, file: Path, recipe: Recipe) -> None:
    """The adapter as llama.cpp reads it: general.type adapter, f16, A (rank, in) and B (out, rank) as peft has them."""
    from gguf import GGUFWriter

    writer = GGUFWriter(str(file), "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(recipe.alpha))
    weights = dict(model.named_parameters())
    for name, tensor in weights.items():
        if ".lora_" not in name:
            continue
        before, _, rest = name.partition(".layers.")[2].partition(".")
        module, _, part = rest.partition(".lora_")
        writer.add_tensor(
            f"blk.{before}.{PROJECTIONS[module]}.weight.lora_{part[0].lower()}", tensor.detach().half().contiguous().numpy()
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
