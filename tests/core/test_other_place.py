from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.other_place import other_place
from coach.core.plan import Busy, PlanTask, feasible
from tests.core.test_plan import MONDAY, due, problem


def busy(*hours: tuple[float, float]) -> tuple[Busy, ...]:
    return tuple(Busy(due(start), due(end)) for start, end in hours)


def test_work_that_is_due_goes_where_it_is_in_time_and_soon() -> None:
    task = PlanTask("a", estimate_min=60, priority=2, due=due(15))
    (block,) = other_place(problem(task, events=busy((9, 10), (11, 13)), uncertain=True)).blocks
    assert (block.start, block.end) == (due(10), due(11))


def test_late_work_goes_where_it_is_soonest() -> None:
    task = PlanTask("a", estimate_min=60, due=due(9))
    (block,) = other_place(problem(task, events=busy((9, 12)), uncertain=True)).blocks
    assert block.start == due(12)


def test_it_is_cut_only_where_no_stretch_holds_it() -> None:
    task = PlanTask("a", estimate_min=120, min_block_min=30, splittable=True)
    whole = other_place(problem(task, events=busy((9, 10), (11, 13)), days=1))
    assert [b.minutes for b in whole.blocks] == [120]
    cut = other_place(problem(task, events=busy((9, 10), (11, 13), (14, 16)), days=1))
    assert [b.minutes for b in cut.blocks] == [60, 60]


@pytest.mark.parametrize("task", [
    PlanTask("a", estimate_min=60, due=due(10), due_hard=True), PlanTask("a", estimate_min=60, not_before=due(16.5)),
    PlanTask("a", estimate_min=60, min_block_min=90, max_block_min=45),
])
def test_what_fits_nowhere_says_what_would_help(task: PlanTask) -> None:
    made = other_place(problem(task, events=busy((9, 10)), days=1))
    assert made.blocks == ()
    assert made.unplaced[0].would_fit_if


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)), max_size=6), st.integers(1, 12), st.booleans(),
    st.one_of(st.none(), st.integers(0, 60)), st.booleans(),
)
def test_no_hard_constraint_is_ever_broken(events, quarters, splittable, due_at, hard) -> None:
    quarter = timedelta(minutes=15)
    taken = tuple(Busy(MONDAY + a * quarter, MONDAY + (a + n) * quarter) for a, n in events)
    task = PlanTask("a", estimate_min=15 * quarters, splittable=splittable, due_hard=hard,
                    due=None if due_at is None else MONDAY + due_at * quarter)
    instance = problem(task, events=taken, uncertain=True)
    made = other_place(instance)
    assert feasible(instance, made.blocks) == []
    assert bool(made.blocks) != bool(made.unplaced)
