"""The index of sign bits against the exact search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from coach.ml import neighbours


def unit(rows: int, seed: int = 0) -> np.ndarray:
    """Directions off the origin that fewer dimensions explain than there are, as sentence embeddings'."""
    spread = np.random.default_rng(99).normal(size=(24, 384))
    found = np.random.default_rng(seed).normal(size=(rows, 24)) @ spread + 1.0
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


class Kept:
    """Vectors by key, as the store would have them; remembers how many were asked for."""

    def __init__(self, vectors: np.ndarray) -> None:
        self.by_key = dict(enumerate(vectors, start=10))
        self.asked = 0

    def __call__(self, keys: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
        there = [key for key in keys if key in self.by_key]
        self.asked = max(self.asked, len(keys))
        return np.array(there), np.array([self.by_key[key] for key in there]).reshape(-1, 384)


def made(vectors: np.ndarray) -> neighbours.Index:
    index = neighbours.empty(vectors.mean(axis=0), 8)
    neighbours.put(index, range(10, 10 + len(vectors)), vectors)
    return index


def exact(vectors: np.ndarray, query: np.ndarray, count: int) -> list[int]:
    return [int(i) + 10 for i in np.argsort(-(vectors @ query))[:count]]


def test_the_nearest_are_found_among_many_with_few_fetched() -> None:
    vectors, queries = unit(6000), unit(30, seed=1)
    index, kept, hits = made(vectors), Kept(vectors), 0
    for query in queries:
        found = neighbours.nearest(index, query, 10, kept)
        assert [c for _, c in found] == sorted((c for _, c in found), reverse=True)
        hits += len({key for key, _ in found} & set(exact(vectors, query, 10)))
    assert hits / 300 > 0.97
    assert kept.asked <= neighbours.BY_SIGNS
    assert index.bytes / len(index.keys) <= 52


def test_vectors_are_replaced_and_dropped() -> None:
    vectors = unit(50)
    index, kept = made(vectors), Kept(vectors)
    moved = unit(1, seed=9)
    neighbours.put(index, [12, 500], np.concatenate([moved, unit(1, seed=10)]))
    kept.by_key[12] = moved[0]
    assert index.size == 51
    assert neighbours.nearest(index, moved[0], 1, kept)[0][0] == 12
    neighbours.drop(index, [12, 9999])
    assert index.size == 50
    assert neighbours.nearest(index, moved[0], 1, kept)[0][0] != 12


def test_what_the_store_has_lost_is_left_out_and_nothing_gives_nothing() -> None:
    vectors = unit(20)
    index, kept = made(vectors), Kept(vectors)
    kept.by_key.pop(10)
    assert 10 not in [key for key, _ in neighbours.nearest(index, vectors[0], 5, kept)]
    kept.by_key.clear()
    assert neighbours.nearest(index, vectors[0], 5, kept) == []
    assert neighbours.nearest(neighbours.empty(np.zeros(384)), vectors[0], 5, kept) == []


def test_bits_are_counted_alike_without_numpy_2(monkeypatch: pytest.MonkeyPatch) -> None:
    bits = np.random.default_rng(3).integers(0, 2**63, (40, 6), dtype=np.uint64)
    expected = [sum(bin(int(a) ^ int(b)).count("1") for a, b in zip(row, bits[0], strict=True)) for row in bits]
    assert neighbours._differing(bits, bits[0]).tolist() == expected
    monkeypatch.delattr(np, "bitwise_count", raising=False)
    assert neighbours._differing(bits, bits[0]).tolist() == expected
