"""The shipped focus forecast, from simulated people of family A: prior, ridge and trees, then the LSTM, then its calibration."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.core.focus import FORMULA
from coach.engine.pretraining.focus_people import Simulated, people
from coach.ml import forecast
from coach.ml.baselines import focus as baselines
from coach.ml.features import focus as features
from coach.ml.features.focus import Floats, Series
from coach.ml.features.focus_profile import Prior

if TYPE_CHECKING:
    from coach.ml.train.focus import Packed

DAYS = 140
VALID_SEED = 900_000
"""People from here on judge epochs and set the width of bands; none of them trains."""
TREE_PEOPLE = 300
SETTLED_H = 24 * 7
"""Ridge and trees learn from forecasts made after the first week."""

Progress = Callable[[str], None]


def pretrain(
    target: Path, people: int, seed: int, device: str, progress: Progress, cache: Path | None = None, seconds: float = 1e9,
) -> dict[str, Any]:
    """model.onnx, weights.safetensors, baselines.npz and card.json in `target`; returns the card. `seconds` limits the
    LSTM's training. Simulated people are kept in `cache` and read from there the next time."""
    from coach.ml.nets.focus import Config
    from coach.ml.train import export
    from coach.ml.train import focus as training  # torch: 2 s

    workers = os.cpu_count() or 1
    trained = _series(range(seed, seed + people), workers, progress, cache)
    valid = _series(range(VALID_SEED, VALID_SEED + max(4, people // 25)), workers, progress, cache)
    prior = baselines.usual(trained)
    with _pool(workers) as mapped:
        progress(f"ridge and trees on {people} people")
        ridge = baselines.solve(mapped(partial(_moments, prior=prior), trained))
        trees = None
        if find_spec("sklearn"):
            trees = baselines.grow(mapped(partial(_rows, prior=prior, stride=20), trained[:TREE_PEOPLE]), seed)
        progress("features")
        packs = [_packed(mapped, part, prior) for part in (trained, valid)]
    widen = _profile_error(valid, prior)
    baselines.save(baselines.Baselines(prior, ridge, widen, trees), target)
    net = training.start(ridge, Config(), seed)
    net = training.fit(net, packs[0], packs[1], training.Plan(), seed, device, lambda share, words: progress(words), seconds)
    judged = training.predicted(net, packs[1], device)
    errors = {name: round(float(np.sqrt(np.mean((judged[name] - judged["score"]) ** 2))), 5) for name in ("mean", "ridge")}
    card = {
        "name": "focus", "version": "1.0.0", "formula": FORMULA, "seed": seed,
        "what": "focus of the next 24 hours: an LSTM's residual over a global ridge over the person's profile",
        "made_by": f"coach lab pretrain focus --people {people} --seed {seed} --device {device}",
        "data": {"family": "A", "people": people, "days": DAYS, "seed": seed, "sha256": digest(trained)},
        "config": net.config.document(), "calibration": forecast.calibrated(judged["quantiles"], judged["score"]),
        "validation": errors,
    }
    weights = export.to_safetensors(net, net.config.document()) if find_spec("safetensors") else b""
    if not weights:
        np.savez(target / "state.npz", **{name: x.numpy() for name, x in net.state_dict().items()})
    export.save(target, training.onnx(net), weights, card)
    return card


def digest(trained: Iterable[Series]) -> str:
    """SHA-256 of everything that was trained on."""
    sha = hashlib.sha256()
    for one in trained:
        for x in (one.score, one.active, one.level, one.visits, one.meeting, one.deadline):
            sha.update(np.ascontiguousarray(x, dtype=np.float32).tobytes())
    return sha.hexdigest()


def _series(seeds: Sequence[int], workers: int, progress: Progress, cache: Path | None) -> list[Series]:
    file = cache / f"focus-A-{seeds[0]}-{len(seeds)}-{DAYS}.npz" if cache else None
    if file and file.is_file():
        with np.load(file) as kept:
            columns = [kept[name] for name in ("weekday", *FIELDS)]
        return [Series(int(row[0]), *(x.astype(np.float64) for x in row[1:])) for row in zip(*columns, strict=True)]
    found = [_rounded(one) for one in people(seeds, DAYS, "A", workers=workers, progress=progress)]
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        stacked = {name: np.stack([getattr(s, name) for s in found]).astype(np.float32) for name in FIELDS}
        np.savez_compressed(file, weekday=np.array([s.weekday for s in found]), **stacked)  # type: ignore[arg-type]
    return found


FIELDS = ("score", "active", "level", "visits", "meeting", "deadline")


def _rounded(one: Simulated) -> Series:
    """As the cache keeps it, so that a run with it learns the same."""
    return Series(one.series.weekday, *(getattr(one.series, name).astype(np.float32).astype(np.float64) for name in FIELDS))


Mapped = Callable[..., Iterator[Any]]


@contextmanager
def _pool(workers: int) -> Iterator[Mapped]:
    if workers <= 2:
        yield map
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield partial(pool.map, chunksize=8)


def _rows(series: Series, prior: Prior, stride: int = 6) -> baselines.Rows:
    issues = np.arange(SETTLED_H + int(series.active.sum()) % stride, 24 * series.days - 6, stride)
    return baselines.rows(features.state(series, prior), issues)


def _moments(series: Series, prior: Prior) -> tuple[Floats, Floats]:
    return baselines.moments(_rows(series, prior))


def _packed(mapped: Mapped, series: Sequence[Series], prior: Prior) -> Packed:
    from coach.ml.train import focus as training

    offsets = [int(s.active.sum()) % training.STRIDE for s in series]
    return training.packed(list(mapped(partial(_arrays, prior=prior), series, offsets)), offsets)


def _arrays(series: Series, offset: int, prior: Prior) -> dict[str, np.ndarray]:
    from coach.ml.train.focus import arrays

    return arrays(series, prior, DAYS, offset)


def _profile_error(valid: Sequence[Series], prior: Prior) -> tuple[float, float]:
    """The 10 % and 90 % points of the profile's error on people that it was not fitted to."""
    error = np.concatenate([_rows(s, prior, stride=12)[1] for s in valid])
    return float(np.quantile(error, 0.1)), float(np.quantile(error, 0.9))
