"""Two roles, tracker and jobs, each held by at most one process: an OS lock decides, a row tells the others who."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from coach.core.errors import StoreClosed
from coach.core.when import iso
from coach.store.db import Connection


@dataclass(slots=True)
class Lease:
    """A role held by this process, until `release` or the process ends (the OS frees the lock on kill -9)."""

    role: str
    lock: IO[bytes]

    def release(self, db: Connection) -> None:
        try:
            db.execute("DELETE FROM lease WHERE role = ? AND pid = ?", (self.role, os.getpid()))
        finally:
            self.lock.close()


def take(db: Connection, role: str, locks: Path, holder: str, now: datetime) -> Lease | None:
    """The role, or None while another process has it. `holder` is "app" or "track"."""
    locks.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (locks / f"{role}.lock").open("ab")
    try:
        _lock(lock)
    except OSError:
        lock.close()
        return None
    try:
        db.execute(
            "INSERT INTO lease(role, holder, pid, since, beat, info) VALUES(?,?,?,?,?,'{}') ON CONFLICT(role) DO UPDATE SET"
            " holder = excluded.holder, pid = excluded.pid, since = excluded.since, beat = excluded.beat, info = '{}'",
            (role, holder, os.getpid(), iso(now), iso(now)),
        )
    except BaseException:
        lock.close()  # or this process could never take the role again
        raise
    return Lease(role, lock)


def held(locks: Path, role: str) -> bool:
    """Whether some process holds the role now, whatever the row says."""
    path = locks / f"{role}.lock"
    if not path.exists():
        return False
    with path.open("ab") as lock:
        try:
            _lock(lock)
        except OSError:
            return True
    return False


def beat(db: Connection, role: str, now: datetime, info: str) -> None:
    """Say that the role is alive, with a short JSON about it (no titles, no task text)."""
    db.execute("UPDATE lease SET beat = ?, info = ? WHERE role = ? AND pid = ?", (iso(now), info, role, os.getpid()))


def row(db: Connection, role: str) -> dict[str, Any] | None:
    found = db.execute("SELECT * FROM lease WHERE role = ?", (role,)).fetchone()
    return dict(zip(found.keys(), found, strict=True)) if found else None


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """One process at a time; waits for the others. Raises StoreClosed where the lock cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = path.open("ab")
    except OSError as error:
        raise StoreClosed(f"the store cannot be made: {error.strerror}: {error.filename}", "check the folder") from error
    with file:
        while True:
            try:
                _lock(file)
                break
            except OSError:
                time.sleep(0.02)
        yield


def _lock(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
