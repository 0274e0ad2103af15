"""The course of a simulated life: what is settled before attention (person, days, calendar, tasks), and one living of it.

Living it again with another `replicate` draws new states and new attention around the same calendar and tasks: the mean over
replicates is what could be expected. Living it with an `Intervention` uses the same luck (common random numbers)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from coach.core.errors import InvalidInput
from coach.core.when import logical_day, resolve, to_ms
from coach.simulation import attention, energy, habit_shapes, habits, todo, windows
from coach.simulation.agenda import Appointment, appointments
from coach.simulation.attention import Sitting, Sphere
from coach.simulation.energy import DAY_HOURS, Energies
from coach.simulation.families import Family, family_named
from coach.simulation.habit_shapes import Leads, Leaning, Shaped
from coach.simulation.intervene import Intervention, limits_h, untempted, without
from coach.simulation.person import Person, make_person
from coach.simulation.places import ROLES

if TYPE_CHECKING:
    from numpy.random import Generator

    Array = np.ndarray[Any, np.dtype[np.float64]]
    Ints = np.ndarray[Any, np.dtype[np.int64]]

AHEAD_DAYS = 14
"""How far the calendar reaches beyond now."""
FRAGMENTED = "meeting_fragmentation"
PRESSURE_DAYS = 4
"""A deadline is felt this many days ahead."""


@dataclass(frozen=True, slots=True)
class Shift:
    """From day `day` on the person's rhythm lies `later_h` hours later, and nothing else changes. A day beyond the course is no
    change at all."""

    day: int
    later_h: float


@dataclass(frozen=True, slots=True)
class Course:
    """`people` is the person by day: half of all people change once, at `change_day`. `pressure` is `deadline_load`; `law` the
    energy that calendar, clock and deadlines make, (days, 28)."""

    seed: int
    family: Family
    now: datetime
    tz: ZoneInfo
    people: Sequence[Person]
    change_day: int | None
    dates: Sequence[date]
    off: Sequence[bool]
    untracked: Sequence[bool]
    agenda: Sequence[Appointment]
    noted: todo.TodoLife
    pressure: Array
    law: Array
    own: windows.Repertoire
    habits: Mapping[str, Sequence[float]]
    """By habit, the share of each weekday's days on which it shows."""
    cut_up: Sequence[float]
    """By day, how strongly meetings cut it up: that habit is in the calendar."""


@dataclass(frozen=True, slots=True)
class Lived:
    """Window stretches in seconds since the epoch with their context (an index of the repertoire), in order, and what made
    them. `stays` are those of each day, tracked or not, `patterns` the intensity of each habit that took place."""

    starts_s: Array
    ends_s: Array
    contexts: Ints
    energies: Energies
    stays: Sequence[Sequence[Sphere]]
    patterns: Sequence[Mapping[str, float]]


def course(
    days: int, seed: int, now: datetime, tz: ZoneInfo, family: str = "A", role: str = "", shift: Shift | None = None,
) -> Course:
    """The last `days` days of a person, up to `now`; one seed, one life. `shift` stands in for the change that chance would
    bring.

    Raises InvalidInput for another family, role or a number of days outside 1 to 3,660."""
    if not 1 <= days <= 3660:
        raise InvalidInput(f"{days} days cannot be simulated", "1 to 3660 days")
    if role and role not in ROLES:
        raise InvalidInput(f"there is no role {role!r}", f"roles are {', '.join(ROLES)}")
    law = family_named(family)
    rng = np.random.default_rng((seed, 1))
    person = make_person(rng, role)
    last = logical_day(now, tz)
    dates = [last - timedelta(days=days - 1 - i) for i in range(days)]
    people, change_day = _shifted(person, days, shift) if shift else _drifted(person, days, law, rng)
    off, untracked = _absences(dates, rng)
    drawn = np.random.default_rng((seed, 9))
    own_habits = habits.habits_of(law, drawn)
    cut_up = [w.get(FRAGMENTED, 0.0) for w in habits.by_day(own_habits, dates, off, law, drawn)]
    planned = appointments(person, dates[0], days + AHEAD_DAYS, np.random.default_rng((seed, 2)))
    agenda = _cut_up(planned, dates, cut_up, people, law, drawn)
    noted = todo.live(people, dates, off, law, now, tz, np.random.default_rng((seed, 3)))
    pressure = deadline_load(noted, dates)
    known = energy.law(people, [d.weekday() for d in dates], _meeting_hours(agenda, dates, off), pressure, law)
    own = windows.repertoire(person, np.random.default_rng((seed, 6)))
    return Course(seed, law, now, tz, people, change_day, dates, off, untracked, agenda, noted, pressure, known, own,
                  own_habits, cut_up)


