"""Scores of tasks and weeks, their evidence, and what is claimed beyond chance."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.core import avoidance, avoided
from coach.core.avoidance import DAY_S, SIGNS, Story, Usual, score, strengths, usual, value
from coach.core.burstiness import burstiness

NOW = 1_000 * DAY_S
NOBODY = Usual()


def story(age: float, **other: object) -> Story:
    return Story("t", NOW - age * DAY_S, **other)  # type: ignore[arg-type]


def named(one: Story, own: Usual = NOBODY) -> dict[str, float | None]:
    return dict(zip((name for name, _ in SIGNS), strengths(one, NOW, own), strict=True))


def test_each_sign_is_what_its_formula_says() -> None:
    due = story(8, due_s=NOW + 2 * DAY_S)
    assert named(due)["start delay"] == pytest.approx(0.8)
    assert named(due)["deadline"] == 1.0  # its last fifth has begun without it
    assert named(story(7))["start delay"] == pytest.approx(0.5)
    assert named(story(7))["late"] is None
    assert named(story(10, due_s=NOW - 3 * DAY_S))["late"] == pytest.approx(0.5)
    assert named(story(9, snoozes_s=(NOW - DAY_S, NOW + DAY_S)))["snoozes"] == pytest.approx(0.5)  # tomorrow's is not yet
    assert named(story(14))["inactive"] == pytest.approx(0.5)
    assert named(story(9, edits_s=(NOW - 3 * DAY_S,)))["edits"] == pytest.approx(0.3)
    assert named(story(9, edits_s=(NOW - 3 * DAY_S,), begun_s=NOW - 4 * DAY_S))["edits"] == 0.0  # it was being worked on
    assert named(story(9, opened=((NOW - DAY_S, 20.0, 25.0),)))["displacement"] == pytest.approx(0.8)
    worked = story(10, due_s=NOW, begun_s=NOW - 9 * DAY_S, work=((NOW - 9 * DAY_S, 30.0), (NOW - DAY_S, 90.0)))
    assert named(worked)["deadline"] == pytest.approx(0.75)


def test_the_usual_is_the_persons_own_and_wants_twenty() -> None:
    ends = [NOW - (50 - n) * DAY_S for n in range(1, 21)]
    done = [Story(str(n), NOW - 50 * DAY_S, None, end, end, True) for n, end in enumerate(ends)]
    own = usual(done, NOW)
    assert own.percentile(10, dated=False) == pytest.approx(0.475)
    assert own.percentile(10, dated=True) is None
    assert usual(done[:19], NOW).percentile(10, dated=False) is None


stories_ = st.builds(
    lambda age, due, snoozes, edits, ended, done: story(
        age, due_s=None if due is None else NOW + due * DAY_S, snoozes_s=tuple(NOW - s * DAY_S for s in snoozes),
        edits_s=tuple(NOW - e * DAY_S for e in edits), done=done and ended, ended_s=NOW - age * DAY_S / 2 if ended else None,
        begun_s=NOW - age * DAY_S / 2 if ended and done else None,
    ),
    st.floats(0.01, 400), st.none() | st.floats(-300, 300), st.lists(st.floats(0, 100), max_size=4),
    st.lists(st.floats(0, 100), max_size=4), st.booleans(), st.booleans(),
)


@given(stories_)
def test_a_score_is_the_sum_of_its_evidence_and_stays_in_bounds(one: Story) -> None:
    found = score(one, NOW, NOBODY)
    assert 0 <= found.value <= 100
    assert found.value == pytest.approx(sum(line.points for line in found.evidence))
    assert all(line.text and line.source and 0 <= line.strength <= 1 for line in found.evidence)
    assert {line.sign for line in found.evidence} | set(found.unknown) == {name for name, _ in SIGNS}


@given(stories_)
def test_putting_off_once_more_never_lowers_it(one: Story) -> None:
    more = avoidance.Story(**{**{f: getattr(one, f) for f in one.__slots__}, "snoozes_s": (*one.snoozes_s, one.open_s)})
    assert value(strengths(more, NOW, NOBODY)) >= value(strengths(one, NOW, NOBODY))


@given(stories_, st.floats(0, 1), st.none() | st.floats(0.1, 400))
def test_a_due_that_is_moved_later_or_taken_away_takes_nothing_off_the_score(one: Story, at: float, days: float | None) -> None:
    if one.due_s is None:
        return
    moved_s = one.open_s + at * ((one.ended_s or NOW) - one.open_s)
    due_s = None if days is None else one.due_s + days * DAY_S
    values = {f: getattr(one, f) for f in one.__slots__}
    put_off = Story(**{**values, "due_s": due_s, "dues_s": ((one.open_s, one.due_s), (moved_s, due_s)),
                       "snoozes_s": (*one.snoozes_s, moved_s)})
    dated = Usual(tuple(float(n) for n in range(30)), tuple(float(n) * 9 for n in range(30)))
    assert score(put_off, NOW, dated).value >= score(one, NOW, dated).value
    before = moved_s - 60
    if before > one.open_s:
        assert value(strengths(put_off, before, dated)) == pytest.approx(value(strengths(one, before, dated)))


def test_a_due_that_was_moved_is_told_by_the_first_one() -> None:
    late = story(10, due_s=NOW + 9 * DAY_S, dues_s=((NOW - 10 * DAY_S, NOW - 3 * DAY_S), (NOW - DAY_S, NOW + 9 * DAY_S)))
    assert named(late)["late"] == pytest.approx(0.5)
    assert named(late)["start delay"] == 1.0
    told = {line.sign: line.text for line in score(late, NOW, NOBODY).evidence}
    assert told["late"] == "3 days past its first due"
    assert "first due 7 days after" in told["start delay"]


def test_a_task_that_was_only_not_reached_is_not_called_avoided() -> None:
    own = Usual((), tuple(float(n) / 10 for n in range(30)))
    left = score(story(200), NOW, own)
    assert not left.avoided
    thrice = [NOW - n * DAY_S for n in (3, 9, 20)]
    assert not score(story(60, snoozes_s=tuple(thrice)), NOW, own).avoided
    dodged = score(story(60, snoozes_s=(*thrice, NOW - 31 * DAY_S)), NOW, own)
    assert dodged.avoided
    assert dodged.value >= avoidance.HIGH
    assert not score(story(60, snoozes_s=(NOW - DAY_S,) * 4), NOW, NOBODY).avoided  # nothing of one's own to compare with


def test_burstiness_by_kim_and_jo() -> None:
    assert burstiness([float(n) for n in range(50)]) == pytest.approx(-1.0)
    draws = random.Random(4)
    at, times = 0.0, []
    for _ in range(2000):
        at += draws.expovariate(1.0)
        times.append(at)
    assert burstiness(times) == pytest.approx(0.0, abs=0.05)
    # One gap holds nearly all the time: this form reaches 1 with 20 events, where (r - 1) / (r + 1) stays below 0.63.
    assert burstiness([n * 1e-9 for n in range(19)] + [1.0]) == pytest.approx(1.0, abs=1e-6)
    assert burstiness([1.0] * 9) is None
    assert burstiness([1.0] * 30) is None


def life(draws: random.Random, *, late: bool, count: int = 300) -> list[Story]:
    """Tasks done by chance within days, or, with `late`, put off while nothing presses and begun when the due is near."""
    found = []
    for n in range(count):
        open_s = NOW - draws.uniform(1, 170) * DAY_S
        window = draws.choice([None, 6.0, 9.0, 14.0, 20.0])
        wait = draws.expovariate(1 / 2.0)
        if late:
            wait = draws.expovariate(1 / 30.0) if window is None else window * draws.uniform(0.7, 1.0)
        end = open_s + wait * DAY_S
        done = end < NOW
        snoozes = tuple(open_s + d * DAY_S for d in (2.0, 5.0) if late and d < wait and open_s + d * DAY_S < NOW)
        found.append(Story(
            str(n), open_s, None if window is None else open_s + window * DAY_S, end if done else None, end if done else None,
            done, snoozes, group=draws.choice("ab"),
        ))
    return found


def weeks_and_claims(told: list[Story]) -> tuple[list[avoided.Week], list[avoided.Claim], avoided.Level]:
    found = avoided.counted(told, NOW)
    weeks = avoided.weeks_of(found, told, [NOW - 7 * DAY_S * n for n in range(26, -1, -1)])
    return weeks, avoided.claims(weeks, found), avoided.level(weeks, told)


def test_who_puts_off_scores_higher_and_is_told_why_who_does_not_is_told_nothing() -> None:
    for seed in range(5):
        _, claims, high = weeks_and_claims(life(random.Random(seed), late=True))
        assert {"deadline", "snoozes"} <= {one.kind for one in claims}
        assert all(one.p < avoided.RATE and one.n >= 20 and one.source for one in claims)
        _, nothing, low = weeks_and_claims(life(random.Random(seed), late=False))
        assert nothing == []
        assert high.score is not None
        assert low.score is not None
        assert high.score > low.score + 20


def test_each_task_counts_once_and_weeks_with_too_few_have_no_score() -> None:
    told = life(random.Random(1), late=True)
    weeks, _, _ = weeks_and_claims(told)
    assert sum(one.n for one in weeks) == len(avoided.counted(told, NOW))
    few = [story(3, ended_s=NOW - DAY_S, begun_s=NOW - DAY_S, done=True) for _ in range(4)]
    weeks, claims, level = weeks_and_claims(few)
    assert weeks[-1].score is None
    assert weeks[-1].n == weeks[-1].done == 4
    assert level.score is None
    assert claims == []


def test_thousands_of_tasks_are_counted_too() -> None:
    _, claims, _ = weeks_and_claims(life(random.Random(2), late=True, count=4000))
    assert {"deadline", "snoozes"} <= {one.kind for one in claims}


def test_a_category_that_is_put_off_is_named() -> None:
    draws = random.Random(3)
    good = life(draws, late=False)
    bad = [avoidance.Story(**{**{f: getattr(one, f) for f in one.__slots__}, "group": "Taxes"})
           for one in life(draws, late=True, count=150) if one.due_s is None]
    _, claims, _ = weeks_and_claims([*good, *bad])
    clusters = [one for one in claims if one.kind == "cluster"]
    assert [("Taxes" in one.text) for one in clusters] == [True]


def test_a_rise_over_half_a_year_is_told() -> None:
    draws = random.Random(5)

    def share(one: Story) -> float:
        return 1 - (NOW - one.open_s) / DAY_S / 170

    before = [one for one in life(draws, late=False, count=700) if draws.random() > share(one)]
    after = [one for one in life(draws, late=True, count=700) if draws.random() < share(one)]
    _, claims, _ = weeks_and_claims(before + after)
    assert any(one.kind == "trend" and "risen" in one.text for one in claims)
