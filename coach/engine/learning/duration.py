"""How the lengths learn from one person: a forest of their own finished tasks, each told from those before it, beside the shipped
one. The loss of a day is the mean squared error of log minutes over the tasks finished on it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import log
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, shipped
from coach.core.duration import CENTER, Asked, Evidence, Known, asked_of, evidence, kinds_of, past
from coach.core.likeness import words_of
from coach.core.when import parse_iso
from coach.engine import estimating
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.ml import card as cards
from coach.ml import duration
from coach.ml.baselines.duration import running_ratio
from coach.ml.features.duration import row, rows
from coach.store import finished
from coach.store import tasks as stored
from coach.store.db import Connection

CASES = range(950_000, 950_004)
HALF = 2000
"""So many own tasks have as much say as all simulated people."""
LEAST_OWN = 40
MOST_SAID = 20


@dataclass(frozen=True, slots=True)
class Done:
    """A finished task as it was before it was done."""

    day: date
    asked: Asked
    found: Evidence
    base_log: float
    log_min: float


@dataclass(frozen=True, slots=True, eq=False)
class History:
    days: tuple[date, ...]
    done: tuple[Done, ...]
    digest: str


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The last finished tasks with measured time."""
    return history(finished.measured(db, estimating.HISTORY), tz)


def history(found: Sequence[finished.Finished], tz: ZoneInfo) -> History:
    words, middle = _base(cards.read(shipped("models", "duration")))
    known, done, sha = Known(), [], hashlib.sha256()
    for one in found:
        sha.update(repr(one).encode())
        prior = middle + sum(words.get(w, 0.0) for w in words_of(one.title))
        before = past(one.title, kinds_of(one.project, one.tags, one.category), one.estimate_min, one.actual_min,
                      parse_iso(one.completed), prior)
        asked = Asked(before.title, before.words, before.kinds, before.estimate_min)
        done.append(Done(before.at.astimezone(tz).date(), asked, evidence(known, asked, prior), prior, log(before.actual_min)))
        known.add(before)
    return History(tuple(sorted({d.day for d in done})), tuple(done), sha.hexdigest())


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """The shipped forest with one of the person's own tasks before `until` beside it, whose share grows with their number."""
    from coach.ml.train import duration as training  # scikit-learn and onnx: in the training child only
    from coach.ml.train.trees import joined

    shipped_card = cards.read(shipped("models", "duration"))
    card = {**base.card, "edges": shipped_card["edges"], "center": CENTER}
    onnx = shipped("models", "duration", "model.onnx").read_bytes()
    own = [d for d in data.done if d.day < until]
    progress(0.2, f"learning from {len(own)} tasks")
    if len(own) >= LEAST_OWN:
        features = rows([row(d.asked, d.found, d.base_log) for d in own])
        residuals = np.array([d.log_min - d.found.center for d in own])
        mine = training.forest(features, residuals, np.ones(len(own)), card["edges"], seed)
        onnx = joined(onnx, mine, len(own) / (len(own) + HALF))
    return Trained(onnx, b"", {**card, "own_tasks": len(own)})


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Mean squared error of log minutes of the tasks finished on each day."""
    wanted = set(days)
    chosen = [d for d in data.done if d.day in wanted]
    by_day: dict[date, list[float]] = {}
    for one, said in zip(chosen, _said(chosen, model), strict=True):
        by_day.setdefault(one.day, []).append((said - one.log_min) ** 2)
    return {day: float(np.mean(losses)) for day, losses in by_day.items()}


def regression(model: Model) -> dict[str, float]:
    """Mean squared error of log minutes on four simulated people."""
    from coach.engine.pretraining.duration_people import person

    words, middle = _base(model.card)
    found = {}
    for seed in CASES:
        cases = person(seed, "A", words, middle, days=120).cases
        done = [Done(date.min, c.asked, c.found, c.base_log, log(c.actual_min)) for c in cases]
        found[str(seed)] = float(np.mean([(said - d.log_min) ** 2 for said, d in zip(_said(done, model), done, strict=True)]))
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """By day: mean log minutes, mean log ratio to the estimate, tasks finished."""
    by_day: dict[date, list[Done]] = {day: [] for day in data.days}
    for one in data.done:
        by_day[one.day].append(one)
    ratios = [[d.log_min - log(d.asked.estimate_min) for d in some if d.asked.estimate_min] for some in by_day.values()]
    return {
        "log_minutes": np.array([np.mean([d.log_min for d in some]) for some in by_day.values()]),
        "log_ratio": np.array([float(np.mean(r)) if r else 0.0 for r in ratios]),
        "finished": np.array([float(len(some)) for some in by_day.values()]),
    }


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """Log minutes of the open tasks that will be measured soonest: the started ones, then those due next."""
    opened = sorted(stored.open_tasks(db), key=lambda t: (t.started is None, t.due is None, str(t.due), t.num))[:MOST_SAID]
    memory = estimating.remember(db, model, 0)
    asked = [asked_of(task) for task in opened]
    priors = [estimating.base_of(memory, a) for a in asked]
    done = [
        Done(now.date(), a, evidence(memory.known, a, prior), prior, 0.0) for a, prior in zip(asked, priors, strict=True)
    ]
    return [Forecast(task.id, said) for task, said in zip(opened, _said(done, model), strict=True)]


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> Mapping[str, float]:
    """Log minutes of those that are finished; NaN for what was finished without a clock, deleted or is gone."""
    found = finished.outcomes(db, list(keys))
    known = {}
    for key in keys:
        status, took = found.get(key, ("deleted", None))
        if status != "pending":
            known[key] = log(took) if status == "completed" and took else float("nan")
    return known


def _said(done: Sequence[Done], model: Model | None) -> list[float]:
    """Log minutes of each; the baseline's where there is no model."""
    if model is None:
        return [log(running_ratio(d.asked, d.found)) for d in done]
    bands = duration.bands(model.net, model.card, [row(d.asked, d.found, d.base_log) for d in done])
    return [
        d.found.center + (0.0 if d.asked.estimate_min else float(middle)) for d, middle in zip(done, bands.middle, strict=True)
    ]


def _base(card: Mapping[str, object]) -> tuple[dict[str, float], float]:
    base = card.get("base")
    if not isinstance(base, dict):
        return {}, log(30.0)
    return dict(base["words"]), float(base["middle"])
