"""Habits of simulated people: who has them, that they are where they should be, and that the truth says what took place."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from coach.simulation import habits
from coach.simulation.attention import Sitting, Sphere
from coach.simulation.families import family_named
from coach.simulation.habit_shapes import Leaning, Shaped, leads, shape
from coach.simulation.person import make_person
from coach.simulation.places import COMMS, DEEP, DISTRACTION, MEETING, SHALLOW
from coach.simulation.windows import repertoire

A, B, PLACEBO = (family_named(name) for name in ("A", "B", "placebo"))
MONDAY = date(2026, 3, 2)
DESK = [Sitting(9.0, 10.4, True), Sitting(10.6, 12.5, True), Sitting(13.3, 15.2, True), Sitting(15.4, 17.6, True)]
MEETINGS = [(11.0, 11.5)]
OWN = repertoire(make_person(np.random.default_rng(1), "developer"), np.random.default_rng(2))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def ordinary(at_desk: list[Sitting], meetings: list[tuple[float, float]]) -> list[Sphere]:
    """Ten-minute stays, deep and shallow in turn, with the meetings between."""
    stays = []
    for s in at_desk:
        edges = sorted({*np.arange(s.start_h, s.end_h, 1 / 6).tolist(), s.end_h,
                        *(h for m in meetings for h in m if s.start_h < h < s.end_h)})
        for i, (a, b) in enumerate(pairwise(edges)):
            stays.append(Sphere(a, b, MEETING if any(m[0] <= a < m[1] for m in meetings) else (DEEP, SHALLOW)[i % 2]))
    return stays


def lived(name: str, intensity: float = 0.8, seed: int = 0, family: str = "A", desk: list[Sitting] = DESK) -> Shaped:
    person, law, today = make_person(rng(1), "developer"), family_named(family), {name: intensity}
    seated = habits.sit(desk, today, person, MEETINGS, law, rng(seed))
    return shape(ordinary(seated.at_desk, MEETINGS), today, seated, person, leads(OWN), law, rng(seed + 1))


def hours(shaped: Shaped, lean: str) -> float:
    return sum(s.end_h - s.start_h for s in shaped.stays if isinstance(s, Leaning) and s.lean == lean)


@pytest.mark.parametrize("family", ["A", "B"])
@pytest.mark.parametrize("name", habits.PATTERNS)
def test_a_day_stays_a_day(name: str, family: str) -> None:
    for seed in range(12):
        stays = lived(name, 0.3 + 0.06 * seed, seed, family).stays
        assert all(s.end_h > s.start_h for s in stays)
        assert all(a.end_h <= b.start_h + 1e-9 for a, b in pairwise(stays))
        assert sum(s.end_h - s.start_h for s in stays if s.mode == MEETING) == pytest.approx(0.5)
        assert stays[0].start_h >= 0
        assert stays[-1].end_h <= 28


def test_each_habit_is_what_its_name_says() -> None:
    checks = [s for s in lived("email_loop").stays if isinstance(s, Leaning)]
    assert len(checks) >= 30
    assert {(s.mode, s.lean) for s in checks} == {(COMMS, "email")}
    assert {OWN.places[s.place].app for s in checks} == {"thunderbird"}
    assert max(s.end_h - s.start_h for s in checks) < 2 / 60
    pings = [s for s in lived("ping_pong").stays if isinstance(s, Leaning)]
    assert len(pings) >= 20
    assert pings[-1].end_h - pings[0].start_h < 2.6
    drift = [s for s in lived("social_drift").stays if isinstance(s, Leaning)]
    assert {s.mode for s in drift} == {DISTRACTION}
    assert len({OWN.places[s.place].url for s in drift}) > 1
    assert 13.0 < drift[0].start_h < 14.2
    assert 0.8 < hours(lived("social_drift"), "social") < 2
    opening = [s for s in lived("planning_morning").stays if isinstance(s, Leaning)]
    assert opening[0].start_h < 9.2
    assert 0.5 < hours(lived("planning_morning"), "planning") < 0.9
    assert max(s.end_h for s in lived("late_night").stays) > 23
    assert lived("late_night").truth == {"late_night": 0.8}


def test_a_deep_block_has_no_break_and_no_meeting() -> None:
    person = make_person(rng(1), "developer")
    seated = habits.sit(DESK, {"deep_block": 0.9}, person, MEETINGS, A, rng(3))
    assert seated.block is not None
    start_h, end_h = seated.block
    assert end_h - start_h > 1.25
    assert not any(m[0] < end_h and m[1] > start_h for m in MEETINGS)
    assert any(s.start_h <= start_h and s.end_h >= end_h for s in seated.at_desk)
    assert all(a.end_h <= b.start_h for a, b in pairwise(seated.at_desk))
    shaped = shape(ordinary(seated.at_desk, MEETINGS), {"deep_block": 0.9}, seated, person, leads(OWN), A, rng(4))
    assert hours(shaped, habits.UNDISTURBED) == pytest.approx(end_h - start_h)
    assert shaped.truth == {"deep_block": 0.9}


def test_what_found_no_room_is_not_in_the_truth() -> None:
    short = [Sitting(9.0, 9.6, True)]
    assert lived("social_drift", desk=short).truth == {}
    assert lived("deep_block", desk=short).truth == {}
    assert lived("meeting_fragmentation").truth == {}  # one meeting is no fragmentation
    assert not [s for s in lived("social_drift", desk=short).stays if isinstance(s, Leaning)]


def test_more_intensity_is_more_of_it() -> None:
    pairs = {"email_loop": "email", "social_drift": "social", "ping_pong": "chat", "planning_morning": "planning"}
    for name, lean in pairs.items():
        faint, strong = (np.mean([hours(lived(name, i, s), lean) for s in range(20)]) for i in (0.3, 1.0))
        assert strong > 1.3 * faint, name


def test_meetings_are_cut_in_between_the_others() -> None:
    person = make_person(rng(1), "developer")
    for family in (A, B):
        own = habits.meet([], MONDAY, 0.0, person, family, rng(1))
        assert own == []
        cut = habits.meet([], MONDAY, 1.0, person, family, rng(2))
        assert len(cut) >= 4
        assert all(a.end_h <= b.start_h for a, b in pairwise(cut))
        again = habits.meet(cut, MONDAY, 1.0, person, family, rng(3))
        assert set(cut) <= set(again)
        assert all(a.end_h <= b.start_h for a, b in pairwise(again))


def test_days_have_the_habits_of_their_person_about_as_often_as_said() -> None:
    dates = [MONDAY + timedelta(days=i) for i in range(700)]
    own = {"email_loop": (0.3,) * 5 + (0.0, 0.0), "weekend_spill": (0.0,) * 5 + (0.5, 0.5)}
    for family in (A, B):
        days = habits.by_day(own, dates, [False] * 700, family, rng(5))
        weekdays = [d for d, day in zip(days, dates, strict=True) if day.weekday() < 5]
        weekends = [d for d, day in zip(days, dates, strict=True) if day.weekday() >= 5]
        assert {name for d in weekdays for name in d} == {"email_loop"}
        assert {name for d in weekends for name in d} == {"weekend_spill"}
        assert np.mean(["email_loop" in d for d in weekdays]) == pytest.approx(0.3, abs=0.08)
        assert np.mean(["weekend_spill" in d for d in weekends]) == pytest.approx(0.5, abs=0.12)
        assert all(habits.FAINTEST <= i <= 1 for d in days for i in d.values())
        assert not any(habits.by_day(own, dates, [True] * 700, family, rng(5)))


def test_placebo_people_have_none_and_others_some() -> None:
    assert habits.habits_of(PLACEBO, rng()) == {}
    counts = [len(habits.habits_of(A, rng(s))) for s in range(60)]
    assert 1.5 < np.mean(counts) < 4.0
    some = [shares for s in range(30) for shares in habits.habits_of(A, rng(s)).values()]
    assert all(1 <= sum(x == habits.USUALLY for x in shares) <= 3 for shares in some)


def test_places_fit_their_lean() -> None:
    assert habits.fits("email", "thunderbird", "")
    assert habits.fits("email", "firefox", "https://mail.google.com/mail/u/0")
    assert habits.fits("social", "firefox", "https://www.reddit.com/r/chess/")
    assert not habits.fits("social", "firefox", "https://docs.google.com/document/reddit")
    assert not habits.fits(habits.UNDISTURBED, "code", "")
