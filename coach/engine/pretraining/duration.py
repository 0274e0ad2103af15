"""Base weights of the lengths, from simulated people: `coach lab pretrain duration`.

Training people have seeds below 1,000,000. First a ridge on the words of titles, what people in general need; then the forest
of what a history adds, on people of family A whose lengths go by the kind of work, and on as many for whom the title says
nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from math import log
from pathlib import Path
from typing import Any

from coach.core.duration import CENTER
from coach.engine.pretraining.duration_people import PersonCases, person

SEEDS = 1_000_000
COLD, COLD_TASKS = 3.0, 20
"""Weight of a person's first tasks, and how many those are."""
STRIDE = 30_011
"""Spreads the people of neighbouring seeds of a training."""


def pretrain(
    target: Path, people: int = 300, seed: int = 1, progress: Callable[[str], None] = lambda words: None,
) -> dict[str, Any]:
    """Train on `people` simulated people and write model.onnx and card.json to `target`; returns the card. The same arguments
    give the same weights."""
    import numpy as np

    from coach.ml import card as cards
    from coach.ml.features.duration import row, rows
    from coach.ml.train import duration as training

    first = (seed * STRIDE) % (SEEDS - people)
    half = people // 2
    progress(f"words of {half} people")
    read = [person(s, "A", {}, log(30.0), plain=True) for s in range(first, first + half)]
    titles = [c.asked.title for p in read for c in p.cases]
    middle, words = training.base_words(titles, [log(c.actual_min) for p in read for c in p.cases])
    everyone = []
    for done, s in enumerate(range(first, first + people)):
        if done % 50 == 0:
            progress(f"{done} of {people} people")
        everyone.append(person(s, "A", words, middle, plain=s % 2 == 0))
    cases = [c for p in everyone for c in p.cases]
    features = rows([row(c.asked, c.found, c.base_log) for c in cases])
    residuals = np.array([log(c.actual_min) - c.found.center for c in cases])
    # The first weeks are few among all tasks, and the ones in which a range has nothing but the base to stand on.
    weights = np.array([COLD if i < COLD_TASKS else 1.0 for p in everyone for i in range(len(p.cases))])
    edges = training.grid(residuals)
    progress(f"a forest on {len(cases)} tasks")
    onnx = training.forest(features, residuals, weights, edges, seed)
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.onnx").write_bytes(onnx)
    about = {
        "name": "duration", "version": "1",
        "what": "quantile regression forest of log minutes over the center that estimate, similar tasks and medians make",
        "serves": "model", "data": {"family": "A", "people": people, "tasks": len(cases), "first_seed": first,
                                    "sha256": digest(everyone)},
        "seed": seed, "made_by": f"coach lab pretrain duration --people {people} --seed {seed}",
        "edges": edges, "center": CENTER, "base": {"middle": round(middle, 4), "words": words},
    }
    cards.write(target, about)
    return cards.read(target)


def digest(people: Sequence[PersonCases]) -> str:
    """SHA-256 of titles and minutes."""
    sha = hashlib.sha256()
    for p in people:
        for c in p.cases:
            sha.update(f"{c.asked.title}\t{c.asked.estimate_min}\t{c.actual_min}\n".encode())
    return sha.hexdigest()
