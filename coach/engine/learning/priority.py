"""How the order of what is next learns from one person beyond their weights: the tables boosted on, on pairs of their own
choices. The loss of a day is the mean, over its choices, of the squared share of open tasks that
stood above the one taken. The baseline is urgency."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import exp, log
from zoneinfo import ZoneInfo

import numpy as np

from coach.config import Config, UrgencyConfig, shipped
from coach.core.exploring import Look
from coach.core.priority import URGENCY_SCALE, Base, Option, Taste, count, looked_at, option, traits_of, trust, update
from coach.core.urgency import urgency
from coach.engine import prioritising
from coach.engine.learning.kinds import Forecast, Model, Progress, Rung, Trained
from coach.ml import serving
from coach.store import finished, taste
from coach.store import tasks as stored
from coach.store.db import Connection

CASES = range(950_000, 950_003)
CASE_DAYS = 60
MOST = 400
MOST_SAID = 20
RATE_DAYS = 28


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `options` was taken; `urgent` are their urgencies, `places` the ranks at which they were looked at, where an order
    was shown, and `look` what was known by then of how much a place does."""

    day: date
    options: tuple[Option, ...]
    urgent: tuple[float, ...]
    chosen: int
    places: tuple[int | None, ...]
    look: Look = field(default_factory=Look)

    def ahead(self) -> list[float]:
        """(options,) log of the chance that each was looked at."""
        return [-self.look.mean * log(place) if place else 0.0 for place in self.places]


@dataclass(frozen=True, slots=True, eq=False)
class History:
    days: tuple[date, ...]
    choices: tuple[Choice, ...]
    digest: str


def dataset(db: Connection, config: Config, tz: ZoneInfo, now: datetime) -> History:
    """The last choices of the change log, each as it was known before it, from the order that was shown, where it is kept."""
    base, mine, found, sha = _shipped(), Taste(), [], hashlib.sha256()
    for one in taste.choices(db, "", MOST, newest=True):
        opened = taste.open_then(db, one.at, one.task_id, prioritising.OPEN)
        if len(opened) < 2:
            continue
        local = one.at.astimezone(tz)
        weekend = local.weekday() >= prioritising.WEEKEND
        options = tuple(prioritising.options_then(base, mine, opened, one.at, weekend))
        known = {task.id: task for task in (stored.get(db, o.id) for o in options) if task is not None}
        urgent = tuple(urgency(known[o.id], one.at, config.urgency, blocked=False, blocking=False) for o in options)
        places = looked_at(base, mine, options, 0, *prioritising.shown_then(db, one))
        found.append(Choice(local.date(), options, urgent, 0, tuple(places), mine.look))
        count(mine, [o.traits for o in options], 0, weekend, places)
        sha.update(repr((one.hlc, [o.x for o in options], places)).encode())
    return History(tuple(sorted({c.day for c in found})), tuple(found), sha.hexdigest())


def tune(data: History, base: Model, rung: Rung, until: date, seed: int, progress: Progress) -> Trained:
    """The shipped tables boosted on, on the person's choices before `until`; what a place in the list did is no part of them."""
    from coach.engine.pretraining.priority import as_json
    from coach.ml.train import priority as training  # onnx: in the training child only

    taken: list[tuple[float, ...]] = []
    passed: list[tuple[float, ...]] = []
    weights: list[float] = []
    ahead: list[float] = []
    own = [c for c in data.choices if c.day < until]
    for one in own:
        others = [o.x for i, o in enumerate(one.options) if i != one.chosen]
        looked = one.ahead()
        ahead += [looked[one.chosen] - x for i, x in enumerate(looked) if i != one.chosen]
        taken += [one.options[one.chosen].x] * len(others)
        passed += others
        weights += [1.0 / len(others)] * len(others)
    progress(0.3, f"learning from {len(own)} choices")
    made = _shipped()
    if own:
        made = training.boost_on(made, np.asarray(taken), np.asarray(passed), np.asarray(weights), np.asarray(ahead))
    return Trained(training.as_graph(made), as_json(made), {**base.card, "own_choices": len(own)})


def replay(data: History, model: Model | None, days: Sequence[date]) -> dict[date, float]:
    """Each choice told from those before it; the weights learn on the way."""
    wanted = set(days)
    losses: dict[date, list[float]] = {}
    mine = Taste()
    for one in data.choices:
        parts = _parts(model, one.options)
        if one.day in wanted:
            losses.setdefault(one.day, []).append(_above(_scores(mine, parts, one.urgent), one.chosen) ** 2)
        if parts is not None and mine.n >= 1:
            mine.look = one.look
            update(mine, parts.tolist(), one.chosen, one.places)
        mine.n += 1
    return {day: float(np.mean(some)) for day, some in losses.items()}


