"""A thread with its own connection, so that the UI thread never waits for the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from coach.core.errors import CoachError

T = TypeVar("T")


class StoreThread:
    """Runs functions of a connection one after the other, in one thread. The connection is opened by the first.

    `explain` turns what the surroundings do to a store (a full disk, a lock) into words; None for a defect."""

    def __init__(
        self, name: str, connect: Callable[[], Any], explain: Callable[[Exception], CoachError | None]
    ) -> None:
        self._connect, self._explain = connect, explain
        self._db: Any = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)

    def submit(self, act: Callable[[Any], T]) -> Future[T]:
        """Start `act(connection)` after what was handed in before, in the caller's context: it knows the app."""
        return self._pool.submit(copy_context().run, self._with_connection, act)

    async def run(self, act: Callable[[Any], T]) -> T:
        """The result of `act(connection)`; its exceptions are raised here."""
        return await asyncio.wrap_future(self.submit(act))

    def close(self) -> None:
        """Let what was handed in finish, then close the connection."""
        self._pool.submit(self._disconnect)
        self._pool.shutdown(wait=True)

    def _with_connection(self, act: Callable[[Any], T]) -> T:
        try:
            if self._db is None:
                self._db = self._connect()
            return act(self._db)
        except Exception as error:
            known = self._explain(error)
            if known is None:
                raise
            raise known from error

    def _disconnect(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None
