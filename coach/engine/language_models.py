"""Another language model than the one that is installed: a GGUF file of the person's, or one fetched from a hub.

A file that is added stays where it is; its path and its SHA-256 are settings, and `coach doctor` compares them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coach.config import Config, Home
from coach.core.errors import InvalidInput, NotFound
from coach.engine import settings
from coach.engine.models import TRUSTED_BYTES
from coach.integrations import hub

_BLOCK = 1 << 20
MAGIC = b"GGUF"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """`trusted`: large enough to find its own words, see `engine.models.TRUSTED_BYTES`."""

    path: Path
    name: str
    architecture: str
    size_mb: float
    sha256: str
    trusted: bool

    def document(self) -> dict[str, Any]:
        return {"path": str(self.path), "name": self.name, "architecture": self.architecture, "size_mb": round(self.size_mb, 1),
                "sha256": self.sha256, "trusted": self.trusted}


def add(home: Home, file: Path) -> ModelFile:
    """Let that file speak from now on. Raises NotFound, InvalidInput for a file that is no language model."""
    found = looked_at(file)
    settings.put(home, {"language_model.path": str(found.path), "language_model.sha256": found.sha256,
                        "language_model.enabled": True})
    return found


def pull(home: Home, repo: str, file: str = "") -> ModelFile:
    """Fetch a GGUF file from a hub into the models folder and let it speak. Raises InvalidInput with the files that there are
    when none is named and there are several."""
    if not file:
        there = hub.files(repo)
        if not there:
            raise NotFound(f"{repo} has no GGUF file", "look for a repository whose name ends in GGUF")
        if len(there) > 1:
            raise InvalidInput(f"{repo} has {len(there)} GGUF files: {', '.join(there)}", "name one")
        file = there[0]
    return add(home, hub.download(repo, file, home.models / "language" / repo.replace("/", "--")))


def remove(home: Home) -> None:
    """Back to the model that is installed; no file is deleted."""
    settings.put(home, {"language_model.path": "", "language_model.sha256": ""})


def looked_at(file: Path) -> ModelFile:
    """What a file is. Reads all of it once, for its hash. Raises NotFound, InvalidInput."""
    path = file.expanduser().resolve()
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    with path.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise InvalidInput(f"{path.name} is no GGUF file", "llama.cpp's format; its first four bytes are GGUF")
    from coach.ml import llm

    about = llm.described(path)
    size = path.stat().st_size
    name, architecture = about.get("general.name") or path.stem, about.get("general.architecture", "")
    return ModelFile(path, name, architecture, size / 1e6, sha256(path), size >= TRUSTED_BYTES)


def sha256(path: Path) -> str:
    """Of a file, in hexadecimal; about a second a gigabyte."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def changed(config: Config) -> bool:
    """Whether the file that was added is another one now."""
    path, expected = config.language_model.path, config.language_model.sha256
    return bool(path and expected and Path(path).is_file() and sha256(Path(path)) != expected)
