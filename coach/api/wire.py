"""The bytes of one HTTP/1.1 connection: heads of requests, their bodies, what is sent back.

A watcher sends the same head again and again, so a head is read as one piece: the server compares it with the one before.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

HEADERS, LINE_BYTES, HEAD_BYTES = 100, 8192, 65_536
"""Lines of a request's head, the length of each of them, and of all together."""
FIRST, PIECE = 16_384, 262_144
"""Bytes that are asked for at once, of a head and of a body."""

SOON_S = 0.0002
"""A client that asks again within that time is looked for so long; any other costs nothing while it is silent."""

_LOOK = getattr(socket, "MSG_DONTWAIT", 0)  # not on Windows
_ONCE = frozenset({"host", "origin", "content-length", "transfer-encoding", "authorization"})


class Malformed(Exception):
    """Not a request; `status` says why. The connection is of no further use."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a body. `target` is path and query as they were sent; names of `fields` are in lower case."""

    method: str
    target: str
    fields: Mapping[str, str]
    closes: bool


class Wire:
    """Raises OSError when the other end breaks off, TimeoutError or BlockingIOError when it is silent for `idle_s`."""

    def __init__(self, connection: socket.socket, idle_s: int) -> None:
        self._socket, self._rest, self._eager = connection, b"", False
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if os.name == "nt":
            connection.settimeout(idle_s)
        else:  # the kernel waits: Python's own timeout asks it twice for each piece
            for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                connection.setsockopt(socket.SOL_SOCKET, way, struct.pack("ll", idle_s, 0))

    def head(self) -> bytes | None:
        """The lines of the next request without the empty one that ends them; None when the other end has finished."""
        got = self._rest or self._next()
        while (end := got.find(b"\r\n\r\n")) < 0:
            if len(got) > HEAD_BYTES:
                raise Malformed(431)
            if b"\n\n" in got:
                raise Malformed(400)
            more = self._socket.recv(FIRST)
            if not more:
                return None
            got += more
        self._rest = got[end + 4 :]
        return got[:end]

    def _next(self) -> bytes:
        """The next piece. One who asks again at once is looked for rather than waited for: being woken takes a virtual machine
        as long as a heartbeat takes to be stored."""
        began = time.perf_counter()
        while self._eager and time.perf_counter() - began < SOON_S:
            with suppress(BlockingIOError):
                return self._socket.recv(FIRST, _LOOK)
        got = self._socket.recv(FIRST)
        self._eager = bool(_LOOK) and time.perf_counter() - began < SOON_S
        return got

    def body(self, length: int) -> bytes:
        """That many bytes; fewer when the other end has finished."""
        rest = self._rest
        if len(rest) >= length:
            self._rest = rest[length:]
            return rest[:length]
        pieces, left, self._rest = [rest], length - len(rest), b""
        while left and (more := self._socket.recv(min(left, PIECE))):
            pieces.append(more)
            left -= len(more)
        return b"".join(pieces)

    def forget(self, length: int) -> None:
        """Read so many bytes of a body and drop them."""
        left = length - len(self._rest)
        self._rest = b""
        while left > 0 and (more := self._socket.recv(min(left, PIECE))):
            left -= len(more)

    def send(self, text: bytes) -> None:
        self._socket.sendall(text)


def read(head: bytes) -> Head:
    """What the lines say. Raises Malformed."""
    lines = head.decode("latin-1").lstrip("\r\n").split("\r\n")
    words = lines[0].split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise Malformed(400)
    if len(lines) > HEADERS + 1 or max(map(len, lines)) > LINE_BYTES:
        raise Malformed(431)
    fields: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or name != name.strip() or "\n" in line or (key in fields and key in _ONCE):
            raise Malformed(400)
        fields[key] = value.strip()
    keep = fields.get("connection", "").lower()
    return Head(words[0], words[1], fields, keep == "close" or (words[2] == "HTTP/1.0" and keep != "keep-alive"))
