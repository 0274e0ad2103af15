"""Blocks that the person moves or resizes by hand: which limits of the plan that breaks, where the proposals go that stood there,
and what is still true of the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import slots
from coach.core.errors import InvalidInput, NotFound
from coach.core.plan import Block, Reason, Unplaced
from coach.core.plan_limits import broken
from coach.core.task import Task
from coach.core.when import start_of
from coach.engine import block_lengths, plan_limits, planning
from coach.engine.making_room import Room, room
from coach.engine.standing import standing
from coach.store import blocks
from coach.store import tasks as tasks_store
from coach.store.db import Connection, transaction

FARTHEST = timedelta(days=14)
"""So far a block jumps at most past what is taken."""
HERE = "you moved it here"
LABELS = {"moved": "move block", "resized": "resize block"}
_QUARTER = timedelta(minutes=slots.QUARTER_MIN)


@dataclass(frozen=True, slots=True)
class Moved:
    """`block` as it is now, or as it would be where the move `asks` first. `breaks` are limits that it breaks and did not break
    before; `elsewhere` are the proposals that stood there, with the titles of their tasks, where they are now, and those that
    had lost their place and have one again; `lost` are those that no other place was free for."""

    block: Block
    breaks: tuple[Reason, ...] = ()
    elsewhere: tuple[tuple[str, Block], ...] = ()
    lost: tuple[tuple[str, Unplaced], ...] = ()
    asks: bool = False


@dataclass(frozen=True, slots=True)
class _Table:
    """What a move is made on. `taken` is what a block is never put onto: busy events and the other accepted blocks."""

    db: Connection
    config: Config
    now: datetime
    tz: ZoneInfo

    def taken(self, block: Block, span: tuple[datetime, datetime]) -> list[slots.Stretch]:
        others = (b for b in standing(self.db, self.now) if b.id != block.id)
        return [*((e.start, e.end) for e in plan_limits.busy(self.db, span)), *((b.start, b.end) for b in others)]


def move(
    db: Connection, config: Config, ref: str, minutes: int, now: datetime, tz: ZoneInfo, *, sure: bool = True,
) -> Moved:
    """Shift a block, which thereby is accepted; where an event or an accepted block lies there, on to the next free time in that
    direction. Proposals that stood there get another place, in the same action. Without `sure` a move that breaks a limit is only
    asked about. Raises NotFound; InvalidInput for the past and where nothing is free in that direction."""
    table, block = _Table(db, config, now, tz), blocks.find(db, ref)
    step = timedelta(minutes=minutes)
    onward = _QUARTER if minutes > 0 else -_QUARTER
    span = (block.start, block.end + step + FARTHEST) if minutes > 0 else (now, block.end)
    taken = table.taken(block, span)
    start = block.start + step
    while start >= now and _hits((start, start + (block.end - block.start)), taken):
        start += onward
        if start < now or start > block.start + step + FARTHEST:
            raise InvalidInput("nothing is free in that direction", "move or reject what stands there first")
    moved_min = (start - block.start).total_seconds() / 60
    return _put(table, block, (start, start + (block.end - block.start)), Reason("moved", moved_min, HERE), sure)


def move_days(
    db: Connection, config: Config, ref: str, days: int, now: datetime, tz: ZoneInfo, *, sure: bool = True,
) -> Moved:
    """Put a block on another day at the same time by the clock, which thereby is accepted; where something is taken there, at the
    nearest free time of that day. Asks and raises as `move` does."""
    table, block = _Table(db, config, now, tz), blocks.find(db, ref)
    wanted = (block.start.astimezone(tz) + timedelta(days=days)).astimezone(UTC)
    day = wanted.astimezone(tz).date()
    low, high = (start_of(d, tz).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    start = _nearest(table, block, wanted, (low, high))
    reason = Reason("moved", days * 1440, "you moved it to this day")
    return _put(table, block, (start, start + (block.end - block.start)), reason, sure)


def _nearest(table: _Table, block: Block, wanted: datetime, day: tuple[datetime, datetime]) -> datetime:
    """The start on that day nearest to the wanted one at which nothing is taken, of those that break the fewest limits."""
    length, taken = block.end - block.start, table.taken(block, day)
    if wanted < table.now or not _hits((wanted, wanted + length), taken):
        return wanted
    limits = plan_limits.of(table.db, table.config, _task(table.db, block), day, table.tz)
    low, high = day
    first = wanted - (wanted - max(low, table.now)) // _QUARTER * _QUARTER
    starts = (first + n * _QUARTER for n in range(max(0, (high - first) // _QUARTER)))
    free = [s for s in starts if s >= table.now and not _hits((s, s + length), taken)]
    if not free:
        raise InvalidInput("nothing is free on that day", "move or reject what stands there first")
    return min(free, key=lambda s: (len(broken(replace(block, start=s, end=s + length), limits)), abs(s - wanted), s < wanted))


def resize(
    db: Connection, config: Config, ref: str, minutes: int, now: datetime, tz: ZoneInfo, *, sure: bool = True,
) -> Moved:
    """Make a block so much longer (shorter below 0), which thereby is accepted. Raises NotFound; InvalidInput for less than a
    quarter of an hour and for an accepted block's time. Asks as `move` does."""
    block = blocks.find(db, ref)
    end = block.end + timedelta(minutes=minutes)
    if end - block.start < _QUARTER:
        raise InvalidInput("a block takes a quarter of an hour at least", "reject it instead")
    reason = Reason("resized", minutes, "you made it this long")
    return _put(_Table(db, config, now, tz), block, (block.start, end), reason, sure)


