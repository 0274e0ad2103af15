from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from coach.config import Config, Home, home_at
from coach.core.errors import NotFound, StoreClosed
from coach.engine import keeping
from coach.store import keys, opening
from coach.store.db import Unlocked, connect, integrity, meta, set_meta, transaction
from coach.store.migrations import MIGRATIONS, migrate, version
from coach.store.opening import Access

PLAIN = Access(use_keyring=False)


def test_a_new_store_is_encrypted_and_private(home: Home, unlocked: Unlocked) -> None:
    db = connect(unlocked)
    set_meta(db, "secret", "planted-secret-in-meta")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    raw = home.store_file.read_bytes()
    assert not raw.startswith(b"SQLite format 3")
    assert b"planted-secret" not in raw
    for path in (home.store_file, home.config / "store.key", home.data / "store.toml"):
        assert path.stat().st_mode & 0o077 == 0


def test_opening_again_finds_the_same_store(home: Home, unlocked: Unlocked, now: datetime) -> None:
    again = opening.open_store(home, PLAIN, now)
    assert (again.key, again.store_id) == (unlocked.key, unlocked.store_id)


def test_a_wrong_key_changes_nothing(home: Home, unlocked: Unlocked, now: datetime, capfd: pytest.CaptureFixture[str]) -> None:
    before = home.store_file.read_bytes()
    (home.config / "store.key").write_text("00" * 32)
    with pytest.raises(StoreClosed, match="key is wrong"):
        opening.open_store(home, PLAIN, now)
    assert home.store_file.read_bytes() == before
    assert capfd.readouterr().err == ""


def test_a_corrupt_file_is_named_and_left_alone(home: Home, unlocked: Unlocked, now: datetime) -> None:
    db = connect(unlocked)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    broken = b"\0" * 4096 + home.store_file.read_bytes()[4096:]
    home.store_file.write_bytes(broken)
    with pytest.raises(StoreClosed, match="damaged"):
        opening.open_store(home, PLAIN, now)
    assert home.store_file.read_bytes() == broken


def test_a_missing_key_file_is_named(home: Home, unlocked: Unlocked, now: datetime) -> None:
    (home.config / "store.key").unlink()
    with pytest.raises(StoreClosed, match=r"store\.key"):
        opening.open_store(home, PLAIN, now)


def test_a_key_file_that_others_can_read_is_refused(home: Home, unlocked: Unlocked, now: datetime) -> None:
    (home.config / "store.key").chmod(0o644)
    with pytest.raises(StoreClosed, match="read by others"):
        opening.open_store(home, PLAIN, now)


def test_a_missing_store_toml_is_not_papered_over(home: Home, unlocked: Unlocked, now: datetime) -> None:
    (home.data / "store.toml").unlink()
    with pytest.raises(StoreClosed, match=r"store\.toml"):
        opening.open_store(home, PLAIN, now)
    assert home.store_file.exists()


def test_a_folder_that_was_copied_or_moved_has_its_own_key(tmp_path: Path, now: datetime) -> None:
    first, copy, moved = (home_at(tmp_path / name) for name in ("first", "copy", "moved"))
    made = opening.open_store(first, PLAIN, now)
    shutil.copytree(tmp_path / "first", tmp_path / "copy")
    keeping.change_key(copy, opening.open_store(copy, PLAIN, now), Config(), str(tmp_path / "new.key"))
    assert not (copy.config / "store.key").exists()
    assert opening.open_store(first, PLAIN, now) == made, "the first store lost its key to the copy"
    (tmp_path / "first").rename(tmp_path / "moved")
    assert opening.open_store(moved, PLAIN, now).key == made.key


def test_an_empty_or_missing_database_is_not_made_anew(home: Home, unlocked: Unlocked, now: datetime) -> None:
    home.store_file.write_bytes(b"")
    with pytest.raises(StoreClosed, match="is empty"):
        opening.open_store(home, PLAIN, now)
    assert home.store_file.stat().st_size == 0
    home.store_file.unlink()
    with pytest.raises(StoreClosed, match="is missing"):
        opening.open_store(home, PLAIN, now)
    assert not home.store_file.exists()


def test_an_explicit_key_file_comes_first(home: Home, now: datetime, tmp_path: Path) -> None:
    chosen = tmp_path / "elsewhere" / "my.key"
    made = opening.open_store(home, Access(key_file=str(chosen)), now)
    assert keys.read_key_file(chosen) == made.key
    assert not (home.config / "store.key").exists()


def test_passphrase_and_recovery_key(home: Home, unlocked: Unlocked, now: datetime) -> None:
    info = keys.read_info(opening.info_file(home))
    assert info is not None
    recovery = keys.new_recovery_key()
    info = keys.with_recovery(keys.with_passphrase(info, unlocked.key, "four words are better"), unlocked.key, recovery)
    keys.write_info(opening.info_file(home), info)
    assert keys.read_info(opening.info_file(home)) == info
    asked = opening.open_store(home, Access(ask=lambda prompt: "four words are better"), now)
    assert asked.key == unlocked.key
    with pytest.raises(StoreClosed, match="wrong"):
        opening.open_store(home, Access(ask=lambda prompt: "guess"), now)
    with pytest.raises(StoreClosed, match="passphrase"):
        opening.open_store(home, Access(), now)
    assert keys.recover(info, recovery.lower().replace("-", " ")) == unlocked.key
    assert unlocked.key.hex() not in opening.info_file(home).read_text()


