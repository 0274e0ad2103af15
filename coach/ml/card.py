"""Model cards: `card.json` beside every shipped model says what it is, what it was made from and how good it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CARD = "card.json"


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write(folder: Path, card: Mapping[str, Any]) -> None:
    """The card with the SHA-256 of each other file in `folder`."""
    files = {f.name: sha256(f) for f in sorted(folder.iterdir()) if f.is_file() and f.name != CARD}
    text = json.dumps({**card, "files": files}, indent=1, ensure_ascii=False)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The card, empty when there is none."""
    try:
        card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return card


def damaged(folder: Path) -> list[str]:
    """Names of files that are missing or differ from the card's SHA-256."""
    files = read(folder).get("files", {})
    return [name for name, digest in files.items() if not (folder / name).is_file() or sha256(folder / name) != digest]
