from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core import slots
from coach.core.board import new_board
from coach.core.errors import InvalidInput
from coach.core.instance import instance_from_json
from coach.core.outcome import plan_of
from coach.core.place import place
from coach.core.plan import Block, Busy, Instance, PlanTask, feasible, objective, plan_json

UTC_ZONE = ZoneInfo("UTC")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NINE_TO_FIVE = dict.fromkeys(range(5), ((540, 1020),))


def problem(*tasks: PlanTask, **values) -> Instance:
    base = Instance(now=MONDAY, tz=UTC_ZONE, days=2, work_hours=NINE_TO_FIVE, tasks=tasks)
    return replace(base, **values)


def at(hour: float, minutes: float, task: str = "a") -> Block:
    start = MONDAY.replace(hour=0) + timedelta(hours=hour)
    return Block(f"{task}@{hour}", task, start, start + timedelta(minutes=minutes))


def due(hour: float) -> datetime:
    return MONDAY.replace(hour=0) + timedelta(hours=hour)


# The referee: each hard constraint is noticed.

BROKEN = {
    "overlaps": ([PlanTask("a", estimate_min=60), PlanTask("b", estimate_min=60)], [at(9, 60), at(9.5, 60, "b")]),
    "unknown task": ([], [at(9, 60)]),
    "is empty": ([PlanTask("a", estimate_min=60)], [at(9, 0)]),
    "off the quarter-hour grid": ([PlanTask("a", estimate_min=60)], [at(9.1, 60)]),
    "outside working hours": ([PlanTask("a", estimate_min=60)], [at(16.5, 60)]),
    "over an event": ([PlanTask("a", estimate_min=60)], [at(12.5, 60)]),
    "before now": ([PlanTask("a", estimate_min=60)], [at(9, 60)]),
    "before not_before": ([PlanTask("a", estimate_min=60, not_before=due(11))], [at(10.75, 60)]),
    "shorter than the shortest": (
        [PlanTask("a", estimate_min=90, min_block_min=45, splittable=True)], [at(10, 30), at(11, 60)]),
    "longer than the longest": ([PlanTask("a", estimate_min=90, max_block_min=60, splittable=True)], [at(10, 75)]),
    "split but not splittable": ([PlanTask("a", estimate_min=60)], [at(10, 30), at(11, 30)]),
    "more time than its estimate": ([PlanTask("a", estimate_min=30)], [at(10, 60)]),
    "after its hard due": ([PlanTask("a", estimate_min=60, due=due(10.9), due_hard=True)], [at(10, 60)]),
}


@pytest.mark.parametrize("words", BROKEN)
def test_every_hard_constraint_is_named_when_broken(words: str) -> None:
    tasks, blocks = BROKEN[words]
    now = MONDAY + timedelta(minutes=30) if words == "before now" else MONDAY
    instance = problem(*tasks, now=now, events=(Busy(due(13), due(14), "lunch"),))
    faults = feasible(instance, blocks)
    assert len(faults) == 1
    assert words in faults[0]


def test_a_task_shorter_than_the_shortest_block_may_be_one_short_block() -> None:
    assert feasible(problem(PlanTask("a", estimate_min=15, min_block_min=60)), [at(9, 15)]) == []


def test_work_across_two_adjoining_stretches_is_inside_working_hours() -> None:
    hours = {0: ((540, 720), (720, 1020))}
    assert feasible(problem(PlanTask("a", estimate_min=60), work_hours=hours), [at(11.5, 60)]) == []


# The objective, by hand.

def test_an_empty_plan_scores_nothing_and_a_whole_task_its_weight() -> None:
    tasks = PlanTask("a", estimate_min=60, priority=1), PlanTask("b", estimate_min=120)
    instance = problem(*tasks)
    assert objective(instance, []) == 0
    assert objective(instance, [at(9, 60)]) == pytest.approx(480 / 600)
    assert objective(problem(), []) == 0


