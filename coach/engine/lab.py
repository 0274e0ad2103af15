"""What developers make for everyone: the embedder and the router that ship in models/."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from coach.config import shipped
from coach.core.errors import InvalidInput

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
