"""The exam of the workflow graph: unknown places of unseen people, and what moves between places really do to focus."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from coach.config import shipped
from coach.engine.exams.workflows import EXAM_SEEDS, Workflow, workflow
from coach.engine.graphs import embedded
from coach.ml import card as cards
from coach.ml import embed, scoring
from coach.ml import workflow as serving
from coach.ml.baselines import graph as baselines
from coach.ml.features.edges import Impacts, impacts
from coach.ml.features.graph import inputs
from coach.ml.serving import Net

LEAST_MOVES = 20
"""Edges with fewer moves are not examined."""
COLD_START_DAYS = (3, 7, 14, 30, 90)
COLD_START_PEOPLE = 20
FITTED_PEOPLE = 100
"""Training people that the gradient boosting, which does not ship, is fitted on at every exam; fewer in a small one."""
BARS = {"accuracy": 0.85, "macro_f1": 0.80, "gain_over_features": 0.02, "ece": 0.08, "spearman": 0.6, "sign": 0.85}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """One person: the unknown places' truth (m,), and each system's probabilities by name; `rows` (m, F) are what the
    regression reads of them, `ms` how long the net took."""

    truth: np.ndarray
    said: Mapping[str, np.ndarray]
    rows: np.ndarray
    labels: np.ndarray
    """(N,) of all nodes: the level where a rule says it, else what the serving system says."""
    ms: float


def exam(users: int, family: str = "A", seed: int = EXAM_SEEDS, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Figures of the shipped net, every baseline and the truth on `users` people from `seed` on, with 95 % intervals over
    people. Places carry names that no training name shares."""
    folder = shipped("models", "graph")
    card, net, embedder = cards.read(folder), serving.load(folder / "model.onnx"), embed.load(shipped("models", "embedder"))
    boosted = _boosted(min(FITTED_PEOPLE, 4 * users), card, net, embedder, progress)
    people, answers, edges = [], [], []
    for i in range(users):
        if i % 10 == 0:
            progress(f"{i} of {users} people")
        one = workflow(seed + i, family, 90, fresh=True)
        if one is None:
            continue
        answer = _answers(one, net, card, embedder)
        people.append(one)
        answers.append(_with(answer, "gradient boosting", boosted))
        edges.append(judged(one, impacts(one.graph.visits, answer.labels)))
    return {
        "name": "graph", "family": family, "users": len(people), "seed": seed, "version": card.get("version"),
        "serves": card.get("serves"), "places": int(sum(len(a.truth) for a in answers)),
        "systems": {name: _figures(answers, name) for name in answers[0].said} if answers else {},
        "oracle": {"accuracy": 1.0, "macro_f1": 1.0, "note": "the truth itself: each place is one or the other"},
        "gain_over_features": _interval(answers, "graph net", "feature-only regression"),
        "edges": _edge_figures(edges), "latency_ms": _latency(answers),
        "cold_start": _cold_start(users, family, seed, net, card, embedder, progress), "bars": BARS,
    }


def judged(one: Workflow, found: Impacts) -> np.ndarray:
    """(e, 5): effect, low, high, truth and moves of the edges with LEAST_MOVES moves between places of the person."""
    from coach.simulation.oracle import place_values

    values = place_values(one.course)
    place = np.array(one.places)
    kept = (found.n >= LEAST_MOVES) & (place[found.start] >= 0) & (place[found.end] >= 0)
    truth = _node_values(one, values)
    start, end = found.start[kept], found.end[kept]
    return np.stack([found.effect[kept], found.low[kept], found.high[kept], truth[end] - truth[start], found.n[kept]], axis=1)


def _node_values(one: Workflow, values: np.ndarray) -> np.ndarray:
    """(N,) what entering each node is worth: its places' values by how often they are chosen."""
    weights = one.course.own.weights
    found = np.full(len(one.graph.names), np.nan)
    for node, places in enumerate(one.shared):
        if places:
            found[node] = float(np.average(values[list(places)], weights=weights[list(places)]))
    return found


def _answers(one: Workflow, net: Net, card: Mapping[str, Any], embedder: embed.Embedder) -> Answers:
    levels = np.where(one.unknown, np.nan, one.graph.levels)
    asked = one.unknown & np.isfinite(one.truth)
    arrays = inputs(one.graph, embedded(one.graph, embedder, ~np.isfinite(levels) & one.graph.places), levels, one.proposed)
    began = time.perf_counter()
    labels = serving.predict(net, arrays)
    ms = (time.perf_counter() - began) * 1000
    share, spread = float(card["share"]), card["spread"]
    scores = baselines.spread(arrays["near"][0].astype(float), levels)
    said = {
        "graph net": labels.productive, "feature-only regression": labels.by_features,
        "label propagation": baselines.Platt(spread["slope"], spread["offset"])(scores),
        "catalogue lookup": baselines.looked_up(one.proposed, share), "majority": np.full(len(levels), share),
    }
    served = labels.productive if card.get("serves") == "model" else labels.by_features
    rows = np.concatenate([arrays["features"][0], arrays["text"][0]], axis=1)[asked]
    return Answers(
        one.truth[asked], {name: np.asarray(p, dtype=float)[asked] for name, p in said.items()}, rows,
        np.where(np.isfinite(levels), levels, served), ms,
    )