def test_late_partly_placed_split_switched_and_delayed_work_costs_what_the_contract_says() -> None:
    late = problem(PlanTask("a", estimate_min=60, due=due(9.5)))
    assert objective(late, [at(9, 60)]) == pytest.approx(0.5)
    partly = problem(PlanTask("a", estimate_min=60, splittable=True))
    assert objective(partly, [at(9, 30)]) == 0
    assert objective(partly, [at(9, 30), at(10, 30)]) == pytest.approx((60 - 5) / 60)
    assert objective(partly, [at(10, 60)]) == pytest.approx((60 - 0.001 * 60) / 60)
    two = problem(PlanTask("a", estimate_min=60, category="x"), PlanTask("b", estimate_min=60, category="y"))
    assert objective(two, [at(9, 60), at(10, 60, "b")]) == pytest.approx((120 - 10 - 0.06) / 120)
    assert objective(two, [at(9, 60), at(10.25, 60, "b")]) == pytest.approx((120 - 0.075) / 120)


def test_focus_pays_by_weight_against_the_mean_of_working_hours() -> None:
    focus = [0.0] * 168
    for day in range(5):
        focus[day * 24 + 10] = 0.8  # one hour in eight: the mean is 0.1
    instance = problem(PlanTask("a", estimate_min=60, priority=2), focus=tuple(focus))
    assert slots.mean_focus(focus, NINE_TO_FIVE) == pytest.approx(0.1)
    good = (240 + 0.5 * 15 * 4 * 4 * 0.7 - 0.06) / 240
    assert objective(instance, [at(10, 60)]) == pytest.approx(good)
    assert objective(instance, [at(9, 60)]) == pytest.approx((240 - 0.5 * 15 * 4 * 4 * 0.1) / 240)
    assert place(instance).blocks[0].start == due(10)


# The placer.

def test_the_earlier_due_goes_first_and_the_reasons_carry_numbers() -> None:
    later = PlanTask("later", estimate_min=240, due=due(17))
    plan = place(problem(later, PlanTask("soon", estimate_min=240, due=due(13), priority=2), days=1))
    assert [(b.task_id, b.start) for b in plan.blocks] == [("soon", due(9)), ("later", due(13))]
    reasons = {r.kind: r for r in plan.blocks[0].reasons}
    assert (reasons["due"].value, reasons["priority"].value, reasons["gap"].value) == (0, 2, 480)
    assert "Mon 23 Nov 13:00" in reasons["due"].text
    assert plan.engine == "greedy-1"


def test_a_whole_day_due_is_named_by_its_day() -> None:
    plan = place(problem(PlanTask("a", estimate_min=60, due=due(24))))
    assert plan.blocks[0].reasons[0].text == "ends 14 h before it is due (end of Mon 23 Nov)"


def test_a_long_task_is_split_when_it_may_be_and_only_then() -> None:
    whole = PlanTask("a", estimate_min=240)
    events = (Busy(due(12), due(13)), Busy(due(16), due(17)))
    assert place(problem(whole, days=1, events=events)).blocks == ()
    plan = place(problem(replace(whole, splittable=True, min_block_min=60), days=1, events=events))
    assert sum(b.minutes for b in plan.blocks) == 240
    assert len(plan.blocks) == 2
    assert all("of 2" in next(r.text for r in b.reasons if r.kind == "part") for b in plan.blocks)


def test_breaks_are_kept_between_blocks_where_they_are_wished() -> None:
    plan = place(problem(PlanTask("a", estimate_min=240, max_block_min=120, splittable=True), break_min=10))
    assert [(b.start, b.minutes) for b in plan.blocks] == [(due(9), 120), (due(11.25), 120)]


def test_a_refused_start_is_not_offered_again() -> None:
    task = PlanTask("a", estimate_min=60)
    first = place(problem(task)).blocks[0]
    again = place(problem(replace(task, not_at=frozenset({first.start})))).blocks[0]
    assert again.start == first.start + timedelta(minutes=15)
    assert again.id != first.id


