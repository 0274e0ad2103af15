from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core import language
from coach.core.abbreviation import abbreviates, pairs_in, words_of
from coach.core.language import Language, Sighting, Titled, Verdict


@pytest.mark.parametrize(("short", "long", "stands"), [
    ("mtg", "meeting", True), ("w/", "with", True), ("PR", "pull request", True), ("k8s", "kubernetes", True),
    ("qrep", "quarterly report", True), ("k7s", "kubernetes", False), ("plan", "planning", True), ("report", "reports", False),
    ("review", "reviewing", False), ("dentist", "doctor", False), ("gtm", "meeting", False), ("pr", "pr", False),
    ("", "a", False),
])
def test_which_letters_stand_for_which_words(short, long, stands):
    assert abbreviates(short, long) is stands


@pytest.mark.parametrize(("text", "pairs"), [
    ("Open a pull request (PR) today", [("PR", "pull request")]),
    ("SLA (service level agreement) for Halden", [("SLA", "service level agreement")]),
    ("Call Anke (urgent)", []), ("Room (4)", []), ("()", []), ("(PR)", []),
    ("Heat shock transcription factor (HSF) notes", [("HSF", "Heat shock transcription factor")]),
])
def test_pairs_that_a_text_explains(text, pairs):
    assert list(pairs_in(text)) == pairs


def test_an_edit_says_what_short_forms_mean():
    found = {(s.short, s.long) for s in language.of_edit("mtg w/ atl's team", "meeting with atlas's team", "1")}
    assert found == {("mtg", "meeting"), ("w/", "with"), ("atl", "atlas")}
    assert not list(language.of_edit("Fix the roof", "Repair the roof", "1"))
    assert not list(language.of_edit("Refactor it", "Refactoring it", "1"))


def test_the_posterior_asks_for_two_and_for_more_where_some_disagree():
    p = {(s, f): language.posterior(s, f, language.WORDS_PRIOR) for s in range(5) for f in range(3)}
    assert p[1, 0] < language.CERTAIN < p[2, 0]
    assert p[3, 1] < language.CERTAIN < p[4, 1]


def test_words_of_the_language_and_clashes_are_not_applied():
    seen = [Sighting("plan", "planning", "edit", str(n)) for n in range(4)]
    assert language.learnt(seen, (), lambda word: word == "plan")[0].state == "offered"
    clash = [Sighting("ch", "chapter", "edit", str(n)) for n in range(2)] + [Sighting("ch", "Chidi", "edit", "9")]
    assert [e.state for e in language.learnt(clash)] == ["offered"]


def test_one_task_counts_once():
    assert language.learnt([Sighting("mtg", "meeting", "edit", "1")] * 9)[0].support == 1


def test_places_alone_are_offered():
    titles = [Titled(str(n), t) for n, t in enumerate(
        ["Budget mtg with Anke", "Budget meeting with Bob", "Budget mtg with Carmen", "Retro mtg with Bob", "Retro meeting"])]
    found = language.learnt(language.of_context(titles, lambda word: word in ("with", "budget", "retro", "x", "y")))
    assert [(e.short, e.long, e.state) for e in found if e.short == "mtg"] == [("mtg", "meeting", "offered")]


def test_a_source_that_this_person_refuses_is_not_applied_any_more():
    assert language.silent_precision("edit") >= language.PRECISE
    refused = [Verdict(f"s{n}", "x", "words", False, "edit") for n in range(8)]
    assert language.silent_precision("edit", refused) < language.PRECISE
    seen = [Sighting("mtg", "meeting", "edit", str(n)) for n in range(4)]
    assert [e.state for e in language.learnt(seen, refused) if e.short == "mtg"] == ["offered"]


def test_other_ways_to_look_for_words():
    known = Language({"mtg": "meeting", "pr": "pull request"}, {"meeting": ("mtg",), "pull request": ("pr",)})
    assert known.ways(["mtg", "bob"]) == [("meeting", "bob")]
    assert known.ways(["pull", "request"]) == [("pr",)]
    assert known.ways(["roof"]) == []


@given(st.text(max_size=40))
def test_reading_changes_only_known_words(text):
    known = Language({"mtg": "meeting"}, {})
    if all(text[a:b].casefold() != "mtg" for a, b in words_of(text)):
        assert known.read(text) == text
    assert language.NOTHING.read(text) == text


@given(st.lists(st.text("abcw/ ()'", max_size=12), min_size=2, max_size=2))
def test_no_edit_breaks_it(texts):
    for one in language.of_edit(*texts, "1"):
        assert abbreviates(one.short, one.long)
