"""The encrypted database file: connections and transactions. One connection per thread, always by the raw key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from sqlcipher3 import dbapi2

from coach.core.errors import Busy, CoachError, StoreClosed
from coach.core.record import Record

Connection: TypeAlias = dbapi2.Connection
"""An open connection: rows by name, explicit transactions (`transaction`), one thread."""

DatabaseError = dbapi2.DatabaseError
OperationalError = dbapi2.OperationalError
IntegrityError = dbapi2.IntegrityError

BUSY_TIMEOUT_MS = 10_000

_SURROUNDINGS = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL", "SQLITE_READONLY", "SQLITE_PERM", "SQLITE_IOERR", "SQLITE_FULL",
    "SQLITE_CANTOPEN", "SQLITE_CORRUPT", "SQLITE_NOTADB",
)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unlocked(Record):
    """Where a store is and the 32-byte key that opens it. The key never appears in its repr."""

    path: Path
    key: bytes = field(repr=False)
    store_id: str


def connect(unlocked: Unlocked, *, durable: bool = True, create: bool = False, one_thread: bool = True) -> Connection:
    """Open the store. `durable` waits for the disk at each commit (synchronous=FULL), for what people type;
    the tracker's connection uses NORMAL and loses nothing on kill -9, at most the last commits on power loss.
    Without `one_thread` the caller's lock lets several threads use it in turn.

    Raises StoreClosed when there is no such file, the key is wrong, the file is corrupt or the disk is full."""
    if not create and not _size(unlocked.path):  # SQLite would make an empty file a new database
        state = "is empty" if unlocked.path.exists() else "is missing"
        raise StoreClosed(
            f"{unlocked.path} {state}",
            "`coach restore` brings a backup back; to begin anew, move the data folder away",
        )
    try:
        db = dbapi2.connect(
            str(unlocked.path), isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=one_thread
        )
        db.row_factory = dbapi2.Row
        # Order matters: silence first (SQLCipher prints on stderr), then the key, only then anything that reads the file.
        db.execute("PRAGMA cipher_log = off")
        db.execute(f"PRAGMA key = \"x'{unlocked.key.hex()}'\"")
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
    except dbapi2.DatabaseError as error:
        raise closed(unlocked.path, error) from error
    return db


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def closed(where: Path, error: Exception) -> CoachError:
    """What a database error means for a person: Busy while another process writes, else StoreClosed. `where` is the file."""
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Busy("another process is writing to the store", "nothing was changed; try again in a moment")
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return StoreClosed(
            f"{where} cannot be read: the key is wrong or the file is damaged",
            "nothing was changed; `coach key show` names the key in use, `coach restore` brings a backup back",
        )
    # SQLite says only "I/O error" when the disk has no room for its -shm file.
    if name == "SQLITE_FULL" or (name.startswith("SQLITE_IOERR") and _free_bytes(where) < 1_000_000):
        return StoreClosed("the disk is full; nothing was written", "free some space and try again")
    return StoreClosed(f"{where} cannot be used: {error}", "check the disk and the folder's permissions; nothing was changed")


def surroundings(error: Exception) -> bool:
    """Whether the error comes from the disk, the file or another process; any other is a defect in a query."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(_SURROUNDINGS)


def _free_bytes(where: Path) -> int:
    import shutil  # 1.6 ms, needed only in the worst of cases

    try:
        return shutil.disk_usage(where.parent).free
    except OSError:
        return 0


class transaction:  # noqa: N801  read as the statement that it makes of a block
    """All or nothing: commits on leaving, rolls back on an exception. Nested ones join the outer one.

    A class, because thousands of blocks a second cost less with it than as a generator."""

    __slots__ = ("_db", "_joins")

    def __init__(self, db: Connection) -> None:
        self._db, self._joins = db, True

    def __enter__(self) -> Connection:
        self._joins = self._db.in_transaction
        if not self._joins:
            self._db.execute("BEGIN IMMEDIATE")
        return self._db

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._joins:
            return
        try:
            if kind is None:
                self._db.execute("COMMIT")
        finally:
            # Also after a commit that failed: left open, this transaction would swallow the ones after it.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def data_version(db: Connection) -> int:
    """Changes whenever another connection has committed; a cheap thing to poll."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def meta(db: Connection, key: str, default: str = "") -> str:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else default


def set_meta(db: Connection, key: str, value: str) -> None:
    db.execute("INSERT INTO meta(key, value) VALUES(?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value))


def integrity(db: Connection) -> list[str]:
    """What SQLite and SQLCipher find wrong with the file; empty when it is sound."""
    try:
        plain = [str(r[0]) for r in db.execute("PRAGMA integrity_check") if r[0] != "ok"]
        return plain + [str(r[0]) for r in db.execute("PRAGMA cipher_integrity_check")]
    except dbapi2.DatabaseError as error:  # a page so damaged that the check itself cannot read it
        return [str(error)]


def rows(db: Connection, sql: str, values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    """Result rows as dicts, for small results."""
    return [dict(zip(r.keys(), r, strict=True)) for r in db.execute(sql, values)]
