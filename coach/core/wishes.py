"""What the app's own plan adds to the fixed objective (`core/plan.py`): that a plan which was shown stays what it was, and that a
day does not hold more planned work than the person has in them. Pure.

Breaks, working hours of a category and percentiles of durations are not here: they are conditions and inputs of the instance.

    own = objective x W + sum over blocks of STAY w m x firmness, where the block stands where it was shown
          + what focus gains given to every task's quarter-hours alike, as for a weight of SAVES, and not by weight
          + the same for what the person's own moves say of a part of the day for that kind of work (`core/leaning.py`)
          - TIRING for each planned quarter-hour of a day beyond what tires nobody
          - what it costs that blocks lie behind their task's turn (`core/turns.py`): a day that was not used does not come back
          - CUT for each block shorter than PART_MIN of a task that is longer: only a due is worth that
          + KEEPS w m for each task without a place that is not due in the days planned, less the delay: it can be done after them
          + the most that any other task is worth, for each task of priority 1 that has a place
          + PROMISE for each task on time, less what is at stake for it times the chance that it is late (`core/lateness.py`)

STAY is less than what being on time is worth (0.5) and more than what a good hour is (0.5 x focus above the mean): a block that
was shown gives way to a deadline, not to a slightly better hour. `Instance.firmness` takes from it where the plan turned out
wrong: what was made to hold against the world need not hold against itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from coach.core import lateness, leaning, slots, turns
from coach.core.lateness import Strength
from coach.core.plan import DELAY, FOCUS, Block, Instance, PlanTask, objective
from coach.core.when import start_of

STAY = 0.4
"""Share of a block's weighted minutes that it is worth that it stays."""
SAME_DAY = 0.4
"""Share of that for another time on the same day."""
SAVES = 2.0
"""The weight by which a good hour counts, whosever it is: what focus saves is strength, which another task is done with. Set,
as PACE was, on years of simulated people other than those reported (tests/bench/plan_year.py)."""
CUT, PART_MIN = 20.0, 30
"""What it costs, in minutes of a task without a priority, that a part of a task is shorter than so many minutes."""
KEEPS = 0.6
"""Share of its worth that a task keeps which is left out and can be done later."""
FIRST = 1
"""The priority whose tasks nothing less urgent displaces."""
TIRING = 40.0
"""Cost of a planned quarter-hour beyond what tires nobody: more than that of a task is worth which can be done later, and than
that of a long one without a priority that is due; less than that of any other which is due. What is planned beyond the strength
of a day is mostly not done in it, and stands before what would have been: where days cannot hold all that is due the longest is
left out (Moore 1968), not whatever comes last."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Where a block was shown."""

    quarter: int
    length: int
    day: date


def shown(instance: Instance) -> dict[str, tuple[Shown, ...]]:
    """By task, where the plan that the person sees has its blocks."""
    found: dict[str, tuple[Shown, ...]] = {}
    for block in instance.shown:
        at = slots.quarter(block.start)
        here = Shown(at, slots.quarter_after(block.end) - at, block.start.astimezone(instance.tz).date())
        found[block.task_id] = (*found.get(block.task_id, ()), here)
    return found


def stays(instance: Instance, task: PlanTask, length: int, before: int) -> float:
    """What it is worth that a block of `length` quarter-hours begins where one of `before` did."""
    return STAY * instance.firmness * task.weight * slots.QUARTER_MIN * min(length, before)


