"""Timewarrior's intervals: what `timew export` writes, and its data files (`YYYY-MM.data`). Its tags and annotation make the
title; they are kept beside it, so that an export writes them as they were."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from coach.core.errors import InvalidInput
from coach.integrations.activitywatch import AT_ONCE, Batch, Described
from coach.integrations.source import Notes, Source, clean, instant, json_of, lines_of, refuse, text_of, without_fraction

BUCKET = "timewarrior"
UNTITLED = "Timewarrior"
"""The title of an interval that has no tags."""
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
_LINE = re.compile(r"inc(?: (\d{8}T\d{6}Z)(?: - (\d{8}T\d{6}Z))?)?(?: #(.*))?")


def read(source: Source, now: datetime, notes: Notes) -> Iterator[Batch]:
    """Intervals as events of one bucket. One that still runs lasts until `now` and is named in the notes.

    Raises InvalidInput naming record or line."""
    described = Described(BUCKET, {"type": "coach.manual", "client": BUCKET, "hostname": ""})
    first = next((text.lstrip()[:1] for text in text_of(source) if text.strip()), "")
    found = _exported(source) if first in ("[", "{") else _lines(source)
    batch: list[Any] = []
    number = 1
    for where, record in found:
        event = _event(record, where, now, notes)
        if event:
            batch.append(event)
        if len(batch) == AT_ONCE:
            yield described, number, batch
            number += len(batch)
            batch = []
    if batch:
        yield described, number, batch


def _exported(source: Source) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for where, record in json_of(source):
        if not isinstance(record, dict) or "start" not in record:
            raise InvalidInput(f"{where} is no interval", "`timew export` writes what can be imported")
        yield where, record


def _lines(source: Source) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in lines_of(source):
        where = f"{source.name}, line {number}"
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.rstrip())
        if not match:
            raise InvalidInput(f"{where} is no interval", "nothing was imported; is it a data file of Timewarrior?")
        start, end, rest = match.groups()
        if start is None:
            continue
        tags, annotation = _said(rest or "")
        record: dict[str, Any] = {"start": start, "tags": tags, "annotation": annotation}
        yield where, record if end is None else {**record, "end": end}


def _said(rest: str) -> tuple[list[str], str]:
    """The tags, and the annotation behind the second mark; both may be quoted."""
    tags: list[str] = []
    at = 0
    while at < len(rest):
        if rest[at].isspace():
            at += 1
            continue
        match = _TAG.match(rest, at)
        assert match is not None  # one that is not blank begins with something
        if match[2] == "#":
            annotation = rest[match.end():].strip()
            whole = _TAG.fullmatch(annotation)
            return tags, _plain(whole[1]) if whole and whole[1] is not None else annotation
        tags.append(match[2] if match[1] is None else _plain(match[1]))
        at = match.end()
    return tags, ""


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", r"\1", quoted)


def _event(record: Mapping[str, Any], where: str, now: datetime, notes: Notes) -> dict[str, Any] | None:
    tags, annotation = record.get("tags") or [], record.get("annotation") or ""
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        refuse(where, "tags", "is no list of texts")
    if not isinstance(annotation, str):
        refuse(where, "annotation", "is no text")
    start = instant(record["start"], where, "start")
    end = instant(record["end"], where, "end") if record.get("end") else now
    if not record.get("end"):
        notes.said.append((where, "it is still running; its time until now comes in"))
    if end < start:
        notes.refused.append((where, "it ends before it starts"))
        return None
    title = annotation or ", ".join(tags) or UNTITLED
    kept = {name: value for name, value in (("tags", [clean(t) for t in tags]), ("annotation", clean(annotation))) if value}
    return {
        "timestamp": start.isoformat(), "duration": (end - start).total_seconds(),
        "data": {"app": "manual", "title": clean(title), **kept},
    }


def record_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event of manual time as `timew export` writes an interval, without its id."""
    data = event["data"]
    title = data.get("title") or UNTITLED
    tags = data.get("tags") or ([] if data.get("annotation") or title == UNTITLED else [title])
    if project := data.get("project"):
        tags = [*tags, project] if project not in tags else tags
    record = {"start": _basic(event["start"]), "end": _basic(event["end"]), "tags": tags}
    return {**record, "annotation": data["annotation"]} if data.get("annotation") else record


def data_line(record: Mapping[str, Any]) -> str:
    """An interval as a line of a data file."""
    tags = " ".join(_quoted(tag) for tag in record["tags"])
    annotation = record.get("annotation")
    said = f" # {tags}" if tags or annotation else ""
    return f"inc {record['start']} - {record['end']}{said}" + (f" # {_quoted(annotation, always=True)}" if annotation else "")


def months(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Names and texts of the data files; `records` in order of their starts."""
    name, lines = "", list[str]()
    for record in records:
        month = f"{record['start'][:4]}-{record['start'][4:6]}.data"
        if month != name and lines:
            yield name, "".join(lines)
            lines = []
        name = month
        lines.append(data_line(record) + "\n")
    if lines:
        yield name, "".join(lines)


def _quoted(text: str, *, always: bool = False) -> str:
    if not always and re.fullmatch(r"[^\s\"#\\]+", text):
        return text
    inner = text.replace("\n", " ").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def _basic(moment: datetime) -> str:
    return without_fraction(moment.astimezone(UTC))
