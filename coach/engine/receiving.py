"""One process at a time receives what watchers send; the others can tell which, and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from coach.config import Home
from coach.core.errors import Busy, CoachError
from coach.engine import clock, following, inbox, opening, tokens
from coach.engine.inbox import Inbox
from coach.store import leases
from coach.store.db import Connection, meta

if TYPE_CHECKING:
    from coach.engine.runtime import Runtime

ROLE = "watchers"


@dataclass(frozen=True, slots=True)
class Served:
    """Where watchers are served; `wanted` is the port of the settings, `taken_by` who has that one when it is another."""

    port: int
    wanted: int
    taken_by: str
    pid: int

    def words(self) -> str:
        away = f" ({self.wanted} is taken by {self.taken_by}: point watchers here)" if self.taken_by else ""
        return f"watchers: http://127.0.0.1:{self.port}{away}, process {self.pid}"


@contextmanager
def receiving(runtime: Runtime) -> Iterator[Inbox]:
    """The inbox, and a timeline that follows it, until the block is left. Raises Busy while another process receives."""
    box = inbox.opened(runtime.unlocked, runtime.config, runtime.tz)
    try:
        lease = leases.take(box.db, ROLE, runtime.home.state, "serve", clock.now())
        if lease is None:
            row = leases.row(box.db, ROLE) or {}
            raise Busy(f"process {row.get('pid', '?')} serves watchers already", "`coach status` says where")
        try:
            with following.following(box):
                yield box
        finally:
            with box.lock:
                lease.release(box.db)
    finally:
        with box.lock:
            box.db.close()


def announce(box: Inbox, port: int, wanted: int, taken_by: str, now: datetime) -> None:
    """Tell other processes where watchers are served."""
    with box.lock:
        leases.beat(box.db, ROLE, now, json.dumps({"port": port, "wanted": wanted, "taken_by": taken_by}))


def served(db: Connection, home: Home) -> Served | None:
    """Where watchers are served now; None while nobody does."""
    if not leases.held(home.state, ROLE) or (row := leases.row(db, ROLE)) is None:
        return None
    info = json.loads(row["info"] or "{}")
    return Served(info["port"], info["wanted"], info["taken_by"], row["pid"]) if "port" in info else None


def device(box: Inbox) -> str:
    """The id of this installation, for watchers that ask."""
    with box.lock:
        return meta(box.db, "device")


def key(box: Inbox) -> Callable[[], str]:
    """The token that a request must show, read anew each time; "" where the settings want none."""
    if not box.config.api.require_token:
        return str

    def read() -> str:
        with box.lock:
            return tokens.token(box.db)

    return read


def explained(home: Home) -> Callable[[Exception], CoachError | None]:
    """What an error of the database means for who asked."""
    return lambda error: opening.explained(error, home)
