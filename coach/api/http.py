"""HTTP on loopback, small and quick: the standard library's server with a guard at the door.

A request is answered in the thread of its connection. What a browser page of another origin sends, or a name that somebody
else's DNS points here, is refused before anything is read.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from coach.api.ports import HOST
from coach.core.errors import Busy, CoachError, InvalidInput, NotFound, StoreClosed
from coach.engine import logs

CONNECTIONS = 128
"""Open at once; one more is told to come back."""
IDLE_S = 75
"""A connection that says nothing for so long is closed."""
HEADERS, HEADER_BYTES = 100, 8192
"""Lines of a request's head, and the length of each."""
DRAINED = 64_000_000
"""Bytes of a body that is refused are read up to here."""
SMALL = 1_000_000
"""Bytes of a body; those that may be larger are read one at a time, so that memory stays flat."""
STATUS: Mapping[type[CoachError], int] = {InvalidInput: 400, NotFound: 404, Busy: 503, StoreClosed: 503}
EXTENSIONS = ("moz-extension://", "safari-web-extension://")
"""Firefox and Safari give an extension another id on every machine: all of them have to be let in."""
CHROME_WATCHER = "chrome-extension://nglaklhklhcoonedhgnpgddginnjdadi"
"""ActivityWatch's web watcher from the Chrome Web Store, the one that aw-server-rust lets in."""

_ONCE = frozenset({"host", "origin", "content-length", "transfer-encoding", "authorization"})
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """`query` has the first value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is bytes, or an iterator of pieces whose sum nobody knows yet."""

    status: int
    body: bytes | Iterator[bytes] = b"null"
    headers: Mapping[str, str] = field(default_factory=dict)


Answer: TypeAlias = Callable[[Request], Reply]
Limit: TypeAlias = Callable[[str], int]
"""Path -> bytes that a body may have."""