def lived(of: Course, replicate: int = 0, intervention: Intervention | None = None, *, tracked: bool = True) -> Lived:
    """One living of the course. Days without a tracker leave stays and no stretches, unless `tracked` is off."""
    states = energy.energies(of.people, of.law, of.family, np.random.default_rng((of.seed, 4, replicate)))
    luck = np.random.default_rng((of.seed, 9, replicate))
    wanted = habits.by_day(of.habits, of.dates, of.off, of.family, luck)
    among, to, busy = attention.draws(of.own), habit_shapes.leads(of.own), _busy(of)
    work: dict[date, list[todo.Work]] = {}
    for w in of.noted.work:
        work.setdefault(w.day, []).append(w)
    days: list[Shaped] = []
    rows: list[tuple[float, float, int, int, bool, int, int]] = []
    for i, day in enumerate(of.dates):
        key = (of.seed, 5, replicate, i)
        today = {n: x for n, x in wanted[i].items() if n != FRAGMENTED} | ({FRAGMENTED: of.cut_up[i]} if of.cut_up[i] else {})
        days.append(_day(of, i, states, today, busy.get(day, ()), among, to, key, intervention))
        if of.untracked[i] and tracked:
            continue
        stays = days[-1].stays
        projects = _projects(stays, work.get(day, ()), of.people[i], np.random.default_rng((*key, 2)))
        zero_s = midnight(day, of.tz)
        rows += [(zero_s + s.start_h * 3600, zero_s + s.end_h * 3600, s.mode, s.place, _calm(s), p, i)
                 for s, p in zip(stays, projects, strict=True)]
    return _stretched(of, rows, states, days, np.random.default_rng((of.seed, 7, replicate)))


def deadline_load(noted: todo.TodoLife, dates: Sequence[date]) -> Array:
    """For each day the sum over tasks, open as it begins and due within four days, of (1 - days left / 4), over 3: (days,)."""
    load = np.zeros(len(dates))
    first = dates[0]
    opened: dict[str, date] = {}
    for step in noted.steps:
        task = step.task
        if step.action == "create":
            opened[task.id] = step.at.date()
        due = task.due.date() if isinstance(task.due, datetime) else task.due
        closed = step.at.date() if step.action in ("complete", "delete") else None
        if due is None or closed is None or task.id not in opened:
            continue
        _press(load, opened.pop(task.id), min(closed, due), due, first)
    current = {s.task.id: s.task for s in noted.steps}
    for task_id, since in opened.items():
        due_at = current[task_id].due
        due = due_at.date() if isinstance(due_at, datetime) else due_at
        if due is not None:
            _press(load, since, due, due, first)
    return load / 3


def midnight(day: date, tz: ZoneInfo) -> float:
    """Local midnight in seconds of the epoch, by the offset of the day's noon: nights of a clock change stay even."""
    noon = resolve(datetime.combine(day, time(12)), tz)
    return to_ms(noon) / 1000 - 43_200


def _press(load: Array, since: date, until: date, due: date, first: date) -> None:
    for left in range(PRESSURE_DAYS):
        day = due - timedelta(days=left)
        index = (day - first).days
        if since < day <= until and 0 <= index < len(load):
            load[index] += 1 - left / PRESSURE_DAYS


def _day(
    of: Course, i: int, states: Energies, today: Mapping[str, float], busy: Sequence[tuple[float, float]],
    among: attention.Draws, to: Leads, key: tuple[int, ...], intervention: Intervention | None,
) -> Shaped:
    person, law = of.people[i], of.family

    def live(wanted: Mapping[str, float], meetings: Sequence[tuple[float, float]], spent_h: dict[int, float] | None) -> Shaped:
        at_desk = attention.sittings(person, of.dates[i].weekday(), of.off[i], np.random.default_rng((*key, 0)))
        seated = habits.sit(at_desk, wanted, person, meetings, law, np.random.default_rng((*key, 3)))
        if i == len(of.dates) - 1:
            now_h = (to_ms(of.now) / 1000 - midnight(of.dates[i], of.tz)) / 3600
            seated = replace(seated, at_desk=_until_now(seated.at_desk, now_h))
        rng = np.random.default_rng((*key, 1))
        stays = attention.spheres(person, states.actual[i].tolist(), seated.at_desk, meetings, among, law, rng, spent_h)
        return habit_shapes.shape(stays, wanted, seated, person, to, law, np.random.default_rng((*key, 4)))

    as_it_was = live(today, busy, None)
    if intervention is None:
        return as_it_was
    return live(untempted(intervention, today), without(intervention, busy), limits_h(intervention, as_it_was.stays))


def _cut_up(
    planned: Sequence[Appointment], dates: Sequence[date], cut_up: Sequence[float], people: Sequence[Person], law: Family,
    rng: Generator,
) -> list[Appointment]:
    """The calendar with the short meetings of fragmented days."""
    by_day: dict[date, list[Appointment]] = {}
    for a in planned:
        by_day.setdefault(a.day, []).append(a)
    for day, intensity, person in zip(dates, cut_up, people, strict=True):
        if intensity:
            by_day[day] = habits.meet(by_day.get(day, []), day, intensity, person, law, rng)
    return [a for day in sorted(by_day) for a in by_day[day]]


