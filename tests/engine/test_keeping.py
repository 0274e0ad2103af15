from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home, home_at
from coach.core.errors import Busy, InvalidInput, NotFound, StoreClosed
from coach.engine import doctor, focusing, keeping, opening, preferences, tasks, tracking
from coach.engine import status as status_engine
from coach.engine.opening import Access, connect
from coach.store import leases
from coach.store.db import Connection, Unlocked

PLAIN = Access(use_keyring=False)


def test_the_daily_backup_is_made_once_a_day(db: Connection, home: Home, config: Config, now: datetime) -> None:
    assert keeping.back_up_if_due(db, home, config, now)
    assert keeping.back_up_if_due(db, home, config, now + timedelta(hours=3)) is None
    assert keeping.back_up_if_due(db, home, config, now + timedelta(days=1))


def test_restore_brings_tasks_back(
    db: Connection, home: Home, config: Config, now: datetime, tz: ZoneInfo, unlocked: Unlocked
) -> None:
    tasks.add(db, "Kept", config, now, tz)
    keeping.back_up(db, home, config, now)
    tasks.add(db, "Too late", config, now, tz)
    db.close()
    keeping.restore(home, "latest", PLAIN)
    again = connect(unlocked)
    assert [t.title for t, _ in tasks.open_by_urgency(again, config, now)] == ["Kept"]
    again.close()


def test_every_store_that_a_restore_replaces_is_kept(
    db: Connection, home: Home, config: Config, now: datetime, tz: ZoneInfo, unlocked: Unlocked
) -> None:
    keeping.back_up(db, home, config, now)
    tasks.add(db, "Only here", config, now, tz)
    db.close()
    _, first = keeping.restore(home, "latest", PLAIN)
    _, second = keeping.restore(home, "latest", PLAIN)
    assert first != second
    assert {first, second} < set(keeping.copies(home))
    kept = connect(Unlocked(first, unlocked.key, unlocked.store_id))
    assert [t.title for t, _ in tasks.open_by_urgency(kept, config, now)] == ["Only here"]
    kept.close()


def test_restore_refuses_while_anybody_has_the_store_open(
    db: Connection, home: Home, config: Config, now: datetime, tz: ZoneInfo, unlocked: Unlocked
) -> None:
    """An app with `--safe` holds no role, and would go on writing into the file that is put aside."""
    keeping.back_up(db, home, config, now)
    with pytest.raises(Busy, match="has the store open"):
        keeping.restore(home, "latest", PLAIN)
    tasks.add(db, "Still here", config, now, tz)
    db.close()
    again = connect(unlocked)
    assert [t.title for t, _ in tasks.open_by_urgency(again, config, now)] == ["Still here"]
    again.close()


def test_restore_replaces_a_store_that_cannot_be_opened(
    db: Connection, home: Home, config: Config, now: datetime, unlocked: Unlocked
) -> None:
    keeping.back_up(db, home, config, now)
    db.close()
    home.store_file.write_bytes(b"broken" * 1000)
    _, kept = keeping.restore(home, "latest", PLAIN)
    assert kept.read_bytes().startswith(b"broken")
    connect(unlocked).close()


def test_the_backups_alone_open_by_the_key_in_use(
    db: Connection, home: Home, unlocked: Unlocked, config: Config, now: datetime
) -> None:
    keeping.back_up(db, home, config, now)
    db.close()
    keeping.change_key(home, unlocked, config, "passphrase", "correct horse battery")
    for lost in home.data.glob("*.*"):
        lost.unlink()
    keeping.restore(home, "latest", Access(ask=lambda _: "correct horse battery"))
    connect(unlocked).close()


def test_restore_refuses_while_coach_runs(db: Connection, home: Home, config: Config, now: datetime) -> None:
    keeping.back_up(db, home, config, now)
    lease = leases.take(db, "tracker", home.state, "track", now)
    assert lease
    with pytest.raises(Busy):
        keeping.restore(home, "latest", PLAIN)
    lease.release(db)
    with pytest.raises(NotFound):
        keeping.restore(home, "no-such.db", PLAIN)


