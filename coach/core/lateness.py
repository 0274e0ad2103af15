"""How likely a task is late that ends at a certain time, and what is at stake. Pure.

Lengths are guesses, and so is what a day holds: whatever stands before a task may take longer and push it, and a day may end
before its plan does. What that leaves of a deadline depends on the work that still fits between the end and the due, not on the
clock: slack is counted in days of strength, a night or a weekend counting nothing.

    slack    = strength between end and due, in days; a day ends for it after as many free quarter-hours as tire nobody
    late     = LIKELY e^(-slack / FADES)
    at stake = LATE w m + PROMISE

Exponential in the slack, as the tail of the delay of a queue is (Kingman 1970, "Inequalities in the theory of queues"), and at
no slack somewhat more than the share of tasks that outlast their estimate. `PROMISE` was chosen on years of simulated people
(tests/bench/plan_year.py) other than those reported; `FADES` was set by reasoning.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import exp

from coach.core import slots
from coach.core.board import new_board
from coach.core.plan import LATE, Instance, PlanTask

LIKELY = 0.6
"""Chance that a task is late which ends just when it is due."""
FADES = 1.0
"""Days of strength after which that is 1/e of it."""
PROMISE = 400.0
"""Worth of a due that is kept, beside the task's own minutes, in minutes of a task without a priority: a promise is one, however
short its task."""


@dataclass(frozen=True, slots=True)
class Strength:
    """Days of strength from now to each quarter-hour from `base` on, how many a calendar day beyond the last is worth, and the
    minutes of work in one."""

    base: int
    until: tuple[float, ...]
    a_day: float
    day_min: float

    def at(self, quarter: int) -> float:
        """Days of strength from now to the beginning of that quarter-hour."""
        place, last = quarter - self.base, len(self.until) - 1
        if place <= last:
            return self.until[max(0, place)]
        return self.until[last] + (place - last) * self.a_day * slots.QUARTER_MIN / 1440


def strength(instance: Instance) -> Strength:
    """How the days ahead hold strength: free working time, of each day the first of it that does not tire."""
    board, today = new_board(instance), instance.now.astimezone(instance.tz).date()
    taken = dict(instance.worked)
    free: dict[int, int] = {}
    day_of: list[int] = []
    for place, open_ in enumerate(board.free):
        date = slots.instant_of(board.base + place).astimezone(instance.tz).date()
        day_of.append((date - today).days)
        free[day_of[-1]] = free.get(day_of[-1], 0) + open_
    whole = instance.tire_after_min / slots.QUARTER_MIN or max(free.values(), default=0) or 1.0
    used = {(date - today).days: minutes / slots.QUARTER_MIN for date, minutes in taken.items()}
    until, sum_, here = [0.0], 0.0, dict[int, float]()
    for day, open_ in zip(day_of, board.free, strict=True):
        if open_:
            left = max(0.0, whole - used.get(day, 0.0) - here.get(day, 0.0))
            sum_ += min(1.0, left) / whole
            here[day] = here.get(day, 0.0) + 1
        until.append(sum_)
    return Strength(board.base, tuple(until), sum_ / max(1, instance.days), whole * slots.QUARTER_MIN)


def promise(instance: Instance, task: PlanTask) -> float:
    """What it is worth that the task is done by its due, beside the fixed objective; nothing for one without."""
    return PROMISE if instance.uncertain and task.due is not None and task.minutes else 0.0


def risk(instance: Instance, task: PlanTask, end: datetime, of: Strength) -> float:
    """What it costs that a task ends then, because it may be late; nothing for one that is late already or has no due."""
    if not instance.uncertain or task.due is None or end > task.due:
        return 0.0
    return at_stake(task) * late(of, end, task.due)


def pressing(instance: Instance, task: PlanTask, of: Strength) -> float:
    """What a minute of a task that is begun now puts at stake; nothing for one without a due, or late already."""
    if task.due is None or task.due <= instance.now or not task.minutes:
        return 0.0
    slack_days = of.at(slots.quarter(task.due)) - task.minutes / of.day_min
    return at_stake(task) * exp(-max(0.0, slack_days) / FADES) / task.minutes


def at_stake(task: PlanTask) -> float:
    """What is lost where a task with a due is late."""
    return (1 - LATE) * task.weight * task.minutes + PROMISE


def late(of: Strength, end: datetime, due: datetime) -> float:
    """The chance that a task is late which is planned to end then."""
    slack_days = max(0.0, of.at(slots.quarter(due)) - of.at(slots.quarter_after(end)))
    return LIKELY * exp(-slack_days / FADES)