def test_a_keyring_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    import keyring

    monkeypatch.setattr(keyring, "get_password", lambda *_: threading.Event().wait(30))
    with pytest.raises(StoreClosed, match=r"did not answer within 0\.1 s"):
        keys.keyring_get("some-store", 0.1)


def test_backup_is_encrypted_rotated_and_restored(home: Home, unlocked: Unlocked, now: datetime) -> None:
    db = connect(unlocked)
    set_meta(db, "mark", "before")
    for day in range(4):
        opening.back_up(db, home, now + timedelta(days=day), keep=2)
    assert [p.name for p in sorted(home.backups.glob("coach-*.db"))] == ["coach-20261122-100000.db", "coach-20261123-100000.db"]
    set_meta(db, "mark", "after")
    db.close()
    kept = opening.restore(home, home.backups / "coach-20261123-100000.db", PLAIN)
    db = connect(unlocked)
    assert meta(db, "mark") == "before"
    db.close()
    old = connect(Unlocked(kept, unlocked.key, unlocked.store_id))
    assert meta(old, "mark") == "after"
    old.close()


def test_a_damaged_backup_is_refused_and_nothing_changes(home: Home, unlocked: Unlocked, now: datetime) -> None:
    db = connect(unlocked)
    good = opening.back_up(db, home, now, keep=7)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    raw = bytearray(good.read_bytes())
    raw[-2000:-1900] = bytes(100)
    good.write_bytes(raw)
    before = home.store_file.read_bytes()
    with pytest.raises(StoreClosed):
        opening.restore(home, good, PLAIN)
    assert home.store_file.read_bytes() == before
    with pytest.raises(NotFound):
        opening.restore(home, home.backups / "nothing.db", PLAIN)


def test_a_store_of_a_newer_coach_is_left_alone(home: Home, unlocked: Unlocked, now: datetime) -> None:
    db = connect(unlocked)
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(StoreClosed, match="newer Coach"):
        opening.open_store(home, PLAIN, now)


def test_a_migration_is_preceded_by_a_backup_and_rolls_back_whole(
    home: Home, unlocked: Unlocked, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def good(db: object) -> None:
        db.execute("ALTER TABLE nudge ADD COLUMN extra TEXT")  # type: ignore[attr-defined]

    def bad(db: object) -> None:
        db.execute("CREATE TABLE half(x)")  # type: ignore[attr-defined]
        raise RuntimeError("power cut")

    monkeypatch.setattr("coach.store.migrations.MIGRATIONS", (*MIGRATIONS, good, bad))
    monkeypatch.setattr("coach.store.opening.MIGRATIONS", (*MIGRATIONS, good, bad))
    with pytest.raises(RuntimeError):
        opening.open_store(home, PLAIN, now)
    db = connect(unlocked)
    assert version(db) == len(MIGRATIONS) + 1
    assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0
    assert db.execute("SELECT count(*) FROM pragma_table_info('nudge') WHERE name = 'extra'").fetchone()[0] == 1
    db.close()
    first = home.backups / f"before-{len(MIGRATIONS) + 1:03d}.db"
    copy = connect(replace(unlocked, path=first))
    assert version(copy) == len(MIGRATIONS)
    assert integrity(copy) == []
    copy.close()


def test_migrating_twice_does_nothing(unlocked: Unlocked) -> None:
    db = connect(unlocked)
    assert migrate(db, lambda d, n: None) == 0
    db.close()


def test_a_full_disk_is_said_so_and_nothing_is_lost(unlocked: Unlocked, home: Home) -> None:
    db = connect(unlocked)
    set_meta(db, "mark", "kept")
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count = {pages + 1}")
    from coach.store.db import DatabaseError, closed

    def fill_up() -> None:
        with transaction(db):
            for n in range(200):
                set_meta(db, f"filler{n}", "x" * 4000)

    with pytest.raises(DatabaseError) as caught:
        fill_up()
    assert "disk is full" in closed(home.store_file, caught.value).message
    assert meta(db, "mark") == "kept"
    assert meta(db, "filler0") == ""
    db.close()


def test_a_key_file_left_by_a_killed_process_is_used_and_never_replaced(home: Home, now: datetime) -> None:
    keys.make_key_file(home.config / "store.key", bytes(range(32)))
    assert opening.open_store(home, PLAIN, now).key == bytes(range(32))
    shutil.rmtree(home.data)
    (home.config / "store.key").write_text("not a key")
    with pytest.raises(StoreClosed, match="does not hold a key"):
        opening.open_store(home, PLAIN, now)
    assert (home.config / "store.key").read_text() == "not a key"


def test_making_a_store_is_finished_after_a_kill(home: Home, unlocked: Unlocked, now: datetime) -> None:
    unfinished = home.data / ".making.db"
    home.store_file.rename(unfinished)  # killed before the last step
    assert opening.open_store(home, PLAIN, now) == unlocked
    assert not unfinished.exists()
    unfinished.write_bytes(b"killed before store.toml was written")
    home.store_file.unlink()
    opening.info_file(home).unlink()
    again = opening.open_store(home, PLAIN, now)
    assert again.store_id != unlocked.store_id
    connect(again).close()


def test_unwritable_folder(home: Home, now: datetime, tmp_path: Path) -> None:
    shutil.rmtree(home.data, ignore_errors=True)
    home.data.parent.mkdir(parents=True, exist_ok=True)
    home.data.write_text("a file where the folder should be")
    with pytest.raises(StoreClosed, match="cannot be made"):
        opening.open_store(home, PLAIN, now)
