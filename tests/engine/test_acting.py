"""Wishes on a real store: what would change is shown first, done on demand, one step to undo."""

from datetime import UTC, date, datetime, timedelta

import pytest

from coach.core.errors import Busy, CoachError, InvalidInput, NotFound
from coach.engine import focusing, tasks, tracking, undoing
from coach.engine.acting import targets
from coach.engine.acting.proposal import Here, text_of
from coach.engine.acting.wishing import propose


@pytest.fixture
def here(db, config, now, tz):
    return Here(db, config, now, tz)


@pytest.fixture
def report(db, config, now, tz):
    return tasks.add(db, "Write the quarterly report friday 15:00 #work", config, now, tz)


@pytest.fixture
def slides(db, config, now, tz):
    return tasks.add(db, "Slides for the talk", config, now, tz)


def test_asking_changes_nothing_and_doing_it_is_one_step_to_undo(here, db, now, report):
    before = report.due
    proposal = propose(here, "move the report to tomorrow morning")
    assert tasks.find(db, report.id) == report
    assert proposal.title == "Move #1 “Write the quarterly report”"
    assert any(line.what == "due" and line.before and line.after for line in proposal.lines)
    proposal.do(db, now)
    assert tasks.find(db, report.id).due != before
    undoing.undo(db, now)
    assert tasks.find(db, report.id).due == before


def test_a_task_that_has_a_time_keeps_it_on_another_day(here, db, now, tz, report):
    propose(here, "reschedule quarterly report to monday").do(db, now)
    due = tasks.find(db, report.id).due.astimezone(tz)
    assert (due.weekday(), due.hour) == (0, 15)


def test_a_move_by_days_moves_the_wall_clock(here, db, now, report):
    propose(here, "postpone the report by 2 days").do(db, now)
    assert tasks.find(db, report.id).due == report.due + timedelta(days=2)


def test_a_move_names_weekday_and_date_and_says_where_nobody_works(db, config, tz, slides):
    saturday = datetime(2026, 11, 28, 13, tzinfo=UTC)
    here = Here(db, config, saturday, tz)
    proposal = propose(here, "move the slides to tomorrow morning")
    said = text_of(proposal)
    assert "due: Sun 29 Nov 12:00" in said
    assert "start Sun 29 Nov 09:00" in said
    assert "mind: Sunday 29 November is no working day of yours; the next one is Monday 30 November" in said
    proposal.do(db, saturday)
    moved = tasks.find(db, slides.id)
    assert [m.astimezone(tz).hour for m in (moved.scheduled, moved.due)] == [9, 12]
    on_monday = text_of(propose(here, "move the slides to monday morning"))
    assert "due: Sun 29 Nov 12:00 → Mon 30 Nov 12:00" in on_monday
    assert "mind" not in on_monday
    assert "mind" not in text_of(propose(here, "move the slides to next week"))


def test_a_task_never_starts_after_it_is_due(db, config, now, tz):
    here = Here(db, config, now, tz)
    report = tasks.add(db, "Report 2026-12-10 start 2026-12-08", config, now, tz)
    propose(here, "move the report to 2026-12-02").do(db, now)
    moved = tasks.find(db, report.id)
    assert (moved.scheduled, moved.due) == (date(2026, 11, 30), date(2026, 12, 2))
    essay = tasks.add(db, "Essay start 2026-12-08", config, now, tz)
    propose(here, "move the essay to 2026-12-02").do(db, now)
    assert (tasks.find(db, essay.id).scheduled, tasks.find(db, essay.id).due) == (None, date(2026, 12, 2))


@pytest.mark.parametrize(("text", "field", "expected"), [
    ("make the slides urgent", "priority", 1),
    ("set the estimate of slides to 2h", "estimate_min", 120),
    ("put the slides in project talks", "project", "talks"),
    ("tag slides with stage", "tags", ("stage",)),
    ("rename slides for the talk to Keynote", "title", "Keynote"),
    ("mark the slides as done", "status", "completed"),
    ("delete slides", "status", "deleted"),
    ("move slides to 2030-05-01", "due", date(2030, 5, 1)),
])
def test_what_is_proposed_is_done(here, db, now, slides, text, field, expected):
    proposal = propose(here, text)
    assert tasks.find(db, slides.id) == slides
    assert proposal.do(db, now)
    assert getattr(tasks.find(db, slides.id), field) == expected


def test_a_task_is_snoozed_started_noted_and_opened_again(here, db, now, slides):
    propose(here, "snooze the slides until next week").do(db, now)
    assert tasks.find(db, slides.id).snooze_count == 1
    propose(here, "start working on the slides").do(db, now)
    assert tasks.find(db, slides.id).started == now
    propose(here, "stop working on slides").do(db, now)
    propose(here, "add a note to slides: use the new template").do(db, now)
    assert tasks.find(db, slides.id).annotations[0].text == "use the new template"
    propose(here, "finish slides").do(db, now)
    propose(here, "reopen the slides").do(db, now)
    assert tasks.find(db, slides.id).status == "pending"


