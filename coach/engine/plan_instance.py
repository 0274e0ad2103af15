"""What the plan is made from: open tasks with the minutes that they are given, free working time, and the person's own wishes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core import slots
from coach.core.plan import Block, Busy, Instance, PlanTask, Unplaced
from coach.core.task import Task
from coach.core.when import end_of, start_of, zone
from coach.engine import estimating, plan_limits, productivity, tasks
from coach.engine.estimating import Estimate
from coach.engine.planning_hours import category_hours, work_hours
from coach.engine.productivity import Productivity
from coach.engine.profile import focus_ahead
from coach.engine.standing import standing
from coach.store import blocks
from coach.store import tasks as tasks_store
from coach.store.db import Connection

WHOLE_MIN = 30
"""Shorter tasks are never split."""
LEAST_PART_MIN = 15
OVERRUN = 0.3
"""What a task that outlasts its estimate needs on top, to its estimate: about what the half of all tasks that do take longer
need in the median."""
LOOSE = 0.1
"""How firmly a plan stands that turned out wrong, because a block was not enough or too much, or that is of another day. Set by
reasoning: of equals what was shown stays, and whatever a due asks for may move. In a simulated month (tests/bench/plan_year.py)
78 % of the blocks shown stayed so from plan to plan, 91 % at 1 and 50 % at 0."""
ESTIMATED = 300
"""Tasks, the most urgent ones, whose length is looked up among finished ones; a history of them takes its time."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is not as it is, for a what-if: tasks to leave out, minutes of tasks, the accepted blocks, and how firmly the plan
    stands that is shown."""

    skip: frozenset[str] = frozenset()
    minutes: dict[str, int] = field(default_factory=dict)
    kept: tuple[Block, ...] | None = None
    firmness: float | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """An instance beside what it stands for: busy calendar events, open tasks by id, accepted blocks ahead, tasks that wait for
    another, lengths as they were estimated (none for a task whose length is assumed), and how the person works."""

    instance: Instance
    kept: tuple[Block, ...]
    tasks: dict[str, Task]
    waiting: tuple[Unplaced, ...]
    lengths: dict[str, Estimate]
    works: Productivity
    busy: tuple[Busy, ...]

    @property
    def assumed(self) -> frozenset[str]:
        return frozenset(t.id for t in self.tasks.values() if t.estimate_min is None and t.id not in self.lengths)


def given(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo, days: int, wanted: Wanted | None = None,
    works: Productivity | None = None,
) -> Given:
    """The instance of so many days from today on. Reads only. Without `works` the person's profile of today is taken, for which
    four weeks may have to be read."""
    wanted = wanted or Wanted()
    horizon = start_of(now.astimezone(tz).date() + timedelta(days=days), tz).astimezone(UTC)
    opened = {t.id: (t, urgency) for t, urgency in tasks.open_by_urgency(db, config, now) if t.id not in wanted.skip}
    accepted = standing(db, now) if wanted.kept is None else wanted.kept
    kept = tuple(b for b in accepted if b.end > now and b.task_id in opened)
    works = works or productivity.known(db, config, now, tz)
    lengths = _lengths(db, config, now, [t for t, _ in opened.values()])
    refused = _refused(db, now)
    maker = _Maker(config, tz, works, lengths, wanted.minutes, kept)
    placeable: list[PlanTask] = []
    waiting: list[Unplaced] = []
    for task, urgency in opened.values():
        blockers = [opened[d][0] for d in task.depends if d in opened]
        ready = plan_limits.ready_at(task)
        if ready is not None and ready >= horizon:
            continue
        if blockers:
            waiting.append(_blocked(task, blockers))
        elif (made := maker.task(task, urgency, ready, refused.get(task.id, frozenset()))) is not None:
            placeable.append(made)
    break_min = productivity.between_blocks_min(works, config.plan.break_min)
    rest = timedelta(minutes=break_min)
    busy = plan_limits.busy(db, (now, horizon))
    instance = Instance(
        now=now, tz=tz, days=days, work_hours=work_hours(config.time),
        events=(*busy, *(Busy(b.start - rest, b.end + rest) for b in kept)), tasks=tuple(placeable),
        focus=focus_ahead(db, now, tz), break_min=break_min,
        shown=tuple(b for b in blocks.with_status(db, "proposed") if b.start >= now and b.task_id in opened),
        tire_after_min=productivity.tires_after_min(works, config.plan.tire_after_min), worked=_worked(kept, tz),
        uncertain=True, firmness=_firmness(db, now, tz) if wanted.firmness is None else wanted.firmness,
        leanings=works.leanings,
    )
    return Given(instance, kept, {i: t for i, (t, _) in opened.items()}, tuple(waiting), lengths, works, busy)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the plan's tasks from open ones."""

    config: Config
    tz: ZoneInfo
    works: Productivity
    lengths: dict[str, Estimate]
    minutes: dict[str, int]
    kept: Sequence[Block]

    def task(self, task: Task, urgency: float, ready: datetime | None, refused: frozenset[datetime]) -> PlanTask | None:
        """None where its accepted blocks hold all of it."""
        need_min = self._need_min(task)
        if not need_min:
            return None
        settings = self.config.plan
        longest = max(productivity.longest_block_min(self.works, settings.max_block_min), slots.QUARTER_MIN)
        split = need_min >= WHOLE_MIN or need_min > longest
        least = max(settings.min_block_min, LEAST_PART_MIN) if split else settings.min_block_min
        hours, named = category_hours(settings.hours), [n.casefold() for n in (task.category, task.project) if n]
        category = task.category or task.project
        return PlanTask(
            id=task.id, title=task.title, estimate_min=need_min, priority=task.priority, category=category,
            due=None if task.due is None else end_of(task.due, zone(task.time_zone)).astimezone(UTC), due_hard=task.due_hard,
            min_block_min=min(least, longest), max_block_min=longest, splittable=split, not_before=ready, urgency=urgency,
            not_at=refused, hours=next((hours[n] for n in named if n in hours), None),
        )

    def _need_min(self, task: Task) -> int:
        """Minutes still to be placed. A task that has taken about as long as estimated and is still open is one of those that
        take longer: it gets a part of its estimate, and a shortest block at least."""
        length = self.lengths.get(task.id)
        estimate = length.planned_min if length else task.estimate_min or self.config.plan.default_estimate_min
        estimate = self.minutes.get(task.id, estimate)
        planned = sum(b.minutes for b in self.kept if b.task_id == task.id)
        spent = task.actual_min or 0
        left = max(estimate - spent, OVERRUN * min(spent, estimate))
        return max(0, int(max(left, self.config.plan.min_block_min) - planned))


