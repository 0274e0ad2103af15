from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings

from coach.core import lateness, slots, turns, wishes
from coach.core.outcome import blocks_of
from coach.core.place import place
from coach.core.plan import Block, Busy, Instance, PlanTask, feasible, objective
from coach.ml import board, decoder, genetic, neighbourhood, schedule
from coach.ml.schedule import Effort
from tests.bench.plan import instance as seeded
from tests.core.test_plan import MONDAY, due, instances, problem

QUICK = 0.02
"""Seconds' worth of search: enough to go through all of it."""


def quick(instance: Instance, seed: int = 0) -> schedule.Plan:
    return schedule.schedule(instance, seed, seconds=QUICK)


def whole(instance: Instance, plan: schedule.Plan) -> None:
    """No hard constraint is broken, every task is accounted for, and the score is the objective's."""
    assert feasible(instance, plan.blocks) == []
    assert plan.score == pytest.approx(objective(instance, plan.blocks))
    missing = {u.task_id for u in plan.unplaced}
    for task in instance.tasks:
        given_min = sum(b.minutes for b in plan.blocks if b.task_id == task.id)
        assert given_min == (0 if task.id in missing else slots.quarters(task.minutes) * slots.QUARTER_MIN)
    assert all(u.reason and u.would_fit_if for u in plan.unplaced)


@settings(max_examples=20, deadline=None)
@given(instances())
def test_no_hard_constraint_is_ever_broken(instance: Instance) -> None:
    whole(instance, quick(instance))


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(instances())
def test_no_hard_constraint_is_broken_in_ten_thousand_instances(instance: Instance) -> None:
    whole(instance, quick(instance))


def test_the_same_seed_makes_the_same_plan_in_a_busy_process_too() -> None:
    instance = seeded(3, 20, 5, 1.0)
    first = quick(instance, 7)
    import random

    stop = threading.Event()

    def noise() -> None:
        while not stop.is_set():
            random.random()
            np.random.default_rng().random(100)

    thread = threading.Thread(target=noise)
    thread.start()
    try:
        assert quick(instance, 7) == first
    finally:
        stop.set()
        thread.join()


def test_it_is_better_than_what_seeds_it() -> None:
    made = [(seeded(s, 20, 5, 1.0)) for s in range(3)]
    assert sum(quick(x).score for x in made) > sum(place(x).score for x in made) * 1.02


def test_a_day_holds_what_is_due_in_it_and_no_more_than_its_strength() -> None:
    soon = [PlanTask(f"due{i}", estimate_min=60, due=due(17)) for i in range(2)]
    later = [PlanTask(f"later{i}", estimate_min=60, priority=2) for i in range(6)]
    made = quick(problem(*later, *soon, days=4, tire_after_min=180, uncertain=True))
    assert {t.id for t in soon} <= {b.task_id for b in made.blocks if b.start.date() == MONDAY.date()}
    days = {b.start.date() for b in made.blocks}
    assert all(sum(b.minutes for b in made.blocks if b.start.date() == day) <= 180 for day in days)
    assert len(made.blocks) == 8


def test_a_task_that_would_tire_says_so_and_what_would_bring_it_in() -> None:
    tasks = [PlanTask(f"t{i}", estimate_min=60) for i in range(4)]
    instance = problem(*tasks, days=1, tire_after_min=120, uncertain=True)
    made = quick(instance)
    left = made.unplaced[0]
    assert len(made.unplaced) == 2
    assert left.reason.endswith("but a day would hold more work than you have in you (2 h)")
    urged = replace(instance, tasks=tuple(replace(t, priority=1) if t.id == left.task_id else t for t in tasks))
    assert "priority 1" in left.would_fit_if
    assert left.task_id in {b.task_id for b in quick(urged).blocks}


def test_nothing_less_urgent_displaces_a_short_task_of_priority_1() -> None:
    giants = [PlanTask(f"g{i:03d}", estimate_min=1440, splittable=True, min_block_min=30, max_block_min=120, priority=p)
              for i, p in enumerate([2, 3, None] * 100)]
    small = PlanTask("small", estimate_min=15, priority=1)
    days = problem(*giants, small, days=3)
    for instance in (days, replace(days, tire_after_min=300)):
        made = quick(replace(instance, uncertain=True))
        assert "small" in {b.task_id for b in made.blocks}


