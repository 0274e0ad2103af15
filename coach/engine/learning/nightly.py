"""Once a day: what was predicted is scored, who serves is decided, and each model that has grown is fine-tuned.

It runs every quarter of an hour and does what is due: a laptop that slept over the hour of training catches up when it is
open, on mains power and not busy.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from coach.config import clock
from coach.core.errors import Busy, CoachError, Unavailable
from coach.engine import prioritising
from coach.engine.learning import kinds, registry, scores, serve, training
from coach.engine.learning.kinds import Rung, kind, learner
from coach.engine.learning.training import Order, Place
from coach.store import models, predictions
from coach.store.db import Connection
from coach.tracker import machine

if TYPE_CHECKING:
    from coach.ml.serving import Shelf

BUSY_LOAD = 0.8
"""Runnable processes per core above which training waits, but no longer than OVERDUE_DAYS."""
OVERDUE_DAYS = 3
AGAIN_H = 6
"""After a training that failed or was ended."""

log = logging.getLogger(__name__)


def tick(place: Place, db: Connection, now: datetime, stop: threading.Event, command: Sequence[str] = training.COMMAND) -> None:
    """Learn from what was chosen; score, decide and, if it is due, train every model. An error of one is logged and does not stop
    the others."""
    shelf = None
    prioritising.follow(db, now, place.tz)
    for name in kinds.KINDS:
        if stop.is_set():
            return
        try:
            if serve.history_days(db, 1, tasks=kind(name).tasks) == 0 or not _there(db, name):
                continue
            shelf = shelf or _shelf(place)
            keep_score(place, db, name, now, shelf)
            if place.config.learning.enabled and (order := due(place, db, name, now)) is not None:
                outcome = training.run(place, order, now, stop=stop, command=command)
                _after(db, name, outcome, now)
        except Busy:
            return
        except CoachError as error:
            log.warning("learning of %s failed: %s", name, type(error).__name__)


def keep_score(place: Place, db: Connection, name: str, now: datetime, shelf: Shelf | None = None) -> None:
    """Join outcomes, keep today's forecasts, judge the trial, decide who serves."""
    scores.settle(db, name, place.config, place.tz, now)
    scores.issue(db, name, place.config, place.tz, now, shelf)
    scores.judge_trial(db, name, now)
    scores.decide(db, name, now)


def due(place: Place, db: Connection, name: str, now: datetime) -> Order | None:
    """The training that is due now; None when there is none, the machine is busy or on its battery, or days are too few."""
    wanted = place.config.learning
    if not wanted.on_battery and machine.on_battery():
        return None
    needed = kind(name).least_days + 14
    if serve.history_days(db, needed, tasks=kind(name).tasks) < needed:
        return None
    if (enough := kinds.enough(name)) and not enough(db):
        return None
    last = next((r for r in predictions.runs(db, name, 20) if r.status in ("done", "running")), None)
    tried = next(iter(predictions.runs(db, name, 1)), None)
    if tried and tried.status != "done" and now - datetime.fromisoformat(tried.started) < timedelta(hours=AGAIN_H):
        return None
    hour = clock(wanted.nightly)
    local = now.astimezone(place.tz)
    boundary = local.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    boundary = boundary if boundary <= local else boundary - timedelta(days=1)
    if last and datetime.fromisoformat(last.started) >= boundary:
        return None
    overdue = last is not None and now - datetime.fromisoformat(last.started) > timedelta(days=OVERDUE_DAYS)
    if machine.load_per_core() > BUSY_LOAD and not overdue:
        return None
    return _order(db, name, now, power=not wanted.on_battery)


def _order(db: Connection, name: str, now: datetime, *, power: bool) -> Order | None:
    seed = now.date().toordinal()
    why = scores.trouble(db, name, now)
    if not why:
        # While a version is on trial another one would only end it.
        return None if models.trial(db, name) else Order(name, kind(name).rungs[-1], "nightly", seed, power)
    predictions.notify(db, name, f"{kind(name).title}: {why}; it is retrained", now)
    rung: Rung | None = training.ladder(db, name, now - timedelta(days=28))
    if rung is None:
        give_up(db, name, f"{why}, and training did not help", now)
        return Order(name, kind(name).rungs[-1], "nightly", seed, power)
    return Order(name, rung, why, seed, power)


def give_up(db: Connection, name: str, why: str, now: datetime) -> None:
    """The last rung: the baseline serves, unless the person chose otherwise."""
    if registry.active(db, name).why != scores.CHOSEN and models.set_serving(db, name, "baseline", why, now):
        predictions.notify(db, name, f"{kind(name).title}: the baseline serves; {why}", now)


def _after(db: Connection, name: str, outcome: training.Result, now: datetime) -> None:
    if outcome.status == "failed":
        predictions.notify(db, name, f"{kind(name).title}: training failed; {outcome.words}", now)
    if outcome.shifted:
        log.info("inputs of %s have shifted: %s", name, ", ".join(outcome.shifted))
        shifted = ", ".join(outcome.shifted)
        predictions.notify(db, name, f"{kind(name).title}: your days have changed ({shifted}); it learns from the new ones", now)


def _there(db: Connection, name: str) -> bool:
    """Whether this Coach has the model's code and a version of it."""
    try:
        learner(name)
    except Unavailable:
        return False
    return (registry.folder(name) / registry.ONNX).is_file() or registry.active(db, name).number != models.SHIPPED


def _shelf(place: Place) -> Shelf:
    from coach.ml.serving import Shelf

    return Shelf(place.config.learning.memory_mb)
