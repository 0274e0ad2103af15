"""HTTP on loopback, small and quick: a thread for each connection, with a guard at the door.

A request is answered in the thread of its connection. What a browser page of another origin sends, or a name that somebody
else's DNS points here, is refused before anything is read.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import parse_qs

from coach.api.ports import HOST
from coach.api.wire import Head, Malformed, Wire, read
from coach.core.errors import Busy, CoachError, InvalidInput, NotFound, StoreClosed
from coach.engine import logs

CONNECTIONS = 128
"""Open at once; one more is told to come back."""
IDLE_S = 75
"""A connection that says nothing for so long is closed."""
DRAINED = 64_000_000
"""Bytes of a body that is refused are read up to here."""
SMALL = 1_000_000
"""Bytes of a body; those that may be larger are read one at a time, so that memory stays flat."""
STATUS: Mapping[type[CoachError], int] = {InvalidInput: 400, NotFound: 404, Busy: 503, StoreClosed: 503}
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "OPTIONS"})
EXTENSIONS = ("moz-extension://", "safari-web-extension://")
"""Firefox and Safari give an extension another id on every machine: all of them have to be let in."""
CHROME_WATCHER = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi"
"""ActivityWatch's web watcher from the Chrome Web Store, the one that aw-server-rust lets in."""

_FULL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"
_NONE: Mapping[str, str] = {}

log = logging.getLogger(__name__)


class Request(NamedTuple):
    """`query` has the first value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """`body` is bytes, or an iterator of pieces whose sum nobody knows yet."""

    status: int
    body: bytes | Iterator[bytes] = b"null"
    headers: Mapping[str, str] = _NONE


Answer: TypeAlias = Callable[[Request], Reply]
Limit: TypeAlias = Callable[[str], int]
"""Path -> bytes that a body may have."""


class Refused(Exception):
    """A request that gets no further; its connection is closed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Server(socketserver.ThreadingTCPServer):
    """Serves `answer` on 127.0.0.1. Where `key()` gives one, every request but those to `open_path` needs it as bearer token.
    `explain` says what an error means that is no CoachError, None for a defect; `origins` are let in beside known extensions."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = os.name != "nt"  # there it would let two programs share a port

    def __init__(
        self, port: int, answer: Answer, limit: Limit, explain: Callable[[Exception], CoachError | None], *,
        key: Callable[[], str] = str, open_path: str = "", origins: Collection[str] = (),
    ) -> None:
        self.answer, self.limit, self.key, self.open_path, self.explain = answer, limit, key, open_path, explain
        self.origins = frozenset((CHROME_WATCHER, *(origin.rstrip("/") for origin in origins)))
        self._opening = (0, b"")
        self.large = threading.Lock()
        self.leaving = threading.Event()
        self.places = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__((HOST, port), socketserver.BaseRequestHandler)

    def date(self) -> str:
        """The present second as HTTP writes it."""
        return formatdate(time.time(), usegmt=True)

    def opening(self) -> bytes:
        """How the usual reply begins, up to the length of its body."""
        second = int(time.time())
        if self._opening[0] != second:
            self._opening = (second, (
                f"HTTP/1.1 200 OK\r\nServer: Coach\r\nDate: {self.date()}\r\nContent-Type: application/json\r\nContent-Length: "
            ).encode())
        return self._opening[1]

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def leave(self) -> None:
        """Accept no further connection; those that are open learn at their next request that this is the end."""
        self.leaving.set()
        ending = threading.Thread(target=self.shutdown)
        ending.start()
        with suppress(OSError):
            socket.create_connection((HOST, self.port), timeout=1).close()  # or the loop would look up within a second only
        ending.join()
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self.places.acquire(blocking=False):
            request.sendall(_FULL)
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Of a connection that broke only the kind of error is told: stderr is where the app is drawn."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            log.warning("a connection ended: %s", logs.place(error))

    def finish_request(self, request: Any, client_address: Any) -> None:
        with suppress(TimeoutError, BlockingIOError):  # nothing was said for too long
            Connection(self, request).run()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a head asks for, once it has passed the door."""

    head: Head
    path: str
    query: Mapping[str, str]
    length: int
    origin: str | None


