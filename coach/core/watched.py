"""What watchers of ActivityWatch report: an event's data, taken apart into what Coach's contexts know and the rest.

`apart` and `together` are inverse: data that privacy leaves alone comes back as it was sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from coach.core.projects import told_by

WINDOW, TAB, EDITOR, AFK = "currentwindow", "web.tab.current", "app.editor.activity", "afkstatus"

_EVERY: Mapping[str, str] = {"app": "app", "title": "title", "url": "url", "project": "project"}
_KEYS: Mapping[str, Mapping[str, str]] = {
    TAB: {"title": "title", "url": "url"}, EDITOR: {"file": "title"}, AFK: {},
}
"""Bucket type -> key of the data -> part of the context; the other types have `_EVERY`."""

_PROGRAMS: Mapping[str, str] = {"vscode": "code", "vscodium": "codium", "intellij": "idea", "sublime": "sublime_text"}
"""Watchers that are named otherwise than the program they watch."""


class Seen(NamedTuple):
    """One event's data: the parts of its context, and the keys that have no place there."""

    app: str = ""
    title: str = ""
    url: str = ""
    project: str = ""
    rest: Mapping[str, Any] = MappingProxyType({})

    @property
    def context(self) -> tuple[str, str, str, str]:
        return self.app, self.title, self.url, self.project


def keys(bucket_type: str) -> Mapping[str, str]:
    """Key of the data -> part of the context, for buckets of that type."""
    return _KEYS.get(bucket_type, _EVERY)


def apart(bucket_type: str, bucket: str, data: Mapping[str, Any]) -> Seen:
    """What an event's data says. The program of a tab or an editor is taken from the name of its bucket."""
    known = keys(bucket_type)
    parts: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for key, value in data.items():
        if key in known and isinstance(value, str) and value:
            parts[known[key]] = value
        else:
            rest[key] = value
    if bucket_type == TAB:
        parts["app"] = program(bucket, "browser")
    elif bucket_type == EDITOR:
        parts["app"] = program(bucket, "editor")
        folder = data.get("project")
        parts["project"] = re.split(r"[/\\]", folder.rstrip("/\\"))[-1] if isinstance(folder, str) else ""
    return Seen(**parts, rest=rest)


def together(bucket_type: str, seen: Seen) -> dict[str, Any]:
    """The data of an event, from its context and the rest. A project that the window itself tells was not sent, or is
    among the rest."""
    told = {key: part for key, name in keys(bucket_type).items() if (part := getattr(seen, name))}
    if "project" in told and seen.project in told_by(seen.app, seen.title, seen.url):
        del told["project"]
    return {**told, **seen.rest}


def program(bucket: str, otherwise: str) -> str:
    """The program whose watcher fills that bucket: `aw-watcher-web-firefox_laptop` watches firefox."""
    found = re.match(r"aw-watcher-(?:web-)?(?!web(?:_|$))([^_]+)", bucket)
    name = found[1].lower() if found else otherwise
    return _PROGRAMS.get(name, name)


def texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