UNPLACED = {
    "no estimate": (PlanTask("a"), "at least 15 min"),
    "no estimate at all": (PlanTask("a", estimate_min=0), "at least 15 min"),
    "deadline": (PlanTask("a", estimate_min=30, due=due(8), due_hard=True), "a later deadline"),
    "longer than the longest": (PlanTask("a", estimate_min=90, max_block_min=60), "at most 60 min"),
    "longest free": (PlanTask("a", estimate_min=300, due=due(12), due_hard=True), "an estimate of at most 3 h, or a later"),
    "only 8 h of its 10 h": (PlanTask("a", estimate_min=600, splittable=True), "at least 2 h more free"),
}


@pytest.mark.parametrize("name", UNPLACED)
def test_what_has_no_place_says_what_would_give_it_one(name: str) -> None:
    task, wanted = UNPLACED[name]
    plan = place(problem(task, days=1))
    assert plan.blocks == ()
    assert wanted in plan.unplaced[0].would_fit_if


def test_the_estimate_named_as_fitting_does_fit() -> None:
    task = PlanTask("a", estimate_min=300)
    instance = problem(task, days=1, events=(Busy(due(10), due(11)), Busy(due(14.5), due(16))))
    words = place(instance).unplaced[0].would_fit_if
    assert "an estimate of at most 3 h 30 min" in words
    assert place(replace(instance, tasks=(replace(task, estimate_min=210),))).unplaced == ()
    assert place(replace(instance, tasks=(replace(task, estimate_min=211),))).unplaced != ()


@pytest.mark.parametrize(("event", "words"), [(10, 'ends when "Stand-up" begins'), (10.5, 'done 30 min before "Stand-up"')])
def test_the_event_that_a_block_ends_before_is_named(event: float, words: str) -> None:
    plan = place(problem(PlanTask("a", estimate_min=60), events=(Busy(due(event), due(11), "Stand-up"),)))
    assert words in [r.text for r in plan.blocks[0].reasons]


def test_a_task_that_has_room_and_is_not_worth_it_is_told_so() -> None:
    instance = problem(PlanTask("a", estimate_min=15, due=due(8)), PlanTask("b", estimate_min=15))
    late, other = plan_of(instance, {}, "none").unplaced
    assert late.reason.startswith("it could be done by Mon 23 Nov 09:15, after it was due (Mon 23 Nov 08:00)")
    assert late.would_fit_if == "a later due (Mon 23 Nov 09:15 would do), or priority 3"
    assert other.reason == "it could be done by Mon 23 Nov 09:15, but is worth less than it costs the rest"


def test_the_least_later_due_that_would_do_is_said_first_and_does() -> None:
    """The working day begins when the task is due, and its first hour holds what can as well wait."""
    task, other = PlanTask("a", estimate_min=60, due=due(9)), PlanTask("b", estimate_min=60)
    instance = problem(task, other, uncertain=True, events=(Busy(due(10), due(17)), Busy(due(24 + 11), due(24 + 17))))
    first = slots.quarter(due(9)) - new_board(instance).base
    plan = plan_of(instance, {"b": [(first, 4)]}, "by hand")
    (left,) = plan.unplaced
    assert left.reason.startswith("it could be done by Tue 24 Nov 10:00, after it was due")
    assert left.would_fit_if.startswith("a later due (Mon 23 Nov 10:00 would do)")
    again = place(replace(instance, tasks=(replace(task, due=due(10)), other)))
    assert next(b for b in again.blocks if b.task_id == "a").end == due(10)


def test_a_deadline_that_no_working_time_reaches_promises_no_gap() -> None:
    saturday = MONDAY - timedelta(days=2)
    task = PlanTask("a", estimate_min=24 * 60, due=due(10), due_hard=True, splittable=True, min_block_min=30)
    left = place(problem(task, now=saturday, days=5)).unplaced[0]
    assert left.reason == "it needs 24 h of the 60 min of working time before its deadline"
    assert "more free" not in left.would_fit_if
    assert left.would_fit_if.startswith("an estimate of at most 60 min, or a later deadline (")
    early = place(problem(replace(task, due=due(8)), now=saturday, days=5)).unplaced[0]
    assert early.reason == "it needs 24 h of working time, of which there is none before its deadline"


