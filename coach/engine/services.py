"""The kinds of files that can be imported and exported: how each is read, and written from the store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coach.config import Config
from coach.core.errors import InvalidInput
from coach.core.task import Task, from_stored
from coach.core.urgency import urgency
from coach.core.when import parse_iso
from coach.integrations.source import Found, Notes, Source
from coach.store import plain
from coach.store.db import Connection

Reader = Callable[["Incoming"], Iterator[Found]]
Writer = Callable[["Outgoing"], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What an import reads, and how."""

    source: Source
    config: Config
    now: datetime
    tz: ZoneInfo
    notes: Notes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What an export may draw on."""

    db: Connection
    config: Config
    now: datetime
    tz: ZoneInfo


@dataclass(frozen=True, slots=True)
class Service:
    read: Reader
    write: Writer


def named(kind: str) -> Service:
    """Raises InvalidInput naming the kinds that there are."""
    service = SERVICES.get(kind)
    if service is None:
        known = ", ".join(sorted([*SERVICES, "json", "activitywatch", "timewarrior", "events"]))
        raise InvalidInput(f"{kind!r} is nothing that can be imported or exported", f"one of: {known}")
    return service


def _read_taskwarrior(incoming: Incoming) -> Iterator[Found]:
    from coach.integrations import taskwarrior

    return taskwarrior.read(incoming.source, incoming.tz)


def _write_taskwarrior(out: Outgoing) -> Iterator[str]:
    """As `task export` writes it: an array, one task a line."""
    from coach.integrations import taskwarrior

    scores = _Urgency(out)
    before = "[\n"
    for task in plain.every(out.db):
        record = taskwarrior.record_of(task, task["num"], tz=out.tz)
        due = parse_iso(record["due"]) if record["status"] == "recurring" else None
        record["urgency"] = float(f"{scores.of(from_stored(task), due):.6g}")
        yield before + json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[\n]\n"


def _read_todotxt(incoming: Incoming) -> Iterator[Found]:
    from coach.integrations import todotxt

    return todotxt.read(incoming.source, incoming.tz)


def _write_todotxt(out: Outgoing) -> Iterator[str]:
    """Lines that came from a file in its order, then the others by number."""
    from coach.integrations import todotxt

    named = {t for targets in plain.dependencies(out.db).values() for t in targets} | plain.parents(out.db)
    tasks = plain.every(out.db, "coalesce(json_extract(extra, '$.todotxt.at'), 1e12), num")
    return todotxt.lines(tasks, frozenset(named), out.tz)


def _read_ics(incoming: Incoming) -> Iterator[Found]:
    from coach.integrations import vtodo
    from coach.integrations.source import files_of

    for one in files_of(incoming.source):
        yield from vtodo.read(one, incoming.tz, incoming.notes, one.name if one is not incoming.source else "")


def _write_ics(out: Outgoing) -> Iterator[str]:
    from coach.integrations import vtodo_write

    return vtodo_write.calendar(_of_calendars(out.db), out.tz)


def folder_of_ics(out: Outgoing) -> Iterator[tuple[str, str]]:
    """The names and texts of a vdir's files."""
    from coach.integrations import vtodo_write

    return (vtodo_write.item(task, out.tz) for task in _of_calendars(out.db))


def _of_calendars(db: Connection) -> Iterator[dict[str, object]]:
    """Deleted tasks go where they came from, and nowhere else."""
    return (task for task in plain.every(db) if task["status"] != "deleted" or "ics" in task["extra"])


def _read_todoist(incoming: Incoming) -> Iterator[Found]:
    from coach.integrations import todoist

    return todoist.read(incoming.source, incoming.now, incoming.tz, incoming.config.time.day_first, incoming.notes)


def _write_todoist(out: Outgoing) -> Iterator[str]:
    from coach.integrations import todoist

    return todoist.table(plain.every(out.db), out.now)


def _read_csv(incoming: Incoming) -> Iterator[Found]:
    from coach.integrations import tables

    return tables.read(incoming.source, incoming.now, incoming.tz, incoming.config.time.day_first)


def _write_csv(out: Outgoing) -> Iterator[str]:
    from coach.integrations import tables

    columns = {name for extra in plain.extras(out.db, "csv") for name in extra.get("columns", {})}
    return tables.table(plain.every(out.db), columns)


class _Urgency:
    """Urgency of tasks as the store has them now."""

    def __init__(self, out: Outgoing) -> None:
        edges = plain.dependencies(out.db)
        opened = plain.open_ids(out.db) if edges else set()
        self.now, self.coefficients = out.now, out.config.urgency
        self.blocked = {i for i, targets in edges.items() if i in opened and not opened.isdisjoint(targets)}
        self.blocking = {target for i in self.blocked for target in edges[i] if target in opened}

    def of(self, task: Task, due: datetime | None = None) -> float:
        """`due` in place of the task's own."""
        return urgency(
            replace(task, due=due) if due else task, self.now, self.coefficients, blocked=task.id in self.blocked,
            blocking=task.id in self.blocking,
        )


SERVICES: Mapping[str, Service] = {
    "taskwarrior": Service(_read_taskwarrior, _write_taskwarrior),
    "todotxt": Service(_read_todotxt, _write_todotxt),
    "ics": Service(_read_ics, _write_ics),
    "todoist": Service(_read_todoist, _write_todoist),
    "csv": Service(_read_csv, _write_csv),
}
