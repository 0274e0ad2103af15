from datetime import UTC, datetime

import pytest

from coach.core.aftermath import OUTCOMES, Aftermath, Spell, Trial, in_words, judge
from coach.core.situations import SITUATIONS

AT = datetime(2026, 11, 18, 14, tzinfo=UTC)
FORUM, CODE = "Social > Forums", "Work > Programming"


def after(*spells, **values):
    return Aftermath(FORUM, [Spell(a * 60, b * 60, c, c == CODE) for a, b, c in spells], **values)


CASES = [
    ("quick_win", after(handled_s=[3500]), after(handled_s=[3700])),
    ("overdue_pile", after(edited_s=[10]), after(edited_s=[0])),
    ("momentum", after(moved_s=[600]), after((0, 14, CODE))),
    ("goal_behind", after((0, 8, CODE), (20, 28, CODE)), after((0, 14, CODE), (61, 75, CODE))),
    ("streak_at_risk", after((0, 8, CODE), (20, 28, CODE)), after((0, 14, CODE), (61, 75, CODE))),
    ("distraction_streak", after((0, 6, FORUM), (6, 10, CODE)), after((0, 8, FORUM), (8, 30, CODE))),
    ("goal_over", after((0, 6, FORUM), (6, 30, CODE)), after((0, 12, FORUM))),
    ("break_due", after((0, 14, CODE), (20, 60, CODE)), after((0, 16, CODE), (30, 60, CODE))),
    ("break_due", after((0, 10, CODE)), after((0, 9, CODE), (10, 60, CODE))),
    ("late_night", after((0, 25, FORUM)), after((0, 32, FORUM))),
]


def trial(kind, *, tracked=True):
    return Trial("t", AT, kind, "afternoon, other", False, None, FORUM, tracked)


@pytest.mark.parametrize(("kind", "good", "bad"), CASES)
def test_outcomes(kind, good, bad):
    assert judge(trial(kind), good) is True
    assert judge(trial(kind), bad) is False


def test_every_kind_has_an_outcome_in_words():
    assert set(OUTCOMES) == {s.name for s in SITUATIONS}
    assert all(in_words(kind) for kind in OUTCOMES)
    assert in_words("unknown") == ""


def test_attention_is_not_judged_where_nobody_tracked():
    assert judge(trial("break_due", tracked=False), after()) is None
    assert judge(trial("quick_win", tracked=False), after()) is False
    assert judge(trial("unknown"), after()) is None
