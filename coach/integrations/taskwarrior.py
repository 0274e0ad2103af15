"""Taskwarrior's JSON (`task export`, `task import`), every field, as version 2.6 writes it and older ones did.

What Coach has no field for (UDAs, orphans, `imask` and its like) is kept verbatim in `extra["taskwarrior"]`; what
Taskwarrior has no field for goes into a UDA named `coach`. So both ways lose nothing.

A recurring template becomes a series whose due is the first occurrence that Taskwarrior has not yet made a task of;
those that it has made are tasks of their own that belong to the series. Until the series moves, it is written as it was."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from coach.core import recurrence
from coach.core.errors import InvalidInput
from coach.core.task import from_stored
from coach.core.when import parse_wall, zone
from coach.integrations.source import (
    Found,
    Source,
    clean,
    instant,
    json_of,
    moment_instant,
    refuse,
    stored_instant,
    wall,
    without_fraction,
)
from coach.integrations.taskwarrior_times import quick_stored, quick_wall

SERVICE = "taskwarrior"
COACH = "coach"
"""The UDA that holds what Taskwarrior has no field for."""

_PRIORITY = {"H": 1, "M": 2, "L": 3}
_LETTER = {1: "H", 2: "M", 3: "L"}
_STATUSES = ("pending", "waiting", "completed", "deleted", "recurring")
_WALLS = ("due", "scheduled", "wait", "until")
_LIFE = (("entry", "created"), ("modified", "modified"), ("start", "started"))
_BLANK: dict[str, Any] = {
    "title": "", "status": "pending", "due": None, "scheduled": None, "wait": None, "until": None, "priority": None,
    "project": None, "tags": [], "recurrence": None, "depends": [], "series_id": None, "series_start": None, "annotations": [],
    "started": None, "completed": None, "deleted": None, "extra": {}, "time_zone": "UTC",
}
_READ = frozenset((
    "id", "urgency", "uuid", "status", "description", "entry", "modified", "start", "end", "due", "scheduled", "wait", "until",
    "priority", "project", "tags", "depends", "annotations", "parent", COACH,
))
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NAMESPACE = uuid.UUID("0c7a6a4e-6f0b-5a43-9b7e-0d0a5b9f7d11")
_MOST_MADE = 5000


def read(source: Source, tz: ZoneInfo) -> Iterator[Found]:
    """The tasks of a `task export`: an array, one object, or one object a line. A midnight in `tz` is a whole day.

    Raises InvalidInput naming record, line and field."""
    for where, record in json_of(source):
        if not isinstance(record, dict):
            raise InvalidInput(f"{where} is no task", "`task export` writes what can be imported")
        yield found(record, where, tz)


def found(record: Mapping[str, Any], where: str, tz: ZoneInfo) -> Found:
    """One task of Taskwarrior's, in Coach's plain values."""
    if not record:
        raise InvalidInput(f"{where} is an empty task", "`task export` writes what can be imported")
    values: dict[str, Any] = {}
    get = record.get
    values["title"] = title = _text(get("description"), "description", where)
    if not title or title.isspace():
        refuse(where, "description", "is missing")
    extra = {} if record.keys() <= _READ else {name: value for name, value in record.items() if name not in _READ}
    status = _text(get("status"), "status", where) or "pending"
    if status not in _STATUSES:
        refuse(where, "status", f"is none of {', '.join(_STATUSES)}")
    _when(record, where, values, tz)
    _life(record, where, values, status, extra)
    if project := _text(get("project"), "project", where):
        values["project"] = project
    if letter := get("priority"):
        if priority := _PRIORITY.get(_text(letter, "priority", where)):
            values["priority"] = priority
        else:
            extra["priority"] = letter
    if get("tags"):
        values["tags"] = _tags(record["tags"], where)
    if get("depends"):
        values["depends"] = _depends(record["depends"], where)
    if get("annotations"):
        values["annotations"] = _annotations(record["annotations"], where)
    if parent := get("parent"):
        values["series_id"] = _uuid(_text(parent, "parent", where), where, "parent")
    elif status == "recurring":
        extra["status"] = status
        _series(record, where, values, extra)
    given = _text(get("uuid"), "uuid", where)
    task_id = _uuid(given, where, "uuid") if given else str(uuid.uuid5(_NAMESPACE, json.dumps(record, sort_keys=True)))
    if extra:
        values["extra"] = {SERVICE: extra}
    if COACH in record:
        _own(record[COACH], where, values)
    return Found(where, task_id, values, blank=_BLANK)


def record_of(task: Mapping[str, Any], num: int = 0, urgency: float | None = None, tz: ZoneInfo | None = None) -> dict[str, Any]:
    """A task (plain values with `id`, as stored) as Taskwarrior's JSON object. `tz` is the zone that an import on the other
    side would assume: what does not come back the same through it goes into the UDA `coach`."""
    record = _plain_record(task)
    back = found(record, "export", tz or zone(task["time_zone"])).whole
    own = {name: value for name, value in task.items() if name not in ("id", "num") and _differs(name, value, back)}
    if "extra" in own:
        own["extra"] = {service: kept for service, kept in own["extra"].items() if service != SERVICE}
    if own:
        record[COACH] = json.dumps(own, ensure_ascii=False, sort_keys=True)
    ordered = dict(sorted(record.items()))
    head = {"id": num if record["status"] in ("pending", "recurring") else 0}
    return {**head, **ordered, **({} if urgency is None else {"urgency": float(f"{urgency:.6g}")})}


def rrule(recur: str, due: datetime) -> str | None:
    """Taskwarrior's period ("weekly", "3wks", "P14D", "weekdays") as an RFC 5545 rule; None where there is none."""
    text = recur.strip().lower()
    if text in ("weekdays", "weekday"):
        return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    freq, interval = _NAMED.get(text, ("", 0))
    if not freq:
        match = re.fullmatch(r"(\d{0,4})\s*([a-z]+)", text) or re.fullmatch(r"p(\d{1,4})([ymwd])|pt(\d{1,4})([hm])", text)
        groups = [g for g in match.groups() if g is not None] if match else []
        if len(groups) != 2:
            return None
        freq, by = _UNITS.get("min" if text.startswith("pt") and groups[1] == "m" else groups[1], ("", 0))
        interval = by * int(groups[0] or 1)
    if not freq or not interval:
        return None
    rule = f"FREQ={freq}" + (f";INTERVAL={interval}" if interval > 1 else "")
    if freq == "MONTHLY" and due.day > 28:  # Taskwarrior takes the last day of a shorter month
        rule += f";BYMONTHDAY={','.join(str(d) for d in range(28, due.day + 1))};BYSETPOS=-1"
    return rule


