"""Tasks: the records, their JSON form, and their plain form in the store. Urgency is in `core/urgency.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, tzinfo
from typing import Any, Literal

from coach.core.record import Record
from coach.core.when import Moment, iso, parse_iso, parse_wall, wall_text, zone

Status = Literal["pending", "waiting", "completed", "deleted"]
"""`waiting` is never stored: it is a pending task whose `wait` lies ahead."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Span(Record):
    """A recognised piece of a quick-add text: character offsets [start, end) and what it became, such as "due"."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recurrence(Record):
    """An RFC 5545 RRULE; counted from the schedule ("every") or from completion ("every!").

    `catch_up` says what happens to occurrences missed during an absence: none, only the latest, or all of them.
    """

    rrule: str
    anchor: Literal["schedule", "completion"] = "schedule"
    catch_up: Literal["skip", "one", "all"] = "one"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reminder(Record):
    """Either `before_min` minutes before the due time, or `at` an instant."""

    before_min: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Annotation(Record):
    """A remark on a task and when it was made."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Draft(Record):
    """What quick-add understood. `spans` are offsets into the text that was typed."""

    title: str
    notes: str = ""
    due: Moment | None = None
    due_all_day: bool = False
    due_hard: bool = False
    scheduled: Moment | None = None
    wait: Moment | None = None
    until: Moment | None = None
    remind: tuple[Reminder, ...] = ()
    priority: int | None = None
    project: str | None = None
    tags: tuple[str, ...] = ()
    estimate_min: int | None = None
    recurrence: Recurrence | None = None
    depends: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    parent: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Task(Record):
    """A task as stored. `num` is the short local number; `series_id` names the series of a done or skipped occurrence;
    `series_start` is the first due of a recurring task (its DTSTART). `extra` keeps foreign fields verbatim."""

    id: str
    title: str
    created: datetime
    modified: datetime
    num: int = 0
    time_zone: str = "UTC"
    status: Status = "pending"
    notes: str = ""
    due: Moment | None = None
    due_hard: bool = False
    scheduled: Moment | None = None
    wait: Moment | None = None
    until: Moment | None = None
    remind: tuple[Reminder, ...] = ()
    priority: int | None = None
    project: str | None = None
    tags: tuple[str, ...] = ()
    estimate_min: int | None = None
    recurrence: Recurrence | None = None
    depends: tuple[str, ...] = ()
    parent: str | None = None
    series_id: str | None = None
    series_start: Moment | None = None
    annotations: tuple[Annotation, ...] = ()
    category: str | None = None
    category_confidence: float | None = None
    started: datetime | None = None
    completed: datetime | None = None
    deleted: datetime | None = None
    snooze_count: int = 0
    actual_min: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def due_all_day(self) -> bool:
        return self.due is not None and not isinstance(self.due, datetime)


_WALL = ("due", "scheduled", "wait", "until", "series_start")
_INSTANT = ("created", "modified", "started", "completed", "deleted")


def task_of_draft(draft: Draft, *, id: str, now: datetime, time_zone: str) -> Task:
    """A new pending task; a recurring one remembers where its series starts."""
    shared = {f.name: getattr(draft, f.name) for f in fields(Draft) if f.name not in ("spans", "due_all_day")}
    return Task(
        id=id, created=now, modified=now, time_zone=time_zone,
        series_start=draft.due if draft.recurrence else None, **shared,
    )


def status_at(task: Task, now: datetime) -> Status:
    """The status people see: pending turns into waiting while `wait` lies ahead."""
    if task.status == "pending" and task.wait is not None:
        from coach.core.when import start_of

        if start_of(task.wait, zone(task.time_zone)) > now:
            return "waiting"
    return task.status


