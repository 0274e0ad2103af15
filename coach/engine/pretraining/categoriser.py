"""`coach lab pretrain categoriser`: models/categoriser from data/task_titles and data/task_categories.toml."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from coach.config import shipped
from coach.ml import card as cards
from coach.ml import categoriser as serving
from coach.ml import embed, scoring
from coach.ml.train import categoriser as training
from coach.ml.train import export


def corpus() -> tuple[list[str], list[str], list[str], list[int], list[int]]:
    """(names, descriptions, titles, labels, blocks): the shipped titles, each file in FOLDS pieces as it was written."""
    categories = tomllib.loads(shipped("data", "task_categories.toml").read_text(encoding="utf-8"))["category"]
    names, titles, labels, blocks = [c["name"] for c in categories], [], [], []
    for label, name in enumerate(names):
        lines = shipped("data", "task_titles", f"{name.lower()}.txt").read_text(encoding="utf-8").splitlines()
        titles += lines
        labels += [label] * len(lines)
        blocks += [min(training.FOLDS - 1, row * training.FOLDS // len(lines)) for row in range(len(lines))]
    return names, [c["description"] for c in categories], titles, labels, blocks


def pretrain(target: Path, seed: int = 7, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Write model.onnx, weights.safetensors, base.npz and card.json; returns the card."""
    names, descriptions, texts, labels, blocks = corpus()
    embedder = embed.load(shipped("models", "embedder"))
    progress(f"embedding {len(texts)} titles")
    described = embed.embed(embedder, [f"{n}: {d}" for n, d in zip(names, descriptions, strict=True)])
    titles = training.Titles(texts, np.array(labels), embed.deep(embedder, texts), np.array(blocks), described)
    members, nearest, runs = training.held_out(titles, names, seed, progress)
    log_p = training.cross_fitted(members, titles.labels, titles.block)
    weights = training.weigh(members, titles.labels)
    scores, right = np.exp(log_p.max(axis=1)), log_p.argmax(axis=1) == titles.labels
    progress("training on everything")
    net, run = training.fit_heads(titles, seed)
    base = dataclasses.replace(
        training.base_of(titles, names), weights=weights, auto=serving.threshold(scores, right, serving.ON_CORPUS),
        floor=float(np.quantile(scores, training.ABSTAINING)), far=float(np.quantile(nearest, training.ABSTAINING)),
        scores=scores.astype(np.float16), right=right,
    )
    card = {
        "name": "categoriser", "what": "category of a task: a blend of dense heads, words, neighbours and prototypes",
        "serves": "model", "why": "as cross-validation on the corpus decided",
        "embedder": cards.read(embedder.folder)["files"]["model.onnx"][:16], "size": asdict(net.size),
        "seed": seed,
        "data": {"titles": len(texts), "classes": dict(zip(names, np.bincount(titles.labels).tolist(), strict=True)),
                 "sha256": hashlib.sha256("\n".join(texts).encode()).hexdigest()},
        "weights": {name: round(float(w), 3) for name, w in zip(serving.MEMBERS, weights, strict=True)},
        "temperature": round(1 / float(weights.sum()), 3),
        "thresholds": {"auto": round(base.auto, 4), "abstain_below": round(base.floor, 4), "abstain_beyond": round(base.far, 4)},
        "cross_validation": {
            "folds": f"{training.FOLDS} of titles that were written one after the other",
            "blend": scores_of(log_p, titles.labels, base.auto),
            **{name: scores_of(m - np.log(np.exp(m).sum(axis=1, keepdims=True)), titles.labels, None)
               for name, m in zip(serving.MEMBERS, members, strict=True)},
        },
        "metrics": {"titles of the corpus that it had not seen": {
            "top 1": interval(right), "top 3": interval(among_three(log_p, titles.labels)),
            "filled in by itself": interval(scores >= base.auto), "of these right": interval(right[scores >= base.auto]),
        }},
        "notes": ["Intervals are over titles of one corpus; other people's titles are harder (tests/bench/categorize.py)."],
        "confusion": {"rows": "true", "columns": "said", "names": names, "counts": confusion(log_p, titles.labels)},
        "held_out": own_categories(
            titles, names, [embed.embed(embedder, serving.phrases(d)) for d in descriptions], members, weights),
        "runs": [asdict(one) for one in (*runs, run)],
    }
    export.save(target, training.graph(net), export.to_safetensors(net, net.size.document()), {})
    np.savez_compressed(target / serving.BASE, allow_pickle=False, **serving.document(base))
    cards.write(target, card)
    return card