def _lengths(db: Connection, config: Config, now: datetime, opened: Sequence[Task]) -> dict[str, Estimate]:
    """How long the most urgent tasks are planned for, where the person, their finished tasks or people in general say it."""
    found = estimating.of(db, opened[:ESTIMATED], config, now) if opened else []
    return {task.id: length for task, length in zip(opened, found, strict=False) if not length.assumed}


def _firmness(db: Connection, now: datetime, tz: ZoneInfo) -> float:
    """How firmly the plan stands that is shown: LOOSE where it is of another day, or where since then a block was not enough for
    its task or one was finished before its block; it holds against all else, as a new meeting."""
    made = blocks.proposed_at(db)
    if made is None or made.astimezone(tz).date() != now.astimezone(tz).date():
        return LOOSE
    for block in (b for status in ("proposed", "accepted") for b in blocks.with_status(db, status) if b.end > made):
        task = tasks_store.get(db, block.task_id)
        if task is not None and task.status == ("pending" if block.end <= now else "completed"):
            return LOOSE
    return 1.0


def _refused(db: Connection, now: datetime) -> dict[str, frozenset[datetime]]:
    found: dict[str, frozenset[datetime]] = {}
    for block in blocks.with_status(db, "rejected"):
        if block.start >= now and blocks.refused(block):
            found[block.task_id] = found.get(block.task_id, frozenset()) | {block.start}
    return found


def _worked(kept: Iterable[Block], tz: ZoneInfo) -> tuple[tuple[date, float], ...]:
    """Minutes of accepted blocks by day."""
    found: dict[date, float] = {}
    for block in kept:
        day = block.start.astimezone(tz).date()
        found[day] = found.get(day, 0.0) + block.minutes
    return tuple(sorted(found.items()))


def _blocked(task: Task, blockers: Sequence[Task]) -> Unplaced:
    nums = ", ".join(str(t.num) for t in blockers)
    return Unplaced(task.id, f"it waits for task {nums}", f"task {nums} is done")
