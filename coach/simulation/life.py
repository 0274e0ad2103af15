"""A simulated life: what a tracker would have seen of a person, what they noted and did, and the truth behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from coach.core.errors import InvalidInput
from coach.core.task import Task, task_json
from coach.core.when import from_ms, iso, logical_day, resolve, to_ms
from coach.simulation import attention, todo, windows
from coach.simulation.agenda import Appointment, appointments
from coach.simulation.families import Family, family_named
from coach.simulation.person import Person, make_person
from coach.simulation.places import MODES
from coach.simulation.steps import Step

if TYPE_CHECKING:
    from numpy.random import Generator

Stretch: TypeAlias = tuple[int, int, str, str, str, str]
"""(start_ms, end_ms, app, title, url, project)."""

AHEAD_DAYS = 14
"""How far the calendar reaches beyond now."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A calendar event; those of one series share `uid`."""

    uid: str
    start: datetime
    end: datetime
    title: str
    repeats: bool


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A stretch planned for a task: `done` in the past, `accepted` ahead of now."""

    task_id: str
    start: datetime
    end: datetime
    status: str


@dataclass(frozen=True, slots=True)
class SimulatedLife:
    """`events` are window stretches in order, merged, without overlap; absence is what lies between them. `tasks` is
    their last state and `steps` how they came to it. `truth` holds what no tracker sees, as plain JSON values."""

    person: Person
    events: list[Stretch]
    meetings: list[Meeting]
    tasks: list[Task]
    steps: list[Step]
    blocks: list[PlannedBlock]
    truth: dict[str, Any]


def simulate(days: int, seed: int, now: datetime, tz: ZoneInfo, family: str = "A", role: str = "") -> SimulatedLife:
    """The last `days` days of a person, up to `now`; one seed, one life. Families are A, B and placebo.

    Raises InvalidInput for another family, role or a number of days outside 1 to 3,660."""
    if not 1 <= days <= 3660:
        raise InvalidInput(f"{days} days cannot be simulated", "1 to 3660 days")
    law = family_named(family)
    rng = np.random.default_rng((seed, 1))
    person = make_person(rng, _known_role(role))
    last = logical_day(now, tz)
    dates = [last - timedelta(days=days - 1 - i) for i in range(days)]
    people, change_day = _drifted(person, days, law, rng)
    off, untracked = _absences(dates, rng)
    agenda = appointments(person, dates[0], days + AHEAD_DAYS, np.random.default_rng((seed, 2)))
    noted = todo.live(people, dates, off, law, now, tz, np.random.default_rng((seed, 3)))
    expected, energy = attention.energies(people, [d.weekday() for d in dates], law, np.random.default_rng((seed, 4)))
    days_of = _Days(people, dates, off, untracked, energy, agenda, noted.work)
    events, minutes = _events(days_of, law, now, tz, np.random.default_rng((seed, 5)))
    current = {t.id: t for s in noted.steps for t in (s.task, s.series) if t is not None}
    meetings = [_meeting(a, tz) for a in agenda]
    return SimulatedLife(
        person, events, meetings, list(current.values()), noted.steps,
        _blocks(noted.work, current, meetings, people[-1], now, tz),
        {
            "family": family, "seed": seed, "person": asdict(person), "change_day": change_day,
            "after_change": asdict(people[-1]) if change_day else None,
            "off_days": [d.isoformat() for d, x in zip(dates, off, strict=True) if x],
            "untracked_days": [d.isoformat() for d, x in zip(dates, untracked, strict=True) if x],
            "energy": _by_date(dates, energy), "expected_energy": _by_date(dates, expected), "mode_minutes": minutes,
            "tasks": {i: t for i, t in noted.truth.items() if i in current},
        },
    )


@dataclass(frozen=True, slots=True)
class _Days:
    people: Sequence[Person]
    dates: Sequence[date]
    off: Sequence[bool]
    untracked: Sequence[bool]
    energy: Any
    agenda: Sequence[Appointment]
    work: Sequence[todo.Work]


def _known_role(role: str) -> str:
    from coach.simulation.places import ROLES

    if role and role not in ROLES:
        raise InvalidInput(f"there is no role {role!r}", f"roles are {', '.join(ROLES)}")
    return role


def _drifted(person: Person, days: int, law: Family, rng: Generator) -> tuple[list[Person], int | None]:
    """The person by day. Half of all people change once: other hours, a better or worse time."""
    change = rng.random() < 0.5 and days >= 40 and law.structured
    at = int(days * rng.uniform(0.4, 0.8))
    after = replace(
        person, peak_h=min(max(person.peak_h + float(rng.choice((-1.5, 1.5))), 8.0), 18.0),
        base=person.base + float(rng.choice((-0.06, 0.06))),
    )
    if not change:
        return [person] * days, None
    return [person if i < at else after for i in range(days)], at


def _absences(dates: Sequence[date], rng: Generator) -> tuple[list[bool], list[bool]]:
    """(days off: a week's holiday now and then, a sick day; days without a tracker). Never the last two days."""
    n = len(dates)
    off, untracked = (rng.random(n) < 0.012).tolist(), (rng.random(n) < 0.05).tolist()
    for start in range(int(rng.integers(20, 90)), n - 12, 110):
        off[start:start + 7] = [True] * 7
    off[-2:], untracked[-2:] = [False] * len(off[-2:]), [False] * len(untracked[-2:])
    return off, untracked


def _by_date(dates: Sequence[date], hourly: Any) -> dict[str, list[float]]:
    return {d.isoformat(): [round(x, 4) for x in row] for d, row in zip(dates, hourly.tolist(), strict=True)}


def _events(
    life: _Days, law: Family, now: datetime, tz: ZoneInfo, rng: Generator,
) -> tuple[list[Stretch], dict[str, float]]:
    """All window stretches up to now, and the minutes spent in each mode."""
    own = windows.repertoire(life.people[0], rng)
    meetings: dict[date, list[tuple[float, float]]] = {}
    for a in life.agenda:
        meetings.setdefault(a.day, []).append((a.start_h, a.end_h))
    work: dict[date, list[todo.Work]] = {}
    for w in life.work:
        work.setdefault(w.day, []).append(w)
    found: list[tuple[float, float, int, int, int]] = []
    for i, day in enumerate(life.dates):
        at_desk = attention.sittings(life.people[i], day.weekday(), life.off[i], rng)
        midnight_s = _midnight_s(day, tz)
        if i == len(life.dates) - 1:
            at_desk = _until_now(at_desk, (to_ms(now) / 1000 - midnight_s) / 3600)
        busy = () if life.off[i] else meetings.get(day, ())
        stays = attention.spheres(life.people[i], life.energy[i].tolist(), at_desk, busy, law, rng)
        if not life.untracked[i]:
            projects = _projects(stays, work.get(day, ()), life.people[i], rng)
            found += [(midnight_s + s.start_h * 3600, midnight_s + s.end_h * 3600, s.mode, p, i)
                      for s, p in zip(stays, projects, strict=True)]
    return _stretched(own, found, to_ms(now), rng)


def _stretched(
    own: windows.Repertoire, stays: list[tuple[float, float, int, int, int]], now_ms: int, rng: Generator,
) -> tuple[list[Stretch], dict[str, float]]:
    if not stays:
        return [], {}
    start_s, end_s, mode, project, day = (np.array(column) for column in zip(*stays, strict=True))
    minutes = {name: round(float((end_s - start_s)[mode == m].sum() / 60), 1) for m, name in enumerate(MODES)}
    starts, ends, contexts = windows.stretches(own, start_s, end_s, mode, project, day, rng)
    start_ms = np.rint(starts * 1000).astype(np.int64)
    end_ms = np.minimum(np.rint(ends * 1000).astype(np.int64), now_ms)
    kept = end_ms - start_ms >= 1000
    rows = zip(start_ms[kept].tolist(), end_ms[kept].tolist(), contexts[kept].tolist(), strict=True)
    return [(s, e, *own.contexts[c]) for s, e, c in rows], minutes


def _until_now(at_desk: list[attention.Sitting], now_h: float) -> list[attention.Sitting]:
    """The last day's sittings cut at now, where the person is: somebody who looks at Coach sits at the desk."""
    past = [replace(s, end_h=min(s.end_h, now_h)) for s in at_desk if s.start_h < now_h - 0.05]
    if past and now_h - past[-1].end_h < 0.5:
        return [*past[:-1], replace(past[-1], end_h=now_h)]
    if now_h >= 5:
        past.append(attention.Sitting(max(now_h - 0.6, past[-1].end_h + 0.2 if past else 4.2), now_h, 9 <= now_h < 18))
    return past


def _projects(
    stays: Sequence[attention.Sphere], work: Sequence[todo.Work], person: Person, rng: Generator,
) -> list[int]:
    """Which project each stay is about: that of the task worked on then, as far as the day's tasks have one."""
    known = [person.projects.index(w.project) for w in work if w.project in person.projects]
    drawn: list[int] = rng.integers(len(person.projects), size=len(stays)).tolist()
    if not known:
        return drawn
    return [known[i * len(known) // len(stays)] if i % 5 else d for i, d in enumerate(drawn)]


def _blocks(
    work: Sequence[todo.Work], current: dict[str, Task], meetings: Sequence[Meeting], person: Person, now: datetime,
    tz: ZoneInfo,
) -> list[PlannedBlock]:
    """The tasks of each day of the last three weeks, one after another from the beginning of work, around meetings."""
    planned: list[PlannedBlock] = []
    at_by_day: dict[date, datetime] = {}
    for w in work:
        if w.task_id not in current or (logical_day(now, tz) - w.day).days > 21:
            continue
        begin = datetime.combine(w.day, time()) + timedelta(minutes=round(person.work_start_h * 4) * 15)
        length = timedelta(minutes=max(15, round(w.minutes / 15) * 15))
        noted = current[w.task_id].created + timedelta(minutes=5)
        earliest = max(at_by_day.get(w.day) or resolve(begin, tz), _quarter(noted).astimezone(tz))
        start = _free(earliest, length, meetings)
        end = start + length
        if start.date() == end.date() == w.day and end.hour < 21:
            planned.append(PlannedBlock(w.task_id, start, end, "done" if end <= now else "accepted"))
            at_by_day[w.day] = end + timedelta(minutes=15)
    return planned


def _free(start: datetime, length: timedelta, meetings: Sequence[Meeting]) -> datetime:
    """The first quarter of an hour from `start` on at which that length meets no meeting."""
    for m in meetings:
        if m.start < start + length and m.end > start:
            start = _quarter(m.end)
    return start


def _quarter(at: datetime) -> datetime:
    """The next whole quarter of an hour."""
    return at + timedelta(minutes=-at.minute % 15)


def _meeting(a: Appointment, tz: ZoneInfo) -> Meeting:
    midnight = datetime.combine(a.day, time())
    start, end = (resolve(midnight + timedelta(minutes=round(h * 60)), tz) for h in (a.start_h, a.end_h))
    return Meeting(a.uid, start, end, a.title, a.repeats)


def _midnight_s(day: date, tz: ZoneInfo) -> float:
    """Local midnight in seconds of the epoch, by the offset of the day's noon: nights of a clock change stay even."""
    noon = resolve(datetime.combine(day, time(12)), tz)
    return to_ms(noon) / 1000 - 43_200


def to_jsonl(life: SimulatedLife) -> Iterator[dict[str, Any]]:
    """The life as objects for one JSON line each, told apart by `kind`; `truth` is the last."""
    yield {"kind": "person", **asdict(life.person)}
    for start_ms, end_ms, app, title, url, project in life.events:
        yield {"kind": "event", "start": iso(from_ms(start_ms)), "end": iso(from_ms(end_ms)), "app": app,
               "title": title, "url": url, "project": project}
    for m in life.meetings:
        yield {"kind": "meeting", "uid": m.uid, "start": iso(m.start), "end": iso(m.end), "title": m.title}
    for s in life.steps:
        yield {"kind": "task", "at": iso(s.at), "action": s.action, "task": task_json(s.task, s.at),
               "series": task_json(s.series, s.at) if s.series else None}
    for b in life.blocks:
        yield {"kind": "block", "task_id": b.task_id, "start": iso(b.start), "end": iso(b.end), "status": b.status}
    yield {"kind": "truth", **life.truth}
