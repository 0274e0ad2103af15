"""A server next to the jobs of the app or of `coach track`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from coach.core.errors import CoachError
from coach.engine import logs
from coach.engine.opening import DatabaseError

RETRY_S = 5.0
"""A server that cannot be had, because another process has it or its port, is tried again this often."""

log = logging.getLogger(__name__)


@contextmanager
def aside(name: str, served: Callable[[], AbstractContextManager[object]]) -> Iterator[None]:
    """Serve in a thread until the block is left; where that cannot be, the jobs go on without, and it waits for its turn."""
    over = threading.Event()
    thread = threading.Thread(target=_by_turns, args=(name, served, over), name=f"coach-{name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)


def _by_turns(name: str, served: Callable[[], AbstractContextManager[object]], over: threading.Event) -> None:
    told = ""
    while not over.is_set():
        try:
            with served():
                over.wait()
        except (CoachError, DatabaseError) as error:
            why = error.code if isinstance(error, CoachError) else logs.place(error)
            if why != told:
                log.warning("%s not served: %s", name, why)
            told = why
            over.wait(RETRY_S)
