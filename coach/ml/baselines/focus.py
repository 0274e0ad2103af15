"""What the focus forecast must beat: last week's hour, the profile, a global ridge and gradient-boosted trees on the same
features as the net. They need numpy only (scikit-learn to grow the trees), so that any of them can serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile

import numpy as np

from coach.core.errors import ModelBroken, ModelMissing
from coach.ml.features import focus as features
from coach.ml.features.focus import AHEAD, CROSSED, FUTURE, Floats, Ints, Series
from coach.ml.features.focus_profile import Prior

Rows: TypeAlias = tuple[Floats, Floats]
"""(future (n, len(FUTURE)), residual (n,)): what one person's scored hours teach."""

FILE = "baselines.npz"
STRENGTH = 300.0
"""Of the ridge, in rows."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted regression trees as flat arrays; `left` and `right` are absolute, a leaf is its own child."""

    roots: Ints
    feature: Ints
    threshold: Floats
    left: Ints
    right: Ints
    value: Floats
    start: float
    depth: int


@dataclass(frozen=True, slots=True)
class Baselines:
    """`ridge` has a weight for each of FUTURE, then CROSSED, then the intercept. `widen` are the 10 % and 90 % points of the
    profile's error. `trees` may be missing."""

    prior: Prior
    ridge: Floats
    widen: tuple[float, float]
    trees: Trees | None = None


UNINFORMED = Prior(np.full((7, 24), 0.45), np.full((7, 24), 0.3))
"""Where nothing is usual."""


def seasonal_naive(series: Series, issues: Ints, otherwise: Floats) -> Floats:
    """(issues, 24) the score of the same hour a week before, else of two to four weeks before, else `otherwise`."""
    score = np.where(series.active >= features.LEAST_MIN, series.score, np.nan).ravel()
    t = issues[:, None] + np.arange(AHEAD)[None, :]
    found = np.full(t.shape, np.nan)
    for weeks in (1, 2, 3, 4):
        before = t - 168 * weeks
        known = np.where(before >= 0, score[np.clip(before, 0, max(len(score) - 1, 0))] if len(score) else np.nan, np.nan)
        found = np.where(np.isnan(found), known, found)
    filled: Floats = np.where(np.isnan(found), otherwise, found)
    return filled


def ridge(baselines: Baselines, future: Floats) -> Floats:
    """(..., 24) forecasts from future (..., 24, len(FUTURE))."""
    found: Floats = np.clip(_profile(future) + crossed(future) @ baselines.ridge[:-1] + baselines.ridge[-1], 0.0, 1.0)
    return found


def boosted(trees: Trees, future: Floats) -> Floats:
    """(..., 24) forecasts from future (..., 24, len(FUTURE))."""
    rows = future.reshape(-1, future.shape[-1]).astype(np.float32)
    total = np.full(len(rows), trees.start)
    for part in range(0, len(rows), 20_000):
        x = rows[part:part + 20_000]
        at = np.arange(len(x))
        for root in trees.roots:
            node = np.full(len(x), root)
            for _ in range(trees.depth):
                goes_left = x[at, trees.feature[node]] <= trees.threshold[node]
                node = np.where(goes_left, trees.left[node], trees.right[node])
            total[part:part + 20_000] += trees.value[node]
    found: Floats = np.clip(_profile(future) + total.reshape(future.shape[:-1]), 0.0, 1.0)
    return found


def crossed(future: Floats) -> Floats:
    """FUTURE and the products of CROSSED."""
    first, second = (np.array([pair[i] for pair in CROSSED]) for i in (0, 1))
    return np.concatenate([future, future[..., first] * future[..., second]], axis=-1)


def rows(known: features.State, issues: Ints) -> Rows:
    """The scored hours ahead of `issues`."""
    future = features.future(known, issues)
    score, _ = features.targets(known.series, issues)
    seen = np.isfinite(score)
    return future[seen], (score - _profile(future))[seen]


def usual(people: Iterable[Series]) -> Prior:
    """Means over people by hour, of working days and of weekends, drawn to the mean of all hours where few are active."""
    sums = np.zeros((3, 7, 24))
    for one in people:
        known = np.isfinite(one.score) & (one.active >= features.LEAST_MIN)
        for weekday in range(7):
            of = one.weekdays[: one.days] == weekday
            sums[0, weekday] += np.where(known, np.nan_to_num(one.score), 0.0)[of].sum(axis=0)
            sums[1, weekday] += known[of].sum(axis=0)
            sums[2, weekday] += of.sum()
    parts = ((slice(0, 5), 5), (slice(5, 7), 2))
    whole = np.concatenate([np.repeat(sums[:, of].sum(axis=1, keepdims=True), n, axis=1) for of, n in parts], axis=1)
    mean = sums[0].sum() / max(sums[1].sum(), 1.0)
    score = (whole[0] + 50 * mean) / (whole[1] + 50)
    return Prior(score, np.clip(whole[1] / np.maximum(whole[2], 1.0), 0.01, 0.99))


