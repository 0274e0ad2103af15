"""Live events over a WebSocket: what is in front, focus, edits, nudges. One look a second at the store serves all listeners."""

from __future__ import annotations

import asyncio
import json
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, WebSocket

from coach.engine import clock, live, logs, watch

if TYPE_CHECKING:
    from coach.engine.opening import Connection
    from coach.engine.runtime import Runtime

POLL_S = 1.0
MOST = 16
"""Listeners at a time; one more is sent away with code 1013, try again later."""
BEHIND = 64
"""Messages that may wait for a listener that reads slowly; then it is sent away too: it has missed something."""

log = logging.getLogger(__name__)


def routes(runtime: Runtime) -> APIRouter:
    router = APIRouter()
    feed = _Feed(runtime)

    @router.websocket("/v1/live")
    async def listen(socket: WebSocket) -> None:
        await socket.accept()
        if len(feed.queues) >= MOST:
            await socket.close(1013)
            return
        await feed.serve(socket)

    return router


class _Feed:
    """Who listens, and the task that looks while anybody does."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.queues: set[asyncio.Queue[dict[str, Any] | None]] = set()
        self.looking: asyncio.Task[None] | None = None
        self.seen: live.Look | None = None

    async def serve(self, socket: WebSocket) -> None:
        queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(BEHIND)
        self.queues.add(queue)
        if self.looking is None:
            self.seen = None
            self.looking = asyncio.create_task(self._look())
        elif self.seen is not None:
            queue.put_nowait(live.first(self.seen))
        speaking = asyncio.create_task(self._speak(socket, queue))
        hearing = asyncio.create_task(_until_gone(socket))
        try:
            await asyncio.wait((speaking, hearing), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.queues.discard(queue)
            for task in (speaking, hearing):
                task.cancel()
            await asyncio.gather(speaking, hearing, return_exceptions=True)

    async def _speak(self, socket: WebSocket, queue: asyncio.Queue[dict[str, Any] | None]) -> None:
        while (message := await queue.get()) is not None:
            await socket.send_text(json.dumps(message, ensure_ascii=False))
        await socket.close(1013)

    async def _look(self) -> None:
        """Ends, with its thread and connection, when the last listener has gone."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "coach-live") as thread:
            looker = _Looker(self.runtime)
            try:
                while self.queues:
                    messages, self.seen = await loop.run_in_executor(thread, looker.messages)
                    for message in messages:
                        self._tell(message)
                    await asyncio.sleep(POLL_S)
            except Exception as error:  # noqa: BLE001  a store that is shut: listeners are sent away and may come back
                log.warning("live events stopped: %s", logs.place(error))
                self._tell(None)
            finally:
                self.looking = None  # at once: whoever comes while this one closes begins another
                await loop.run_in_executor(thread, looker.close)

    def _tell(self, message: dict[str, Any] | None) -> None:
        for queue in self.queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(message)


class _Looker:
    """Used in one thread, whose connection it holds."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.db: Connection | None = None
        self.version = -1
        self.seen: live.Look | None = None

    def messages(self) -> tuple[list[dict[str, Any]], live.Look]:
        self.db = self.db or self.runtime.connect()
        version = watch.version(self.db)
        if version == self.version and self.seen and self.seen.focus is None and self.seen.event is None:
            return [], self.seen  # nobody wrote, and nothing is running that time alone would end
        self.version = version
        before, self.seen = self.seen, live.look(self.db, self.runtime.home, clock.now())
        return ([live.first(self.seen)] if before is None else list(live.news(before, self.seen))), self.seen

    def close(self) -> None:
        if self.db is not None:
            self.db.close()


async def _until_gone(socket: WebSocket) -> None:
    """What listeners send is read and dropped."""
    with suppress(RuntimeError):  # starlette's word for a connection that is closed already
        while (await socket.receive())["type"] != "websocket.disconnect":
            pass
