"""What the days of the plan can hold, and by when it is too little."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coach.config import Config
from coach.engine import plan_instance, planning, tasks
from coach.engine.plan_load import Load, load
from coach.store import blocks
from coach.store.db import Connection
from tests.engine import filled

FRIDAY = date(2026, 11, 20)


@pytest.fixture
def now() -> datetime:
    return filled.NOW


def loaded(db: Connection, now: datetime, tz: ZoneInfo) -> Load:
    return load(db, plan_instance.given(db, Config(), now, tz, 4))


def test_work_that_is_due_is_held_against_the_time_until_then(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    tasks.add(db, "Easy ~60m due:2026-11-20", Config(), now, tz)
    easy = loaded(db, now, tz)
    assert (easy.short_day, easy.need_min, easy.holds) == (None, 60, True)
    free = sum(d.free_min for d in easy.days if d.day <= FRIDAY)
    tasks.add(db, f"Huge ~{free}m due:2026-11-20", Config(), now, tz)
    short = loaded(db, now, tz)
    assert (short.short_day, short.short_min, short.holds) == (FRIDAY, 60, False)


def test_what_is_overdue_is_late_not_short(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    tasks.add(db, "Late ~20h due:2026-11-02", Config(), now, tz)
    found = loaded(db, now, tz)
    assert (found.short_day, found.late_min) == (None, 1200)


def test_an_accepted_block_is_work_not_time_that_is_gone(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    tasks.add(db, "Write ~60m due:2026-11-20", Config(), now, tz)
    before = loaded(db, now, tz)
    made = planning.replan(db, Config(), now, tz)
    planning.apply(db, made, now)
    after = loaded(db, now, tz)
    assert (after.free_min, after.need_min) == (before.free_min, before.need_min)
    assert sum(d.planned_min for d in after.days) == 60
    (block,) = blocks.with_status(db, "accepted")
    assert all(d.planned_min == 0 for d in after.days if d.day != block.start.astimezone(tz).date())
    assert after.free_min > 0
    assert now + timedelta(days=4) > block.start


def test_what_is_done_is_no_load_ahead(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    first, second = (tasks.add(db, f"{name} ~60m", Config(), now, tz) for name in ("Write", "Read"))
    planning.replan(db, Config(), now, tz)
    assert sum(d.planned_min for d in loaded(db, now, tz).days) == 120
    tasks.done(db, [first], now)
    assert sum(d.planned_min for d in loaded(db, now, tz).days) == 60
    planning.accept(db, [b.id for b in blocks.with_status(db, "proposed") if b.task_id == second.id], now)
    tasks.done(db, [tasks.find(db, second.id)], now)
    found = loaded(db, now, tz)
    assert (sum(d.planned_min for d in found.days), found.need_min) == (0, 0)


def test_the_block_of_an_occurrence_that_is_done_is_no_load(db: Connection, now: datetime, tz: ZoneInfo) -> None:
    series = tasks.add(db, "Stretch every day 15:00 ~30m", Config(), now, tz)
    planning.apply(db, planning.replan(db, Config(), now, tz), now)
    before = sum(d.planned_min for d in loaded(db, now, tz).days)
    tasks.done(db, [series], now)
    assert sum(d.planned_min for d in loaded(db, now, tz).days) == before - 30
