"""A filter as it is typed: as one line in the app, as arguments in the shell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.filter import arguments
from coach.core.filter_words import line_words


@pytest.mark.parametrize(("given_words", "expected"), [
    (["project:home", "+phone"], ["project:home", "+phone"]),
    (["(project:home or +shop) and p1"], ["(", "project:home", "or", "+shop", ")", "and", "priority:1"]),
    (["project:home or +shop"], ["project:home", "or", "+shop"]),
    (["project:home +shop"], ["project:home", "+shop"]),
    (["not -shop"], ["not", "-shop"]),
    (["due.before:next week"], ["due.before:next week"]),
    (["bread and butter"], ["bread and butter"]),
    (["/a or b/"], ["/a or b/"]),
    (["description:'tea and milk' or +shop"], ["description:tea and milk", "or", "+shop"]),
    (["p1", "P2", "mp3", "p5"], ["priority:1", "P2", "mp3", "p5"]),
    (["(", "+a", "or", "+b)"], ["(", "+a", "or", "+b", ")"]),
])
def test_arguments(given_words: list[str], expected: list[str]) -> None:
    assert arguments(given_words) == expected


@given(st.text(st.sampled_from("ab p1+-:/()'\" \tor"), max_size=30))
def test_a_line_loses_nothing_but_quotes_and_spaces(line: str) -> None:
    lost = set("'\" \t")
    assert [c for c in "".join(line_words(line)) if c not in lost] == [c for c in line if c not in lost]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (["due < tomorrow"], ["due.before:tomorrow"]),
        (["due", "<=", "fri"], ["due.by:fri"]),
        (["due<fri", "+phone"], ["due.before:fri", "+phone"]),
        (["project = home and pri != H"], ["project:home", "and", "pri.not:H"]),
        (["due >= today and due < today+7d"], ["(", "due.any:", "!", "due.before:today", ")", "and", "due.before:today+7d"]),
        (["description ~ milk"], ["description.has:milk"]),
        (["!(project:home)", "+a"], ["!", "(", "project:home", ")", "+a"]),
        (["a<b", "x = y"], ["a<b", "x = y"]),
        (["/due < fri/"], ["/due < fri/"]),
    ],
)
def test_operators_of_taskwarrior_are_modifiers(typed: list[str], read: list[str]):
    assert arguments(typed) == read
