"""Which part of the day is given to which work: learnt from few moves, not at all from chance, and capped."""

from __future__ import annotations

from random import Random

import pytest

from coach.core import leaning
from coach.core.leaning import CAP, Leaning, Seen, faded, focus_by_hour, learnt, part_of

MORNING, MIDDAY, AFTERNOON = 1, 2, 3
SHARE = [0.0, 3 / 8, 2 / 8, 3 / 8, 0.0, 0.0]
"""Of working time from 9 to 17."""
KINDS = ("Writing", "Development", "Admin", "Meeting", "Communication")


def kept(count: int, kinds: tuple[str, ...] = KINDS[1:]) -> list[Seen]:
    """Blocks of other work that stayed, in turn in each part of the day."""
    return [Seen(kinds[i % len(kinds)], p, p) for i in range(count) for p in (1 + i // len(kinds) % 3,)]


def by_part(found: tuple[Leaning, ...], kind: str) -> dict[int, float]:
    return {one.part: one.focus for one in found if one.kind == kind}


def by_chance(random: Random, blocks: int, *, near: bool, front: bool) -> list[Seen]:
    """A person who keeps seven of ten blocks, moves two and refuses one, for reasons that are not the time of day; `near` moves
    by an hour or two, `front` is offered mornings mostly."""
    found = []
    for _ in range(blocks):
        kind = random.choice(KINDS)
        hour = random.choices(range(9, 17), weights=(4, 4, 4, 3, 2, 2, 1, 1) if front else None)[0]
        luck = random.random()
        if luck < 0.7:
            found.append(Seen(kind, part_of(hour), part_of(hour)))
        elif luck < 0.9:
            others = [h for h in range(9, 17) if h != hour and (abs(h - hour) < 3 or not near)]
            found.append(Seen(kind, part_of(hour), part_of(random.choice(others))))
        else:
            found.append(Seen(kind, part_of(hour), None))
    return found


def with_taste(random: Random, blocks: int) -> list[Seen]:
    """By chance as above, but the blocks of Writing, so many of them, are moved into the morning five times in six."""
    found: list[Seen] = []
    while sum(s.kind == "Writing" for s in found) < blocks:
        (one,) = by_chance(random, 1, near=True, front=False)
        if one.kind == "Writing":
            moves = one.offered != MORNING and random.random() < 5 / 6
            one = Seen("Writing", one.offered, MORNING if moves else one.offered)
        found.append(one)
    return found


def test_nothing_is_learnt_from_nothing_or_from_a_person_who_keeps_everything() -> None:
    assert learnt([], SHARE) == ()
    assert learnt(kept(200, KINDS), SHARE) == ()


def test_five_moves_of_six_are_a_preference_and_are_named() -> None:
    moves = [Seen("Writing", AFTERNOON, MORNING)] * 5 + [Seen("Writing", AFTERNOON, AFTERNOON)]
    found = learnt([*moves, *kept(24), *[Seen("Writing", MORNING, MORNING)] * 3], SHARE)
    assert by_part(found, "Writing")[MORNING] > 0 > by_part(found, "Writing")[AFTERNOON]
    assert {one.words for one in found} == {
        "you moved Writing into the morning 5 times", "you moved Writing out of the afternoon 5 of 6 times"}
    assert all(one.low <= one.focus <= one.high and one.low * one.high > 0 for one in found)
    hours = focus_by_hour(found, "Writing")
    assert hours[9] == hours[11] > 0 == hours[12] > hours[14] == hours[16]
    assert focus_by_hour(found, "Admin") == ()
    assert any("Writing out of the afternoon 5 of 6 times: counts as -0" in line for line in leaning.lines(found))


def test_what_was_long_ago_says_less() -> None:
    def told(age_days: float) -> list[Seen]:
        return [Seen("Writing", AFTERNOON, MORNING, faded(age_days))] * 6 + kept(24)

    fresh, old = (by_part(learnt(told(age), SHARE), "Writing") for age in (0, 60))
    assert fresh[MORNING] > old.get(MORNING, 0.0)
    assert learnt(told(300), SHARE) == ()
    assert faded(60) == pytest.approx(0.5)


def test_however_much_is_told_a_preference_stays_small() -> None:
    found = learnt([Seen("Writing", p, MORNING) for p in (MIDDAY, AFTERNOON)] * 500, SHARE)
    assert 0.7 * CAP < by_part(found, "Writing")[MORNING] <= CAP


def test_refusals_of_a_part_of_the_day_count_and_refusals_of_everything_do_not() -> None:
    refused = [Seen("Admin", MORNING, None)] * 7 + [Seen("Admin", AFTERNOON, AFTERNOON)] * 7
    (one, *_) = [x for x in learnt([*refused, *kept(24, KINDS[:2])], SHARE) if x.focus < 0]
    assert (one.part, one.words) == (MORNING, "you refused Admin in the morning 7 of 7 times")
    assert learnt([Seen(k, p, None) for k in KINDS for p in (1, 2, 3)] * 4, SHARE) == ()


def test_what_is_moved_out_of_the_evening_whatever_it_is_holds_for_new_work_too() -> None:
    share = [0.0, 0.3, 0.2, 0.3, 0.2, 0.0]
    found = learnt([Seen(k, 4, MORNING) for k in KINDS for _ in range(3)] + kept(30, KINDS), share)
    assert focus_by_hour(found, "Gardening")[18] < 0
    assert focus_by_hour(found, None)[18] < 0
    assert focus_by_hour(found, "Writing")[18] < 0
    assert "you moved work out of the evening 15 of 15 times" in {one.words for one in found}


def test_work_that_stays_in_the_evening_is_not_taken_out_of_it_because_other_work_is() -> None:
    share = [0.0, 0.3, 0.2, 0.3, 0.2, 0.0]
    stays = [Seen("Writing", 4, 4)] * 6 + [Seen("Writing", MORNING, 4)] * 3
    found = learnt([Seen(k, 4, MORNING) for k in KINDS[1:] for _ in range(8)] + kept(30, KINDS[1:]) + stays, share)
    assert focus_by_hour(found, "Admin")[18] < 0
    assert not any(one.focus < 0 for one in leaning.of_kind(found, "Writing"))


def test_days_that_slip_are_no_taste_for_evenings() -> None:
    late = [Seen(k, p, min(p + 1, 4), 0.5, "done") for k in KINDS for p in (1, 2, 3) for _ in range(6)]
    assert learnt(late, [0.0, 0.3, 0.2, 0.3, 0.2, 0.0]) == ()


def test_work_that_is_always_done_at_another_time_is_planned_then() -> None:
    done = [Seen("Writing", AFTERNOON, MORNING, 0.5, "done")] * 14
    others = [Seen(k, p, p, 0.5, "done") for k in KINDS[1:] for p in (1, 2, 3)] * 4
    found = {one.part: one.words for one in learnt([*done, *others], SHARE)}
    assert found[MORNING] == "you worked on Writing in the morning 14 times when it was planned elsewhere"
    assert found[AFTERNOON] == "you worked on Writing at another time 14 of the 14 times it was planned in the afternoon"


def test_a_taste_is_found_after_a_dozen_blocks_and_chance_teaches_nothing() -> None:
    """The bars hold on 60 people each; what was measured stands in the README."""
    people = [by_part(learnt(with_taste(Random(s), 12), SHARE), "Writing") for s in range(60)]
    assert sum(one.get(MORNING, 0.0) > 0 for one in people) >= 0.85 * 60
    assert all(one.get(MORNING, 0.0) >= 0 >= one.get(AFTERNOON, 0.0) for one in people)
    claims = [
        bool(learnt(by_chance(Random(s), blocks, near=near, front=front), SHARE))
        for blocks in (30, 120) for near in (False, True) for front in (False, True) for s in range(15)
    ]
    assert sum(claims) <= 0.05 * len(claims)


def test_the_night_goes_on_after_midnight() -> None:
    assert [part_of(h) for h in (4, 5, 8, 9, 12, 14, 17, 22, 23, 0)] == [5, 0, 0, 1, 2, 3, 4, 5, 5, 5]
