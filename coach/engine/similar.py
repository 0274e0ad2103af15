"""Tasks that mean much the same as a title: near-duplicates among the open ones, and what became of past ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from coach.core.likeness import really_alike, words_of
from coach.engine.models import Models
from coach.store import embeddings
from coach.store.db import Connection

if TYPE_CHECKING:  # numpy: where something is compared
    import numpy as np

    from coach.ml.neighbours import Index

KEY = "similar"
SAME = 0.93
"""Cosine from which on two titles say the same; pairs in the shipped corpus that a reader would merge lie above it."""
ALIKE = 0.6
CLOSE = 0.75
"""Least cosine of titles with one word in common: the name of a project or a file lifts it, whatever is done with that."""


@dataclass(frozen=True, slots=True)
class Similar:
    """`same` where it says the same and is still open. Minutes as estimated and as measured."""

    num: int
    id: str
    title: str
    cosine: float
    status: str
    category: str | None
    estimate_min: int | None
    actual_min: int | None
    same: bool

    def document(self) -> dict[str, Any]:
        return {**asdict(self), "cosine": round(self.cosine, 3)}


@dataclass(slots=True, eq=False)
class Memory:
    """The index of all tasks' vectors (48 bytes each) and up to which task it goes."""

    index: Index
    embedder: str
    last: int
    count: int


def similar(db: Connection, models: Models, title: str, count: int = 3, without: Sequence[int] = ()) -> list[Similar]:
    """The tasks nearest to a title, nearest first, none that is not `alike`; empty without an embedder."""
    from coach.ml import embed

    embedder = models.embedder()
    if embedder is None or not title.strip():
        return []
    return near(db, models, title, embed.embed(embedder, [title])[0], count, without)


def alike(words: Sequence[str], other: Sequence[str], cosine: float) -> bool:
    """Whether titles of those words mean much the same: from ALIKE on, or from CLOSE on where they have one word in common."""
    common = set(words) & set(other)
    lifted = len(common) == 1 and not really_alike(words, other)
    return cosine >= (CLOSE if lifted else ALIKE)


def near(
    db: Connection, models: Models, title: str, vector: np.ndarray, count: int, without: Sequence[int] = ()
) -> list[Similar]:
    """The same for a title with its vector (384,)."""
    from coach.ml import neighbours

    memory = remember(db, models)
    found = neighbours.nearest(
        memory.index, vector, 2 * count + len(without) + 4, lambda nums: _fetch(db, nums, memory.embedder)
    )
    chosen = [(num, cosine) for num, cosine in found if cosine >= ALIKE and num not in without]
    tasks = embeddings.tasks_of(db, [num for num, _ in chosen])
    words = words_of(title)
    return [
        Similar(**tasks[num], cosine=cosine, same=cosine >= SAME and tasks[num]["status"] == "pending")
        for num, cosine in chosen if num in tasks and alike(words, words_of(tasks[num]["title"]), cosine)
    ][:count]


def remember(db: Connection, models: Models) -> Memory:
    """The index, with what came since it was made; made anew (a few tenths of a second for 100,000) where tasks were re-embedded
    in number or by another embedder."""
    import numpy as np

    from coach.ml import neighbours

    version, size = models.embedder_version(), embeddings.count(db)
    held: Memory | None = models.kept.get(KEY)
    if held is not None and held.embedder == version and held.count == size:
        return held
    if held is None or held.embedder != version or held.count > size:
        held = Memory(neighbours.empty(np.zeros(384)), version, 0, 0)
    for piece in embeddings.every(db, version, held.last):
        vectors = _array([blob for _, blob in piece])
        if held.last == 0:
            held.index = neighbours.empty(vectors.mean(axis=0), max(size, 1024))
        neighbours.put(held.index, [num for num, _ in piece], vectors)
        held.last = piece[-1][0]
    held.count = size
    models.kept[KEY] = held
    return held


def renew(models: Models, nums: Sequence[int], vectors: np.ndarray) -> None:
    """Tasks whose vectors were made anew, in the index of this process if there is one."""
    from coach.ml import neighbours

    held: Memory | None = models.kept.get(KEY)
    known = [row for row, num in enumerate(nums) if held and num <= held.last]
    if held and known:
        neighbours.put(held.index, [nums[row] for row in known], vectors[known])


def _fetch(db: Connection, nums: Sequence[int], embedder: str) -> tuple[Any, Any]:
    import numpy as np

    found = embeddings.vectors(db, nums, embedder)
    return np.array([num for num, _ in found], dtype=np.int64), _array([blob for _, blob in found])


def _array(blobs: Sequence[bytes]) -> np.ndarray:
    import numpy as np

    from coach.ml.embed import DIMENSIONS

    return np.frombuffer(b"".join(blobs), dtype=np.float16).astype(np.float32).reshape(-1, DIMENSIONS)