def period(rule: str) -> str:
    """The nearest that Taskwarrior has for an RFC 5545 rule."""
    parts = dict(part.split("=", 1) for part in rule.splitlines()[0].upper().removeprefix("RRULE:").split(";") if "=" in part)
    if parts.get("FREQ") == "WEEKLY" and set(parts.get("BYDAY", "").split(",")) == {"MO", "TU", "WE", "TH", "FR"}:
        return "weekdays"
    unit = _LETTERS.get(parts.get("FREQ", ""), "d")
    interval = parts.get("INTERVAL", "1")
    named = {"y": "yearly", "mo": "monthly", "w": "weekly", "d": "daily"}
    return named[unit] if interval == "1" and unit in named else f"{interval}{unit}"


_NAMED = {
    "hourly": ("HOURLY", 1), "daily": ("DAILY", 1), "weekly": ("WEEKLY", 1), "sennight": ("WEEKLY", 1), "biweekly": ("WEEKLY", 2),
    "fortnight": ("WEEKLY", 2), "monthly": ("MONTHLY", 1), "bimonthly": ("MONTHLY", 2), "quarterly": ("MONTHLY", 3),
    "semiannual": ("MONTHLY", 6), "annual": ("YEARLY", 1), "yearly": ("YEARLY", 1), "biannual": ("YEARLY", 2),
    "biyearly": ("YEARLY", 2),
}
_LETTERS = {"YEARLY": "y", "MONTHLY": "mo", "WEEKLY": "w", "DAILY": "d", "HOURLY": "h", "MINUTELY": "min"}
_UNITS = {
    name: unit
    for names, unit in (
        ("min mins minute minutes", ("MINUTELY", 1)), ("h hr hrs hour hours", ("HOURLY", 1)), ("d day days", ("DAILY", 1)),
        ("w wk wks week weeks", ("WEEKLY", 1)), ("m mo mos mth mths mnth month months", ("MONTHLY", 1)),
        ("q qtr qtrs qrtr qrtrs quarter quarters", ("MONTHLY", 3)), ("y yr yrs year years", ("YEARLY", 1)),
    )
    for name in names.split()
}


