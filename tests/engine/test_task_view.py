"""What the Tasks screen says about a task."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.task import Task
from coach.engine.snoozing import choices
from coach.engine.task_view import TaskRow, due_words, facts, full_words, minutes, rows_of

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


@pytest.mark.parametrize(("due", "words"), [
    (at(20, 18), "18:00"), (date(2026, 11, 20), "today"), (at(21, 9), "tomorrow 09:00"),
    (date(2026, 11, 21), "tomorrow"),
    (at(24, 9, 30), "Tue 09:30"), (date(2026, 11, 26), "Thu"), (date(2026, 11, 27), "27 Nov"),
    (at(1, 8, month=12), "1 Dec 08:00"),
    (date(2027, 1, 5), "5 Jan 2027"), (date(2026, 11, 19), "yesterday"), (at(10, 9), "10 d late"), (at(20, 9), "09:00"),
])
def test_due_in_words(due: date, words: str, now: datetime) -> None:
    assert due_words(due, now, BERLIN) == words


def group_of(now: datetime, **fields: object) -> str:
    task = Task(id="x", title="x", created=now, modified=now, time_zone="Europe/Berlin", **fields)  # type: ignore[arg-type]
    return rows_of([(task, 0.0)], Config(), now, BERLIN)[0].group


def test_groups(now: datetime) -> None:
    assert group_of(now, due=at(20, 10, 59)) == "overdue"
    assert group_of(now, due=at(20, 11, 1)) == "today"
    assert group_of(now, due=date(2026, 11, 20)) == "today"
    assert group_of(now, due=date(2026, 11, 19)) == "overdue"
    assert group_of(now, due=date(2026, 11, 27)) == "week"
    assert group_of(now, due=date(2026, 11, 28)) == "later"
    assert group_of(now) == "none"
    assert group_of(now, wait=at(21, 9)) == "waiting"
    assert group_of(now, status="completed", due=date(2026, 11, 1)) == "completed"


def test_after_midnight_the_new_date_counts_as_today() -> None:
    night = datetime(2026, 11, 20, 0, 30, tzinfo=UTC)  # 01:30 in Berlin, before day_start
    assert group_of(night, due=date(2026, 11, 20)) == "today"
    assert group_of(night, due=date(2026, 11, 21)) == "week"


def test_facts_leave_out_what_is_empty(now: datetime) -> None:
    task = Task(
        id="x", title="x", created=now, modified=now, num=7, priority=1, estimate_min=90, due=at(21, 9), snooze_count=2
    )
    assert dict(facts(TaskRow(task, 8.25, "week", ""), now, BERLIN)) == {
        "due": "Sat 21 Nov 09:00", "priority": "p1, high", "estimate": "1 h 30", "snoozed": "2 times", "urgency": "8.2",
        "added": "Fri 20 Nov 11:00", "number": "7",
    }


def test_minutes_and_moments() -> None:
    assert [minutes(m) for m in (None, 0, 45, 60, 95)] == ["", "0 min", "45 min", "1 h", "1 h 35"]
    assert full_words(date(2027, 2, 1), BERLIN, at(1, 9)) == "Mon 1 Feb 2027"


def test_snooze_choices_lie_ahead_and_in_order(config: Config) -> None:
    for month in range(1, 13):
        for hour in range(24):
            now = at(15, hour, 58, month=month)
            moments = [moment for _, moment in choices(config, now, BERLIN)]
            assert moments[0] > now
            assert moments == sorted(moments)
