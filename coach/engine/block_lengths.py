"""How sure it is that a task fits into its blocks, and what their length stands on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from math import log

from coach.config import Config
from coach.core.explain import span
from coach.core.plan import Block, Reason
from coach.core.quickadd import unread_estimates
from coach.core.task import Task
from coach.engine import estimating
from coach.engine.estimating import Estimate
from coach.store.db import Connection

CERTAIN = 10
"""Finished tasks behind a length from which on a block tells how likely it holds its task."""
KIND = "estimate"


def sure_of(length: Estimate, minutes: float, spent_min: float = 0.0) -> float:
    """The probability that so many minutes are enough, of a task that has taken `spent_min` of them and is still open."""
    from coach.ml.duration import share_within  # numpy, only where a plan is made

    ends = log(length.low_min), log(length.median_min), log(length.high_min)
    enough, gone = (share_within(*ends, log(m)) if m >= 1 else 0.0 for m in (minutes, spent_min))
    return max(0.0, enough - gone) / (1 - gone)


def told(blocks: Iterable[Block], length: Estimate | None, spent_min: float, config: Config, title: str = "") -> list[Block]:
    """All blocks of a task that are ahead, each with how likely they are enough together after `spent_min`, and why. `length` is
    None where it is assumed; then an estimate that the `title` holds and nobody could read is named."""
    found = list(blocks)
    if length is None:
        minutes = config.plan.default_estimate_min
        words = f"no estimate: {span(minutes)} assumed"
        if left := unread_estimates(title):
            words += f", {left[0]} could not be read (1 minute to 24 hours)"
        return [_with(b, Reason(KIND, minutes, words), None) for b in found]
    total = sum(b.minutes for b in found)
    sure = sure_of(length, total + spent_min, spent_min)
    stands = f" (n = {length.n})" if length.n or length.estimate_min else ""
    words = f"{span(total)} planned, {sure * 100:.0f} % sure: {length.basis}, 4 of 5 take" \
            f" {span(length.low_min)} to {span(length.high_min)}{stands}"
    known = round(sure, 3) if length.n >= CERTAIN else None
    return [_with(b, Reason(KIND, length.planned_min, words), known) for b in found]


def told_anew(db: Connection, config: Config, now: datetime, task: Task, blocks: Sequence[Block]) -> list[Block]:
    """The same, of blocks whose length the person has changed."""
    (length,) = estimating.of(db, [task], config, now)
    known = None if length.assumed and task.estimate_min is None else length
    return told(blocks, known, task.actual_min or 0, config, task.title)


def _with(block: Block, reason: Reason, sure: float | None) -> Block:
    others = tuple(r for r in block.reasons if r.kind != KIND)
    return replace(block, reasons=(*others, reason), confidence=sure)
