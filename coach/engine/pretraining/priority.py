"""The base of what is done next, from simulated people: `coach lab pretrain priority`.

Half of the people tell which words are taken readily in general; on the other half the tables are boosted, each choice with what
was known of the person before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coach.core.priority import FEATURES, Base, Option, Taste, count, option
from coach.engine.pretraining.priority_people import Choice, choices

SEEDS = 1_000_000
STRIDE = 40_009
PASSED = 8
"""Open tasks that each chosen one is paired with."""
TABLES = "tables.json"


def pretrain(
    target: Path, people: int = 240, seed: int = 1, progress: Callable[[str], None] = lambda words: None,
) -> dict[str, Any]:
    """Train on `people` simulated people of family A and write tables.json, model.onnx and card.json to `target`; returns the
    card. The same arguments give the same weights."""
    import numpy as np

    from coach.ml import card as cards
    from coach.ml.train import priority as training

    first = (seed * STRIDE) % (SEEDS - people)
    chosen, expected = [], []
    for n, number in enumerate(range(first, first + people // 2)):
        taste = Taste()
        for one in choices(number, "A"):
            count(taste, one.traits, one.chosen, one.weekend)
        chosen.append(taste.chosen)
        expected.append(taste.expected)
        if n % 25 == 0:
            progress(f"words of {n} people")
    words = training.general_words(chosen, expected)
    taken, passed, weights, sha = [], [], [], hashlib.sha256()
    for n, number in enumerate(range(first + people // 2, first + people)):
        pairs = pairs_of(number, words)
        taken += pairs[0]
        passed += pairs[1]
        weights += [1.0 / PASSED] * len(pairs[0])
        if n % 25 == 0:
            progress(f"{n} people, {len(taken)} pairs")
    table = np.asarray(taken, dtype=np.float64), np.asarray(passed, dtype=np.float64)
    sha.update(np.ascontiguousarray(table[0]).tobytes())
    progress(f"boosting on {len(taken)} pairs")
    base = training.boost(*table, np.asarray(weights), words)
    target.mkdir(parents=True, exist_ok=True)
    (target / TABLES).write_bytes(as_json(base))
    (target / "model.onnx").write_bytes(training.as_graph(base))
    cards.write(target, {
        "name": "priority", "version": "1",
        "what": "additive model of choice, pairwise boosted: a sum of eleven tables; the person's weights come from choices",
        "serves": "model", "features": list(FEATURES),
        "data": {"family": "A", "people": people, "pairs": len(taken), "first_seed": first, "sha256": sha.hexdigest()},
        "seed": seed, "made_by": f"coach lab pretrain priority --people {people} --seed {seed}",
    })
    return cards.read(target)


def pairs_of(seed: int, words: dict[str, float]) -> tuple[list[tuple[float, ...]], list[tuple[float, ...]]]:
    """(features of chosen tasks, of passed ones), a pair at each place."""
    import numpy as np

    taste, base, rng = Taste(), Base({}, {}, words), np.random.default_rng((seed, 31))
    taken: list[tuple[float, ...]] = []
    passed: list[tuple[float, ...]] = []
    for one in choices(seed, "A"):
        others = [i for i in range(len(one.opened)) if i != one.chosen]
        drawn = rng.choice(others, min(PASSED, len(others)), replace=False).tolist()
        x = _option(base, taste, one, one.chosen).x
        for i in drawn:
            taken.append(x)
            passed.append(_option(base, taste, one, i).x)
        count(taste, one.traits, one.chosen, one.weekend)
    return taken, passed


def _option(base: Base, taste: Taste, one: Choice, i: int) -> Option:
    task = one.opened[i]
    return option(base, taste, task.id, one.traits[i], one.at.timestamp(), weekend=one.weekend, snoozed=task.snooze_count)


def as_json(base: Base) -> bytes:
    """What `engine/prioritising.py` reads: pure Python serves it."""
    return json.dumps({"edges": dict(base.edges), "values": dict(base.values), "words": dict(base.words)}).encode()
