"""The plan's optimiser against three floors and a referee, on seeded instances scored by PRODUCT's objective.

One JSON object per line. Floors: earliest slot in due order (EDD), value density, and the greedy placer that seeds the search.
The referee is the best bound that CP-SAT finds in 20 s with one worker (`plan_bound.py`, in an environment of its own), for 50
instances of 20 tasks over 5 days with loads of 85 to 110 %: once with tasks in one piece, where CP-SAT mostly proves the optimum,
and once with half of them cut into blocks, where its bound stays well above what anything reaches. `ratio` is score / bound,
`gap_closed` the share of the way from EDD to the bound. Bounds take up to 17 minutes a kind; --bounds keeps them by the hash of
the instance, so that they are worked out once.

    python -m venv ENV && ENV/bin/pip install ortools
    python tests/bench/plan.py --bounds SCRATCH/bounds.json --bounds-only --ortools ENV/bin/python     # some at a time: --most N
    python tests/bench/plan.py --bounds SCRATCH/bounds.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.core import slots
from coach.core.place import place
from coach.core.plan import Block, Busy, Instance, Plan, PlanTask, feasible, objective
from coach.core.when import iso
from coach.ml.schedule import schedule

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
TZ = ZoneInfo("Europe/Berlin")
HOURS = dict.fromkeys(range(5), ((540, 1080),))
CATEGORIES = ("Development", "Writing", "Admin", "Communication")


def instance(seed: int, tasks: int, days: int, load: float, whole: bool = False) -> Instance:
    """Tasks worth `load` of the working time left by meetings; focus peaks in the late morning. Half of the tasks are cut into
    blocks, or may be; with `whole` none."""
    dice = random.Random(seed)
    events = tuple(_meeting(dice, days) for _ in range(days * 2))
    empty = Instance(NOW, TZ, days, HOURS, events)
    free_min = sum(slots.QUARTER_MIN for n in _free(empty))
    shares = [dice.choice((2, 3, 3, 4, 4, 5, 6) if whole else (1, 2, 2, 3, 4, 6, 8)) for _ in range(tasks)]
    focus = tuple(0.35 + 0.4 * (9 <= h % 24 < 12) + 0.1 * dice.random() for h in range(168))
    made = []
    for i, share in enumerate(shares):
        minutes = max(15, round(load * free_min * share / sum(shares) / 15) * 15)
        due = NOW + timedelta(days=dice.uniform(0.5, days)) if dice.random() < 0.7 else None
        made.append(PlanTask(
            f"t{i:03d}", estimate_min=minutes, due=due, priority=dice.choice((1, 2, 2, 3, 4, None)),
            category=dice.choice(CATEGORIES), min_block_min=30, max_block_min=120 if minutes > 120 and not whole else minutes,
            splittable=not whole and (minutes > 120 or dice.random() < 0.3), due_hard=due is not None and dice.random() < 0.2,
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


def referee_instances(whole: bool) -> list[Instance]:
    """The 50 instances of the referee: loads of 85, 90, ... 110 %."""
    return [instance(seed, 20, 5, 0.85 + 0.05 * (seed % 6), whole) for seed in range(50)]


def instance_json(instance: Instance) -> dict[str, Any]:
    """An instance as `coach plan --input` takes it."""
    def clock(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    return {
        "now": iso(instance.now), "tz": instance.tz.key, "days": instance.days, "focus": list(instance.focus or ()) or None,
        "work_hours": {slots.DAYS[d]: [[clock(a), clock(b)] for a, b in pairs] for d, pairs in instance.work_hours.items()},
        "events": [{"start": iso(e.start), "end": iso(e.end), "title": e.title} for e in instance.events],
        "tasks": [
            {"id": t.id, "title": t.title, "estimate_min": t.estimate_min, "due": iso(t.due), "priority": t.priority,
             "category": t.category, "min_block_min": t.min_block_min, "max_block_min": t.max_block_min,
             "splittable": t.splittable, "not_before": iso(t.not_before), "due_hard": t.due_hard} for t in instance.tasks
        ],
    }


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


def bounds(options: argparse.Namespace, made: list[Instance]) -> list[float | None]:
    """The bound of each instance, from the file; with --bounds-only those that are missing are worked out and kept."""
    path = Path(options.bounds)
    known: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    trees = [instance_json(x) for x in made]
    keys = [hashlib.sha256(json.dumps([t, options.seconds], sort_keys=True).encode()).hexdigest() for t in trees]
    missing = [i for i, key in enumerate(keys) if key not in known][:options.most]
    if options.bounds_only and missing:
        asked = [{**trees[i], "known": schedule(made[i]).score} for i in missing]
        script = Path(__file__).with_name("plan_bound.py")
        child = subprocess.Popen(
            [options.ortools, str(script), "--seconds", str(options.seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={**os.environ, "PYTHONPATH": str(script.parents[2])},
        )
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(asked))
        child.stdin.close()
        for i, line in zip(missing, child.stdout, strict=True):
            if (found := json.loads(line)["bound"]) is not None:
                known = {**(json.loads(path.read_text()) if path.exists() else {}), keys[i]: found}
                path.write_text(json.dumps(known, indent=0))
            said = {"bench": "plan_bound", "instance": i, "known": asked[missing.index(i)]["known"], **json.loads(line)}
            print(json.dumps(said), flush=True)
        child.wait()
    return [known.get(key) for key in keys]


ENGINES: dict[str, Callable[[Instance], Plan]] = {
    "ga": schedule,
    "greedy": place,
    "earliest, due order": lambda x: _plan(earliest(x, edd)),
    "earliest, value order": lambda x: _plan(earliest(x, density)),
}


def _plan(blocks: list[Block]) -> Plan:
    return Plan(tuple(blocks))


def measure(name: str, made: list[Instance], best: list[float | None] | None = None) -> None:
    """Each engine on those instances."""
    floors = [objective(x, earliest(x, edd)) for x in made]
    for engine, solve in ENGINES.items():
        scores, seconds, broken = [], [], 0
        for x in made:
            begin = time.perf_counter()
            blocks = solve(x).blocks
            seconds.append(time.perf_counter() - begin)
            broken += bool(feasible(x, blocks))
            scores.append(objective(x, blocks))
        found = {
            "bench": "plan", "instances": name, "n": len(made), "engine": engine,
            "score": round(statistics.mean(scores), 4), "worst": round(min(scores), 4),
            "seconds": round(statistics.median(seconds), 4), "slowest_s": round(max(seconds), 4), "infeasible": broken,
        }
        rated = [(s, b, f) for s, b, f in zip(scores, best or [], floors, strict=False) if b]
        if rated:
            ratios = [s / b for s, b, _ in rated]
            found |= {
                "bounds": len(rated), "ratio": round(statistics.mean(ratios), 4), "worst_ratio": round(min(ratios), 4),
                "gap_closed": round(statistics.mean((s - f) / (b - f) for s, b, f in rated if b > f), 4),
            }
        print(json.dumps(found), flush=True)


def stability(made: list[Instance]) -> None:
    """One new meeting in a plan that is shown: the share of blocks moved of those that it does not touch, and with what score."""
    shares = []
    for number, x in enumerate(made):
        dice = random.Random(1000 + number)
        before = schedule(x)
        meeting = _meeting(dice, x.days)
        while not any(meeting.start < b.end and b.start < meeting.end for b in before.blocks):
            meeting = _meeting(dice, x.days)
        after = schedule(replace(x, events=(*x.events, meeting), shown=before.blocks))
        left = [b for b in before.blocks if not (meeting.start < b.end and b.start < meeting.end)]
        stays = {(b.task_id, b.start, b.end) for b in after.blocks}
        shares.append(sum((b.task_id, b.start, b.end) not in stays for b in left) / len(left))
    print(json.dumps({"bench": "plan_stability", "n": len(made), "moved": round(statistics.mean(shares), 4),
                      "worst": round(max(shares), 4), "over_a_quarter": sum(s > 0.25 for s in shares)}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bounds", help="file that keeps bounds")
    parser.add_argument("--bounds-only", action="store_true", help="work out bounds and nothing else")
    parser.add_argument("--ortools", default="python", help="an interpreter that has ortools")
    parser.add_argument("--seconds", type=float, default=20.0, help="CP-SAT's time for each instance")
    parser.add_argument("--most", type=int, default=50, help="bounds at a time")
    parser.add_argument("--kind", choices=["whole", "cut"], help="tasks in one piece, or half of them cut into blocks")
    parser.add_argument("--only", choices=["referee", "stability", "large"], help="one part")
    options = parser.parse_args()
    for kind in ("whole", "cut"):
        made = referee_instances(kind == "whole")
        best = bounds(options, made) if options.bounds and options.kind in (None, kind) else None
        if options.only in (None, "referee") and not options.bounds_only and options.kind in (None, kind):
            measure(f"20 tasks, 5 days, loads 85 to 110%, {kind}", made, best)
    if options.bounds_only:
        return
    if options.only in (None, "stability"):
        stability(referee_instances(False))
    if options.only in (None, "large"):
        measure("200 tasks, 14 days, load 100%", [instance(seed, 200, 14, 1.0) for seed in range(5)])
        measure("5000 tasks, 14 days", [instance(0, 5000, 14, 20.0)])


if __name__ == "__main__":
    main()
