"""Base weights of the workflow graph's net, from simulated people of family A: `coach lab pretrain graph`.

Training people have seeds below 900,000; people from there to 1,000,000, never trained on, decide whether the net or its
feature-only regression serves. Exams use seeds from 1,000,000 on."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from coach.config import shipped
from coach.engine.exams.workflows import Workflow, workflow
from coach.engine.graphs import embedded
from coach.ml import card, embed, scoring

if TYPE_CHECKING:
    from coach.ml.train.graph import Example

VERSION = "1.0.0"
TRIAL_SEEDS = 900_000
TRIAL_SHARE = 5
"""One trial person for so many trained on."""
MARGIN = 0.02
"""Macro-F1 by which the net must beat the regression to serve."""
DAYS = (30, 60, 90)

Progress = Callable[[str], None]


def pretrain(
    target: Path, people: int = 400, seed: int = 0, device: str = "cpu", progress: Progress = lambda _: None,
    cache: Path | None = None,
) -> dict[str, Any]:
    """Write model.onnx, weights.safetensors and card.json to `target`; returns the card. Simulated people are kept in `cache`
    if given. The same arguments give the same net on the same kind of machine."""
    from coach.ml.train import graph as training  # torch: 1.5 s

    trials = max(20, people // TRIAL_SHARE)
    learning = examples(range(seed * people, seed * people + people), progress, cache, fresh=False)
    tried = examples(range(TRIAL_SEEDS, TRIAL_SEEDS + trials), progress, cache, fresh=True)
    progress(f"training on {len(learning)} people")
    trained = training.train(learning, seed, device, progress=progress)
    by_graph, by_features, truth = _said(trained.net, tried)
    gain = scoring.interval(
        [np.stack(rows, axis=1) for rows in zip(by_graph, by_features, truth, strict=True)],
        lambda r: scoring.macro_f1(r[:, 0] >= 0.5, r[:, 2]) - scoring.macro_f1(r[:, 1] >= 0.5, r[:, 2]),
    )
    serves = "model" if gain.low >= MARGIN else "baseline"
    shares = np.concatenate([e.truth[e.unknown & np.isfinite(e.truth)] for e in learning])
    about = {
        "name": "graph", "version": VERSION, "what": "productive or distracting, for places that no rule names",
        "data": {"simulator": "family A", "people": len(learning), "seed": seed, "sha256": digest(learning)},
        "formula": 1, "seed": seed, "made_by": f"coach lab pretrain graph --people {people} --device {device}",
        "serves": serves, "share": round(float(shares.mean()), 4), "spread": _spread(learning),
        "decision": {"people": len(tried), "macro_f1_gain": [round(x, 4) for x in (gain.value, gain.low, gain.high)],
                     "margin": MARGIN},
        "notes": "The net serves" if serves == "model" else
                 "The net is not two points of macro-F1 better than its feature-only regression, which serves in its place",
    }
    return training.save(trained, target, about)


def examined(target: Path, found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Write what `coach models evaluate graph` found for each family into the card; returns it."""
    kept = ("users", "seed", "places", "systems", "oracle", "gain_over_features", "edges", "latency_ms", "cold_start")
    about = {name: value for name, value in card.read(target).items() if name != "files"}
    about["metrics"] = {str(one["family"]): {name: one[name] for name in kept} for one in found}
    about["examined_by"] = [f"coach models evaluate graph --users {one['users']} --family {one['family']}" for one in found]
    card.write(target, about)
    return card.read(target)


def examples(seeds: Sequence[int], progress: Progress, cache: Path | None, fresh: bool) -> list[Example]:
    """One example for each seed, their histories of different length."""
    from coach.ml.train.graph import Example

    embedder = embed.load(shipped("models", "embedder"))
    found = []
    for i, seed in enumerate(seeds):
        if i % 50 == 0:
            progress(f"{i} of {len(seeds)} people simulated")
        person = _kept(cache, f"{seed}-{int(fresh)}", lambda s=seed: _person(s, fresh, embedder))  # type: ignore[misc]
        if person is not None:
            found.append(Example(*person))
    return found


def example(one: Workflow, embedder: embed.Embedder) -> Example:
    from coach.ml.train.graph import Example

    return Example(one.graph, embedded(one.graph, embedder, one.graph.places), one.truth, one.unknown, one.proposed)


def digest(people: Sequence[Example]) -> str:
    """SHA-256 of what was trained on."""
    made = hashlib.sha256()
    for one in people:
        for array in (one.graph.behaviour, one.graph.moves, one.truth, one.proposed):
            made.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
        made.update("\n".join(one.graph.texts).encode())
    return made.hexdigest()


def _person(seed: int, fresh: bool, embedder: embed.Embedder) -> tuple[Any, ...] | None:
    one = workflow(seed, "A", DAYS[seed % len(DAYS)], fresh)
    if one is None:
        return None
    made = example(one, embedder)
    return made.graph, made.text, made.truth, made.unknown, made.proposed


def _kept(cache: Path | None, name: str, make: Callable[[], tuple[Any, ...] | None]) -> tuple[Any, ...] | None:
    """From the cache, which this command itself wrote, or made and put there."""
    if cache is None:
        return make()
    file = cache / f"graph-{name}.pickle"
    if file.is_file():
        kept: tuple[Any, ...] | None = pickle.loads(file.read_bytes())  # noqa: S301 - our own file, in a folder the developer names
        return kept
    made = make()
    cache.mkdir(parents=True, exist_ok=True)
    file.write_bytes(pickle.dumps(made))
    return made


def _said(net: Any, people: Sequence[Example]) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """By person: the net's probabilities, the regression's and the truth, of the unknown places."""
    from coach.ml import workflow as serving
    from coach.ml.features.graph import inputs
    from coach.ml.train.graph import to_onnx

    loaded = serving.load(to_onnx(net))
    found: tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]] = ([], [], [])
    for one in people:
        levels = np.where(one.unknown, np.nan, one.graph.levels)
        labels = serving.predict(loaded, inputs(one.graph, one.text, levels, one.proposed))
        asked = one.unknown & np.isfinite(one.truth)
        for kept, values in zip(found, (labels.productive, labels.by_features, one.truth), strict=True):
            kept.append(values[asked].astype(float))
    return found


def _spread(people: Sequence[Example]) -> dict[str, float]:
    """Calibration of label propagation, by the people trained on: the slope and offset that exams use."""
    from coach.ml.baselines import graph as baselines
    from coach.ml.features.graph import inputs

    scores, truth = [], []
    for one in people:
        levels = np.where(one.unknown, np.nan, one.graph.levels)
        asked = one.unknown & np.isfinite(one.truth)
        scores.append(baselines.spread(inputs(one.graph, one.text, levels)["near"][0], levels)[asked])
        truth.append(one.truth[asked])
    fitted = baselines.platt(np.concatenate(scores), np.concatenate(truth))
    return {"slope": round(fitted.slope, 4), "offset": round(fitted.offset, 4)}
