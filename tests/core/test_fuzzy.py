"""Finding by letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.fuzzy import places, score

LETTERS = st.text("abc 日é[", max_size=12)


@pytest.mark.parametrize(("word", "text"), [
    ("call", "call mum"), ("mum", "call mum"), ("bktrtik", "book [train] tickets"), ("all", "call mum"),
    ("cmum", "call mum"), ("日本", "learn 日本語"),
])
def test_what_is_found(word: str, text: str) -> None:
    assert score(word, text) > 0


@pytest.mark.parametrize(("word", "text"), [
    ("cm", "call mum"),  # two letters must stand together
    ("mumc", "call mum"), ("calls", "call mum"), ("abc", "a very long way between these: b and then at last c"),
])
def test_what_is_not(word: str, text: str) -> None:
    assert score(word, text) == 0
    assert places(word, text) == []


def test_the_better_fit_comes_first() -> None:
    texts = ["the invoice", "tax invoice for the car", "invoice", "reinvoice", "in vodka i cease", "in a voice"]
    assert sorted(texts, key=lambda text: -score("invoice", text)) == [
        "invoice", "the invoice", "tax invoice for the car", "reinvoice", "in a voice", "in vodka i cease",
    ]


@given(LETTERS.filter(bool), LETTERS)
def test_what_has_a_score_has_places_that_spell_it(word: str, text: str) -> None:
    found = places(word, text)
    assert bool(found) == (score(word, text) > 0)
    assert found == sorted(set(found))
    assert not found or "".join(text[at] for at in found) == word


@given(LETTERS.filter(bool), LETTERS, LETTERS)
def test_a_word_is_found_where_it_stands(word: str, before: str, after: str) -> None:
    assert score(word, before + word + after) >= 90