def regression(model: Model) -> dict[str, float]:
    """The loss on the choices of three simulated people."""
    from coach.engine.pretraining.priority_people import choices

    words, found = _shipped(), {}
    for seed in CASES:
        mine, told = Taste(), []
        for one in choices(seed, "A", CASE_DAYS):
            now_s = one.at.timestamp()
            told.append(Choice(one.at.date(), tuple(
                option(words, mine, task.id, of, now_s, weekend=one.weekend, snoozed=task.snooze_count)
                for task, of in zip(one.opened, one.traits, strict=True)
            ), tuple(urgency(t, one.at, UrgencyConfig(), blocked=False, blocking=False) for t in one.opened), one.chosen,
                (None,) * len(one.opened)))
            count(mine, one.traits, one.chosen, one.weekend)
        history = History(tuple(sorted({c.day for c in told})), tuple(told), "")
        found[str(seed)] = float(np.mean(list(replay(history, model, history.days).values())))
    return found


def inputs(data: History) -> dict[str, np.ndarray]:
    """By day: choices, open tasks, urgency of what was taken."""
    by_day = {day: [c for c in data.choices if c.day == day] for day in data.days}
    return {
        "choices": np.array([float(len(some)) for some in by_day.values()]),
        "open": np.array([float(np.mean([len(c.options) for c in some])) for some in by_day.values()]),
        "urgency_taken": np.array([float(np.mean([c.urgent[c.chosen] for c in some])) for some in by_day.values()]),
    }


def forecast(db: Connection, config: Config, tz: ZoneInfo, now: datetime, model: Model | None) -> list[Forecast]:
    """How likely each of the first open tasks is begun or finished within the day."""
    from coach.engine import searching

    ready = searching.ready(db, config, now)[:prioritising.MANY]
    if not ready:
        return []
    data = dataset(db, config, tz, now)
    mine = Taste()
    for one in data.choices:
        mine.look = one.look
        count(mine, [o.traits for o in one.options], one.chosen, one.day.weekday() >= prioritising.WEEKEND, one.places)
        if (parts := _parts(model, one.options)) is not None and mine.n >= 1:
            update(mine, parts.tolist(), one.chosen, one.places)
        mine.n += 1
    since = now.astimezone(tz).date() - timedelta(days=RATE_DAYS)
    a_day = sum(c.day >= since for c in data.choices) / RATE_DAYS
    weekend = now.astimezone(tz).weekday() >= prioritising.WEEKEND
    options = tuple(
        option(_shipped(), mine, t.id, traits_of(t), now.timestamp(), weekend=weekend, snoozed=t.snooze_count) for t, _ in ready
    )
    scores = np.array(_scores(mine, _parts(model, options), [u for _, u in ready]))
    share = np.exp(scores - scores.max())
    share /= share.sum()
    today = now.astimezone(tz).date().isoformat()
    return [Forecast(f"{today}/{t.id}", 1 - exp(-a_day * float(p))) for (t, _), p in zip(ready, share, strict=True)][:MOST_SAID]


def outcomes(db: Connection, config: Config, tz: ZoneInfo, now: datetime, keys: Sequence[str]) -> Mapping[str, float]:
    """Whether they were, once the day is over; NaN for tasks that are gone."""
    today = now.astimezone(tz).date()
    over = {key: (date.fromisoformat(day), task_id) for key in keys for day, _, task_id in (key.partition("/"),)}
    over = {key: pair for key, pair in over.items() if pair[0] < today}
    if not over:
        return {}
    taken = {(c.at.astimezone(tz).date(), c.task_id) for c in taste.choices(db, "", 4 * MOST, newest=True)}
    there = finished.outcomes(db, [task_id for _, task_id in over.values()])
    return {
        key: float(pair in taken) if pair[1] in there else float("nan") for key, pair in over.items()
    }


def _shipped() -> Base:
    return prioritising.base_of(shipped("models", "priority", prioritising.TABLES).read_bytes())


def _parts(model: Model | None, options: Sequence[Option]) -> np.ndarray | None:
    """Values of the tables (n, features); None for the baseline."""
    if model is None:
        return None
    return serving.run(model.net, features=np.asarray([o.x for o in options], dtype=np.float32))["parts"].astype(np.float64)


def _scores(mine: Taste, parts: np.ndarray | None, urgent: Sequence[float]) -> list[float]:
    say = trust(mine) if parts is not None else 0.0
    learnt = parts @ np.asarray(mine.mean) if parts is not None else np.zeros(len(urgent))
    found: list[float] = (say * learnt + (1 - say) * URGENCY_SCALE * np.asarray(urgent)).tolist()
    return found


def _above(scores: Sequence[float], chosen: int) -> float:
    """Share of the others that stand above the chosen one, ties by half."""
    others = [s for i, s in enumerate(scores) if i != chosen]
    return sum(1.0 if s > scores[chosen] else 0.5 if s == scores[chosen] else 0.0 for s in others) / max(1, len(others))
