"""Tasks as iCalendar has them (RFC 5545 VTODO): a file of them, or a vdir, which is a folder with one file for each.

Properties and components that Coach has no field for are kept as they are, and so is every property whose meaning has not
changed, with its parameters. What iCalendar has no property for goes into `X-COACH-` properties, as JSON."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.errors import InvalidInput
from coach.core.task import from_stored
from coach.core.when import parse_wall, resolve, start_of, zone
from coach.integrations.ical_lines import Component, Line, components, custom_zone, moment, text, texts
from coach.integrations.source import Found, Notes, Source, refuse, stored_instant, wall

SERVICE = "ics"

_NAMESPACE = uuid.UUID("4f3f8a1c-0a3e-5a5f-8f0e-6d1c6a7b2e90")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
GROUPS: Mapping[str, str] = {
    "SUMMARY": "title", "DESCRIPTION": "notes", "DUE": "times", "DTSTART": "times", "DURATION": "times", "RRULE": "times",
    "EXDATE": "times", "STATUS": "status", "COMPLETED": "status", "PERCENT-COMPLETE": "status", "PRIORITY": "priority",
    "CATEGORIES": "tags", "RELATED-TO": "related", "CREATED": "created", "LAST-MODIFIED": "modified", "DTSTAMP": "modified",
}
"""Properties that are fields of a task; those of a group are written together, as they were or anew."""
OWN = "X-COACH-"
_NOTOWN = frozenset({"id", "num", "extra", "created", "modified"})
_BLANK: dict[str, Any] = {
    "title": "", "notes": "", "status": "pending", "due": None, "due_hard": False, "scheduled": None, "wait": None,
    "until": None, "remind": [], "priority": None, "tags": [], "recurrence": None, "depends": [], "parent": None,
    "series_start": None, "started": None, "completed": None, "deleted": None, "time_zone": "UTC",
}


def read(source: Source, tz: ZoneInfo, notes: Notes, file: str = "") -> Iterator[Found]:
    """The VTODOs of a file. `file` is its name in a vdir. Raises InvalidInput naming line and property."""
    zones: dict[str, tzinfo] = {}
    definitions: dict[str, list[str]] = {}
    left: dict[str, int] = {}
    for component in components(source):
        if component.name == "VTIMEZONE":
            if (made := custom_zone(component)) and (name := component.first("TZID")):
                zones[name.value], definitions[name.value] = made, component.raw
        elif component.name == "VTODO":
            yield _found(component, source.name, zones, definitions, tz, file)
        else:
            left[component.name] = left.get(component.name, 0) + 1
    for kind, count in left.items():
        hint = "`coach calendar add` reads them" if kind == "VEVENT" else "not a task"
        notes.refused.append((source.name, f"{count} {kind}: {hint}"))


def _found(
    todo: Component, name: str, zones: Mapping[str, tzinfo], definitions: Mapping[str, list[str]], tz: ZoneInfo, file: str
) -> Found:
    where = f"{name}, line {todo.number}"
    values = values_of(todo, name, zones, tz)
    if not values["title"].strip():
        refuse(where, "SUMMARY", "is missing")
    uid_line = todo.first("UID")
    uid = text(uid_line.value).strip() if uid_line else ""
    if not uid:
        uid = str(uuid.uuid5(_NAMESPACE, "\n".join(todo.raw)))
    task_id = _id(uid)
    if override := todo.first("RECURRENCE-ID"):
        values["series_id"], task_id = task_id, _id(f"{uid} {override.value}")
    alarms, others = _alarms(todo)
    known = [line for line in todo.lines if line.name in GROUPS]
    unknown = [line.raw for line in todo.lines if line.name not in GROUPS and line.name != "UID" and line.name[:8] != OWN]
    used = {line.params["TZID"] for line in todo.lines if line.params.get("TZID") in definitions}
    kept: dict[str, Any] = {
        "uid": uid if uid != task_id else "", "properties": unknown, "components": ["\n".join(c.raw) for c in others],
        "lines": [line.raw for line in known], "alarms": ["\n".join(c.raw) for c in alarms],
        "zones": ["\n".join(definitions[one]) for one in sorted(used)], "file": file if file != f"{uid}.ics" else "",
    }
    values["extra"] = {SERVICE: {key: value for key, value in kept.items() if value}}
    return Found(where, task_id, values)


def _id(uid: str) -> str:
    lower = uid.lower()
    return lower if _UUID.fullmatch(lower) else str(uuid.uuid5(_NAMESPACE, uid))


def values_of(todo: Component, name: str, zones: Mapping[str, tzinfo], tz: ZoneInfo) -> dict[str, Any]:
    """Fields of a task, from the properties of a VTODO."""
    values = dict(_BLANK)
    for line in todo.lines:
        if line.name == "SUMMARY":
            values["title"] = text(line.value).replace("\n", " ")
        elif line.name == "DESCRIPTION":
            values["notes"] = text(line.value)
        elif line.name == "CATEGORIES":
            values["tags"] = list(dict.fromkeys([*values["tags"], *(t for t in texts(line.value) if t)]))
        elif line.name == "PRIORITY":
            values["priority"] = _priority(line, f"{name}, line {line.number}")
        elif line.name == "RELATED-TO":
            _relate(line, values)
    for key, prop in (("created", "CREATED"), ("modified", "DTSTAMP"), ("modified", "LAST-MODIFIED")):
        if line_of := todo.first(prop):
            values[key] = _instant(line_of, name, zones, tz)
    _times(todo, name, zones, tz, values)
    _status(todo, name, zones, tz, values)
    values["remind"] = [r for alarm in _alarms(todo)[0] for r in [_reminder(alarm, values, name, zones, tz)] if r]
    _own(todo, name, values)
    return values


def _times(todo: Component, name: str, zones: Mapping[str, tzinfo], tz: ZoneInfo, values: dict[str, Any]) -> None:
    found: dict[str, datetime | date] = {}
    for prop in ("DTSTART", "DUE"):
        if line := todo.first(prop):
            got = moment(line, f"{name}, line {line.number}", zones, tz)
            if isinstance(got, timedelta):
                refuse(f"{name}, line {line.number}", prop, "is no date")
            found[prop] = got
    if (line := todo.first("DURATION")) and "DTSTART" in found and "DUE" not in found:
        length = moment(line, f"{name}, line {line.number}", zones, tz)
        if not isinstance(length, timedelta):
            refuse(f"{name}, line {line.number}", "DURATION", "is no length of time")
        found["DUE"] = _added(found["DTSTART"], length, f"{name}, line {line.number}")
    start, due = found.get("DTSTART"), found.get("DUE")
    rule_line = todo.first("RRULE")
    if rule_line is not None and due is None:
        start, due = None, start
    here = _zone_of((due, start), tz)
    local = {key: _wall(value, here) for key, value in (("due", due), ("scheduled", start)) if value is not None}
    if None in local.values():
        here = ZoneInfo("UTC")
        local = {key: _wall(value, here) for key, value in (("due", due), ("scheduled", start)) if value is not None}
    values.update(local, time_zone=here.key)
    if rule_line is not None and due is not None:
        rule = _rule(rule_line, f"{name}, line {rule_line.number}")
        excepted = [
            _excepted(moment(line, f"{name}, line {line.number}", zones, tz, one.strip()), here)
            for line in todo.all("EXDATE") for one in line.value.split(",")
        ]
        values["recurrence"] = {
            "rrule": rule + (f"\nEXDATE:{','.join(excepted)}" if excepted else ""), "anchor": "schedule", "catch_up": "one",
        }
        values["series_start"] = values["due"]


def _zone_of(moments: Iterable[datetime | date | None], tz: ZoneInfo) -> ZoneInfo:
    """The zone in which the times were written, or the local one for UTC and for zones without a name."""
    for one in moments:
        if isinstance(one, datetime) and isinstance(one.tzinfo, ZoneInfo) and one.tzinfo.key != "UTC":
            return one.tzinfo
    return tz


def _wall(value: datetime | date, tz: ZoneInfo) -> str | None:
    return wall(value.astimezone(UTC), tz, whole_days=False) if isinstance(value, datetime) else value.isoformat()


def _added(start: datetime | date, length: timedelta, where: str) -> datetime | date:
    try:
        if isinstance(start, datetime):
            return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
        return start + length if not length.seconds else datetime(start.year, start.month, start.day, tzinfo=UTC) + length
    except OverflowError:
        refuse(where, "DURATION", "is far too long")


def _rule(line: Line, where: str) -> str:
    import icalendar

    try:
        rule = str(icalendar.vRecur.from_ical(line.value).to_ical().decode())
        from dateutil.rrule import rrulestr

        rrulestr(re.sub(r";?UNTIL=[^;]*", "", rule), dtstart=datetime(2026, 1, 1))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        refuse(where, "RRULE", "is no rule")
    return rule


def _excepted(value: datetime | date | timedelta, tz: ZoneInfo) -> str:
    if isinstance(value, datetime):
        return value.astimezone(tz).strftime("%Y%m%dT%H%M%S")
    return value.strftime("%Y%m%d") if isinstance(value, date) else ""


def _status(todo: Component, name: str, zones: Mapping[str, tzinfo], tz: ZoneInfo, values: dict[str, Any]) -> None:
    line = todo.first("STATUS")
    status = line.value.strip().upper() if line else ""
    percent = todo.first("PERCENT-COMPLETE")
    done = status == "COMPLETED" or (not status and (todo.first("COMPLETED") or (percent and percent.value.strip() == "100")))
    if done:
        values["status"] = "completed"
        at = todo.first("COMPLETED")
        values["completed"] = _instant(at, name, zones, tz) if at else values.get("modified")
    elif status == "CANCELLED":
        values["status"], values["deleted"] = "deleted", values.get("modified")
    elif status == "IN-PROCESS":
        values["started"] = values.get("modified")
    elif status not in ("", "NEEDS-ACTION") and line:
        refuse(f"{name}, line {line.number}", "STATUS", "is none of NEEDS-ACTION, IN-PROCESS, COMPLETED, CANCELLED")


def _priority(line: Line, where: str) -> int | None:
    value = line.value.strip()
    if not re.fullmatch(r"[0-9]", value):
        refuse(where, "PRIORITY", "is no number from 0 to 9")
    number = int(value)
    return None if number == 0 else 1 if number < 5 else 2 if number == 5 else 3


def _relate(line: Line, values: dict[str, Any]) -> None:
    target = _id(text(line.value).strip())
    kind = line.params.get("RELTYPE", "PARENT").upper()
    if kind == "PARENT" and values["parent"] is None:
        values["parent"] = target
    elif kind == "DEPENDS-ON":
        values["depends"] = [*values["depends"], target]


def _alarms(todo: Component) -> tuple[list[Component], list[Component]]:
    """Alarms that are reminders, and the other components."""
    plain = [
        c for c in todo.inside
        if c.name == "VALARM" and not c.inside and (action := c.first("ACTION")) and action.value.strip().upper() == "DISPLAY"
        and c.first("TRIGGER")
    ]
    return plain, [c for c in todo.inside if c not in plain]


def _reminder(
    alarm: Component, values: Mapping[str, Any], name: str, zones: Mapping[str, tzinfo], tz: ZoneInfo
) -> dict[str, Any] | None:
    line = alarm.first("TRIGGER")
    assert line is not None
    at = moment(line, f"{name}, line {line.number}", zones, tz)
    if isinstance(at, datetime):
        return {"at": stored_instant(at.astimezone(UTC))}
    if not isinstance(at, timedelta):
        refuse(f"{name}, line {line.number}", "TRIGGER", "is no time")
    anchor = "due" if line.params.get("RELATED", "").upper() == "END" or not values["scheduled"] else "scheduled"
    if not values[anchor]:
        return None
    here = zone(values["time_zone"])
    due, start = (start_of(parse_wall(values[key] or values[anchor], here), here) for key in ("due", anchor))
    if values["due"]:
        before = due - (start.astimezone(UTC) + at)
        if before >= timedelta():
            return {"before_min": round(before.total_seconds() / 60)}
    return {"at": stored_instant(start.astimezone(UTC) + at)}


def _instant(line: Line, name: str, zones: Mapping[str, tzinfo], tz: ZoneInfo) -> str:
    where = f"{name}, line {line.number}"
    value = moment(line, where, zones, tz)
    if isinstance(value, timedelta):
        refuse(where, line.name, "is no date")
    at = value if isinstance(value, datetime) else resolve(datetime(value.year, value.month, value.day), tz)
    try:
        return stored_instant(at.astimezone(UTC))
    except OverflowError:
        refuse(where, line.name, "is no date")


def _own(todo: Component, name: str, values: dict[str, Any]) -> None:
    """`X-COACH-` properties, as `record` writes them."""
    for line in todo.lines:
        if not line.name.startswith(OWN):
            continue
        where, field = f"{name}, line {line.number}", line.name[len(OWN) :].lower().replace("-", "_")
        try:
            one = {field: json.loads(text(line.value))}
            from_stored({
                "id": "", "title": "", "created": "2000-01-01T00:00:00Z", "modified": "2000-01-01T00:00:00Z", **values, **one,
            })
        except (ValueError, TypeError, KeyError, AttributeError, InvalidInput):
            refuse(where, line.name, "is not what Coach writes")
        values.update(one)