def _calm(stay: Sphere) -> bool:
    return isinstance(stay, Leaning) and stay.lean == habits.UNDISTURBED


def _busy(of: Course) -> dict[date, list[tuple[float, float]]]:
    """The day's meetings in hours, by date. Those of people without structure are in the calendar only."""
    meetings: dict[date, list[tuple[float, float]]] = {}
    if of.family.structured:
        away = {d for d, off in zip(of.dates, of.off, strict=True) if off}
        for a in of.agenda:
            if a.day not in away:
                meetings.setdefault(a.day, []).append((a.start_h, a.end_h))
    return meetings


def _meeting_hours(agenda: Sequence[Appointment], dates: Sequence[date], off: Sequence[bool]) -> Array:
    share = np.zeros((len(dates), DAY_HOURS))
    for a in agenda:
        day = (a.day - dates[0]).days
        if day < len(dates) and not off[day]:
            for hour in range(int(a.start_h), min(int(np.ceil(a.end_h)), DAY_HOURS)):
                share[day, hour] = min(1.0, share[day, hour] + min(a.end_h, hour + 1) - max(a.start_h, hour))
    return share


def _drifted(person: Person, days: int, law: Family, rng: Generator) -> tuple[list[Person], int | None]:
    """The person by day. Half of all people change once: another rhythm, better or worse times, more or less to resist."""
    change = rng.random() < 0.5 and days >= 40 and law.structured
    at = int(days * rng.uniform(0.4, 0.8))
    shift_h, better = float(rng.choice((-1.5, 1.5))), float(rng.choice((-0.06, 0.06)))
    after = replace(
        person, peak_h=min(max(person.peak_h + shift_h, 8.0), 18.0), base=person.base + better,
        distractible=person.distractible * (1.25 if better < 0 else 0.8),
        work_start_h=person.work_start_h + shift_h / 3, work_end_h=person.work_end_h + shift_h / 3,
    )
    if not change:
        return [person] * days, None
    return [person if i < at else after for i in range(days)], at


def _shifted(person: Person, days: int, shift: Shift) -> tuple[list[Person], int | None]:
    """As a change of rhythm by chance, alone."""
    after = replace(
        person, peak_h=min(max(person.peak_h + shift.later_h, 8.0), 18.0),
        work_start_h=person.work_start_h + shift.later_h / 3, work_end_h=person.work_end_h + shift.later_h / 3,
    )
    return [person if i < shift.day else after for i in range(days)], shift.day if shift.day < days else None


def _absences(dates: Sequence[date], rng: Generator) -> tuple[list[bool], list[bool]]:
    """(days off: a week's holiday now and then, a sick day; days without a tracker). Never the last two days."""
    n = len(dates)
    off, untracked = (rng.random(n) < 0.012).tolist(), (rng.random(n) < 0.05).tolist()
    for start in range(int(rng.integers(20, 90)), n - 12, 110):
        off[start:start + 7] = [True] * 7
    off[-2:], untracked[-2:] = [False] * len(off[-2:]), [False] * len(untracked[-2:])
    return off, untracked


def _stretched(
    of: Course, rows: list[tuple[float, float, int, int, bool, int, int]], states: Energies, days: Sequence[Shaped],
    rng: Generator,
) -> Lived:
    stays, patterns = [d.stays for d in days], [d.truth for d in days]
    if not rows:
        nothing = np.zeros(0)
        return Lived(nothing, nothing, np.zeros(0, dtype=np.int64), states, stays, patterns)
    start_s, end_s, mode, main, calm, project, day = (np.array(column) for column in zip(*rows, strict=True))
    starts, ends, contexts = windows.stretches(of.own, start_s, end_s, mode, main, calm, project, day, rng)
    return Lived(starts, ends, contexts, states, stays, patterns)


def _until_now(at_desk: list[Sitting], now_h: float) -> list[Sitting]:
    """The last day's sittings cut at now, where the person is: somebody who looks at Coach sits at the desk."""
    past = [replace(s, end_h=min(s.end_h, now_h)) for s in at_desk if s.start_h < now_h - 0.05]
    if past and now_h - past[-1].end_h < 0.5:
        return [*past[:-1], replace(past[-1], end_h=now_h)]
    if now_h >= 5:
        past.append(Sitting(max(now_h - 0.6, past[-1].end_h + 0.2 if past else 4.2), now_h, 9 <= now_h < 18))
    return past


def _projects(stays: Sequence[Sphere], work: Sequence[todo.Work], person: Person, rng: Generator) -> list[int]:
    """Which project each stay is about: that of the task worked on then, as far as the day's tasks have one."""
    known = [person.projects.index(w.project) for w in work if w.project in person.projects]
    drawn: list[int] = rng.integers(len(person.projects), size=len(stays)).tolist()
    if not known:
        return drawn
    return [known[i * len(known) // len(stays)] if i % 5 else d for i, d in enumerate(drawn)]
