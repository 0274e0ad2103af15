"""Recurring tasks: one series row, occurrences with ids made from (series, local start), nothing lost or doubled."""

import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.core.errors import InvalidInput
from coach.core.recurrence import advance, current, missed, next_start, occurrence_id, starts
from coach.core.task import Recurrence, Reminder, Task
from coach.core.when import Moment, resolve, start_of

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 2, 9, 0, tzinfo=BERLIN)
"""A Monday."""
ID = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"


def series(rule: str, due: Moment = START, **fields) -> Task:
    recurrence = Recurrence(rule, fields.pop("anchor", "schedule"), fields.pop("catch_up", "one"))
    return Task(
        id=ID,
        title="x",
        created=datetime(2026, 11, 1, tzinfo=UTC),
        modified=datetime(2026, 11, 1, tzinfo=UTC),
        num=3,
        time_zone="Europe/Berlin",
        due=due,
        series_start=due,
        recurrence=recurrence,
        **fields,
    )


def on(day: int, hour: int = 12, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=BERLIN)


def test_ids_depend_on_series_and_local_start_only():
    assert occurrence_id(ID, START) == occurrence_id(ID, START) == str(uuid.uuid5(uuid.UUID(ID), "2026-11-02T09:00"))
    assert len({occurrence_id(ID, START), occurrence_id(ID, date(2026, 11, 2)), occurrence_id("not a uuid", START)}) == 3


def test_completing_logs_the_occurrence_and_moves_the_series():
    done, following = advance(series("FREQ=WEEKLY", tags=("home",)), on(2))
    assert (done.status, done.due, done.series_id, done.recurrence, done.completed) == ("completed", START, ID, None, on(2))
    assert done.id == occurrence_id(ID, START)
    assert following is not None
    assert (following.id, following.num, following.due, following.status) == (ID, 3, on(9, 9), "pending")
    assert following.series_start == START


def test_what_hangs_on_due_moves_along_in_wall_time():
    task = series(
        "FREQ=MONTHLY",
        datetime(2026, 10, 10, 9, tzinfo=BERLIN),
        wait=date(2026, 10, 7),
        scheduled=datetime(2026, 10, 9, 8, tzinfo=BERLIN),
        until=date(2026, 10, 12),
        remind=(Reminder(before_min=30), Reminder(at=datetime(2026, 10, 10, 7, tzinfo=BERLIN))),
    )
    _, following = advance(task, datetime(2026, 10, 10, 9, tzinfo=BERLIN))
    assert following is not None
    assert (following.due, following.wait, following.until) == (on(10, 9), date(2026, 11, 7), date(2026, 11, 12))
    assert following.scheduled == on(9, 8)
    assert following.remind == (Reminder(before_min=30), Reminder(at=on(10, 7)))


def test_catch_up_one_keeps_the_latest_missed_occurrence():
    task = series("FREQ=DAILY")
    assert current(task, on(5)) == on(5, 9)
    done, following = advance(task, on(5))
    assert done.due == on(5, 9)
    assert following is not None
    assert following.due == on(6, 9)


def test_catch_up_all_asks_for_every_one():
    task = series("FREQ=DAILY", catch_up="all")
    assert missed(task, on(5)) == [on(2, 9), on(3, 9), on(4, 9), on(5, 9)]
    done, following = advance(task, on(5))
    assert done.due == START
    assert following is not None
    assert following.due == on(3, 9)


def test_catch_up_skip_forgets_days_that_are_over():
    task = series("FREQ=WEEKLY", date(2026, 11, 2), catch_up="skip")
    assert current(task, on(2, 23)) == date(2026, 11, 2)
    assert current(task, on(3)) == date(2026, 11, 9)


def test_an_early_completion_moves_on_from_the_occurrence():
    _, following = advance(series("FREQ=WEEKLY"), on(1))
    assert following is not None
    assert following.due == on(9, 9)


@pytest.mark.parametrize(
    ("rule", "due", "now", "expected"),
    [
        ("FREQ=DAILY;INTERVAL=3", START, on(6, 20), on(9, 9)),
        ("FREQ=DAILY;INTERVAL=3", date(2026, 11, 2), on(6), date(2026, 11, 9)),
        ("FREQ=WEEKLY;BYDAY=MO", date(2026, 11, 2), on(4), date(2026, 11, 9)),
        ("FREQ=HOURLY;INTERVAL=4", START, on(2, 12), on(2, 16)),
        ("FREQ=MONTHLY", date(2026, 11, 2), on(20), date(2026, 12, 20)),
    ],
)
def test_from_completion(rule: str, due: Moment, now: datetime, expected: Moment):
    _, following = advance(series(rule, due, anchor="completion"), now)
    assert following is not None
    assert following.due == expected


def test_a_count_ends_the_series_either_way():
    for anchor in ("schedule", "completion"):
        task: Task | None = series("FREQ=DAILY;COUNT=3", anchor=anchor)
        finished = []
        while task is not None:
            done, task = advance(task, on(2 + len(finished)))
            finished.append(done.due)
        assert finished == [on(2, 9), on(3, 9), on(4, 9)]


def test_until_as_a_date_includes_that_day():
    task = series("FREQ=DAILY;UNTIL=20261103")
    _, second = advance(task, on(2))
    assert second is not None
    assert advance(second, on(3))[1] is None


def test_until_as_an_instant_is_read_in_the_zone():
    assert next_start("FREQ=DAILY;UNTIL=20261103T080000Z", START, START, BERLIN) == on(3, 9)
    assert next_start("FREQ=DAILY;UNTIL=20261103T075900Z", START, START, BERLIN) is None