def stored(task: Task) -> dict[str, Any]:
    """Plain values (str, int, float, bool, list, dict, None) by field, for the store and the change log.

    Wall times are written without offset beside `time_zone`; instants as ISO 8601 UTC. `num` is local and left out."""
    plain: dict[str, Any] = {}
    tz = zone(task.time_zone)
    for f in fields(Task):
        value = getattr(task, f.name)
        if f.name in ("num",):
            continue
        if f.name in _WALL:
            value = None if value is None else wall_text(local(value, tz))
        elif f.name in _INSTANT:
            value = iso(value)
        elif f.name == "remind":
            value = [_reminder_json(r) for r in value]
        elif f.name == "annotations":
            value = [{"at": iso(a.at), "text": a.text} for a in value]
        elif f.name == "recurrence":
            value = _recurrence_json(value)
        elif f.name in ("tags", "depends"):
            value = list(value)
        elif f.name == "extra":
            value = dict(value)
        plain[f.name] = value
    return plain


def from_stored(plain: Mapping[str, Any]) -> Task:
    """The inverse of `stored`; `num` may be present."""
    tz = zone(plain["time_zone"])
    values: dict[str, Any] = dict(plain)
    for name in _WALL:
        if values.get(name) is not None:
            values[name] = parse_wall(values[name], tz)
    for name in _INSTANT:
        if values.get(name) is not None:
            values[name] = parse_iso(values[name])
    values["remind"] = tuple(_reminder(r) for r in values.get("remind") or ())
    values["annotations"] = tuple(Annotation(parse_iso(a["at"]), a["text"]) for a in values.get("annotations") or ())
    if values.get("recurrence"):
        values["recurrence"] = Recurrence(**values["recurrence"])
    values["tags"] = tuple(values.get("tags") or ())
    values["depends"] = tuple(values.get("depends") or ())
    values["extra"] = values.get("extra") or {}
    values["due_hard"] = bool(values.get("due_hard"))
    return Task(**values)


def changed(task: Task, now: datetime, **values: Any) -> Task:
    """The task with new values and `modified` set."""
    return replace(task, modified=now, **values)


def draft_json(draft: Draft) -> dict[str, Any]:
    """The Draft object of PRODUCT.md 2."""
    return {
        **_shared_json(draft), "parent": draft.parent,
        "spans": [{"start": s.start, "end": s.end, "kind": s.kind} for s in draft.spans],
    }


def task_json(task: Task, now: datetime, urgency: float | None = None) -> dict[str, Any]:
    """The Task object of PRODUCT.md 2."""
    return {
        "id": task.id, "num": task.num, "status": status_at(task, now), **_shared_json(task),
        "parent": task.parent, "series_id": task.series_id,
        "annotations": [{"at": iso(a.at), "text": a.text} for a in task.annotations],
        "category": task.category, "category_confidence": task.category_confidence, "time_zone": task.time_zone,
        "created": iso(task.created), "modified": iso(task.modified), "started": iso(task.started),
        "completed": iso(task.completed), "deleted": iso(task.deleted), "snooze_count": task.snooze_count,
        "actual_min": task.actual_min, "urgency": urgency, **({"extra": dict(task.extra)} if task.extra else {}),
    }


def _shared_json(record: Draft | Task) -> dict[str, Any]:
    return {
        "title": record.title, "notes": record.notes, "due": iso(record.due), "due_all_day": record.due_all_day,
        "due_hard": record.due_hard, "scheduled": iso(record.scheduled), "wait": iso(record.wait),
        "until": iso(record.until), "remind": [_reminder_json(r) for r in record.remind], "priority": record.priority,
        "project": record.project, "tags": list(record.tags), "estimate_min": record.estimate_min,
        "recurrence": _recurrence_json(record.recurrence), "depends": list(record.depends),
    }


def _reminder_json(reminder: Reminder) -> dict[str, Any]:
    return {"before_min": reminder.before_min} if reminder.at is None else {"at": iso(reminder.at)}


def _reminder(plain: Mapping[str, Any]) -> Reminder:
    at = plain.get("at")
    return Reminder(at=parse_iso(at)) if at else Reminder(before_min=plain["before_min"])


def _recurrence_json(rule: Recurrence | None) -> dict[str, Any] | None:
    return None if rule is None else {"rrule": rule.rrule, "anchor": rule.anchor, "catch_up": rule.catch_up}


def local(moment: Moment, tz: tzinfo) -> Moment:
    """A moment as the clock on the wall of `tz` shows it."""
    return moment.astimezone(tz) if isinstance(moment, datetime) else moment
