"""A task as a line of quick-add, edited and read back."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.core.task import Recurrence, Task
from coach.engine import tasks
from coach.engine.task_text import ignored_in, rewrite, rule_words, text_of, understood
from coach.store import tasks as store
from coach.store.db import Connection

TEXTS = (
    "Call mum tomorrow 18:00 #home p2 ~15m", "Taxes by 30 apr ~4h wait:2027-03-01",
    "Standup every weekday 9:30 for 15m", "Plain", "Pay rent 2026-12-01 @money @home", "Read start mon // chapter two",
    "Ask ~45m !30m 21 nov 9:00",
    "Plan the year until 2026-12-24 #big p1",
)


@pytest.mark.parametrize("text", TEXTS)
def test_saving_a_line_unchanged_changes_nothing(
    text: str, db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    task = tasks.add(db, text, config, now, tz)
    line = text_of(task)
    assert rewrite(db, task, line, config, now, tz, ignored_in(task, config, now, tz)) == task
    assert store.get(db, task.id) == task


def test_words_that_were_text_stay_text(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    text = "Create monthly report friday"
    spans = tasks.parse(text, config, now, tz).spans
    task = tasks.add(db, text, config, now, tz, frozenset((s.start, s.end) for s in spans))
    assert task.title == text
    line = text_of(task) + " p1"
    new = rewrite(db, task, line, config, now, tz, ignored_in(task, config, now, tz))
    assert (new.title, new.priority, new.due) == (text, 1, None)


def test_what_is_taken_out_is_cleared(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Call mum tomorrow 18:00 #home p2 ~15m @phone // hello", config, now, tz)
    new = rewrite(db, task, "Call mum", config, now, tz)
    assert (new.due, new.project, new.priority, new.estimate_min, new.tags) == (None, None, None, None, ())
    assert new.notes == "hello"


def test_one_edit_is_one_undo_step(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Call mum tomorrow #home", config, now, tz)
    rewrite(db, task, "Call dad p1 due:2026-12-01", config, now, tz)
    changed = store.get(db, task.id)
    assert changed is not None
    assert (changed.title, changed.due) == ("Call dad", date(2026, 12, 1))
    tasks.undo(db, now)
    back = store.get(db, task.id)
    assert back is not None
    assert (back.title, back.project, back.priority) == ("Call mum", "home", None)


def test_a_project_with_a_space_survives(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.update(db, tasks.add(db, "Paint", config, now, tz), now, project="big house")
    assert rewrite(db, task, text_of(task) + " p1", config, now, tz).project == "big house"


@pytest.mark.parametrize(("rule", "words"), [
    ("FREQ=DAILY", "every day"), ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH", "every 2 weeks on Mon, Thu"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every week on weekdays"),
    ("FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"),
    ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=12,22,-1", "every 3 months on the 12th, 22nd, last day"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "every month on Fri (BYMONTHDAY=13)"),
    ("FREQ=SECONDLY", "FREQ=SECONDLY"),
])
def test_rules_in_words(rule: str, words: str) -> None:
    assert rule_words(Recurrence(rule)) == words


def test_what_was_understood(config: Config, now: datetime, tz: ZoneInfo) -> None:
    draft = tasks.parse("Water plants every! 3 days ~5m @garden // the big ones", config, now, tz)
    said = dict(understood(draft, now, tz))
    assert said["recurrence"] == "every 3 days, from completion"
    assert (said["estimate"], said["tag"], said["notes"]) == ("5 min", "@garden", "with a note")


def test_what_the_line_cannot_say_is_cleared_by_a_word_at_its_end(
    db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    parent = tasks.add(db, "Garden", config, now, tz)
    task = tasks.add(db, f"Water the plants every mon !30m parent:{parent.num} // all of them", config, now, tz)

    def edited(line: str) -> Task:
        return rewrite(db, tasks.find(db, task.id), line, config, now, tz)

    line = text_of(task)
    assert edited(f"{line} notes:").notes == ""
    after = edited(f"{line} p1 recur: remind: parent:")
    assert (after.recurrence, after.series_start, after.remind, after.parent, after.priority) == (None, None, (), None, 1)
    assert (after.title, after.due) == ("Water the plants", task.due)


def test_a_title_may_end_in_a_word_that_clears(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Read my notes: // them", config, now, tz)
    assert rewrite(db, task, text_of(task), config, now, tz) == task
    assert rewrite(db, task, "Read your notes:", config, now, tz).notes == "them"


@pytest.mark.parametrize(
    ("typed", "due", "estimate"),
    [
        (" fri", date(2026, 11, 20), 15),
        (" 5pm", datetime(2026, 11, 30, 17), 15),
        (" 1h", date(2026, 11, 30), 60),
        (" 2026-12-01 for 2h", date(2026, 12, 1), 120),
        (" and dad", date(2026, 11, 30), 15),
    ],
)
def test_what_is_typed_behind_the_line_replaces_what_it_says(
    typed: str, due: date, estimate: int, db: Connection, config: Config, now: datetime, tz: ZoneInfo
) -> None:
    task = tasks.add(db, "Call mum due:2026-11-30 ~15m", config, now, tz)
    got = rewrite(db, task, text_of(task) + typed, config, now, tz)
    wanted = due.replace(tzinfo=tz) if isinstance(due, datetime) else due
    assert (got.due, got.estimate_min, got.title) == (wanted, estimate, "Call mum and dad" if "dad" in typed else "Call mum")


def test_a_reminder_at_the_due_time_says_so(config: Config, now: datetime, tz: ZoneInfo) -> None:
    said = understood(tasks.parse("Call mum tomorrow 18:00 !0m !30m", config, now, tz), now, tz)
    assert [words for kind, words in said if kind == "remind"] == ["remind at its time", "remind 30 min before"]
