"""Tracked time as a table (CSV): a row for each event.

Columns: `start` and `end` or `duration_s` (ISO 8601, without an offset local; seconds), and any of `bucket` ("csv"), `type`
("window"; tab, editor, afk, or any type of a bucket), `app`, `title`, `url`, `project`, `data` (a JSON object of further
fields). Others are left alone."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from coach.core.errors import InvalidInput
from coach.core.watched import AFK, EDITOR, TAB, WINDOW
from coach.integrations.activitywatch import AT_ONCE, Batch, Described
from coach.integrations.source import Source, clean, instant, lines_of, refuse

COLUMNS = ("bucket", "type", "start", "end", "duration_s", "app", "title", "url", "project", "category", "data")
TYPES = {"window": WINDOW, "tab": TAB, "editor": EDITOR, "afk": AFK}
"""Short names of bucket types."""
_WORDS = ("app", "title", "url", "project")


def is_one(source: Source) -> bool:
    """Whether the first line names the columns of events rather than of tasks."""
    header = next((line for _, line in lines_of(source)), "")
    names = {name.strip().lower() for name in next(csv.reader([header]), [])}
    return "start" in names and bool(names & {"end", "duration_s"}) and not names & {"description", "status", "due"}


def read(source: Source, tz: ZoneInfo) -> Iterator[Batch]:
    """Events in the order of the rows. Raises InvalidInput naming line and column."""
    lines = Lines(source)
    table = csv.reader(lines, strict=True)
    batch: list[Any] = []
    held: Described | None = None
    first = 1
    try:
        header = [name.strip().lower() for name in next(table, [])]
        if "start" not in header or not {"end", "duration_s"} & set(header):
            raise InvalidInput(f"{source.name}, line 1: there is no column start, or no end and no duration_s",
                               f"columns are {', '.join(COLUMNS)}")
        for row in table:
            if not row:
                continue
            where = f"{source.name}, line {lines.number}"
            if len(row) > len(header):
                raise InvalidInput(f"{where}: it has more cells than the header", "nothing was imported")
            described, event = _event(dict(zip(header, row, strict=False)), where, tz)
            if held is not None and (described != held or len(batch) == AT_ONCE):
                yield held, first, batch
                first += len(batch)
                batch = []
            held = described
            batch.append(event)
    except csv.Error as error:
        raise InvalidInput(f"{source.name}, line {lines.number}: this is no table ({error})", "nothing was imported") from error
    if held is not None:
        yield held, first, batch


class Lines:
    """Lines with their ends, and the number of the last one."""

    def __init__(self, source: Source) -> None:
        self.lines, self.number = lines_of(source), 0

    def __iter__(self) -> Iterator[str]:
        for number, line in self.lines:
            self.number = number
            yield line + "\n"


def _event(cells: Mapping[str, str], where: str, tz: ZoneInfo) -> tuple[Described, dict[str, Any]]:
    start = instant(cells["start"].strip(), where, "start", tz)
    if cells.get("end", "").strip():
        length_s = (instant(cells["end"].strip(), where, "end", tz) - start).total_seconds()
    else:
        length_s = _number(cells.get("duration_s", ""), where)
    if length_s < 0:
        refuse(where, "end", "lies before the start")
    data = _data(cells.get("data", ""), where)
    data.update({name: clean(cells[name]) for name in _WORDS if cells.get(name)})
    told = cells.get("type", "").strip() or "window"
    type_ = TYPES.get(told.lower(), told)
    described = Described(cells.get("bucket", "").strip() or "csv", {"type": type_, "client": "csv", "hostname": ""})
    return described, {"timestamp": start.isoformat(), "duration": length_s, "data": _as_reported(type_, data)}


def _as_reported(type_: str, data: dict[str, Any]) -> dict[str, Any]:
    """An editor's title is the file that it reports."""
    if type_ == "app.editor.activity" and "file" not in data and "title" in data:
        data["file"] = data.pop("title")
    return data


def _number(text: str, where: str) -> float:
    try:
        return timedelta(seconds=float(text)).total_seconds()
    except (ValueError, OverflowError):
        refuse(where, "duration_s", "is no number of seconds")


def _data(text: str, where: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        refuse(where, "data", "is no JSON object")
    return found


def table(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Rows that have the values of `COLUMNS`, times as datetimes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows):
        writer.writerow([_cell(row.get(name)) for name in COLUMNS])
        if number % 1000 == 999:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return json.dumps(value) if value else ""
    return "" if value is None else str(value)