def _when(record: Mapping[str, Any], where: str, values: dict[str, Any], tz: ZoneInfo) -> None:
    """Due and its like, in the local zone, or in UTC where the zone's clock cannot tell them."""
    values["time_zone"] = tz.key
    for name in _WALLS:
        if text := record.get(name):
            whole_days = name != "until"
            local = quick_wall(text, tz, whole_days) or wall(_instant(text, where, name), tz, whole_days=whole_days)
            if local is None:
                break
            values[name] = local
    else:
        return
    values["time_zone"] = "UTC"
    for name in _WALLS:
        if text := record.get(name):
            values[name] = wall(_instant(text, where, name), UTC, whole_days=False)


def _life(record: Mapping[str, Any], where: str, values: dict[str, Any], status: str, extra: dict[str, Any]) -> None:
    for name, field in _LIFE:
        if text := record.get(name):
            values[field] = _stored(text, where, name)
    if "modified" not in values and "created" in values:
        values["modified"] = values["created"]
    values["status"] = "pending" if status in ("waiting", "recurring") else status
    ended = record.get("end")
    if status in ("completed", "deleted"):
        values[status] = _stored(ended, where, "end") if ended else values.get("modified")
    elif ended:
        _stored(ended, where, "end")
        extra["end"] = ended


def _series(record: Mapping[str, Any], where: str, values: dict[str, Any], extra: dict[str, Any]) -> None:
    """A template's rule, and its due moved past the tasks that Taskwarrior has made. The originals stay in `extra`."""
    recur, mask = _text(record.get("recur"), "recur", where), _text(record.get("mask"), "mask", where)
    if "due" not in values or not recur:
        return
    extra["due"] = record["due"]
    first = parse_wall(values["due"], zone(values["time_zone"]))
    rule = rrule(recur, first if isinstance(first, datetime) else datetime(first.year, first.month, first.day))
    if rule is None:
        return
    values["recurrence"] = {"rrule": rule, "anchor": "schedule", "catch_up": "one"}
    values["series_start"] = values["due"]
    if mask:
        values["due"] = _after(rule, values["due"], min(len(mask), _MOST_MADE), values["time_zone"]) or values["due"]


@lru_cache(maxsize=4096)
def _after(rule: str, due: str, made: int, time_zone: str) -> str | None:
    from coach.core.when import wall_text

    tz = zone(time_zone)
    first = parse_wall(due, tz)
    following = next(islice(recurrence.starts(rule, first, first, tz), made - 1, None), None)
    return None if following is None else wall_text(following)


def _own(text: Any, where: str, values: dict[str, Any]) -> None:
    """What an export of Coach's put into its UDA; any other `coach` is somebody's own and kept as it is."""
    try:
        own = json.loads(text)
        if not isinstance(own, dict):
            raise TypeError
        own["extra"] = {**own.get("extra", {}), **values.get("extra", {})}
        merged = {**_BLANK, **values, **own}
        from_stored({"id": "", "created": "2000-01-01T00:00:00Z", "modified": "2000-01-01T00:00:00Z", **merged})
    except (ValueError, TypeError, KeyError, AttributeError, InvalidInput):
        values["extra"] = {SERVICE: {**values.get("extra", {}).get(SERVICE, {}), COACH: text}}
        return
    values.update(own)


def _plain_record(task: Mapping[str, Any]) -> dict[str, Any]:
    """Without the UDA `coach`."""
    extra = dict((task.get("extra") or {}).get(SERVICE) or {})
    raw = {name: extra.pop(name) for name in ("status", "due", "mask", "recur", "priority") if name in extra}
    record: dict[str, Any] = {
        "uuid": task["id"], "description": task["title"], "status": task["status"], "entry": _basic(task["created"]),
        "modified": _basic(task["modified"]), **extra,
    }
    for name in _WALLS:
        if task.get(name):
            record[name] = without_fraction(moment_instant(task[name], task["time_zone"]))
    if task.get("started"):
        record["start"] = _basic(task["started"])
    if task["status"] in ("completed", "deleted"):
        record["end"] = _basic(task[task["status"]] or task["modified"])
    if task.get("project"):
        record["project"] = task["project"]
    if priority := _LETTER.get(task.get("priority") or 0) or raw.get("priority"):
        record["priority"] = priority
    if task.get("tags"):
        record["tags"] = list(task["tags"])
    if task.get("depends"):
        record["depends"] = list(task["depends"])
    if task.get("annotations"):
        record["annotations"] = [{"entry": _basic(a["at"]), "description": a["text"]} for a in task["annotations"]]
    if task.get("series_id"):
        record["parent"] = task["series_id"]
    _recurring(task, raw, record)
    return record


