"""A Coach that serves its own API on a free port, asked over real sockets."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, RejectConnection, Request, TextMessage

from coach.engine import tokens
from coach.engine.runtime import Runtime


@dataclass(frozen=True)
class Got:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        found: str = self.json["error"]["code"]
        return found


@dataclass
class Client:
    """Asks with the token unless told otherwise."""

    port: int
    runtime: Runtime
    token: str

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Got:
        shown = self.token if token is None else token
        sent = {"Authorization": f"Bearer {shown}"} if shown else {}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, raw, sent)
            answer = connection.getresponse()
            data = answer.read()
        return Got(answer.status, answer.headers, gzip.decompress(data) if answer.headers["Content-Encoding"] == "gzip" else data)

    def get(self, path: str, **headers: str) -> Any:
        found = self.ask("GET", path, **headers)
        assert found.status == 200, found.body
        return found.json

    def raw(self, data: bytes = b"") -> socket.socket:
        """A bare connection on which `data` was sent."""
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        opened.sendall(data)
        return opened

    @contextmanager
    def live(self, token: str | None = None, origin: str = "") -> Iterator[Live]:
        with self.raw() as opened:
            live = Live(opened)
            headers = [(b"authorization", f"Bearer {self.token if token is None else token}".encode())]
            headers += [(b"origin", origin.encode())] if origin else []
            live.begin(f"127.0.0.1:{self.port}", headers)
            yield live


@dataclass
class Live:
    """A WebSocket on /v1/live. `refused` is the status where it was not accepted, `closed` the code after its end."""

    socket: socket.socket
    refused: int = 0
    closed: int = 0

    def begin(self, host: str, headers: list[tuple[bytes, bytes]]) -> None:
        self.wire = WSConnection(ConnectionType.CLIENT)
        self.socket.sendall(self.wire.send(Request(host=host, target="/v1/live", extra_headers=headers)))
        self.messages: list[Any] = []
        self.accepted = False
        while not (self.accepted or self.refused):
            self._read()

    def next(self) -> Any:
        """The next message; None when the server has ended it."""
        while not self.messages and not self.closed:
            self._read()
        return self.messages.pop(0) if self.messages else None

    def of(self, kind: str) -> Any:
        """The next message of that type; others are passed over."""
        while (message := self.next()) is not None and message["type"] != kind:
            pass
        assert message is not None, f"no {kind}"
        return message

    def _read(self) -> None:
        data = self.socket.recv(65536)
        self.wire.receive_data(data or None)
        for event in self.wire.events():
            if isinstance(event, AcceptConnection):
                self.accepted = True
            elif isinstance(event, RejectConnection):
                self.refused = event.status_code
            elif isinstance(event, TextMessage):
                self.messages.append(json.loads(event.data))
            elif isinstance(event, Ping):
                self.socket.sendall(self.wire.send(event.response()))
            elif isinstance(event, CloseConnection):
                self.closed = int(event.code)
        if not data and not self.refused:
            self.closed = self.closed or 1006


@contextmanager
def served(runtime: Runtime) -> Iterator[Client]:
    from coach.api import own

    with own.serving(runtime, 0) as port, closing(runtime.connect()) as db:
        yield Client(port, runtime, tokens.token(db))
