"""What the newer situations look at, read from a real store."""

from datetime import timedelta

import pytest

from coach.core import change
from coach.core.overload import unfit
from coach.core.situations import SITUATIONS
from coach.core.when import iso
from coach.engine import nudge_view, nudging, tasks
from coach.store import changes
from tests.engine.filled import derive, lived
from tests.engine.test_nudging import add, ago, meeting

HOUR = timedelta(hours=1)


def holds(name, seen):
    return next(s for s in SITUATIONS if s.name == name).propose(seen)


def accept(db, task, start, end, now):
    values = {"task_id": task.id, "start": iso(start), "end": iso(end), "status": "accepted", "reasons": [], "confidence": 1.0,
              "created": iso(now)}
    changes.apply(db, [change.create("block", f"b{start.timestamp()}", values)], now=now, label="plan")


def test_a_block_that_slips_until_its_task_is_touched(db, config, now, tz):
    task = add(db, config, now - HOUR * 5, tz, "Write the chapter ~60m")
    accept(db, task, ago(now, 20), now + HOUR, now - HOUR * 4)
    seen = nudging.view(db, config, now, tz)
    assert (seen.slipping.id, seen.slipping_min, seen.next_task.id) == (task.id, 20, task.id)
    assert holds("plan_slipping", seen).values == {"task": "Write the chapter", "minutes": "20 minutes"}
    tasks.start(db, task, ago(now, 1))
    assert nudging.view(db, config, now, tz).slipping is None


def test_visits_to_mail_and_switches(db, config, now, tz):
    for n in range(9):
        lived(db, ago(now, 54 - 6 * n), 3, "nvim", "main.py")
        lived(db, ago(now, 51 - 6 * n), 3, "thunderbird", "Inbox")
    derive(db, ago(now, 120), now)
    seen = nudging.view(db, config, now, tz)
    assert (seen.visits, seen.switches, seen.activity) == (9, 9, "communication")
    assert holds("inbox_loop", seen).values == {"count": "9"}


def test_back_from_a_break_with_a_running_task(db, config, now, tz):
    task = add(db, config, now - HOUR * 3, tz, "Write the chapter")
    tasks.start(db, task, now - HOUR * 2)
    lived(db, ago(now, 60), 43, "nvim", "main.py")
    lived(db, ago(now, 3), 3, "nvim", "main.py")
    derive(db, ago(now, 120), now)
    seen = nudging.view(db, config, now, tz)
    assert (seen.last_break_min, seen.since_break_min) == (pytest.approx(14), pytest.approx(3))
    assert holds("back_from_break", seen).task_id == task.id


def test_a_meeting_that_has_just_ended(db, config, now, tz):
    task = add(db, config, now - HOUR, tz, "Send the minutes")
    meeting(db, ago(now, 40), ago(now, 5))
    seen = nudging.view(db, config, now, tz)
    assert (seen.meeting_ago_min, seen.in_meeting) == (5, False)
    assert holds("meeting_over", seen).task_id == task.id


def test_tasks_of_tomorrow_and_those_that_came_back(db, config, now, tz):
    due = add(db, config, now - HOUR, tz, "Hand in the form tomorrow 15:00 ~60m")
    back = add(db, config, now - timedelta(days=3), tz, "Call the bank")
    tasks.snooze(db, [back], now - HOUR, now - timedelta(days=1))
    seen = nudging.view(db, config, now, tz)
    assert [t.id for t in seen.due_tomorrow] == [due.id]
    assert [t.id for t in seen.returned] == [back.id]


@pytest.mark.parametrize(("app", "title", "shown"), [
    ("soffice.bin", "Presenting: Quarter.odp", True), ("POWERPNT", "PowerPoint Slide Show - [Quarter]", True),
    ("zoom", "You are screen sharing", True), ("firefox", "meet.google.com is sharing your screen.", True),
    ("pdfpc", "talk.pdf", True), ("soffice.bin", "Quarter.odp - LibreOffice Impress", False), ("nvim", "presents.py", False),
])
def test_a_presentation_silences(db, config, now, tz, app, title, shown):
    lived(db, ago(now, 10), 10, app, title)
    derive(db, ago(now, 20), now)
    assert nudging.view(db, config, now, tz).presenting is shown
    silent_for = "meeting" if app == "zoom" else "presentation"
    assert nudging.silence(db, config, now, tz) == (silent_for if shown else None)


def test_a_streak_by_the_rule_of_insights(db, config, now, tz):
    for back in (3, 2, 1):
        lived(db, now - timedelta(days=back), 70, "nvim", "main.py")
    lived(db, ago(now, 75), 65, "nvim", "main.py")
    derive(db, now - timedelta(days=4), now)
    seen = nudging.view(db, config, now, tz)
    assert (seen.streak_before, seen.streak, seen.sessions) == (3, 4, 1)
    assert holds("streak_kept", seen).values == {"count": "4"}


def test_the_week_and_the_day_have_an_end(db, config, now, tz):
    task = add(db, config, now - HOUR, tz, "Done")
    tasks.done(db, [task], ago(now, 30))
    seen = nudging.view(db, config, now + HOUR * 5, tz)  # Friday, 16:00 in Berlin
    assert (seen.workday, seen.last_workday, seen.work_left_min, seen.done_week) == (True, True, 60, 1)
    assert nudging.view(db, config, now + timedelta(days=1), tz).workday is False


def test_an_hour_that_is_usually_good(db, config, now, tz):
    for back in range(1, 36):
        day = now - timedelta(days=back)
        lived(db, day, 60, "nvim", "main.py")
        for hour in (1, 2, 3):
            lived(db, day + HOUR * hour, 60, "firefox", "News", url="https://news.ycombinator.com/x")
    derive(db, now - timedelta(days=37), now)
    assert nudging.view(db, config, now, tz).best_hour
    assert not nudging.view(db, config, now + HOUR, tz).best_hour
    assert not nudging.view(db, config, now + timedelta(minutes=15), tz).best_hour


def test_what_is_due_does_not_fit(db, config, now, tz):
    for n in range(5):
        add(db, config, now - HOUR, tz, f"Big {n} tomorrow 17:00 ~5h")
    assert nudging.view(db, config, now, tz).unfit == 4  # six hours are left today, none on Saturday


def test_unfit_is_the_earliest_due_order(now):
    work = [(now, now + HOUR * 4)]
    dues = [(now + HOUR * 2, 60.0), (now + HOUR * 4, 180.0), (now + HOUR * 2, 90.0)]
    assert unfit(dues, work, [], now) == 1
    assert unfit(dues, work, [(now + HOUR, now + HOUR * 2)], now) == 2
    assert unfit([], work, [], now) == 0


def test_the_avoided_task_comes_from_its_score(db, config, now, tz, monkeypatch):
    from coach.engine import avoidance

    task = add(db, config, now - HOUR, tz, "The tax return")
    scores = iter([None, (task.id, 69.0), (task.id, 70.0), ("gone", 99.0)])
    monkeypatch.setattr(avoidance, "worst", lambda *_: next(scores))
    assert [nudge_view.view(db, config, now, tz).avoided for _ in range(4)] == [None, None, task, None]