def capacity(instance: Instance, days: int) -> list[int]:
    """Quarter-hours of each day from today on that tire nobody, less those of accepted blocks."""
    today = instance.now.astimezone(instance.tz).date()
    taken = dict(instance.worked)
    whole = instance.tire_after_min
    return [max(0, int(whole - taken.get(today + timedelta(days=n), 0)) // slots.QUARTER_MIN) for n in range(days)]


def own(instance: Instance, blocks: Iterable[Block], of: Strength | None = None) -> float:
    """The app's own score of a plan that keeps the hard constraints; on the scale of `objective`. `of`, where known already, is
    the strength of the days."""
    made = list(blocks)
    total = sum(t.weight * t.minutes for t in instance.tasks)
    if not total:
        return 0.0
    wished = _evened(instance, made) + _stability(instance, made) - tiring(instance, made) + _leant(instance, made)
    if instance.uncertain:
        strength = of or lateness.strength(instance)
        turn = turns.turns(instance, strength)
        wished += _left(instance, made, strength, turn) - _waiting(instance, made, strength, turn) + _firsts(instance, made)
    return objective(instance, made) + wished / total


def short(task: PlanTask, length: int) -> float:
    """What it costs that one of several blocks of a task has so many quarter-hours."""
    part = length < slots.quarters(task.minutes)
    return CUT if part and length * slots.QUARTER_MIN < PART_MIN else 0.0


def attention(instance: Instance, task: PlanTask) -> float:
    """What a quarter-hour of a task gains by each unit of focus above the mean."""
    return FOCUS * slots.QUARTER_MIN * (SAVES if instance.uncertain else task.weight)


def leans(instance: Instance, task: PlanTask) -> tuple[float, ...]:
    """(24,) what a quarter-hour of a task gains in each hour of the day because the person does such work then; empty where
    nothing is known."""
    return tuple(attention(instance, task) * x for x in leaning.focus_by_hour(instance.leanings, task.category))


def first(instance: Instance) -> float:
    """What it is worth that a task of priority 1 has a place, beside its own minutes: nothing less urgent displaces it, however
    long that is. 0 in a plan by the fixed objective alone."""
    if not instance.uncertain or not any(t.priority == FIRST for t in instance.tasks):
        return 0.0
    return max((t.weight * t.minutes + lateness.promise(instance, t) for t in instance.tasks if t.priority != FIRST), default=0.0)


def keeps(instance: Instance, task: PlanTask, of: Strength, turn: float) -> float:
    """What a task is still worth that has no place in these days and whose turn was to be over by then."""
    if not instance.uncertain:
        return 0.0
    last = start_of(instance.now.astimezone(instance.tz).date() + timedelta(days=instance.days), instance.tz)
    if task.due is not None and task.due <= last:
        return 0.0
    delay_min = (last - instance.now).total_seconds() / 60
    promised = lateness.promise(instance, task) - lateness.risk(instance, task, last, of)
    rushed = turns.pace(instance, task, of) * turns.behind(turn, of.at(slots.quarter(last))) * task.minutes
    return KEEPS * task.weight * task.minutes + promised - DELAY * delay_min - rushed


def _left(instance: Instance, blocks: Iterable[Block], of: Strength, turn: Mapping[str, float]) -> float:
    whole = _whole(instance, blocks)
    return sum(keeps(instance, t, of, turn[t.id]) for t in instance.tasks if t.minutes and t.id not in whole)


def _firsts(instance: Instance, blocks: Iterable[Block]) -> float:
    worth = first(instance)
    if not worth:
        return 0.0
    whole = _whole(instance, blocks)
    return worth * sum(t.priority == FIRST and t.id in whole for t in instance.tasks)


def _whole(instance: Instance, blocks: Iterable[Block]) -> set[str]:
    """The tasks that are placed wholly."""
    given: dict[str, int] = {}
    for block in blocks:
        given[block.task_id] = given.get(block.task_id, 0) + slots.quarters(int(block.minutes))
    return {t.id for t in instance.tasks if t.minutes and given.get(t.id, 0) >= slots.quarters(t.minutes)}


def _waiting(instance: Instance, blocks: Sequence[Block], of: Strength, turn: Mapping[str, float]) -> float:
    """What lies behind its turn or is cut short, and the risk of being late, less the promises that are kept."""
    tasks, ends = {t.id: t for t in instance.tasks}, dict[str, datetime]()
    cost = 0.0
    for block in blocks:
        task = tasks[block.task_id]
        ends[task.id] = max(ends.get(task.id, block.end), block.end)
        late_days = turns.behind(turn[task.id], of.at(slots.quarter_after(block.end)))
        cost += turns.pace(instance, task, of) * late_days * block.minutes
        cost += short(task, slots.quarters(int(block.minutes)))
    return cost + sum(
        lateness.risk(instance, tasks[t], end, of) - (lateness.promise(instance, tasks[t]) if _on_time(tasks[t], end) else 0.0)
        for t, end in ends.items()
    )


def _on_time(task: PlanTask, end: datetime) -> bool:
    return task.due is not None and end <= task.due


def _evened(instance: Instance, blocks: Iterable[Block]) -> float:
    """What good hours gain evenly, to what the fixed objective gives for them."""
    if not instance.uncertain or instance.focus is None:
        return 0.0
    mean, tasks = slots.mean_focus(instance.focus, instance.work_hours), {t.id: t for t in instance.tasks}
    gain = 0.0
    for block in blocks:
        numbers = range(slots.quarter(block.start), slots.quarter_after(block.end))
        above = sum(instance.focus[slots.hour_of_week(slots.instant_of(n), instance.tz)] - mean for n in numbers)
        task = tasks[block.task_id]
        gain += (attention(instance, task) - FOCUS * slots.QUARTER_MIN * task.weight) * above
    return gain


def _leant(instance: Instance, blocks: Iterable[Block]) -> float:
    if not instance.leanings:
        return 0.0
    by_hour, gain = {t.id: leans(instance, t) for t in instance.tasks}, 0.0
    for block in blocks:
        if hours := by_hour[block.task_id]:
            numbers = range(slots.quarter(block.start), slots.quarter_after(block.end))
            gain += sum(hours[slots.hour_of_week(slots.instant_of(n), instance.tz) % 24] for n in numbers)
    return gain


def _stability(instance: Instance, blocks: Iterable[Block]) -> float:
    before, tasks = shown(instance), {t.id: t for t in instance.tasks}
    return sum(kept(instance, tasks[b.task_id], b, before.get(b.task_id, ())) for b in blocks)


def kept(instance: Instance, task: PlanTask, block: Block, before: Iterable[Shown]) -> float:
    """What it is worth that a block stands where its task was shown."""
    at, day = slots.quarter(block.start), block.start.astimezone(instance.tz).date()
    length = slots.quarter_after(block.end) - at
    return max(
        (stays(instance, task, length, s.length) * (1.0 if s.quarter == at else SAME_DAY) for s in before if s.day == day),
        default=0.0,
    )


def tiring(instance: Instance, blocks: Iterable[Block]) -> float:
    """What it costs that days hold more planned work than the person has in them."""
    if not instance.tire_after_min:
        return 0.0
    today = instance.now.astimezone(instance.tz).date()
    planned: dict[int, int] = {}
    for block in blocks:
        day = (block.start.astimezone(instance.tz).date() - today).days
        planned[day] = planned.get(day, 0) + slots.quarters(int(block.minutes))
    room = capacity(instance, max(planned, default=0) + 1)
    return sum((TIRING * max(0, n - room[day]) for day, n in planned.items()), 0.0)
