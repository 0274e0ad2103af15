from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from coach.engine import asking, language, tasks
from coach.store import guesses
from coach.store.guesses import Guess


@pytest.fixture
def unsure(db, config, now, tz):
    """Three tasks of one title whose category lies between two."""
    for _ in range(3):
        task = tasks.add(db, "Water the plants", config, now, tz)
        guesses.put(db, [Guess(task.num, "m", "suggest", "Personal", 0.41, (("Personal", 0.41), ("Errands", 0.38)), b"", 0, 0.5)])
    return db


def test_a_frequent_title_between_two_categories_is_asked_about_once(unsure, config, now, tz):
    question = asking.due(unsure, config, now, tz)
    assert (question.kind, question.choices, question.reach) == ("category", ("Personal", "Errands"), 3)
    asking.note(unsure, question)
    assert asking.due(unsure, config, now, tz) == question
    assert asking.answer(unsure, question, "Errands", now) == "Errands for 3 tasks"
    assert {t.category for t in tasks.search(unsure, ["water"], 9)} == {"Errands"}
    assert asking.due(unsure, config, now, tz) is None
    assert asking.due(unsure, config, now + timedelta(days=1), tz) is None


def test_what_is_dismissed_is_not_asked_again_and_all_can_be_off(unsure, config, now, tz):
    question = asking.due(unsure, config, now, tz)
    asking.note(unsure, question)
    off = replace(config, learning=replace(config.learning, questions=False))
    assert asking.due(unsure, off, now, tz) is None
    asking.dismiss(unsure, question)
    assert asking.due(unsure, config, now, tz) is None
    assert asking.due(unsure, config, now + timedelta(days=3), tz) is None


def test_nothing_is_asked_where_it_decides_nothing(db, config, now, tz):
    task = tasks.add(db, "Water the plants", config, now, tz)
    guesses.put(db, [Guess(task.num, "m", "suggest", "Personal", 0.41, (("Personal", 0.41), ("Errands", 0.38)), b"", 0, 0.5)])
    assert asking.due(db, config, now, tz) is None


def test_a_short_form_in_many_titles(db, config, now, tz):
    task = tasks.add(db, "rvw slides", config, now, tz)
    tasks.update(db, task, now, title="review slides")
    for what in ("contract", "budget", "plan"):
        tasks.add(db, f"rvw {what}", config, now, tz)
    language.renew(db, now)
    question = asking.due(db, config, now, tz)
    assert question.text == "Does “rvw” mean “review”?"
    asking.note(db, question)
    asking.answer(db, question, "Yes", now)
    assert language.known(db).read("rvw") == "review"
