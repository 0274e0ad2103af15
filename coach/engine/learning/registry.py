"""A version of a model, loaded: the one that ships, or one of the person's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from coach.config import shipped
from coach.core.errors import ModelMissing, NotFound, Unavailable
from coach.engine.learning.kinds import Model, kind
from coach.store import models
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.ml.serving import Shelf

ONNX = "model.onnx"
WEIGHTS = "weights.safetensors"
CHOSEN = "you chose it"
"""The reason of a choice by hand, which no score changes."""


def folder(name: str) -> Path:
    """Where the shipped version is."""
    return shipped("models", name)


def load(db: Connection, name: str, number: int, shelf: Shelf | None = None, *, weights: bool = False) -> Model:
    """A version, from the shelf when it is there; with `weights` also what training goes on from.

    Raises ModelMissing, ModelBroken, ModelForeign; the caller lets the baseline serve then."""
    from coach.ml import card, serving

    wanted = kind(name)
    if number == models.SHIPPED:
        where = folder(name)
        if not (where / ONNX).is_file():
            raise ModelMissing(f"no {name} model ships with this Coach", "the baseline serves")
        key = f"{name}/0/{(where / ONNX).stat().st_mtime_ns}"
        kept = (where / WEIGHTS).read_bytes() if weights and (where / WEIGHTS).is_file() else b""

        def make() -> serving.Net:
            return serving.load(where / ONNX, inputs=wanted.inputs, outputs=wanted.outputs)

        return Model(number, shelf.get(key, make) if shelf else make(), card.read(where), kept)
    try:
        found = models.version(db, name, number)
    except NotFound as error:
        raise ModelMissing(error.message, error.hint) from error

    def stored() -> serving.Net:
        return serving.load(models.files(db, name, number)[0], inputs=wanted.inputs, outputs=wanted.outputs)

    net = shelf.get(f"{name}/{number}/{found.made}", stored) if shelf else stored()
    return Model(number, net, found.card, models.files(db, name, number)[1] if weights else b"")


def there(db: Connection, name: str, number: int) -> bool:
    """Whether a version's files are kept."""
    if number == models.SHIPPED:
        return (folder(name) / ONNX).is_file()
    return models.version(db, name, number).held


def active(db: Connection, name: str) -> models.Active:
    """The pointer; where nothing was ever decided, the shipped version with what its exam said (`serves` in its card)."""
    found = models.active(db, name)
    if found is not None:
        return found
    from coach.ml import card

    said = card.read(folder(name))
    serves = "baseline" if not said or said.get("serves") == "baseline" else "model"
    why = said.get("why", "as its exam on simulated people decided") if said else "no model ships with this Coach"
    return models.Active(models.SHIPPED, serves, why, "")


def best_base(db: Connection, name: str) -> Model:
    """What a fine-tuning starts from: the active version, or the shipped one where that cannot be read."""
    number = active(db, name).number
    try:
        return load(db, name, number, weights=True)
    except Unavailable:
        if number == models.SHIPPED:
            raise
    return load(db, name, models.SHIPPED, weights=True)