class Refused(Exception):
    """A request that gets no further; its connection is closed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class Server(ThreadingHTTPServer):
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
        self._date = (0, "")
        self.large = threading.Lock()
        self.leaving = threading.Event()
        self.places = threading.BoundedSemaphore(CONNECTIONS)
        super().__init__((HOST, port), Handler)

    def date(self) -> str:
        """The present second as HTTP writes it."""
        second = int(time.time())
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]

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


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    raw_requestline: bytes
    fields: dict[str, str]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_S
    wbufsize = -1

    def parse_request(self) -> bool:
        """The head of a request; header names in lower case. The library's own reading, made for mail, takes longer than all
        that a heartbeat needs."""
        self.command, self.fields, self.close_connection = "", {}, True
        line = self.raw_requestline.decode("latin-1").split()
        if len(line) != 3 or not line[2].startswith("HTTP/1."):
            self.send_error(400 if line else 408)
            return False
        for _ in range(HEADERS):
            raw = self.rfile.readline(HEADER_BYTES + 1)
            if raw in (b"\r\n", b"\n"):
                break
            name, colon, value = raw.decode("latin-1").partition(":")
            key = name.lower()
            if len(raw) > HEADER_BYTES or not colon or name != name.strip() or (key in self.fields and key in _ONCE):
                self.send_error(431 if len(raw) > HEADER_BYTES else 400)
                return False
            self.fields[key] = value.strip()
        else:
            self.send_error(431)
            return False
        self.command, self.path, self.request_version = line
        keep = self.fields.get("connection", "").lower()
        self.close_connection = keep == "close" or (line[2] == "HTTP/1.0" and keep != "keep-alive")
        if self.fields.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        return True

    def serve(self) -> None:
        origin = self.fields.get("origin")
        try:
            if self.server.leaving.is_set():
                raise Refused(503, "Coach is ending")
            self._guard(origin)
            if self.command == "OPTIONS":
                self._send(Reply(200, b""), origin, {
                    "Access-Control-Allow-Methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
                    "Access-Control-Allow-Headers": self.fields.get("access-control-request-headers", "Content-Type"),
                })
                return
            reply = self._answer()
        except Refused as refused:
            self.close_connection = True
            self._drain()
            reply = told(refused.status, refused.message)
        self._send(reply, origin, {})

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = serve  # noqa: N815  the library's names

    def _drain(self) -> None:
        """Read what is left of a body and forget it: a client that is still sending would not hear the answer."""
        text = self.fields.get("content-length", "")
        left = min(int(text), DRAINED) if text.isascii() and text.isdecimal() and len(text) < 15 else 0
        while left > 0 and (piece := self.rfile.read(min(left, 65_536))):
            left -= len(piece)

    def _guard(self, origin: str | None) -> None:
        host = self.fields.get("host")
        if host is None:
            raise Refused(400, "host header is missing")
        if host.partition(":")[0].lower() not in ("localhost", HOST):
            raise Refused(400, f"host header is invalid (was {host[:80]})")
        if origin is not None and not self._is_allowed(origin):
            raise Refused(403, "pages of other origins are not served")
        if self.command != "OPTIONS" and self.path != self.server.open_path and (key := self.server.key()):
            given = self.fields.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
                raise Refused(401, "this server wants its key: Authorization: Bearer KEY")

    def _is_allowed(self, origin: str) -> bool:
        own = {f"http://{host}:{self.server.port}" for host in ("localhost", HOST)}
        return origin.startswith(EXTENSIONS) or origin in own or origin in self.server.origins

    def _answer(self) -> Reply:
        path, _, query = self.path.partition("?")
        length = self._length(path)
        name, _, value = query.partition("=")
        if value.replace(".", "").isalnum() and name.isalnum():  # pulsetime=5
            values = {name: value}
        else:
            values = {name: found[0] for name, found in parse_qs(query, keep_blank_values=True).items()}
        if length <= SMALL:
            return self._ask(Request(self.command, path, values, self.rfile.read(length) if length else b""), length)
        with self.server.large:
            return self._ask(Request(self.command, path, values, self.rfile.read(length)), length)

    def _ask(self, request: Request, length: int) -> Reply:
        if len(request.body) < length:  # nobody waits for an answer any more
            self.close_connection = True
            return told(400, "the body is shorter than it was said to be")
        try:
            return self.server.answer(request)
        except Exception as error:  # noqa: BLE001  one of the five places that catch whatever comes; the next request is another
            known = error if isinstance(error, CoachError) else self.server.explain(error)
            if known is None:
                log.warning("a request failed: %s", logs.place(error))
                return told(500, "something went wrong here; the log of Coach says where")
            status = next((code for kind, code in STATUS.items() if isinstance(known, kind)), 500)
            return told(status, f"{known.message}; {known.hint}" if known.hint else known.message)

    def _length(self, path: str) -> int:
        if "transfer-encoding" in self.fields:
            raise Refused(411, "a body needs a Content-Length")
        text = self.fields.get("content-length", "0")
        if not text.isascii() or not text.isdecimal() or len(text) > 15:
            raise Refused(400, "Content-Length is no number")
        if int(text) > (most := self.server.limit(path)):
            raise Refused(413, f"a body has at most {most} bytes here")
        return int(text)

    def _send(self, reply: Reply, origin: str | None, headers: Mapping[str, str]) -> None:
        body = reply.body
        lines = [
            f"HTTP/1.1 {reply.status} {self.responses[reply.status][0]}", "Server: Coach", f"Date: {self.server.date()}",
        ]
        if reply.status != 304:
            lines.append("Content-Type: application/json")
            lines.append(f"Content-Length: {len(body)}" if isinstance(body, bytes) else "Transfer-Encoding: chunked")
        if origin is not None and self._is_allowed(origin):
            lines += [f"Access-Control-Allow-Origin: {origin}", "Vary: Origin"]
        lines += [f"{name}: {value}" for name, value in {**reply.headers, **headers}.items()]
        if self.close_connection:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        if isinstance(body, bytes):
            self.wfile.write(head if reply.status == 304 else head + body)
            return
        self.wfile.write(head)
        for piece in body:
            if piece:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library finds wrong with a request, in JSON like everything else."""
        self.close_connection = True
        self._send(told(code, message or self.responses[code][0]), None, {})

    def log_message(self, format: str, *args: Any) -> None:
        """Requests name buckets, so none is logged."""


_DECODER = json.JSONDecoder(parse_constant=lambda name: _no(name))


def _no(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def read_json(body: bytes) -> Any:
    """Raises InvalidInput for anything but UTF-8 and JSON."""
    try:
        return _DECODER.decode(body.decode())
    except UnicodeDecodeError as error:
        raise InvalidInput("the body is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput("the body is not JSON") from error


def said(value: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value).encode())


def told(status: int, message: str) -> Reply:
    """A refusal, in the words of ActivityWatch's server: `{"message": …}`."""
    return said({"message": message}, status)
