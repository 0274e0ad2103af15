"""The calendar of a simulated person: weekly meetings, a daily one, and some that come up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from coach.simulation.person import Person, words_for
from coach.simulation.vocabulary import AD_HOC, MEETINGS

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True, slots=True)
class Appointment:
    """Hours are local clock hours of `day`. Appointments of one weekly series share `uid`."""

    uid: str
    day: date
    start_h: float
    end_h: float
    title: str
    repeats: bool


def new_id(rng: Generator) -> str:
    """A UUID from the person's own randomness, so that one seed gives one life."""
    return str(UUID(bytes=rng.bytes(16), version=4))


def appointments(person: Person, first: date, days: int, rng: Generator) -> list[Appointment]:
    """In order of time and not overlapping. One in ten is cancelled; weekends are free."""
    weekly = _weekly(person, rng)
    found: list[Appointment] = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        if day.weekday() >= 5:
            continue
        today = [s for s in weekly if s[1] in (-1, day.weekday()) and rng.random() > 0.1]
        wanted = [Appointment(uid, day, start_h, end_h, title, True) for uid, _, start_h, end_h, title in today]
        for _ in range(int(rng.poisson(person.meetings_a_week * 0.35 / 5))):
            start_h = _half_hour(person.work_start_h + 0.5, person.work_end_h - 1, rng)
            title = AD_HOC[int(rng.integers(len(AD_HOC)))].format(**words_for(person, rng))
            end_h = start_h + float(rng.choice((0.5, 0.5, 1.0)))
            wanted.append(Appointment(new_id(rng), day, start_h, end_h, title, False))
        found.extend(_not_overlapping(wanted))
    return found


def _weekly(person: Person, rng: Generator) -> list[tuple[str, int, float, float, str]]:
    """(uid, weekday or -1 for every day, start_h, end_h, title); 65 % of the person's meetings."""
    titles = MEETINGS[person.role]
    series: list[tuple[str, int, float, float, str]] = []
    left = person.meetings_a_week * 0.65
    at = 0
    while left > 0.5:
        title = titles[at % len(titles)].format(**words_for(person, rng))
        daily = title == "Stand-up" and at < len(titles)
        start_h = 9.5 if daily else _half_hour(person.work_start_h + 0.5, person.work_end_h - 1.5, rng)
        length_h = 0.25 if daily else float(rng.choice((0.5, 0.75, 1.0), p=(0.4, 0.25, 0.35)))
        series.append((new_id(rng), -1 if daily else int(rng.integers(5)), start_h, start_h + length_h, title))
        left -= 2.5 if daily else 1.0
        at += 1
    return series


def _half_hour(earliest_h: float, latest_h: float, rng: Generator) -> float:
    return round(float(rng.uniform(earliest_h, latest_h)) * 2) / 2


def _not_overlapping(wanted: list[Appointment]) -> list[Appointment]:
    kept: list[Appointment] = []
    for one in sorted(wanted, key=lambda a: (a.start_h, a.end_h, a.uid)):
        if not kept or one.start_h >= kept[-1].end_h:
            kept.append(one)
    return kept