def scores_of(log_p: np.ndarray, labels: np.ndarray, auto: float | None) -> dict[str, float]:
    """Top-1 and top-3 accuracy, macro-F1, log-loss, ECE; with a threshold also its precision and coverage."""
    said, top = log_p.argmax(axis=1), np.exp(log_p.max(axis=1))
    right = said == labels
    found = {
        "top_1": float(right.mean()),
        "top_3": float(among_three(log_p, labels).mean()),
        "macro_f1": scoring.macro_f1(said, labels),
        "log_loss": float(-log_p[np.arange(len(labels)), labels].mean()), "ece": scoring.ece(top, right),
    }
    if auto is not None:
        sure = top >= auto
        found |= {"auto_precision": float(right[sure].mean()) if sure.any() else 1.0, "auto_coverage": float(sure.mean())}
    return {name: round(value, 4) for name, value in found.items()}


def among_three(log_p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Whether each label is among its three likeliest, (n,)."""
    return np.asarray((np.argsort(-log_p, axis=1)[:, :3] == labels[:, None]).any(axis=1))


def interval(right: np.ndarray) -> dict[str, float]:
    """A share with its 95 % interval (Wilson 1927)."""
    n, p, z = len(right), float(right.mean()), 1.96
    scale = 1 + z * z / n
    half = z * float(np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)))
    middle = p + z * z / (2 * n)
    return {"value": round(p, 4), "low": round((middle - half) / scale, 4), "high": round((middle + half) / scale, 4)}


def confusion(log_p: np.ndarray, labels: np.ndarray) -> list[list[int]]:
    counts = np.zeros((log_p.shape[1], log_p.shape[1]), dtype=int)
    np.add.at(counts, (labels, log_p.argmax(axis=1)), 1)
    return [[int(n) for n in row] for row in counts]


def own_categories(
    titles: training.Titles, names: Sequence[str], named: Sequence[np.ndarray], members: np.ndarray, weights: np.ndarray,
    shots: int = 3, draws: int = 20,
) -> dict[str, float]:
    """What a category that nobody trained on is worth after three examples: each shipped one is taken out in turn (its titles
    count for the others' blend as they would for a stranger's), told by its description, whose phrases have the vectors `named`,
    and three of its titles, and looked for among all. The share of its titles that it comes first for, and is among the first
    three for; the accuracy on the others that it costs."""
    log_p, every = serving.blended(members, weights), training.prototypes(titles)
    vectors, rng = titles.deep[:, : embed.DIMENSIONS], np.random.default_rng(0)
    recalls, threes, losses = [], [], []
    for k in range(len(names)):
        rest = [i for i in range(len(names)) if i != k]
        without = log_p[:, rest] - np.log(np.exp(log_p[:, rest]).sum(axis=1, keepdims=True))
        mine, others = np.flatnonzero(titles.labels == k), np.flatnonzero(titles.labels != k)
        before = (without[others].argmax(axis=1) == np.searchsorted(rest, titles.labels[others])).mean()
        for _ in range(draws // 4):
            told = rng.choice(mine, shots, replace=False)
            person = serving.Person(
                (*(names[i] for i in rest), names[k]), vectors[told], np.full(shots, len(rest)), np.full(shots, -1),
                serving.prototype(titles.descriptions[k], named[k], vectors[told])[None], shots,
            )
            left = np.setdiff1d(mine, told)
            found = serving.with_person(every[rest], person, without[left], vectors[left])
            recalls.append((found.argmax(axis=1) == len(rest)).mean())
            threes.append((np.argsort(-found, axis=1)[:, :3] == len(rest)).any(axis=1).mean())
            after = serving.with_person(every[rest], person, without[others], vectors[others]).argmax(axis=1)
            losses.append(before - (after == np.searchsorted(rest, titles.labels[others])).mean())
    figures = {"first": recalls, "among_three": threes, "loss_of_others": losses}
    return {"shots": shots, **{name: round(float(np.mean(some)), 4) for name, some in figures.items()}}
