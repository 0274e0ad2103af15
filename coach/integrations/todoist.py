"""Todoist's CSV: one project, a row for each section, task and comment; subtasks by INDENT, dates in words.
https://todoist.com/help/articles/format-a-csv-file-to-import-into-todoist-UVUXTmm6

The file is named after its project, and a section becomes a part of it (`Home.Kitchen`). In a file that Coach wrote
(`coach….csv`, or stdin) sections are projects. People and columns that Coach does not know are kept and written again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from coach.core import quickadd
from coach.core.errors import InvalidInput
from coach.core.task import Draft, Recurrence
from coach.core.when import Moment, iso, wall_text, zone
from coach.integrations.source import Found, Notes, Source, refuse
from coach.integrations.tables import line, rows

SERVICE = "todoist"
COLUMNS = (
    "TYPE", "CONTENT", "DESCRIPTION", "PRIORITY", "INDENT", "AUTHOR", "RESPONSIBLE", "DATE", "DATE_LANG", "TIMEZONE", "DURATION",
    "DURATION_UNIT", "DEADLINE", "DEADLINE_LANG",
)
_READ = frozenset({
    "TYPE", "CONTENT", "DESCRIPTION", "PRIORITY", "INDENT", "DATE", "DATE_LANG", "TIMEZONE", "DURATION", "DURATION_UNIT",
    "DEADLINE", "DEADLINE_LANG",
})
_NAMESPACE = uuid.UUID("5f0a1d5e-5b1b-5d0c-9a39-b19d3a2b8c77")


def read(source: Source, now: datetime, tz: ZoneInfo, day_first: bool, notes: Notes) -> Iterator[Found]:
    """The open tasks of a project. Raises InvalidInput naming line and column."""
    stem = re.sub(r"\s*\[\d+\]$", "", Path(source.name).stem)
    ours = source.path is None or stem.lower().startswith("coach")
    section = ""
    above: list[str] = []
    seen: dict[str, int] = {}
    held: Found | None = None

    def check(columns: list[str]) -> None:
        if "TYPE" not in columns or "CONTENT" not in columns:
            raise InvalidInput(f"{source.name}, line 1: there is no TYPE and CONTENT", "is it Todoist's CSV?")

    for number, row in rows(source, check):
        where = f"{source.name}, line {number}"
        kind, content = row["TYPE"].strip().lower(), row["CONTENT"]
        if kind == "note" and held is not None:
            note = {"at": iso(now), "text": content}
            held = held._replace(values={**held.values, "annotations": [*held.values["annotations"], note]})
        elif kind == "section":
            section, above = content.strip(), []
        elif kind == "task":
            if held is not None:
                yield held
            project = section if ours else ".".join(part for part in (stem, section) if part)
            held = _found(row, where, project, above, seen, now, tz, day_first, notes)
        elif kind not in ("meta", "", "note"):
            refuse(where, "TYPE", "is none of task, section, note")
    if held is not None:
        yield held


def _found(
    row: Mapping[str, str], where: str, project: str, above: list[str], seen: dict[str, int], now: datetime, tz: ZoneInfo,
    day_first: bool, notes: Notes,
) -> Found:
    title, tags = _labels(row["CONTENT"])
    if not title:
        refuse(where, "CONTENT", "is empty")
    here = _zone(row.get("TIMEZONE", ""), tz)
    depth = _number(row, "INDENT", where, 1, 4) or 1
    priority = _number(row, "PRIORITY", where, 1, 4)
    del above[depth - 1 :]
    words = "\x1f".join((project, *above, title))
    seen[words] = seen.get(words, 0) + 1
    task_id = str(uuid.uuid5(_NAMESPACE, f"{seen[words]} {words}"))
    values: dict[str, Any] = {
        "title": title, "status": "pending", "notes": row.get("DESCRIPTION", "").replace("\r\n", "\n"),
        "project": project or None, "tags": tags, "priority": None if priority == 4 else priority,
        "parent": above[-1] if above else None, "estimate_min": _minutes(row, where), "annotations": [],
        "time_zone": here.key, "due": None, "due_hard": False, "scheduled": None, "recurrence": None,
    }
    _dates(row, where, values, now, here, day_first, notes)
    above.append(task_id)
    unknown = {column: cell for column, cell in row.items() if column not in _READ and cell}
    values["extra"] = {SERVICE: {"columns": unknown}} if unknown else {}
    return Found(where, task_id, values, by_words=True)


def _dates(
    row: Mapping[str, str], where: str, values: dict[str, Any], now: datetime, tz: ZoneInfo, day_first: bool, notes: Notes
) -> None:
    """DATE is when somebody wants to do it, DEADLINE when it has to be done: with both, DATE is when it is scheduled."""
    when = _draft(row, "DATE", where, now, tz, day_first, notes)
    deadline = _draft(row, "DEADLINE", where, now, tz, day_first, notes)
    if when is not None:
        values["due"] = _stored(when.due or when.scheduled, tz)
        if when.recurrence is not None:
            rule = when.recurrence
            values["recurrence"] = {"rrule": rule.rrule, "anchor": rule.anchor, "catch_up": rule.catch_up}
    if deadline is not None:
        if values["recurrence"] is None:
            values["scheduled"] = values["due"]
        values["due"], values["due_hard"] = _stored(deadline.due or deadline.scheduled, tz), True


def _draft(
    row: Mapping[str, str], column: str, where: str, now: datetime, tz: ZoneInfo, day_first: bool, notes: Notes
) -> Draft | None:
    from coach.integrations.languages import dateparser_fallback

    text = row.get(column, "").strip()
    if not text:
        return None
    if re.match(r"\d{4}-\d\d-\d\d", text):
        try:
            date.fromisoformat(text[:10])
        except ValueError:
            refuse(where, column, "is no date")
    draft = quickadd.parse(f"x {text}", now, tz=tz, day_first=day_first, fallback=dateparser_fallback)
    if draft.due is None and draft.scheduled is None:
        notes.said.append((where, f"{column} is not understood; the task comes without it"))
        return None
    return draft


def _labels(content: str) -> tuple[str, list[str]]:
    words = content.split(" ")
    tags = [word[1:] for word in words if len(word) > 1 and word[0] == "@"]
    return " ".join(word for word in words if not (len(word) > 1 and word[0] == "@")).strip(), list(dict.fromkeys(tags))


def _minutes(row: Mapping[str, str], where: str) -> int | None:
    if row.get("DURATION_UNIT", "").strip().lower() not in ("", "minute"):
        return None
    return _number(row, "DURATION", where, 1, 1440)


def _number(row: Mapping[str, str], column: str, where: str, low: int, high: int) -> int | None:
    text = row.get(column, "").strip()
    if text.lower() in ("", "none"):
        return None
    if not text.isdecimal() or not low <= int(text[:9]) <= high:
        refuse(where, column, f"is no number from {low} to {high:,}")
    return int(text)


def _zone(name: str, tz: ZoneInfo) -> ZoneInfo:
    try:
        return zone(name.strip()) if name.strip() else tz
    except InvalidInput:
        return tz  # Todoist has names of its own, such as "GMT +2:00"


def _stored(moment: Moment | None, tz: ZoneInfo) -> str | None:
    return None if moment is None else wall_text(moment.astimezone(tz) if isinstance(moment, datetime) else moment)


def table(tasks: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[str]:
    """Open tasks, those without a project first, then a section for each project; subtasks below their parents."""
    found = [task for task in tasks if task["status"] == "pending"]
    ids = {task["id"] for task in found}
    below: dict[str | None, list[Mapping[str, Any]]] = {}
    for task in found:
        below.setdefault(task["parent"] if task["parent"] in ids else None, []).append(task)
    others = sorted({c for task in found for c in _kept(task) if c not in COLUMNS})
    header = [*COLUMNS, *others]
    yield line(header)
    for project in sorted({task["project"] for task in below.get(None, ())}, key=lambda p: (p is not None, p)):
        if project is not None:
            yield _row(header, {"TYPE": "section", "CONTENT": project})
        for task in below[None]:
            if task["project"] == project:
                yield from _with_subtasks(task, 1, below, header, now)


def _with_subtasks(
    task: Mapping[str, Any], depth: int, below: Mapping[str | None, list[Mapping[str, Any]]], header: list[str], now: datetime
) -> Iterator[str]:
    stack = [(task, depth)]
    while stack:
        here, level = stack.pop()
        yield _row(header, _task_cells(here, level, now))
        for note in here["annotations"]:
            yield _row(header, {"TYPE": "note", "CONTENT": note["text"]})
        stack += [(child, min(level + 1, 4)) for child in reversed(below.get(here["id"], ()))]


def _task_cells(task: Mapping[str, Any], depth: int, now: datetime) -> dict[str, str]:
    due, plan = task["due"], task["scheduled"]
    when, deadline = (plan, due) if task["due_hard"] else (due, None)
    cells = {
        "TYPE": "task", "CONTENT": " ".join([task["title"], *(f"@{tag.replace(' ', '_')}" for tag in task["tags"])]),
        "DESCRIPTION": task["notes"], "PRIORITY": str(task["priority"] or 4), "INDENT": str(depth),
        "TIMEZONE": task["time_zone"] if due or plan else "", "DATE_LANG": "en" if when else "",
        "DEADLINE": deadline[:10] if deadline else "", "DEADLINE_LANG": "en" if deadline else "",
    }
    if task["estimate_min"]:
        cells |= {"DURATION": str(task["estimate_min"]), "DURATION_UNIT": "minute"}
    if when:
        cells["DATE"] = _date_words(task, when, now)
    return cells | _kept(task)


def _date_words(task: Mapping[str, Any], when: str, now: datetime) -> str:
    """The date, or the rule in words where quick-add reads the same rule and the same next date in them."""
    plain = when.replace("T", " ")
    rule = task["recurrence"]
    if not rule:
        return plain
    words = _rule_words(rule, when)
    if words:
        tz = zone(task["time_zone"])
        draft = quickadd.parse(f"x {words} starting {plain[:10]}", now, tz=tz)
        wanted = Recurrence(rule["rrule"], rule["anchor"], rule["catch_up"])
        if draft.recurrence == wanted and _stored(draft.due, tz) == when:
            return f"{words} starting {plain[:10]}"
    return plain


def _rule_words(rule: Mapping[str, str], when: str) -> str:
    parts = dict(part.split("=", 1) for part in rule["rrule"].split(";") if "=" in part)
    unit = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}.get(parts.get("FREQ", ""), "")
    if not unit or set(parts) - {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY"}:
        return ""
    every = "every" if rule["anchor"] == "schedule" else "every!"
    interval = parts.get("INTERVAL", "1")
    names = {"MO": "mon", "TU": "tue", "WE": "wed", "TH": "thu", "FR": "fri", "SA": "sat", "SU": "sun"}
    days = [names.get(day, "") for day in parts["BYDAY"].split(",")] if "BYDAY" in parts else []
    if days and all(days) and interval == "1" and unit == "week":
        what = "weekday" if parts["BYDAY"] == "MO,TU,WE,TH,FR" else ", ".join(days)
    elif "BYMONTHDAY" in parts and interval == "1" and unit == "month" and parts["BYMONTHDAY"].isdecimal():
        what = f"{parts['BYMONTHDAY']}."
    elif days or "BYMONTHDAY" in parts:
        return ""
    else:
        what = unit if interval == "1" else f"{interval} {unit}s"
    return f"{every} {what}" + (f" at {when[11:16]}" if len(when) > 10 else "")


def _kept(task: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = (task["extra"].get(SERVICE) or {}).get("columns", {})
    return found


def _row(header: list[str], cells: Mapping[str, str]) -> str:
    return line(cells.get(column, "") for column in header)
