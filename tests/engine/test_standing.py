"""Which accepted blocks still hold their time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from coach.engine import block_moves, plan_horizon, planning, tasks
from coach.engine.standing import standing
from coach.store import blocks
from tests.engine.test_planning import add


def test_the_block_of_a_finished_task_holds_nothing(db, config, now, tz) -> None:
    first = add(db, "Write the essay ~60m tomorrow p1", config, now, tz)
    (held,) = planning.replan(db, config, now, tz, 3).plan.blocks
    planning.accept(db, [held.id], now)
    assert [b.id for b in standing(db, now)] == [held.id]
    tasks.done(db, [tasks.find(db, first.id)], now)
    assert standing(db, now) == []
    second = add(db, "Read the paper ~60m tomorrow p1", config, now, tz)
    (offered,) = planning.replan(db, config, now, tz, 3).plan.blocks
    there = replace(offered, start=held.start, end=held.end)
    assert planning.overlap(there, held)
    block_moves.move(db, config, offered.id, int((held.start - offered.start).total_seconds() // 60) + 15, now, tz)
    block_moves.move(db, config, offered.id, -15, now, tz)
    (stands,) = standing(db, now)
    assert (stands.task_id, stands.start) == (second.id, held.start)


def test_the_block_of_a_deleted_task_is_jumped_over_by_nobody(db, config, now, tz) -> None:
    first = add(db, "Write the essay ~60m tomorrow p1", config, now, tz)
    (held,) = planning.replan(db, config, now, tz, 3).plan.blocks
    planning.accept(db, [held.id], now)
    tasks.delete(db, [tasks.find(db, first.id)], now)
    add(db, "Read the paper ~60m tomorrow p1", config, now, tz)
    (offered,) = planning.replan(db, config, now, tz, 3).plan.blocks
    assert offered.start == held.start
    assert [b.status for b in planning.accept(db, [offered.id], now)] == ["accepted"]


def test_an_occurrence_that_is_done_gives_its_time_back(db, config, now, tz) -> None:
    series = add(db, "Water the plants ~30m every day at 18:00", config, now, tz)
    (held, *_) = planning.replan(db, config, now, tz, 3).plan.blocks
    planning.accept(db, [held.id], now)
    before = held.start - timedelta(minutes=15)
    assert [b.id for b in standing(db, before)] == [held.id]
    tasks.done(db, [tasks.find(db, series.id)], before)
    assert tasks.find(db, series.id).status == "pending"
    assert standing(db, before) == []


def test_the_horizon_is_that_of_the_last_block_from_today_on(db, config, now, tz) -> None:
    add(db, "Write the essay ~60m", config, now, tz)
    planning.replan(db, config, now, tz, 6)
    days = plan_horizon.shown_days(db, config, now, tz)
    assert days >= 6
    assert plan_horizon.shown_days(db, config, now + timedelta(days=2), tz) == days - 2
    assert blocks.last_start(db, now + timedelta(days=30)) is None
