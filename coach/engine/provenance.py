"""From a fact of an answer to the rows that it was computed from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.facts import Fact
from coach.engine import activity
from coach.engine.stretches import Asked, Field
from coach.store import tasks, usage
from coach.store.db import Connection

_PERIOD = re.compile(r"(\d{4}-\d\d-\d\d)(?:/(\d{4}-\d\d-\d\d))?")
_OF_TIME = frozenset({"s", "score", "share"})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where to look: stretches of tracked time, or a task by its number. Both None: the value stands in the answer itself."""

    stretches: Asked | None = None
    task_num: int | None = None


def origin(db: Connection, fact: Fact, config: Config, tz: ZoneInfo) -> Origin:
    """The rows behind a fact. Reads names only."""
    if (found := _PERIOD.match(fact.period)) and (fact.unit in _OF_TIME or fact.metric.endswith("_time")):
        start, _ = activity.bounds(date.fromisoformat(found[1]), config, tz)
        _, end = activity.bounds(date.fromisoformat(found[2] or found[1]), config, tz)
        field, name = _field(db, fact.entity)
        title = f"{fact.entity or 'All tracked time'}, {fact.period.replace('/', ' to ')}"
        return Origin(Asked(title, start, end, field, name))
    if fact.entity:
        task = next((t for t in tasks.every(db) if t.title == fact.entity), None)
        if task is not None:
            return Origin(task_num=task.num)
    return Origin()


def _field(db: Connection, entity: str) -> tuple[Field, str]:
    fields: tuple[Field, ...] = ("app", "category", "project")
    for field in fields:
        if entity and entity in usage.names(db, field):  # type: ignore[arg-type]  # the three are kinds of names too
            return field, entity
    return "", ""
