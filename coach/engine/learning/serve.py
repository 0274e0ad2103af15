"""Which version speaks now, model or baseline, and why: the one question that every screen asks before it predicts, and that
Setup > Models, `coach models` and the kept predictions answer alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import Unavailable
from coach.core.promotion import on_new_arm
from coach.engine.learning import kinds, registry
from coach.engine.learning.kinds import Model, kind
from coach.store import models
from coach.store.db import Connection

if TYPE_CHECKING:
    from coach.ml.serving import Shelf


@dataclass(frozen=True, slots=True)
class Served:
    """`model` is None where the baseline serves; `number` is its version, models.BASELINE then. `why` is for people."""

    model: Model | None
    number: int
    why: str


def served(db: Connection, name: str, now: datetime, shelf: Shelf | None = None) -> Served:
    """The version for this moment. Never raises for what is wrong with a model: then the baseline serves and `why` says it."""
    numbers, why = _chosen(db, name, now)
    if not numbers:
        return _baseline(why)
    problems: list[str] = []
    for number in numbers:
        try:
            return Served(registry.load(db, name, number, shelf), number, "; ".join([*problems, why]))
        except Unavailable as error:
            problems.append(error.message)
    return _baseline("; ".join(problems))


def speaking(
    db: Connection, name: str, config: Config, tz: ZoneInfo, now: datetime, shelf: Shelf | None = None,
) -> tuple[bool, str]:
    """Whether the model speaks now, as `speaks` decides, and why. Loads it only where it may object to the days; that its files
    are there is all that is asked of others."""
    numbers, why = _chosen(db, name, now)
    if numbers and kind(name).objects:
        found = speaks(db, name, config, tz, now, shelf)
        return found.model is not None, found.why
    if numbers and not any(registry.there(db, name, number) for number in numbers):
        return False, "its file is missing"
    return bool(numbers), why


def _chosen(db: Connection, name: str, now: datetime) -> tuple[list[int], str]:
    """The versions that may speak now, the first that can be read of them; none where the baseline serves; and why."""
    wanted, chosen = kind(name), registry.active(db, name)
    days = history_days(db, wanted.least_days, tasks=wanted.tasks)
    first, own = wanted.cold
    if first <= days < own and (chosen.serves, chosen.why) != ("baseline", registry.CHOSEN):
        return [models.SHIPPED], f"{days} days of your own are too few to draw from before {own}"
    if days < wanted.least_days:
        needed = first if days < first else wanted.least_days
        return [], f"{days} day{'' if days == 1 else 's'} of history; the model needs {needed}"
    on_trial = models.trial(db, name)
    numbers = [chosen.number] if chosen.serves == "model" else []
    if on_trial and on_trial.mode == "ab" and on_new_arm(on_trial.seed, now.date()):
        numbers.insert(0, on_trial.number)
    if numbers and models.SHIPPED not in numbers:
        numbers.append(models.SHIPPED)
    return numbers, chosen.why


def speaks(
    db: Connection, name: str, config: Config, tz: ZoneInfo, now: datetime, shelf: Shelf | None = None,
    objection: Callable[[Model], str] | None = None,
) -> Served:
    """`served`, unless the model's own module objects to it on these days (`objection` in `coach/engine/learning/NAME.py`, where
    there is one). `objection` may be given by a caller that has read the days already."""
    found = served(db, name, now, shelf)
    if found.model is None:
        return found
    if objection is None:
        own = kinds.objection(name)
        why = own(db, config, tz, now, found.model) if own else ""
    else:
        why = objection(found.model)
    return _baseline(why) if why else found


def history_days(db: Connection, most: int, *, tasks: bool = False) -> int:
    """Days with tracked time, or with a finished task, counted up to `most`."""
    days = (
        "SELECT DISTINCT substr(completed, 1, 10) FROM task WHERE status = 'completed'" if tasks
        else "SELECT DISTINCT day FROM rollup_hour WHERE ms > 0"
    )
    return int(db.execute(f"SELECT count(*) FROM ({days} LIMIT ?)", (max(most, 1),)).fetchone()[0])


def _baseline(why: str) -> Served:
    return Served(None, models.BASELINE, why)
