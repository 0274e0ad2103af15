"""The best bound that CP-SAT finds for planning instances: the referee of `tests/bench/plan.py`, in an environment of its own.

Reads a JSON list of instances (the form of `coach plan --input`) on stdin, writes one JSON object per line: `score`, the best
plan that CP-SAT found (None where it found none), and `bound`, which no plan can exceed, both of PRODUCT's objective; `status`
and `seconds`. `known` in an instance is the score of a plan that is known. Needs ortools (Apache-2.0) and coach on PYTHONPATH:

    python -m venv ENV && ENV/bin/pip install ortools
    PYTHONPATH=. ENV/bin/python tests/bench/plan_bound.py --seconds 20 < instances.json

The model is time-indexed: a boolean for each block that a task could have (start, length). The working time between two events
is a path over (quarter-hour, category of the block that has just ended), so that a switch costs what it costs in the relaxation
too; without it the bound is far off.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from ortools.sat.python import cp_model

from coach.core import slots
from coach.core.instance import instance_from_json
from coach.core.plan import DELAY, FOCUS, LATE, SPLIT, SWITCH, Instance, PlanTask

SCALE = 1000
"""CP-SAT takes whole numbers; gains are rounded up and costs down, so that the bound stays one."""


@dataclass
class Blocks:
    """Every block that could stand, by what the path and the capacity ask for."""

    starting: dict[tuple[int, str | None], list[Any]] = field(default_factory=lambda: defaultdict(list))
    ending: dict[tuple[int, str | None], list[Any]] = field(default_factory=lambda: defaultdict(list))


def stretches(instance: Instance) -> list[tuple[int, int]]:
    """Free working time as [first quarter-hour, end)."""
    taken = {n for e in instance.events if e.start < e.end for n in range(slots.quarter(e.start), slots.quarter_after(e.end))}
    first = slots.quarter_after(instance.now)
    found: list[tuple[int, int]] = []
    for start, end in slots.working(instance.work_hours, instance.now, instance.tz, instance.days):
        for n in range(max(first, slots.quarter_after(start)), slots.quarter(end)):
            if n in taken:
                continue
            if found and found[-1][1] == n:
                found[-1] = (found[-1][0], n + 1)
            else:
                found.append((n, n + 1))
    return found


def legal(instance: Instance, task: PlanTask, free: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """(start, length) of every block that the task could have."""
    need = slots.quarters(task.minutes)
    most = need if task.max_block_min is None else min(need, slots.quarters(task.max_block_min))
    least = min(need, slots.quarters(task.min_block_min)) if task.splittable else need
    low = slots.quarter_after(task.not_before) if task.not_before else 0
    last = slots.quarter(task.due) if task.due_hard and task.due else 10**12
    lengths = [n for n in range(least, most + 1) if n == need or need - n >= least]
    return [(s, n) for a, b in free for n in lengths for s in range(max(a, low), min(b, last) - n + 1)]


def solve(instance: Instance, seconds: float, workers: int, known: float | None = None) -> dict[str, Any]:
    """`known` is the score of a plan that is known: only better ones are looked for, which lets the solver cut off more. The
    bound holds all the same, because what it leaves out is worse than that plan."""
    total = sum(t.weight * t.minutes for t in instance.tasks)
    if not total:
        return {"score": 0.0, "bound": 0.0, "status": "OPTIMAL", "seconds": 0.0}
    model, gain, every = cp_model.CpModel(), list[Any](), Blocks()
    free = stretches(instance)
    for task in instance.tasks:
        if task.minutes:
            gain += _task(model, instance, task, legal(instance, task, free), every)
    categories = sorted({t.category for t in instance.tasks}, key=str)
    for start, end in free:
        gain += _path(model, start, end, categories, every)
    if known is not None:
        model.add(sum(gain) >= math.floor(known * total * SCALE))
    model.maximize(sum(gain))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    solver.parameters.linearization_level = 2
    status = solver.solve(model)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    bound: float | None = solver.best_objective_bound / SCALE / total
    if status == cp_model.INFEASIBLE:
        bound = known
    elif known is not None and bound is not None and bound < known - 1e-6:
        bound = None  # none was found: that plan shows that this is not one
    return {
        "score": solver.objective_value / SCALE / total if found else None, "bound": bound,
        "status": solver.status_name(status), "seconds": round(solver.wall_time, 2),
    }


def _task(model: Any, instance: Instance, task: PlanTask, blocks: list[tuple[int, int]], every: Blocks) -> list[Any]:
    """The terms of one task."""
    need, value = slots.quarters(task.minutes), task.weight * task.minutes
    due = slots.quarter(task.due) if task.due else 10**12
    worth = _focus(instance, task)
    terms: list[Any] = []
    if blocks and all(length == need for _, length in blocks):
        return _whole(model, instance, task, blocks, every, worth)
    on_time, late = model.new_bool_var(""), model.new_bool_var("")
    model.add(on_time + late <= 1)
    placed, minutes = on_time + late, list[Any]()
    pieces = list[Any]()
    by_start: dict[int, list[Any]] = defaultdict(list)
    over: dict[int, list[Any]] = defaultdict(list)
    for start, length in blocks:
        x = model.new_bool_var("")
        every.starting[start, task.category].append(x)
        every.ending[start + length, task.category].append(x)
        by_start[start].append(x)
        minutes.append(length * x)
        pieces.append(x)
        for n in range(start, start + length):
            over[n].append(x)
        gain = sum(worth(n) for n in range(start, start + length)) - SPLIT
        terms.append(math.ceil(gain * SCALE) * x)
    model.add(sum(minutes) == need * placed)
    longest = max((length for _, length in blocks), default=1)
    model.add(sum(pieces) >= -(-need // longest) * placed)
    for n, own in over.items():
        model.add(sum(own) <= (late if n >= due else placed))
    terms += [math.ceil((value + SPLIT) * SCALE) * on_time, math.ceil((LATE * value + SPLIT) * SCALE) * late]
    firsts = []
    for start, own in by_start.items():
        first = model.new_bool_var("")
        model.add(first <= sum(own))
        firsts.append(first)
        delay = DELAY * (slots.instant_of(start) - instance.now).total_seconds() / 60
        terms.append(-math.floor(delay * SCALE) * first)
    model.add(sum(firsts) == placed)
    return terms


def _whole(model: Any, instance: Instance, task: PlanTask, blocks: list[tuple[int, int]], every: Blocks, worth: Any) -> list[Any]:
    """The terms of a task that is one block."""
    due = slots.quarter(task.due) if task.due else 10**12
    terms, starts = list[Any](), list[Any]()
    for start, length in blocks:
        x = model.new_bool_var("")
        every.starting[start, task.category].append(x)
        every.ending[start + length, task.category].append(x)
        starts.append(x)
        gain = task.weight * task.minutes * (1.0 if start + length <= due else LATE)
        gain += sum(worth(start + n) for n in range(length))
        gain -= DELAY * (slots.instant_of(start) - instance.now).total_seconds() / 60
        terms.append(math.ceil(gain * SCALE) * x)
    model.add(sum(starts) <= 1)
    return terms


def _focus(instance: Instance, task: PlanTask) -> Any:
    if instance.focus is None:
        return lambda n: 0.0
    focus, mean = instance.focus, slots.mean_focus(instance.focus, instance.work_hours)
    return lambda n: (
        FOCUS * slots.QUARTER_MIN * task.weight * (focus[slots.hour_of_week(slots.instant_of(n), instance.tz)] - mean)
    )


def _path(model: Any, start: int, end: int, categories: list[Any], every: Blocks) -> list[Any]:
    """One unit goes from the start of a free stretch to its end, over blocks and idle quarter-hours; the cost of switches."""
    costs: list[Any] = []
    arriving: list[Any] = [1]  # at a quarter-hour, without a block that has just ended
    for n in range(start, end):
        leaving: list[Any] = []
        into: dict[Any, list[Any]] = defaultdict(list)
        for before in (None, *((c,) for c in categories)):
            inflow = arriving if before is None else every.ending[n, before[0]]
            if not inflow:
                continue
            idle = model.new_bool_var("")
            out = [idle]
            leaving.append(idle)
            for after in categories:
                if every.starting[n, after]:
                    arc = model.new_bool_var("")
                    out.append(arc)
                    into[after].append(arc)
                    if before is not None and before[0] != after:
                        costs.append(-int(SWITCH * SCALE) * arc)
            model.add(sum(inflow) == sum(out))
        for after in categories:
            if every.starting[n, after]:
                model.add(sum(into[after]) == sum(every.starting[n, after]))
        arriving = leaving
    model.add(sum(arriving) + sum(x for c in categories for x in every.ending[end, c]) == 1)
    return costs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="time for each instance")
    parser.add_argument("--workers", type=int, default=1, help="threads")
    options = parser.parse_args()
    for tree in json.load(sys.stdin):
        print(json.dumps(solve(instance_from_json(tree), options.seconds, options.workers, tree.get("known"))), flush=True)


if __name__ == "__main__":
    main()
