"""What to do next: the order of what is open, learnt from what was done next among what was open. Pure Python: the shell asks."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from coach.config import Config, shipped
from coach.core.errors import ModelBroken
from coach.core.exploring import Tie, explored
from coach.core.priority import (
    FEATURES,
    TRUSTED,
    WORDS,
    Base,
    Option,
    Taste,
    learn,
    option,
    reasons,
    score,
    taste_of,
    traits,
    traits_of,
)
from coach.core.task import Task
from coach.store import models, ranking, tasks, taste
from coach.store.db import Connection, meta

TABLES = "tables.json"
MANY = 200
"""Of more tasks the most urgent ones are ordered."""
AT_ONCE = 10
"""Choices that one look learns from; the jobs come to the others."""
FIRST = 200
"""Choices of a long history that are learnt from, the last ones."""
OPEN = 60
"""Open tasks among which a choice is learnt from."""
SHOWN_H = 24
"""A rank is remembered so long."""
NOTED_H = 6
STRONGEST = 3
"""Reasons that are named."""
WEEKEND = 5
NOWHERE = taste.Shown(0, "", None)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A task with its urgency and its score (log odds of being done next, up to what all share). `why` are the strongest parts
    of the difference to the mean of what is open, in log odds; all parts sum up to `over_mean`. `tie` is its place among near
    ties whose order might have been drawn."""

    task: Task
    urgency: float
    score: float
    over_mean: float
    why: tuple[tuple[str, float], ...]
    tie: Tie | None = None

    def words(self) -> str:
        """"its due +1.20, how you take its project -0.31"."""
        return ", ".join(f"{WORDS[name]} {value:+.2f}" for name, value in self.why)


@dataclass(frozen=True, slots=True)
class Order:
    """What is open, the next one first. `by` is model or urgency, `reason` says why, `n` how many choices were learnt from."""

    ranked: tuple[Ranked, ...]
    by: str
    n: int
    reason: str

    def document(self, one: Ranked) -> dict[str, Any]:
        """As plain JSON values, beside a task's own."""
        return {
            "score": round(one.score, 4), "over_mean": round(one.over_mean, 4), "among": len(self.ranked), "by": self.by,
            "n": self.n, "reason": self.reason, "propensity": round(one.tie.propensity, 4) if one.tie else 1.0,
            "why": [{"part": name, "text": WORDS[name], "value": round(x, 4)} for name, x in one.why],
        }


def base_of(data: bytes) -> Base:
    """The tables of models/priority. Raises ModelBroken."""
    try:
        plain = json.loads(data)
        base = Base(plain["edges"], plain["values"], plain["words"])
        fits = all(len(base.values[name]) == len(base.edges[name]) + 1 for name in FEATURES)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelBroken("the tables of what is next cannot be read", "urgency orders until Coach is reinstalled") from error
    if not fits:
        raise ModelBroken("the tables of what is next do not fit", "urgency orders until Coach is reinstalled")
    return base


def chosen_next(db: Connection, config: Config, now: datetime, tz: ZoneInfo, *, learning: bool = True) -> Order:
    """The tasks that can be worked on now, in the order in which they should be; `learning` as in `ordered`."""
    from coach.engine import searching

    if ranking.can_rank(config.urgency):
        first = dict(islice(ranking.ranked(db, config.urgency, now, ready=True), MANY))
        ready = [(task, first[task.num]) for task in tasks.numbered(db, list(first))]
    else:
        ready = searching.ready(db, config, now)[:MANY]
    return ordered(db, ready, now, tz, learning=learning, explore=config.learning.explore)


