"""JSON of everything: one array, a header first, then each record and row as `{"kind": values}`. Coming back, records go
through the change log as any import does; history, tracked time, nudges and the conversation are added where they are
missing, and the timeline follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from coach.core import change
from coach.core.change import Change
from coach.core.errors import InvalidInput
from coach.core.task import from_stored
from coach.core.when import iso
from coach.engine import activity, categories, manual
from coach.engine.ahead import Read, fresh
from coach.engine.services import Incoming
from coach.integrations.source import Found, json_of
from coach.store import changes, rollups, whole
from coach.store.db import Connection
from coach.store.new_tasks import new_task

VERSION = 1
_NOT_BROUGHT = frozenset({"tracking_consent", "profiling_consent"})
_BATCH = 500


@dataclass(slots=True)
class Rest:
    """What comes in beside the records: counts by kind, and the stretches of time that are new."""

    counts: dict[str, int] = field(default_factory=dict)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    fresh: bool = False
    relabelled: bool = False
    buckets: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)


def pieces(db: Connection, now: datetime) -> Iterator[str]:
    """The document, a record a line."""
    yield "[\n" + whole.dumps({"coach": {"version": VERSION, "exported": iso(now)}})
    for kind, values in whole.records(db):
        yield ",\n" + whole.dumps({kind: values})
    for kind, values in whole.rows(db):
        yield ",\n" + whole.dumps({kind: values})
    yield "\n]\n"


def read(db: Connection, incoming: Incoming, rest: Rest, write: bool) -> Iterator[Read | Change | None]:
    """Everything that goes through the change log: a task as it was read, another record as the change it asks for (None
    when it is the same). Rows of the rest are written on the way if `write` says so.

    Raises InvalidInput naming record and line."""
    rest.fresh = db.execute("SELECT 1 FROM event LIMIT 1").fetchone() is None
    fields = {kind: whole.columns_of(db, kind) for kind in changes.RECORDS}
    rules: categories.Rules | None = None
    held: list[tuple[str, Mapping[str, Any]]] = []
    held_kind = ""
    begun = False
    for where, entry in json_of(incoming.source):
        kind, values = _entry(entry, where)
        if not begun:
            _check_header(kind, values, where)
            begun = True
            continue
        if held and (kind != held_kind or len(held) == _BATCH):
            rules = rules or categories.load(db, incoming.config)
            _rows(db, held_kind, held, rest, rules, write)
            held = []
        if kind in whole.DERIVED:
            continue
        if kind in whole.ROWS:
            whole.check(kind, values, where)
            held_kind = kind
            held.append((where, values))
        elif kind == "task":
            yield _task(db, values, where, write, incoming)
        elif kind in fields:
            yield _record(db, kind, values, fields[kind], where, incoming, rest)
        else:
            incoming.notes.refused.append((where, f"{kind!r} is unknown to this version of Coach"))
    if not begun:
        raise InvalidInput(f"{incoming.source.name} holds nothing", "`coach export json` writes what can be imported")
    if held:
        _rows(db, held_kind, held, rest, rules or categories.load(db, incoming.config), write)


def finish(db: Connection, incoming: Incoming, rest: Rest) -> None:
    """Labels, timeline and roll-ups after what has come in."""
    if rest.relabelled:
        categories.relabel(db, incoming.config)
    rules = categories.load(db, incoming.config)
    if rest.fresh and rest.counts.get("timeline"):
        rollups.rebuild_all(db, rules.day_start_min)
    else:
        for low, high in _joined(rest.ranges):
            activity.rebuild(db, low, high, rules, incoming.tz)
    manual.follow(db, rules, incoming.tz, incoming.now)


def _entry(entry: Any, where: str) -> tuple[str, dict[str, Any]]:
    if not isinstance(entry, dict) or len(entry) != 1:
        raise InvalidInput(f"{where} is no record", "`coach export json` writes what can be imported")
    ((kind, values),) = entry.items()
    if not isinstance(values, dict):
        raise InvalidInput(f"{where}: {kind} is no object", "`coach export json` writes what can be imported")
    return kind, values


def _check_header(kind: str, values: Mapping[str, Any], where: str) -> None:
    if kind != "coach" or not isinstance(values.get("version"), int):
        raise InvalidInput(f"{where}: this is no export of Coach's", "for Taskwarrior's: coach import taskwarrior FILE")
    if values["version"] > VERSION:
        raise InvalidInput(f"{where}: written by a newer Coach (version {values['version']})", "update Coach")


def _task(db: Connection, values: dict[str, Any], where: str, write: bool, incoming: Incoming) -> Read:
    num = values.pop("num", 0)
    task_id = values.pop("id", "")
    try:
        task = from_stored({**values, "id": task_id})
        sound = isinstance(task_id, str) and task_id and isinstance(num, int) and 0 <= num < 1 << 40 and _sound(values)
    except (ValueError, TypeError, KeyError, AttributeError, InvalidInput) as error:
        raise InvalidInput(f"{where}: task is not what Coach writes", "nothing was imported") from error
    if not sound or not task.title.strip():
        raise InvalidInput(f"{where}: task is not what Coach writes", "nothing was imported")
    if write and num:
        whole.keep_number(db, task_id, num)
    found = Found(where, task_id, values)
    return Read(found, new_task(task_id, fresh(found, iso(incoming.now) or "", incoming.tz)))


def _sound(values: Mapping[str, Any]) -> bool:
    """Whether texts are texts and lists hold texts; `from_stored` looks at times only."""
    texts = ("title", "notes", "status", "time_zone", "created", "modified")
    optional = ("project", "parent", "series_id", "category")
    lists = ("tags", "depends")
    return (
        all(isinstance(values.get(name), str) for name in texts) and values["status"] in ("pending", "completed", "deleted")
        and all(isinstance(values.get(name), str | None) for name in optional)
        and all(isinstance(one, str) for name in lists for one in values.get(name) or ())
        and isinstance(values.get("extra") or {}, dict)
        and all(isinstance(values.get(name), int | None) for name in ("priority", "estimate_min", "actual_min", "snooze_count"))
    )


def _record(
    db: Connection, kind: str, values: dict[str, Any], fields: frozenset[str], where: str, incoming: Incoming, rest: Rest
) -> Change | None:
    record_id = values.pop("id", None)
    if not isinstance(record_id, str) or set(values) - fields:
        raise InvalidInput(f"{where}: {kind} is not what Coach writes", "nothing was imported")
    if kind == "preference" and record_id in _NOT_BROUGHT:
        incoming.notes.refused.append((where, "consent is given on each machine"))
        return None
    whole.check_record(db, kind, values, where)
    rest.relabelled = rest.relabelled or kind in ("rule", "category")
    old = changes.read(db, kind, "id = ?", (record_id,))
    if not old:
        return change.create(kind, record_id, values)
    edit = change.update(kind, record_id, old[0], values)
    return edit if edit.fields else None


def _rows(
    db: Connection, kind: str, held: list[tuple[str, Mapping[str, Any]]], rest: Rest, rules: categories.Rules, write: bool
) -> None:
    """Add the rows of one kind that are missing. Of history, the changes of actions that have come in; of a timeline, all
    where nothing has been tracked yet, else none: it is derived."""
    if kind == "timeline" and not rest.fresh:
        return
    rows = [row for _, row in held]
    if kind == "change":
        rows = [row for row in rows if row["action"] in rest.actions]
    elif not (kind in ("event", "timeline") and rest.fresh):
        rows = [row for row in rows if not whole.is_there(db, kind, row)]
    if write:
        whole.insert(db, kind, rows, rules.categorise)
    rest.counts[kind] = rest.counts.get(kind, 0) + len(rows)
    if kind == "action":
        rest.actions.update(row["id"] for row in rows)
    elif kind == "event":
        rest.ranges += [(row["start_ms"], row["end_ms"]) for row in rows]


def _joined(ranges: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Stretches with less than an hour between them as one, none longer than a day."""
    low = high = -1
    for start, end in sorted(ranges):
        if low >= 0 and start - high < 3_600_000 and end - low < 86_400_000:
            high = max(high, end)
            continue
        if low >= 0:
            yield low, high
        low, high = start, end
    if low >= 0:
        yield low, high
