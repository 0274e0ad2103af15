"""Who a simulated person is: role, chronotype, habits, temper with tasks, and a vocabulary of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coach.simulation import vocabulary
from coach.simulation.places import BROWSERS, HOBBIES, ROLES, VIDEOS

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True, slots=True)
class Person:
    """Hours are local clock hours; `base`, `amplitude`, `dip` and `weekdays` are in units of energy, 0 to 1."""

    name: str
    role: str
    peak_h: float
    """Hour of the day at which energy peaks (chronotype)."""
    base: float
    amplitude: float
    dip: float
    dip_h: float
    weekdays: tuple[float, ...]
    work_start_h: float
    work_end_h: float
    lunch_h: float
    meetings_a_week: float
    distractible: float
    """How strongly low energy turns into distraction; 1 is average."""
    evening: float
    """Probability of sitting down again in the evening."""
    impulsive: float
    """Gamma of temporal motivation theory, per day of delay."""
    temptation: float
    """Utility that a task must exceed to be started."""
    estimate_bias: float
    """True minutes over estimated ones, in the median."""
    people: tuple[str, ...]
    projects: tuple[str, ...]
    clients: tuple[str, ...]
    topics: tuple[str, ...]
    files: tuple[str, ...]
    documents: tuple[str, ...]
    hobbies: tuple[str, ...]
    videos: tuple[str, ...]
    browser: tuple[str, str]
    """Window class, and how its titles end."""
    jetlag_h: float
    """How much later energy peaks on a weekend (Roenneberg 2019)."""
    fatigue: float
    """Energy lost for each recent hour of work."""
    meeting_cost: float
    """Energy that an hour in a meeting takes from the hour after it, before the carry-over of 30 %."""
    pressed: float
    """Energy that deadlines of the next days can lend."""
    burst_in: float
    """Chance per hour that a burst of distraction begins."""
    burst_cost: float
    """Energy lost while one lasts."""
    position_bias: float
    """How much more readily the first of several suggestions is taken."""


_MEETINGS_A_WEEK = {"developer": 9, "manager": 19, "researcher": 6, "student": 9, "designer": 10, "support": 8}


def make_person(rng: Generator, role: str = "") -> Person:
    """A person drawn at random; the spreads are those of MCTQ (chronotype) and of published studies of office work."""
    def some(words: tuple[str, ...], n: int) -> tuple[str, ...]:
        return tuple(words[i] for i in rng.permutation(len(words))[:n])

    role = role or ROLES[int(rng.integers(len(ROLES)))]
    peak_h = float(min(max(rng.normal(11.0, 1.8), 8.0), 18.0))
    start_h = 9.0 + 0.25 * (peak_h - 11.0) + float(rng.normal(0, 0.4))
    people = some(vocabulary.PEOPLE, 9)
    return Person(
        name=people[0], role=role, peak_h=peak_h, base=float(rng.uniform(0.45, 0.65)),
        amplitude=float(rng.uniform(0.08, 0.20)), dip=float(rng.uniform(0.03, 0.10)),
        dip_h=float(rng.normal(14.0, 0.5)), weekdays=tuple(float(x) for x in rng.normal(0, 0.03, 7)),
        work_start_h=start_h,
        work_end_h=start_h + float(rng.normal(8.6, 0.4)), lunch_h=12.5 + float(rng.normal(0, 0.3)),
        meetings_a_week=_MEETINGS_A_WEEK[role] * float(rng.uniform(0.7, 1.3)),
        distractible=float(rng.uniform(0.6, 1.5)),
        evening=float(rng.uniform(0.4, 0.85)), impulsive=float(rng.lognormal(-1.4, 0.5)),
        temptation=float(rng.uniform(0.14, 0.22)), estimate_bias=float(rng.lognormal(0.12, 0.2)),
        people=people[1:], projects=some(vocabulary.PROJECTS, 4), clients=some(vocabulary.CLIENTS, 4),
        topics=some(vocabulary.TOPICS[role], 16), files=some(vocabulary.FILES[role], 14),
        documents=some(vocabulary.DOCUMENTS, 8),
        hobbies=some(HOBBIES, 3), videos=some(VIDEOS, 10), browser=BROWSERS[int(rng.choice(3, p=(0.5, 0.35, 0.15)))],
        jetlag_h=float(rng.uniform(0.5, 1.5)), fatigue=float(rng.uniform(0.01, 0.03)),
        meeting_cost=float(rng.uniform(0.1, 0.3)), pressed=float(rng.uniform(0.0, 0.15)),
        burst_in=float(rng.uniform(0.03, 0.12)), burst_cost=float(rng.uniform(0.15, 0.30)),
        position_bias=float(rng.uniform(0.2, 0.8)),
    )


def words_for(person: Person, rng: Generator, project: str = "") -> dict[str, str]:
    """One filling of a grammar's slots from the person's vocabulary."""
    def one(words: tuple[str, ...]) -> str:
        return words[int(rng.integers(len(words)))]

    number = int(rng.integers(100, 9999))
    project = project or one(person.projects)
    return {
        "person": one(person.people), "project": project, "client": one(person.clients), "topic": one(person.topics),
        "file": one(person.files), "document": one(person.documents), "hobby": one(person.hobbies),
        "video": one(person.videos), "book": one(vocabulary.BOOKS), "place": one(vocabulary.PLACES),
        "number": str(number), "ticket": f"{project[:4].upper()}-{number % 900 + 1}",
    }
