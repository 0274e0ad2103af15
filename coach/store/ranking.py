"""Open tasks in order of urgency, found from the top: the indexes of m002 are walked only as far as somebody reads.

Within a shape (`core.urgency.Shape`) the due term stands still for tasks without a due, far ahead of it and long overdue:
there the older task is the more urgent one. In the three weeks between, tasks come by their due, and age can move one
ahead of another by no more than its coefficient. Streams of both kinds are merged by what their next task can reach."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

from coach.core.urgency import AHEAD_DAYS, OVERDUE_DAYS, Coefficients, Shape, age_term, due_term, parts, unpack
from coach.core.when import from_ms
from coach.store.db import Connection

Key: TypeAlias = tuple[float, int, int]
"""(-urgency, created in ms, number): the order of the list."""

_LAST: Key = (float("inf"), 0, 0)
_EARLIEST_MS = -(1 << 62)
_CHUNK = 64
_SMALL = 400
"""Rows that are sorted rather than looked for along the index by age."""


@dataclass(frozen=True, slots=True)
class _Class:
    """Tasks of one shape, whose scheduled time (if the shape has one) has come or not."""

    number: int
    shape: Shape
    come: bool
    oldest_ms: int
    now: datetime
    coefficients: Coefficients
    ready: bool

    def urgency(self, due: float, created_ms: int) -> float:
        age = age_term(from_ms(created_ms), self.now, self.coefficients.age_max_days)
        found = parts(self.shape, self.coefficients, due=due, age=age, scheduled=self.come, waiting=False)
        return sum(value for _, value in found if value)

    def key(self, due_s: int | None, created_ms: int, num: int) -> Key:
        due = None if due_s is None else datetime.fromtimestamp(due_s, UTC)
        return -self.urgency(due_term(due, self.now), created_ms), created_ms, num

    def where(self) -> str:
        """Conditions of every walk; ?1 is the class, ?2 now."""
        later = "=" if self.ready else ">="
        scheduled = "" if not self.shape.scheduled else f" AND scheduled_utc {'<' if self.come else later} ?2"
        waits = "" if not self.shape.waits else " AND (wait_utc IS NULL OR wait_utc <= ?2)"
        return f"status = 'pending' AND urgency_class = ?1{scheduled}{waits}"


@dataclass(slots=True)
class _Stream:
    """Tasks of a class in one phase of the due term. `bound`: no task still to come has a smaller key."""

    bound: Key
    steps: Iterator[_Step]


@dataclass(frozen=True, slots=True)
class _Step:
    """Some keys in any order, the bound of what is left, and a stream that has branched off."""

    keys: list[Key]
    bound: Key
    branch: list[_Stream] = field(default_factory=list)


def can_rank(coefficients: Coefficients) -> bool:
    """Whether the order can be found from the top: later and younger must not be more urgent."""
    return coefficients.due >= 0 and coefficients.age >= 0 and coefficients.age_max_days >= 0


def ranked(db: Connection, coefficients: Coefficients, now: datetime, *, ready: bool = False) -> Iterator[tuple[int, float]]:
    """(number, urgency) of the open tasks that are not hidden by `wait`, most urgent first; equal ones by age, then by
    number. `ready` leaves out those that are blocked or scheduled for later."""
    tie = count()
    heap = [(s.bound, next(tie), s) for of in _classes(db, coefficients, now, ready) for s in _streams(db, of)]
    heapq.heapify(heap)
    found: list[Key] = []
    while heap:
        _, _, stream = heapq.heappop(heap)
        step = next(stream.steps, _Step([], _LAST))
        stream.bound = step.bound
        for one in (stream, *step.branch):
            if one.bound != _LAST:
                heapq.heappush(heap, (one.bound, next(tie), one))
        for key in step.keys:
            heapq.heappush(found, key)
        while found and (not heap or found[0] <= heap[0][0]):
            urgency, _, num = heapq.heappop(found)
            yield num, -urgency


def _classes(db: Connection, coefficients: Coefficients, now: datetime, ready: bool) -> Iterator[_Class]:
    after = -1
    while row := db.execute(
        "SELECT urgency_class, created_ms FROM task INDEXED BY task_by_age WHERE status = 'pending' AND urgency_class > ?"
        " ORDER BY urgency_class, created_ms LIMIT 1", (after,),
    ).fetchone():
        after = row[0]
        shape = unpack(after)
        if ready and shape.blocked:
            continue
        of = _Class(after, shape, shape.scheduled, row[1], now, coefficients, ready)
        yield of
        if shape.scheduled:
            yield replace(of, come=False)


def _streams(db: Connection, of: _Class) -> Iterator[_Stream]:
    late = _whole_s(of.now - timedelta(days=OVERDUE_DAYS))
    ahead = _whole_s(of.now + timedelta(days=AHEAD_DAYS))
    for due, steps in (
        (1.0, _standing(db, of, "due_start_utc <= ?3", late)),
        (1.0, _moving(db, of, late, ahead)),
        (0.2, _standing(db, of, "due_start_utc > ?3", ahead)),
        (0.0, _standing(db, of, "due_start_utc IS NULL AND ?3 = 0", 0)),
    ):
        # A hair above what the term can reach, for the rounding of the sum.
        yield _Stream((-of.urgency(due, of.oldest_ms) - 1e-9, _EARLIEST_MS, 0), steps)


def _standing(db: Connection, of: _Class, phase: str, edge_s: int) -> Iterator[_Step]:
    """Where the due term stands still: by age. Few tasks in the phase are sorted, many are met along the index by age."""
    few = db.execute(*_rows(of, "task_by_due", phase, edge_s, f"LIMIT {_SMALL}")).fetchall()
    if len(few) < _SMALL:
        yield from _in_order(of, iter(sorted(few, key=lambda row: (row[1], row[2]))))
    else:
        yield from _in_order(of, db.execute(*_rows(of, "task_by_age", phase, edge_s, "ORDER BY created_ms, num")))


def _in_order(of: _Class, rows: Iterator[Any]) -> Iterator[_Step]:
    """One step for each of the rows, whose keys rise."""
    held = [of.key(*row) for row in _taken(rows)]
    while held:
        following = [of.key(*row) for row in _taken(rows)]
        yield _Step(held, following[0] if following else _LAST)
        held = following


def _taken(rows: Iterator[Any]) -> list[Any]:
    row = next(rows, None)
    return [] if row is None else [row]


def _moving(db: Connection, of: _Class, late: int, ahead: int) -> Iterator[_Step]:
    """Where the due term moves: by due, in chunks. Many tasks due at one moment branch off, in order of age."""
    after = late
    while True:
        rows = db.execute(*_rows(
            of, "task_by_due", f"due_start_utc > ?3 AND due_start_utc <= {ahead}", after,
            f"ORDER BY due_start_utc, created_ms, num LIMIT {_CHUNK}",
        )).fetchall()
        if len(rows) < _CHUNK:
            yield _Step([of.key(*row) for row in rows], _LAST)
            return
        branch: list[_Stream] = []
        if rows[0][0] == rows[-1][0]:
            after = rows[0][0]
            crowd = db.execute(*_rows(of, "task_by_due", "due_start_utc = ?3", after, "ORDER BY created_ms, num"))
            branch, rows = [_Stream(of.key(*rows[0]), _in_order(of, crowd))], []
        else:  # the last moment of a chunk may go on in the next one
            after = max(row[0] for row in rows if row[0] != rows[-1][0])
        keys = [of.key(*row) for row in rows if row[0] <= after]
        yield _Step(keys, (of.key(after, of.oldest_ms, 0)[0], _EARLIEST_MS, 0), branch)


def _rows(of: _Class, index: str, phase: str, edge_s: int, tail: str) -> tuple[str, tuple[object, ...]]:
    sql = f"SELECT due_start_utc, created_ms, num FROM task INDEXED BY {index} WHERE {of.where()} AND {phase} {tail}"
    return sql, (of.number, of.now.timestamp(), edge_s)


def _whole_s(instant: datetime) -> int:
    """Whole seconds, rounded down, also before 1970."""
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
