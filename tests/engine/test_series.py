"""Recurring tasks through the whole engine: absence, midnight, daylight saving, undo, expiry; and what habits make of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coach.config import Config
from coach.core.errors import NotFound
from coach.core.task import Recurrence, Task
from coach.engine import habits, tasks
from coach.store import tasks as stored
from coach.store.db import Connection

TZ = ZoneInfo("Europe/Berlin")
CONFIG = Config()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TZ).astimezone(UTC)


def series(db: Connection, text: str, now: datetime, catch_up: str = "one") -> Task:
    task = tasks.add(db, text, CONFIG, now, TZ)
    assert task.recurrence is not None
    return tasks.update(db, task, now, recurrence=replace(task.recurrence, catch_up=catch_up))


def done(db: Connection, now: datetime) -> Task:
    (finished,) = tasks.done(db, [tasks.find(db, "1")], now)
    return finished


def wall(task: Task) -> str:
    return task.due.astimezone(TZ).strftime("%m-%d %H:%M") if isinstance(task.due, datetime) else str(task.due)


@pytest.mark.parametrize(("catch_up", "done_due", "next_due"), [
    ("skip", "11-20 07:00", "11-21 07:00"),  # the one of today, the missed ones are gone
    ("one", "11-20 07:00", "11-21 07:00"),
    ("all", "11-16 07:00", "11-17 07:00"),  # one after another
])
def test_after_an_absence(catch_up: str, done_due: str, next_due: str, db: Connection) -> None:
    series(db, "Gym every day 7am", at("2026-11-16T06:00"), catch_up)
    back = at("2026-11-20T20:00")
    assert wall(done(db, back)) == done_due
    assert wall(tasks.find(db, "1")) == next_due


def test_all_catches_up_with_each(db: Connection) -> None:
    series(db, "Gym every day 7am", at("2026-11-16T06:00"), "all")
    back = at("2026-11-20T20:00")
    found = [wall(done(db, back)) for _ in range(5)]
    assert found == [f"11-{day} 07:00" for day in range(16, 21)]
    assert wall(tasks.find(db, "1")) == "11-21 07:00"
    assert len(stored.occurrences(db, tasks.find(db, "1").id)) == 5


@pytest.mark.parametrize(("completed", "next_due"), [
    ("2026-11-20T23:59", "2026-11-21"), ("2026-11-21T00:01", "2026-11-22"), ("2026-11-20T00:00", "2026-11-21"),
])
def test_midnight_belongs_to_the_new_day(completed: str, next_due: str, db: Connection) -> None:
    series(db, "Diary every day", at("2026-11-20T00:00") - timedelta(seconds=1))
    tasks.update(db, tasks.find(db, "1"), at("2026-11-19T23:59"), due=date(2026, 11, 20), series_start=date(2026, 11, 20))
    done(db, at(completed))
    assert wall(tasks.find(db, "1")) == next_due


def test_the_hour_stays_when_the_clocks_change(db: Connection) -> None:
    series(db, "Gym every day 2:30am", at("2026-03-27T12:00"))
    walls = []
    for day in (28, 29, 30):
        now = at(f"2026-03-{day}T12:00")
        done(db, now)
        walls.append(wall(tasks.find(db, "1")))
    assert walls == ["03-29 03:30", "03-30 02:30", "03-31 02:30"]  # 2:30 does not exist on the 29th


def test_wait_and_reminders_move_along(db: Connection) -> None:
    series(db, "Report every fri 17:00 wait:2026-11-26 !30m", at("2026-11-23T10:00"))
    first = tasks.find(db, "1")
    done(db, at("2026-11-27T16:00"))
    moved = tasks.find(db, "1")
    assert isinstance(moved.due, datetime)
    assert isinstance(first.due, datetime)
    assert moved.due - first.due == timedelta(days=7)
    assert (moved.wait, moved.remind) == (date(2026, 12, 3), first.remind)
    assert [t for t, _ in tasks.select(db, [], CONFIG, at("2026-12-01T10:00"), TZ)] == []


def test_undo_takes_the_occurrence_back_and_doing_it_again_makes_the_same_one(db: Connection) -> None:
    series(db, "Gym every day 7am", at("2026-11-20T06:00"))
    first = done(db, at("2026-11-20T08:00"))
    tasks.undo(db, at("2026-11-20T09:00"))
    with pytest.raises(NotFound):
        tasks.find(db, first.id)
    again = done(db, at("2026-11-20T10:00"))
    assert again.id == first.id
    assert len(stored.occurrences(db, tasks.find(db, "1").id)) == 1
    tasks.undo(db, at("2026-11-20T11:00"))
    tasks.redo(db, at("2026-11-20T11:00"))
    assert wall(tasks.find(db, "1")) == "11-21 07:00"


def test_a_series_ends(db: Connection) -> None:
    series(db, "Pills every day 8am for 3 days", at("2026-11-20T06:00"))
    rule = tasks.find(db, "1").recurrence
    assert rule is not None
    now = at("2026-11-20T09:00")
    for _ in range(3):
        assert tasks.find(db, "1").status == "pending"
        done(db, now)
        now += timedelta(days=1)
    assert tasks.find(db, "1").status == "completed"


def test_a_series_that_is_over_counts_once_for_each_occurrence(db: Connection) -> None:
    start = at("2026-11-21T09:00")
    series(db, "Pills every day 2 times", start)
    done(db, start)
    done(db, start + timedelta(days=1))
    found = stored.completed_between(db, start, start + timedelta(days=2))
    assert [task.due for task in found] == [date(2026, 11, 21), date(2026, 11, 22)]


VERBS = st.sampled_from(["done", "done", "away", "hours", "undo", "back", "days back"])
STEPS = st.lists(st.tuples(VERBS, st.integers(1, 40)), max_size=30)
RULES = st.sampled_from(["every day 7am", "every mon", "every! 3 days", "every month"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS, st.sampled_from(["skip", "one", "all"]), RULES)
def test_no_interleaving_loses_or_doubles_an_occurrence(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]], catch_up: str, rule: str
) -> None:
    from coach.config import home_at
    from coach.engine import opening
    from coach.store.db import connect
    from coach.store.opening import Access

    now = at("2026-03-01T06:00")
    db = connect(opening.unlock(home_at(tmp_path_factory.mktemp("home")), Access(use_keyring=False), now), durable=False)
    task = series(db, f"Thing {rule}", now, catch_up)
    count = 0
    for verb, amount in steps:
        if verb == "done":
            before = tasks.find(db, "1").due
            finished = done(db, now)
            count += 1
            assert finished.due is not None
            assert before is not None
            assert key(finished.due) >= key(before)
            following = tasks.find(db, "1").due
            assert following is not None
            assert following not in {t.due for t in stored.occurrences(db, task.id)}
            assert "!" in rule or key(following) > key(finished.due)
        elif verb == "undo" and count:
            tasks.undo(db, now)
            count -= 1
        elif verb != "undo":
            now += {
                "away": timedelta(days=amount), "hours": timedelta(hours=amount), "back": -timedelta(hours=amount),
                "days back": -timedelta(days=amount % 7),
            }[verb]
        rows = stored.occurrences(db, task.id)
        assert len(rows) == count
        assert len({t.due for t in rows}) == count
    db.close()


def key(moment: date) -> datetime:
    return moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day, tzinfo=TZ)


def test_what_expires_is_deleted_and_a_series_moves_on(db: Connection) -> None:
    now = at("2026-11-20T08:00")
    tasks.add(db, "Vote until:2026-11-20", CONFIG, now, TZ)
    tasks.add(db, "Lunch offer every day 12:00 until:2026-11-20T14:00", CONFIG, now, TZ)
    assert tasks.expire(db, now) == 0
    assert tasks.expire(db, at("2026-11-23T13:00")) == 2
    assert tasks.find(db, "1").status == "deleted"
    moved = tasks.find(db, "2")
    assert (moved.status, wall(moved)) == ("pending", "11-23 12:00")
    assert isinstance(moved.until, datetime)
    assert moved.until.astimezone(TZ).hour == 14
    assert tasks.expire(db, at("2026-11-23T13:00")) == 0
    assert tasks.edit_text(db, tasks.find(db, "1"), "status:pending until:", CONFIG, now, TZ).status == "pending"


def test_an_expiry_is_no_step_of_the_persons(db: Connection) -> None:
    now = at("2026-11-20T08:00")
    tasks.add(db, "Vote until:2026-11-20", CONFIG, now, TZ)
    tasks.add(db, "Other", CONFIG, now, TZ)
    tasks.expire(db, at("2026-11-21T08:00"))
    (undone,) = tasks.undo(db, at("2026-11-21T09:00"))
    assert undone.label == "add task"
    assert tasks.find(db, "1").status == "deleted"


def habit(db: Connection, now: datetime) -> tuple[int, int, int, int]:
    found = habits.of(db, tasks.find(db, "1"), now)
    assert found is not None
    return found.kept, found.expected, found.streak, found.longest


def test_a_habit_counts_what_was_due(db: Connection) -> None:
    series(db, "Gym every day 7am", at("2026-11-10T06:00"))
    assert habit(db, at("2026-11-10T12:00")) == (0, 0, 0, 0)  # the first day is not over
    for day in (10, 11, 12, 14, 15):
        done(db, at(f"2026-11-{day}T20:00"))
    assert habit(db, at("2026-11-15T21:00")) == (5, 6, 2, 3)
    assert habit(db, at("2026-11-16T12:00")) == (5, 6, 2, 3)  # still time today
    assert habit(db, at("2026-11-17T12:00")) == (5, 7, 0, 3)


def test_a_habit_from_completion_is_kept_in_time(db: Connection) -> None:
    series(db, "Water plants every! 3 days", at("2026-11-10T06:00"))
    start = tasks.find(db, "1").due
    assert start is not None
    now = at(f"{start.isoformat()[:10]}T12:00")
    done(db, now)
    done(db, now + timedelta(days=3))
    assert habit(db, now + timedelta(days=3)) == (2, 2, 2, 2)
    done(db, now + timedelta(days=8))
    assert habit(db, now + timedelta(days=8)) == (2, 3, 0, 2)
    assert habit(db, now + timedelta(days=30)) == (2, 4, 0, 2)


def test_a_task_that_does_not_recur_has_no_habit(db: Connection, now: datetime) -> None:
    assert habits.of(db, tasks.add(db, "Once", CONFIG, now, TZ), now) is None
    assert habits.habit_of(Task("x", "x", now, now), [], now).rate is None
    assert habits.habit_of(Task("x", "x", now, now, recurrence=Recurrence("FREQ=DAILY")), [], now).rate is None


def test_a_clock_that_was_set_back_comes_upon_no_occurrence_again(db: Connection) -> None:
    """Every three days from completion: done on the 20th and 23rd, then again on the 20th, as the clock then said."""
    task = series(db, "Water every! 3 days", at("2026-11-20T06:00"))
    for day in (20, 23, 20):
        done(db, at(f"2026-11-{day}T10:00"))
    dues = [t.due for t in stored.occurrences(db, task.id)]
    assert len(set(dues)) == 3
    assert tasks.find(db, "1").due not in dues