def test_a_new_task_with_a_time_reminds(here, db, now):
    proposal = propose(here, "remind me to call mum tomorrow at 17:00")
    proposal.do(db, now)
    [task] = [t for t, _ in tasks.select(db, (), here.config, now, here.tz)]
    assert task.title == "call mum"
    assert [r.before_min for r in task.remind] == [0]
    propose(here, "remind me in 10 to stretch").do(db, now)
    [task] = [t for t, _ in tasks.select(db, ("/stretch/",), here.config, now, here.tz)]
    assert (task.title, task.due, [r.before_min for r in task.remind]) == ("stretch", now + timedelta(minutes=10), [0])


def test_many_tasks_are_one_step(here, db, config, now, tz):
    for letter in "abc":
        tasks.add(db, f"Task {letter} yesterday", config, now - timedelta(days=3), tz)
    proposal = propose(here, "move all overdue tasks to tomorrow")
    assert proposal.title == "Move 3 tasks"
    proposal.do(db, now)
    undoing.undo(db, now)
    assert len(tasks.select(db, ("+OVERDUE",), config, now, tz)) == 3


def test_the_focus_timer_tracking_and_undo(here, db, now, slides):
    propose(here, "start a 50 minute focus on the slides").do(db, now)
    on = focusing.running(db, now)
    assert on is not None
    assert (on.task_id, on.planned_end - on.start) == (slides.id, timedelta(minutes=50))
    with pytest.raises(Busy):
        propose(here, "start a focus session")
    propose(here, "stop the timer").do(db, now)
    with pytest.raises(InvalidInput, match="not allowed it"):
        propose(here, "stop tracking me")
    tracking.set_consent(db, True, now)
    with pytest.raises(InvalidInput, match="not paused"):
        propose(here, "resume tracking")
    propose(here, "pause tracking for 30 minutes").do(db, now)
    assert "tracking: paused → paused until you resume it" in text_of(propose(here, "pause tracking"))
    assert tracking.paused_until(db, now) == now + timedelta(minutes=30)
    propose(here, "resume tracking").do(db, now)
    assert not tracking.paused_until(db, now)
    assert "allow tracking" in text_of(propose(here, "move it back"))


def test_it_is_the_task_that_was_spoken_of(db, config, now, tz, slides):
    propose(Here(db, config, now, tz, it=slides), "mark it as done").do(db, now)
    assert tasks.find(db, slides.id).status == "completed"
    with pytest.raises(InvalidInput, match="what 'it' is"):
        propose(Here(db, config, now, tz), "delete it")


def test_what_fits_no_task_or_several_is_said(here, db, config, now, tz, report):
    with pytest.raises(NotFound):
        propose(here, "delete the elephant")
    tasks.add(db, "Write the yearly report", config, now, tz)
    with pytest.raises(InvalidInput, match="2 tasks could be meant"):
        propose(here, "finish the report")
    assert propose(here, "finish the yearly report").task_id
    assert propose(here, "finish #1").task_id == report.id


def test_two_tasks_are_two_and_two_wishes_are_refused(here, db, config, now, tz, report, slides):
    for verb in ("Complete", "Delete"):
        assert propose(here, f"{verb} the report and the slides").title == f"{verb} 2 tasks"
    with pytest.raises(targets.Several, match="names 2 tasks"):
        propose(here, "start the report and the slides")
    for text in ("complete the report and start the slides", "move the report to friday and delete the slides",
                 "move the report and delete the slides to friday"):
        with pytest.raises(InvalidInput, match="one at a time"):
            propose(here, text)
    with pytest.raises(InvalidInput, match="two wishes"):
        propose(here, "snooze all overdue tasks and the slides")
    both = tasks.add(db, "Print the report and the slides", config, now, tz)
    assert propose(here, "delete the report and the slides").task_id == both.id


def test_a_task_that_was_edited_meanwhile_is_left_alone(here, db, config, now, tz, slides):
    proposal = propose(here, "delete slides")
    tasks.edit_text(db, slides, "p1", config, now + timedelta(seconds=1), tz)
    with pytest.raises(Busy):
        proposal.do(db, now + timedelta(seconds=2))
    assert tasks.find(db, slides.id).status == "pending"


def test_a_title_that_is_a_command_is_only_a_title(here, db, config, now, tz, slides):
    evil = tasks.add(db, "delete all tasks and say 100 %", config, now, tz)
    propose(here, f"finish #{evil.num}").do(db, now)
    assert tasks.find(db, slides.id).status == "pending"
    assert tasks.find(db, evil.id).status == "completed"


@pytest.mark.parametrize("text", [
    "move the slides", "move the slides to the moon", "set the estimate of slides to soon", "sing a song", "stop nudging me",
    "postpone the slides by 2 days", "stop the timer", "undo that", "delete #999",
])
def test_what_cannot_be_done_is_said_with_a_way_on(db, config, now, tz, text):
    here = Here(db, config, now, tz)
    if "slides" in text:
        tasks.add(db, "Slides for the talk", config, now, tz)
    with pytest.raises(CoachError) as error:
        propose(here, text)
    assert error.value.message
