"""Morning and evening on a real store: each step says what is, and a choice does what it says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from coach.core.facts import FactsCard, untraceable
from coach.engine import focusing, rituals, tasks, undoing
from coach.engine.acting.proposal import Here
from coach.store import blocks


@pytest.fixture
def morning(now):
    """A working day at nine."""
    at = now.replace(hour=8, minute=0, second=0, microsecond=0)
    while at.weekday() > 3:
        at -= timedelta(days=1)
    return at


@pytest.fixture
def here(db, config, morning, tz):
    return Here(db, config, morning, tz)


def add(here, text, days=0):
    return tasks.add(here.db, text, here.config, here.now - timedelta(days=days), here.tz)


def traced(said):
    assert untraceable(FactsCard("", said.facts, (said.text,)), " ".join("123456789")) == []


def test_a_morning_moves_what_is_late_plans_the_day_and_starts_the_first_thing(here):
    late = add(here, "Pay the rent tomorrow", days=3)
    add(here, "Write the report today 17:00 ~1h")
    said = rituals.begin("morning", here)
    traced(said)
    assert "1 task from before is overdue: “Pay the rent”" in said.text
    said = rituals.answer(said.ritual, "1", here)
    assert said is not None
    traced(said)
    assert tasks.find(here.db, late.id).due == here.now.astimezone(here.tz).date()
    assert "Due today: 2 tasks" in said.text
    assert "I would plan today so:" in said.text
    said = rituals.answer(said.ritual, "accept", here)
    assert said is not None
    assert blocks.with_status(here.db, "accepted")
    assert "First: " in said.text
    said = rituals.answer(said.ritual, "yes", here)
    assert said is not None
    assert focusing.running(here.db, here.now) is not None
    assert said.ritual is None


def test_what_a_choice_did_is_one_step_to_undo(here):
    late = [add(here, f"Task {c} tomorrow", days=3) for c in "abc"]
    said = rituals.begin("morning", here)
    rituals.answer(said.ritual, "all to tomorrow", here)
    assert tasks.find(here.db, late[0].id).due != late[0].due
    undoing.undo(here.db, here.now)
    assert [tasks.find(here.db, t.id).due for t in late] == [t.due for t in late]


def test_an_evening_closes_the_day(here):
    evening = replace(here, now=here.now.replace(hour=17))
    add(here, "Write the report today 15:00")
    done = add(here, "Call mum")
    tasks.done(here.db, [done], here.now)
    running = add(here, "Tidy up")
    tasks.start(here.db, running, here.now)
    said = rituals.begin("evening", evening)
    traced(said)
    assert said.text.startswith("Today: 1 task done (“Call mum”)")
    assert "“Tidy up” is still running." in said.text
    said = rituals.answer(said.ritual, "pause it", evening)
    assert said is not None
    assert tasks.find(here.db, running.id).started is None
    assert "1 task that was due is open: “Write the report”" in said.text
    said = rituals.answer(said.ritual, "skip", evening)
    assert said is not None
    assert "What comes first" in said.text
    said = rituals.answer(said.ritual, "1", evening)
    assert said is not None
    assert said.ritual is None
    assert said.text.endswith("That was the day.")
    assert [t for t, _ in tasks.select(here.db, (), here.config, here.now, here.tz) if t.scheduled is not None]


def test_a_blank_store_has_a_short_morning_and_evening(here):
    said = rituals.begin("morning", here)
    assert said.ritual is None
    assert "There is no open task" in said.text
    assert rituals.begin("evening", here).ritual is None


def test_other_words_are_a_question_of_their_own_and_stop_ends_it(here):
    add(here, "Pay the rent tomorrow", days=3)
    said = rituals.begin("morning", here)
    assert rituals.answer(said.ritual, "how long did I work yesterday?", here) is None
    assert rituals.answer(said.ritual, "9", here) is None
    ended = rituals.answer(said.ritual, "stop", here)
    assert ended is not None
    assert ended.ritual is None


def test_many_tasks_are_counted(here):
    for n in range(8):
        add(here, f"Chore {'abcdefgh'[n]} tomorrow", days=3)
    said = rituals.begin("morning", here)
    traced(said)
    assert "8 tasks" in said.text
    assert "and 3 more" in said.text


def test_what_does_not_fit_is_offered_for_the_next_day_with_working_time(here):
    saturday = replace(here, now=here.now + timedelta(days=5 - here.now.weekday(), hours=4))
    tax = tasks.add(here.db, "Tax return by today 22:00 ~1h", here.config, saturday.now, here.tz)
    for c in "abc":
        tasks.add(here.db, f"Chore {c} today ~1h", here.config, saturday.now, here.tz)
    said = rituals.begin("morning", saturday)
    traced(said)
    assert "Good morning" not in said.text  # it is past noon
    assert "No working time is left today." in said.text
    assert "move the 3 tasks that do not fit to Monday" in said.text
    said = rituals.answer(said.ritual, "1", saturday)
    assert said is not None
    monday = saturday.now.date() + timedelta(days=2)
    moved = [t for t, _ in tasks.select(here.db, (), here.config, saturday.now, here.tz) if t.due == monday]
    assert len(moved) == 3  # the hard deadline stays
    assert tasks.find(here.db, tax.id).due == tax.due


def test_an_evening_names_tomorrow_once(here):
    evening = replace(here, now=here.now.replace(hour=17) - timedelta(days=here.now.weekday()))  # a Monday
    tasks.add(here.db, "Write the report today 23:00", here.config, evening.now, here.tz)
    said = rituals.begin("evening", evening)
    assert "1  all to tomorrow\n  2  leave them" in said.text