def test_a_key_file_that_another_store_opens_with_stays(
    tmp_path: Path, config: Config, now: datetime
) -> None:
    one, other, shared = home_at(tmp_path / "one"), home_at(tmp_path / "other"), tmp_path / "shared.key"
    access = Access(key_file=str(shared), use_keyring=False)
    unlocked = opening.unlock(one, access, now)
    opening.unlock(other, access, now)
    assert keeping.change_key(one, unlocked, config, "passphrase", "correct horse battery").left == str(shared)
    opening.unlock(other, PLAIN, now)
    assert keeping.change_key(one, unlocked, config, str(tmp_path / "own.key")).left == ""
    keeping.change_key(one, unlocked, config, "passphrase", "correct horse battery")
    assert not (tmp_path / "own.key").exists()


def test_the_key_moves_and_the_old_copy_goes(
    home: Home, unlocked: Unlocked, config: Config, now: datetime, tmp_path: Path
) -> None:
    new = tmp_path / "stick" / "coach.key"
    assert keeping.change_key(home, unlocked, config, str(new)).key_file == str(new)
    assert not (home.config / "store.key").exists()
    assert opening.unlock(home, PLAIN, now).key == unlocked.key
    keeping.change_key(home, unlocked, config, "passphrase", "correct horse battery")
    assert not new.exists()
    assert opening.unlock(home, Access(ask=lambda _: "correct horse battery"), now).key == unlocked.key
    with pytest.raises(InvalidInput, match="too short"):
        keeping.change_key(home, unlocked, config, "passphrase", "short")
    with pytest.raises(InvalidInput, match="exists already"):
        keeping.change_key(home, unlocked, config, str(home.store_file))


def test_the_recovery_key_opens_a_locked_store(
    home: Home, unlocked: Unlocked, config: Config, now: datetime, tmp_path: Path
) -> None:
    first = keeping.new_recovery_key(home, unlocked)
    secret = keeping.new_recovery_key(home, unlocked)
    keeping.change_key(home, unlocked, config, "passphrase", "correct horse battery")
    with pytest.raises(StoreClosed, match="wrong"):
        keeping.recover(home, first, str(tmp_path / "a.key"))
    keeping.recover(home, secret, str(tmp_path / "b.key"))
    assert opening.unlock(home, PLAIN, now).key == unlocked.key


def test_check_finds_a_wrong_rollup_and_repair_mends_it(db: Connection, home: Home, now: datetime) -> None:
    assert keeping.check(db, 240) == []
    db.execute("INSERT INTO rollup_hour VALUES('2026-11-20', 9, 'Work', 1000, 1)")
    assert keeping.check(db, 240) == ["hour 2026-11-20 09:00"]
    keeping.repair(db, 240)
    assert keeping.check(db, 240) == []


def test_stored_names_what_there_is(db: Connection, home: Home, config: Config, now: datetime, tz: ZoneInfo) -> None:
    tasks.add(db, "One", config, now, tz)
    tracking.exclude(db, "title", "bank", "redact", now)
    view = keeping.stored(db, home)
    assert view["rows"]["task"] == 1
    assert view["exclusions"][0]["pattern"] == "bank"


def test_doctor_examines_everything(home: Home, unlocked: Unlocked, config: Config, now: datetime) -> None:
    found = {c.part: c for c in doctor.examine(home, config, PLAIN, now, deep=True)}
    assert found["store"].ok
    assert found["deep"].ok
    assert not found["consent"].ok
    assert found["consent"].hint
    assert all(c.hint for c in found.values() if not c.ok)
    (home.config / "store.key").write_text("00" * 32)
    broken = {c.part: c for c in doctor.examine(home, config, PLAIN, now)}
    assert not broken["store"].ok
    assert not broken["store"].optional


def test_pause_consent_and_exclusions(db: Connection, now: datetime) -> None:
    assert not tracking.consent(db)
    tracking.set_consent(db, True, now)
    assert tracking.consent(db)
    assert tracking.paused_until(db, now) is False
    until = tracking.pause(db, now, 30)
    assert tracking.paused_until(db, now) == until == now + timedelta(minutes=30)
    assert tracking.paused_until(db, now + timedelta(minutes=31)) is False
    tracking.pause(db, now)
    assert tracking.paused_until(db, now + timedelta(days=3)) is True
    tracking.resume(db)
    assert tracking.paused_until(db, now) is False
    excluded = tracking.exclude(db, "app", "keepassxc", "drop", now)
    assert len(tracking.filter_of(db, Config()).exclusions) == 1
    tracking.include(db, excluded[:8], now)
    assert tracking.exclusions(db) == []
    with pytest.raises(NotFound):
        tracking.include(db, "nothing", now)
    with pytest.raises(InvalidInput):
        tracking.exclude(db, "title", "(", "drop", now)