def test_excepted_days_are_left_out():
    rule = "FREQ=DAILY\nEXDATE:20261103,20261104T090000"
    assert next_start(rule, START, START, BERLIN) == on(5, 9)


def test_the_time_of_day_stays_when_the_clocks_change():
    before = datetime(2026, 10, 24, 9, tzinfo=BERLIN)
    assert next_start("FREQ=DAILY", before, before, BERLIN) == datetime(2026, 10, 25, 9, tzinfo=BERLIN)
    gap = datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN)
    in_gap = next_start("FREQ=DAILY", gap, gap, BERLIN)
    assert in_gap == datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)
    assert next_start("FREQ=DAILY", gap, in_gap, BERLIN) == datetime(2026, 3, 30, 2, 30, tzinfo=BERLIN)


@pytest.mark.parametrize("rule", ["", "FREQ=NEVER", "nonsense", "FREQ=DAILY;BYDAY=XX", "FREQ=DAILY;UNTIL=soon"])
def test_a_broken_rule_is_refused(rule: str):
    with pytest.raises(InvalidInput):
        next_start(rule, START, START, BERLIN)


def test_a_task_without_recurrence_does_not_advance():
    with pytest.raises(InvalidInput):
        advance(replace(series("FREQ=DAILY"), recurrence=None), on(2))


RULES = st.sampled_from(
    [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY",
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=HOURLY;INTERVAL=7",
        "FREQ=DAILY;COUNT=9",
        "FREQ=WEEKLY;UNTIL=20270301",
    ]
)
STARTS = st.one_of(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.builds(
        lambda d, h, m: resolve(datetime.combine(d, time(h, m)), BERLIN),
        st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        st.integers(0, 23),
        st.sampled_from([0, 30]),
    ),
)
ABSENCES = st.lists(st.integers(0, 60 * 24 * 40), min_size=1, max_size=12)
"""Minutes between one completion and the next."""


def begun(task: Task) -> datetime:
    assert task.due is not None
    return start_of(task.due, BERLIN)


@settings(max_examples=150, deadline=None)
@given(RULES, STARTS, ABSENCES, st.sampled_from(["skip", "one", "all"]))
def test_no_absence_loses_or_doubles_an_occurrence(rule: str, start: Moment, absences: list[int], catch_up: str):
    """Any interleaving of completions and absences: ids never repeat, dues rise and belong to the rule, "all" leaves none out."""
    first = start if "FREQ=HOURLY" not in rule or isinstance(start, datetime) else datetime.combine(start, time(6), BERLIN)
    head = next_start(rule.replace("COUNT=9", "COUNT=10"), first, _before(first), BERLIN)
    assert head is not None
    task: Task | None = series(rule, head, catch_up=catch_up)
    now, finished = start_of(head, BERLIN), []
    for minutes in absences:
        if task is None:
            break
        now += timedelta(minutes=minutes)
        done, task = advance(task, now)
        finished.append(done)
    assert len({t.id for t in finished}) == len(finished)
    begins = [begun(t) for t in finished]
    assert all(a < b for a, b in pairwise(begins))
    expected = []
    for n, moment in enumerate(starts(rule, head, _before(head), BERLIN)):
        expected.append(moment)
        if n > 3000 or start_of(moment, BERLIN) >= begins[-1]:
            break
    dues = [t.due for t in finished]
    assert set(dues) <= set(expected)
    if catch_up == "all":
        assert dues == expected[: len(dues)]
    if task is not None:
        assert begun(task) > begins[-1]


def _before(moment: Moment) -> Moment:
    return moment - timedelta(days=1)


@settings(max_examples=60, deadline=None)
@given(RULES, STARTS, st.lists(st.integers(0, 60 * 24 * 20), min_size=1, max_size=6))
def test_two_devices_that_complete_the_same_occurrence_agree(rule: str, start: Moment, delays: list[int]):
    head = next_start(rule, start, _before(start), BERLIN)
    assert head is not None
    task = series(rule, head, catch_up="all")
    here, there = advance(task, start_of(head, BERLIN)), advance(task, start_of(head, BERLIN) + timedelta(minutes=sum(delays)))
    assert here[0].id == there[0].id
    assert (here[1] and here[1].due) == (there[1] and there[1].due)


@settings(max_examples=60, deadline=None)
@given(STARTS, st.integers(1, 12), st.lists(st.integers(0, 60 * 24 * 10), min_size=1, max_size=10))
def test_from_completion_each_due_follows_its_completion(start: Moment, days: int, delays: list[int]):
    task: Task | None = series(f"FREQ=DAILY;INTERVAL={days}", start, anchor="completion")
    now = start_of(start, BERLIN)
    for minutes in delays:
        assert task is not None
        now += timedelta(minutes=minutes)
        done, task = advance(task, now)
        assert task is not None
        due, before = (t.due if not isinstance(t.due, datetime) else t.due.date() for t in (task, done))
        expected = now.astimezone(BERLIN).date() + timedelta(days=days)
        # Twice on one day: the one just done does not come again.
        assert due == (expected if expected != before else expected + timedelta(days=days))


def test_an_old_series_costs_little():
    old = datetime(1990, 1, 1, 9, tzinfo=BERLIN)
    assert next_start("FREQ=MINUTELY;INTERVAL=5", old, on(2), BERLIN) == on(2) + timedelta(minutes=5)
