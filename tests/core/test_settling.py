"""A person's own plan, laid in the order that its risks ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings

from coach.core.board import new_board
from coach.core.outcome import blocks_of
from coach.core.place import placed
from coach.core.plan import Block, Busy, Instance, PlanTask, feasible
from coach.core.settling import settled
from tests.core.test_plan import MONDAY, due, instances, problem


def laid(instance: Instance) -> list[Block]:
    made = settled(instance, placed(instance))
    return blocks_of(instance, new_board(instance), made)


@settings(max_examples=150, deadline=None)
@given(instances())
def test_no_hard_constraint_is_broken_and_no_task_loses_its_place(instance: Instance) -> None:
    for own in (replace(instance, uncertain=True), replace(instance, uncertain=True, tire_after_min=120)):
        before = placed(own)
        after = settled(own, before)
        assert set(after) == set(before)
        assert feasible(own, blocks_of(own, new_board(own), after)) == []


def test_what_is_due_and_short_comes_first_and_nothing_is_left_open_between() -> None:
    tasks = [PlanTask("some time", estimate_min=60), PlanTask("long", estimate_min=180, due=due(17)),
             PlanTask("short", estimate_min=30, due=due(17)), PlanTask("tomorrow", estimate_min=30, due=due(41))]
    made = laid(problem(*tasks, uncertain=True))
    assert [b.task_id for b in made] == ["short", "long", "tomorrow", "some time"]
    assert all(a.end == b.start for a, b in pairwise(made))


def test_a_gap_that_the_first_task_does_not_fit_goes_to_one_that_does() -> None:
    tasks = [PlanTask("whole", estimate_min=60, due=due(17)), PlanTask("small", estimate_min=30)]
    made = laid(problem(*tasks, events=(Busy(due(9.5), due(10)),), uncertain=True))
    assert [(b.task_id, b.start) for b in made] == [("small", due(9)), ("whole", due(10))]


def test_breaks_are_kept_between_blocks() -> None:
    made = laid(problem(*(PlanTask(str(i), estimate_min=60, due=due(17)) for i in range(3)), break_min=15, uncertain=True))
    assert [b.start - a.end for a, b in pairwise(made)] == [timedelta(minutes=15)] * 2


def test_a_day_begins_with_its_good_hours_where_strength_does_not_last_for_all() -> None:
    focus = tuple(0.9 if h % 24 in (13, 14) else 0.3 for h in range(168))
    task = PlanTask("a", estimate_min=120, due=due(41))
    good = laid(problem(task, focus=focus, tire_after_min=120, uncertain=True))
    assert [b.start for b in good] == [due(13)]
    full = replace(task, estimate_min=480)
    assert [b.start for b in laid(problem(full, focus=focus, uncertain=True))] == [MONDAY]  # all hours are used anyway


def test_a_plan_by_the_fixed_objective_and_one_that_only_gives_way_stay_as_they_are() -> None:
    tasks = [PlanTask("a", estimate_min=60), PlanTask("b", estimate_min=60, due=due(17))]
    made = {"a": [(0, 4)], "b": [(8, 4)]}
    plain = problem(*tasks)
    shown = tuple(blocks_of(plain, new_board(plain), made))
    own = replace(plain, uncertain=True, shown=shown)
    for kept in (plain, own):
        assert settled(kept, made) is made
    assert settled(replace(own, firmness=0.1), made) == {"b": [(0, 4)], "a": [(4, 4)]}
