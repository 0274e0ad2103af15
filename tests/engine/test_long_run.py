"""A Coach that runs for weeks: nights asleep, midnights, clocks that are set, logs that stay small."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config, Home
from coach.core.event import Sample
from coach.engine import activity, categories, clock, jobs, logs, runtime, tracking
from coach.store import leases, rollups
from coach.store.db import Connection, Unlocked
from coach.tracker import loop
from coach.tracker.privacy import Privacy
from coach.tracker.probe import Finding

EVENING = datetime(2026, 10, 24, 18, 0, tzinfo=UTC)
"""A Saturday in Berlin; the clocks go back in the night that follows."""
HOUR = 3600.0


class World:
    """Both clocks of a machine, moved by whoever waits. `sets` and `sleeps`: what happens after so many seconds awake."""

    name, polls = "fake", True

    def __init__(self, sets: dict[float, float], sleeps: dict[float, float], end_s: float) -> None:
        self.awake_s = self.ahead_s = 0.0
        self.due = sorted([*sets.items(), *sleeps.items()])
        self.end_s = end_s
        self.stop = threading.Event()

    def wall(self) -> datetime:
        return EVENING + timedelta(seconds=self.awake_s + self.ahead_s)

    def monotonic(self) -> float:
        return self.awake_s

    def wait(self, stop: object, timeout_s: float = 0.0) -> bool:
        seconds = timeout_s or float(stop)  # type: ignore[arg-type]
        self.awake_s += max(seconds, 0.05)
        while self.due and self.due[0][0] <= self.awake_s:
            self.ahead_s += self.due.pop(0)[1]
        if self.awake_s >= self.end_s:
            self.stop.set()
        return False

    def sample(self, now: datetime) -> Sample:
        return Sample(now, "x11", "code", f"file {int(self.awake_s // 1800)}.py", "", "coach", 0.0)

    def wake(self) -> None: ...

    def close(self) -> None: ...


def lived(world: World, db: Connection, config: Config, tz: ZoneInfo) -> None:
    rules = categories.load(db, config)
    finding = Finding("fake", True, "made up")
    loop.run(
        lambda: (world, [finding]), lambda beats, pulse_s: activity.record(db, beats, pulse_s, rules, tz), Privacy,
        world.stop, lambda: False, 60.0, 300.0, clock=world,  # type: ignore[arg-type, return-value]
    )
    activity.roll(db, rules, world.wall())


def per_day(db: Connection) -> dict[str, float]:
    found: dict[str, float] = {}
    for row in rollups.by_day(db, EVENING.date() - timedelta(days=3), EVENING.date() + timedelta(days=9)):
        found[row["day"]] = found.get(row["day"], 0.0) + row["ms"] / 1000
    return found


def test_nights_asleep_and_midnights_make_no_time_and_lose_none(db: Connection, config: Config, tz: ZoneInfo) -> None:
    # 20:00 to 2:30, asleep while the clocks change, 10:30 to 14:30, asleep, 2:30 to 6:30 on Monday.
    world = World({}, {6.5 * HOUR: 9 * HOUR, 10.5 * HOUR: 12 * HOUR}, 14.5 * HOUR)
    lived(world, db, config, tz)
    line = activity.timeline_between(db, EVENING - timedelta(days=1), world.wall() + timedelta(days=1))
    total = sum(e.duration_s for e in line)
    assert 14.5 * HOUR - 4 * 60 <= total <= 14.5 * HOUR  # each sleep may cost the minute before it
    assert all(a.end <= b.start for a, b in itertools.pairwise(line))
    # Days begin at 4:00: what comes after midnight is Saturday's, and Sunday's.
    assert [round(s / HOUR, 1) for s in per_day(db).values()] == pytest.approx([6.5, 5.5, 2.5], abs=0.1)


def test_clocks_that_are_set_make_no_time(db: Connection, config: Config, tz: ZoneInfo) -> None:
    # An hour ahead, and back; a day ahead, and back; twenty minutes back.
    sets = {1 * HOUR: HOUR, 2 * HOUR: -HOUR, 3 * HOUR: 24 * HOUR, 4 * HOUR: -24 * HOUR, 5 * HOUR: -0.3 * HOUR}
    world = World(sets, {}, 8 * HOUR)
    lived(world, db, config, tz)
    line = activity.timeline_between(db, EVENING - timedelta(days=2), EVENING + timedelta(days=3))
    total = sum(e.duration_s for e in line)
    assert total <= 8 * HOUR
    assert total >= 5 * HOUR
    assert all(a.end <= b.start for a, b in itertools.pairwise(line))
    assert all(s <= 25 * HOUR for s in per_day(db).values())


@pytest.mark.parametrize(("step_s", "woken"), [(-7200.0, True), (7200.0, False), (-1.0, False)])
def test_only_a_clock_that_is_set_back_wakes_the_jobs(
    home: Home, unlocked: Unlocked, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch, step_s: float, woken: bool
) -> None:
    real, begun = time.time, time.monotonic()
    monkeypatch.setattr(runtime, "CLOCK_S", 0.02)
    monkeypatch.setattr(runtime.time, "time", lambda: real() + (step_s if time.monotonic() > begun + 0.1 else 0.0))
    live = runtime.Runtime(Config(), home, tz, unlocked)
    heard: list[datetime] = []
    waiting = threading.Thread(target=runtime._wait, args=(live, heard.append))
    waiting.start()
    if woken:
        until(lambda: heard)
    time.sleep(0.2)
    live.stop.set()
    waiting.join(5)
    assert len(heard) == woken


def test_a_long_run_follows_the_zone_it_is_carried_into(
    home: Home, unlocked: Unlocked, tz: ZoneInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "CLOCK_S", 0.02)
    live = runtime.Runtime(Config(), home, tz, unlocked)
    waiting = threading.Thread(target=runtime._wait, args=(live, lambda _: None))
    waiting.start()
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    until(lambda: live.tz.key == "Asia/Kolkata")
    monkeypatch.setenv("TZ", "Mars/Base")  # one that nobody knows leaves the last one
    time.sleep(0.2)
    live.stop.set()
    waiting.join(5)
    assert live.tz.key == "Asia/Kolkata"


def test_jobs_that_wait_for_a_far_hour_run_when_woken() -> None:
    from apscheduler.schedulers.background import BackgroundScheduler

    ran = threading.Event()
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(ran.set, "interval", hours=1, next_run_time=datetime.now(UTC) + timedelta(hours=2))
    scheduler.start()
    try:
        jobs.wake(jobs.Jobs(scheduler, ExitStack()), datetime.now(UTC))
        assert ran.wait(5)
    finally:
        scheduler.shutdown()


def test_a_tracker_that_waits_takes_over(
    home: Home, unlocked: Unlocked, db: Connection, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime, "RETRY_S", 0.1)
    monkeypatch.setattr(tracking, "run", lambda *_: None)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    other = leases.take(db, "tracker", home.state, "app", now)
    assert other
    begun, stop = threading.Event(), threading.Event()
    waiting = threading.Thread(target=runtime.headless, args=(Config(), home, unlocked, stop, begun.set), kwargs={"wait": True})
    waiting.start()
    assert not begun.wait(1.4)
    other.release(db)
    assert begun.wait(5)
    waiting.join(10)
    # And one that is stopped while it waits just ends.
    held = leases.take(db, "tracker", home.state, "app", clock.now())
    assert held
    stop.set()
    runtime.headless(Config(), home, unlocked, stop, wait=True)
    held.release(db)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_log_stays_small_and_keeps_the_newest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 3000)
    with logs.kept(tmp_path):
        for n in range(500):
            logging.getLogger("coach.test").info("line %d", n)
    now, before = tmp_path / "coach.log", tmp_path / "coach.log.1"
    assert now.stat().st_size <= 3100
    assert before.stat().st_size <= 3100
    assert sorted(p.name for p in tmp_path.iterdir()) == ["coach.log", "coach.log.1"]
    assert logs.last_lines(tmp_path, 1)[0].endswith("line 499")
    kept = [int(line.split()[-1]) for line in (before.read_text() + now.read_text()).splitlines()]
    assert kept == list(range(kept[0], 500))


def _write(folder: Path, name: str, most: int) -> None:
    logs.MAX_BYTES = most
    with logs.kept(folder):
        for n in range(400):
            logging.getLogger("coach.test").info("%s %d", name, n)


def test_processes_share_a_log_that_stays_small(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(tmp_path, name, 5000)) for name in ("one", "two", "three")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
        assert writer.exitcode == 0
    assert (tmp_path / "coach.log").stat().st_size <= 5500
    assert (tmp_path / "coach.log.1").stat().st_size <= 5500
    assert len(list(tmp_path.iterdir())) == 2


def test_a_log_that_was_taken_away_begins_anew(tmp_path: Path) -> None:
    log = logging.getLogger("coach.test")
    with logs.kept(tmp_path):
        log.info("first")
        (tmp_path / "coach.log").unlink()
        log.info("second")
    assert (tmp_path / "coach.log").read_text().endswith("second\n")
    assert logs.last_lines(tmp_path / "nowhere", 5) == []
