"""How timeline rows say what the roll-ups lack, also in a store of the layout before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from coach.store import migrations, rollups, timeline
from coach.store.db import Unlocked, connect, transaction

HOUR = rollups.HOUR_MS


def test_an_older_store_keeps_its_rows_and_rolls_up_what_was_open(unlocked: Unlocked, tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch()
    db = connect(replace(unlocked, path=path), create=True)
    steps = migrations.MIGRATIONS[:10]
    with transaction(db):
        for step in steps:
            step(db)
        db.execute(f"PRAGMA user_version = {len(steps)}")
    db.execute("INSERT INTO context VALUES(1, 1, 'code', 'a', '', '', NULL)")
    said = "INSERT INTO timeline(start_ms, end_ms, context, bucket, offset_min, category, rolled_ms) VALUES(?,?,1,1,0,?,?)"
    db.executemany(said, [(0, HOUR, "Work", HOUR), (HOUR, 2 * HOUR, None, HOUR + 600_000)])
    assert migrations.migrate(db, lambda *_: None) == len(migrations.MIGRATIONS) - 10
    kept = [tuple(r) for r in db.execute("SELECT id, end_ms, category, behind_ms, rolled_ms FROM timeline ORDER BY start_ms")]
    assert kept == [(0, HOUR, "Work", 0, HOUR), (HOUR, 2 * HOUR, None, 3_000_000, HOUR + 600_000)]
    assert timeline.roll(db, 0) == 1
    assert timeline.roll(db, 0) == 0
    assert db.execute("SELECT sum(ms) FROM rollup_hour").fetchone()[0] == 3_000_000
    db.close()
