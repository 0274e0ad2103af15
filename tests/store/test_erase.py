"""Deletion is real: gone from the file, and no plain copy of anything on the way there."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home
from coach.core.aftermath import Trial
from coach.core.event import Event
from coach.core.nudge import Nudge
from coach.core.when import to_ms
from coach.engine import activity, categories, keeping, tasks
from coach.store import bulk, channels, erase, events, nudges, said, trials
from coach.store.db import Connection, transaction
from tests.conftest import NOW

OPEN_FILES = Path("/proc/self/fd")


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="looks at open files as Linux shows them")
def test_the_copy_that_compacting_makes_is_encrypted_and_not_in_memory(db: Connection, config: Config, tz: ZoneInfo) -> None:
    secret = "planted-secret"
    for number in range(3):
        tasks.add(db, f"{secret} task {number} #{secret}", config, NOW, tz)
    with transaction(db):
        bucket = events.bucket(db, "x11", events.BUCKET_TYPES["window"], NOW)
        words = [(f"{secret} {n}", f"{secret} title {n} " + "x" * 400, "", secret) for n in range(20_000)]
        bulk.contexts(db, words, lambda *_: None)
        bulk.events(db, bucket, [(n * 1000, n * 1000 + 900, n + 1) for n in range(20_000)])
    seen: dict[str, tuple[int, bool]] = {}
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            for link in OPEN_FILES.iterdir():
                try:
                    name = str(link.readlink())
                    if "etilqs" in name:
                        data = link.read_bytes()
                        size, leaked = seen.get(name, (0, False))
                        seen[name] = (max(size, len(data)), leaked or secret.encode() in data)
                except OSError:  # closed meanwhile
                    continue
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        erase.compact(db)
    finally:
        done.set()
        watcher.join()
    assert max(size for size, _ in seen.values()) > 1_000_000
    assert not any(leaked for _, leaked in seen.values())
    assert db.execute("PRAGMA temp_store").fetchone()[0] == 0


def test_an_app_of_every_day_is_gone_and_everything_agrees(db: Connection, home: Home, tz: ZoneInfo) -> None:
    rules = categories.load(db, Config())
    for day in range(70):
        at = NOW - timedelta(days=80 - day)
        beats = [
            Event(at + timedelta(minutes=m), at + timedelta(minutes=m + 5), "x11", app, app)
            for m, app in ((0, "code"), (5, "firefox"), (10, "code"), (15, "firefox"))
        ]
        terminal = Event(at + timedelta(minutes=6), at + timedelta(minutes=8), "tmux", "vim", "notes")
        activity.record(db, [*beats, terminal], 1.0, rules, tz)
    activity.roll(db, rules, NOW)
    lived = "FROM timeline t JOIN context c ON c.id = t.context"
    ids = [r[0] for r in db.execute(f"SELECT t.id {lived} WHERE c.app = 'code'")]
    assert activity.erase_range(db, NOW - timedelta(days=100), NOW, rules, tz, NOW, app="firefox") == 140
    found = {r[0]: r[1] for r in db.execute(f"SELECT c.app, sum(t.end_ms - t.start_ms) {lived} GROUP BY 1")}
    assert found == {"code": 70 * 600_000, "vim": 70 * 120_000}  # what the window hid comes to light
    assert ids == [r[0] for r in db.execute(f"SELECT t.id {lived} WHERE c.app = 'code'")]
    activity.roll(db, rules, NOW)
    assert keeping.check(db, rules.day_start_min) == []
    assert db.execute("SELECT count(*) FROM context WHERE app = 'firefox'").fetchone()[0] == 0


def test_what_was_learnt_of_erased_time_goes_too(db: Connection) -> None:
    now = NOW
    for hours in (0, 3):
        trials.insert(db, Trial(f"t{hours}", now + timedelta(hours=hours), "break_due", "morning, focus", True))
    with transaction(db):
        erase.erase_time(db, to_ms(now), to_ms(now + timedelta(hours=1)))
    assert [t.id for t in trials.to_judge(db, now + timedelta(days=1))] == ["t3"]


def test_what_a_nudge_quotes_of_erased_time_goes_with_it(db: Connection) -> None:
    for number, (days, status) in enumerate(((-2, "shown"), (1, "shown"), (2, "queued"))):
        said_at = NOW + timedelta(days=days)
        digest = Nudge(f"n{number}", said_at, "weekly_digest", "neutral", "neutral", "bank", "Networks 4 h", status=status)
        nudges.insert(db, digest)
        channels.queue(db, f"n{number}", "phone", said_at)
    nudges.rate(db, "n1", 5)
    activity.erase_range(db, NOW, NOW + timedelta(hours=1), categories.load(db, Config()), ZoneInfo("UTC"), NOW)
    assert dict(db.execute("SELECT id, text FROM nudge").fetchall()) == {"n0": "Networks 4 h", "n1": said.ERASED}
    assert [d.nudge_id for d in channels.due(db, NOW + timedelta(days=9))] == ["n0"]
    assert said.rated(db) == []  # nobody rated those words