def _boosted(people: int, card: Mapping[str, Any], net: Net, embedder: embed.Embedder, progress: Progress) -> Any:
    progress(f"fitting the gradient boosting on {people} people")
    fitted = [_answers(w, net, card, embedder) for s in range(people) if (w := workflow(s, "A", 90)) is not None]
    return baselines.boosted(baselines.together([a.rows for a in fitted]), np.concatenate([a.truth for a in fitted]))


def _with(answer: Answers, name: str, model: Any) -> Answers:
    said = model.predict_proba(answer.rows)[:, 1] if len(answer.truth) else np.zeros(0)
    return Answers(answer.truth, {**answer.said, name: said}, answer.rows, answer.labels, answer.ms)


def _pairs(answers: Sequence[Answers], *names: str) -> list[np.ndarray]:
    return [np.stack([*(a.said[n] for n in names), a.truth], axis=1) for a in answers if len(a.truth)]


def _figures(answers: Sequence[Answers], name: str) -> dict[str, Any]:
    rows = _pairs(answers, name)
    return {
        "accuracy": _three(scoring.interval(rows, lambda r: scoring.accuracy(r[:, 0] >= 0.5, r[:, 1]))),
        "macro_f1": _three(scoring.interval(rows, lambda r: _f1(r[:, 0], r[:, 1]))),
        "ece": _three(scoring.interval(rows, lambda r: scoring.ece(r[:, 0], r[:, 1]))),
        "brier": _three(scoring.interval(rows, lambda r: scoring.brier(r[:, 0], r[:, 1]))),
    }


def _f1(p: np.ndarray, truth: np.ndarray) -> float:
    """Macro-F1 as `scoring.macro_f1`, without scikit-learn's checks: it is asked for 2,000 resamples."""
    said, real = p >= 0.5, truth >= 0.5
    found = []
    for one in (True, False):
        hit = np.sum((said == one) & (real == one))
        found.append(2 * hit / max(1, np.sum(said == one) + np.sum(real == one)))
    return float(np.mean(found))


def _interval(answers: Sequence[Answers], a: str, b: str) -> dict[str, float]:
    return _three(scoring.interval(_pairs(answers, a, b), lambda r: _f1(r[:, 0], r[:, 2]) - _f1(r[:, 1], r[:, 2])))


def _edge_figures(edges: Sequence[np.ndarray]) -> dict[str, Any]:
    seen = [e for e in edges if len(e) >= 3]
    return {
        "edges": int(sum(len(e) for e in seen)),
        "spearman": _three(scoring.interval([scoring.spearman(e[:, 0], e[:, 3]) for e in seen])),
        "spearman_pooled": _three(scoring.interval(seen, lambda r: scoring.spearman(r[:, 0], r[:, 3]), n=300)),
        "sign": _three(scoring.interval([np.mean(np.sign(e[:, 0]) == np.sign(e[:, 3])) for e in seen])),
        "sign_when_sure": _three(scoring.interval(
            [np.mean(np.sign(s[:, 0]) == np.sign(s[:, 3])) for e in seen if len(s := e[(e[:, 1] > 0) | (e[:, 2] < 0)])])),
        "sure": _three(scoring.interval([np.mean((e[:, 1] > 0) | (e[:, 2] < 0)) for e in seen])),
        "interval_covers": _three(scoring.interval([scoring.coverage(e[:, 1], e[:, 2], e[:, 3]) for e in seen])),
        "mae": _three(scoring.interval([scoring.mae(e[:, 0], e[:, 3]) for e in seen])),
        "mae_of_zero": _three(scoring.interval([scoring.mae(np.zeros(len(e)), e[:, 3]) for e in seen])),
    }


def _latency(answers: Sequence[Answers]) -> dict[str, float]:
    ms = sorted(a.ms for a in answers)
    return {"median": round(ms[len(ms) // 2], 2), "most": round(ms[-1], 2)} if ms else {}


def _cold_start(
    users: int, family: str, seed: int, net: Net, card: Mapping[str, Any], embedder: embed.Embedder, progress: Progress,
) -> dict[str, dict[str, float]]:
    """Accuracy and macro-F1 by days of history, on COLD_START_PEOPLE of them. Before the first day only the catalogue can speak,
    of the places that the last of those days will have."""
    found: dict[str, dict[str, float]] = {}
    for days in COLD_START_DAYS:
        progress(f"{days} days of history")
        seeds = range(seed, seed + min(users, COLD_START_PEOPLE))
        people = [w for one in seeds if (w := workflow(one, family, days, fresh=True)) is not None]
        answers = [_answers(w, net, card, embedder) for w in people]
        by_name = {name: np.concatenate(_pairs(answers, name)) for name in ("graph net", "feature-only regression", "majority")}
        found[str(days)] = _right(by_name)
    first = {"graph net": "catalogue lookup", "feature-only regression": "catalogue lookup", "majority": "majority"}
    return {"0": _right({name: np.concatenate(_pairs(answers, who)) for name, who in first.items()}), **found}


def _right(by_name: Mapping[str, np.ndarray]) -> dict[str, float]:
    return {
        f"{what} {name}": round(figure, 4) for name, r in by_name.items()
        for what, figure in (("accuracy", scoring.accuracy(r[:, 0] >= 0.5, r[:, 1])), ("macro_f1", _f1(r[:, 0], r[:, 1])))
    }


def _three(x: scoring.Interval) -> dict[str, float]:
    return {"value": round(x.value, 4), "low": round(x.low, 4), "high": round(x.high, 4), "n": x.n}
