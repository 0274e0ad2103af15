"""The person's own data: keys, backups, erasure, what is stored, the access log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from coach.config import Config, Home
from coach.core import say
from coach.core.errors import Busy, CoachError, InvalidInput, NotFound, Unavailable
from coach.engine import preferences
from coach.store import erase, events, keys, leases, opening
from coach.store.db import Connection, Unlocked, connect, integrity, rows
from coach.store.opening import Access


def back_up(db: Connection, home: Home, config: Config, now: datetime) -> Path:
    """An encrypted backup now; the oldest beyond the configured number go."""
    return opening.back_up(db, home, now, config.store.backups)


def back_up_if_due(db: Connection, home: Home, config: Config, now: datetime) -> Path | None:
    """The daily one, when the newest is from another day."""
    newest = next((p for p in opening.backups(home) if p.name.startswith("coach-")), None)
    if newest and newest.name[6:14] == f"{now:%Y%m%d}":
        return None
    return back_up(db, home, config, now)


def backups(home: Home) -> list[Path]:
    return opening.backups(home)


def copies(home: Home) -> list[Path]:
    """Everything that still holds what was erased: backups, and stores that were put aside by `restore`."""
    return [*opening.backups(home), *opening.put_aside(home)]


def backup_named(home: Home, name: str) -> Path:
    """The backup with that file name or path, or the newest one for "latest". Raises NotFound."""
    found = backups(home)
    if name == "latest":
        if not found:
            raise NotFound("there are no backups yet", "`coach backup` makes one")
        return found[0]
    source = next((p for p in found if p.name == name), Path(name).expanduser())
    if not source.is_file():
        raise NotFound(f"there is no backup {name!r}", "`coach backup --list` shows them")
    return source


def restore(home: Home, name: str, access: Access) -> tuple[Path, Path]:
    """Bring a backup back, as `backup_named` finds it; returns (backup, where the present store was put aside).

    Raises Busy while Coach runs, StoreClosed when the backup is damaged: then nothing has changed."""
    for role in ("tracker", "jobs"):
        if leases.held(home.state, role):
            raise Busy("Coach is running", "close the app and stop `coach track` first")
    source = backup_named(home, name)
    return source, opening.restore(home, source, access)


@dataclass(frozen=True, slots=True)
class KeyView:
    provider: str
    key_file: str
    has_recovery: bool
    store_id: str
    advice: str
    left: str = ""
    """The key file that was in use before and stays where it is."""


def key_view(home: Home) -> KeyView:
    """Which provider opens the store, without the key."""
    info = _info(home)
    advice = {
        "keyfile": "a key file protects backups and a stolen database, not a stolen disk; a passphrase does",
        "keyring": "the desktop's keyring unlocks it when you log in",
        "passphrase": "asked for in the terminal each time",
    }[info.provider]
    return KeyView(info.provider, info.key_file, bool(info.recovery_wrapped), info.store_id, advice)


def change_key(home: Home, unlocked: Unlocked, config: Config, to: str, secret: str = "") -> KeyView:
    """Hand the same key to another provider: "keyring", "passphrase" (with `secret`) or a key file's path.

    The old provider's copy is removed once the new one holds it, except for a key file that other stores may open with."""
    info = _info(home)
    if to == "passphrase":
        new = keys.with_passphrase(info, unlocked.key, secret)
    elif to == "keyring":
        keys.keyring_set(info.store_id, unlocked.key, config.store.keyring_timeout_s)
        new = keys.KeyInfo(info.store_id, "keyring", recovery_salt=info.recovery_salt, recovery_wrapped=info.recovery_wrapped)
    else:
        path = Path(to).expanduser().absolute()
        if path.exists():
            raise InvalidInput(f"{path} exists already", "name a new file")
        keys.make_key_file(path, unlocked.key)
        new = keys.KeyInfo(
            info.store_id, "keyfile", key_file=str(path), recovery_salt=info.recovery_salt,
            recovery_wrapped=info.recovery_wrapped,
        )
    _keep(home, new)
    try:
        if info.provider == "keyfile" and not info.shared:
            Path(info.key_file).unlink(missing_ok=True)
        elif info.provider == "keyring" and new.provider != "keyring":
            keys.keyring_delete(info.store_id, config.store.keyring_timeout_s)
    except (CoachError, OSError) as error:
        where = f"in {info.key_file}" if info.key_file else "in the keyring"
        raise Unavailable(
            f"the key is held by {new.provider} now, but its old copy is still {where}", "remove that one by hand"
        ) from error
    return replace(key_view(home), left=info.key_file if info.shared else "")


