"""Embeddings and nearest neighbours: how fast, how exact, how large.

    python tests/bench/embed.py [--tasks 100000] [--titles FILE] [--queries 200]

One JSON line each. `title`: one title a call, the tokenizer's share in it, with the process warm. `nearest`: the 10 nearest of
so many vectors in an encrypted store, by Coach's index against the exact cosine over all of them in memory (`exact_ms`): time,
recall and the bytes that the index holds. Titles are the shipped corpus and, with `--titles`, the lines of a file: only those are
queries. What is missing to `--tasks` is made of them: real vectors moved by a tenth to a half of the way to another real one and
renormalised, which are nearer to the real ones than strangers' titles would be. `recall_at_10_real` is among the real ones alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from coach.config import home_at, shipped
from coach.engine import similar
from coach.engine.pretraining.categoriser import corpus
from coach.ml import embed, neighbours
from coach.store import embeddings, opening
from coach.store.db import Connection, connect, transaction
from coach.store.opening import Access

NEAREST = 10
NOW = datetime(2026, 11, 28, tzinfo=UTC)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tasks", type=int, default=100_000)
    options.add_argument("--titles", type=Path, help="more real titles, one a line")
    options.add_argument("--vectors", type=Path, help="where the real titles' vectors are kept between runs (.npy)")
    options.add_argument("--queries", type=int, default=200)
    given = options.parse_args()
    embedder = embed.load(shipped("models", "embedder"))
    titles = list(dict.fromkeys([*corpus()[2], *(given.titles.read_text(encoding="utf-8").splitlines() if given.titles else ())]))
    tell("title", one_title(embedder, titles[:: max(1, len(titles) // 400)]))
    real = vectors_of(embedder, titles, given.vectors)
    many = filled(real, given.tasks)
    tell("nearest", nearest(real, many, given.queries))
    sys.exit(0)


def tell(bench: str, found: dict[str, Any]) -> None:
    print(json.dumps({"bench": f"embed.{bench}", **found}), flush=True)


def one_title(embedder: embed.Embedder, titles: list[str]) -> dict[str, Any]:
    for title in titles[:20]:
        embed.embed(embedder, [title])
    whole = timed(lambda t: embed.embed(embedder, [t]), titles)
    tokens = timed(embedder.tokenizer.encode, titles)
    return {"titles": len(titles), "median_ms": whole[0], "p95_ms": whole[1], "tokenizer_median_ms": tokens[0]}


def timed(act: Callable[[Any], object], over: list[Any]) -> tuple[float, float]:
    """(median, 95th percentile) in ms."""
    times = []
    for one in over:
        start = time.perf_counter()
        act(one)
        times.append(1000 * (time.perf_counter() - start))
    return round(statistics.median(times), 3), round(float(np.percentile(times, 95)), 3)


def vectors_of(embedder: embed.Embedder, titles: list[str], kept: Path | None) -> np.ndarray:
    if kept and kept.is_file() and len(found := np.load(kept)) == len(titles):
        return np.asarray(found)
    vectors = embed.embed(embedder, titles).astype(np.float16)
    if kept:
        np.save(kept, vectors)
    return vectors


def filled(real: np.ndarray, count: int) -> np.ndarray:
    dice = np.random.default_rng(1)
    missing = max(0, count - len(real))
    one, other = dice.integers(0, len(real), (2, missing))
    share = dice.uniform(0.1, 0.5, (missing, 1)).astype(np.float32)
    made = real[one].astype(np.float32) * (1 - share) + real[other].astype(np.float32) * share
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return np.concatenate([real[:count], made.astype(np.float16)])


def nearest(real: np.ndarray, many: np.ndarray, queries: int) -> dict[str, Any]:
    """Each query is a real title that is itself in the store; it is not counted among its neighbours."""
    asked = np.random.default_rng(2).choice(len(real), min(queries, len(real)), replace=False)
    with tempfile.TemporaryDirectory() as folder:
        db = store_of(Path(folder), many)
        start = time.perf_counter()
        index = index_of(db)
        made_s = time.perf_counter() - start

        def by_index(row: int) -> list[int]:
            query = many[row].astype(np.float32)
            found = neighbours.nearest(index, query, NEAREST + 1, lambda nums: similar._fetch(db, nums, "bench"))
            return [num - 1 for num, _ in found if num - 1 != row][:NEAREST]

        for row in asked[:20]:
            by_index(int(row))
        found, times = [], []
        for row in asked:
            start = time.perf_counter()
            found.append(by_index(int(row)))
            times.append(1000 * (time.perf_counter() - start))
        whole = many.astype(np.float32)
        exact, exact_times = [], []
        for row in asked:
            start = time.perf_counter()
            exact.append(best(whole, int(row)))
            exact_times.append(1000 * (time.perf_counter() - start))
        db.close()
    return {
        "tasks": len(many), "real": len(real), "queries": len(asked), "median_ms": round(statistics.median(times), 2),
        "p95_ms": round(float(np.percentile(times, 95)), 2), "exact_ms": round(statistics.median(exact_times), 2),
        "recall_at_10": round(recall(found, exact), 4), "recall_at_10_real": round(recall_among(real, asked), 4),
        "index_mb": round(index.bytes / 1e6, 2), "exact_mb": round(whole.nbytes / 1e6, 1), "made_s": round(made_s, 2),
    }


def best(whole: np.ndarray, row: int) -> list[int]:
    cosines = whole @ whole[row]
    cosines[row] = -2
    top = np.argpartition(-cosines, NEAREST)[:NEAREST]
    return [int(i) for i in top]


def recall(found: list[list[int]], exact: list[list[int]]) -> float:
    return float(np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact, strict=True)]))


def recall_among(real: np.ndarray, asked: np.ndarray) -> float:
    """The same among the real titles alone."""
    whole = real.astype(np.float32)
    index = neighbours.empty(whole.mean(axis=0), len(whole))
    neighbours.put(index, range(len(whole)), whole)
    found = [
        [key for key, _ in neighbours.nearest(index, whole[row], NEAREST + 1, lambda keys: (np.array(keys), whole[keys]))
         if key != row][:NEAREST]
        for row in asked
    ]
    return recall(found, [best(whole, int(row)) for row in asked])


def store_of(folder: Path, many: np.ndarray) -> Connection:
    """An encrypted store with so many tasks and vectors."""
    db = connect(opening.open_store(home_at(folder), Access(use_keyring=False), NOW))
    with transaction(db):
        db.executemany(
            "INSERT INTO task(id, num, title, status, created, modified, tags, depends, annotations, remind, extra, snooze_count,"
            " due_hard) VALUES(?, ?, ?, 'pending', '', '', '[]', '[]', '[]', '[]', '{}', 0, 0)",
            [(f"t{n}", n + 1, f"task {n}") for n in range(len(many))],
        )
    for at in range(0, len(many), 5000):
        embeddings.put(db, "bench", {at + n + 1: v.tobytes() for n, v in enumerate(many[at : at + 5000])})
    return db


def index_of(db: Connection) -> neighbours.Index:
    class Named:
        kept: dict[str, Any] = {}  # noqa: RUF012  one store, one index

        def embedder_version(self) -> str:
            return "bench"

    return similar.remember(db, Named()).index  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
