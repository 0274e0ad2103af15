from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.nudge import Nudge
from coach.core.reminder import due_reminders, reminder_at
from coach.core.task import Reminder, Task
from coach.engine import nudging, reminders, tasks
from coach.store.db import Connection

CONFIG = Config()


class Heard(list[str]):
    def __call__(self, nudge: Nudge) -> str:
        self.append(nudge.text)
        return "toast"


def add(db: Connection, text: str, now: datetime, tz: ZoneInfo) -> Task:
    return tasks.add(db, text, CONFIG, now, tz)


@pytest.mark.parametrize(("words", "expected"), [
    ("30m before", Reminder(before_min=30)),
    ("!30m", Reminder(before_min=30)),
    ("1h30 before", Reminder(before_min=90)),
    ("2h", Reminder(at=datetime(2026, 11, 20, 12, tzinfo=UTC))),
    ("tomorrow 9am", Reminder(at=datetime(2026, 11, 21, 8, tzinfo=UTC))),
])
def test_words(words: str, expected: Reminder, db: Connection, now: datetime, tz: ZoneInfo) -> None:
    task = add(db, "Call mum tomorrow 18:00", now, tz)
    assert reminders.remind(db, task, words, CONFIG, now, tz).remind == (expected,)
    again = reminders.remind(db, tasks.find(db, "1"), words, CONFIG, now, tz)
    assert again.remind == (expected,)
    assert reminders.remind(db, again, "none", CONFIG, now, tz).remind == ()


@pytest.mark.parametrize("words", ["someday", "yesterday", "purple before", "30m before"])
def test_words_that_mean_nothing(words: str, db: Connection, now: datetime, tz: ZoneInfo) -> None:
    with pytest.raises(InvalidInput):
        reminders.remind(db, add(db, "Without a date", now, tz), words, CONFIG, now, tz)


def test_when(now: datetime) -> None:
    task = Task("a", "x", now, now, time_zone="Europe/Berlin", due=date(2026, 11, 21))
    assert reminder_at(task, Reminder(before_min=30)) == datetime(2026, 11, 21, 7, 30, tzinfo=UTC)
    assert reminder_at(Task("a", "x", now, now), Reminder(before_min=30)) is None
    edges = Task("b", "x", now, now, remind=(Reminder(at=now), Reminder(at=now - timedelta(hours=1))))
    found = due_reminders([edges], now - timedelta(hours=1), now)
    assert [r.at for r in found] == [now]
    closed = Task("c", "x", now, now, status="completed", remind=(Reminder(at=now),))
    assert due_reminders([closed], now - timedelta(hours=1), now) == []


def test_each_is_given_once_and_late_ones_say_so(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "Call mum due:2026-11-20T12:00 !30m", now, tz)  # 11:30 in Berlin, half an hour after now
    add(db, "Closed due:2026-11-20T12:00 !30m", now, tz)
    tasks.done(db, [tasks.find(db, "2")], now)
    heard = Heard()
    assert reminders.tick(db, CONFIG, now, tz, heard) == []
    due = now + timedelta(minutes=31)
    (said,) = reminders.tick(db, CONFIG, due, tz, heard)
    assert (said.situation, said.status, said.channel) == ("reminder", "shown", "toast")
    assert heard == ["Call mum · due 12:00"]
    assert reminders.tick(db, CONFIG, due, tz, heard) == []
    add(db, "Overslept !2026-11-20T13:00", now, tz)
    (late,) = reminders.tick(db, CONFIG, now + timedelta(hours=8), tz, heard)
    assert late.text == "Overslept · reminder of Fri 20 Nov 13:00"
    add(db, "Forgotten !2026-11-20T19:00", now, tz)
    assert reminders.tick(db, CONFIG, now + timedelta(days=3), tz, heard) == []


def test_a_reminder_counts_against_no_cap(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "Late report due:2026-11-18 p1 !2026-11-20T10:59", now - timedelta(days=5), tz)
    heard = Heard()
    assert len(reminders.tick(db, CONFIG, now, tz, heard)) == 1
    assert nudging.silence(db, CONFIG, now, tz) is None


def test_its_buttons_work(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "Call mum !2026-11-20T10:59", now, tz)
    (said,) = reminders.tick(db, CONFIG, now, tz, Heard())
    nudging.act(db, said.id, "done", now, CONFIG)
    assert tasks.find(db, "1").status == "completed"


def test_a_series_reminds_of_each_occurrence(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    add(db, "Gym every day 11:30 !30m", now, tz)
    heard = Heard()
    for day in range(3):
        at = now + timedelta(days=day, minutes=1)
        assert len(reminders.tick(db, CONFIG, at, tz, heard)) == 1
        tasks.done(db, [tasks.find(db, "1")], at)
    assert len(heard) == 3