def ordered(
    db: Connection, scored: Sequence[tuple[Task, float]], now: datetime, tz: ZoneInfo, *, learning: bool = False,
    explore: bool = False,
) -> Order:
    """Tasks with their urgency, most urgent first, in the learnt order; MANY of them, the others keep their place behind. With
    `learning` the choices made since the last look count already, and the store is written. With `explore` near ties are seldom
    in an order drawn by lot, the same all day; not before TRUSTED choices, nor on a day on which something is due."""
    if (why := _unlearnt(db)) is not None:
        return Order(tuple(Ranked(t, u, u, 0.0, ()) for t, u in scored), "urgency", 0, why)
    try:
        base, digest = _tables(db)
    except (OSError, ModelBroken) as error:
        return Order(tuple(Ranked(t, u, u, 0.0, ()) for t, u in scored), "urgency", 0, getattr(error, "message", "no tables"))
    mine = catch_up(db, now, tz, base=(base, digest)) if learning else _known(db, digest)
    weekend = now.astimezone(tz).weekday() >= WEEKEND
    today = now.astimezone(tz).date()
    near = [pair for pair in scored[:MANY] if not (mine.n and _early(pair[0], today))]
    options = [_option(base, mine, task, now, weekend) for task, _ in near]
    scores = [score(base, mine, one, urgency) for one, (_, urgency) in zip(options, near, strict=True)]
    places = sorted(range(len(near)), key=lambda i: -scores[i])
    may = explore and mine.n >= TRUSTED and not any(_due_on(task, today) for task, _ in near)
    order, ties = _drawn(db, [near[i][0] for i in places], [scores[i] for i in places], today) if may else (None, {})
    of = {places[i]: tie for i, tie in ties.items()}
    places = [places[i] for i in order] if order else places
    beside = [(one, urgency) for one, (_, urgency) in zip(options, near, strict=True)]
    mean = sum(scores) / len(scores) if scores else 0.0
    found = [
        Ranked(*near[i], scores[i], scores[i] - mean, tuple(reasons(base, mine, options[i], near[i][1], beside)[:STRONGEST])
               if place == 0 else (), of.get(i))
        for place, i in enumerate(places)
    ]
    chosen = {task.id for task, _ in near}
    rest = [Ranked(t, u, min(scores, default=0.0), 0.0, ()) for t, u in scored if t.id not in chosen]
    words = f"learnt from {mine.n:,} choice{'' if mine.n == 1 else 's'}" if mine.n else "no choice of yours is known yet: urgency"
    if order and order != sorted(order):
        words += "; the order of near ties is drawn by lot today"
    return Order((*found, *rest), "model" if mine.n else "urgency", mine.n, words)


def catch_up(
    db: Connection, now: datetime, tz: ZoneInfo, most: int = AT_ONCE, base: tuple[Base, str] | None = None
) -> Taste:
    """The taste with the choices that were made since it was written, at most `most` of them."""
    tables, digest = base or _tables(db)
    kept = taste.read(db)
    if kept is None or kept.base != digest:
        mine, since = Taste(), ""
        fresh = taste.choices(db, "", FIRST, newest=True)
        new = fresh[:most] if fresh else []
    else:
        mine, since = taste_of(kept.data), kept.hlc
        new = taste.choices(db, since, most)
    for one in new:
        _learn(db, tables, mine, one, tz)
    if new or kept is None or kept.base != digest:
        taste.write(db, digest, new[-1].hlc if new else since or taste.newest_action(db), mine.n, mine.document())
    return mine


def follow(db: Connection, now: datetime, tz: ZoneInfo) -> int:
    """For the jobs: all choices that are not learnt yet; returns how many are known then."""
    if _unlearnt(db) is not None:
        return 0
    try:
        base = _tables(db)
    except (OSError, ModelBroken):
        return 0
    before = ""
    while True:
        mine = catch_up(db, now, tz, base=base)
        kept = taste.read(db)
        if kept is None or kept.hlc == before:
            return mine.n
        before = kept.hlc


def note_shown(db: Connection, ids: Sequence[str], now: datetime, ties: Mapping[str, Tie] | None = None) -> None:
    """Remember the order in which tasks were shown: a choice of the first says less than one of the fifth. Near ties count where
    they were shown one after the other. Nothing is written while it is the order that is known already, unless that is NOTED_H
    old."""
    known = taste.places_since(db, now - timedelta(hours=NOTED_H), now)
    tied = _as_shown(ids, ties or {})
    if any(known.get(task_id, NOWHERE)[::2] != (rank, tied.get(task_id)) for rank, task_id in enumerate(ids, start=1)):
        taste.note_shown(db, ids, now, tied)


def note_first(db: Connection, task_id: str, now: datetime) -> None:
    """Remember that one task was shown alone, before all others. Where the order that was shown last has it first, that says so
    already, and what came after it."""
    known = taste.order_with(db, task_id, now - timedelta(hours=SHOWN_H), now)
    if len(known) < 2 or known[task_id].rank > 1:
        note_shown(db, [task_id], now)


