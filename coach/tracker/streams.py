"""What the probes share whose compositor reports changes over a socket: waiting, and looking no oftener than needed."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from coach.core.errors import Unavailable
from coach.core.event import Sample

ANSWER_TIMEOUT_S = 2.0
TITLE_EVERY_S = 1.0
"""A title that changes all the time (a spinner, a clock) is looked at this often."""
_CHUNK = 65_536

Change = Literal["", "title", "window"]
"""What an event may have changed; another window is looked at at once."""


@dataclass(frozen=True, slots=True)
class Front:
    """The window that has the focus. `pid` is 0 where the compositor does not tell it."""

    app: str
    title: str
    pid: int


class Stream:
    """The waiting of a probe that is told of changes over `events`. Its own part is `changes` and `front`."""

    name = ""
    polls = False
    has_idle = False

    def __init__(self, events: socket.socket) -> None:
        self._events = events
        self._events.setblocking(False)
        self._wakes, self._waker = socket.socketpair()
        self._front: Front | None = None
        self._stale = True
        self._looked_at = 0.0

    def changes(self, received: bytes) -> Change:
        """What these bytes from the socket say has changed; the beginning of a message is kept for the next call."""
        raise NotImplementedError

    def front(self) -> Front | None:
        """Asks what has the focus; None when nothing has. May raise Unavailable."""
        raise NotImplementedError

    @property
    def pid(self) -> int:
        return self._front.pid if self._front else 0

    def sample(self, now: datetime) -> Sample | None:
        self._drain()
        if self._stale:
            self._look()
        front = self._front
        return Sample(now, self.name, front.app, front.title) if front else Sample(now, self.name)

    def wait(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while True:
            if self._drain():
                self._look()
                return True
            due_at = self._looked_at + TITLE_EVERY_S if self._stale else float("inf")
            left_s = min(deadline, due_at) - time.monotonic()
            if left_s <= 0:
                return self._stale and due_at <= deadline
            ready, _, _ = select.select([self._events, self._wakes], [], [], left_s)
            if self._wakes in ready:
                self._wakes.recv(1)
                return False

    def wake(self) -> None:
        self._waker.send(b"!")

    def close(self) -> None:
        for end in (self._events, self._wakes, self._waker):
            end.close()

    def _look(self) -> None:
        self._front, self._stale, self._looked_at = self.front(), False, time.monotonic()

    def _drain(self) -> bool:
        """Takes in what has arrived; True when another window may have the focus now."""
        switched = False
        while True:
            try:
                received = self._events.recv(_CHUNK)
            except (BlockingIOError, InterruptedError):
                return switched
            except OSError as error:
                raise Unavailable(f"{self.name} went away", "tracking resumes when it is back") from error
            if not received:
                raise Unavailable(f"{self.name} went away", "tracking resumes when it is back")
            change = self.changes(received)
            self._stale = self._stale or bool(change)
            switched = switched or change == "window"


def connect(path: Path | str, who: str) -> socket.socket:
    """A connection to a Unix socket. Raises Unavailable when nobody answers there."""
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    end.settimeout(ANSWER_TIMEOUT_S)
    try:
        end.connect(str(path))
    except OSError as error:
        end.close()
        raise Unavailable(f"no answer from {who}", "is it running, and does this process have its environment?") from error
    return end
