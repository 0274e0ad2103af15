"""Why a block stands where it stands, and what an unplaced task would need: numbers first, then words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from coach.core import slots
from coach.core.plan import Instance, PlanTask, Reason, Unplaced


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of a task, number `part` of `parts`, in a free stretch of `gap_min` minutes."""

    task: PlanTask
    start: datetime
    end: datetime
    part: int
    parts: int
    gap_min: int

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds() // 60)


def block_reasons(instance: Instance, placed: Placed) -> tuple[Reason, ...]:
    """Due, priority, focus, gap and part, those that apply, in this order."""
    found: list[Reason] = []
    task = placed.task
    if task.due is not None:
        found.append(_due(instance, task.due, placed.end))
    if task.priority is not None:
        found.append(Reason("priority", task.priority, f"priority {task.priority}: a minute counts {task.weight:g}"))
    if instance.focus is not None:
        found.append(_focus(instance, instance.focus, placed))
    gap = span(placed.gap_min)
    fills = placed.gap_min == placed.minutes
    words = f"fills a free {gap}" if fills else f"{span(placed.minutes)} of a free {gap}"
    found.append(Reason("gap", placed.gap_min, words))
    if placed.parts > 1:
        whole = span(slots.quarters(task.minutes) * slots.QUARTER_MIN)
        found.append(Reason("part", placed.part, f"part {placed.part} of {placed.parts}, {whole} in all"))
    return tuple(found)


def _due(instance: Instance, due: datetime, end: datetime) -> Reason:
    slack_min = int((due - end).total_seconds() // 60)
    where = clock(instance, due)
    if slack_min < 0:
        return Reason("due", slack_min, f"{span(-slack_min)} after it was due ({where})")
    return Reason("due", slack_min, f"ends {span(slack_min)} before it is due ({where})")


def _focus(instance: Instance, focus: tuple[float, ...], placed: Placed) -> Reason:
    numbers = range(slots.quarter(placed.start), slots.quarter_after(placed.end))
    values = [focus[slots.hour_of_week(slots.instant_of(n), instance.tz)] for n in numbers]
    here = sum(values) / len(values)
    over = here - slots.mean_focus(focus, instance.work_hours)
    side = "above" if over >= 0 else "below"
    return Reason("focus", round(here, 3), f"focus here is {here:.2f}, {abs(over):.2f} {side} the working mean")


def unplaced(instance: Instance, task: PlanTask, longest_min: int, total_min: int) -> Unplaced:
    """Why a task has no place, and what would give it one; `longest_min` and `total_min` are still free for it."""
    if not task.minutes:
        return Unplaced(task.id, "it has no estimate", "an estimate of at least 15 min")
    if task.due_hard and task.due is not None and task.due <= instance.now:
        return Unplaced(task.id, f"its deadline ({clock(instance, task.due)}) has passed", "a later deadline")
    if misfit := _misfit(task):
        return misfit
    ways = _would_fit(instance, task, longest_min, total_min)
    return Unplaced(task.id, _why(task, longest_min, total_min), ", or ".join(ways))


def _misfit(task: PlanTask) -> Unplaced | None:
    """A task whose own limits leave no block that would do."""
    if task.max_block_min is None:
        return None
    longest = span(task.max_block_min)
    most, need = slots.quarters(task.max_block_min), slots.quarters(task.minutes)
    if task.splittable and slots.quarters(task.min_block_min) > most < need:
        shortest = span(task.min_block_min)
        return Unplaced(task.id, f"its shortest block ({shortest}) is longer than its longest ({longest})",
                        f"a shortest block of at most {longest}")
    if not task.splittable and need > most:
        return Unplaced(task.id, f"{span(task.minutes)} in one piece is longer than the longest block ({longest})",
                        f"it may be split, or an estimate of at most {longest}")
    return None


def _why(task: PlanTask, longest_min: int, total_min: int) -> str:
    before = "before its deadline" if task.due_hard and task.due else "in the days planned"
    need = slots.quarters(task.minutes) * slots.QUARTER_MIN
    if not longest_min:
        return f"no working time is free {before}"
    if task.splittable and total_min < need:
        return f"only {span(total_min)} of its {span(need)} is free {before}"
    return f"the longest free stretch {before} is {span(longest_min)}, it needs {span(need)}"


def _would_fit(instance: Instance, task: PlanTask, longest_min: int, total_min: int) -> list[str]:
    need = slots.quarters(task.minutes) * slots.QUARTER_MIN
    until = f" before {clock(instance, task.due)}" if task.due_hard and task.due else ""
    if task.splittable and total_min < need:
        ways = [f"{span(need - total_min)} more free{until}"]
    else:
        ways = [f"a {span(need)} gap{until}"]
    if longest_min >= min(task.min_block_min, need):
        ways.append(f"an estimate of at most {span(longest_min)}")
    if task.due_hard:
        ways.append("a later deadline")
    elif instance.days < 14:
        ways.append("more days planned")
    return ways


def clock(instance: Instance, instant: datetime) -> str:
    """`Fri 27 Nov 17:00`, by the person's clock; midnight, which a whole-day due ends with, is the end of the day before."""
    local = instant.astimezone(instance.tz)
    if (local.hour, local.minute) == (0, 0):
        day = local.date() - timedelta(days=1)
        return f"end of {day:%a} {day.day} {day:%b}"
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def span(minutes: float) -> str:
    """`45 min`, `2 h`, `3 h 15 min`, `4 d 2 h`."""
    whole = int(minutes)
    if whole < 120:
        return f"{whole} min"
    if whole >= 2880:
        days, rest = divmod(whole, 1440)
        return f"{days} d {rest // 60} h" if rest >= 60 else f"{days} d"
    hours, rest = divmod(whole, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
