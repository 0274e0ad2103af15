"""Eight habits that a simulated person has or has not, at a known intensity on each day: what a detector of patterns is
to find. Here: who has which, and what a habit does to the agenda and to the times at the desk. `habit_shapes` does the rest.

Family A is regular (a beat with some jitter, one stretch); family B is bursty: Poisson beats, other hours, broken up.
Placebo people have none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from coach.simulation.agenda import Appointment, new_id
from coach.simulation.attention import Sitting
from coach.simulation.families import Family
from coach.simulation.person import Person, words_for
from coach.simulation.vocabulary import AD_HOC

if TYPE_CHECKING:
    from numpy.random import Generator

PATTERNS = (
    "email_loop", "social_drift", "meeting_fragmentation", "late_night", "deep_block", "ping_pong", "planning_morning",
    "weekend_spill",
)
WEEKEND = frozenset({"weekend_spill"})
"""Only on Saturdays and Sundays; all others on working days."""

FAINTEST = 0.3
"""Intensities lie in 0.3 to 1: fainter than that nobody would call it the pattern."""
HAS = 0.32
"""Chance that a person has a habit at all."""
USUALLY, SELDOM = 0.75, 0.08
"""Shares of days, on the habit's own weekdays and on others."""
MIDNIGHT_OIL_H = 22.0

LEANS: Mapping[str, tuple[str, ...]] = {
    "email": ("thunderbird", "outlook", "mail"),
    "chat": ("slack", "discord", "teams", "mattermost", "telegram", "whatsapp", "signal"),
    "social": ("reddit", "instagram", "x.com", "facebook", "tiktok", "mastodon", "news.ycombinator", "linkedin"),
    "planning": ("calendar", "notion", "todoist", "trello", "linear", "asana", "atlassian", "jira"),
}
"""Parts of the apps and addresses that a habit is about."""
UNDISTURBED = "undisturbed"
"""The lean of a deep block: no glances at anything else."""


@dataclass(frozen=True, slots=True)
class Seated:
    """The day's times at the desk with its habits, and where its deep block is to lie, if one found room."""

    at_desk: list[Sitting]
    block: tuple[float, float] | None = None


def fits(lean: str, app: str, url: str) -> bool:
    """Whether a place is one that a stay with this lean goes to."""
    where = f"{app} {url.split('/')[2] if '://' in url else url}".lower()
    return any(part in where for part in LEANS.get(lean, ()))


def habits_of(family: Family, rng: Generator) -> dict[str, tuple[float, ...]]:
    """For each habit that the person has, the share of the days of each weekday (Monday first) on which it shows: large on one
    to three days of the week, small on the others; {} without structure."""
    has = rng.random(len(PATTERNS))
    usual = [rng.permutation(7) for _ in PATTERNS]
    many = rng.integers(1, 4, len(PATTERNS))
    if not family.structured:
        return {}
    found: dict[str, tuple[float, ...]] = {}
    for name, h, days, n in zip(PATTERNS, has, usual, many, strict=True):
        possible = [int(d) for d in days if (d >= 5) == (name in WEEKEND)]
        favourites = possible[: 1 if name in WEEKEND else int(n)]
        if h < HAS:
            found[name] = tuple(USUALLY if d in favourites else SELDOM if d in possible else 0.0 for d in range(7))
    return found


def by_day(
    habits: Mapping[str, Sequence[float]], dates: Sequence[date], off: Sequence[bool], family: Family, rng: Generator,
) -> list[dict[str, float]]:
    """The intensities that each day is to have. A: days independent, intensities uniform. B: days in runs (a habit of
    yesterday is likelier today), most intensities in the middle."""
    u = rng.random((len(dates), len(PATTERNS)))
    level = rng.uniform(FAINTEST, 1.0, u.shape) if _regular(family) else rng.triangular(FAINTEST, 0.6, 1.0, u.shape)
    found: list[dict[str, float]] = []
    before: Mapping[str, float] = {}
    for i, day in enumerate(dates):
        today: dict[str, float] = {}
        for j, name in enumerate(PATTERNS):
            share = habits[name][day.weekday()] if name in habits else 0.0
            if not _regular(family):
                share = min(0.9, share * (1.6 if name in before else 0.75))
            if not off[i] and u[i, j] < share:
                today[name] = float(level[i, j])
        found.append(today)
        if day.weekday() < 5 or today:
            before = today
    return found


def meet(
    wanted: Sequence[Appointment], day: date, intensity: float, person: Person, family: Family, rng: Generator,
) -> list[Appointment]:
    """A day's appointments, cut up by 3 to 6 short ones more: meeting fragmentation. In order, without overlap."""
    if not intensity:
        return list(wanted)
    more = 3 + round(3 * intensity)
    start_h, end_h = person.work_start_h + 0.4, person.work_end_h - 0.6
    if _regular(family):
        beat_h = (end_h - start_h) / more
        starts = [start_h + (i + float(rng.uniform(0.15, 0.75))) * beat_h for i in range(more)]
    else:
        middle_h = float(rng.uniform(start_h + 1.5, end_h - 1.5))
        starts = [min(max(float(rng.normal(middle_h, 1.7)), start_h), end_h) for _ in range(more)]
    kept = list(wanted)
    for at_h in sorted(starts):
        begin_h = round(at_h * 4) / 4
        end_at_h = begin_h + float(rng.choice((0.25, 0.5), p=(0.3, 0.7)))
        title = AD_HOC[int(rng.integers(len(AD_HOC)))].format(**words_for(person, rng))
        uid = new_id(rng)
        if all(end_at_h <= a.start_h or begin_h >= a.end_h for a in kept):
            kept.append(Appointment(uid, day, begin_h, end_at_h, title, False))
    return sorted(kept, key=lambda a: a.start_h)


