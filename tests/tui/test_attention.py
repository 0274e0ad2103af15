"""What a toast says of a nudge."""

import textwrap

import pytest

from coach.tui.attention import WIDTH, brief

DIGEST = (
    "Your week from 23 November to 29 November: 37 h 39 min active on 6 days, 7 h 37 min of it in focus categories. Focus 0.29"
    " from 49 hours, 0.33 the week before. Most time: Forums 6 h 36 min, Programming 6 h 09 min and Video 5 h 13 min. 23 tasks"
    " done, 18 the week before; the median one took 1.00 times its estimate (n = 14)."
)


@pytest.mark.parametrize("height", [24, 30, 40])
def test_a_digest_leaves_a_small_screen_to_the_rest(height):
    said, whole = brief(DIGEST, height)
    assert not whole
    assert len(textwrap.wrap(said, WIDTH)) <= height // 8
    assert DIGEST.startswith(said)
    assert said.endswith(".")


def test_a_line_that_fits_is_said_whole():
    assert brief("A break is due.", 24) == ("A break is due.", True)
    assert brief(DIGEST, 80) == (DIGEST, True)


def test_a_sentence_that_does_not_fit_is_cut():
    said, whole = brief("word " * 200, 24)
    assert not whole
    assert said.endswith(" …")
    assert len(textwrap.wrap(said, WIDTH)) <= 3