def _as_shown(ids: Sequence[str], ties: Mapping[str, Tie]) -> dict[str, Tie]:
    """Near ties by the places at which they were shown; without those that other tasks, or headings' tasks, came between."""
    ranks: dict[Tie, list[int]] = {}
    for rank, task_id in enumerate(ids, start=1):
        if (tie := ties.get(task_id)) is not None:
            ranks.setdefault(tie, []).append(rank)
    whole = {tie: r[0] for tie, r in ranks.items() if len(r) == tie.size and r[-1] - r[0] == tie.size - 1}
    return {i: ties[i]._replace(first=whole[ties[i]]) for i in ids if i in ties and ties[i] in whole}


def _due_on(task: Task, day: date) -> bool:
    return task.due is not None and _day(task.due) == day


def _day(due: date | datetime) -> date:
    return due.date() if isinstance(due, datetime) else due


def _drawn(db: Connection, listed: Sequence[Task], scores: Sequence[float], today: date) -> tuple[list[int], dict[int, Tie]]:
    """The order to show of tasks in the learnt one. What is late, begun or most urgent by name stays where it is."""
    salt = f"{meta(db, 'device')} {today}"
    fixed = [
        task.started is not None or task.priority == 1 or (task.due is not None and _day(task.due) < today) for task in listed]

    def lot(of: str) -> float:
        return int.from_bytes(hashlib.sha256(f"{salt} {of}".encode()).digest()[:6], "big") / 2**48

    return explored(scores, fixed, lot("day"), lambda i: lot(listed[i].id))


def _early(task: Task, today: date) -> bool:
    """An occurrence whose day has not come: nobody chooses to do Monday's routine on Saturday, and no choice tells when."""
    if task.recurrence is None or task.due is None:
        return False
    return _day(task.due) > today


def _known(db: Connection, digest: str) -> Taste:
    """The taste as it was written last."""
    kept = taste.read(db)
    return taste_of(kept.data) if kept is not None and kept.base == digest else Taste()


def _learn(db: Connection, base: Base, mine: Taste, chosen: taste.Chosen, tz: ZoneInfo) -> None:
    opened = taste.open_then(db, chosen.at, chosen.task_id, OPEN)
    weekend = chosen.at.astimezone(tz).weekday() >= WEEKEND
    ranks, ties = shown_then(db, chosen)
    learn(base, mine, options_then(base, mine, opened, chosen.at, weekend), 0, ranks, weekend=weekend, ties=ties)


def shown_then(db: Connection, chosen: taste.Chosen) -> tuple[dict[str, int], dict[str, Tie]]:
    """The ranks in the order that a choice was made from, and the near ties in it; both empty where none is known."""
    places = taste.order_with(db, chosen.task_id, chosen.at - timedelta(hours=SHOWN_H), chosen.at)
    ties = {task_id: place.tie for task_id, place in places.items() if place.tie is not None}
    return {task_id: place.rank for task_id, place in places.items()}, ties


def options_then(base: Base, mine: Taste, opened: Sequence[taste.Then], at: datetime, weekend: bool) -> list[Option]:
    """What was open at a moment. Whether it was started by then its row does not tell."""
    found = []
    for one in opened:
        due_s = None if one.due_utc is None else float(one.due_utc)
        of = traits(one.title, one.project, one.tags, one.priority, one.estimate_min, due_s, one.created_ms / 1000)
        found.append(option(base, mine, one.id, of, at.timestamp(), weekend=weekend, snoozed=one.snooze_count))
    return found


def _option(base: Base, mine: Taste, task: Task, now: datetime, weekend: bool) -> Option:
    return option(
        base, mine, task.id, traits_of(task), now.timestamp(), weekend=weekend, snoozed=task.snooze_count,
        started=task.started is not None,
    )


def _unlearnt(db: Connection) -> str | None:
    """Why urgency orders though there may be choices; None where the model may."""
    chosen = models.active(db, "priority")
    return chosen.why if chosen is not None and chosen.serves == "baseline" else None


def _tables(db: Connection) -> tuple[Base, str]:
    """The tables of the active version and their digest. Raises ModelBroken, OSError where the shipped file is missing."""
    chosen = models.active(db, "priority")
    number = chosen.number if chosen else models.SHIPPED
    own = number != models.SHIPPED
    data = models.files(db, "priority", number)[1] if own else shipped("models", "priority", TABLES).read_bytes()
    return base_of(data), hashlib.sha256(data).hexdigest()[:16]