@pytest.mark.parametrize(("text", "minutes"), [("30m", 30), ("2h", 120), ("1h30", 90), ("90", 90), ("1.5h", 90)])
def test_durations(text: str, minutes: float) -> None:
    assert tracking.parse_duration_min(text) == minutes


@pytest.mark.parametrize("text", ["", "soon", "h", "1x", "0", "0m", "0h", "99999999999h"])
def test_no_durations(text: str) -> None:
    with pytest.raises(InvalidInput):
        tracking.parse_duration_min(text)


def test_status_without_a_tracker(db: Connection, home: Home, config: Config, now: datetime, tz: ZoneInfo) -> None:
    view = status_engine.status(db, home, config, now)
    assert view.state == "no consent"
    tracking.set_consent(db, True, now)
    assert status_engine.status(db, home, config, now).state == "off"
    tracking.pause(db, now)
    view = status_engine.status(db, home, config, now)
    assert (view.state, view.pid, view.current) == ("paused", None, None)
    assert "process" not in view.words(tz)
    tracking.resume(db)
    lease = leases.take(db, "tracker", home.state, "track", now)
    assert lease
    leases.beat(db, "tracker", now, '{"probe": "tmux", "gaps": 2}')
    view = status_engine.status(db, home, config, now)
    assert (view.state, view.probe, view.gaps, view.holder) == ("on", "tmux", 2, "track")
    assert "probe tmux" in view.words(tz)
    assert leases.take(db, "tracker", home.state, "app", now) is None
    lease.release(db)
    assert leases.row(db, "tracker") is None


def test_the_focus_timer(db: Connection, config: Config, now: datetime, tz: ZoneInfo) -> None:
    task = tasks.add(db, "Write the report", config, now, tz)
    session = focusing.start(db, now, 50, task)
    assert session.break_min() == 10
    with pytest.raises(Busy):
        focusing.start(db, now, 25)
    assert focusing.running(db, now + timedelta(minutes=49)) == session
    assert focusing.running(db, now + timedelta(minutes=51)) is None
    ended = focusing.stop(db, now + timedelta(minutes=30))
    assert ended.end == now + timedelta(minutes=30)
    assert tasks.find(db, "1").actual_min == 30
    with pytest.raises(NotFound):
        focusing.stop(db, now)
    with pytest.raises(InvalidInput):
        focusing.start(db, now, 0)


def test_preferences_are_one_undo_step(db: Connection, now: datetime) -> None:
    preferences.put(db, {"name": "Ada", "humour": 2}, now)
    preferences.put(db, {"name": "Grace"}, now)
    assert preferences.get(db, "name") == "Grace"
    tasks.undo(db, now)
    assert preferences.get(db, "name") == "Ada"
    tasks.undo(db, now)
    assert (preferences.get(db, "name"), preferences.get(db, "humour")) == ("", None)


def test_doctor_goes_on_past_a_damaged_page(home: Home, unlocked: Unlocked, config: Config, now: datetime, tz: ZoneInfo) -> None:
    with closing(connect(unlocked)) as db:
        for n in range(400):
            tasks.add(db, f"Task {n}", config, now, tz)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = bytearray(home.store_file.read_bytes())
    for page in range(20, len(raw) // 4096 - 1, 7):
        raw[page * 4096 + 100 : page * 4096 + 200] = bytes(100)
    home.store_file.write_bytes(raw)
    found = list(doctor.examine(home, config, PLAIN, now, deep=True))
    assert any(not c.ok and not c.optional for c in found)
    assert any(c.part == "terminal" for c in found)


def test_counting_stops_where_it_is_told(db: Connection, home: Home, config: Config, now: datetime, tz: ZoneInfo) -> None:
    for n in range(3):
        tasks.add(db, f"Task {n}", config, now, tz)
    assert keeping.stored(db, home)["rows"]["task"] == 3
    assert keeping.stored(db, home, 2)["rows"]["task"] == 2
