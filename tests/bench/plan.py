"""The placer against two floors: earliest slot in due order (EDD), and value density, on seeded instances.

One JSON object per line. Each kind of instance gives the mean score of PRODUCT's objective and the seconds per plan.

    python tests/bench/plan.py
"""

from __future__ import annotations

import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from coach.core import slots
from coach.core.place import place
from coach.core.plan import Block, Busy, Instance, PlanTask, feasible, objective

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
HOURS = dict.fromkeys(range(5), ((540, 1080),))
CATEGORIES = ("Development", "Writing", "Admin", "Communication")


def instance(seed: int, tasks: int, days: int, load: float) -> Instance:
    """Tasks worth `load` of the working time left by meetings; focus peaks in the late morning."""
    dice = random.Random(seed)
    events = tuple(_meeting(dice, days) for _ in range(days * 2))
    empty = Instance(NOW, TZ, days, HOURS, events)
    free_min = sum(slots.QUARTER_MIN for n in _free(empty))
    shares = [dice.choice((1, 2, 2, 3, 4, 6, 8)) for _ in range(tasks)]
    focus = tuple(0.35 + 0.4 * (9 <= h % 24 < 12) + 0.1 * dice.random() for h in range(168))
    made = []
    for i, share in enumerate(shares):
        minutes = max(15, round(load * free_min * share / sum(shares) / 15) * 15)
        due = NOW + timedelta(days=dice.uniform(0.5, days)) if dice.random() < 0.7 else None
        made.append(PlanTask(
            f"t{i:03d}", estimate_min=minutes, due=due, priority=dice.choice((1, 2, 2, 3, 4, None)),
            category=dice.choice(CATEGORIES), min_block_min=30, max_block_min=120 if minutes > 120 else minutes,
            splittable=minutes > 120 or dice.random() < 0.3, due_hard=due is not None and dice.random() < 0.2,
        ))
    return Instance(NOW, TZ, days, HOURS, events, tuple(made), focus)


def _meeting(dice: random.Random, days: int) -> Busy:
    start = NOW + timedelta(days=dice.randrange(days), minutes=60 + 30 * dice.randrange(16))
    return Busy(start, start + timedelta(minutes=dice.choice((30, 60, 90))), "meeting")


def _free(instance: Instance) -> list[int]:
    taken = {n for e in instance.events for n in range(slots.quarter(e.start), slots.quarter_after(e.end))}
    hours = slots.working(instance.work_hours, instance.now, instance.tz, instance.days)
    first = slots.quarter_after(instance.now)
    numbers = (n for a, b in hours for n in range(slots.quarter_after(a), slots.quarter(b)))
    return [n for n in numbers if n >= first and n not in taken]


def edd(task: PlanTask) -> tuple[float, str]:
    return (task.due.timestamp() if task.due else 1e12, task.id)


def density(task: PlanTask) -> tuple[float, float, str]:
    return (-task.weight, *edd(task))


def earliest(instance: Instance, order: Callable[[PlanTask], tuple[float | str, ...]]) -> list[Block]:
    """Each task, in order, into the earliest quarter-hours that hold it: whole, else in pieces if it may be split."""
    free = set(_free(instance))
    blocks: list[Block] = []
    for task in sorted(instance.tasks, key=order):
        pieces = next(_ways(task, sorted(free)), [])
        for start, length in pieces:
            free -= set(range(start, start + length))
            ends = slots.instant_of(start), slots.instant_of(start + length)
            blocks.append(Block(f"{task.id}.{start}", task.id, *ends))
    return blocks


def _ways(task: PlanTask, free: list[int]) -> Iterator[list[tuple[int, int]]]:
    need, most = slots.quarters(task.minutes), slots.quarters(task.max_block_min or 10_000)
    last = slots.quarter(task.due) if task.due and task.due_hard else 10**9
    if need <= most:
        for i, start in enumerate(free):
            if start + need <= last and free[i:i + need] == list(range(start, start + need)):
                yield [(start, need)]
                return
    if task.splittable:
        pieces, left, i = [], need, 0
        least = slots.quarters(task.min_block_min)
        while left and i < len(free):
            length = 1
            while i + length < len(free) and free[i + length] == free[i] + length and length < min(most, left):
                length += 1
            if 0 < left - length < least:
                length = left - least
            if length >= min(least, left) and free[i] + length <= last:
                pieces.append((free[i], length))
                left -= length
            i += max(1, length)
        if not left:
            yield pieces


def measure(name: str, made: list[Instance]) -> None:
    engines: dict[str, Callable[[Instance], list[Block]]] = {
        "greedy-1": lambda x: list(place(x).blocks),
        "earliest, due order": lambda x: earliest(x, edd),
        "earliest, value order": lambda x: earliest(x, density),
    }
    for engine, solve in engines.items():
        scores, seconds, broken = [], [], 0
        for x in made:
            begin = time.perf_counter()
            blocks = solve(x)
            seconds.append(time.perf_counter() - begin)
            broken += bool(feasible(x, blocks))
            scores.append(objective(x, blocks))
        print(json.dumps({
            "bench": "plan", "instances": name, "n": len(made), "engine": engine,
            "score": round(statistics.mean(scores), 4), "worst": round(min(scores), 4),
            "seconds": round(statistics.median(seconds), 4), "slowest_s": round(max(seconds), 4), "infeasible": broken,
        }))


if __name__ == "__main__":
    for load in (0.85, 1.0, 1.1):
        measure(f"20 tasks, 5 days, load {load:.0%}", [instance(seed, 20, 5, load) for seed in range(50)])
    measure("200 tasks, 14 days, load 100%", [instance(seed, 200, 14, 1.0) for seed in range(5)])
    measure("5000 tasks, 14 days", [instance(0, 5000, 14, 20.0)])
