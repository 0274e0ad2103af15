"""What was learnt of the parts of the day in the plan: it moves work there, never over a hard constraint nor past a due."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from coach.core import lateness, turns, wishes
from coach.core.leaning import CAP, Leaning
from coach.core.outcome import blocks_of
from coach.core.plan import Instance, PlanTask, feasible
from coach.ml import board, genetic, schedule
from tests.bench.plan import instance as seeded
from tests.core.test_plan import due, problem

WORDS = "you moved Writing into the afternoon 6 times"
LEANINGS = (
    Leaning("Writing", 3, CAP, 0.02, CAP, 12, WORDS), Leaning("Writing", 1, -CAP, -CAP, -0.02, 12, "out of the morning"),
)


def hour_of(instance: Instance, task: str) -> int:
    plan = schedule.schedule(instance, seconds=0.05)
    assert feasible(instance, plan.blocks) == []
    (block,) = [b for b in plan.blocks if b.task_id == task]
    return block.start.hour


def test_work_goes_where_it_was_moved_to_and_says_so() -> None:
    plain = problem(
        PlanTask("a", estimate_min=60, category="Writing"), PlanTask("b", estimate_min=60, category="Admin"), uncertain=True)
    leant = replace(plain, leanings=LEANINGS)
    assert hour_of(plain, "a") < 12
    assert 14 <= hour_of(leant, "a") < 17
    assert hour_of(leant, "b") < 12
    (block,) = [b for b in schedule.schedule(leant, seconds=0.05).blocks if b.task_id == "a"]
    (reason,) = [r for r in block.reasons if r.kind == "leaning"]
    assert (reason.value, reason.text) == (CAP, f"{WORDS}: +0.10 focus here")


def test_a_due_an_hour_of_the_category_and_a_refused_time_outweigh_it() -> None:
    def written(**values: object) -> Instance:
        task = PlanTask("a", estimate_min=60, category="Writing", **values)
        return problem(task, uncertain=True, leanings=LEANINGS)

    assert hour_of(written(due=due(12)), "a") < 12
    assert hour_of(written(due=due(12), due_hard=True), "a") < 12
    assert hour_of(written(hours=dict.fromkeys(range(5), ((540, 660),))), "a") < 12


@pytest.mark.parametrize("break_min", [0, 10])
def test_the_tables_say_what_the_objective_says(break_min: int) -> None:
    plain = seeded(5, 20, 5, 1.0)
    kinds = sorted({t.category for t in plain.tasks if t.category})
    leanings = tuple(
        Leaning(kind, part, CAP * (n % 3 - 1) / (1 + part), -CAP, CAP, 9, WORDS)
        for n, kind in enumerate(kinds) for part in (1, 3)
    )
    wished = replace(plain, leanings=leanings, uncertain=True, tire_after_min=300, break_min=break_min)
    tables = board.tables(wished)
    assert tables is not None
    assert tables.extra is not None
    random, empty = Random(1), board.new_board(wished)
    orders = [random.sample(range(len(tables.jobs)), len(tables.jobs)) for _ in range(4)]
    found = genetic.evolve(tables, [[*o, *[0] * len(o)] for o in orders], 96, random, lambda: True)
    blocks = blocks_of(wished, empty, schedule.pieces(wished, tables, found))
    assert feasible(wished, blocks) == []
    of = lateness.strength(wished)
    turn = turns.turns(wished, of)
    deferred = sum(wishes.keeps(wished, t, of, turn.get(t.id, 0.0)) for t in wished.tasks)
    total = sum(t.weight * t.minutes for t in wished.tasks)
    assert (found.score + deferred) / total == pytest.approx(wishes.own(wished, blocks), abs=1e-6)
    assert wishes.own(wished, blocks) != pytest.approx(wishes.own(replace(wished, leanings=()), blocks), abs=1e-6)
