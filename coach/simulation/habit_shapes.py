"""What a day's habits do to the stays in a mode: checks of mail, pings, social drift, a deep block, a morning of planning.

Nothing is laid over a meeting or over what another habit laid. A habit that found too little room leaves the day as it
was and is not in its truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, TypeAlias

from coach.simulation.attention import Sitting, Sphere
from coach.simulation.families import Family
from coach.simulation.habits import LEANS, MIDNIGHT_OIL_H, UNDISTURBED, Seated, fits
from coach.simulation.person import Person
from coach.simulation.places import COMMS, DEEP, DISTRACTION, MEETING, SHALLOW, Place
from coach.simulation.windows import Repertoire

if TYPE_CHECKING:
    from numpy.random import Generator

LEAST_H = 20 / 3600
"""A stay shorter than this is not laid."""


@dataclass(frozen=True, slots=True)
class Leaning(Sphere):
    """A stay at a place of one kind: a lean of `habits.LEANS`, or one piece of undisturbed work."""

    lean: str = ""


@dataclass(frozen=True, slots=True)
class Shaped:
    """The day's stays, and the intensity of each habit that really took place."""

    stays: list[Sphere]
    truth: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Day:
    """Working time of the day, and how it is laid out."""

    start_h: float
    end_h: float
    after_lunch_h: float
    regular: bool
    rng: Generator


_Shape: TypeAlias = Callable[["_Day", float], list[Leaning]]
Leads: TypeAlias = Mapping[str, tuple[Sequence[int], Sequence[float]]]
"""By lean: the places of a repertoire that fit it, and their weights, which sum to 1."""


def leads(own: Repertoire) -> Leads:
    """Where each lean of this person leads. Invented places of distraction are as social as known ones."""
    found: dict[str, tuple[Sequence[int], Sequence[float]]] = {}
    for lean in (*LEANS, UNDISTURBED):
        of = [i for i, p in enumerate(own.places) if p.mode == _MODE[lean] and _suits(lean, p)]
        weights = [float(own.weights[i]) for i in of]
        found[lean] = (of, [w / sum(weights) for w in weights])
    return found


_MODE = {"email": COMMS, "chat": COMMS, "social": DISTRACTION, "planning": SHALLOW, UNDISTURBED: DEEP}


def _suits(lean: str, place: Place) -> bool:
    return lean == UNDISTURBED or fits(lean, place.app, place.url) or (lean == "social" and not place.known)


def shape(
    stays: Sequence[Sphere], today: Mapping[str, float], seated: Seated, person: Person, to: Leads, family: Family,
    rng: Generator,
) -> Shaped:
    """The day's stays with its habits, and which of `today` really took place. What lies at night, at the weekend or in
    the agenda is there already and only looked for."""
    found, truth = list(stays), {}
    work = [s for s in seated.at_desk if s.work and s.start_h < 19]
    if "deep_block" in today and seated.block:
        found, share = _laid(found, _placed([Leaning(*seated.block, DEEP, lean=UNDISTURBED)], to, rng))
        if share > 0.8:
            truth["deep_block"] = today["deep_block"]
    if work:
        day = _Day(work[0].start_h, work[-1].end_h, _after_lunch_h(work, person), family.name != "B", rng)
        for name, of in _SHAPES.items():
            if name in today:
                shaped, share = _laid(found, _placed(of(day, today[name]), to, rng))
                if share > 0.5:
                    found, truth[name] = shaped, today[name]
    there = {"late_night": _worked_h(seated.at_desk, found, MIDNIGHT_OIL_H - 0.5) > 0.6,
             "weekend_spill": _worked_h(seated.at_desk, found, 0.0) > 0.8,
             "meeting_fragmentation": _meetings(found) >= 3}
    truth |= {name: today[name] for name, seen in there.items() if seen and name in today}
    return Shaped(found, truth)


def _placed(wanted: Sequence[Leaning], to: Leads, rng: Generator) -> list[Leaning]:
    """Each at one of the places of their lean."""
    if not wanted or not to[wanted[0].lean][0]:
        return list(wanted)
    drawn = rng.choice(to[wanted[0].lean][0], size=len(wanted), p=to[wanted[0].lean][1]).tolist()
    return [replace(w, place=place) for w, place in zip(wanted, drawn, strict=True)]


def _email(day: _Day, intensity: float) -> list[Leaning]:
    """A look at the mail every 6 to 10 minutes over half the working time or more."""
    length_h = (0.45 + 0.5 * intensity) * (day.end_h - day.start_h)
    return _beats(day, length_h, (11 - 5 * intensity) / 60, (0.6, 1.8), "email")


def _ping_pong(day: _Day, intensity: float) -> list[Leaning]:
    """One to two hours of a message every two or three minutes."""
    return _beats(day, 1.0 + 1.2 * intensity, (3.6 - 1.6 * intensity) / 60, (0.4, 1.0), "chat")


