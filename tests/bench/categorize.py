"""The categoriser on titles that it was not made from, against TF-IDF with logistic regression trained on the same corpus here.

    python tests/bench/categorize.py --data ../shared/data/todo_task.jsonl [--titles FILE]

`--data` has JSON lines with `text` and the `label` of todo-task, mapped as the data's own README says; `--titles` JSON lines with
`text` and `category` (one or a list of those accepted), such as titles written blind. Predictions come from `coach categorize
--jsonl -` in a fresh home. One JSON line each: top-1 and top-3 with 95 % Wilson intervals, precision and coverage of what is
filled in unasked, the share declined, the peer's top-1, and the difference with a paired bootstrap interval. First every title by
itself (`--each`); then (`"mix": "of the list"`) as `--jsonl` and a person's store do it: the mix of categories is told from the
titles, without labels, by expectation maximisation. The peer is then given with its own probabilities moved the same way. Then
the time of one prediction in this process, warm. Exit 1 where the list is not told better by 10 points on `--data`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from coach.config import Config, home_at
from coach.core.when import parse_iso
from coach.engine import categorising
from coach.engine.models import Models
from coach.engine.pretraining.categoriser import corpus
from coach.ml import prior
from coach.store import opening
from coach.store.db import connect
from coach.store.opening import Access

MAPPED: dict[str, tuple[str, ...]] = {
    "buy": ("Errands",), "service": ("Errands",), "find-service": ("Errands",), "postal": ("Errands",),
    "pay-bill-online": ("Errands", "Admin"), "call": ("Communication",), "email": ("Communication",),
    "contact": ("Communication",), "calendar": ("Meeting",),
}
BETTER = 0.10


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path)
    options.add_argument("--titles", type=Path)
    given = options.parse_args()
    peer, names = trained()
    worse = False
    for file in (given.data, given.titles):
        if file:
            texts, accepted = read(file)
            theirs = peer.predict_log_proba(texts)
            found = compared(asked(texts, "--each"), accepted, theirs, names)
            print(json.dumps({"bench": "categorize", "data": file.name, "mix": "of the corpus", **found}), flush=True)
            found = compared(asked(texts), accepted, theirs, names)
            moved = right_of(mixed(theirs), accepted, names)
            worse |= file == given.data and found["difference"][0] < BETTER
            found["peer_with_mix_top_1"] = wilson(moved)
            print(json.dumps({"bench": "categorize", "data": file.name, "mix": "of the list", **found}), flush=True)
    print(json.dumps({"bench": "categorize.time", **prediction_ms(corpus()[2][::20])}))
    sys.exit(int(worse))


def read(file: Path) -> tuple[list[str], list[tuple[str, ...]]]:
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    accepted: list[tuple[str, ...]] = []
    for row in rows:
        said = row["category"] if "category" in row else MAPPED[row["label"]]
        accepted.append((said,) if isinstance(said, str) else tuple(said))
    return [row["text"] for row in rows], accepted


def trained() -> tuple[Any, list[str]]:
    """The peer: word TF-IDF of one and two words, C by five-fold cross-validation among 1, 3, 10, 30."""
    from sklearn.model_selection import GridSearchCV

    names, _, texts, labels, _ = corpus()
    pipe = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(max_iter=300, tol=1e-3))
    search = GridSearchCV(pipe, {"logisticregression__C": [1, 3, 10, 30]}, cv=5)
    return search.fit(texts, labels).best_estimator_, names


def mixed(log_p: np.ndarray) -> np.ndarray:
    """The peer's log-probabilities (n, k) moved to the mix that they say the titles have."""
    _, _, _, labels, _ = corpus()
    trained = np.bincount(labels) / len(labels)
    mix = prior.estimated(log_p, np.full(len(log_p), -1), trained, trained)
    return prior.moved(log_p, np.log(mix / trained))


def right_of(log_p: np.ndarray, accepted: list[tuple[str, ...]], names: list[str]) -> np.ndarray:
    return np.array([names[k] in fine for k, fine in zip(log_p.argmax(axis=1), accepted, strict=True)])


def compared(
    said: list[dict[str, Any]], accepted: list[tuple[str, ...]], peer: np.ndarray, names: list[str]
) -> dict[str, Any]:
    """What Coach said against the peer's log-probabilities (n, k)."""
    right = np.array([a["alternatives"][0]["category"] in fine for a, fine in zip(said, accepted, strict=True)])
    three = np.array([any(x["category"] in fine for x in a["alternatives"]) for a, fine in zip(said, accepted, strict=True)])
    auto = np.array([a["decision"] == "auto" for a in said])
    theirs = right_of(peer, accepted, names)
    dice = np.random.default_rng(0)
    drawn = dice.integers(0, len(said), (2000, len(said)))
    gains = right[drawn].mean(axis=1) - theirs[drawn].mean(axis=1)
    gain = [float(right.mean() - theirs.mean()), *np.quantile(gains, (0.025, 0.975)).tolist()]
    return {
        "titles": len(said), "top_1": wilson(right), "top_3": wilson(three),
        "auto_precision": wilson(right[auto]) if auto.any() else None, "auto_coverage": round(float(auto.mean()), 4),
        "abstained": round(float(np.mean([a["decision"] == "abstain" for a in said])), 4), "peer_top_1": wilson(theirs),
        "peer": "TF-IDF and logistic regression",
        "difference": [round(one, 4) for one in gain], "said": said_for(said, accepted),
    }


def said_for(said: list[dict[str, Any]], accepted: list[tuple[str, ...]]) -> dict[str, dict[str, int]]:
    """For what is accepted, how often each category came first, the commonest first."""
    counts: dict[str, Counter[str]] = {}
    for answer, fine in zip(said, accepted, strict=True):
        counts.setdefault(" or ".join(fine), Counter())[answer["alternatives"][0]["category"]] += 1
    return {name: dict(found.most_common()) for name, found in counts.items()}


def asked(texts: list[str], *more: str) -> list[dict[str, Any]]:
    """What `coach categorize --jsonl -` says in a fresh home."""
    with tempfile.TemporaryDirectory() as home:
        lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
        done = subprocess.run(
            [sys.executable, "-m", "coach.cli", "categorize", "--jsonl", "-", *more], input=lines, text=True, capture_output=True,
            check=True, env={**os.environ, "COACH_HOME": home, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


def wilson(right: np.ndarray) -> list[float]:
    """Share with its 95 % interval (Wilson 1927)."""
    n, p, z = len(right), float(right.mean()), 1.96
    middle, half = (p + z * z / (2 * n)) / (1 + z * z / n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [round(p, 4), round(middle - half, 4), round(middle + half, 4)]


def prediction_ms(titles: list[str]) -> dict[str, float]:
    """From a title to its answer, the person's answers included, in a warm process."""
    with tempfile.TemporaryDirectory() as folder:
        now = parse_iso("2026-11-28T09:00:00Z")
        db = connect(opening.open_store(home_at(Path(folder)), Access(use_keyring=False), now))
        models, times = Models(Config()), []
        for title in [*titles[:20], *titles]:
            start = time.perf_counter()
            categorising.answers(categorising.ready(db, models, now), [(title, "")])
            times.append(1000 * (time.perf_counter() - start))
        db.close()
    return {"median_ms": round(statistics.median(times[20:]), 2), "p95_ms": round(float(np.percentile(times[20:], 95)), 2)}


if __name__ == "__main__":
    main()
