"""Templates: a task with its open subtasks kept under a name, its dates as days from the day it is used."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.core import change
from coach.core.errors import InvalidInput, NotFound
from coach.core.task import Reminder, Task, from_stored, stored
from coach.core.when import Moment, iso, resolve, zone
from coach.store import changes, tasks
from coach.store.db import Connection

_NAME = re.compile(r"[^\W_][\w .-]{0,79}")
_DATES = ("due", "scheduled", "wait", "until", "series_start")


def save(db: Connection, name: str, task: Task, now: datetime, tz: ZoneInfo) -> int:
    """Keep a task and what hangs below it; a template of that name is replaced. Returns how many tasks it has."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"{name!r} cannot be the name of a template", "at most 80 letters, digits, spaces, - and _")
    kept = [{"on": now.astimezone(tz).date().isoformat(), **stored(t)} for t in _family(db, task)]
    values, old = {"tasks": kept, "created": iso(now)}, _read(db, name)
    edit = change.create("template", name, values) if old is None else change.update("template", name, old, values)
    changes.apply(db, [edit], now=now, label="save template")
    return len(kept)


def saved(db: Connection) -> list[tuple[str, str, int]]:
    """(name, title of its first task, how many tasks), by name."""
    rows = changes.read(db, "template", "1 ORDER BY id")
    return [(row["id"], row["tasks"][0]["title"], len(row["tasks"])) for row in rows]


def use(db: Connection, name: str, now: datetime, tz: ZoneInfo) -> list[Task]:
    """New tasks from a template, its first one first; dates stand as far from today as they stood when it was saved."""
    found = _read(db, name)
    if found is None:
        raise NotFound(f"there is no template {name!r}", "`coach template list` names them")
    new_ids = {plain["id"]: str(uuid.uuid4()) for plain in found["tasks"]}
    made = [_fresh(plain, new_ids, now, tz) for plain in found["tasks"]]
    edits = [change.create("task", t.id, {k: v for k, v in stored(t).items() if k != "id"}) for t in made]
    changes.apply(db, edits, now=now, label="use template")
    return [t for t in (tasks.get(db, one.id) for one in made) if t is not None]


def remove(db: Connection, name: str, now: datetime) -> None:
    """Forget a template; undo brings it back. Raises NotFound."""
    old = _read(db, name)
    if old is None:
        raise NotFound(f"there is no template {name!r}", "`coach template list` names them")
    changes.apply(db, [change.delete("template", name, old)], now=now, label="remove template")


def _fresh(plain: Mapping[str, Any], new_ids: Mapping[str, str], now: datetime, tz: ZoneInfo) -> Task:
    old = from_stored({name: value for name, value in plain.items() if name != "on"})
    by = now.astimezone(tz).date() - date.fromisoformat(plain["on"])
    dates: dict[str, Any] = {name: _shifted(getattr(old, name), by, old.time_zone) for name in _DATES}
    remind = tuple(r if r.at is None else Reminder(at=r.at + by) for r in old.remind)
    return replace(
        old, **dates, id=new_ids[old.id], num=0, status="pending", created=now, modified=now, remind=remind,
        depends=tuple(new_ids[d] for d in old.depends if d in new_ids), parent=new_ids.get(old.parent or ""),
        series_id=None, annotations=(), started=None, completed=None, deleted=None, snooze_count=0, actual_min=None,
    )


def _shifted(moment: Moment | None, by: timedelta, time_zone: str) -> Moment | None:
    if not isinstance(moment, datetime):
        return None if moment is None else moment + by
    tz = zone(time_zone)
    return resolve(moment.astimezone(tz).replace(tzinfo=None) + by, tz)


def _family(db: Connection, task: Task) -> list[Task]:
    found, at = [task], 0
    while at < len(found):
        found += [child for child in tasks.children(db, found[at].id) if child.id not in {t.id for t in found}]
        at += 1
    return found


def _read(db: Connection, name: str) -> dict[str, Any] | None:
    found = changes.read(db, "template", "id = ?", (name,))
    return {"tasks": found[0]["tasks"], "created": found[0]["created"]} if found else None
