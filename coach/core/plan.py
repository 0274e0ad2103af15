"""Plans: what is to be placed, where it was placed, which hard constraints a plan breaks, and what it is worth.

The objective and the constraints are fixed (README, "The plan"); `core/place.py` makes a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Literal
from zoneinfo import ZoneInfo

from coach.core import slots
from coach.core.leaning import Leaning
from coach.core.when import iso

WEIGHTS: Mapping[int | None, float] = {1: 8.0, 2: 4.0, 3: 2.0, 4: 1.0, None: 1.0}
"""What a minute of a task counts, by its priority."""

LATE = 0.5
FOCUS = 0.5
SWITCH = 10.0
SPLIT = 5.0
DELAY = 0.001

Status = Literal["proposed", "accepted", "rejected", "done"]


@dataclass(frozen=True, slots=True)
class Busy:
    """Time that is taken."""

    start: datetime
    end: datetime
    title: str = ""


@dataclass(frozen=True, slots=True)
class PlanTask:
    """What the plan knows of a task. A task without an estimate is never placed. `not_at` are starts that the person
    refused; `urgency` breaks ties; `hours`, where given, are the only ones of the week that its category is worked on in."""

    id: str
    title: str = ""
    estimate_min: int | None = None
    due: datetime | None = None
    priority: int | None = None
    category: str | None = None
    min_block_min: int = slots.QUARTER_MIN
    max_block_min: int | None = None
    splittable: bool = False
    not_before: datetime | None = None
    due_hard: bool = False
    urgency: float = 0.0
    not_at: frozenset[datetime] = frozenset()
    hours: slots.Hours | None = None

    @property
    def weight(self) -> float:
        return WEIGHTS.get(self.priority, 1.0)

    @property
    def minutes(self) -> int:
        return max(0, self.estimate_min or 0)


@dataclass(frozen=True, slots=True)
class Instance:
    """A planning problem. `focus` has 168 values, Monday 00:00 first, by the wall clock of `tz`; `break_min` is free
    time that the placer keeps between blocks (a wish, not a constraint). The others are the wishes of `core/wishes.py`: the plan
    that the person sees, the planned minutes of a day that tire nobody (0: no limit), how many of them accepted blocks take
    already, whether lengths are uncertain, so that work is better early and well before its due, how firmly the plan stands that
    the person sees (1: where it only gives way, as to a new meeting; less where it turned out wrong), and which parts of the day
    the person gives to which work."""

    now: datetime
    tz: ZoneInfo
    days: int
    work_hours: slots.Hours
    events: tuple[Busy, ...] = ()
    tasks: tuple[PlanTask, ...] = ()
    focus: tuple[float, ...] | None = None
    break_min: int = 0
    shown: tuple[Block, ...] = ()
    tire_after_min: int = 0
    worked: tuple[tuple[date, float], ...] = ()
    uncertain: bool = False
    firmness: float = 1.0
    leanings: tuple[Leaning, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a block stands where it stands: a number, its kind, and the sentence that says it."""

    kind: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A planned stretch for a task. `confidence` is None until something has been learned that supports a number."""

    id: str
    task_id: str
    start: datetime
    end: datetime
    reasons: tuple[Reason, ...] = ()
    confidence: float | None = None
    status: Status = "proposed"

    @property
    def minutes(self) -> float:
        return (self.end - self.start).total_seconds() / 60


@dataclass(frozen=True, slots=True)
class Unplaced:
    task_id: str
    reason: str
    would_fit_if: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`score` is the fixed objective; `stopped` says what ended the search before its time, "" where nothing did."""

    blocks: tuple[Block, ...] = ()
    unplaced: tuple[Unplaced, ...] = ()
    score: float = 0.0
    engine: str = ""
    elapsed_s: float = field(default=0.0, compare=False)
    stopped: str = ""


def feasible(instance: Instance, blocks: Iterable[Block]) -> list[str]:
    """Every hard constraint that the blocks break, in words; empty for a plan that keeps them all.

    Shortest and longest block are rounded up to quarter-hours before they are compared, as the work itself is."""
    ordered = sorted(blocks, key=lambda b: (b.start, b.end))
    tasks = {t.id: t for t in instance.tasks}
    hours = slots.working(instance.work_hours, instance.now, instance.tz, instance.days)
    wrong = [f"{b.id} overlaps {a.id}" for a, b in pairwise(ordered) if b.start < a.end]
    events = sorted(instance.events, key=lambda e: e.start)
    of_task: dict[str, list[Block]] = {}
    for block in ordered:
        if block.task_id not in tasks:
            wrong.append(f"{block.id} is for an unknown task {block.task_id}")
            continue
        of_task.setdefault(block.task_id, []).append(block)
        faults = _block_faults(instance, tasks[block.task_id], block, hours, events)
        wrong += [f"{block.id} {words}" for words in faults]
    for task_id, own in of_task.items():
        wrong += [f"task {task_id} {words}" for words in _task_faults(tasks[task_id], own)]
    return wrong


