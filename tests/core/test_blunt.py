"""Blunt and hurried words as plain ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.blunt import plain


@pytest.mark.parametrize(("text", "expected"), [
    ("what the hell did I do all day", "what did I do all day"),
    ("ok so what the fuck is due", "what is due"),
    ("was today shit?", "was today bad?"),
    ("who sees this shit", "who sees this stuff"),
    ("did i finish fuck all this week", "did i finish anything this week"),
    ("how long was I fucking around on reddit", "how long was I messing around on reddit"),
    ("gimme 25 min, pls", "give me 25 min, please"),
    ("shut the fuck up", "shut up"),
    ("slack slack slack. how much", "slack. how much"),
    ("screen time today, dont lie", "screen time today"),
    ("whats late", "what is late"),
    ("howd i do", "how did i do"),
])
def test_blunt_words_are_read_plainly(text, expected):
    assert plain(text) == expected


@pytest.mark.parametrize("text", [
    "how long did I work today", "and yesterday?", "ok", "so", "fuck you", "move the Manchester report to friday", "what's up",
    "is my class at nine", "what did I do on the shell", "pay the tuition by may", "it is the assessment that takes long",
])
def test_plain_words_stay(text):
    assert plain(text) == text


@given(st.text(max_size=80))
def test_something_is_left_of_anything(text):
    assert plain(text) or not text
