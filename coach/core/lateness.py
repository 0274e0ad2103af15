"""How likely a task is late that ends at a certain time, and what is at stake. Pure.

Lengths are guesses, and so is what a day holds: whatever stands before a task may take longer and push it, and a day may end
before its plan does. What that leaves of a deadline depends on the work that still fits between the end and the due, not on the
clock: slack is counted in days of strength, a night or a weekend counting nothing.

    slack    = strength between end and due, in days; a day's strength lies evenly in its free working time
    late     = LIKELY e^(-slack / FADES), and for an end after the due, that much strength too late,
               1 - (1 - LIKELY) e^(-over / HOPES): lengths are guesses there as well
    at stake = LATE w m + PROMISE

Exponential in the slack, as the tail of the delay of a queue is (Kingman 1970, "Inequalities in the theory of queues"), and at
no slack somewhat more than the share of tasks that outlast their estimate. `PROMISE` was chosen on years of simulated people
(tests/bench/plan_year.py) other than those reported; `FADES` and `HOPES` were set by reasoning.
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
HOPES = 0.5
"""Days of strength too late after which the chance of being on time after all is 1/e of what it is without any."""
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
    """How the days ahead hold strength: each as much as does not tire, evenly in its free working time."""
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
    until, sum_ = [0.0], 0.0
    for day, open_ in zip(day_of, board.free, strict=True):
        if open_:
            sum_ += min(max(0.0, whole - used.get(day, 0.0)), free[day]) / free[day] / whole
        until.append(sum_)
    return Strength(board.base, tuple(until), sum_ / max(1, instance.days), whole * slots.QUARTER_MIN)


def promise(instance: Instance, task: PlanTask) -> float:
    """What it is worth that the task is done by its due, beside the fixed objective; nothing for one without."""
    return PROMISE if instance.uncertain and task.due is not None and task.minutes else 0.0


def risk(instance: Instance, task: PlanTask, end: datetime, of: Strength) -> float:
    """What it costs that a task ends then, because it may be late; after its due, less than nothing, because it may yet be on
    time. 0 for one that is late already or has no due."""
    if not instance.uncertain or task.due is None or task.due <= instance.now:
        return 0.0
    chance = late(of, end, task.due)
    return at_stake(task) * (chance if end <= task.due else chance - 1.0)


def at_stake(task: PlanTask) -> float:
    """What is lost where a task with a due is late."""
    return (1 - LATE) * task.weight * task.minutes + PROMISE


def late(of: Strength, end: datetime, due: datetime) -> float:
    """The chance that a task is late which is planned to end then."""
    slack_days = of.at(slots.quarter(due)) - of.at(slots.quarter_after(end))
    if end > due:
        return 1.0 - (1.0 - LIKELY) * exp(min(0.0, slack_days) / HOPES)
    return LIKELY * exp(-max(0.0, slack_days) / FADES)
