"""CSV: Coach's own tables, which come back whole, and anybody's: columns are known by many names, dates by quick-add's
grammar, and columns that nobody knows are kept in `extra["csv"]` and written again.

A cell that a spreadsheet would take for a formula has an apostrophe in front of it, which reading takes off again."""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.errors import InvalidInput
from coach.core.task import from_stored
from coach.core.when import parse_iso, zone
from coach.integrations.source import MOST_RECORD, Found, Source, lines_of, refuse, stored_instant, wall

SERVICE = "csv"

_NAMESPACE = uuid.UUID("8f1c5b0e-93a6-5b8e-8a52-2a4e4f0d5c11")
COLUMNS = (
    "id", "title", "status", "project", "tags", "priority", "due", "scheduled", "wait", "until", "estimate_min", "due_hard",
    "notes", "recurrence", "remind", "depends", "parent", "series_id", "series_start", "annotations", "category",
    "category_confidence", "time_zone", "created", "modified", "started", "completed", "deleted", "snooze_count", "actual_min",
    "extra",
)
_NAMES = {
    "task": "title", "name": "title", "content": "title", "summary": "title", "subject": "title", "task name": "title",
    "description": "notes", "note": "notes", "details": "notes", "labels": "tags", "label": "tags", "tag": "tags",
    "categories": "tags", "list": "project", "folder": "project", "list name": "project", "due date": "due", "deadline": "due",
    "due_date": "due", "start date": "scheduled", "start": "scheduled", "start_date": "scheduled", "hidden until": "wait",
    "estimate": "estimate_min", "minutes": "estimate_min", "uuid": "id", "state": "status", "done": "status",
    "completed at": "completed", "created at": "created", "created time": "created", "completed time": "completed",
}
_JSON = frozenset({"recurrence", "remind", "annotations", "extra"})
_LISTS = frozenset({"tags", "depends"})
_NUMBERS = frozenset({"priority", "estimate_min", "snooze_count", "actual_min"})
_WALLS = frozenset({"due", "scheduled", "wait", "until", "series_start"})
_INSTANTS = frozenset({"created", "modified", "started", "completed", "deleted"})
_STATUSES = {
    "": "pending", "pending": "pending", "waiting": "pending", "open": "pending", "todo": "pending", "no": "pending",
    "false": "pending", "0": "pending", "needs-action": "pending", "in progress": "pending", "completed": "completed",
    "done": "completed", "yes": "completed", "true": "completed", "1": "completed", "x": "completed", "closed": "completed",
    "deleted": "deleted", "cancelled": "deleted",
}
_PRIORITIES = {
    "": None, "none": None, "0": None, "1": 1, "2": 2, "3": 3, "4": 4, "p1": 1, "p2": 2, "p3": 3, "p4": 4, "h": 1, "m": 2, "l": 3,
    "high": 1, "medium": 2, "normal": 2, "low": 3, "a": 1, "b": 2, "c": 3, "urgent": 1,
}
_EMPTY: Mapping[str, Any] = {"extra": {}, "remind": [], "annotations": [], "due_hard": False, "snooze_count": 0}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def read(source: Source, now: datetime, tz: ZoneInfo, day_first: bool) -> Iterator[Found]:
    """The tasks of a table with a header. Raises InvalidInput naming line and column."""
    header: dict[str, str] = {}
    seen: dict[str, int] = {}
    for number, row in rows(source, lambda columns: header.update(_header(source, columns))):
        where = f"{source.name}, line {number}"
        values: dict[str, Any] = {"time_zone": tz.key}
        if zone_cell := _cell(row, header, "time_zone"):
            values["time_zone"] = _zone(zone_cell, where)
        for column, cell in row.items():
            if column in header and header[column] not in ("id", "time_zone"):
                values[header[column]] = _value(header[column], cell, where, column, now, zone(values["time_zone"]), day_first)
        values["title"] = (values.get("title") or "").replace("\r\n", "\n")
        if not values["title"].strip():
            refuse(where, "title", "is empty")
        unknown = {column: _bare(cell) for column, cell in row.items() if column not in header and cell}
        extra = {**(values.get("extra") or {}), **({SERVICE: {"columns": unknown}} if unknown else {})}
        values["extra"] = extra
        _check(values, where)
        own = _cell(row, header, "id").lower()
        if own and not _UUID.fullmatch(own):
            own = str(uuid.uuid5(_NAMESPACE, own))
        words = json.dumps({name: cell for name, cell in row.items() if cell}, sort_keys=True)
        seen[words] = seen.get(words, 0) + 1
        yield Found(where, own or str(uuid.uuid5(_NAMESPACE, f"{seen[words]} {words}")), values, by_words=not own)


