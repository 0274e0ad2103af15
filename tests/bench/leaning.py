"""What is learnt of the parts of the day (`core/leaning.py`) from simulated decisions on blocks, and what a plan makes of it.

    found     people who move one kind of work into the morning five times in six, from wherever else it is offered, and keep
              seven of ten other blocks: share of them of whom that is known after so many blocks of that kind
    placebo   people who keep seven of ten blocks, move two and refuse one, whatever the time: share of whom anything is said
    plans     the first of these people over six weeks, a new plan of about eight tasks each morning (20 % of them of that kind):
              blocks a week that they move, with and without what was learnt until then, and tasks due
              on the day that are not done by then

One JSON object a line, of people (seeds from FIRST on) on whom nothing was set; shares with 95 % intervals (Wilson 1927 for
counts, a bootstrap over people for plans).

    PYTHONPATH=. python tests/bench/leaning.py --people 200 --planners 10
"""

from __future__ import annotations

import argparse
import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import sqrt
from zoneinfo import ZoneInfo

from coach.core.leaning import PARTS, Leaning, Seen, faded, learnt, part_of
from coach.core.plan import Busy, Instance, PlanTask
from coach.ml.schedule import schedule
from coach.ml.scoring import interval, paired
from tests.core.test_leaning import KINDS, MORNING, SHARE, by_chance, with_taste

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOURS = dict.fromkeys(range(5), ((540, 1020),))
WEEKS = 6
MOVES = 5 / 6
FIRST = 10_000


def wilson(hits: int, n: int) -> list[float]:
    """[share, low, high]"""
    z, p = 1.96, hits / n
    centre, half = (p + z * z / (2 * n)) / (1 + z * z / n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return [round(x, 4) for x in (p, centre - half, centre + half)]


def found(people: int) -> None:
    for blocks in (4, 6, 8, 12, 20):
        told = [learnt(with_taste(random.Random(FIRST + s), blocks), SHARE) for s in range(people)]
        right = sum(any(x.kind == "Writing" and x.part == MORNING and x.focus > 0 for x in one) for one in told)
        wrong = sum(any(x.focus and x.kind != "Writing" for x in one) for one in told)
        print(json.dumps({"name": "found", "blocks": blocks, "people": people, "known": wilson(right, people),
                          "something_else_said": wilson(wrong, people)}), flush=True)


def placebo(people: int) -> None:
    for blocks in (30, 100, 300):
        for near in (False, True):
            for front in (False, True):
                told = [by_chance(random.Random(FIRST + s), blocks, near=near, front=front) for s in range(people)]
                said = sum(bool(learnt(one, SHARE)) for one in told)
                print(json.dumps({"name": "placebo", "blocks": blocks, "moves_near": near, "offered_in_the_morning": front,
                                  "people": people, "said": wilson(said, people)}), flush=True)


def planner(seed: int, *, learning: bool) -> list[tuple[int, int, int]]:
    """By week: (blocks of Writing that were moved, blocks of it, tasks due on the day that were not placed by their due)."""
    seen: list[tuple[int, Seen]] = []
    weeks = []
    for week in range(WEEKS):
        moved = blocks = late = 0
        for weekday in range(5):
            day = week * 7 + weekday
            dice = random.Random(f"{seed} {day}")
            faded_ = [replace(one, weight=faded(day - then)) for then, one in seen]
            instance = _morning(dice, day, learnt(faded_, SHARE) if learning else ())
            plan = schedule(instance, seed, seconds=0.05)
            tasks = {t.id: t for t in instance.tasks}
            ends = {b.task_id: b.end for b in plan.blocks}
            late += sum(t.due is not None and t.due <= instance.now + timedelta(hours=9)
                        and (t.id not in ends or ends[t.id] > t.due) for t in instance.tasks)
            for block in plan.blocks:
                task = tasks[block.task_id]
                part = part_of((block.start + (block.end - block.start) / 2).hour)
                luck = dice.random()
                if task.category != "Writing":
                    (one,) = by_chance(dice, 1, near=True, front=False)
                    became = part if one.became == one.offered else one.became
                    seen.append((day, Seen(task.category or "", part, became)))
                    continue
                blocks += 1
                out = part != MORNING and luck < MOVES
                moved += out
                seen.append((day, Seen("Writing", part, MORNING if out else part)))
        weeks.append((moved, blocks, late))
    return weeks


def _morning(dice: random.Random, day: int, leanings: tuple[Leaning, ...]) -> Instance:
    now = MONDAY + timedelta(days=day)
    tasks = []
    for n in range(8):
        due = now.replace(hour=17) + timedelta(days=dice.choice((0, 1, 2))) if dice.random() < 0.5 else None
        tasks.append(PlanTask(
            f"{day}-{n}", estimate_min=15 * dice.randint(2, 6), priority=dice.choice((1, 2, 3, None, None)), due=due,
            category=dice.choice(KINDS)))
    at = now.replace(hour=dice.choice((10, 11, 13, 14)))
    return Instance(
        now=now, tz=ZoneInfo("UTC"), days=1, work_hours=HOURS, tasks=tuple(tasks), events=(Busy(at, at + timedelta(hours=1)),),
        uncertain=True, leanings=leanings)


def plans(people: int) -> None:
    runs = {learning: [planner(FIRST + s, learning=learning) for s in range(people)] for learning in (False, True)}
    for low, high in ((0, 2), (2, WEEKS)):
        share = {k: [_share(run[low:high]) for run in made] for k, made in runs.items()}
        late = {k: [sum(w[2] for w in run[low:high]) / (high - low) for run in made] for k, made in runs.items()}
        print(json.dumps({
            "name": "plans", "weeks": f"{low + 1} to {high}", "people": people, "moved_without": str(interval(share[False])),
            "moved_with": str(interval(share[True])), "difference": str(paired(share[True], share[False])),
            "late_tasks_a_week_without": str(interval(late[False])), "late_difference": str(paired(late[True], late[False])),
        }), flush=True)


def _share(weeks: list[tuple[int, int, int]]) -> float:
    return sum(w[0] for w in weeks) / max(1, sum(w[1] for w in weeks))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--planners", type=int, default=10)
    asked = parser.parse_args()
    assert PARTS[MORNING][0] == "the morning"
    found(asked.people)
    placebo(asked.people)
    plans(asked.planners)


if __name__ == "__main__":
    main()
