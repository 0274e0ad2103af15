"""Whose turn it is: the order in which somebody who deals with tasks one after the other keeps most dues, and when the turn of
each is over by that order. Pure.

    index  = DATED + chance e^(-days / STEEP) for a task whose due lies ahead,
             OVERDUE w for one that is late, UNDATED w for one without a due
    chance = Phi((ln room - ln minutes) / SPREAD)
    behind = pace m (days of strength between its turn and the end of a block, where that is later)
    pace   = PACE (AHEAD + e^-days) for a task whose due lies ahead, PACE REST for any other

`days` is the strength from now until the due, in days, and `room` the same in minutes, so that what can hardly be done by its due
any more makes way (the idea of Moore 1968, by a chance instead of a count), and of the rest the earliest due goes first. The
chance takes lengths as log-normal about their estimates. That every task with a due to keep goes before what is late already and
what has none, but for overdue work of high priority, is what keeps most: 24 simulated people (those of tests/bench/plan_year.py,
--first 100) who work in such an order keep 2.9 points more of their dues than by EDD, and fewer than by EDD where more of the
other work comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import erf, exp, log, sqrt

from coach.core import slots
from coach.core.lateness import Strength
from coach.core.plan import Instance, PlanTask

DATED, OVERDUE, UNDATED = 0.01, 0.004, 0.001
STEEP = 0.5
"""Days of strength in which the pull of a due falls to 1/e."""
SPREAD = 0.6
"""Standard deviation of the logarithm of true to estimated lengths."""
PACE, AHEAD, REST = 4.0, 0.1, 0.012
"""What a minute of a task costs that is done a day after its turn, in minutes of a task without a priority: where a due is near
more than good hours gain, else so little that good hours decide, but who goes first to them is still whose turn it is."""
_LEAST_MIN = 5


def index(instance: Instance, task: PlanTask, of: Strength) -> float:
    """How soon its turn comes: the higher, the sooner."""
    if task.due is None:
        return UNDATED * task.weight
    if task.due <= instance.now:
        return OVERDUE * task.weight
    days = of.at(slots.quarter(task.due))
    room_min = max(1.0, days * of.day_min)
    chance = 0.5 * (1 + erf((log(room_min) - log(max(_LEAST_MIN, task.minutes))) / (SPREAD * sqrt(2))))
    return DATED + chance * exp(-days / STEEP)


def turns(instance: Instance, of: Strength) -> Mapping[str, float]:
    """By task, the days of strength from now on after which its turn is over; empty in a plan by the fixed objective alone."""
    if not instance.uncertain:
        return {}
    far = datetime.max.replace(tzinfo=UTC)
    able = (t for t in instance.tasks if t.minutes)
    done, found = 0.0, dict[str, float]()
    for task in sorted(able, key=lambda t: (-index(instance, t, of), t.due or far, -t.urgency, t.id)):
        done += slots.quarters(task.minutes) * slots.QUARTER_MIN / of.day_min
        found[task.id] = done
    return found


def pace(instance: Instance, task: PlanTask, of: Strength) -> float:
    """What a day of strength behind its turn costs for each minute of a task; 0 in a plan by the fixed objective alone."""
    if not instance.uncertain:
        return 0.0
    if task.due is None or task.due <= instance.now:
        return PACE * REST
    return PACE * (AHEAD + exp(-of.at(slots.quarter(task.due))))


def behind(turn: float, days: float) -> float:
    """Days of strength from a turn to an end so many of them from now."""
    return max(0.0, days - turn)
