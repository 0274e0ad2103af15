"""Which words ask for help, which are beyond what a coach of tasks may answer, and which are neither."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from coach.config import shipped
from coach.core import care, coaching, decency
from coach.core.advice import Case
from coach.core.coaching import Coached
from coach.ml import intents

LONG = Case(120, 9, 2, False, False, 0.0, "")


@pytest.mark.parametrize(("text", "need"), [
    ("I feel stuck", "stuck"), ("im so stuck", "stuck"), ("I’m stuck on the report", "stuck"), ("I don't know how to go on",
    "stuck"),
    ("how do I start with the report?", "start"), ("Help me get started on the slides", "start"), ("I can't get started",
    "start"),
    ("motivate me", "motivation"), ("I don't feel like working", "motivation"), ("give me a little push", "motivation"),
    ("I keep putting this off", "putting off"), ("i'm procrastinating again", "putting off"),
    ("I can't bring myself to call them", "putting off"), ("I am overwhelmed", "overwhelmed"), ("it's all too much",
    "overwhelmed"),
    ("I have too much to do", "overwhelmed"), ("I don't know where to start", "overwhelmed"), ("I can't focus", "distracted"),
    ("why is everything so hard", "overwhelmed"), ("everything is going wrong today", "overwhelmed"),
    ("I hate this report", "putting off"), ("what's the point", "motivation"), ("ugh", "motivation"),
    ("what the fuck is the point of all this", "motivation"), ("i dont know where to fucking start", "overwhelmed"),
    ("should I take a break?", "break"), ("I'm exhausted", "tired"), ("ugh, I need a break", "tired"),
])
def test_help_is_heard(text: str, need: str) -> None:
    assert coaching.need(text) == need
    assert care.matter(text) is None


@pytest.mark.parametrize("text", [
    "what should I do next?", "what am I avoiding", "what do I keep putting off", "am I procrastinating",
    "how do I start a focus session?",
    "how do I start the timer", "move the report to tomorrow", "how long did I focus yesterday",
    "how many breaks did I take today",
    "start the report", "put off the report", "I have too many credit cards", "kill the process", "add call the doctor",
    "add talk about suicide prevention", "what is due on my dead line list", "i hate this fucking app",
    "make the nudges disappear", "I can't go on holiday before this is done", "",
    "снова", "🙂",
])
def test_what_is_no_call_for_help_is_left_alone(text: str) -> None:
    assert coaching.need(text) is None
    assert care.matter(text) is None


def test_of_all_that_the_router_answers_only_starting_and_breaks_are_taken() -> None:
    known = intents.phrases(shipped("data", "intents.toml"), shipped("data", "out_of_scope.toml"), each=1)
    taken = {(p.intent, p.text) for p in known if p.intent is not None and coaching.need(p.text)}
    assert {intent for intent, _ in taken} <= {"breaks", "advice", "next_task"}
    assert len(taken) <= 5
    assert not [p.text for p in known if p.intent is not None and care.matter(p.text)]


@pytest.mark.parametrize("text", [
    "I want to die", "what's the point of living", "i hate this life", "i want to disappear",
    "i want to kill myself", "I’m thinking about suicide", "I feel suicidal", "I can't go on",
    "I don't want to live anymore",
    "there is no reason to live", "I want to hurt myself", "everyone would be better off without me", "I hate myself",
    "remind me to kill myself", "my boss is threatening me", "I want to fucking die", "what the fuck is the point of living",
    "whats the point of living", "i hate this shit life", "cant go on anymore",
])
def test_a_crisis_is_heard(text: str) -> None:
    assert care.matter(text) == "crisis"


@pytest.mark.parametrize("text", [
    "I feel depressed", "am I burnt out?", "do I have ADHD?", "I think I have depression", "should I take my pills",
    "I can't sleep",
    "I have chest pain", "my back is killing me",
    "how much ibuprofen can I take", "should I see a therapist", "I'm having a panic attack",
])
def test_health_is_heard(text: str) -> None:
    assert care.matter(text) == "health"


@pytest.mark.parametrize("text", [
    "kill me", "please kill me", "just kill me now", "lol kill me", "shoot me", "put me out of my misery",
])
def test_what_may_be_a_figure_of_speech_is_taken_for_a_cry_and_offers_the_other_way(text: str) -> None:
    assert care.matter(text) == "doubt"
    assert "overwhelmed" in " ".join(care.ANSWERS["doubt"])


@pytest.mark.parametrize("text", ["my boss will kill me if I miss this", "kill the report", "this meeting is killing me"])
def test_what_nobody_means_is_no_cry(text: str) -> None:
    assert care.matter(text) is None


@pytest.mark.parametrize("text", [
    "My boss will kill me if I am late. I'm done living", "kill me. My boss will kill me if I miss this",
    "she would kill me for that, please put me out of my misery",
])
def test_a_figure_of_speech_takes_back_no_cry_beside_it(text: str) -> None:
    assert care.matter(text) == "doubt"


def test_what_is_said_there_is_short_and_names_people_not_numbers() -> None:
    for sentences in care.ANSWERS.values():
        said = " ".join(sentences)
        assert "no help" in said or "not the one who can help" in said
        assert "emergency number" in said
        assert not any(c.isdigit() for c in said)
        assert len(said) < 260


def test_what_coach_opens_with_may_be_said() -> None:
    for opening in coaching.OPENINGS.values():
        assert decency.objections(opening) == []
        assert decency.claims(opening) == []


# Steps

def test_a_step_is_offered_once_and_then_there_is_none() -> None:
    offered: list[str] = []
    while (step := coaching.step("putting off", LONG, (), offered, "seed", 0.0)) is not None:
        offered.append(step.action)
    assert sorted(offered) == ["split", "timebox", "two minutes"]


def test_what_helped_is_offered_first() -> None:
    results = [("two minutes", True)] * 40 + [("timebox", False)] * 40 + [("split", False)] * 40
    first = [step.action for n in range(20) if (step := coaching.step("stuck", LONG, results, (), str(n), 0.0))]
    assert first.count("two minutes") == 20


def test_a_break_that_is_due_comes_first() -> None:
    due = coaching.step("stuck", LONG, (), (), "", coaching.LONG_S)
    tired = coaching.step("tired", LONG, (), (), "", 0.0)
    again = coaching.step("tired", LONG, (), (coaching.BREAK,), "", 0.0)
    assert due is not None
    assert tired is not None
    assert again is not None
    assert (due.action, tired.action) == (coaching.BREAK, coaching.BREAK)
    assert again.action != coaching.BREAK


def test_a_conversation_remembers_the_last_turns_only() -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    held = Coached("stuck", "a", "", (), (), at)
    for n in range(20):
        held = held.then("stuck", "a", f"step {n}", at)
    assert len(held.turns) == coaching.LAST
    assert len(held.offered) == 20
    assert held.then("start", "a", "timebox", at).offered == ("timebox",)
