"""Making, opening and moving a store: key, migrations, backups."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from coach.config import Home
from coach.core.errors import Busy, NotFound, StoreClosed
from coach.core.record import Record
from coach.core.when import iso
from coach.store import keys, leases
from coach.store.db import Connection, DatabaseError, Unlocked, closed, connect, integrity, meta, set_meta
from coach.store.migrations import MIGRATIONS, migrate, version


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Access(Record):
    """How the key may be had: an explicit key file, a way to ask for a passphrase, how long the keyring may take."""

    key_file: str = ""
    ask: Callable[[str], str] | None = None
    keyring_timeout_s: float = 5.0
    use_keyring: bool = True


def info_file(home: Home) -> Path:
    return home.data / "store.toml"


def key_info(home: Home) -> keys.KeyInfo | None:
    """What store.toml says; None when there is none. The key file of a folder that was moved or copied as a whole is the
    one inside it: the path that store.toml remembers may be another store's by now."""
    info = keys.read_info(info_file(home))
    own = home.config / "store.key"
    if info and info.key_file != str(own) and Path(info.key_file).parts[-2:] == own.parts[-2:] and own.is_file():
        return replace(info, key_file=str(own))
    return info


def exists(home: Home) -> bool:
    return info_file(home).exists() or home.store_file.exists()


def open_store(home: Home, access: Access, now: datetime, *, create: bool = True) -> Unlocked:
    """The unlocked store, made when there is none and brought up to date when it is older. Raises StoreClosed."""
    info = key_info(home)
    if info is None or not home.store_file.exists():
        info = _made(home, access, now, create)
    key = keys.unlock(info, key_file=access.key_file, ask=access.ask, timeout_s=access.keyring_timeout_s)
    unlocked = Unlocked(home.store_file, key, info.store_id)
    db = connect(unlocked, create=False)
    try:
        if version(db) != len(MIGRATIONS):
            migrate(db, lambda d, n: _back_up_to(d, home.backups / f"before-{n + 1:03d}.db"))
    finally:
        db.close()
    return unlocked


def _made(home: Home, access: Access, now: datetime, create: bool) -> keys.KeyInfo:
    """Make the store, or finish what a process that was killed had begun; others wait meanwhile."""
    if not create and not exists(home):
        raise StoreClosed("there is no store yet", "run `coach`, or add a first task with `coach add`")
    unfinished = home.data / ".making.db"
    with leases.exclusive(home.data / "making.lock"):
        info = key_info(home)
        if info is None and home.store_file.exists():
            raise StoreClosed(
                f"{info_file(home)} is missing, so nobody knows which key opens the store",
                "put it back from a backup of the data folder",
            )
        if info is None:
            info = _make(home, access, now, unfinished)
        if not home.store_file.exists() and unfinished.exists():
            unfinished.replace(home.store_file)
    return info


def _make(home: Home, access: Access, now: datetime, path: Path) -> keys.KeyInfo:
    """Key, database at `path`, store.toml, in this order: only when the last is written does the database count."""
    try:
        store_id = str(uuid.uuid4())
        key = keys.new_key()
        info = keys.provide(
            store_id, key, key_file=access.key_file, fallback=home.config / "store.key",
            timeout_s=access.keyring_timeout_s, use_keyring=access.use_keyring,
        )
        if info.provider == "keyfile":
            key = keys.read_key_file(Path(info.key_file))
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        fill(Unlocked(path, key, store_id), now)
        keys.write_info(info_file(home), info)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise StoreClosed("the disk is full; there is no store yet", "free some space and try again") from error
        where = f": {error.filename}" if error.filename else ""
        raise StoreClosed(f"the store cannot be made: {error.strerror}{where}", "check the disk and the folder") from error
    return info


def fill(unlocked: Unlocked, now: datetime) -> None:
    """Tables and identity of a new store at `unlocked.path`."""
    os.close(os.open(unlocked.path, os.O_CREAT | os.O_RDWR, 0o600))
    db = connect(unlocked, create=True)
    try:
        migrate(db, lambda _d, _n: None)
        if not meta(db, "store_id"):
            set_meta(db, "store_id", unlocked.store_id)
            set_meta(db, "device", uuid.uuid4().hex[:12])
            set_meta(db, "created", iso(now) or "")
    except DatabaseError as error:
        raise closed(unlocked.path, error) from error
    finally:
        db.close()