def _put(table: _Table, block: Block, span: slots.Stretch, reason: Reason, sure: bool) -> Moved:
    """Check, ask, write."""
    db, now, task = table.db, table.now, _task(table.db, block)
    moved = replace(block, start=span[0], end=span[1], status="accepted")
    planning.check_move(moved, (), now, begins=moved.start != block.start)
    for other in standing(db, now):
        if other.id != block.id and planning.overlap(moved, other):
            raise InvalidInput(f'that time is taken by "{_task(db, other).title}"', "move or reject that block first")
    breaks = _newly_broken(table, task, block, moved)
    if breaks and not sure:
        return Moved(moved, breaks, asks=True)
    with transaction(db):
        offered = [b for b in blocks.with_status(db, "proposed") if b.end > now]
        ahead = [b for b in (*standing(db, now), *offered) if b.id != block.id]
        hit = [b for b in ahead if b.status == "proposed" and planning.overlap(b, moved)]
        around = room(db, table.config, now, table.tz, [moved, *(b for b in ahead if b not in hit)], moved.end)
        moved = replace(moved, reasons=around.reasons(block, moved, task, reason))
        around.settle([*hit, *blocks.with_status(db, blocks.DISPLACED)], moved, task)
        beside = list(around.went)
        if moved.minutes != block.minutes:
            moved, beside = _lengths_told(table, task, moved, around)
        planning.decide(db, {"move": [(block, moved)]}, now, LABELS[reason.kind], beside, around.lost)
    touched = [*(b.task_id for _, b in around.went), *(b.task_id for b, _ in around.lost)]
    titles = {t.id: t.title for t in tasks_store.by_id(db, touched).values()}
    went = tuple((titles[new.task_id], new) for old, new in around.went)
    return Moved(moved, breaks, went, tuple((titles[u.task_id], u) for b, u in around.lost if u.task_id in titles))


def as_moved(db: Connection, config: Config, block: Block, minutes: int, now: datetime, tz: ZoneInfo) -> Block:
    """The block as it would be so much later (earlier, below 0), with the reasons of that place. Raises InvalidInput for the
    past."""
    step = timedelta(minutes=minutes)
    moved = replace(block, start=block.start + step, end=block.end + step, status="accepted")
    planning.check_move(moved, (), now)
    by_hand = Reason("moved", minutes, HERE)
    around = room(db, config, now, tz, until=moved.end)
    return replace(moved, reasons=around.reasons(block, moved, _task(db, block), by_hand))


def _newly_broken(table: _Table, task: Task, block: Block, moved: Block) -> tuple[Reason, ...]:
    span = (min(block.start, moved.start), max(block.end, moved.end))
    limits = plan_limits.of(table.db, table.config, task, span, table.tz)
    before = {r.text for r in broken(block, limits)}
    return tuple(r for r in broken(moved, limits) if r.text not in before)


def _lengths_told(
    table: _Table, task: Task, moved: Block, around: Room,
) -> tuple[Block, list[tuple[Block | None, Block]]]:
    """The block, what made room for it and the other blocks of its task, with what their new length in all comes to."""
    others = [b for b in around.standing if b.task_id == task.id and b.id != moved.id]
    first, *rest = block_lengths.told_anew(table.db, table.config, table.now, task, [moved, *others])
    told = {b.id: b for b in rest}
    beside = [(old, told.pop(new.id, new)) for old, new in around.went]
    return first, [*beside, *((b, told[b.id]) for b in others if b.id in told and told[b.id] != b)]


def _task(db: Connection, block: Block) -> Task:
    task = tasks_store.get(db, block.task_id)
    if task is None:
        raise NotFound("the task of that block is gone")
    return task


def _hits(span: slots.Stretch, taken: Sequence[slots.Stretch]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)
