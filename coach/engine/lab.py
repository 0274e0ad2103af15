"""What developers make for everyone: the embedder, the router and the trained voice that ship in models/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from coach.config import shipped
from coach.core.errors import InvalidInput, Unavailable

Progress = Callable[[str], None]


def export_embedder(target: Path | None, progress: Progress) -> dict[str, Any]:
    """models/embedder from the published weights, compared on the chat's own phrases; returns the card."""
    from coach.ml import intents
    from coach.ml.train.export_embedder import export  # torch and sentence-transformers: 8 s

    texts = intents.phrases(shipped("data", "intents.toml"), shipped("data", "out_of_scope.toml"), each=1)
    return export(target or shipped("models", "embedder"), [p.text for p in texts[::4]], progress)


def train_router(target: Path | None, external: Path | None, progress: Progress) -> dict[str, Any]:
    """models/router from data/intents.toml; returns the card."""
    if external is not None and not external.is_file():
        raise InvalidInput(f"there is no file {external}", "JSON lines with text and label")
    from coach.ml import embed
    from coach.ml.train.router import train  # scikit-learn: 2 s

    return train(
        embed.load(shipped("models", "embedder")), shipped("data", "intents.toml"), shipped("data", "out_of_scope.toml"),
        target or shipped("models", "router"), external, progress,
    )


def train_voice(
    target: Path | None, lines: int, steps: int, seed: int, progress: Progress, model: Path | None = None
) -> dict[str, Any]:
    """models/voice from the bank of lines; returns the card. `lines` and `steps` of 0 mean all of them; `model` is the base
    model's GGUF file, by default the one of the `voice` extra. Raises Unavailable where it or a library is missing."""
    from coach.core.situations import SITUATIONS
    from coach.engine.voices import bank
    from coach.ml import card, embed, llm

    gguf = llm.find(str(model) if model else "")
    if gguf is None:
        raise Unavailable("there is no language model to train", "pip install 'coach[voice,voice-training]'")
    from coach.ml.train.voice import Line, Recipe, train  # torch and transformers: 8 s

    fills = {s.name: tuple(sorted(s.fills)) for s in SITUATIONS}
    known = [
        Line(situation, mode, text, fills[situation])
        for situation, cell in bank().items() for mode, texts in cell.items() for text in texts
    ]
    files = {f.name: card.sha256(f) for f in sorted(shipped("data", "lines").glob("*.toml"))}
    chosen = known[::max(1, len(known) // lines)][:lines] if lines else known
    embedder = embed.load(shipped("models", "embedder"))
    return train(chosen, gguf, target or shipped("models", "voice"), Recipe(seed=seed, steps=steps), files, embedder, progress)
