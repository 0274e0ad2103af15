"""ActivityWatch's exports: what its servers write as JSON (`/api/0/export`, or one bucket's), and a running one's.

Files hold hundreds of megabytes in one line, so that places are named by bucket and event."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from coach.core.errors import InvalidInput, NotFound, Unavailable
from coach.integrations.json_tree import JsonTree
from coach.integrations.source import Source

AT_ONCE = 2_000
"""Events that are handed over together."""
TIMEOUT_S = 600.0
"""A server writes an export of years before it sends the first byte."""
_PIECE = 1 << 20
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Described:
    """What a file says of a bucket: an id and ActivityWatch's keys."""

    id: str
    values: Mapping[str, Any]


Batch = tuple[Described, int, list[Any]]
"""A bucket, the number of the first event, and events as the file has them."""


def read(source: Source) -> Iterator[Batch]:
    """Events in the order of the file; each bucket comes at least once, without events if it has none.

    Raises InvalidInput naming line and bucket."""
    tree = JsonTree(source)
    known: dict[str, dict[str, Any]] = {}
    alone: dict[str, Any] = {}
    found = False
    for key in tree.members():
        if key == "buckets":
            found = True
            for name in tree.members():
                yield from _bucket(tree, name, known.setdefault(name, {}), source)
        elif key == "events" and "id" in alone:
            found = True
            yield from _events(tree, str(alone["id"]), alone, source)
        elif key == "events":
            tree.refuse("its bucket's id has to stand before the events")
        else:
            alone[key] = tree.value()
    tree.end()
    if not found:
        tree.refuse("this is no export of ActivityWatch: it has no buckets")


def _bucket(tree: JsonTree, name: str, values: dict[str, Any], source: Source) -> Iterator[Batch]:
    if tree.next() != "{":
        tree.refuse(f"bucket {name[:60]!r} is no object")
    told = False
    for key in tree.members():
        if key == "events":
            told = True
            yield from _events(tree, name, values, source)
        else:
            values[key] = tree.value()
    if not told:
        yield Described(name, values), 1, []


def _events(tree: JsonTree, name: str, values: dict[str, Any], source: Source) -> Iterator[Batch]:
    if "type" not in values:
        values.update(_described(source, name))
    if tree.next() != "[":
        tree.refuse(f"the events of bucket {name[:60]!r} are no list")
    described = Described(name, values)
    batch: list[Any] = []
    first = 1
    for event in tree.elements():
        batch.append(event)
        if len(batch) == AT_ONCE:
            yield described, first, batch
            first += len(batch)
            batch = []
    yield described, first, batch


def _described(source: Source, wanted: str) -> dict[str, Any]:
    """What the file says of a bucket behind its events."""
    tree = JsonTree(source)
    values: dict[str, Any] = {}
    for key in tree.members():
        if key != "buckets":
            tree.value()
            continue
        for name in tree.members():
            for part in tree.members():
                if part == "events":
                    for _ in tree.elements():
                        pass
                elif name == wanted:
                    values[part] = tree.value()
                else:
                    tree.value()
    return values


def is_address(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


def server(address: str) -> Source:
    """A running server's export, fetched when it is read. With a key where aw-server-rust has been given one.

    Raises InvalidInput for an address that is not on this machine."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or 5600
    except ValueError:
        host, port = None, 0
    if host not in _LOOPBACK:
        raise InvalidInput("only a server on this machine is read", "http://localhost:5600, or a file that it has exported")
    base = f"{parts.scheme.lower()}://{'[::1]' if host == '::1' else host}:{port}"
    name = f"{host}:{port}"
    return Source(name, fetch=lambda: _fetched(f"{base}/api/0/export", name, port))


def _fetched(address: str, name: str, port: int) -> Iterator[bytes]:
    import urllib.error
    import urllib.request  # 40 ms
    from http.client import HTTPException

    request = urllib.request.Request(address, headers={"User-Agent": "coach", "Accept": "application/json"})
    if key := _key(testing=port == 5666):
        request.add_unredirected_header("Authorization", f"Bearer {key}")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with direct.open(request, timeout=TIMEOUT_S) as answer:
            left = answer.length
            while piece := answer.read1(_PIECE):
                left = None if left is None else left - len(piece)
                yield piece
            if left:
                raise Unavailable(f"{name} stopped in the middle", "nothing was imported; try again")
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 401:
            raise Unavailable(f"{name} asks for a key", "set [auth] api_key in aw-server-rust's config.toml") from error
        if error.code == 404:
            raise NotFound(f"{name} is no ActivityWatch server", "it runs on port 5600 by default") from error
        raise Unavailable(f"{name} answered {error.code}", "its log may say why; nothing was imported") from error
    except (OSError, ValueError, HTTPException) as error:
        raise Unavailable(f"{name} does not answer as ActivityWatch does", "is it running? nothing was imported") from error


def _NoRedirect() -> Any:  # noqa: N802  a class that is made when its module is needed
    from urllib.request import HTTPRedirectHandler

    class Handler(HTTPRedirectHandler):
        def redirect_request(self, *args: Any) -> None:
            return None

    return Handler()


def _key(*, testing: bool) -> str:
    """What aw-server-rust asks its clients for; aw-client looks in the same place."""
    import tomllib

    if sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA", ""))
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    file = folder / "activitywatch" / "aw-server-rust" / ("config-testing.toml" if testing else "config.toml")
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8")).get("auth", {})
    except (OSError, ValueError):
        return ""
    key = found.get("api_key") if isinstance(found, dict) else None
    return key if isinstance(key, str) else ""


def pieces(buckets: Iterator[tuple[Mapping[str, Any], Iterator[Mapping[str, Any]]]]) -> Iterator[str]:
    """The file that a server imports again, from what buckets say of themselves and their events."""
    yield '{"buckets": {'
    for number, (described, events) in enumerate(buckets):
        head = json.dumps(described)[:-1]
        yield f"{',' if number else ''}\n{json.dumps(described['id'])}: {head}, \"events\": ["
        before = "\n"
        for event in events:
            yield before + json.dumps(event)
            before = ",\n"
        yield "]}"
    yield "\n}}\n"