def rows(source: Source, check: Callable[[list[str]], None]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows below the header by column, each with the number of its first line. Comma, semicolon or tab, by the header.
    `check` is given the columns, also where no row follows.

    Raises InvalidInput naming the line."""
    csv.field_size_limit(MOST_RECORD)
    lines = lines_of(source)
    first = next(lines, None)
    if first is None or not first[1].strip():
        raise InvalidInput(f"{source.name}, line 1: there is no header", "the first line names the columns")
    delimiter = max(",;\t", key=first[1].count)
    read_lines = csv.reader((f"{text}\n" for text in _with(first[1], lines)), delimiter=delimiter, strict=True)
    number = 1
    header: list[str] = []
    try:
        for cells in read_lines:
            begins, number = number, read_lines.line_num + 1
            if not header:
                header = [cell.strip() for cell in cells]
                if twice := next((name for name in header if name and header.count(name) > 1), None):
                    refuse(f"{source.name}, line 1", f"column {header.index(twice) + 1}", "has the name of another one")
                check(header)
                continue
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header):
                if any(cell.strip() for cell in cells[len(header) :]):
                    raise InvalidInput(f"{source.name}, line {begins} has more cells than the header", "quote cells with commas")
                cells = cells[: len(header)]
            yield begins, dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=True))
    except csv.Error as error:
        raise InvalidInput(f"{source.name}, line {number}: {error}", "is a quotation mark missing?") from error


def _with(first: str, lines: Iterator[tuple[int, str]]) -> Iterator[str]:
    yield first
    for _, text in lines:
        yield text


def table(tasks: Iterable[Mapping[str, Any]], unknown: Iterable[str]) -> Iterator[str]:
    """The tasks (plain values) as CSV, in pieces; `unknown` names the columns that some of them keep."""
    others = sorted(unknown)
    yield line([*COLUMNS, *others])
    for task in tasks:
        kept = (task.get("extra") or {}).get(SERVICE, {}).get("columns", {})
        yield line([*(_written(name, task.get(name)) for name in COLUMNS), *(kept.get(name, "") for name in others)])


def line(cells: Iterable[str]) -> str:
    """A CSV line (RFC 4180); cells that look like formulas are made harmless."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


def _header(source: Source, columns: list[str]) -> dict[str, str]:
    """What the columns are called here; a column of its own name goes before one by another name."""
    plain = {column: column.strip().casefold() for column in columns}
    header = {column: name for column, name in plain.items() if name in COLUMNS}
    for column, name in plain.items():
        if column not in header and (known := _NAMES.get(name)) and known not in header.values():
            header[column] = known
    if "title" not in header.values() and "notes" in header.values():
        header = {column: "title" if name == "notes" else name for column, name in header.items()}
    if "title" not in header.values():
        raise InvalidInput(f"{source.name}, line 1: there is no column for the title", "call one of them title")
    return header


def _cell(row: Mapping[str, str], header: Mapping[str, str], wanted: str) -> str:
    return next((_bare(row[column]).strip() for column, name in header.items() if name == wanted), "")


def _bare(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def _value(name: str, cell: str, where: str, column: str, now: datetime, tz: ZoneInfo, day_first: bool) -> Any:
    cell = _bare(cell)
    bare = cell.strip()
    if name in ("title", "notes"):
        return cell.replace("\r\n", "\n")
    if name == "status":
        return _one_of(_STATUSES, bare, where, column)
    if name == "priority":
        return _one_of(_PRIORITIES, bare, where, column)
    if name in _LISTS:
        return _list(bare, where, column)
    if not bare:
        return _EMPTY.get(name)
    if name in _JSON:
        return _json(bare, where, column)
    if name in _NUMBERS:
        if not re.fullmatch(r"\d{1,9}", bare):
            refuse(where, column, "is no whole number")
        return int(bare)
    if name == "due_hard":
        return bare.lower() in ("true", "1", "yes")
    if name == "category_confidence":
        try:
            return float(bare)
        except ValueError:
            refuse(where, column, "is no number")
    if name in _WALLS:
        return _moment(bare, where, column, now, tz, day_first)
    if name in _INSTANTS:
        return _instant(bare, where, column, now, tz, day_first)
    return cell


def _moment(cell: str, where: str, column: str, now: datetime, tz: ZoneInfo, day_first: bool) -> str:
    """ISO 8601, or what quick-add makes of the words."""
    if re.match(r"\d{4}-?\d\d-?\d\d", cell):
        try:
            if re.fullmatch(r"\d{4}-?\d\d-?\d\d", cell):
                return date.fromisoformat(cell).isoformat()
            found = datetime.fromisoformat(cell)
        except ValueError:
            refuse(where, column, "is no date")
        if found.tzinfo is None:
            return found.isoformat(timespec="seconds" if found.second else "minutes")
        return wall(found.astimezone(UTC), tz, whole_days=False) or refuse(where, column, "cannot be told on this zone's clock")
    from coach.core import quickadd
    from coach.core.when import wall_text

    draft = quickadd.parse(f"x {cell}", now, tz=tz, day_first=day_first)
    moment = draft.due or draft.scheduled
    if moment is None or draft.title != "x":
        refuse(where, column, "is no date")
    return wall_text(moment.astimezone(tz) if isinstance(moment, datetime) else moment)


def _instant(cell: str, where: str, column: str, now: datetime, tz: ZoneInfo, day_first: bool) -> str:
    text = _moment(cell, where, column, now, tz, day_first) if not re.search(r"\d\dZ$|[+-]\d\d:?\d\d$", cell[10:]) else cell
    try:
        return text if len(text) == 10 else stored_instant(parse_iso(text, tz).astimezone(UTC))
    except (InvalidInput, OverflowError):
        refuse(where, column, "is no date")


def _one_of(known: Mapping[str, Any], cell: str, where: str, column: str) -> Any:
    if cell.lower() not in known:
        refuse(where, column, f"is none of {', '.join(k for k in known if k)}")
    return known[cell.lower()]


def _list(cell: str, where: str, column: str) -> list[str]:
    if cell.startswith("["):
        found = _json(cell, where, column)
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            refuse(where, column, "is no list of texts")
        return found
    return list(dict.fromkeys(one.strip().lstrip("@#") or one.strip() for one in re.split("[;,]", cell) if one.strip()))


def _json(cell: str, where: str, column: str) -> Any:
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        refuse(where, column, "is no JSON")


def _zone(name: str, where: str) -> str:
    try:
        return zone(name).key
    except InvalidInput:
        refuse(where, "time_zone", "is no time zone")


def _check(values: Mapping[str, Any], where: str) -> None:
    """Raises InvalidInput where cells of JSON hold something else than they should."""
    try:
        blank = {"id": "", "created": "2000-01-01T00:00:00Z", "modified": "2000-01-01T00:00:00Z"}
        days = {name: f"{v}T00:00:00Z" for name, v in values.items() if name in _INSTANTS and v and len(v) == 10}
        from_stored({**blank, **values, **days})
    except (ValueError, TypeError, KeyError, AttributeError, InvalidInput) as error:
        raise InvalidInput(f"{where}: a cell of JSON is not what Coach writes", "nothing was imported") from error


def _written(name: str, value: Any) -> str:
    if value is None or (value in ([], {}, "", False) and name != "snooze_count"):
        return ""
    if name in _JSON:
        if name == "extra":
            value = {service: part for service, part in value.items() if service != SERVICE}
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
    if name in _LISTS:
        plain = all(one == one.strip().lstrip("@#") and one and not re.search("[;,]", one) for one in value)
        return "; ".join(value) if plain and value[0][0] != "[" else json.dumps(value, ensure_ascii=False)
    return "true" if value is True else str(value)
