"""Which open task a stretch of tracked time was for: proposals, each with a confidence and what it rests on.

For each stretch the evidence (`core/evidence`) for every task that shares something with it is summed to log-odds. These
become probabilities by softmax with "none of them", whose log-odds are 0, as one more outcome, so tasks that are alike share
what there is. A stretch goes to its likeliest task when that is likelier than not. The confidence of a proposal is the mean
probability over its time: the part of the minutes that is expected to be right (`tests/bench/attribution.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from math import exp

from coach.core.evidence import Evidence, Field, Index, Known, Tracked, evidence
from coach.core.task import Task

FLOOR = 0.5
"""A stretch is proposed for a task when that is likelier than not."""
SURE = 0.8
"""Proposals from here on may be accepted all at once."""
LEAST_MS = 5 * 60_000
"""Less time of a day is no proposal; twice as much where it is not sure."""

_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Proposal:
    """`lines` are (field, value, ms), the longest first; `spans` the stretches (start_ms, end_ms) in order."""

    task_id: str
    ms: int
    confidence: float
    lines: tuple[tuple[Field, str, int], ...]
    spans: tuple[tuple[int, int], ...]

    @property
    def minutes(self) -> int:
        return round(self.ms / 60_000)


def propose(tracked: Iterable[Tracked], index: Index, known: Known) -> list[Proposal]:
    """The proposals of some stretches, those with the most time first; `known` is what was decided before."""
    seen: dict[tuple[object, ...], dict[int, list[Evidence]]] = {}
    spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
    chances: dict[int, float] = defaultdict(float)
    lines: dict[int, dict[tuple[Field, str], int]] = defaultdict(lambda: defaultdict(int))
    for one in tracked:
        key = (one.app, one.title, one.url, one.project, one.branch, one.focus, one.level)
        if key not in seen:
            seen[key] = evidence(one, index, known)
        likeliest = _likeliest(one, seen[key], index)
        if likeliest is None:
            continue
        i, chance = likeliest
        ms = one.end_ms - one.start_ms
        best = max(seen[key][i], key=lambda e: e.weight)
        spans[i].append((one.start_ms, one.end_ms))
        chances[i] += chance * ms
        lines[i][best.field, best.value] += ms
    found = []
    for i, mine in spans.items():
        ms = sum(end - start for start, end in mine)
        if ms >= (LEAST_MS if chances[i] / ms >= SURE else 2 * LEAST_MS):
            told = sorted(((f, v, n) for (f, v), n in lines[i].items()), key=lambda line: -line[2])
            found.append(Proposal(index.tasks[i].id, ms, chances[i] / ms, tuple(told), _joined(mine)))
    return sorted(found, key=lambda p: (-p.ms, p.task_id))


def _likeliest(one: Tracked, found: Mapping[int, Sequence[Evidence]], index: Index) -> tuple[int, float] | None:
    """The task of a stretch, by its place in the index, and how likely it is."""
    scores = {
        i: sum(e.weight for e in mine) for i, mine in found.items()
        if not _over(index.tasks[i], one.start_ms)
    }
    if not scores:
        return None
    best = max(scores, key=lambda i: scores[i])
    chance = exp(scores[best]) / (1 + sum(exp(s) for s in scores.values()))
    return (best, chance) if chance >= FLOOR else None


def _over(task: Task, start_ms: int) -> bool:
    """Whether a task was completed well before."""
    return task.completed is not None and start_ms > (task.completed + _AFTER).timestamp() * 1000


def _joined(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def without(tracked: Iterable[Tracked], taken: Sequence[tuple[int, int]]) -> list[Tracked]:
    """The stretches less what is `taken` (start_ms, end_ms): time that is counted already."""
    left: list[Tracked] = []
    holes = _joined(taken)
    for one in tracked:
        at = one.start_ms
        for start, end in holes:
            if end <= at or start >= one.end_ms:
                continue
            if start > at:
                left.append(replace(one, start_ms=at, end_ms=start))
            at = max(at, end)
        if at < one.end_ms:
            left.append(replace(one, start_ms=at))
    return left
