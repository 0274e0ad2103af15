"""How much the days of the plan can hold, and how much they would have to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.core import slots
from coach.core.plan import Block, Busy, Instance
from coach.core.slots import Stretch
from coach.core.when import end_of, start_of, zone
from coach.engine import standing
from coach.engine.plan_instance import Given
from coach.store import blocks
from coach.store.db import Connection


@dataclass(frozen=True, slots=True)
class DayLoad:
    """Working minutes of a day that are still ahead and free of events, and those of them that blocks take."""

    day: date
    free_min: int
    planned_min: int


@dataclass(frozen=True, slots=True)
class Load:
    """`need_min` is the open work of the days ahead, with or without a due date, `late_min` that of it whose due date has gone
    by. Where work that is still to be in time does not fit, `short_day` is the first day by whose end that is so, and
    `short_min` how much too much it is by then."""

    days: tuple[DayLoad, ...] = ()
    need_min: int = 0
    late_min: int = 0
    short_day: date | None = None
    short_min: int = 0

    @property
    def free_min(self) -> int:
        return sum(d.free_min for d in self.days)

    @property
    def holds(self) -> bool:
        """Whether all of it fits, due or not."""
        return self.short_day is None and self.need_min <= self.free_min


def load(db: Connection, given: Given) -> Load:
    """Of the days of a plan's instance. A task that is partly in accepted blocks counts once."""
    instance, tz = given.instance, given.instance.tz
    now = instance.now
    kept = [b for b in given.kept if not standing.is_done(db, b, given.tasks[b.task_id])]
    found = day_loads(db, given, (*kept, *(b for b in blocks.with_status(db, "proposed") if b.end > now)))
    due = [
        *((t.due, t.minutes) for t in instance.tasks if t.due is not None),
        *((_due_of(given, b), int(b.minutes)) for b in kept),
    ]
    short_day, short_min = _short(found, [(end, minutes) for end, minutes in due if end is not None and end > now], tz)
    need = sum(t.minutes for t in instance.tasks) + sum(int(b.minutes) for b in kept)
    late = sum(minutes for end, minutes in due if end is not None and end <= now)
    return Load(found, need, late, short_day, short_min)


def day_loads(db: Connection, given: Given, planned: Iterable[Block]) -> tuple[DayLoad, ...]:
    """Of each day, with those blocks. What is done is no load ahead: the rest of a finished task's block is free."""
    instance, tz = given.instance, given.instance.tz
    today = instance.now.astimezone(tz).date()
    ahead = [b for b in planned if b.task_id in given.tasks and not standing.is_done(db, b, given.tasks[b.task_id])]
    open_work = _open_work(instance, given.busy)
    return tuple(_day(today + timedelta(days=n), open_work, ahead, instance.now, tz) for n in range(instance.days))


def _open_work(instance: Instance, busy: Sequence[Busy]) -> list[Stretch]:
    """Working time from now on without events. Accepted blocks, which stand among the instance's events, are work."""
    stretches = slots.working(instance.work_hours, instance.now, instance.tz, instance.days)
    ahead = [(max(s, instance.now), e) for s, e in stretches if e > instance.now]
    return _without(ahead, slots.merged((e.start, e.end) for e in busy))


def _without(stretches: Sequence[Stretch], busy: Sequence[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for start, end in stretches:
        at = start
        for low, high in busy:
            if low < end and high > at:
                if low > at:
                    found.append((at, low))
                at = max(at, high)
        if at < end:
            found.append((at, end))
    return found


def _day(day: date, open_work: Sequence[Stretch], planned: Sequence[Block], now: datetime, tz: ZoneInfo) -> DayLoad:
    low, high = (start_of(d, tz).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    taken = sum(_minutes((b.start, b.end), (max(low, now), high)) for b in planned)
    return DayLoad(day, sum(_minutes(s, (low, high)) for s in open_work), taken)


def _minutes(stretch: Stretch, within: Stretch) -> int:
    return max(0, round((min(stretch[1], within[1]) - max(stretch[0], within[0])).total_seconds() / 60))


def _due_of(given: Given, block: Block) -> datetime | None:
    task = next((t for t in given.instance.tasks if t.id == block.task_id), None)
    if task is not None:
        return task.due
    due = given.tasks[block.task_id].due
    if due is None:
        return None
    return end_of(due, zone(given.tasks[block.task_id].time_zone)).astimezone(UTC)


def _short(days: Sequence[DayLoad], due: Sequence[tuple[datetime, int]], tz: ZoneInfo) -> tuple[date | None, int]:
    """The first day by whose end more is due than fits until then (the demand bound of one machine with preemption), and by
    how many minutes; what is due later than the last day does not count."""
    free = 0
    for one in days:
        free += one.free_min
        need = sum(minutes for end, minutes in due if (end - timedelta(seconds=1)).astimezone(tz).date() <= one.day)
        if need > free:
            return one.day, need - free
    return None, 0