class Connection:
    """One connection, from its first request to its last."""

    def __init__(self, server: Server, connection: socket.socket) -> None:
        self._server, self._wire = server, Wire(connection, IDLE_S)
        self._raw: bytes = b""
        self._asked: Asked | None = None
        self._closing = False

    def run(self) -> None:
        """Answer until either end has had enough."""
        while not self._closing:
            try:
                raw = self._wire.head()
                if raw is None:
                    return
                head = self._asked.head if raw == self._raw and self._asked else read(raw)
            except Malformed as error:
                self._closing = True
                self._send(told(error.status, HTTPStatus(error.status).phrase), None)
                return
            self._serve(raw, head)

    def _serve(self, raw: bytes, head: Head) -> None:
        origin = head.fields.get("origin")
        self._closing = head.closes
        try:
            if raw != self._raw or self._asked is None:
                self._asked, self._raw = self._let_in(head, origin), raw
            if self._server.leaving.is_set():
                raise Refused(503, "Coach is ending")
            reply = self._reply(self._asked)
        except Refused as refused:
            self._closing = True
            if "expect" not in head.fields:
                self._drain(head)
            reply = told(refused.status, refused.message)
        self._send(reply, origin)

    def _drain(self, head: Head) -> None:
        """Read what is left of a body and forget it: a client that is still sending would not hear the answer."""
        text = head.fields.get("content-length", "")
        self._wire.forget(min(int(text), DRAINED) if text.isascii() and text.isdecimal() and len(text) < 15 else 0)

    def _let_in(self, head: Head, origin: str | None) -> Asked:
        host = head.fields.get("host")
        if head.method not in METHODS:
            raise Refused(501, f"{head.method[:40]} is not served")
        if host is None:
            raise Refused(400, "host header is missing")
        if host.partition(":")[0].lower() not in ("localhost", HOST):
            raise Refused(400, f"host header is invalid (was {host[:80]})")
        if origin is not None and not self._is_allowed(origin):
            raise Refused(403, "pages of other origins are not served")
        path, _, query = head.target.partition("?")
        values = {name: found[0] for name, found in parse_qs(query, keep_blank_values=True).items()}
        return Asked(head, path, values, self._length(head, path), origin)

    def _is_allowed(self, origin: str) -> bool:
        own = {f"http://{host}:{self._server.port}" for host in ("localhost", HOST)}
        return origin.startswith(EXTENSIONS) or origin in own or origin in self._server.origins

    def _length(self, head: Head, path: str) -> int:
        if "transfer-encoding" in head.fields:
            raise Refused(411, "a body needs a Content-Length")
        text = head.fields.get("content-length", "0")
        if not text.isascii() or not text.isdecimal() or len(text) > 15:
            raise Refused(400, "Content-Length is no number")
        if int(text) > (most := self._server.limit(path)):
            raise Refused(413, f"a body has at most {most} bytes here")
        return int(text)

    def _reply(self, asked: Asked) -> Reply:
        head = asked.head
        if head.method == "OPTIONS":
            return Reply(200, b"", {
                "Access-Control-Allow-Methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
                "Access-Control-Allow-Headers": head.fields.get("access-control-request-headers", "Content-Type"),
            })
        if head.target != self._server.open_path and (key := self._server.key()):
            given = head.fields.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
                raise Refused(401, "this server wants its key: Authorization: Bearer KEY")
        if head.fields.get("expect", "").lower() == "100-continue":
            self._wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if asked.length <= SMALL:
            return self._ask(Request(head.method, asked.path, asked.query, self._wire.body(asked.length)), asked.length)
        with self._server.large:
            return self._ask(Request(head.method, asked.path, asked.query, self._wire.body(asked.length)), asked.length)

    def _ask(self, request: Request, length: int) -> Reply:
        if len(request.body) < length:  # nobody waits for an answer any more
            self._closing = True
            return told(400, "the body is shorter than it was said to be")
        try:
            return self._server.answer(request)
        except Exception as error:  # noqa: BLE001  one of the five places that catch whatever comes; the next request is another
            return self._failed(error)

    def _failed(self, error: Exception) -> Reply:
        """What an error means for who asked. (Not where it was caught: its traceback and that frame would hold each other, and
        the body, until garbage is looked for.)"""
        known = error if isinstance(error, CoachError) else self._server.explain(error)
        if known is None:
            log.warning("a request failed: %s", logs.place(error))
            return told(500, "something went wrong here; the log of Coach says where")
        status = next((code for kind, code in STATUS.items() if isinstance(known, kind)), 500)
        return told(status, f"{known.message}; {known.hint}" if known.hint else known.message)

    def _send(self, reply: Reply, origin: str | None) -> None:
        status, body, headers = reply
        if status == 200 and isinstance(body, bytes) and not headers and origin is None and not self._closing:
            self._wire.send(b"%b%d\r\n\r\n%b" % (self._server.opening(), len(body), body))
            return
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", "Server: Coach", f"Date: {self._server.date()}"]
        if status != 304:
            lines.append("Content-Type: application/json")
            lines.append(f"Content-Length: {len(body)}" if isinstance(body, bytes) else "Transfer-Encoding: chunked")
        if origin is not None and self._is_allowed(origin):
            lines += [f"Access-Control-Allow-Origin: {origin}", "Vary: Origin"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self._closing:
            lines.append("Connection: close")
        opening = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        if isinstance(body, bytes):
            self._wire.send(opening if status == 304 else opening + body)
            return
        self._wire.send(opening)
        for piece in body:
            if piece:
                self._wire.send(b"%x\r\n%b\r\n" % (len(piece), piece))
        self._wire.send(b"0\r\n\r\n")


_DECODER = json.JSONDecoder(parse_constant=lambda name: _no(name))
_ENCODER = json.JSONEncoder(check_circular=False)


def _no(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def read_json(body: bytes) -> Any:
    """Raises InvalidInput for anything but UTF-8 and JSON."""
    try:
        text = body.decode()
        if text[:1] == "{":
            value, end = _DECODER.raw_decode(text)
            if end == len(text):  # nothing stands around it: the usual request
                return value
        return _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput("the body is not JSON") from error


def said(value: Any, status: int = 200) -> Reply:
    return Reply(status, _ENCODER.encode(value).encode())


def told(status: int, message: str) -> Reply:
    """A refusal, in the words of ActivityWatch's server: `{"message": …}`."""
    return said({"message": message}, status)
