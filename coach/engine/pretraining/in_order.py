"""Simulated people by the hundred, on as many processes as there are cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

T = TypeVar("T")


def in_order(
    one: Callable[[int], T], seeds: Sequence[int], workers: int, family: str, progress: Callable[[str], None], every: int,
) -> Iterator[T]:
    """`one(seed)` in the order of the seeds, on `workers` processes; `one` can be pickled. Told after `every` people."""
    if workers <= 1:
        yield from map(one, seeds)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done, person in enumerate(pool.map(one, seeds, chunksize=max(1, min(8, len(seeds) // workers))), start=1):
            if done % every == 0:
                progress(f"{done} of {len(seeds)} people of family {family}")
            yield person
