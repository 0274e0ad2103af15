"""ActivityWatch's REST API (version 0), for its browser, editor and terminal watchers.

Paths, status codes and the shape of answers follow aw-server 0.12. Where it fails with 500 or takes nonsense, this says 400.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import unquote

from coach.api.http import SMALL, Reply, Request, read_json, said, told
from coach.core.errors import InvalidInput
from coach.engine import clock, ingest, watchers
from coach.engine.inbox import Inbox, asked
from coach.engine.incoming import instant_us

TESTING_PORT = 5666
"""Where ActivityWatch's own tests look for a server; on it buckets can be deleted without `force`."""
INFO = "/api/0/info"
_MANY, _EVERYTHING = 16_000_000, 64_000_000


@dataclass(frozen=True, slots=True)
class Served:
    """What the routes need beside the request."""

    inbox: Inbox
    hostname: str
    device: str
    version: str
    testing: bool
    now: Callable[[], datetime] = field(default_factory=clock.reader)


def limit(path: str) -> int:
    """Bytes that a body may have: a heartbeat is small, a list of events larger, an import largest."""
    return _EVERYTHING if path == "/api/0/import" else _MANY if path.endswith("/events") else SMALL


def answer(served: Served, request: Request) -> Reply:
    """One request, answered once what it changes is committed. Raises CoachError."""
    parts, name = _parts(request.path)
    if parts is None:
        return told(404, "ActivityWatch's API is at /api/0/")
    asked(served.inbox)
    now = served.now()
    match request.method, parts:
        case "POST", ["buckets", _, "heartbeat"]:
            return _heartbeat(served, name, request, now)
        case "GET", ["info"]:
            return said({
                "hostname": served.hostname, "version": served.version, "testing": served.testing, "device_id": served.device,
            })
        case _, ["buckets", _, *_]:
            return _bucket(served, name, parts[2:], request, now)
        case "GET", ["buckets"]:
            return said(watchers.buckets_json(served.inbox, now))
        case "GET", ["export"]:
            return _file(watchers.export(served.inbox, None, now), "aw-buckets-export.json")
        case "POST", ["import"]:
            sent = _object(request)
            watchers.bring(served.inbox, sent.get("buckets"), now)
            return said(None)
        case ("GET" | "POST"), ["settings", *key]:
            return _settings(served, unquote("/".join(key)), request, now)
        case "POST", ["query"]:
            return told(501, "ActivityWatch's queries are not run here; ask `coach report` or `coach timeline`, with --json")
    return told(404, f"there is no {request.method} {request.path[:200]} here")


@lru_cache(maxsize=256)
def _parts(path: str) -> tuple[Sequence[str] | None, str]:
    """What stands below /api/0/, None elsewhere; and the name of the bucket, where one is named."""
    parts = path.strip("/").split("/")
    return tuple(parts[2:]) if parts[:2] == ["api", "0"] else None, unquote(parts[3]) if len(parts) > 3 else ""


def _heartbeat(served: Served, name: str, request: Request, now: datetime) -> Reply:
    pulsetime = request.query.get("pulsetime")
    if pulsetime is None:
        return told(400, "Missing required parameter pulsetime")
    return said(ingest.heartbeat(served.inbox, name, read_json(request.body), _number(pulsetime), now))


def _bucket(served: Served, name: str, below: Sequence[str], request: Request, now: datetime) -> Reply:
    inbox = served.inbox
    match request.method, below:
        case "GET", []:
            return said(watchers.bucket_json(inbox, name, now))
        case "POST", []:
            made = watchers.create(inbox, name, read_json(request.body), now, (served.hostname, served.device))
            return said({}) if made else Reply(304, b"")
        case "PUT", []:
            watchers.update(inbox, name, read_json(request.body), now)
            return said({})
        case "DELETE", []:
            if not served.testing and request.query.get("force") != "1":
                return told(401, "a bucket is deleted with ?force=1 only")
            watchers.delete(inbox, name, now)
            return said({})
        case "GET", ["export"]:
            return _file(watchers.export(inbox, [name], now), f"aw-bucket-export_{name.encode('ascii', 'replace').decode()}.json")
        case _, ["events", *which]:
            return _events(inbox, name, which, request, now)
    return told(404, f"there is no {request.method} {request.path[:200]} here")


def _events(inbox: Inbox, name: str, which: Sequence[str], request: Request, now: datetime) -> Reply:
    start, end = (instant_us(request.query[key]) if key in request.query else None for key in ("start", "end"))
    match request.method, which:
        case "GET", []:
            limit = request.query.get("limit", "-1")
            if not limit.removeprefix("-").isdecimal() or len(limit) > 15:
                return told(400, "limit is a whole number")
            return _list(watchers.events_json(inbox, name, start, end, max(-1, int(limit)), now))
        case "POST", []:
            return said(ingest.insert(inbox, name, read_json(request.body), now))
        case "GET", ["count"]:
            return said(watchers.count(inbox, name, start, end, now))
        case ("GET" | "DELETE"), [number] if number.isdecimal() and len(number) < 19:
            if request.method == "DELETE":
                return said({"success": int(ingest.remove(inbox, name, int(number), now))})
            found = watchers.event(inbox, name, int(number), now)
            return said(found, 200 if found else 404)
    return told(404, f"there is no {request.method} {request.path[:200]} here")


def _settings(served: Served, key: str, request: Request, now: datetime) -> Reply:
    if request.method == "GET":
        return said(watchers.settings(served.inbox, key))
    value = read_json(request.body)
    watchers.set_setting(served.inbox, key, value, now)
    return said(value)


def _list(pages: Iterator[list[dict[str, Any]]]) -> Reply:
    first = next(pages, [])
    second = next(pages, [])
    if not second:
        return said(first)

    def pieces() -> Iterator[bytes]:
        yield b"[" + json.dumps(first)[1:-1].encode()
        for page in chain([second], pages):
            if page:
                yield b", " + json.dumps(page)[1:-1].encode()
        yield b"]"

    return Reply(200, pieces())


def _file(pieces: Iterator[bytes], name: str) -> Reply:
    began = next(pieces)  # what cannot be had is told by a status, not in the middle of a file
    return Reply(200, chain([began], pieces), {"Content-Disposition": f"attachment; filename={name}"})


def _object(request: Request) -> dict[str, Any]:
    value = read_json(request.body)
    if not isinstance(value, dict):
        raise InvalidInput("an import is what /export gives: an object with buckets")
    return value


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidInput(f"pulsetime {text[:40]!r} is no number") from error
