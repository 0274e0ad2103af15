"""The trained voice: the small language model with its LoRA adapter writes a line for a situation, placeholders and all.

Its lines are made ahead of need and judged (`core/lines.unread_faults`): a grammar keeps digits and unknown placeholders out, not
what is untrue or unkind. Of those that pass, `ranked` keeps the ones that sound like their mode, by a logistic head on the
embedder's vectors that was taught by the bank; it says nothing about whether a line makes sense."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coach.core.errors import Unavailable
from coach.ml.llm import LanguageModel, Stop, Turn

if TYPE_CHECKING:
    import numpy as np

ADAPTER, MODES = "adapter.gguf", "modes.npz"
ALIKE = 0.92
"""Cosine from which two lines of a cell are the same one in other words: the bound that the bank itself keeps."""
_LETTERS = r"[^0-9{}\n\r\t<>|\\]"


def prompt(situation: str, mode: str, fills: Collection[str]) -> list[Turn]:
    """Short, since each of its tokens is paid for before the first word of the line. No fact and no word of the person's is in
    it; `fills` are the placeholders that the line may use."""
    names = " ".join(f"{{{name}}}" for name in sorted(fills)) or "no names"
    return [("system", f"One {mode} line."), ("user", f"{situation.replace('_', ' ')}, {names}")]


def grammar(fills: Collection[str]) -> str:
    """GBNF of one line that ends as a sentence does, without a digit, with these placeholders alone."""
    slots = "".join(f' | "{{{name}}}"' for name in sorted(fills))
    return f"root ::= part{{2,140}} [.?!]\npart ::= {_LETTERS}{slots}\n"


def write(
    model: LanguageModel, situation: str, mode: str, fills: Collection[str], seed: int, stop: Stop = lambda: False,
) -> str | None:
    """A line with its placeholders, not yet judged; None when the model was busy, stopped, or did not end its sentence."""
    text = model.complete(prompt(situation, mode, fills), grammar(fills), seed, stop)
    line = " ".join((text or "").split())
    return line if line.endswith((".", "!", "?")) else None


@dataclass(frozen=True, slots=True)
class Ear:
    """Tells modes apart: `weight` (k, 384) and `bias` (k,) over `modes`."""

    modes: tuple[str, ...]
    weight: np.ndarray
    bias: np.ndarray


def ear(folder: Path) -> Ear:
    """The head in `folder`. Raises Unavailable when its file is missing or broken."""
    import numpy as np  # 17 MB: only with the embedder

    try:
        with np.load(folder / MODES, allow_pickle=False) as stored:
            return Ear(tuple(str(mode) for mode in stored["modes"]), stored["weight"], stored["bias"])
    except (OSError, ValueError, KeyError) as error:
        raise Unavailable(f"the voice in {folder} cannot be loaded", "reinstall Coach") from error


def ranked(ear: Ear, mode: str, vectors: np.ndarray, known: np.ndarray) -> list[int]:
    """Which of the lines to keep, the most typical of `mode` first: those that sound more like it than like another mode, and
    like none of `known` nor of those before it. `vectors` (n, 384) and `known` (m, 384) as `embed.embed` gives them."""
    from coach.ml.router import probabilities

    if not len(vectors):
        return []
    chance = probabilities(ear.weight, ear.bias, vectors)
    own = ear.modes.index(mode)
    kept: list[int] = []
    for i in (-chance[:, own]).argsort(kind="stable").tolist():
        said = [*known, *vectors[kept]]
        if chance[i].argmax() == own and all(float(vectors[i] @ other) < ALIKE for other in said):
            kept.append(i)
    return kept
