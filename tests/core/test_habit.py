from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coach.core.habit import habit_of
from coach.core.task import Recurrence, Task

FIRST = date(2026, 3, 1)
NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)


def occurrence(day: date) -> Task:
    at = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
    return Task(f"o{day}", "x", at, at, status="completed", due=day, completed=at, series_id="s")


@given(st.sets(st.integers(0, 39)))
def test_streaks_are_those_of_a_plain_count(kept: set[int]) -> None:
    """Forty days of a daily habit, the last of them yesterday."""
    series = Task("s", "x", NOW, NOW, due=date(2026, 4, 10), series_start=FIRST, recurrence=Recurrence("FREQ=DAILY"))
    found = habit_of(series, [occurrence(FIRST + timedelta(days=n)) for n in kept], NOW)
    marks = "".join("x" if n in kept else "." for n in range(40))
    assert (found.kept, found.expected) == (len(kept), 40)
    assert found.streak == len(marks) - len(marks.rstrip("x"))
    assert found.longest == max(len(run) for run in marks.split("."))


def test_today_counts_once_it_is_done() -> None:
    series = Task("s", "x", NOW, NOW, due=date(2026, 4, 11), series_start=date(2026, 4, 9), recurrence=Recurrence("FREQ=DAILY"))
    days = [date(2026, 4, 9), date(2026, 4, 10)]
    assert habit_of(series, [occurrence(d) for d in days], NOW).document() == {
        "kept": 2, "expected": 2, "rate": 1.0, "streak": 2, "longest": 2,
    }
