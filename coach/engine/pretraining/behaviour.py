"""Base of the chance of completion, from simulated people: `coach lab pretrain behaviour`.

Rows are all task-days on which something was done and one in KEEP of the others, with the weight of those left out. People held
out calibrate the chances that the hazards add up to."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coach.config import shipped
from coach.core.completion import Lived, Question, Row, asked_on, own_effect, walk
from coach.core.priority import Base
from coach.engine.pretraining.behaviour_people import TZ, Person, person
from coach.engine.prioritising import TABLES, base_of

if TYPE_CHECKING:

    from coach.ml.serving import Net

SEEDS = 1_000_000
STRIDE = 50_021
KEEP = 5
HELD_OUT_EVERY = 6
WARM_DAYS = 60
"""A person is known so long before anything is asked."""
EFFECT_DAYS = 60
"""Task-days of so many days tell a person's own effect."""


def pretrain(
    target: Path, people: int = 150, seed: int = 1, progress: Callable[[str], None] = lambda words: None,
) -> dict[str, Any]:
    """Train on `people` simulated people of family A and write model.onnx and card.json to `target`; returns the card. The same
    arguments give the same weights."""
    import numpy as np

    from coach.ml import card as cards
    from coach.ml import serving
    from coach.ml.train import behaviour as training

    base, first = shipped_base(), (seed * STRIDE) % (SEEDS - people)
    kept: list[tuple[float, ...]] = []
    done: list[bool] = []
    rng = np.random.default_rng(seed)
    for n, number in enumerate(range(first, first + people)):
        if n % HELD_OUT_EVERY == 0:
            continue
        for rows in told(person(number, "A"), base):
            for row in rows:
                if row.done or rng.random() < 1 / KEEP:
                    kept.append(row.x)
                    done.append(row.done)
        if n % 25 == 1:
            progress(f"{n} people, {len(kept)} task-days")
    table, happened = np.asarray(kept, dtype=np.float32), np.asarray(done)
    weights = np.where(happened, 1.0, float(KEEP))
    progress(f"boosting on {len(kept)} task-days")
    onnx = training.boost(table, happened, weights, seed)
    about: dict[str, Any] = {
        "name": "behaviour", "version": "1", "what": "discrete-time hazard of completion: boosted trees on task-days",
        "serves": "model", "data": {
            "family": "A", "people": people, "rows": len(kept), "first_seed": first,
            "sha256": hashlib.sha256(table.tobytes()).hexdigest()},
        "seed": seed, "made_by": f"coach lab pretrain behaviour --people {people} --seed {seed}",
        "logistic": training.logistic(table, happened, weights),
    }
    net = serving.load(onnx, inputs=("features",), outputs=("logit",))
    progress("calibrating on people held out")
    asked = np.array([
        (chance, one.happened) for number in range(first, first + people, HELD_OUT_EVERY)
        for one, chance in questions(person(number, "A"), base, net, {})
    ])
    about["platt"] = training.platt(asked[:, 0], asked[:, 1] > 0.5)
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.onnx").write_bytes(onnx)
    cards.write(target, about)
    return cards.read(target)


def shipped_base() -> Base:
    """The tables of models/priority, whose features are these too."""
    return base_of(shipped("models", "priority", TABLES).read_bytes())


def told(one: Person, base: Base) -> list[list[Row]]:
    """The rows of every day of a person, holidays left out."""
    rows = list(walk(one.lives, one.dates[0], one.dates[-1], TZ, base, Lived()))
    return [some for some, gone in zip(rows, one.life.away, strict=True) if not gone]


def questions(one: Person, base: Base, net: Net, card: dict[str, Any]) -> list[tuple[Question, float]]:
    """What is asked of a person, whose answer is known by the end, and the chance that is told, from what was known on that
    day."""
    from coach.ml import behaviour

    lived, asked = Lived(), []
    recent: list[list[Row]] = []
    for n, rows in enumerate(walk(one.lives, one.dates[0], one.dates[-1], TZ, base, lived)):
        if n >= WARM_DAYS and (new := asked_on(rows, len(rows), one.dates[n], one.dates[-1], TZ, base, lived)):
            effect = _effect(recent, net)
            asked += [(q, behaviour.chances(behaviour.logits(net, q.rows), effect, card)[-1]) for q in new]
        if not one.life.away[n]:
            recent = [*recent, rows][-EFFECT_DAYS:]
    return asked


def _effect(recent: Sequence[Sequence[Row]], net: Net) -> float:
    from coach.ml import behaviour

    rows = [row for some in recent for row in some]
    if not rows:
        return 0.0
    thin = rows[:: max(1, len(rows) // 1500)]
    return own_effect(behaviour.logits(net, [r.x for r in thin]), [r.done for r in thin], [r.weight for r in thin])[0]