def back_up(db: Connection, home: Home, now: datetime, keep: int) -> Path:
    """An encrypted copy (same key) under backups/, checked by opening it; the oldest daily ones beyond `keep` go."""
    for half in home.backups.glob("*.partial"):
        if now.timestamp() - half.stat().st_mtime > 3600:
            half.unlink()  # left by a process that was killed
    target = home.backups / f"coach-{now:%Y%m%d-%H%M%S}.db"
    _back_up_to(db, target)
    if info_file(home).exists():
        keys.copy_private(info_file(home), home.backups / "store.toml")
    daily = sorted(home.backups.glob("coach-*.db"))
    for old in daily[:-keep] if keep > 0 else []:
        old.unlink()
    return target


def backups(home: Home) -> list[Path]:
    """Backups, newest first."""
    return sorted(home.backups.glob("*.db"), key=lambda p: p.stat().st_mtime, reverse=True)


def restore(home: Home, source: Path, access: Access) -> Path:
    """Replace the store by a backup after checking that the key opens it and it is sound.

    The present one is kept as `*.replaced`, beside those of earlier times; returns where. Raises Busy while another
    process has the store open, StoreClosed, NotFound; then nothing has changed."""
    if not source.exists():
        raise NotFound(f"there is no backup {source}", "`coach backup --list` names them")
    info = key_info(home) or keys.read_info(source.with_name("store.toml"))
    if info is None:
        raise StoreClosed("store.toml is missing beside the store and the backup", "put it back first")
    key = keys.unlock(info, key_file=access.key_file, ask=access.ask, timeout_s=access.keyring_timeout_s)
    check = connect(Unlocked(source, key, info.store_id))
    try:
        wrong = integrity(check)
    finally:
        check.close()
    if wrong:
        raise StoreClosed(f"the backup {source.name} is damaged: {wrong[0]}", "try an older one")
    copy = home.data / ".restoring.db"
    keys.copy_private(source, copy)
    kept = _free_name(home.store_file.with_suffix(".db.replaced"))
    _close_log(home, key, info.store_id)
    for suffix in ("-wal", "-shm"):  # only of a store that could not be opened: they belong to the file that is put aside
        if Path(f"{home.store_file}{suffix}").exists():
            Path(f"{home.store_file}{suffix}").replace(f"{kept}{suffix}")
    if home.store_file.exists():
        home.store_file.replace(kept)
    copy.replace(home.store_file)
    keys.sync_folder(home.data)
    if not info_file(home).exists():
        keys.write_info(info_file(home), info)
    return kept


def put_aside(home: Home) -> list[Path]:
    """Stores that were replaced by a backup, newest first."""
    return sorted(home.data.glob("coach.db.replaced*"), key=lambda p: p.stat().st_mtime, reverse=True)


def _free_name(path: Path) -> Path:
    free, number = path, 1
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _close_log(home: Home, key: bytes, store_id: str) -> None:
    """Everything into the one file. Raises Busy while any other connection is open: it would go on writing, unseen, into
    the file that is put aside. A store that cannot be opened has nobody who writes to it."""
    try:
        db = connect(Unlocked(home.store_file, key, store_id))
    except StoreClosed:
        return
    try:
        db.execute("PRAGMA journal_mode = DELETE").fetchone()
    except DatabaseError as error:
        known = closed(home.store_file, error)
        raise (Busy("another process has the store open", "close Coach everywhere, then try again")
               if isinstance(known, Busy) else known) from error
    finally:
        db.close()


def _back_up_to(db: Connection, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_suffix(f".{os.getpid()}.partial")  # another process may be making the same one
    partial.unlink(missing_ok=True)
    try:
        db.execute("VACUUM INTO ?", (str(partial),))
        partial.chmod(0o600)
        _check_opens(db, partial)
    except DatabaseError as error:
        partial.unlink(missing_ok=True)
        raise closed(target, error) from error
    with partial.open("rb+") as file:
        os.fsync(file.fileno())  # VACUUM INTO leaves that to others
    partial.replace(target)
    keys.sync_folder(target.parent)


def _check_opens(db: Connection, path: Path) -> None:
    db.execute("ATTACH ? AS made", (str(path),))
    try:
        db.execute("SELECT count(*) FROM made.task").fetchall()
    finally:
        db.execute("DETACH made")