def test_what_the_decoder_says_a_plan_is_worth_is_what_it_is_worth() -> None:
    """The tables against the pure objective, wishes included: shown blocks, a tiring day, uncertain lengths."""
    plain = seeded(5, 20, 5, 1.0)
    shown = place(plain).blocks
    wished = replace(plain, shown=shown, tire_after_min=240, worked=((MONDAY.date(), 60.0),), uncertain=True)
    for instance in (plain, wished, replace(wished, break_min=10)):
        tables = board.tables(instance)
        assert tables is not None
        random = Random(1)
        orders = [random.sample(range(len(tables.jobs)), len(tables.jobs)) for _ in range(4)]
        found = schedule._search(instance, tables, 0, Effort(96, 20), lambda share: True)
        also = genetic.evolve(tables, [[*o, *[0] * len(o)] for o in orders], 96, random, lambda: True)
        total = sum(t.weight * t.minutes for t in instance.tasks)
        empty = board.new_board(instance)
        for solution in (found, also):
            blocks = blocks_of(instance, empty, schedule.pieces(instance, tables, solution))
            assert feasible(instance, blocks) == []
            of = lateness.strength(instance)
            turn = turns.turns(instance, of)
            deferred = sum(wishes.keeps(instance, t, of, turn.get(t.id, 0.0)) for t in instance.tasks)
            assert (solution.score + deferred) / total == pytest.approx(wishes.own(instance, blocks), abs=1e-6)


def test_the_decoder_finds_what_trying_every_start_finds() -> None:
    """One task into a plan that has others: the best start by the pure objective."""
    instance = seeded(9, 8, 2, 0.8)
    last = instance.tasks[-1]
    last = replace(last, splittable=False, max_block_min=None, estimate_min=60, due_hard=False, not_before=None)
    others = replace(instance, tasks=instance.tasks[:-1])
    instance = replace(instance, tasks=(*others.tasks, last))
    tables = board.tables(instance)
    assert tables is not None
    start = schedule._search(others, board.tables(others), 0, Effort(96, 20), lambda share: True)  # type: ignore[arg-type]
    fixed = blocks_of(others, board.new_board(others), schedule.pieces(others, board.tables(others), start))  # type: ignore[arg-type]
    tries = []
    for number in range(slots.quarter(instance.now), slots.quarter(instance.now) + 4 * 48):
        begin = slots.instant_of(number)
        block = Block("x", last.id, begin, begin + timedelta(minutes=60))
        if not feasible(instance, [*fixed, block]):
            tries.append(objective(instance, [*fixed, block]))
    base = neighbourhood.Solution.empty(tables)
    plans = decoder.empty(tables, 1)
    for job, first, length in start.blocks(board.tables(others)):  # type: ignore[arg-type]
        low = [g for g in range(*tables.patterns[job]) if tables.pieces[g] == 1 and tables.lengths[g, 0] == length]
        if not low:
            pytest.skip("a task was cut")
        plans.run[0, first:first + length] = 0
        plans.run[0, :first] = np.minimum(plans.run[0, :first], first - np.arange(first))
        plans.ends[0, first + length] = plans.starts[0, first] = tables.category[low[0]]
    made = decoder.insert(tables, plans, np.array([[tables.patterns[-1][0]]]))
    mine = base.with_inserted(tables, made, 0, 0.0)
    begin = slots.instant_of(int(tables.quarter[mine.at[-1, 0]]))
    got = objective(instance, [*fixed, Block("x", last.id, begin, begin + timedelta(minutes=60))])
    assert got == pytest.approx(max(tries))