def new_recovery_key(home: Home, unlocked: Unlocked) -> str:
    """A recovery key to write down; an earlier one stops working."""
    secret = keys.new_recovery_key()
    _keep(home, keys.with_recovery(_info(home), unlocked.key, secret))
    return secret


def recover(home: Home, recovery_key: str, new_key_file: str) -> KeyView:
    """Open the store with the recovery key and put its key into a new key file. Raises StoreClosed for a wrong one."""
    info = _info(home)
    key = keys.recover(info, recovery_key)
    connect(Unlocked(home.store_file, key, info.store_id)).close()
    path = Path(new_key_file).expanduser().absolute()
    keys.make_key_file(path, key)
    _keep(home, replace(info, provider="keyfile", key_file=str(path), shared="", salt="", wrapped=""))
    return key_view(home)


def stored(db: Connection, home: Home, most: int = -1) -> dict[str, Any]:
    """What is stored, for `coach privacy`: rows by table, newest sample rows, sizes, exclusions. With `most` no table is
    counted further: millions of rows take a third of a second."""
    tables = ("task", "action", "event", "timeline", "context", "nudge", "chat_message", "calendar_event", "calendar_object",
              "block", "rule", "exclusion", "preference", "manual", "correction", "goal", "attribution", "embedding", "guess",
              "task_category", "category_answer", "expansion", "question", "model_version", "avoidance_task",
              "avoidance_week", "task_week", "prediction", "audit")
    size = home.store_file.stat().st_size if home.store_file.exists() else 0
    return {
        "store": str(home.store_file), "size_bytes": size,
        "rows": {name: _count(db, name, most) for name in tables},
        "first_event_ms": events.first_ms(db),
        "backups": len(opening.backups(home)),
        "exclusions": rows(db, "SELECT id, field, pattern, action FROM exclusion ORDER BY created"),
        "samples": rows(db, "SELECT app, title, url, project FROM context ORDER BY id DESC LIMIT 3"),
        "consent": {name: bool(preferences.get(db, f"{name}_consent")) for name in ("tracking", "profiling")},
        "network": network(db),
    }


def network(db: Connection) -> str:
    """Which sockets are opened, in words; channels to other devices are counted."""
    own = "for calendars by address that you add, `coach models pull`, and servers of [api], for this machine only"
    asked = _count(db, "channel", -1)
    if not asked:
        return f"no socket is opened, but {own}"
    return f"{say.count(asked, 'channel')} to other devices (`coach channel list`); else no socket is opened, but {own}"


def _count(db: Connection, table: str, most: int) -> int:
    rows_of = table if most < 0 else f"(SELECT 1 FROM {table} LIMIT {most})"
    return int(db.execute(f"SELECT count(*) FROM {rows_of}").fetchone()[0])


def audit_log(db: Connection, limit: int = 100) -> list[dict[str, Any]]:
    """Exports, erasures, restores: newest first."""
    return rows(db, "SELECT at, what, detail FROM audit ORDER BY id DESC LIMIT ?", (limit,))


def audit(db: Connection, what: str, detail: str, now: datetime) -> None:
    erase.audit(db, what, detail, now)


def check(db: Connection, day_start_min: int, progress: Callable[[str], None] | None = None) -> list[str]:
    """`doctor --deep`: the file's integrity, and that timeline, roll-ups and kept days agree; empty when all is well."""
    from coach.store import kept_days, rollups

    tell = progress or (lambda what: None)
    tell("reading every page")
    found = integrity(db)
    if found:  # counting in a damaged file would only stumble over the same pages
        return found
    tell("counting the timeline")
    return rollups.disagreements(db, day_start_min) + kept_days.disagreements(db)


def repair(db: Connection, day_start_min: int) -> None:
    """Write the roll-ups afresh from the timeline, and keep no day."""
    from coach.store import kept_days, rollups
    from coach.store.db import transaction

    with transaction(db):
        rollups.rebuild_all(db, day_start_min)
        kept_days.forget(db)


def _keep(home: Home, info: keys.KeyInfo) -> None:
    """Write store.toml, and the copy beside the backups: alone, they must open by the same key, and by no earlier one."""
    keys.write_info(opening.info_file(home), info)
    copy = home.backups / opening.info_file(home).name
    if copy.exists():
        keys.write_info(copy, info)


def _info(home: Home) -> keys.KeyInfo:
    info = opening.key_info(home)
    if info is None:
        raise NotFound("there is no store yet", "run `coach`, or add a first task with `coach add`")
    return info
