"""kill -9 in the middle of writing, and what must be there afterwards; `tests/bench/crash.py` does it 200 times."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coach.config import Config, Home, home_at
from coach.engine import keeping, opening, tasks
from coach.store import leases
from coach.store.db import Connection, Unlocked, connect
from coach.store.opening import Access
from tests.bench import crash
from tests.cli.shell import coach
from tests.tracker.surroundings import need


def test_killed_while_editing() -> None:
    tally = crash.run(["edits"] * 6, seed=2)["edits"]
    assert tally.problems == []
    assert tally.rounds == 6
    assert tally.acknowledged > 20


@pytest.mark.desktop
def test_tracker_and_app_killed_while_writing() -> None:
    need("Xvfb", "openbox", "xterm", "xdotool", "xprop")
    tallies = crash.run(["track", "app", "track", "app"], seed=3)
    for kind in ("track", "app"):
        assert tallies[kind].problems == []
        assert tallies[kind].acknowledged > 10
        assert 0 < tallies[kind].worst_loss_s <= crash.MAX_LOSS_S


def test_the_comparison_notices_what_is_lost(db: Connection, now: datetime, config: Config) -> None:
    said = crash.Acknowledged(titles={"One"})
    for title in ("One", "Two", "Three"):
        task = tasks.add(db, title, config, now, crash.TZ)
        said.tasks[task.id] = crash.state(db, task.id)
    assert crash.compare(db, said) == (0, [])
    first, second, third = said.tasks
    db.execute("UPDATE task SET notes = 'never said so' WHERE id = ?", (first,))
    db.execute("DELETE FROM task WHERE id = ?", (first,))
    db.execute("UPDATE task SET priority = 1 WHERE id = ?", (second,))
    db.execute("DELETE FROM change WHERE record_id = ?", (third,))
    assert crash.compare(db, said) == (0, [
        "a task is not as acknowledged", "a task is not as acknowledged", "1 acknowledged changes are gone",
        "3 tasks are not what the log says", "1 tasks that the app had added are gone",
    ])


def test_killed_while_the_store_is_being_made(tmp_path: Path) -> None:
    for number in range(8):
        home = tmp_path / f"home{number}"
        words = [sys.executable, "-m", "coach.cli", "--home", str(home), "add", "First"]
        first = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        time.sleep(0.05 + 0.02 * number)
        first.kill()
        said, _ = first.communicate()
        assert coach("add", "Second", home=home).status == 0
        titles = sorted(t["title"] for t in coach("list", "--json", home=home).json)
        assert titles in (["Second"], ["First", "Second"])
        assert titles == ["First", "Second"] or not said


def test_three_processes_make_one_store(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "coach.cli", "--home", str(tmp_path / "new"), "add"]
    all_three = [subprocess.Popen([*words, title], stdout=subprocess.PIPE, stderr=subprocess.PIPE) for title in "ABC"]
    assert [(p.communicate()[1], p.returncode) for p in all_three] == [(b"", 0)] * 3
    assert len(coach("list", "--json", home=tmp_path / "new").json) == 3


def test_a_dead_holder_leaves_its_role(home: Home, unlocked: Unlocked, now: datetime) -> None:
    hold = (
        "import sys, time; from datetime import UTC, datetime; from pathlib import Path\n"
        "from coach.config import home_at; from coach.engine import opening; from coach.store import leases\n"
        "home = home_at(Path(sys.argv[1])); now = datetime.now(UTC)\n"
        "db = opening.connect(opening.unlock(home, opening.Access(), now))\n"
        "lease = leases.take(db, 'tracker', home.state, 'track', now); print('held', flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", hold, str(home.data.parent)], stdout=subprocess.PIPE)
    assert holder.stdout
    assert holder.stdout.readline() == b"held\n"
    with closing(connect(unlocked)) as db:
        assert leases.take(db, "tracker", home.state, "app", now) is None
        holder.kill()
        holder.communicate()
        lease = leases.take(db, "tracker", home.state, "app", now)
        assert lease is not None
        lease.release(db)


def test_a_backup_that_was_killed_is_no_backup(home: Home, unlocked: Unlocked, now: datetime) -> None:
    with closing(connect(unlocked)) as db:
        keeping.back_up(db, home, Config(), now)
        (home.backups / "coach-20261121-100000.partial").write_bytes(b"half of one")
        assert [p.name for p in keeping.backups(home)] == ["coach-20261120-100000.db"]
        assert keeping.back_up(db, home, Config(), datetime(2026, 11, 21, 10, tzinfo=UTC)).name == "coach-20261121-100000.db"
    assert opening.unlock(home_at(home.data.parent), Access(), now) == unlocked
