"""Simulated people as the focus forecast sees them, with the truth beside them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import shipped
from coach.core import category
from coach.core.task import Task
from coach.engine.pretraining.in_order import in_order
from coach.ml.features import focus as features
from coach.ml.features.focus import Floats, Ints, Series
from coach.simulation import oracle as truth
from coach.simulation.course import course, lived
from coach.simulation.hours import Categorise, Hours, Label, hourly, meeting_share
from coach.simulation.life import told

if TYPE_CHECKING:
    from coach.simulation.course import Shift
    from coach.simulation.life import SimulatedLife

TZ = ZoneInfo("Europe/Berlin")
REPLICATES = 24


@dataclass(frozen=True, slots=True)
class Simulated:
    """A person's hours. `expected` (days, 24) is the noise-free focus and `best` (issues, 24) the forecast of somebody who
    knows the person's states; both only where they were asked for."""

    seed: int
    series: Series
    change_day: int | None
    expected: Floats | None = None
    best: Floats | None = None


def simulated(
    seed: int, days: int, family: str, issues: Ints | None = None, replicates: int = REPLICATES, shift: Shift | None = None,
) -> Simulated:
    """One person; with `issues` (hours since the first day) the truth too, which costs as much as `replicates` lives."""
    now = datetime(2026, 1, 5, 22, tzinfo=UTC) + timedelta(days=seed * 37 % 364)
    of = course(days, seed, now, TZ, family, shift=shift)
    life = lived(of)
    story = told(of, life)
    label = labeller(of.people[0].role)
    series = series_of(hourly(story, label, TZ), story, of.dates)
    if issues is None:
        return Simulated(seed, series, of.change_day)
    known = truth.oracle(of, label, replicates)
    best = np.stack([truth.forecast(known, of, life.energies, int(t - 1) // 24, int(t - 1) % 24) for t in issues])
    return Simulated(seed, series, of.change_day, known.expected, best)


def people(
    seeds: Sequence[int], days: int, family: str, issues: Ints | None = None, workers: int = 1,
    progress: Callable[[str], None] = lambda _: None, replicates: int = REPLICATES,
) -> Iterator[Simulated]:
    """In the order of the seeds, on `workers` processes."""
    one = partial(simulated, days=days, family=family, issues=issues, replicates=replicates)
    return in_order(one, seeds, workers, family, progress, every=100)


def series_of(hours: Hours, life: SimulatedLife, dates: Sequence[date]) -> Series:
    """The hours of `dates`, the first to the last day of the course."""
    n = len(dates)
    first = (hours.dates[0] - dates[0]).days if hours.dates else 0

    def placed(x: Any, fill: float) -> Floats:
        found = np.full((n, 24), fill)
        rows = x[: max(0, n - first)]
        found[first:first + len(rows)] = rows
        return found

    with np.errstate(invalid="ignore", divide="ignore"):
        level = np.where(hours.active_min > 0, hours.level_min / hours.active_min, 0.0)
    ahead = [*dates, dates[-1] + timedelta(days=1), dates[-1] + timedelta(days=2)]
    visits = sum(hours.visits.values(), np.zeros_like(hours.active_min))
    return Series(
        dates[0].weekday(), placed(hours.score, np.nan), placed(hours.active_min, 0.0), placed(level, 0.0),
        placed(visits, 0.0), meeting_share(life.meetings, ahead, TZ), deadlines(life.tasks, dates[0], n + 2),
    )


def deadlines(tasks: Sequence[Task], first: date, days: int) -> Floats:
    """(days, 24) pressure of the due dates of those tasks, by the day."""
    dated = [(task, task.due) for task in tasks if task.due is not None and task.recurrence is None]

    def number(at: date | datetime) -> int:
        return ((at.astimezone(TZ).date() if isinstance(at, datetime) else at) - first).days

    due = np.array([number(d) for _, d in dated], dtype=np.int64)
    since = np.array([number(t.created) for t, _ in dated], dtype=np.int64)
    ends = [t.completed or t.deleted for t, _ in dated]
    until = np.array([number(e) if e else 10**6 for e in ends], dtype=np.int64)
    return np.repeat(features.pressure(due, since, until, days)[:, None], 24, axis=1)


@lru_cache(maxsize=8)
def labeller(role: str = "") -> Categorise:
    """The shipped taxonomy as that role has it."""
    tree = tomllib.loads(shipped("data", "taxonomy.toml").read_text(encoding="utf-8"))
    categories, rules = category.from_taxonomy(tree, role)
    ready = category.compiled(rules)

    @cache
    def label(app: str, title: str, url: str, project: str) -> Label:
        found = category.category_named(categories, category.categorise(ready, app, title, url, project))
        return Label(found.name, found.level, found.focus)

    return label
