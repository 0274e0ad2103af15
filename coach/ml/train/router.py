"""`coach lab train-router`: the router's head and threshold from data/intents.toml and data/out_of_scope.toml.

Scored by five-fold cross-validation in which all texts made from one template stay together."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from coach.ml import card, embed, keywords
from coach.ml import router as serving
from coach.ml.intents import Phrase, phrases, plain

FALSE_REFUSALS = 0.05
"""Share of answerable held-out phrases that the threshold may decline."""
STRENGTH = 60.0
FOLDS = 5


def train(
    embedder: embed.Embedder, intents_file: Path, declined_file: Path, target: Path, external: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Write router.npz and card.json to `target`; returns the card. `external` is a JSON-lines file with `text` and
    `label`, whose rows labelled "oos" are a measure from elsewhere (CLINC150); never trained on."""
    texts = phrases(intents_file, declined_file)
    progress(f"embedding {len(texts)} phrases")
    vectors = embed.deep(embedder, [p.text for p in texts])
    labels = np.array([p.intent or "" for p in texts])
    groups = np.array([p.group for p in texts])
    weights = 1.0 / np.bincount(groups)[groups]
    progress("cross-validating")
    held_out = _held_out(vectors, labels, groups, weights)
    threshold = _quantile(held_out.score[labels != ""], weights[labels != ""], FALSE_REFUSALS)
    progress("training on everything")
    names, weight, bias = _fit(vectors, labels, weights)
    anchors = vectors[:, :embed.DIMENSIONS].astype(np.float16)
    target.mkdir(parents=True, exist_ok=True)
    np.savez(
        target / serving.WEIGHTS, labels=np.array(names), weight=weight, bias=bias, anchors=anchors,
        answerable=labels != "", threshold=np.float32(threshold),
    )
    result: dict[str, Any] = {
        "name": "router", "what": "intent of a question: logistic head over the embedder, nearest-phrase guard",
        "data_sha256": {f.name: card.sha256(f) for f in (intents_file, declined_file)},
        "intents": len(names) - 1, "templates": int(groups.max() + 1), "texts": len(texts), "threshold": round(threshold, 4),
        "cross_validation": _scores(labels, weights, held_out, threshold),
        "baseline": _baseline(texts, groups, labels, weights),
    }
    if external is not None:
        progress("measuring on the external file")
        result["external"] = _external(embedder, serving.load(target), external)
    card.write(target, result)
    return result


class _HeldOut:
    """Predictions for each text by a head that never saw its template."""

    def __init__(self, size: int) -> None:
        self.intent = np.empty(size, dtype=object)
        self.score = np.zeros(size)


def _fit(vectors: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names with "" last, weight (k, 1152), bias (k,)."""
    from sklearn.linear_model import LogisticRegression

    head = LogisticRegression(C=STRENGTH, max_iter=400).fit(vectors, labels, sample_weight=weights)
    order = [i for i, name in enumerate(head.classes_) if name] + [list(head.classes_).index("")]
    return (
        [str(head.classes_[i]) for i in order], head.coef_[order].astype(np.float32),
        head.intercept_[order].astype(np.float32),
    )


def _held_out(vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray, weights: np.ndarray) -> _HeldOut:
    found = _HeldOut(len(labels))
    for train_rows, test_rows in _folds(vectors, labels, groups):
        names, weight, bias = _fit(vectors[train_rows], labels[train_rows], weights[train_rows])
        p = serving.probabilities(weight, bias, vectors[test_rows])[:, :-1]
        found.intent[test_rows] = np.array(names)[p.argmax(axis=1)]
        found.score[test_rows] = serving.combined(
            p.max(axis=1), vectors[test_rows, :embed.DIMENSIONS], vectors[train_rows, :embed.DIMENSIONS], labels[train_rows] != ""
        )
    return found


def _folds(vectors: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> Any:
    from sklearn.model_selection import StratifiedGroupKFold

    return StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(vectors, labels, groups)


def _scores(labels: np.ndarray, weights: np.ndarray, held_out: _HeldOut, threshold: float) -> dict[str, float]:
    asked, answered = labels != "", held_out.score >= threshold
    right = held_out.intent == labels
    return {
        "intent_right": _share(right[asked], weights[asked]),
        "intent_right_when_answered": _share(right[asked & answered], weights[asked & answered]),
        "false_refusals": _share(~answered[asked], weights[asked]),
        "declined_out_of_scope": _share(~answered[~asked], weights[~asked]),
    }


def _baseline(texts: Sequence[Phrase], groups: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """The same cross-validation for the key-word router."""
    found = np.empty(len(texts), dtype=object)
    first = np.empty(len(texts), dtype=object)
    for train_rows, test_rows in _folds(np.zeros((len(texts), 1)), labels, groups):
        known = keywords.build([texts[i] for i in train_rows])
        for i in test_rows:
            intent, _, nearest = keywords.route(known, texts[i].text)
            found[i], first[i] = intent or "", nearest[0] if nearest else ""
    asked = labels != ""
    return {
        "name": "key words", "intent_right": _share(first[asked] == labels[asked], weights[asked]),
        "false_refusals": _share(found[asked] == "", weights[asked]),
        "declined_out_of_scope": _share(found[~asked] == "", weights[~asked]),
    }


def _external(embedder: embed.Embedder, router: serving.Router, file: Path) -> dict[str, Any]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    declined = [r["text"] for r in rows if r["label"] == "oos"]
    routes = [serving.route(router, v) for v in embed.deep(embedder, [plain(t) for t in declined])]
    share = sum(r.intent is None for r in routes) / max(1, len(routes))
    return {"file": file.name, "out_of_scope": len(declined), "declined": round(share, 4)}


def _share(values: np.ndarray, weights: np.ndarray) -> float:
    return round(float(np.average(values.astype(float), weights=weights)), 4)


def _quantile(values: np.ndarray, weights: np.ndarray, share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(total, share)])
