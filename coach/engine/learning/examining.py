"""Developers' and doubters' commands: examine a model on simulated people, make the shipped one anew."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from coach.config import shipped
from coach.core.errors import InvalidInput
from coach.engine.learning import kinds

FAMILIES = ("A", "B", "placebo")
FIRST_SEED = 1_000_000
"""People of an exam; training knows smaller seeds only."""


def evaluate(name: str, users: int, family: str, seed: int | None, progress: Callable[[str], None]) -> dict[str, Any]:
    """Model, every baseline and the oracle on unseen simulated people. Raises InvalidInput, NotFound, Unavailable."""
    if users < 1:
        raise InvalidInput("an exam needs people", "--users 5")
    if seed is not None and seed < FIRST_SEED:
        raise InvalidInput(f"seed {seed} may have been trained on", f"exams use {FIRST_SEED} and above")
    return kinds.exam(name)(users, family, FIRST_SEED if seed is None else seed, progress)


def publish(
    name: str, users: int, families: Sequence[str], cache: Path | None, progress: Callable[[str], None],
    folder: Path | None = None,
) -> dict[str, Any]:
    """Examine the version in `folder` (the shipped one by default) and write what its exam sums up to (`summed_up`, where it has
    one) into its card, for each family; returns that. Raises as `evaluate`."""
    from coach.ml import card

    if users < 1:
        raise InvalidInput("an exam needs people", "--users 5")
    folder = folder or shipped("models", name)
    known = inspect.signature(kinds.exam(name)).parameters
    asked = {"cache": cache, "model" if "model" in known else "folder": folder}
    given = {key: value for key, value in asked.items() if value is not None and key in known}
    found = {}
    for family in families:
        progress(f"family {family}")
        found[family] = kinds.summed_up(name)(kinds.exam(name)(users, family, FIRST_SEED, progress, **given))
    about = card.read(folder)
    card.write(folder, {**about, "metrics": {**about.get("metrics", {}), **found}})
    return found


def evaluate_on(name: str, file: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """Model and baselines on real people's data, for the models that know how (`coach/engine/exams/NAME_real.py`). Raises
    InvalidInput, NotFound, Unavailable."""
    if not file.is_file():
        raise InvalidInput(f"there is no file {file}", "a gzipped CSV of repo, author, author_time_utc, author_tz_min")
    return kinds.exam_on_data(name)(file, progress)


def pretrain(
    name: str, people: int | None, seed: int | None, device: str, target: Path | None, cache: Path | None,
    progress: Callable[[str], None],
) -> dict[str, Any]:
    """Train the shipped version of a model on simulated people; returns its card."""
    run = kinds.pretraining(name)
    known = inspect.signature(run).parameters
    asked = {"people": people, "seed": seed, "device": device, "cache": cache}
    given = {key: value for key, value in asked.items() if value is not None and key in known}
    return run(target or shipped("models", name), progress=progress, **given)
