"""What a yes or a no is, and what says more than that."""

import pytest

from coach.core import verdict


@pytest.mark.parametrize("text", [
    "y", "Y", "yes", "Yes please!", "do it", "ok do it", "go ahead", "yep", "sure", "please do", "sounds good",
])
def test_yes(text: str) -> None:
    assert verdict.of(text) == "yes"


@pytest.mark.parametrize("text", [
    "n", "no", "No.", "nope", "no thanks", "don't", "dont do it", "cancel", "never mind", "nvm", "leave it",
])
def test_no(text: str) -> None:
    assert verdict.of(text) == "no"


@pytest.mark.parametrize("text", [
    "", "yesterday", "yesterday I was away", "yes, but on friday", "no, move it to monday", "do it tomorrow", "now", "next",
    "noon", "do the report", "cancel the dentist", "is that right?",
])
def test_more_than_that_decides_nothing(text: str) -> None:
    assert verdict.of(text) is None
