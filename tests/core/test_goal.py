"""Goals from plain words, and how they stand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.errors import InvalidInput
from coach.core.goal import Goal, Standing, Wanted, history, parse, period_of

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(("text", "wanted"), [
    ("at most 30 min news a day", ("at_most", 30, "news", "day")),
    ("at most 30 min of news a day", ("at_most", 30, "news", "day")),
    ("at least 2h deep work per day", ("at_least", 120, "deep work", "day")),
    ("max 1h youtube a week", ("at_most", 60, "youtube", "week")),
    ("no more than 1h30 Social > Forums every day", ("at_most", 90, "Social > Forums", "day")),
    ("not less than 1 hour 15 minutes on #thesis weekly", ("at_least", 75, "#thesis", "week")),
    ("under half an hour slack/day", ("at_most", 30, "slack", "day")),
    ("less than an hour on reddit.com per week", ("at_most", 60, "reddit.com", "week")),
    ("minimum 45 minutes reading each day", ("at_least", 45, "reading", "day")),
    ("news max 20m", ("at_most", 20, "news", "day")),
    ("spend at least 1.5h in Work > Writing daily", ("at_least", 90, "Work > Writing", "day")),
    ("<= 8h tracked time a day", ("at_most", 480, "tracked time", "day")),
    ("over 10 hours of focus a week", ("at_least", 600, "focus", "week")),
    ("limit games to 40 min", ("at_most", 40, "games", "day")),
])
def test_words(text: str, wanted: tuple[str, int, str, str]) -> None:
    found = parse(text)
    assert (found.bound, found.minutes, found.words, found.period) == wanted


@pytest.mark.parametrize(("text", "missing"), [
    ("30 min news a day", "limit or an aim"), ("at most news a day", "how long"), ("at most 30 min a day", "of what"),
    ("at least 0 min news", "fit"), ("at least 30h news a day", "fit"), ("", "limit or an aim"), ("at most 30 min of", "of what"),
])
def test_what_is_missing_is_named(text: str, missing: str) -> None:
    with pytest.raises(InvalidInput, match=missing):
        parse(text)


@given(
    st.sampled_from(["at_most", "at_least"]), st.integers(1, 1440), st.sampled_from(["day", "week"]),
    st.sampled_from([("category", "Social > Networks"), ("app", "slack"), ("site", "youtube.com"), ("project", "thesis"),
                     ("focus", ""), ("all", "")]),
)
def test_a_goal_reads_its_own_words(bound: str, minutes: int, period: str, what: tuple[str, str]) -> None:
    goal = Goal("1", bound, minutes, what[0], what[1], period)  # type: ignore[arg-type]
    words = {"focus": "focus", "all": "tracked time", "project": f"#{what[1]}"}.get(what[0], what[1])
    assert parse(goal.text()) == Wanted(bound, minutes, words, period)  # type: ignore[arg-type]


@pytest.mark.parametrize(("bound", "used", "due", "state", "left"), [
    ("at_most", 10, 0.5, "ok", 20), ("at_most", 24, 0.5, "near", 6), ("at_most", 30, 0.5, "near", 0),
    ("at_most", 31, 0.5, "over", 0), ("at_least", 10, 0.5, "behind", 20), ("at_least", 15, 0.5, "on track", 15),
    ("at_least", 30, 0.5, "met", 0), ("at_least", 0, 0.0, "on track", 30),
])
def test_how_it_stands(bound: str, used: float, due: float, state: str, left: float) -> None:
    standing = Standing(Goal("1", bound, 30, "category", "News", "day"), used, due)  # type: ignore[arg-type]
    assert (standing.state, standing.left_min) == (state, left)
    assert standing.on_track == (state not in ("over", "behind"))


def test_a_streak_skips_days_off_and_ends_at_the_first_miss() -> None:
    goal = Goal("1", "at_most", 30, "category", "News", "day")
    day = [FRIDAY - timedelta(days=n) for n in range(8)]
    used = {day[1]: 600.0, day[2]: 1800.0, day[5]: 1801.0, day[6]: 60.0}
    tracked = dict.fromkeys((day[0], day[1], day[2], day[5], day[6]), 3600.0)  # days 3 and 4 were a weekend
    assert history(goal, used, tracked, FRIDAY, FRIDAY - timedelta(days=30), 0) == (2, 3, 4)
    aim = Goal("1", "at_least", 30, "category", "News", "day")
    assert history(aim, used, tracked, FRIDAY, FRIDAY - timedelta(days=30), 0) == (0, 2, 4)


def test_weeks_count_whole_and_begin_where_the_setting_says() -> None:
    assert period_of(FRIDAY, "week", 0) == (date(2026, 11, 16), date(2026, 11, 22))
    assert period_of(FRIDAY, "week", 6) == (date(2026, 11, 15), date(2026, 11, 21))
    goal = Goal("1", "at_least", 60, "focus", "", "week")
    used = {FRIDAY - timedelta(days=7): 1800.0, FRIDAY - timedelta(days=9): 1800.0, FRIDAY - timedelta(days=15): 60.0}
    assert history(goal, used, used, FRIDAY, FRIDAY - timedelta(days=60), 0) == (1, 1, 2)
