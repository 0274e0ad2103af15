"""Nearest of many unit vectors with 48 bytes of each in memory.

Three steps, each on fewer: the sign of every component against the mean, compared by counting differing bits (Charikar 2002); the
exact query against those signs, which are worth more than bits against bits; the exact cosine, for which the vectors of a few
hundred candidates are fetched from where they are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import numpy as np

BY_BITS, BY_SIGNS = 1000, 120
"""Candidates that are left after the first and the second step."""
_LANES = 6
"""64-bit words of 384 bits."""

Fetch: TypeAlias = "Callable[[Sequence[int]], tuple[np.ndarray, np.ndarray]]"
"""(keys that are there, their vectors (n, 384)) of some keys."""


@dataclass(slots=True, eq=False)
class Index:
    """`keys` (n,) int32 and `bits` (n, 6) uint64, with room at the end; `size` are used. `mean` (384,) of what it was made of."""

    mean: np.ndarray
    keys: np.ndarray
    bits: np.ndarray
    size: int = 0

    @property
    def bytes(self) -> int:
        return int(self.keys.nbytes + self.bits.nbytes)


def empty(mean: np.ndarray, room: int = 1024) -> Index:
    """An index of nothing; `mean` is that of the vectors to come, or of vectors like them."""
    import numpy as np

    return Index(mean.astype(np.float32), np.zeros(room, dtype=np.int32), np.zeros((room, _LANES), dtype=np.uint64))


def put(index: Index, keys: Sequence[int], vectors: np.ndarray) -> None:
    """Add vectors (n, 384), or replace those whose keys are there."""
    import numpy as np

    if not len(keys):
        return
    _reserve(index, index.size + len(keys))
    bits = np.packbits(vectors.astype(np.float32) > index.mean, axis=1).view(np.uint64)
    at = np.empty(len(keys), dtype=np.int64)
    known = index.keys[: index.size]
    order = np.argsort(known, kind="stable")
    found = np.searchsorted(known, keys, sorter=order)
    for row, key in enumerate(keys):
        place = order[found[row]] if found[row] < len(order) else -1
        if place >= 0 and known[place] == key:
            at[row] = place
        else:
            at[row] = index.size
            index.size += 1
    index.keys[at] = keys
    index.bits[at] = bits


def drop(index: Index, keys: Sequence[int]) -> None:
    """Take keys out; unknown ones are no matter."""
    import numpy as np

    stays = ~np.isin(index.keys[: index.size], list(keys))
    kept = int(stays.sum())
    index.keys[:kept] = index.keys[: index.size][stays]
    index.bits[:kept] = index.bits[: index.size][stays]
    index.size = kept


def nearest(index: Index, query: np.ndarray, count: int, fetch: Fetch) -> list[tuple[int, float]]:
    """(key, cosine) of the `count` nearest to `query` (384,), nearest first. Keys that `fetch` does not find are left out."""
    import numpy as np

    if not index.size:
        return []
    moved = query.astype(np.float32) - index.mean
    rows = _fewest(_differing(index.bits[: index.size], np.packbits(moved > 0).view(np.uint64)), max(BY_BITS, 4 * count))
    signs = np.unpackbits(index.bits[rows].view(np.uint8), axis=1).astype(np.float32)
    rows = rows[_fewest(-(signs @ moved), max(BY_SIGNS, 4 * count))]
    keys, vectors = fetch(np.sort(index.keys[rows]).tolist())
    if not len(keys):
        return []
    cosines = vectors @ query
    best = np.argsort(-cosines, kind="stable")[:count]
    return [(int(keys[i]), float(cosines[i])) for i in best]


def _fewest(distances: np.ndarray, count: int) -> np.ndarray:
    import numpy as np

    if len(distances) <= count:
        return np.arange(len(distances))
    found: np.ndarray = np.argpartition(distances, count)[:count]
    return found


def _differing(bits: np.ndarray, query: np.ndarray) -> np.ndarray:
    """Number of differing bits of each row, (n,)."""
    import numpy as np

    different = bits ^ query
    if hasattr(np, "bitwise_count"):  # NumPy 2
        found: np.ndarray = np.bitwise_count(different).sum(axis=1, dtype=np.uint16)
        return found
    ones = np.array([value.bit_count() for value in range(1 << 16)], dtype=np.uint8)
    older: np.ndarray = ones[different.view(np.uint16)].sum(axis=1, dtype=np.uint16)
    return older


def _reserve(index: Index, size: int) -> None:
    import numpy as np

    if size > len(index.keys):
        more = max(size, len(index.keys) * 5 // 4) - len(index.keys)
        index.keys = np.concatenate([index.keys, np.zeros(more, dtype=index.keys.dtype)])
        index.bits = np.concatenate([index.bits, np.zeros((more, _LANES), dtype=np.uint64)])