def test_a_shown_plan_stays_but_for_what_a_new_meeting_touches() -> None:
    moved = []
    for seed in range(2):
        instance = seeded(seed, 20, 5, 1.0)
        before = schedule.schedule(instance, seconds=0.1)
        hit = before.blocks[len(before.blocks) // 2]
        meeting = Busy(hit.start, hit.start + timedelta(minutes=60), "new")
        after = schedule.schedule(
            replace(instance, events=(*instance.events, meeting), shown=before.blocks), seconds=0.1)
        untouched = [b for b in before.blocks if not (meeting.start < b.end and b.start < meeting.end)]
        stays = {(b.task_id, b.start, b.end) for b in after.blocks}
        moved.append(sum((b.task_id, b.start, b.end) not in stays for b in untouched) / len(untouched))
        assert any(r.kind == "stability" and r.value == 0 for b in after.blocks for r in b.reasons)
    assert max(moved) <= 0.25


def test_a_cancelled_search_answers_at_once_with_a_plan_that_holds() -> None:
    instance = seeded(1, 20, 5, 1.0)
    heard: list[float] = []
    plan = schedule.schedule(instance, progress=heard.append, cancelled=lambda: len(heard) > 3)
    assert plan.stopped == "cancelled"
    assert len(heard) == 4
    whole(instance, plan)


def test_progress_goes_from_nothing_to_almost_everything() -> None:
    heard: list[float] = []
    schedule.schedule(seeded(1, 20, 5, 1.0), progress=heard.append, seconds=QUICK)
    assert heard == sorted(heard)
    assert heard[0] == 0.0
    assert 0.9 < heard[-1] < 1.0


def test_a_category_is_planned_in_its_hours_only() -> None:
    afternoon = dict.fromkeys(range(5), ((840, 1020),))
    tasks = [PlanTask(str(i), estimate_min=60, category="Admin", hours=afternoon) for i in range(4)]
    instance = problem(*tasks)
    plan = quick(instance)
    whole(instance, plan)
    assert len(plan.blocks) == 4
    assert all(b.start.hour >= 14 for b in plan.blocks)
    early = Block("x", "0", due(9), due(10))
    assert feasible(instance, [early]) == ["x is outside the hours of its category"]


def test_a_day_that_tires_is_not_filled_while_another_is_empty() -> None:
    tasks = [PlanTask(str(i), estimate_min=60) for i in range(8)]
    full, spread = (quick(problem(*tasks, tire_after_min=limit)) for limit in (0, 240))
    assert [sum(b.start.day == 23 for b in p.blocks) for p in (full, spread)] == [8, 4]


ODD = {
    "no tasks": problem(),
    "no hours": problem(PlanTask("a", estimate_min=30), work_hours={}),
    "a week that is one event": problem(
        PlanTask("a", estimate_min=30), events=(Busy(due(0), due(24 * 7)), Busy(due(1), due(90)))),
    "zero estimates": problem(*(PlanTask(str(i), estimate_min=0) for i in range(3))),
    "longer than any gap": problem(PlanTask("a", estimate_min=600), PlanTask("b", estimate_min=60)),
    "an impossible deadline": problem(PlanTask("a", estimate_min=60, due=due(9.5), due_hard=True)),
    "no way to cut it": problem(PlanTask("a", estimate_min=46, splittable=True, min_block_min=31, max_block_min=31)),
    "some that can be cut and one that cannot": problem(
        PlanTask("a", estimate_min=15), PlanTask("b", estimate_min=46, splittable=True, min_block_min=31, max_block_min=31)),
    "longer than everything": problem(PlanTask("a", estimate_min=100_000, splittable=True, max_block_min=120)),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_input_is_planned_as_far_as_it_can_be(name: str) -> None:
    whole(ODD[name], quick(ODD[name]))


def test_what_cannot_be_cut_says_which_blocks_would_do() -> None:
    instance = ODD["no way to cut it"]
    (left,) = quick(instance).unplaced
    assert (left.reason, left.would_fit_if) == (
        "60 min cannot be cut into blocks of 45 min to 45 min", "a shortest block of at most 30 min")
    task = replace(instance.tasks[0], min_block_min=30)
    assert len(quick(replace(instance, tasks=(task,))).blocks) == 2


def test_five_thousand_tasks_are_planned_as_far_as_they_fit() -> None:
    tasks = [PlanTask(f"t{i:04}", estimate_min=15 + i % 4 * 15, priority=(1, 2, 3, 4, None)[i % 5]) for i in range(5000)]
    plan = quick(problem(*tasks, days=5))
    placed = {b.task_id for b in plan.blocks}
    assert sum(b.minutes for b in plan.blocks) == 5 * 480 or len(placed) > 60
    assert len(placed) + len(plan.unplaced) == 5000
    assert all(u.would_fit_if for u in plan.unplaced)


WAYS = {
    "estimate": PlanTask("x", estimate_min=600, priority=4),
    "split": PlanTask("x", estimate_min=480, min_block_min=60),
    "deadline": PlanTask("x", estimate_min=120, due=due(11), due_hard=True),
    "instead": PlanTask("x", estimate_min=240, priority=1, due=due(17), due_hard=True),
}


@pytest.mark.parametrize("kind", WAYS)
def test_what_is_said_to_give_a_task_a_place_does(kind: str) -> None:
    from coach.core.board import job_of, new_board
    from coach.core.ways import Trial, ways

    instance = problem(PlanTask("a", title="Filler", estimate_min=180), WAYS[kind], days=2, events=(Busy(due(36), due(39)),))
    made = {"a": [(0, 12)]}
    empty = new_board(instance)
    full = empty.copy()
    full.take((0, 12), None)
    job = job_of(instance, full, instance.tasks[1])
    assert job is not None
    found = {w.kind: w for w in ways(Trial(instance, empty, full, made), job)}
    assert kind in found
    changed = {
        "estimate": lambda: replace(WAYS[kind], estimate_min=int(found[kind].value)),
        "split": lambda: replace(WAYS[kind], splittable=True),
        "deadline": lambda: replace(WAYS[kind], due_hard=False),
        "instead": lambda: WAYS[kind],
    }[kind]()
    rest = () if kind == "instead" else (instance.tasks[0],)
    assert "x" in {b.task_id for b in quick(replace(instance, tasks=(*rest, changed))).blocks}
