"""A simulated life: what a tracker would have seen of a person, what they noted and did, and the truth behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np

from coach.core.task import Task, task_json
from coach.core.when import from_ms, iso, logical_day, resolve, to_ms
from coach.simulation import todo
from coach.simulation.agenda import Appointment
from coach.simulation.course import Course, Lived, course, lived
from coach.simulation.intervene import Intervention
from coach.simulation.person import Person
from coach.simulation.places import MODES
from coach.simulation.steps import Step

Stretch: TypeAlias = tuple[int, int, str, str, str, str]
"""(start_ms, end_ms, app, title, url, project)."""


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


def simulate(
    days: int, seed: int, now: datetime, tz: ZoneInfo, family: str = "A", role: str = "",
    intervention: Intervention | None = None,
) -> SimulatedLife:
    """The last `days` days of a person, up to `now`; one seed, one life. Families are A, B and placebo.

    Raises InvalidInput for another family, role or a number of days outside 1 to 3,660."""
    of = course(days, seed, now, tz, family, role)
    return told(of, lived(of, intervention=intervention))


def told(of: Course, life: Lived) -> SimulatedLife:
    """The life as a tracker and a task list would have recorded it, with the truth beside it."""
    current = {t.id: t for s in of.noted.steps for t in (s.task, s.series) if t is not None}
    meetings = [_meeting(a, of.tz) for a in of.agenda]
    states = life.energies
    return SimulatedLife(
        of.people[0], _events(of, life), meetings, list(current.values()), of.noted.steps,
        _blocks(of.noted.work, current, meetings, of.people[-1], of.now, of.tz),
        {
            "family": of.family.name, "seed": of.seed, "person": asdict(of.people[0]), "change_day": of.change_day,
            "after_change": asdict(of.people[-1]) if of.change_day else None,
            "off_days": [d.isoformat() for d, x in zip(of.dates, of.off, strict=True) if x],
            "untracked_days": [d.isoformat() for d, x in zip(of.dates, of.untracked, strict=True) if x],
            "energy": _by_date(of.dates, states.actual), "expected_energy": _by_date(of.dates, np.clip(of.law, 0.05, 0.98)),
            "habits": dict(of.habits),
            "patterns": {d.isoformat(): dict(p) for d, p in zip(of.dates, life.patterns, strict=True)},
            "bursts": _by_date(of.dates, states.burst), "mode_minutes": _minutes(life), "places": _places(of),
            "tasks": {i: t for i, t in of.noted.truth.items() if i in current},
        },
    )


def _events(of: Course, life: Lived) -> list[Stretch]:
    """Stretches of a second or more, none beyond now."""
    start_ms = np.rint(life.starts_s * 1000).astype(np.int64)
    end_ms = np.minimum(np.rint(life.ends_s * 1000).astype(np.int64), to_ms(of.now))
    kept = end_ms - start_ms >= 1000
    rows = zip(start_ms[kept].tolist(), end_ms[kept].tolist(), life.contexts[kept].tolist(), strict=True)
    return [(s, e, *of.own.contexts[c]) for s, e, c in rows]


def _minutes(life: Lived) -> dict[str, float]:
    """Minutes in each mode."""
    spent = [0.0] * len(MODES)
    for stays in life.stays:
        for stay in stays:
            spent[stay.mode] += (stay.end_h - stay.start_h) * 60
    return {name: round(minutes, 1) for name, minutes in zip(MODES, spent, strict=True) if minutes}


def _places(of: Course) -> list[dict[str, Any]]:
    """Every app and site of the person: its mode, whether that is productive, whether catalogues know it, its pull."""
    own = of.own
    return [
        {"app": own.contexts[own.first[i, 0]][0], "url": own.contexts[own.first[i, 0]][2], "mode": MODES[place.mode],
         "productive": MODES[place.mode] in ("deep", "shallow", "meeting"), "known": place.known, "pull": round(pull, 4)}
        for i, (place, pull) in enumerate(zip(own.places, own.pulls, strict=True))
    ]


def _by_date(dates: Sequence[date], hourly: Any) -> dict[str, list[float]]:
    return {d.isoformat(): [round(x, 4) for x in row] for d, row in zip(dates, hourly.tolist(), strict=True)}


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
