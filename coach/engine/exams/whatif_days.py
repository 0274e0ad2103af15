"""Made days against real ones of the same people, in the fixed map of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coach.engine.pretraining.whatif_people import Simulated
from coach.ml import two_sample
from coach.ml import whatif as serving
from coach.ml.baselines import whatif as baseline
from coach.ml.features import daymap
from coach.ml.features import whatif as features
from coach.ml.features.whatif import Array
from coach.ml.serving import Net

SIZE = len(daymap.MAP)
MORNING = [daymap.MAP.index(name) for name in (
    "active minutes, part 1", "active minutes, part 2", "focus minutes, part 1", "focus minutes, part 2", "distraction, part 1",
    "distraction, part 2", "first active hour",
)]
AFTERNOON = daymap.MAP.index("focus minutes, part 3")


@dataclass(frozen=True, slots=True)
class Compared:
    """For each person `pairs` (n, 65): figures of a real later day, then of the day made for it, then 1 for every other day:
    fixed, so that a resample of people never puts one day into both halves. `missed_min` (g,) minutes by
    which days with a goal missed it."""

    pairs: list[Array]
    missed_min: list[Array]


def compared(
    lives: Sequence[Simulated], net: Net, known: serving.Known, by: Mapping[str, Any], seed: int = 0,
) -> tuple[Compared, Compared]:
    """(by the net, by own days): for every later day one made from the history, half of them with the goal of one group that
    the day itself has met."""
    rng = np.random.default_rng(seed)
    scale = daymap.Scale(np.asarray(by["mean"]), np.asarray(by["sd"]))
    by_net, by_own = Compared([], []), Compared([], [])
    for life in lives:
        own, later = life.days[:life.known], life.days[life.known:]
        n = len(later)
        if not n or not len(own):
            continue
        minutes, visits = features.whole_minutes(later.minutes), np.rint(later.visits)
        target = minutes.sum(axis=1)
        asked = np.eye(len(features.GROUPS))[rng.integers(0, len(features.GROUPS), n)] * (rng.random((n, 1)) < 0.5)
        made = serving.generate(net, own, known, later.weekday, target, asked, rng)
        drawn = baseline.goal_days(own, later.weekday, target, asked, rng)
        near = baseline.usual_days(own, later.weekday, rng)
        goal = asked.max(axis=1) > 0
        taken = (
            features.whole_minutes(np.where(goal[:, None, None], drawn[0], near[0])),
            np.rint(np.where(goal[:, None], drawn[1], near[1])),
        )
        real = daymap.standard(daymap.figures(minutes, visits), scale)
        for days, into in ((made, by_net), (taken, by_own)):
            into.pairs.append(np.column_stack([real, daymap.standard(daymap.figures(*days), scale), np.arange(n) % 2]))
            into.missed_min.append((np.abs(days[0].sum(axis=1) - target) * asked).sum(axis=1)[goal])
    return by_net, by_own


def distance(rows: Array) -> float:
    """Fréchet distance between every other real day and the days made for the others, (n, 65)."""
    odd = rows[:, -1] > 0
    return daymap.frechet(rows[~odd, :SIZE], rows[odd, SIZE:-1])


def floor(rows: Array) -> float:
    """The same between real days and real days: what so many days of the same people are apart anyway."""
    odd = rows[:, -1] > 0
    return daymap.frechet(rows[~odd, :SIZE], rows[odd, :SIZE])


def told_apart(pairs: Sequence[Array], boosted: bool = True) -> list[Array]:
    """For each person (2n, 2): how real a classifier that saw other people's days takes each day for, and whether it is. Five
    folds of people; gradient boosting, or a logistic regression."""
    both = [np.vstack([p[:, :SIZE], p[:, SIZE:-1]]) for p in pairs]
    real = [np.repeat([1.0, 0.0], len(p)) for p in pairs]
    found: list[Array] = [np.zeros((0, 2))] * len(pairs)
    folds = min(5, len(pairs))
    for fold in range(folds):
        others = [i for i in range(len(pairs)) if i % folds != fold] or [fold]
        reality = two_sample.fit(np.vstack([both[i] for i in others]), np.concatenate([real[i] for i in others]), boosted)
        for i in range(fold, len(pairs), folds):
            found[i] = np.column_stack([reality(both[i]), real[i]])
    return found


def useful(pairs: Sequence[Array]) -> float:
    """Train on made days, test on real ones, over train on real (Esteban et al. 2017): the share of R^2 that is left when the
    afternoon's focus work is to be told from the morning. Every other person is for testing."""
    train, test = np.vstack(pairs[::2]), np.vstack(pairs[1::2] or pairs)
    scores = []
    for start in (SIZE, 0):
        x, y = train[:, start:start + SIZE][:, MORNING], train[:, start + AFTERNOON]
        design = np.column_stack([x, np.ones(len(x))])
        weight = np.linalg.solve(design.T @ design + np.eye(design.shape[1]), design.T @ y)
        seen, truth = np.column_stack([test[:, MORNING], np.ones(len(test))]), test[:, AFTERNOON]
        scores.append(1 - float(((truth - seen @ weight) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()))
    return scores[0] / scores[1] if scores[1] > 0 else float("nan")
