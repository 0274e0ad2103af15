"""A running Coach in this process: roles, tracking with a made-up probe, pause, take-over, headless."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home
from coach.core.errors import Busy, InvalidInput
from coach.core.event import Sample
from coach.engine import activity, clock, logs, runtime, tracking
from coach.engine import status as status_engine
from coach.store import leases
from coach.store.db import Connection, Unlocked
from coach.tracker import probe
from coach.tracker.probe import Finding


class Front:
    """A probe that sees what the test puts in front; `broken` makes it fail."""

    name = "tmux"
    polls = True

    def __init__(self) -> None:
        self.app = "nano"
        self.broken = False

    def sample(self, now: datetime) -> Sample | None:
        if self.broken:
            raise OSError("planted-secret")
        return Sample(now, self.name, self.app, "", "", "coach")

    def wait(self, timeout_s: float) -> bool:
        time.sleep(min(timeout_s, 0.02))
        return False

    def wake(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def front(monkeypatch: pytest.MonkeyPatch) -> Front:
    seen = Front()
    monkeypatch.setattr(probe, "choose", lambda names, environ: (seen, [Finding("tmux", True, "made up")]))
    monkeypatch.setattr(runtime, "RETRY_S", 0.2)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    return seen


@pytest.fixture
def fast() -> Config:
    from coach.config import TrackingConfig

    return Config(tracking=TrackingConfig(interval_s=0.25))


def until(true: Callable[[], object], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def recorded(db: Connection) -> list[str]:
    now = datetime.now(UTC)
    return [e.app for e in activity.log(db, now - timedelta(hours=1), now + timedelta(hours=1))]


def test_nothing_is_tracked_without_consent_and_then_it_is(
    front: Front, fast: Config, home: Home, unlocked: Unlocked, db: Connection, now: datetime
) -> None:
    with runtime.running(fast, home, unlocked, jobs=False) as running:
        time.sleep(1.0)
        assert (running.tracking, recorded(db)) == ("off", [])
        tracking.set_consent(db, True, now)
        until(lambda: recorded(db) == ["nano"])
        assert running.tracking == "on"
        assert status_engine.status(db, home, fast, datetime.now(UTC)).holder == "app"
        tracking.pause(db, datetime.now(UTC))
        until(lambda: running.tracking == "paused")
        front.app = "secret-app"
        time.sleep(0.8)
        assert recorded(db) == ["nano"]
        front.app = "vim"
        tracking.resume(db)
        until(lambda: recorded(db) == ["nano", "vim"])
    assert leases.row(db, "tracker") is None


def test_new_time_is_kept_by_the_clock_of_where_one_is(
    front: Front, fast: Config, home: Home, unlocked: Unlocked, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking, "ROLL_S", 0.0)
    tracking.set_consent(db, True, now)
    with runtime.running(fast, home, unlocked, jobs=False):
        until(lambda: recorded(db) == ["nano"])
        monkeypatch.setenv("TZ", "Asia/Kolkata")
        lived = "SELECT c.app, t.offset_min FROM timeline t JOIN context c ON c.id = t.context ORDER BY t.start_ms"
        # The roll-ups follow, and with them the zone.
        until(lambda: [tuple(r) for r in db.execute(lived)][-1:] == [("nano", 330)])
        front.app = "vim"
        until(lambda: recorded(db) == ["nano", "vim"])
        until(lambda: db.execute(lived).fetchall()[-1][0] == "vim")
    rows = [tuple(r) for r in db.execute(lived)]
    here = rows[0][1]
    assert here in (60, 120)  # Berlin in winter or summer
    assert rows == [("nano", here), ("nano", 330), ("vim", 330)]  # then Kolkata, in the same window too


def test_a_failing_probe_leaves_a_gap_and_no_words(
    front: Front, fast: Config, home: Home, unlocked: Unlocked, db: Connection, now: datetime
) -> None:
    tracking.set_consent(db, True, now)
    with runtime.running(fast, home, unlocked, jobs=False) as running:
        until(lambda: recorded(db))
        front.broken = True
        until(lambda: running.health and running.health.errors)
        front.broken = False
        until(lambda: running.health and running.health.probe == "tmux")
    log = (home.state / "coach.log").read_text(encoding="utf-8")
    assert "probe tmux failed" in log
    assert "planted-secret" not in log


def test_an_app_takes_over_when_the_other_tracker_ends(
    front: Front, fast: Config, home: Home, unlocked: Unlocked, db: Connection, now: datetime
) -> None:
    tracking.set_consent(db, True, now)
    other = leases.take(db, "tracker", home.state, "track", now)
    assert other
    with runtime.running(fast, home, unlocked, jobs=False) as running:
        until(lambda: running.tracking == "elsewhere")
        time.sleep(0.8)
        assert recorded(db) == []
        other.release(db)
        until(lambda: running.tracking == "on")
        until(lambda: recorded(db) == ["nano"])


def test_headless_runs_jobs_too_and_a_second_one_is_refused(
    front: Front, fast: Config, home: Home, unlocked: Unlocked, db: Connection, now: datetime
) -> None:
    tracking.set_consent(db, True, now)
    stop = threading.Event()
    thread = threading.Thread(target=runtime.headless, args=(fast, home, unlocked, stop))
    thread.start()
    try:
        until(lambda: recorded(db))
        until(lambda: status_engine.status(db, home, fast, datetime.now(UTC)).jobs == "track")
        with pytest.raises(Busy, match="tracking already"):
            runtime.headless(fast, home, unlocked, threading.Event())
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert not leases.held(home.state, "tracker")
    assert not leases.held(home.state, "jobs")


def test_a_look_records_nothing(front: Front, fast: Config, db: Connection, tz: ZoneInfo) -> None:
    seen, findings = tracking.look(db, fast, tz)
    assert seen is not None
    assert (seen.app, seen.project, seen.category) == ("nano", "coach", "Work > Programming")
    assert findings[0].ok
    assert recorded(db) == []


def test_the_clock_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACH_NOW", "2026-01-02T03:04:05Z")
    assert clock.now() == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    monkeypatch.setenv("COACH_NOW", "tomorrow")
    with pytest.raises(InvalidInput):
        clock.now()


def test_the_zone_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from coach.config import TimeConfig

    assert clock.local_zone(Config()).key == "Europe/Berlin"
    assert clock.local_zone(Config(time=TimeConfig(time_zone="Asia/Kolkata"))).key == "Asia/Kolkata"
    with pytest.raises(InvalidInput, match="unknown time zone"):
        clock.local_zone(Config(time=TimeConfig(time_zone="Mars/Base")))
    monkeypatch.setenv("TZ", ":/usr/share/zoneinfo/America/New_York")
    assert clock.local_zone(Config()).key == "America/New_York"
    monkeypatch.delenv("TZ")
    here = clock.local_zone(Config()).key
    assert here
    monkeypatch.setenv("TZ", ":/etc/localtime")
    assert clock.local_zone(Config()).key == here
    monkeypatch.delenv("TZ")
    monkeypatch.setattr(clock, "_system_zone", lambda: "")
    assert clock.local_zone(Config()).key == "UTC"


def test_an_error_is_logged_by_kind_and_place(tmp_path: Path) -> None:
    try:
        tracking.parse_duration_min("planted-secret")
    except InvalidInput as error:
        place = logs.place(error)
    assert place.startswith("InvalidInput at ")
    assert "planted-secret" not in place
