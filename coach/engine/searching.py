"""Finding tasks: the list by urgency, a page of it, what a filter names, what a few words occur in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.task import Task, status_at
from coach.core.urgency import urgency
from coach.store import ranking, tasks
from coach.store.db import Connection

if TYPE_CHECKING:  # 2 ms that a list without words and `coach add` do not need
    from coach.engine.filters import Asked

Scored: TypeAlias = tuple[Task, float]
"""A task and its urgency."""

MOST_COUNTED = 9999
_FEW = 1000
"""So many tasks are read and sorted; among more, the most urgent ones are looked for from the top."""


@dataclass(frozen=True, slots=True)
class Page:
    """The first tasks of a list. `total` is None where counting would mean reading all of them; then there are more."""

    rows: list[Scored]
    total: int | None


def open_by_urgency(db: Connection, config: Config, now: datetime) -> list[Scored]:
    """Open tasks with their urgency, most urgent first; waiting ones last."""
    opened = tasks.open_tasks(db)
    ids = {t.id for t in opened}
    blocking = {d for t in opened for d in t.depends}
    scored = [
        (t, urgency(t, now, config.urgency, blocked=any(d in ids for d in t.depends), blocking=t.id in blocking))
        for t in opened
    ]
    return sorted(scored, key=lambda pair: (status_at(pair[0], now) == "waiting", *_place(pair)))


def ready(db: Connection, config: Config, now: datetime) -> list[Scored]:
    """Open tasks that can be worked on now: not waiting, not blocked, not scheduled for later; most urgent first."""
    from coach.core.when import start_of, zone

    opened = open_by_urgency(db, config, now)
    ids = {t.id for t, _ in opened}
    return [
        (t, u) for t, u in opened
        if status_at(t, now) == "pending" and not any(d in ids for d in t.depends)
        and not (t.scheduled and start_of(t.scheduled, zone(t.time_zone)) > now)
    ]


def next_ready(db: Connection, config: Config, now: datetime) -> Scored | None:
    """The first of `ready`, without a look at the others."""
    if not ranking.can_rank(config.urgency):
        return next(iter(ready(db, config, now)), None)
    for num, score in ranking.ranked(db, config.urgency, now, ready=True):
        return tasks.numbered(db, [num])[0], score
    return None


def select(db: Connection, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo) -> list[Scored]:
    """Tasks that a filter names, most urgent first. Without a word about status: pending ones, not waiting."""
    if not words:
        return [(t, u) for t, u in open_by_urgency(db, config, now) if status_at(t, now) == "pending"]
    asked = _asked(db, words, config, now, tz)
    if asked.among is None and not asked.any_status:
        return [(t, u) for t, u in open_by_urgency(db, config, now) if status_at(t, now) == "pending" and asked.accept(t)]
    return _scored(db, asked, config, now)


def page(db: Connection, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo, limit: int) -> Page:
    """The first `limit` tasks of `select`, reading little more than those."""
    if not words and ranking.can_rank(config.urgency):
        first = dict(islice(ranking.ranked(db, config.urgency, now), limit))
        total = len(first) if len(first) < limit else tasks.count_shown(db, now, MOST_COUNTED + 1)
        rows = [(t, first[t.num]) for t in tasks.numbered(db, list(first))]
        return Page(rows, total if total <= MOST_COUNTED else None)
    if not words:
        found = select(db, words, config, now, tz)
        return Page(found[:limit], len(found))
    asked = _asked(db, words, config, now, tz)
    if not asked.any_status and ranking.can_rank(config.urgency) and (asked.among is None or len(asked.among) > _FEW):
        return _walked(db, asked, config, now, limit)
    found = _scored(db, asked, config, now)
    return Page(found[:limit], len(found))


def search(db: Connection, words: Sequence[str], limit: int) -> list[Task]:
    """Tasks of any status in whose title, notes or annotations all the words occur, or what the person means by them; open ones
    first, then the newest."""
    from coach.engine import language

    given = [word for word in words if word]
    if not given:
        return []
    fits = {t.id: t for way in (given, *language.ways(db, given)) for t in _containing(db, way)}
    return sorted(fits.values(), key=lambda t: (t.status != "pending", -t.num))[:limit]


def _containing(db: Connection, words: Sequence[str]) -> list[Task]:
    from coach.store import search as index
    from coach.store.task_index import folded

    wanted = [folded(word) for word in words]
    nums = index.containing(db, wanted, _FEW)
    found = tasks.newest(db, _FEW) if nums is None else tasks.numbered(db, nums)
    return [t for t in found if all(w in folded(text_of(t)) for w in wanted)]


def text_of(task: Task) -> str:
    """All of a task's own words."""
    return "\n".join((task.title, task.notes, *(note.text for note in task.annotations)))


def _asked(db: Connection, words: Sequence[str], config: Config, now: datetime, tz: ZoneInfo) -> Asked:
    from coach.engine import filters  # see above

    return filters.asked(db, words, config, now, tz)


def _walked(db: Connection, asked: Asked, config: Config, now: datetime, limit: int) -> Page:
    """From the most urgent one on, until the page is full."""
    found: list[Scored] = []
    nums = ((n, u) for n, u in ranking.ranked(db, config.urgency, now) if asked.among is None or n in asked.among)
    while len(found) <= limit and (some := dict(islice(nums, 4 * limit))):
        found += [(t, some[t.num]) for t in tasks.numbered(db, list(some)) if asked.accept(t)]
    return Page(found[:limit], None if len(found) > limit else len(found))


def _scored(db: Connection, asked: Asked, config: Config, now: datetime) -> list[Scored]:
    found = tasks.every(db) if asked.among is None else tasks.numbered(db, sorted(asked.among))
    fits = [
        t for t in found if (asked.any_status or status_at(t, now) == "pending") and asked.accept(t)
    ]
    shapes = tasks.shapes(db, [t.num for t in fits if t.status == "pending"])
    scored = []
    for task in fits:
        of = shapes.get(task.num)
        blocked, blocking = (of.blocked, of.blocking) if of else (False, False)
        scored.append((task, urgency(task, now, config.urgency, blocked=blocked, blocking=blocking)))
    return sorted(scored, key=_place)


def _place(pair: Scored) -> tuple[float, datetime, int]:
    task, score = pair
    return -score, task.created, task.num
