"""What a question may lean on: the answer before it, and what was offered when it was not understood."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from coach.config import Config, LanguageModelConfig
from coach.engine import chat, tasks
from coach.engine.chat import Piece, State
from coach.engine.models import Models, Understood
from coach.store.db import Connection
from tests.engine import filled
from tests.engine.filled import BERLIN, NOW

QUIET = Config(language_model=LanguageModelConfig(enabled=False))


@pytest.fixture(scope="module")
def models() -> Iterator[Models]:
    held = Models(QUIET)
    yield held
    held.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    db, _ = filled.empty_store(Path(tmp_path_factory.mktemp("follow")))
    filled.fortnight(db)
    for text in ("Write the quarterly report tomorrow p1 ~2h", "Call the dentist @call ~10m", "Pay rent 2026-11-16"):
        tasks.add(db, text, QUIET, NOW, BERLIN)
    yield db
    db.close()


def ask(db: Connection, question: str, models: Models, state: State | None = None) -> list[Piece]:
    return list(chat.answer(db, question, config=QUIET, now=NOW, tz=BERLIN, models=models, state=state, with_tone=False))


class Unsure(Models):
    """Never sure, and near to two intents."""

    def understand(self, question: str) -> Understood:
        return Understood(None, ("tasks_due", "tasks_open"), "router", 0.5)


def test_an_offered_question_can_be_picked(store: Connection) -> None:
    unsure = Unsure(QUIET)
    first = ask(store, "stuff for tomorrow maybe", unsure)
    assert first[0].text.startswith("I am not sure what you ask. Did you mean:\n• 1 What is due this week?\n• 2 How many open")
    assert (first[-1].abstained, [p.fact.value for p in first if p.fact]) == (True, [1, 2])
    for words in ("1", "the first", "the first one please", "I mean the first", "and the first one?"):
        picked = ask(store, words, unsure, first[-1].state)
        assert (picked[-1].intent, picked[-1].source) == ("tasks_due", "choice"), words
        assert "due tomorrow" in picked[0].text, "the period is that of the question itself"
    assert ask(store, "2", unsure, first[-1].state)[-1].intent == "tasks_open"
    assert ask(store, "the third", unsure, first[-1].state)[-1].intent is None


def test_what_is_far_from_all_offers_nothing(store: Connection, models: Models) -> None:
    found = ask(store, "who painted the Mona Lisa", models)
    assert found[-1].intent is None
    assert found[-1].state is None


@pytest.mark.parametrize(("first", "then", "intent"), [
    ("what should I do next?", "why?", "why_task"), ("How focused was I yesterday?", "and why?", "distractions"),
    ("how long was I in Slack today?", "same, but last week", "time_in_app"),
    ("how long was I in Slack today?", "in firefox", "time_in_app"),
    ("did I work more than last week?", "and in Slack?", "compare_periods"),
    ("tell me about task 1", "and the dentist?", "task_detail"),
    ("tell me about task 1", "what about call the dentist", "task_detail"),
])
def test_follow_ups(store: Connection, models: Models, first: str, then: str, intent: str) -> None:
    state = ask(store, first, models)[-1].state
    found = ask(store, then, models, state)
    assert (found[-1].intent, found[-1].source) == (intent, "follow-up")


def test_a_follow_up_about_another_task_is_about_that_one(store: Connection, models: Models) -> None:
    state = ask(store, "tell me about task 1", models)[-1].state
    assert "“Call the dentist”" in ask(store, "and the dentist?", models, state)[0].text


def test_why_without_reasons_says_what_the_answer_stands_on(store: Connection, models: Models) -> None:
    state = ask(store, "how long was I in Slack today?", models)[-1].state
    found = ask(store, "how do you know that?", models, state)
    assert "recorded timeline" in found[0].text
    assert found[-1].state == state, "the next follow-up leans on the answer before"


@pytest.mark.parametrize(("first", "then", "intent"), [
    ("how was my focus yesterday", "and last week", "focus_score"), ("how was my focus yesterday", "last week?", "focus_score"),
    ("what should I do next", "and last week", "next_task"), ("how long was I in nvim yesterday", "and last week", "time_in_app"),
])
def test_after_a_why_another_period_is_of_the_first_question(
    store: Connection, models: Models, first: str, then: str, intent: str
) -> None:
    said = ask(store, first, models)
    why = ask(store, "why?", models, said[-1].state)
    again = ask(store, "how come", models, why[-1].state)
    for before in (why, again):
        assert ask(store, then, models, before[-1].state)[-1].intent == intent


def test_how_long_somebody_is_at_it_is_said_while_they_are_and_from_the_last_gap(tmp_path: Path, models: Models) -> None:
    db, _ = filled.empty_store(tmp_path)
    for hour, minutes in ((9, 120), (14, 80)):
        filled.lived(db, filled.at(filled.TODAY, hour), minutes, "nvim")
    filled.derive(db, filled.at(filled.TODAY, 0), NOW)
    said = {
        late: next(chat.answer(db, "did I take breaks today?", config=QUIET, now=NOW + timedelta(minutes=late), tz=BERLIN,
                               models=models, with_tone=False)).text for late in (0, 30)}
    assert said[0].endswith("You took no breaks today. A break is a gap of five minutes to an hour. "
                            "You have been at it for 1 h 20 min without one.")
    assert "at it" not in said[30]
    db.close()


def test_another_language_is_said_to_be_unknown(store: Connection, models: Models) -> None:
    found = ask(store, "Wie lange habe ich heute gearbeitet?", models)
    assert (found[-1].intent, "only understand questions in English" in found[0].text) == (None, True)


def test_of_a_long_question_the_beginning_is_read_and_that_is_said(store: Connection, models: Models) -> None:
    found = ask(store, "how long did I work yesterday? " + "and so on " * 500, models)
    assert "I read its first 400 characters" in found[0].text


def test_slips_are_read_as_they_are_meant(store: Connection, models: Models) -> None:
    assert ask(store, "hwo long wsa i in slack yestrday", models)[-1].intent == "time_in_app"
    assert ask(store, "waht is ovedrue", models)[-1].intent == "tasks_overdue"


def test_the_state_names_what_was_asked(store: Connection, models: Models) -> None:
    state = ask(store, "how long was I in Slack today?", models)[-1].state
    assert state is not None
    assert replace(state, names=(), period=None) == State("time_in_app")


def test_a_comparison_stays_one_with_the_same_week(store: Connection, models: Models) -> None:
    state = ask(store, "did I work more than last week?", models)[-1].state
    assert "this week" in ask(store, "and in Slack?", models, state)[0].text


def test_the_same_words_again_are_understood_the_same(store: Connection, models: Models) -> None:
    long = (
        "Listen, I have thought about it for a while and it is driving me mad, so please tell me that one thing:"
        " how crap was my focus this week"
    )
    state = None
    for question in (long, "how long was I in Firefox yesterday?", "and the day before yesterday?"):
        first = ask(store, question, models, state)
        again = ask(store, question, models, first[-1].state)
        third = ask(store, question.upper(), models, again[-1].state)
        assert [a[-1].intent for a in (again, third)] == [first[-1].intent] * 2
        assert [a[0].text for a in (again, third)] == [first[0].text] * 2
        state = first[-1].state


@pytest.mark.parametrize(("question", "intent"), [
    ("how long did I work today? " * 40, "time_total"),
    ("how long did I work today " * 12, "time_total"),
    ("So my boss called and asked for the numbers. Then lunch was late. How focused was I yesterday?", "focus_score"),
])
def test_a_question_is_found_in_a_long_text(store: Connection, models: Models, question: str, intent: str) -> None:
    assert ask(store, question, models)[-1].intent == intent
