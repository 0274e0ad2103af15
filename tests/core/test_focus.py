"""The focus formula, sessions and breaks, against worked examples and properties."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core.focus import BREAK_S, ELSEWHERE_S, Session, Stretch, breaks, focus_score, hours, sessions

LEVELS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


def row(*parts: tuple[float, float, str] | float, start_s: float = 0.0) -> list[Stretch]:
    """Stretches from (minutes, level, key), with gaps written as plain minutes; focus from level 0.75 on."""
    at, made = start_s, []
    for part in parts:
        if isinstance(part, tuple):
            minutes, level, key = part
            made.append(Stretch(at, at + minutes * 60, level, key, level >= 0.75))
            at += minutes * 60
        else:
            at += part * 60
    return made


@st.composite
def rows(draw: st.DrawFn, most_min: float = 60.0) -> list[Stretch]:
    parts: list[tuple[float, float, str] | float] = []
    left = most_min
    for _ in range(draw(st.integers(0, 12))):
        gap = draw(st.floats(0, 8))
        length = draw(st.floats(0.1, 20))
        if gap + length > left:
            break
        left -= gap + length
        parts += [gap, (length, draw(LEVELS), draw(st.sampled_from("abc")))]
    return row(*parts)


def test_one_productive_app_for_an_hour_scores_one() -> None:
    assert focus_score(row((60, 1.0, "code"))) == pytest.approx(1.0)


def test_the_documented_example() -> None:
    switching = row(*[(1.0, 1.0, "ab"[i % 2]) if i % 6 else (1.0, 1.0, "c") for i in range(12)])
    broken: list[tuple[float, float, str] | float] = []
    for _ in range(10):  # blocks of 5 minutes, five keys in each, gaps of 2 minutes between them
        broken += [*((1.0, 1.0, k) for k in "abcde"), 2.0]
    scored = focus_score(row(*broken))
    assert focus_score(switching) == pytest.approx(0.4 + 0.3 / (1 + 11 / 12 / 2) + 0.3 * 12 / 25)
    assert scored == pytest.approx(0.4 + 0.3 / (1 + 49 / 50 / 2) + 0.3 * 5 / 25)


def test_less_than_ten_active_minutes_have_no_score() -> None:
    assert focus_score([]) is None
    assert focus_score(row((9.99, 1.0, "code"))) is None
    assert focus_score(row((5, 1.0, "a"), 30.0, (5, 1.0, "a"))) is not None


@given(rows())
def test_the_score_stays_between_none_and_one(stretches: list[Stretch]) -> None:
    score = focus_score(stretches)
    active_s = sum(x.end_s - x.start_s for x in stretches)
    assert (score is None) == (active_s < 600)
    if score is not None:
        assert 0.4 * min(x.level for x in stretches) - 1e-9 <= score <= max(x.level for x in stretches) + 1e-9


@given(rows(), st.integers(0, 11), LEVELS)
def test_a_more_productive_stretch_never_lowers_the_score(stretches: list[Stretch], at: int, level: float) -> None:
    before = focus_score(stretches)
    if before is None or at >= len(stretches) or level < stretches[at].level:
        return
    x = stretches[at]
    raised = [*stretches[:at], Stretch(x.start_s, x.end_s, level, x.key), *stretches[at + 1:]]
    assert (focus_score(raised) or 0) >= before - 1e-9


@given(rows())
def test_switching_never_raises_the_score(stretches: list[Stretch]) -> None:
    calm = [Stretch(x.start_s, x.end_s, x.level, "one") for x in stretches]
    assert (focus_score(calm) or 0) >= (focus_score(stretches) or 0) - 1e-12


@given(rows(most_min=600), st.integers(0, 10**6))
def test_hours_keep_all_the_time(stretches: list[Stretch], offset_s: int) -> None:
    moved = [Stretch(x.start_s + offset_s, x.end_s + offset_s, x.level, x.key) for x in stretches]
    cut = hours(moved)
    assert all(h % 3600 == 0 and h <= x.start_s < x.end_s <= h + 3600 for h, part in cut.items() for x in part)
    total_s = sum(x.end_s - x.start_s for part in cut.values() for x in part)
    assert total_s == pytest.approx(sum(x.end_s - x.start_s for x in stretches))


def spans(found: list[Session]) -> list[tuple[float, float]]:
    return [(s.start_s / 60, s.end_s / 60) for s in found]


def test_a_session_survives_a_glance_elsewhere() -> None:
    assert spans(sessions(row((10, 1.0, "code"), (2, 0.25, "mail"), (10, 1.0, "code")))) == [(0, 22)]


def test_four_minutes_elsewhere_end_a_session() -> None:
    assert spans(sessions(row((16, 1.0, "code"), (4, 0.25, "mail"), (20, 1.0, "code")))) == [(0, 16), (20, 40)]


def test_a_break_ends_a_session() -> None:
    assert spans(sessions(row((16, 1.0, "code"), 5.0, (14.9, 1.0, "code")))) == [(0, 16)]
    assert spans(sessions(row((16, 1.0, "code"), 4.9, (14.9, 1.0, "code")))) == [(0, pytest.approx(35.8))]


def test_three_quarters_must_be_focus() -> None:
    scattered = [part for _ in range(10) for part in ((3.0, 1.0, "code"), (1.5, 0.0, "feed"))]
    assert sessions(row(*scattered)) == []
    assert spans(sessions(row(*scattered, (20.0, 1.0, "code")))) != []


@given(rows(most_min=240))
def test_sessions_keep_their_definition(stretches: list[Stretch]) -> None:
    flagged = [Stretch(x.start_s, x.end_s, x.level, x.key, x.level >= 0.75) for x in stretches]
    last_end_s = -1.0
    for s in sessions(flagged):
        inside = [x for x in flagged if s.start_s <= x.start_s and x.end_s <= s.end_s]
        assert s.start_s >= last_end_s
        assert s.end_s - s.start_s >= 900
        assert s.focus_s == pytest.approx(sum(x.end_s - x.start_s for x in inside if x.focus))
        assert s.focus_s >= 0.75 * (s.end_s - s.start_s) - 1e-3
        assert all(b.start_s - a.end_s < BREAK_S for a, b in pairwise(inside))
        assert all(x.end_s - x.start_s < ELSEWHERE_S for x in inside if not x.focus)
        last_end_s = s.end_s


@given(rows(most_min=120))
def test_the_session_found_is_the_longest_there_is(stretches: list[Stretch]) -> None:
    """Brute force over all pairs of focus stretches, where nothing breaks the run."""
    run = [Stretch(x.start_s, x.end_s, 1.0, x.key, True) for x in stretches]
    if any(b.start_s - a.end_s >= BREAK_S for a, b in pairwise(run)):
        return
    longest_s = 0.0
    for i in range(len(run)):
        for j in range(i, len(run)):
            span_s = run[j].end_s - run[i].start_s
            if sum(x.end_s - x.start_s for x in run[i:j + 1]) >= 0.75 * span_s and span_s >= 900:
                longest_s = max(longest_s, span_s)
    assert max((s.end_s - s.start_s for s in sessions(run)), default=0.0) >= longest_s - 1e-6


def test_breaks_are_gaps_of_five_to_sixty_minutes() -> None:
    work = (10.0, 1.0, "a")
    stretches = row(work, 4.9, work, 5.0, work, 60.0, work, 61.0, work)
    assert [(b - a) / 60 for a, b in breaks(stretches)] == [5, 60]
