"""Tasks written as iCalendar's VTODO; what `vtodo` has kept of one is written as it was where it still says the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.integrations.ical_lines import Component, custom_zone, definition, escaped, folded, taken_apart
from coach.integrations.vtodo import GROUPS, OWN, SERVICE, values_of

_FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": ("title",), "notes": ("notes",), "times": ("due", "scheduled", "recurrence", "series_start", "time_zone"),
    "status": ("status", "completed"), "priority": ("priority",), "tags": ("tags",), "related": ("parent", "depends"),
    "created": ("created",), "modified": ("modified",), "alarms": ("remind",),
}
_NOT_OWN = frozenset({"id", "num", "extra", "created", "modified"})


def calendar(tasks: Iterable[Mapping[str, Any]], tz: ZoneInfo) -> Iterator[str]:
    """A VCALENDAR with the tasks in it, in pieces; zones come before the task that first needs them."""
    yield "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Coach//Coach//EN\r\n"
    defined: set[str] = set()
    for task in tasks:
        yield from _zones(task, defined)
        yield "".join(folded(line) for line in record(task, tz))
    yield "END:VCALENDAR\r\n"


def item(task: Mapping[str, Any], tz: ZoneInfo) -> tuple[str, str]:
    """The name and the text of the task's file in a vdir."""
    kept = (task.get("extra") or {}).get(SERVICE) or {}
    name = kept.get("file") or f"{kept.get('uid') or task['id']}.ics"
    return re.sub(r"[^\w.@+-]", "_", name).lstrip("."), "".join(calendar([task], tz))


def record(task: Mapping[str, Any], tz: ZoneInfo) -> list[str]:
    """The content lines of a task, BEGIN and END included, not folded."""
    kept: Mapping[str, Any] = (task.get("extra") or {}).get(SERVICE) or {}
    old = _kept(kept)
    zones = {n.value: z for c in old.inside if c.name == "VTIMEZONE" and (n := c.first("TZID")) and (z := custom_zone(c))}
    before = values_of(old, "export", zones, tz) if kept else {}
    new = _new_lines(task)
    lines = [f"UID:{escaped(kept.get('uid') or task['id'])}"]
    for group, fields in _FIELDS.items():
        if group == "alarms":
            continue
        unchanged = bool(before) and all(_same(before.get(f), task.get(f)) for f in fields) and any(
            GROUPS.get(line.name) == group for line in old.lines)
        lines += [line.raw for line in old.lines if GROUPS.get(line.name) == group] if unchanged else new[group]
    if not any(line.startswith("DTSTAMP") for line in lines):
        lines.append(f"DTSTAMP:{_utc(task['modified'])}")
    lines += kept.get("properties", ())
    remind_unchanged = bool(kept.get("alarms")) and before.get("remind") == task.get("remind")
    alarms = [c.split("\n") for c in kept["alarms"]] if remind_unchanged else [_alarm(r, task) for r in task.get("remind") or ()]
    inside = [line for one in (*alarms, *(c.split("\n") for c in kept.get("components", ()))) for line in one]
    back = values_of(_component([*lines, *inside]), "export", zones, tz)
    own = {f: v for f, v in task.items() if f not in _NOT_OWN and not _same(back.get(f), v)}
    lines += [f"{OWN}{f.upper().replace('_', '-')}:{escaped(json.dumps(v, ensure_ascii=False))}" for f, v in own.items()]
    return ["BEGIN:VTODO", *lines, *inside, "END:VTODO"]


def _new_lines(task: Mapping[str, Any]) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {group: [] for group in _FIELDS}
    lines["title"] = [f"SUMMARY:{escaped(task['title'])}"]
    if task.get("notes"):
        lines["notes"] = [f"DESCRIPTION:{escaped(task['notes'])}"]
    lines["times"] = _time_lines(task)
    if task["status"] == "completed":
        at = _utc(task.get("completed") or task["modified"])
        lines["status"] = ["STATUS:COMPLETED", f"COMPLETED:{at}", "PERCENT-COMPLETE:100"]
    else:
        started = "IN-PROCESS" if task.get("started") else "NEEDS-ACTION"
        lines["status"] = [f"STATUS:{'CANCELLED' if task['status'] == 'deleted' else started}"]
    if number := {1: 1, 2: 5, 3: 9}.get(task.get("priority") or 0):
        lines["priority"] = [f"PRIORITY:{number}"]
    if task.get("tags"):
        lines["tags"] = [f"CATEGORIES:{','.join(escaped(tag) for tag in task['tags'])}"]
    if task.get("parent"):
        lines["related"] = [f"RELATED-TO:{task['parent']}"]
    lines["related"] += [f"RELATED-TO;RELTYPE=DEPENDS-ON:{one}" for one in task.get("depends") or ()]
    lines["created"] = [f"CREATED:{_utc(task['created'])}"]
    lines["modified"] = [f"DTSTAMP:{_utc(task['modified'])}", f"LAST-MODIFIED:{_utc(task['modified'])}"]
    return lines


