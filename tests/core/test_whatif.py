"""What-ifs in plain words."""

from __future__ import annotations

import pytest

from coach.core.errors import InvalidInput
from coach.core.whatif import ALL_OF_IT, Change, parse


@pytest.mark.parametrize(("text", "words", "minutes"), [
    ("less social media 1h", "social media", -60),
    ("1h30 less youtube", "youtube", -90),
    ("what if I spent half an hour less on news?", "news", -30),
    ("30 min more focus a day", "focus", 30),
    ("-45 min chat", "chat", -45),
    ("+1h deep work", "deep work", 60),
    ("7h less games a week", "games", -60),
    ("no reddit.com", "reddit.com", ALL_OF_IT),
    ("without Entertainment > Games", "Entertainment > Games", ALL_OF_IT),
])
def test_words_are_read(text: str, words: str, minutes: int) -> None:
    assert parse(text) == Change(words, minutes)


@pytest.mark.parametrize(("text", "missing"), [
    ("less social media", "how much"), ("1h social media", "more or less"), ("1h less", "of what"), ("", "how much"),
    ("more or less news 1h", "more or less"), ("less news 30h", "cannot be asked"), ("less news 0 min", "cannot be asked"),
])
def test_what_is_missing_is_named(text: str, missing: str) -> None:
    with pytest.raises(InvalidInput, match=missing):
        parse(text)
