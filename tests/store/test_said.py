from dataclasses import asdict
from datetime import timedelta

import pytest

from coach.core.errors import InvalidInput
from coach.core.nudge import Nudge
from coach.core.when import iso
from coach.store import nudges, said, whole


def test_opinions_are_read_newest_first(db, now):
    given = [("a", 5, None), ("b", None, False), ("c", None, True), ("d", None, None), ("e", 1, True)]
    for day, (name, rating, useful) in enumerate(given):
        nudges.insert(db, Nudge(name, now + timedelta(days=day), "late_night", "roast", "coach", "bank", name, sentiment=0.5))
        if rating:
            nudges.rate(db, name, rating)
        if useful is not None:
            nudges.judge(db, name, useful)
    assert [(r.text, r.rating) for r in said.rated(db)] == [("e", 1), ("c", 4), ("b", 2), ("a", 5)]
    assert nudges.get(db, "a").sentiment == 0.5


def test_a_sentiment_is_a_number_in_what_is_brought_in(now):
    row = asdict(Nudge("a", now, "late_night", "roast", "coach", "bank", "Late.", sentiment=-0.5)) | {"at": iso(now), "asked": 0}
    whole.check("nudge", row, "here")
    with pytest.raises(InvalidInput, match=r"nudge\.sentiment is no number"):
        whole.check("nudge", row | {"sentiment": "low"}, "here")