def _time_lines(task: Mapping[str, Any]) -> list[str]:
    """DUE has to be later than DTSTART and of the same type, and a rule needs a DTSTART: where the task has none, one just
    before its due, which `X-COACH-SCHEDULED` then takes back."""
    due, start, rule = task.get("due"), task.get("scheduled"), task.get("recurrence")
    if (start and due and (len(start) > 10) != (len(due) > 10)) or (start and due and start >= due):
        start = None
    if rule and due and not start:
        whole = len(due) == 10
        first = datetime.fromisoformat(due) - (timedelta(days=1) if whole else timedelta(minutes=task.get("estimate_min") or 30))
        start = first.date().isoformat() if whole else first.isoformat(timespec="minutes" if not first.second else "seconds")
    lines = [_time_line(name, value, task["time_zone"]) for name, value in (("DTSTART", start), ("DUE", due)) if value]
    if rule and due:
        first_line, *others = rule["rrule"].splitlines()
        lines.append(f"RRULE:{first_line.removeprefix('RRULE:')}")
        for other in others:
            head, _, values = other.partition(":")
            if head.upper().startswith("EXDATE"):
                lines += [_time_line("EXDATE", _dashed(one), task["time_zone"]) for one in values.split(",")]
    return lines


def _time_line(name: str, text_of: str, time_zone: str) -> str:
    digits = text_of.replace("-", "").replace(":", "")
    if len(text_of) == 10:
        return f"{name};VALUE=DATE:{digits}"
    digits = digits.ljust(15, "0")
    return f"{name}:{digits}Z" if time_zone == "UTC" else f"{name};TZID={time_zone}:{digits}"


def _dashed(basic: str) -> str:
    day = f"{basic[:4]}-{basic[4:6]}-{basic[6:8]}"
    return day if len(basic) == 8 else f"{day}T{basic[9:11]}:{basic[11:13]}:{basic[13:15]}"


def _alarm(reminder: Mapping[str, Any], task: Mapping[str, Any]) -> list[str]:
    if "at" in reminder:
        trigger = f"TRIGGER;VALUE=DATE-TIME:{_utc(reminder['at'])}"
    else:
        trigger = f"TRIGGER;RELATED=END:-PT{reminder['before_min']}M"
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(task['title'])}", trigger, "END:VALARM"]


def _kept(kept: Mapping[str, Any]) -> Component:
    inside = (*kept.get("alarms", ()), *kept.get("zones", ()))
    return _component([*kept.get("lines", ()), *(line for one in inside for line in one.split("\n"))])


def _component(raw: Iterable[str]) -> Component:
    """The component whose lines these are, without its own BEGIN and END."""
    whole = Component("VTODO", 0)
    opened = [whole]
    for line in raw:
        apart = taken_apart(0, line, "export")
        if apart.name == "BEGIN":
            opened.append(Component(apart.value.strip().upper(), 0))
        for each in opened[1:]:
            each.raw.append(line)
        if apart.name == "END":
            done = opened.pop()
            opened[-1].inside.append(done)
        elif apart.name != "BEGIN":
            opened[-1].lines.append(apart)
    return whole


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str) and one[-1:] == "Z" == other[-1:]:
        return one[:19] == other[:19]
    return one == other or not (one or other)


def _zones(task: Mapping[str, Any], defined: set[str]) -> Iterator[str]:
    kept = (task.get("extra") or {}).get(SERVICE) or {}
    for one in kept.get("zones", ()):
        if one not in defined:
            defined.add(one)
            yield "".join(folded(line) for line in one.split("\n"))
    walls = [task.get(name) for name in ("due", "scheduled")]
    name = task["time_zone"]
    if name != "UTC" and name not in defined and any(value and len(value) > 10 for value in walls):
        defined.add(name)
        yield definition(name)


def _utc(stored: str) -> str:
    return f"{stored[:4]}{stored[5:7]}{stored[8:13]}{stored[14:16]}{stored[17:19]}Z"