def sit(
    at_desk: Sequence[Sitting], today: Mapping[str, float], person: Person, meetings: Sequence[tuple[float, float]],
    family: Family, rng: Generator,
) -> Seated:
    """The day's sittings with late-night work and weekend work added, and with breaks left out where a deep block lies.
    `meetings` are (start_h, end_h) of the day."""
    seated = list(at_desk)
    if "late_night" in today:
        seated = _made_room(seated, _night(today["late_night"], family, rng))
    if "weekend_spill" in today:
        seated = _made_room(seated, _weekend(today["weekend_spill"], family, rng))
    if "deep_block" not in today:
        return Seated(seated)
    block = _room(seated, 1.4 + 1.4 * today["deep_block"], person, meetings, family, rng)
    return Seated(_bridged(seated, block) if block else seated, block)


def _regular(family: Family) -> bool:
    return family.name != "B"


def _night(intensity: float, family: Family, rng: Generator) -> list[Sitting]:
    length_h = 1.0 + 1.8 * intensity
    if _regular(family):
        start_h = MIDNIGHT_OIL_H + float(rng.normal(0.4, 0.3))
        return [Sitting(start_h, min(start_h + length_h, 27.0), True)]
    start_h = MIDNIGHT_OIL_H + float(rng.uniform(-0.3, 1.3))
    half_h, rest_h = length_h * float(rng.uniform(0.4, 0.6)), float(rng.uniform(0.2, 0.5))
    return [Sitting(start_h, start_h + half_h, True),
            Sitting(start_h + half_h + rest_h, min(start_h + length_h + rest_h, 27.5), True)]


def _weekend(intensity: float, family: Family, rng: Generator) -> list[Sitting]:
    length_h = 1.2 + 2.3 * intensity
    if _regular(family):
        start_h = float(rng.uniform(9.5, 16.0))
        middle_h = start_h + length_h * float(rng.uniform(0.4, 0.6))
        return [Sitting(start_h, middle_h, True), Sitting(middle_h + 0.2, start_h + length_h + 0.2, True)]
    share = float(rng.uniform(0.3, 0.7))
    morning_h, later_h = float(rng.uniform(7.5, 11.0)), float(rng.uniform(16.5, 19.5))
    return [Sitting(morning_h, morning_h + share * length_h, True),
            Sitting(later_h, later_h + (1 - share) * length_h, True)]


def _made_room(seated: Sequence[Sitting], new: Sequence[Sitting]) -> list[Sitting]:
    """`new` added, and what it meets cut off around it; sittings stay in order."""
    kept: list[Sitting] = []
    for old in seated:
        parts = [old]
        for n in new:
            parts = [p for part in parts for p in (
                (part,) if part.end_h <= n.start_h or part.start_h >= n.end_h else
                (replace(part, end_h=n.start_h), replace(part, start_h=n.end_h)))]
        kept += [p for p in parts if p.end_h - p.start_h > 0.05]
    return sorted([*kept, *new], key=lambda s: s.start_h)


def _room(
    seated: Sequence[Sitting], length_h: float, person: Person, meetings: Sequence[tuple[float, float]], family: Family,
    rng: Generator,
) -> tuple[float, float] | None:
    """A stretch of the working day without a meeting or a long break: near the person's peak (A) or anywhere (B). Shorter
    where there is no room for `length_h`, None below 75 minutes."""
    halves = _halves([s for s in seated if s.work and s.start_h < 19])
    free = [(max(a, c), min(b, d)) for a, b in halves for c, d in _between(meetings) if min(b, d) - max(a, c) > 1.25]
    if not free:
        return None
    long_enough = [f for f in free if f[1] - f[0] >= length_h] or [max(free, key=lambda f: f[1] - f[0])]
    wish_h = person.peak_h + float(rng.normal(0, 0.5)) if _regular(family) else float(rng.uniform(8, 18))
    start_h, end_h = min(long_enough, key=lambda f: abs((f[0] + f[1]) / 2 - wish_h))
    length_h = min(length_h, end_h - start_h)
    begin_h = min(max(wish_h - length_h / 2, start_h), end_h - length_h)
    return begin_h, begin_h + length_h


def _halves(work: Sequence[Sitting]) -> list[tuple[float, float]]:
    """Sittings joined over breaks shorter than half an hour."""
    joined: list[tuple[float, float]] = []
    for s in work:
        if joined and s.start_h - joined[-1][1] < 0.5:
            joined[-1] = (joined[-1][0], s.end_h)
        else:
            joined.append((s.start_h, s.end_h))
    return joined


def _between(meetings: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    edges_h = [0.0, *(h for m in meetings for h in m), 28.0]
    return list(zip(edges_h[::2], edges_h[1::2], strict=True))


def _bridged(seated: Sequence[Sitting], block: tuple[float, float]) -> list[Sitting]:
    """One sitting where the block lies, with what is left of those it touches."""
    touched = [s for s in seated if s.end_h > block[0] and s.start_h < block[1]]
    apart = [s for s in seated if s not in touched]
    joined = Sitting(min([block[0], *(s.start_h for s in touched)]), max([block[1], *(s.end_h for s in touched)]), True)
    return sorted([*apart, joined], key=lambda s: s.start_h)
