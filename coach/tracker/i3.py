"""The probe for sway and i3: their IPC socket reports focus and title changes.

The protocol is six letters, a length, a kind and JSON (i3-ipc(7), sway-ipc(7)). The library i3ipc waits in a loop that
nobody can wake and has had no release since 2020, so the twenty lines that frame a message are here.
"""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from coach.core.errors import Unavailable
from coach.tracker.streams import ANSWER_TIMEOUT_S, Change, Front, Stream, connect

_MAGIC = b"i3-ipc"
_HEAD = struct.Struct("=6sII")
_SUBSCRIBE, _GET_TREE = 2, 4
_WORKSPACE_EVENT, _WINDOW_EVENT = 0x8000_0000, 0x8000_0003
_LONGEST = 64 * 2**20  # a tree of ten thousand windows is far below


class I3Probe(Stream):
    """`name` is sway or i3. Raises Unavailable without its socket. X11 serves i3 as well, and knows idle time too."""

    def __init__(self, environ: Mapping[str, str], name: str = "sway") -> None:
        self.name = name
        variable = "SWAYSOCK" if name == "sway" else "I3SOCK"
        path = environ.get(variable, "")
        if not path:
            raise Unavailable(f"no {name} session ({variable} is not set)", f"start Coach from within {name}")
        self._asking = connect(path, name)
        try:
            super().__init__(self._subscribed(path))
        except BaseException:
            self._asking.close()
            raise
        self._unread = b""

    def _subscribed(self, path: str) -> socket.socket:
        events = connect(path, self.name)
        try:
            if not _ask(events, _SUBSCRIBE, b'["window","workspace","shutdown"]', self.name).get("success"):
                raise Unavailable(f"{self.name} reports no changes", "is it newer than 2015?")
        except BaseException:
            events.close()
            raise
        return events

    def changes(self, received: bytes) -> Change:
        self._unread += received
        change: Change = ""
        while len(self._unread) >= _HEAD.size:
            length, kind = _length(self._unread, self.name)
            if len(self._unread) < _HEAD.size + length:
                break
            body = self._unread[_HEAD.size : _HEAD.size + length]
            self._unread = self._unread[_HEAD.size + length :]
            change = _change(kind, body) or change if change != "window" else change
        return change

    def front(self) -> Front | None:
        tree = _ask(self._asking, _GET_TREE, b"", self.name)
        node = next((n for n in _nodes(tree) if n.get("focused")), None)
        if node is None or node.get("type") not in ("con", "floating_con"):
            return None
        properties = node.get("window_properties") or {}
        app = node.get("app_id") or properties.get("class") or properties.get("instance")
        if not app and not node.get("pid") and not node.get("window"):
            return None  # a container without a window
        return Front(str(app or "unknown").lower(), str(node.get("name") or ""), int(node.get("pid") or 0))

    def close(self) -> None:
        self._asking.close()
        super().close()


def _change(kind: int, body: bytes) -> Change:
    if kind == _WORKSPACE_EVENT:
        return "window"
    if kind != _WINDOW_EVENT:
        return ""
    what = json.loads(body).get("change")
    return "title" if what == "title" else "window" if what in ("focus", "close", "new", "move", "floating") else ""


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in (*node.get("nodes", ()), *node.get("floating_nodes", ())):
        yield from _nodes(child)


def _ask(end: socket.socket, kind: int, body: bytes, who: str) -> dict[str, Any]:
    """The answer to a question. Raises Unavailable when none comes."""
    try:
        end.settimeout(ANSWER_TIMEOUT_S)
        end.sendall(_HEAD.pack(_MAGIC, len(body), kind) + body)
        length, _ = _length(_exactly(end, _HEAD.size), who)
        answer = json.loads(_exactly(end, length))
    except (OSError, ValueError) as error:
        raise Unavailable(f"{who} went away", "tracking resumes when it is back") from error
    return answer if isinstance(answer, dict) else {}


def _length(head: bytes, who: str) -> tuple[int, int]:
    magic, length, kind = _HEAD.unpack_from(head)
    if magic != _MAGIC or length > _LONGEST:
        raise Unavailable(f"{who} does not speak its protocol", f"is another program behind the socket of {who}?")
    return length, kind


def _exactly(end: socket.socket, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0:
        part = end.recv(min(size, 65_536))
        if not part:
            raise ConnectionError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