def _beats(
    day: _Day, length_h: float, every_h: float, minutes: tuple[float, float], lean: str,
) -> list[Leaning]:
    """Short stays, by a jittered beat (A) or as they come (B: exponential gaps, some of them long)."""
    rng = day.rng
    at_h = float(rng.uniform(day.start_h, max(day.start_h + 0.1, day.end_h - length_h)))
    until_h = min(at_h + length_h, day.end_h)
    found: list[Leaning] = []
    while at_h < until_h:
        stay_h = float(rng.uniform(*minutes)) / 60
        found.append(Leaning(at_h, at_h + stay_h, COMMS, lean=lean))
        factor = float(rng.uniform(0.7, 1.3)) if day.regular else max(0.2, float(rng.exponential(1.0)))
        at_h += max(stay_h + LEAST_H, every_h * factor)
    return found


def _social(day: _Day, intensity: float) -> list[Leaning]:
    """After lunch (B: some time of the afternoon, fading) most of one to two hours goes to social sites."""
    rng = day.rng
    at_h = day.after_lunch_h + float(rng.uniform(0, 0.6)) if day.regular else float(rng.uniform(13.0, 16.0))
    length_h, share = 0.8 + 1.3 * intensity, 0.55 + 0.35 * intensity
    found: list[Leaning] = []
    end_h = at_h + length_h
    while at_h < end_h:
        stay_h = float(rng.uniform(4, 13)) / 60
        found.append(Leaning(at_h, at_h + stay_h, DISTRACTION, lean="social"))
        fading = 1.0 if day.regular else 0.5 + (end_h - at_h) / length_h
        at_h += stay_h / max(0.3, min(0.95, share * fading)) + LEAST_H
    return found


def _planning(day: _Day, intensity: float) -> list[Leaning]:
    """The working day opens with half an hour over calendar, lists and boards (B: a little later, with interruptions)."""
    rng = day.rng
    at_h = day.start_h + float(rng.uniform(0, 0.08) if day.regular else rng.uniform(0.15, 0.5))
    end_h = at_h + 0.3 + 0.5 * intensity
    found: list[Leaning] = []
    while at_h < end_h:
        stay_h = float(rng.uniform(4, 10)) / 60
        found.append(Leaning(at_h, at_h + stay_h, SHALLOW, lean="planning"))
        at_h += stay_h + (LEAST_H if day.regular else float(rng.exponential(2.0)) / 60)
    return found


_SHAPES: dict[str, _Shape] = {
    "planning_morning": _planning, "social_drift": _social, "ping_pong": _ping_pong, "email_loop": _email,
}


def _after_lunch_h(work: Sequence[Sitting], person: Person) -> float:
    """Where the first working sitting after lunch begins; an hour after lunch where there is none."""
    return next((s.start_h for s in work if s.start_h > person.lunch_h), person.lunch_h + 1)


def _laid(stays: Sequence[Sphere], wanted: Sequence[Leaning]) -> tuple[list[Sphere], float]:
    """`wanted` laid over the stays, except over meetings and what leans already; and the share of it that found room. Both
    are in order of time."""
    found: list[Sphere] = []
    room_h = 0.0
    first = 0
    for stay in stays:
        while first < len(wanted) and wanted[first].end_h <= stay.start_h:
            first += 1
        if stay.mode == MEETING or isinstance(stay, Leaning):
            found.append(stay)
            continue
        at_h = stay.start_h
        for piece in takewhile(lambda w: w.start_h < stay.end_h, wanted[first:]):  # noqa: B023 (used up at once)
            left_h, right_h = max(piece.start_h, at_h), min(piece.end_h, stay.end_h)
            if right_h - left_h < LEAST_H:
                continue
            if left_h - at_h > 1e-9:
                found.append(replace(stay, start_h=at_h, end_h=left_h))
            found.append(replace(piece, start_h=left_h, end_h=right_h))
            room_h += right_h - left_h
            at_h = right_h
        if stay.end_h - at_h > 1e-9:
            found.append(replace(stay, start_h=at_h))
    return found, room_h / max(sum(w.end_h - w.start_h for w in wanted), 1e-9)


def _worked_h(at_desk: Sequence[Sitting], stays: Sequence[Sphere], from_h: float) -> float:
    """Hours of stays inside working sittings from that hour of the day on."""
    work = [(max(s.start_h, from_h), s.end_h) for s in at_desk if s.work]
    return sum(max(0.0, min(stay.end_h, b) - max(stay.start_h, a)) for stay in stays for a, b in work)


def _meetings(stays: Sequence[Sphere]) -> int:
    """Meetings sat through, each counted once however often a break cut it."""
    ends_h = [s.end_h for s in stays if s.mode == MEETING]
    return sum(1 for i, end_h in enumerate(ends_h) if i == 0 or end_h - ends_h[i - 1] > 0.2)