def moments(of: Rows) -> tuple[Floats, Floats]:
    """(X'X, X'r) of one person's rows, X with the products and a column of ones: what `solve` adds up."""
    future, residual = of
    x = np.concatenate([crossed(future), np.ones((len(future), 1))], axis=1)
    return x.T @ x, x.T @ residual


def solve(people: Iterable[tuple[Floats, Floats]], strength: float = STRENGTH) -> Floats:
    """Ridge regression of the residual over the profile, pooled over people (Hoerl and Kennard 1970)."""
    size = len(FUTURE) + len(CROSSED) + 1
    gram, moment = np.zeros((size, size)), np.zeros(size)
    for own, towards in people:
        gram += own
        moment += towards
    penalty = np.full(size, strength)
    penalty[-1] = 1e-6
    return np.asarray(np.linalg.solve(gram + np.diag(penalty), moment), dtype=np.float64)


def grow(people: Iterable[Rows], seed: int = 0, trees: int = 250) -> Trees:
    """Gradient boosting (scikit-learn's histogram trees) of the residual over the profile, stopped early on a tenth."""
    from sklearn.ensemble import HistGradientBoostingRegressor  # 0.7 s, only to train

    parts = list(people)
    x = np.concatenate([p[0] for p in parts]).astype(np.float32)
    y = np.concatenate([p[1] for p in parts])
    grown = HistGradientBoostingRegressor(
        max_iter=trees, learning_rate=0.06, max_leaf_nodes=31, min_samples_leaf=200, l2_regularization=1.0, max_bins=128,
        early_stopping=True, validation_fraction=0.1, random_state=seed,
    ).fit(x, y)
    return flat(grown)


def flat(grown: Any) -> Trees:
    """A fitted HistGradientBoostingRegressor as arrays."""
    nodes = [stage[0].nodes for stage in grown._predictors]
    offsets = np.cumsum([0, *(len(n) for n in nodes)])
    own = np.concatenate([np.arange(len(n)) + o for n, o in zip(nodes, offsets, strict=False)])
    leaf = np.concatenate([n["is_leaf"] for n in nodes]).astype(bool)
    left, right = (
        np.where(leaf, own, np.concatenate([n[side].astype(np.int64) + o for n, o in zip(nodes, offsets, strict=False)]))
        for side in ("left", "right")
    )
    return Trees(
        offsets[:-1], np.where(leaf, 0, np.concatenate([n["feature_idx"] for n in nodes])).astype(np.int64),
        np.where(leaf, 0.0, np.concatenate([n["num_threshold"] for n in nodes])), left, right,
        np.where(leaf, np.concatenate([n["value"] for n in nodes]), 0.0), float(np.ravel(grown._baseline_prediction)[0]),
        int(max(n["depth"].max() for n in nodes)),
    )


def save(baselines: Baselines, folder: Path) -> None:
    """baselines.npz in `folder`."""
    arrays: dict[str, Any] = {
        "prior_score": baselines.prior.score.astype(np.float32), "prior_active": baselines.prior.active.astype(np.float32),
        "ridge": baselines.ridge, "widen": np.array(baselines.widen),
    }
    if baselines.trees is not None:
        t = baselines.trees
        arrays |= {
            "roots": t.roots.astype(np.int32), "feature": t.feature.astype(np.uint8), "threshold": t.threshold.astype(np.float32),
            "left": t.left.astype(np.int32), "right": t.right.astype(np.int32), "value": t.value.astype(np.float32),
            "start": np.float64(t.start), "depth": np.int64(t.depth),
        }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / FILE, **arrays)


def load(folder: Path) -> Baselines:
    """Raises ModelMissing without the file, ModelBroken where it is none."""
    file = folder / FILE
    if not file.is_file():
        raise ModelMissing(f"the baselines {file} are missing", "reinstall Coach")
    try:
        with np.load(file, allow_pickle=False) as kept:
            found = {name: kept[name] for name in kept.files}
        trees = None
        if "roots" in found:
            ints = (found[n].astype(np.int64) for n in ("roots", "feature", "left", "right"))
            roots, feature, left, right = ints
            trees = Trees(
                roots, feature, found["threshold"].astype(np.float64), left, right, found["value"].astype(np.float64),
                float(found["start"]), int(found["depth"]),
            )
        prior = Prior(found["prior_score"].astype(np.float64), found["prior_active"].astype(np.float64))
        widen = (float(found["widen"][0]), float(found["widen"][1]))
        return Baselines(prior, found["ridge"].astype(np.float64), widen, trees)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise ModelBroken(f"{file} cannot be read", "reinstall Coach") from error


def _profile(future: Floats) -> Floats:
    profile: Floats = future[..., 0] / 2 + 0.5
    return profile