def test_a_week_that_is_one_event_leaves_nothing_and_says_so() -> None:
    week = Busy(MONDAY - timedelta(days=1), MONDAY + timedelta(days=7))
    plan = place(problem(PlanTask("a", estimate_min=15), events=(week, week)))
    assert plan.blocks == ()
    assert plan.unplaced[0].reason == "no working time is free in the days planned"


def test_no_working_hours_at_all_is_a_plan_of_nothing() -> None:
    plan = place(problem(PlanTask("a", estimate_min=15), work_hours={}))
    assert (plan.blocks, plan.score, len(plan.unplaced)) == ((), 0, 1)


@pytest.mark.parametrize(("day", "lost_or_won_min"), [
    (datetime(2026, 3, 29, tzinfo=UTC), -60), (datetime(2026, 10, 25, tzinfo=UTC), 60)])
def test_a_night_shift_over_a_clock_change_is_as_long_as_it_really_is(day: datetime, lost_or_won_min: int) -> None:
    instance = problem(PlanTask("a", estimate_min=240 + lost_or_won_min), tz=ZoneInfo("Europe/Berlin"), days=1,
                       now=day - timedelta(hours=1), work_hours={6: ((60, 300),)})
    plan = place(instance)
    assert feasible(instance, plan.blocks) == []
    assert plan.blocks[0].minutes == 240 + lost_or_won_min
    longer = replace(instance.tasks[0], estimate_min=255 + lost_or_won_min)
    assert place(replace(instance, tasks=(longer,))).blocks == ()


def test_last_nights_shift_still_runs_after_midnight() -> None:
    instance = problem(PlanTask("a", estimate_min=60), now=datetime(2026, 11, 24, 0, 30, tzinfo=UTC), days=1,
                       work_hours={0: ((1320, 1560),)})
    assert place(instance).blocks[0].start == instance.now


# A random world never breaks a constraint.

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
CLOCK_CHANGES = ((3, 27), (10, 24), (4, 3), (7, 1))  # of both halves of the world, and a day without one


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    month, day = draw(st.sampled_from(CLOCK_CHANGES))
    now = datetime(2026, month, day, tzinfo=UTC) + timedelta(seconds=draw(st.integers(0, 3 * 86_400)))
    minute = st.integers(0, 1440)
    stretch = st.tuples(minute, minute).map(lambda p: (p[0], p[1] if p[1] > p[0] else p[1] + 1440))
    week = st.dictionaries(st.integers(0, 6), st.lists(stretch, min_size=1, max_size=2), max_size=7)
    events = draw(st.lists(st.builds(
        lambda start, length: Busy(now + timedelta(minutes=start), now + timedelta(minutes=start + length)),
        st.integers(-3000, 15_000), st.one_of(st.just(0), st.integers(1, 300), st.just(7 * 1440))), max_size=6))
    moment = st.one_of(st.none(), st.integers(-2000, 15_000).map(lambda m: now + timedelta(minutes=m)))
    tasks = draw(st.lists(st.builds(
        PlanTask, id=st.uuids().map(str), estimate_min=st.one_of(st.none(), st.integers(0, 900)), due=moment,
        not_before=moment, priority=st.sampled_from([1, 2, 3, 4, None]), category=st.sampled_from(["x", "y", None]),
        due_hard=st.booleans(), splittable=st.booleans(), min_block_min=st.integers(1, 90),
        max_block_min=st.one_of(st.none(), st.integers(1, 240)),
    ), max_size=12, unique_by=lambda t: t.id))
    profile = st.integers(0, 1000).map(lambda k: tuple((k * (h + 1) % 101) / 100 for h in range(168)))
    return Instance(now, zone, draw(st.integers(1, 10)), draw(week), tuple(events), tuple(tasks),
                    draw(st.one_of(st.none(), profile)), draw(st.sampled_from([0, 10, 30])))


