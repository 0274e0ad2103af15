"""`coach models evaluate categoriser --data FILE`: JSON lines with `text` and `category`, one or a list of those accepted."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from coach.config import shipped
from coach.core.errors import InvalidInput
from coach.ml import categoriser as ml
from coach.ml import embed, scoring, serving
from coach.ml.baselines import categoriser as baseline


def exam(file: Path, progress: Callable[[str], None]) -> dict[str, Any]:
    """The model and its baseline on these titles. Raises InvalidInput."""
    texts, accepted = rows(file)
    base = ml.load(shipped("models", "categoriser"))
    net = serving.load(shipped("models", "categoriser", "model.onnx"))
    progress(f"{len(texts)} titles")
    deep = embed.deep(embed.load(shipped("models", "embedder")), texts)
    members, nearest = ml.opinions(base, net, deep, texts)
    return {
        "name": "categoriser", "data": file.name, "titles": len(texts),
        "model": scores(base, ml.blended(members, base.weights), nearest, accepted),
        "baseline": scores(base, baseline.log_probabilities(base.words, texts), np.ones(len(texts)), accepted),
        "members": {name: scores(base, m, nearest, accepted)["top_1"] for name, m in zip(ml.MEMBERS, members, strict=True)},
    }


def rows(file: Path) -> tuple[list[str], list[frozenset[str]]]:
    """(titles, accepted categories of each). Raises InvalidInput for lines that say neither."""
    texts, accepted = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            row = json.loads(line)
            texts.append(str(row["text"]))
            accepted.append(frozenset([row["category"]] if isinstance(row["category"], str) else row["category"]))
        except (ValueError, KeyError, TypeError) as error:
            hint = '{"text": …, "category": …}'
            raise InvalidInput(f"line {number} of {file.name} is no title with its category", hint) from error
    return texts, accepted


def scores(base: ml.Base, log_p: np.ndarray, nearest: np.ndarray, accepted: list[frozenset[str]]) -> dict[str, float]:
    """Top-1, top-3, precision and coverage of what is filled in unasked, ECE, share declined."""
    answers = [ml.decide(base, base.names, p, float(near), base.auto, 0, "model")
               for p, near in zip(np.exp(log_p), nearest, strict=True)]
    right = np.array([a.alternatives[0][0] in fine for a, fine in zip(answers, accepted, strict=True)])
    auto = np.array([a.decision == "auto" for a in answers])
    three = [any(name in fine for name, _ in a.alternatives) for a, fine in zip(answers, accepted, strict=True)]
    found = {
        "top_1": float(right.mean()), "top_3": float(np.mean(three)),
        "auto_precision": float(right[auto].mean()) if auto.any() else 1.0, "auto_coverage": float(auto.mean()),
        "ece": scoring.ece(np.array([a.confidence for a in answers]), right),
        "abstained": float(np.mean([a.decision == "abstain" for a in answers])),
    }
    return {name: round(value, 4) for name, value in found.items()}
