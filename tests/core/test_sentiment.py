import pytest

from coach.core.sentiment import sentiment
from coach.engine.voices import bank


@pytest.mark.parametrize(("text", "sign"), [
    ("That is good going.", 1), ("“{task}” is late, stuck and overdue.", -1), ("Nothing is lost.", 1), ("Not good.", -1),
    ("The list has a place.", 0), ("", 0), ("{task}", 0),
])
def test_signs(text, sign):
    found = sentiment(text)
    assert -1 <= found <= 1
    assert (found > 0) - (found < 0) == sign


def test_encouragement_is_warmer_than_roast_and_wins_than_trouble():
    def mean(lines):
        found = [sentiment(text) for text in lines]
        return sum(found) / len(found)

    def of(mode, *situations):
        return mean([t for s in (situations or bank()) for t in bank()[s][mode]])

    assert of("encouragement") > of("neutral")
    assert of("encouragement") > of("roast")
    trouble = of("encouragement", "overdue_pile", "distraction_streak")
    assert of("encouragement", "first_win", "momentum", "deep_work_done") > trouble