def _block_faults(
    instance: Instance, task: PlanTask, block: Block, hours: Sequence[slots.Stretch], events: Sequence[Busy],
) -> Iterable[str]:
    if block.start >= block.end:
        yield "is empty"
        return
    if any(slots.instant_of(slots.quarter(t)) != t for t in (block.start, block.end)):
        yield "is off the quarter-hour grid"
    if not any(start <= block.start and block.end <= end for start, end in hours):
        yield "is outside working hours"
    if any(e.start < block.end and block.start < e.end and e.start < e.end for e in events):
        yield "is over an event"
    if block.start < instance.now:
        yield "is before now"
    if task.not_before and block.start < task.not_before:
        yield "is before not_before"
    if task.hours is not None and not any(
        start <= block.start and block.end <= end
        for start, end in slots.working(task.hours, instance.now, instance.tz, instance.days)
    ):
        yield "is outside the hours of its category"
    length = slots.quarters(int(block.minutes))
    if length < min(slots.quarters(task.min_block_min), slots.quarters(task.minutes)):
        yield "is shorter than the shortest block"
    if task.max_block_min is not None and length > slots.quarters(task.max_block_min):
        yield "is longer than the longest block"


def _task_faults(task: PlanTask, own: Sequence[Block]) -> Iterable[str]:
    if not task.splittable and len(own) > 1:
        yield "is split but not splittable"
    if sum(slots.quarters(int(b.minutes)) for b in own) > slots.quarters(task.minutes):
        yield "is given more time than its estimate"
    if task.due_hard and task.due and max(b.end for b in own) > task.due:
        yield "ends after its hard due"


def objective(instance: Instance, blocks: Iterable[Block]) -> float:
    """The score of a plan that keeps the hard constraints; a partly placed task counts as unplaced.

    0 when no task has a weight."""
    total = sum(t.weight * t.minutes for t in instance.tasks)
    if not total:
        return 0.0
    placed = _whole(instance, blocks)
    mean = slots.mean_focus(instance.focus, instance.work_hours) if instance.focus else 0.0
    tasks = {t.id: t for t in instance.tasks}
    score = 0.0
    for task_id, own in placed.items():
        task = tasks[task_id]
        late = task.due is not None and max(b.end for b in own) > task.due
        score += task.weight * task.minutes * (LATE if late else 1.0) - SPLIT * (len(own) - 1)
        score -= DELAY * (min(b.start for b in own) - instance.now).total_seconds() / 60
        score += _focus_gain(instance, task, own, mean)
    ordered = sorted((b for own in placed.values() for b in own), key=lambda b: b.start)
    for a, b in pairwise(ordered):
        near = b.start - a.end < timedelta(minutes=slots.QUARTER_MIN)
        if near and tasks[a.task_id].category != tasks[b.task_id].category:
            score -= SWITCH
    return score / total


def _whole(instance: Instance, blocks: Iterable[Block]) -> dict[str, list[Block]]:
    need = {t.id: slots.quarters(t.minutes) for t in instance.tasks if t.minutes}
    own: dict[str, list[Block]] = {}
    for block in blocks:
        own.setdefault(block.task_id, []).append(block)
    return {
        task_id: found for task_id, found in own.items()
        if task_id in need and sum(slots.quarters(int(b.minutes)) for b in found) >= need[task_id]
    }


def _focus_gain(instance: Instance, task: PlanTask, own: Iterable[Block], mean: float) -> float:
    if instance.focus is None:
        return 0.0
    numbers = [n for b in own for n in range(slots.quarter(b.start), slots.quarter_after(b.end))]
    hours = (slots.hour_of_week(slots.instant_of(n), instance.tz) for n in numbers)
    return FOCUS * slots.QUARTER_MIN * task.weight * sum(instance.focus[h] - mean for h in hours)


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan object of `coach plan --json`; what ended the search before its time is said only where something did."""
    return {
        "blocks": [block_json(b) for b in plan.blocks],
        "unplaced": [{"task_id": u.task_id, "reason": u.reason, "would_fit_if": u.would_fit_if} for u in plan.unplaced],
        "score": round(plan.score, 6), "engine": plan.engine, "elapsed_s": round(plan.elapsed_s, 4),
        **({"stopped": plan.stopped} if plan.stopped else {}),
    }


def block_json(block: Block) -> dict[str, Any]:
    return {
        "id": block.id, "task_id": block.task_id, "start": iso(block.start), "end": iso(block.end),
        "reasons": [{"kind": r.kind, "value": r.value, "text": r.text} for r in block.reasons],
        "confidence": block.confidence, "status": block.status,
    }