@settings(max_examples=300, deadline=None)
@given(instances())
def test_no_hard_constraint_is_ever_broken_and_every_task_is_accounted_for(instance: Instance) -> None:
    plan = place(instance)
    assert feasible(instance, plan.blocks) == []
    assert place(instance) == plan
    assert plan.score == objective(instance, plan.blocks)
    given_min = {t.id: sum(b.minutes for b in plan.blocks if b.task_id == t.id) for t in instance.tasks}
    missing = {u.task_id for u in plan.unplaced}
    for task in instance.tasks:
        assert given_min[task.id] == (0 if task.id in missing else slots.quarters(task.minutes) * 15)
    assert all(u.reason and u.would_fit_if for u in plan.unplaced)
    assert all(r.text for b in plan.blocks for r in b.reasons)


# JSON.

def test_a_plan_from_json_to_json() -> None:
    tree = {
        "now": "2026-11-23T09:00:00+01:00", "tz": "Europe/Berlin", "days": 2,
        "work_hours": {"mon": [["09:00", "17:00"]]}, "focus": [0.5] * 168,
        "events": [{"start": "2026-11-23T08:00:00Z", "end": "2026-11-23T10:00:00Z", "title": "stand-up"}],
        "tasks": [{"id": 7, "title": "x", "estimate_min": 50, "due": "2026-11-23", "priority": 1, "category": None,
                   "min_block_min": 15, "max_block_min": 120, "splittable": False, "not_before": None,
                   "due_hard": True}],
    }
    instance = instance_from_json(tree)
    assert instance.tasks[0].due == datetime(2026, 11, 23, 23, tzinfo=UTC)  # the end of that day in Berlin
    out = plan_json(place(instance))
    assert set(out) == {"blocks", "unplaced", "score", "engine", "elapsed_s"}
    block = out["blocks"][0]
    assert (block["task_id"], block["start"], block["end"]) == ("7", "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z")
    assert {"kind", "value", "text"} == set(block["reasons"][0])


@pytest.mark.parametrize(("change", "named"), [
    ({"now": 5}, "now"), ({"tz": "Moon/Crater"}, "Moon/Crater"), ({"days": 0}, "days"), ({"days": 1e300}, "days"),
    ({"work_hours": {"funday": []}}, "funday"), ({"work_hours": {"mon": [["9", "x"]]}}, "mon"),
    ({"work_hours": {"mon": [["09:00"]]}}, "mon"), ({"work_hours": {"mon": [[1, 2]]}}, "mon"),
    ({"work_hours": [1]}, "work_hours"),
    ({"events": [{"start": "2026-11-23T10:00", "end": "2026-11-23T09:00"}]}, "events[0]"),
    ({"tasks": [{"title": "x"}]}, "tasks[0]"), ({"tasks": [{"id": "a"}, {"id": "a"}]}, "same id"),
    ({"tasks": [{"id": "a", "priority": 9}]}, "priority"), ({"tasks": [{"id": "a", "priority": []}]}, "priority"),
    ({"tasks": [{"id": "a", "estimate_min": "x"}]}, "estimate_min"),
    ({"tasks": [{"id": "a", "estimate_min": float("nan")}]}, "estimate_min"),
    ({"tasks": [{"id": "a", "due": "soon"}]}, "due"), ({"tasks": [{"id": "a", "due": "9999-12-31"}]}, "due"),
    ({"tasks": [{"id": "a", "splittable": "yes"}]}, "splittable"),
    ({"events": [3]}, "events[0]"), ({"tasks": {}}, "tasks"), ({"focus": [1, 2]}, "168"),
])
def test_a_wrong_instance_is_refused_by_name(change: dict, named: str) -> None:
    with pytest.raises(InvalidInput, match=named.replace("[", r"\[")):
        instance_from_json({"now": "2026-11-23T09:00:00Z", **change})
