"""Resumption lag, against worked examples and properties."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.interruption import MOST_S, Stretch, costs, interruptions


def line(*parts: tuple[float, str, str] | float) -> list[Stretch]:
    """Stretches from (minutes, app, place) with pauses as plain minutes; places in capitals are focus places."""
    at, made = 0.0, []
    for part in parts:
        if isinstance(part, tuple):
            minutes, app, place = part
            made.append(Stretch(at * 60, (at + minutes) * 60, app, place, place.isupper()))
            at += minutes
        else:
            at += part
    return made


def lags(*parts: tuple[float, str, str] | float) -> list[tuple[str, float, float | None]]:
    """(app, minutes inside, minutes of lag)."""
    return [
        (i.app, round(i.inside_s / 60, 2), None if i.lag_s is None else round(i.lag_s / 60, 2))
        for i in interruptions(line(*parts))
    ]


CODE, TEST, CHAT, NEWS = (10, "code", "COACH"), (5, "xterm", "COACH"), (2, "slack", "chat"), (3, "firefox", "news")


@pytest.mark.parametrize(("parts", "expected"), [
    ((CODE, CHAT, CODE), [("slack", 2, 2)]),
    ((CODE, CHAT, NEWS, CODE), [("slack", 2, 5)]),  # what follows is the first one's cost
    ((CODE, CHAT, NEWS, CHAT, TEST), [("slack", 4, 7)]),
    ((CODE, CHAT, 3.0, CODE), [("slack", 2, 5)]),  # a short pause counts
    ((CODE, CHAT, 6.0, CODE), [("slack", 2, None)]),  # a break ends it
    ((CODE, (70, "game", "games"), CODE), [("game", 70, None)]),
    ((CODE, CHAT, (0.5, "code", "COACH"), NEWS, CODE), [("slack", 2, 5.5)]),  # half a minute is not back
    ((CODE, CHAT, (20, "code", "OTHER")), [("slack", 2, None)]),
    ((CODE, CHAT, (20, "code", "OTHER"), CODE), [("slack", 2, 22)]),
    ((CODE, (0.2, "slack", "chat"), CODE), []),  # a glance
    ((CODE, (0.1, "slack", "chat"), (0.1, "mail", "mail"), CODE), []),
    (((2, "code", "COACH"), (0.2, "slack", "chat"), (4, "code", "COACH"), CHAT, CODE), [("slack", 2, 2)]),
    (((3, "code", "COACH"), CHAT, CODE), []),  # no run yet
    ((CODE, (20, "code", "OTHER"), CODE), []),  # other work
    ((CODE, 30.0, CHAT, CODE), []),  # went away first
    ((CODE, CHAT), [("slack", 2, None)]),
])
def test_worked_examples(
    parts: tuple[tuple[float, str, str] | float, ...], expected: list[tuple[str, float, float | None]]
) -> None:
    assert lags(*parts) == expected


def test_costs_by_app_have_median_and_quartiles() -> None:
    day = line(CODE, CHAT, CODE, NEWS, CODE, (4, "slack", "chat"), CODE, CHAT)
    found = costs(interruptions(day))
    assert [(c.app, c.n, c.resumed, c.median_s, c.low_s, c.high_s, c.total_s) for c in found] == [
        ("slack", 3, 2, 180.0, 150.0, 210.0, 360.0), ("firefox", 1, 1, 180.0, 180.0, 180.0, 180.0),
    ]
    assert costs([]) == []


PARTS = st.lists(st.one_of(
    st.floats(0.01, 20),
    st.tuples(st.floats(0.01, 40), st.sampled_from(["code", "slack", "game"]), st.sampled_from(["A", "B", "x"])),
), max_size=30)


@given(PARTS)
def test_no_lag_exceeds_its_limit_nor_begins_inside_another(parts: list[tuple[float, str, str] | float]) -> None:
    day = line(*parts)
    found = interruptions(day)
    for one in found:
        assert one.inside_s >= 0
        if one.lag_s is not None:
            assert 0 < one.lag_s <= MOST_S + 1e-6
            assert one.inside_s <= one.lag_s + 1e-6
    for a, b in itertools.pairwise(found):
        assert b.start_s > a.start_s
    assert sum(c.n for c in costs(found)) == len(found)
