"""Coach's own API in a thread beside the rest: 127.0.0.1 only, with a token, gone when the process is."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from coach.api import own_app
from coach.api.own_guard import STALL_S, Guard
from coach.core.errors import Busy, Unavailable
from coach.engine import logs, tokens

if TYPE_CHECKING:
    from coach.api.own_metrics import Metrics
    from coach.engine.opening import Connection
    from coach.engine.runtime import Runtime

HOST = "127.0.0.1"
CONNECTIONS = 64
"""At a time; one more gets 503."""
THREADS = 4
"""Requests that read the store at the same time; they take milliseconds."""
GRACE_S = 2

log = logging.getLogger(__name__)


@contextmanager
def serving(runtime: Runtime, port: int | None = None) -> Iterator[int]:
    """Serve until the block is left; gives the port. Raises Busy where another process has it."""
    listener = _listen(runtime.config.api.own_port if port is None else port)
    port = listener.getsockname()[1]
    server = _Server(runtime, port, _metrics(runtime))
    thread = threading.Thread(target=server.run, args=([listener],), name="coach-api", daemon=True)
    thread.start()
    try:
        server.up.wait()
        if not server.started:
            raise Unavailable("Coach's own API did not start", f"{runtime.home.state / 'coach.log'} says why")
        log.info("own API on port %d", port)
        yield port
    finally:
        server.leave()
        thread.join(timeout=GRACE_S + 5)
        listener.close()


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        hint = "another Coach may serve already; else choose another `api.own_port`"
        raise Busy(f"port {port} cannot be had: {error.strerror}", hint) from error


def _metrics(runtime: Runtime) -> Metrics | None:
    if not runtime.config.api.metrics:
        return None
    from coach.api.own_metrics import Metrics

    return Metrics(runtime)


class _Server(uvicorn.Server):
    """Uvicorn in a thread: it leaves signals alone there, and wakes up once a second instead of ten times."""

    def __init__(self, runtime: Runtime, port: int, metrics: Metrics | None) -> None:
        self.runtime = runtime
        self.up = threading.Event()
        self.db: Connection | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.woken = asyncio.Event()
        guard = Guard(own_app.made(runtime, metrics), port, self.token, metrics.observe if metrics else None)
        for name in ("uvicorn", "uvicorn.error"):
            logging.getLogger(name).propagate = False
            logging.getLogger(name).addHandler(logging.NullHandler())  # its words quote requests
        super().__init__(uvicorn.Config(
            guard, http=_Protocol, ws="wsproto", ws_max_size=4096, loop="asyncio", lifespan="off", log_config=None,
            access_log=False, server_header=False, proxy_headers=False, limit_concurrency=CONNECTIONS,
            timeout_graceful_shutdown=GRACE_S, h11_max_incomplete_event_size=16_384,
        ))

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        except Exception as error:  # noqa: BLE001  the thread's end: whoever waits for the server is told
            log.error("own API ended: %s", logs.place(error))
        finally:
            self.up.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        self.db = self.runtime.connect()
        tokens.token(self.db)
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        while not self.should_exit:
            await self.on_tick(0)
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.woken.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.db is not None:
            self.db.close()

    def token(self) -> str:
        """Read by its key at each request: 20 µs, and a renewed one counts at once."""
        assert self.db is not None
        return tokens.token(self.db)

    def leave(self) -> None:
        """From another thread."""
        self.should_exit = True
        if self.loop is not None and not self.loop.is_closed():
            with suppress(RuntimeError):  # closed meanwhile
                self.loop.call_soon_threadsafe(self.woken.set)


class _Protocol(H11Protocol):
    """HTTP/1.1 that waits only so long for the head of a request to be complete."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # asyncio leaves that to whoever made the listening socket; without it head and body of an answer are 40 ms apart.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        upgraded = self.transport.get_protocol() is not self  # to a WebSocket, which has pings of its own
        if not upgraded and (self.cycle is None or self.cycle.response_complete):
            self._wait()
        else:
            self._done()

    def connection_lost(self, exc: Exception | None) -> None:
        self._done()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self.patience is None:
            self.patience = self.loop.call_later(STALL_S, self.transport.abort)

    def _done(self) -> None:
        if self.patience is not None:
            self.patience.cancel()
            self.patience = None
