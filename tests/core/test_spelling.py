"""Slips are put right, words are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.spelling import GAP, SWAP, Spelling, distance

WORDS = {
    "what": 90, "how": 80, "time": 50, "task": 40, "tasks": 30, "focus": 30, "week": 20, "which": 20, "with": 10, "overdue": 5,
    "snooze": 5, "the": 99, "did": 60, "start": 9, "least": 4, "last": 12, "list": 8,
}
SPELLING = Spelling(WORDS)


@pytest.mark.parametrize(("slip", "meant"), [
    ("waht", "what"), ("hwo", "how"), ("tiem", "time"), ("foucs", "focus"), ("wek", "week"), ("wich", "which"),
    ("ovedrue", "overdue"), ("snoze", "snooze"), ("strat", "start"), ("leats", "least"), ("lst", "last"),
])
def test_a_slip_is_put_right(slip: str, meant: str) -> None:
    assert SPELLING.text(f"the {slip} did") == f"the {meant} did"


def test_names_numbers_and_own_words_are_left_alone() -> None:
    assert SPELLING.text("how long in Wek and wek.com and @wek and #wek") == "how long in Wek and wek.com and @wek and #wek"
    assert SPELLING.text("what about wek", kept={"wek"}) == "what about wek"
    assert SPELLING.text("qwertyuiop zx 12") == "qwertyuiop zx 12"


@given(st.text("abcdef", min_size=1, max_size=8), st.text("abcdef", min_size=1, max_size=8))
def test_the_distance_is_zero_only_for_the_same_word_and_the_same_both_ways_but_for_doubles(a: str, b: str) -> None:
    assert (distance(a, b, 99) == 0) == (a == b)
    assert abs(distance(a, b, 99) - distance(b, a, 99)) <= (len(a) + len(b)) * (GAP - 0.7)


def test_swapped_letters_cost_least() -> None:
    assert distance("tiem", "time", 9) == pytest.approx(SWAP)
    assert distance("wek", "week", 9) < distance("wek", "wekk", 9) + 1


@given(st.text(max_size=60))
def test_any_text_comes_through(text: str) -> None:
    assert len(SPELLING.text(text).split()) == len(text.split())
