"""How the categoriser learns from one person: its heads go on training on the corpus together with the person's answers. The loss
of a day is the mean Brier score of the best category over the answers given on it: was it the one that was chosen?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, shipped
from coach.core.when import parse_iso
from coach.engine import categorising
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.ml import categoriser as ml
from coach.ml import embed
from coach.ml.baselines import categoriser as baseline
from coach.store import guesses
from coach.store import tasks as stored
from coach.store.db import Connection

OWN_WEIGHT = 5.0
"""Titles of the corpus that one of the person's own counts for."""
LEAST_ANSWERS = 30
MOST_SAID = 50
CASES = 40
"""Titles of each category that no version may get worse at: the last of each file."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Answers that chose a shipped category: `on` (their days), titles, `chosen` (n,) and `deep` (n, 1152)."""

    days: tuple[date, ...]
    on: tuple[date, ...]
    titles: tuple[str, ...]
    chosen: np.ndarray
    deep: np.ndarray
    digest: str


def enough(db: Connection) -> bool:
    """Whether the answers are worth a training: before that they count as they are."""
    return len(guesses.answers(db, LEAST_ANSWERS)) >= LEAST_ANSWERS


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The latest answers. Embeds their titles: 2 ms each."""
    place = {name: i for i, name in enumerate(categorising.categories())}
    given = [a for a in guesses.answers(db, categorising.MOST_ANSWERS) if a.chosen in place]
    on = tuple(parse_iso(a.at).astimezone(tz).date() for a in given)
    titles = tuple(a.title for a in given)
    sha = hashlib.sha256(repr([(a.title, a.chosen, a.at) for a in given]).encode()).hexdigest()
    chosen = np.array([place[a.chosen or ""] for a in given], dtype=np.int64)
    return History(tuple(sorted(set(on))), on, titles, chosen, _deep(titles), sha)


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """The heads of `base` on the corpus and the answers before `until`."""
    from coach.engine.pretraining.categoriser import corpus
    from coach.ml.train import categoriser as training  # torch: in the training child only
    from coach.ml.train import export

    _, descriptions, texts, labels, blocks = corpus()
    progress(0.1, f"embedding {len(texts)} titles")
    deep, before = _deep(texts), [row for row, day in enumerate(data.on) if day < until]
    progress(0.5, f"learning from {len(before)} answers")
    titles = training.Titles(
        [*texts, *(data.titles[row] for row in before)], np.concatenate([np.array(labels), data.chosen[before]]),
        np.concatenate([deep, data.deep[before]]), np.concatenate([np.array(blocks), np.zeros(len(before), dtype=np.int64)]),
        np.zeros((len(descriptions), embed.DIMENSIONS)),
    )
    weights = np.concatenate([np.ones(len(texts)), np.full(len(before), OWN_WEIGHT)])
    start = base.weights or (shipped("models", "categoriser") / "weights.safetensors").read_bytes()
    net, run = training.fit_heads(titles, seed, weights, start, rate=2e-4, epochs=6)
    card = {key: value for key, value in base.card.items() if key not in ("runs", "confusion", "cross_validation")}
    return Trained(training.graph(net), export.to_safetensors(net, net.size.document()),
                   {**card, "own_answers": len(before), "runs": [{"epochs": run.epochs, "best": run.best}]})


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Mean Brier score of the best category, before what the person's other answers add."""
    wanted = set(days)
    rows = [row for row, day in enumerate(data.on) if day in wanted]
    if not rows:
        return {}
    log_p = _said(model, data.deep[rows], [data.titles[row] for row in rows])
    losses = (np.exp(log_p.max(axis=1)) - (log_p.argmax(axis=1) == data.chosen[rows])) ** 2
    by_day: dict[date, list[float]] = {}
    for row, loss in zip(rows, losses, strict=True):
        by_day.setdefault(data.on[row], []).append(float(loss))
    return {day: float(np.mean(some)) for day, some in by_day.items()}


def regression(model: Model) -> dict[str, float]:
    """Log-loss by category on the last titles of the corpus, which the shipped heads were trained on too: what a version must not
    forget."""
    from coach.engine.pretraining.categoriser import corpus

    names, _, texts, labels, _ = corpus()
    found = {}
    for label, name in enumerate(names):
        last = [text for text, own in zip(texts, labels, strict=True) if own == label][-CASES:]
        log_p = _said(model, _deep(last), last)
        found[name] = float(-log_p[:, label].mean())
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """By day: answers, mean letters of a title."""
    by_day = [[row for row, on in enumerate(data.on) if on == day] for day in data.days]
    return {
        "answers": np.array([float(len(rows)) for rows in by_day]),
        "letters": np.array([float(np.mean([len(data.titles[row]) for row in rows])) for rows in by_day]),
    }


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """How sure the best category of each of the newest open tasks is; keys name the task and that category."""
    opened = [task for task in sorted(stored.open_tasks(db), key=lambda t: -t.num)
              if task.category is None or task.category_confidence is not None][:MOST_SAID]
    if not opened:
        return []
    titles = [task.title for task in opened]
    log_p = _said(model, _deep(titles), titles)
    names = tuple(categorising.categories())
    return [Forecast(f"{task.id}/{names[int(row.argmax())]}", float(np.exp(row.max())))
            for task, row in zip(opened, log_p, strict=True)]


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> Mapping[str, float]:
    """1 where that category was chosen, 0 where another was; NaN for tasks that were finished without a word, or are gone."""
    found: dict[str, float] = {}
    for key in keys:
        task_id, _, name = key.partition("/")
        task = stored.get(db, task_id)
        if task is not None and task.category is not None and task.category_confidence is None:
            found[key] = float(task.category == name)
        elif task is None or task.status != "pending":
            found[key] = float("nan")
    return found


def _said(model: Model | None, deep: np.ndarray, titles: Sequence[str]) -> np.ndarray:
    """Log-probabilities (n, shipped) by a version within the blend, or by the baseline."""
    base = ml.load(shipped("models", "categoriser"))
    if model is None:
        return baseline.log_probabilities(base.words, titles)
    return ml.blended(ml.opinions(base, model.net, deep, titles)[0], base.weights)


def _deep(titles: Sequence[str]) -> np.ndarray:
    return embed.deep(embed.load(shipped("models", "embedder")), titles)