def _recurring(task: Mapping[str, Any], raw: Mapping[str, Any], record: dict[str, Any]) -> None:
    """A template as it came in while its series has not moved; otherwise one that begins with the current occurrence."""
    kept = {name: raw[name] for name in ("recur", "mask") if name in raw}
    if raw.get("status") != "recurring" or task.get("series_id") or task["status"] != "pending":
        record.update(kept)
        if raw.get("status") == "recurring" or not task.get("recurrence") or task["status"] != "pending" or not task.get("due"):
            return
    elif _as_it_came(task, raw):
        record.update(kept, status="recurring", **({"due": raw["due"]} if "due" in raw else {}))
        return
    rule = task.get("recurrence")
    record.pop("mask", None)
    if rule and task.get("due"):
        record.update(status="recurring", recur=period(rule["rrule"]), rtype="periodic")


def _as_it_came(task: Mapping[str, Any], raw: Mapping[str, Any]) -> bool:
    """Whether the series still is what reading the template makes of it."""
    if "due" not in raw:  # a template that Coach could not read as one
        return not task.get("recurrence")
    values = dict(_BLANK)
    _when({"due": raw["due"]}, "export", values, zone(task["time_zone"]))
    _series({"recur": raw.get("recur", ""), "mask": raw.get("mask", ""), "due": raw["due"]}, "export", values, {})
    return all(values[name] == task.get(name) for name in ("due", "recurrence"))


def _differs(name: str, value: Any, back: Mapping[str, Any]) -> bool:
    if name == "extra":
        return any(service != SERVICE for service in value or {})
    other = back.get(name)
    if isinstance(value, str) and isinstance(other, str) and value[-1:] == "Z":
        return value[:19] != other[:19]
    if name == "annotations":
        return [(a["at"][:19], a["text"]) for a in value] != [(a["at"][:19], a["text"]) for a in other or ()]
    return value != other and bool(value or other)


def _text(value: Any, name: str, where: str) -> str:
    if not isinstance(value, str):
        if value is None:
            return ""
        refuse(where, name, "is no text")
    return value if value.isascii() else clean(value)


def _instant(text: Any, where: str, name: str) -> datetime:
    found_instant = instant(text, where, name)
    return found_instant.replace(microsecond=0) if found_instant.microsecond else found_instant


def _stored(text: Any, where: str, name: str) -> str:
    return quick_stored(text) or stored_instant(_instant(text, where, name))


def _basic(stored: str) -> str:
    """"2026-01-10T23:12:00.123Z" as "20260110T231200Z"."""
    return f"{stored[:4]}{stored[5:7]}{stored[8:13]}{stored[14:16]}{stored[17:19]}Z"


def _uuid(text: str, where: str, name: str) -> str:
    if _UUID.fullmatch(text):
        return text
    lower = text.lower()
    if not _UUID.fullmatch(lower):
        refuse(where, name, "is no UUID")
    return lower


def _tags(value: Any, where: str) -> list[str]:
    found_tags = value.split(",") if isinstance(value, str) else value
    try:
        return list(_cleaned(tuple(found_tags) if isinstance(found_tags, list) else None))
    except TypeError:
        refuse(where, "tags", "is no list of texts")


@lru_cache(maxsize=4096)
def _cleaned(tags: tuple[str, ...] | None) -> tuple[str, ...]:
    """Each once; the same few combinations stand on most tasks. Raises TypeError for what is no text."""
    if tags is None or not all(isinstance(tag, str) for tag in tags):
        raise TypeError
    return tuple(clean(tag) for tag in dict.fromkeys(tags) if tag)


def _depends(value: Any, where: str) -> list[str]:
    """A list of UUIDs, or one text of them with commas, or a list inside a text, which 2.6.0 wrote by mistake."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = json.loads(text) if text.startswith("[") else [part.strip() for part in text.split(",") if part.strip()]
        except ValueError:
            refuse(where, "depends", "is no list of UUIDs")
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        refuse(where, "depends", "is no list of UUIDs")
    return list(dict.fromkeys(_uuid(one, where, "depends") for one in value))


def _annotations(value: Any, where: str) -> list[dict[str, str]]:
    if not isinstance(value, list):
        refuse(where, "annotations", "is no list")
    notes: list[dict[str, str]] = []
    for note in value:
        if not isinstance(note, dict):
            refuse(where, "annotations", "holds something that is no annotation")
        entry = note.get("entry") or "19700101T000000Z"
        at = _stored(entry, where, "annotations.entry")
        notes.append({"at": at, "text": _text(note.get("description"), "annotations.description", where)})
    return notes
