"""Who may ask Coach's own API: programs of this machine that show the token, not too often. Web pages never."""

from __future__ import annotations

import asyncio
import hmac
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from fastapi import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coach.core.pace import wait_s

PER_MINUTE = 100
STALL_S = 10.0
"""So long a client may take over a piece of its request, or leave a piece of the answer unread."""
MAX_BODY = 65_536
"""Bytes of a request's body."""
TOO_LONG = f"the request is longer than {MAX_BODY:,} bytes"
OPEN = frozenset({"/docs", "/openapi.json"})
"""They describe the API and hold nothing of the person's."""

Observe = Callable[[str, int, float], None]
"""(route, status, seconds) of a request that was answered."""


def refusal(status: int, code: str, message: str, hint: str = "", **headers: str) -> JSONResponse:
    """An error as every front end of Coach words it."""
    error = {"error": {"code": code, "message": message, "hint": hint}}
    return JSONResponse(error, status, {name.replace("_", "-"): value for name, value in headers.items()})


@dataclass
class Guard:
    """ASGI middleware around everything. Host and Origin first: a page that was resolved to 127.0.0.1 has another Host,
    one that posts from elsewhere another Origin. Strangers have a pace of their own, so that they cannot use up the
    person's. `token()` is asked at each request: a renewed one shuts the old one out at once."""

    app: ASGIApp
    port: int
    token: Callable[[], str]
    observe: Observe | None = None
    friends: deque[float] = field(default_factory=deque)
    strangers: deque[float] = field(default_factory=deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        began_s = time.perf_counter()
        answer = _Answer(send)
        denied = self._denied(HTTPConnection(scope))
        if denied is None:
            patient = _Patient(receive) if scope["type"] == "http" else receive
            await self.app(scope, patient, answer)
        else:
            await denied(scope, receive, answer)
        if self.observe and scope["type"] == "http":
            route = scope.get("route")
            self.observe(getattr(route, "path", ""), answer.status, time.perf_counter() - began_s)

    def _denied(self, asked: HTTPConnection) -> JSONResponse | None:
        names = {"127.0.0.1", "localhost", f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        hosts = asked.headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in names:
            return refusal(400, "invalid", "that Host is not this machine", f"ask http://127.0.0.1:{self.port}")
        origin = asked.headers.get("origin")
        if origin is not None and origin.lower().removeprefix("http://") not in names:
            return refusal(403, "forbidden", "web pages may not ask Coach")
        known = self._shows_token(asked)
        wait = wait_s(self.friends if known else self.strangers, time.monotonic(), PER_MINUTE, 60.0)
        if wait > 0:
            after = str(math.ceil(wait))
            return refusal(429, "busy", f"more than {PER_MINUTE} requests in a minute", f"again in {after} s", Retry_After=after)
        if not known and asked.url.path not in OPEN:
            hint = "send `Authorization: Bearer TOKEN`; `coach serve --token` prints it"
            return refusal(401, "unauthorized", "the token is missing or wrong", hint, WWW_Authenticate="Bearer")
        length = asked.headers.get("content-length", "")
        if length.isdecimal() and int(length) > MAX_BODY:
            return refusal(413, "too_large", TOO_LONG, Connection="close")
        return None

    def _shows_token(self, asked: HTTPConnection) -> bool:
        kind, _, shown = asked.headers.get("authorization", "").partition(" ")
        return kind.lower() == "bearer" and hmac.compare_digest(shown.strip().encode(), self.token().encode())


class _Patient:
    """The request's pieces, each awaited for so long, together no longer than MAX_BODY; after the last one only the
    disconnect is awaited."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.more, self.size = receive, True, 0

    async def __call__(self) -> Message:
        if not self.more:
            return await self.receive()
        try:
            async with asyncio.timeout(STALL_S):
                message = await self.receive()
        except TimeoutError as error:
            raise HTTPException(408, "the rest of the request did not come", {"Connection": "close"}) from error
        self.more = bool(message.get("more_body"))
        self.size += len(message.get("body", b""))
        if self.size > MAX_BODY:
            raise HTTPException(413, TOO_LONG, {"Connection": "close"})
        return message


class _Answer:
    """The way back: notes the status, and gives up on a client that reads nothing."""

    def __init__(self, send: Send) -> None:
        self.send, self.status = send, 0

    async def __call__(self, message: Message) -> None:
        if message["type"].endswith("response.start"):
            self.status = message["status"]
        async with asyncio.timeout(STALL_S):
            await self.send(message)
