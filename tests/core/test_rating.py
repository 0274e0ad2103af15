from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.lines import template
from coach.core.rating import FLOOR, Rated, cell_mean, mode_heard, weight, weights

LINES = ["One of “{task}”.", "Two of “{task}”.", "Three of “{task}”."]
BANK = {"overdue_one": {"neutral": LINES}}


def rated(text, *ratings, mode="neutral", situation="overdue_one"):
    return [Rated(situation, mode, text, r) for r in ratings]


def test_without_ratings_all_are_heard():
    assert set(weights(LINES, "overdue_one", "neutral", []).values()) == {1.0}
    assert mode_heard("overdue_one", "roast", [], "seed") == "roast"


def test_a_line_rated_low_is_heard_less_and_its_sisters_hardly():
    found = weights(LINES, "overdue_one", "neutral", rated("One of “tea”.", 1, 1))
    assert found[LINES[0]] == pytest.approx(((9 / 4 + 2) / 3 - 1) / 2)
    assert found[LINES[1]] == found[LINES[2]] > 0.6
    said, heard = [], Counter()
    for turn in range(300):
        line = template(BANK, "overdue_one", "neutral", said[:50], 1, f"{turn}", found)
        said.insert(0, line.replace("{task}", "tea"))
        heard[line] += 1
    assert heard[LINES[0]] < 0.7 * heard[LINES[1]]
    assert heard[LINES[0]] > 0


def test_praise_of_the_cell_does_not_silence_a_poor_line():
    praise = rated("Two of “tea”.", 5, 5, 5)
    assert weights(LINES, "overdue_one", "neutral", praise + rated("One of “tea”.", 1, 1, 1))[LINES[0]] < 1
    assert weights(LINES, "overdue_one", "neutral", praise)[LINES[1]] == 1


def test_a_cell_rated_low_gives_way_to_a_plainer_mode():
    bad = rated("Ha.", 1, 1, 1, 1, mode="roast")
    modes = Counter(mode_heard("overdue_one", "roast", bad, str(n)) for n in range(200))
    assert modes["neutral"] > 60
    assert modes["roast"] > 20
    assert mode_heard("momentum", "roast", bad, "seed") == "roast"
    worst = rated("Ha.", *[1] * 50)
    assert {mode_heard("overdue_one", "neutral", worst, str(n)) for n in range(100)} == {"neutral", "minimalist"}


@given(st.lists(st.integers(1, 5)), st.integers(1, 5))
def test_a_worse_rating_never_helps(ratings, one):
    before = cell_mean("overdue_one", "neutral", rated("x", *ratings, one))
    assert cell_mean("overdue_one", "neutral", rated("x", *ratings, 1)) <= before
    assert FLOOR <= weight(before) <= 1
