"""Modes among weeks: a mixture of Gaussians, their number by BIC (Schwarz 1978), shown only if they come back when weeks are
drawn anew (adjusted Rand index; Hubert and Arabie 1985)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coach.core.weeks import Modes

LEAST_WEEKS = 12
MOST_MODES = 4
STABLE = 0.6
BOOTSTRAPS = 30
LEAST_MEMBERS = 3
CLEAR = 6.0
"""By how much BIC must fall below that of one mode (Kass and Raftery 1995: strong evidence)."""


def find(weeks: Sequence[Sequence[float]], seed: int = 0) -> Modes:
    """Modes of `weeks` (n, features), NaN where something is not known. Deterministic by seed."""
    if len(weeks) < LEAST_WEEKS:
        return Modes((), (), None, f"{len(weeks)} weeks; {LEAST_WEEKS} are needed")
    from sklearn.metrics import adjusted_rand_score

    raw = np.asarray(weeks, dtype=np.float64)
    table = _standardised(raw)
    if not table.shape[1]:
        return Modes((), (), None, "every week is like the others")
    fits = {k: _fit(table, k, seed) for k in range(1, MOST_MODES + 1) if k * LEAST_MEMBERS <= len(table)}
    bic = {k: float(fit.bic(table)) for k, fit in fits.items()}
    best = min(bic, key=bic.__getitem__)
    if best == 1 or bic[1] - bic[best] < CLEAR:
        return Modes((), (), None, "one mode explains the weeks as well")
    labels = fits[best].predict(table)
    if np.bincount(labels, minlength=best).min() < LEAST_MEMBERS:
        return Modes((), (), None, f"a mode would have fewer than {LEAST_MEMBERS} weeks")
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(0, len(table), len(table)) for _ in range(BOOTSTRAPS)]
    ari = float(np.mean([adjusted_rand_score(labels, _fit(table[rows], best, seed).predict(table)) for rows in drawn]))
    if ari < STABLE:
        return Modes((), (), ari, f"drawn anew, the weeks fall into other groups (agreement {ari:.2f}, {STABLE} is needed)")
    order = np.argsort(-np.bincount(labels, minlength=best), kind="stable")
    place = {int(old): new for new, old in enumerate(order)}
    ordered = np.array([place[int(x)] for x in labels])
    with np.errstate(invalid="ignore"):
        centers = [tuple(float(x) for x in _means(raw[ordered == k])) for k in range(best)]
    return Modes(tuple(int(x) for x in ordered), tuple(centers), ari, f"{best} modes, agreement {ari:.2f}")


def _fit(table: np.ndarray, k: int, seed: int):  # type: ignore[no-untyped-def]
    from sklearn.mixture import GaussianMixture

    return GaussianMixture(k, covariance_type="diag", reg_covar=0.05, n_init=3, random_state=seed).fit(table)


def _standardised(raw: np.ndarray) -> np.ndarray:
    """Features that vary and are known of most weeks, each with mean 0 and deviation 1; what is not known is the mean."""
    kept = [j for j in range(raw.shape[1]) if np.isfinite(raw[:, j]).mean() > 0.5 and np.nanstd(raw[:, j]) > 1e-9]
    some = raw[:, kept]
    scaled = (some - np.nanmean(some, axis=0)) / np.nanstd(some, axis=0) if kept else some
    known: np.ndarray = np.nan_to_num(scaled)
    return known


def _means(rows: np.ndarray) -> list[float]:
    return [float(np.nanmean(column)) if np.isfinite(column).any() else float("nan") for column in rows.T]
