"""The day that a what-if is an edit of: one of the person's own recent days, or of everyone's where there are too few."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

import numpy as np

from coach.ml.features import whatif as features
from coach.ml.features.whatif import GROUPS, Array, Days, Ints

if TYPE_CHECKING:
    from numpy.random import Generator

RECENT = 28
"""Tracked days back from the newest: before them a person may have lived otherwise."""
LEAST = 5
"""With fewer days of the kind (workday or weekend) among them, everyone's are added."""
NEAREST = 5
"""With a goal, one of so many days nearest to it is edited."""


def chosen(own: Days, stock: Days, weekday: Ints, target_min: Array, asked: Array, rng: Generator) -> Array:
    """(m, 24, 9) whole minutes by group and visits of a day for each row: of the same kind as `weekday` (m,), one of those
    nearest to `target_min` (m, 8) in the `asked` groups (m, 8). Where nothing is asked days are dealt like cards, none twice
    before each was there once: chance adds less to their mean."""
    made = np.zeros((len(weekday), 24, len(GROUPS) + 1))
    goal = asked.any(axis=1)
    for workday in (True, False):
        same = (weekday < 5) == workday
        if not same.any():
            continue
        among = _among(own[max(0, len(own) - RECENT):], stock, workday)
        free, bound = np.flatnonzero(same & ~goal), np.flatnonzero(same & goal)
        deals = -(-len(free) // len(among))
        made[free] = among[np.array([rng.permutation(len(among)) for _ in range(deals)], dtype=np.int64).ravel()[: len(free)]]
        apart = (np.abs(among[None, :, :, :-1].sum(axis=2) - target_min[bound, None]) * asked[bound, None]).sum(axis=2)
        nearest = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
        made[bound] = among[nearest[np.arange(len(bound)), rng.integers(0, nearest.shape[1], len(bound))]]
    return made


def _among(recent: Days, stock: Days, workday: bool) -> Array:
    same = recent[(recent.weekday < 5) == workday]
    found = flat(same)
    if len(same) < LEAST:
        found = np.concatenate([found, flat(stock[(stock.weekday < 5) == workday])[: RECENT - len(same)]])
    return found


def flat(days: Days) -> Array:
    """(n, 24, 9): whole minutes by group, then whole visits."""
    return np.concatenate([features.whole_minutes(days.minutes), np.rint(days.visits)[:, :, None]], axis=2)


def packed(days: Days) -> str:
    """Minutes, visits (up to 255) and weekdays as text for a card."""
    cells = np.minimum(flat(days), 255).astype(np.uint8)
    return base64.b64encode(zlib.compress(days.weekday.astype(np.uint8).tobytes() + cells.tobytes(), 9)).decode()


def unpacked(text: str) -> Days:
    """What `packed` made, without scores. Raises ValueError for what is no such text."""
    try:
        content = np.frombuffer(zlib.decompress(base64.b64decode(text, validate=True)), dtype=np.uint8)
    except zlib.error as error:
        raise ValueError("no packed days") from error
    count = len(content) // (1 + 24 * (len(GROUPS) + 1))
    cells = content[count:].reshape(count, 24, len(GROUPS) + 1).astype(np.float64)
    return Days(cells[:, :, :-1], cells[:, :, -1], np.full((count, 24), np.nan), content[:count].astype(np.int64))
