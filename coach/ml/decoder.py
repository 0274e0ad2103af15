"""Best insertion, many plans at a time: each of P plans takes its k-th task into the place where it is worth most among what is
still free, in one step of numpy over (P, T), T being the positions of the board. It makes a plan in a twentieth of the time of
the same thing in Python, which is what lets a search look at tens of thousands of them in a second.

Goossens & Spieksma, "Time-indexed formulations", and Kolisch & Hartmann, "Heuristic algorithms for the resource-constrained
project scheduling problem" (serial schedule generation): a list of tasks, decoded task by task.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from coach.core.plan import SPLIT, SWITCH
from coach.core.wishes import TIRING
from coach.ml.board import NOWHERE, Tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[Any]"


@dataclass(slots=True)
class Plans:
    """P plans in the making. `run` (P, T + 1): free positions that follow. `ends`, `starts` (P, T + 1): the category of the block
    that ends, begins there; -1 without one. `load` (P, days): planned quarter-hours."""

    run: Array
    ends: Array
    starts: Array
    load: Array


@dataclass(frozen=True, slots=True)
class Inserted:
    """What became of K insertions into P plans: `pattern` (P, K), -1 where it has no place; `at` (P, K, Q) the first positions
    of its blocks; `worth` (P, K)."""

    pattern: Array
    at: Array
    worth: Array


def empty(tables: Tables, plans: int) -> Plans:
    """Plans with nothing in them."""
    none = np.full((plans, tables.size + 1), -1, np.int8)
    load = np.zeros((plans, int(tables.day.max()) + 1), np.int16)
    return Plans(np.repeat(tables.run[None], plans, axis=0), none, none.copy(), load)


def insert(tables: Tables, plans: Plans, order: Array, lure: Array | None = None) -> Inserted:
    """Insert the patterns `order` (P, K; -1 for none), each plan at its own pace, block by block. A task whose blocks do not all
    find a place, or that would cost more than it is worth, is taken out again. It is quickest with the plans that have the most
    to do first. `lure` (P, T) makes a start look better than it
    is: it changes what is chosen, not what that is worth."""
    rows, tasks = order.shape
    most = tables.lengths.shape[1]
    found = Inserted(np.full((rows, tasks), -1, np.int32), np.full((rows, tasks, most), -1, np.int16), np.zeros((rows, tasks)))
    if not rows or not tasks:
        return found
    pieces = np.where(order >= 0, tables.pieces[order], 0)
    up_to = pieces.cumsum(axis=1)
    steps = int(up_to[:, -1].max())
    task = (up_to[:, None, :] <= np.arange(steps)[:, None]).sum(axis=2)  # (P, steps)
    ahead = task < tasks
    task = np.minimum(task, tasks - 1)
    number = np.arange(steps) - np.take_along_axis(up_to - pieces, task, axis=1)
    number[~ahead] = 0
    work = _Work(tables, plans, found, lure, np.where(ahead, np.take_along_axis(order, task, axis=1), -1), task, number)
    for step in range(steps):
        work.one(step)
    return found


class _Work:
    """The insertion that goes on: for each plan its task (`late` so far, `first` and `last` position, `gain`, all blocks `alive`
    so far)."""

    def __init__(
        self, tables: Tables, plans: Plans, found: Inserted, lure: Array | None, wanted: Array, task: Array, number: Array,
    ) -> None:
        rows = len(wanted)
        self.lure = lure
        self.tables, self.plans, self.found, self.rows = tables, plans, found, np.arange(rows)
        self.wanted, self.task, self.number = wanted, task, number
        self.length = np.where(wanted >= 0, tables.lengths[wanted, number], 0)
        self.row = tables.row[wanted, number]
        pieces = tables.pieces[wanted]
        self.begins = (number == 0) & (wanted >= 0)
        self.over = (number == pieces - 1) & (wanted >= 0)
        self.several = self.begins & (pieces > 1)
        left = wanted >= 0
        self.active = np.where(left.any(axis=0), rows - left[::-1].argmax(axis=0), 0)  # rows up to the last one at work
        self.kept = Plans(plans.run.copy(), plans.ends.copy(), plans.starts.copy(), plans.load.copy())
        self.late, self.alive = np.zeros(rows, bool), np.zeros(rows, bool)
        self.first, self.gain = np.full(rows, tables.size, np.int64), np.zeros(rows)
        self.last = np.zeros(rows, np.int64)
        self.flat = np.lib.stride_tricks.sliding_window_view(plans.starts.reshape(-1), tables.size) if tables.gap == 0 else None

    def one(self, step: int) -> None:
        """The next block of every plan that has one left."""
        n = int(self.active[step])
        tables, begins, wanted = self.tables, self.begins[:n, step], self.wanted[:n, step]
        self.late[:n] &= ~begins
        self.alive[:n] |= begins
        self.first[:n][begins], self.last[:n][begins], self.gain[:n][begins] = tables.size, 0, 0.0
        if (several := np.flatnonzero(self.several[:n, step])).size:
            for whole, kept in zip(_arrays(self.plans), _arrays(self.kept), strict=True):
                kept[several] = whole[several]
        start, worth = self._best(step, n)
        fits = self.alive[:n] & (wanted >= 0) & (worth > NOWHERE / 2)
        over = self.over[:n, step]
        single = begins & over
        fits &= ~single | (worth + tables.value[wanted] > 0)
        self.alive[:n] &= fits | (wanted < 0)
        rows = self.rows[:n][fits]
        if rows.size:
            self._take(rows, start[rows], step, fits, start)
        if over.any():
            self._close(np.flatnonzero(over), step)

    def _best(self, step: int, n: int) -> tuple[Array, Array]:
        """(first position, worth) of the best place of a block in each of the first n plans."""
        tables, plans, size = self.tables, self.plans, self.tables.size
        length, wanted = self.length[:n, step], self.wanted[:n, step]
        worth = tables.table[self.row[:n, step] + self.late[:n] * tables.late]
        if self.lure is not None:
            worth += self.lure[:n]
        if self.flat is not None:
            category = tables.category[wanted][:, None]
            before = plans.ends[:n, :size]
            cost = ((before >= 0) & (before != category)).view(np.int8)
            after = self.flat[np.minimum(self.rows[:n] * (size + 1) + length, len(self.flat) - 1)]
            cost += ((after >= 0) & (after != category)).view(np.int8)
            worth -= np.float32(SWITCH) * cost
        if tables.capacity is not None:
            over = np.maximum(plans.load[:n] + length[:, None] - tables.capacity, 0)
            worth -= np.float32(TIRING) * np.minimum(over, length[:, None])[:, tables.day].astype(np.float32)
        np.copyto(worth, NOWHERE, where=plans.run[:n, :size] < length[:, None])
        start = worth.argmax(axis=1)
        return start, worth[self.rows[:n], start]

    def _take(self, rows: Array, start: Array, step: int, fits: Array, starts: Array) -> None:
        tables, plans, gap, n = self.tables, self.plans, self.tables.gap, len(fits)
        length, wanted = self.length[rows, step], self.wanted[rows, step]
        end = start + length
        low = (starts - gap).astype(np.int16)[:, None]
        high = np.where(fits, starts + self.length[:n, step] + gap, 0).astype(np.int16)[:, None]
        shorter = np.minimum(plans.run[:n], np.maximum(low - tables.positions, 0))
        np.copyto(plans.run[:n], shorter, where=tables.positions < high)
        if gap == 0:
            plans.ends[rows, end] = plans.starts[rows, start] = tables.category[wanted]
        if tables.capacity is not None:
            plans.load[rows, tables.day[start]] += length.astype(np.int16)
        self.found.at[rows, self.task[rows, step], self.number[rows, step]] = start
        self.late[rows] |= end > tables.due[wanted]
        self.first[rows] = np.minimum(self.first[rows], start)
        self.last[rows] = np.maximum(self.last[rows], end)
        gain = tables.attention[wanted] * (tables.focus[end] - tables.focus[start])
        if tables.extra is not None:
            gain = gain + tables.extra[self.row[rows, step], start]
        self.gain[rows] += gain

    def _close(self, rows: Array, step: int) -> None:
        """The tasks whose last block was dealt with: what they came to, or out with them."""
        tables, wanted, task = self.tables, self.wanted[rows, step], self.task[rows, step]
        worth = tables.value[wanted] - np.where(self.late[rows], tables.lost[wanted], 0.0) + self.gain[rows]
        worth -= SPLIT * (tables.pieces[wanted] - 1) + tables.delay[self.first[rows]]
        if tables.risk is not None:
            worth -= tables.risk[tables.job[wanted], self.last[rows]]
        stays = self.alive[rows] & (worth > 0)
        self.found.pattern[rows, task] = np.where(stays, wanted, -1)
        self.found.worth[rows, task] = np.where(stays, worth, 0.0)
        back = rows[~stays & (tables.pieces[wanted] > 1)]
        if back.size:
            for whole, kept in zip(_arrays(self.plans), _arrays(self.kept), strict=True):
                whole[back] = kept[back]


def _arrays(plans: Plans) -> tuple[Array, ...]:
    return plans.run, plans.ends, plans.starts, plans.load


def switches(plans: Plans) -> Array:
    """(P,) blocks that follow another at once with a different category."""
    both = (plans.ends >= 0) & (plans.starts >= 0)
    both &= plans.ends != plans.starts
    found: Array = np.count_nonzero(both, axis=1)
    return found


def score(tables: Tables, plans: Plans, worth: Array) -> Array:
    """(P,) the objective with the person's own wishes, unscaled, of plans whose tasks are worth `worth` in sum."""
    total = worth - SWITCH * switches(plans) if tables.gap == 0 else worth
    if tables.capacity is not None:
        total = total - TIRING * np.maximum(plans.load - tables.capacity, 0).sum(axis=1)
    return total
