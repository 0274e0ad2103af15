"""The Plan screen by its keys, against the blocks that they change."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from textual.widgets import Static

from coach.core.plan import Block, Instance, Plan
from coach.engine import planning
from coach.engine.runtime import Runtime
from coach.store import blocks
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.widgets.blocks import BlockGrid
from tests.engine import filled
from tests.tui.driving import Add, press, running, toasts, type_text


@pytest.fixture
def now() -> datetime:
    return filled.NOW


class PlanApp(CoachApp):
    DEFAULT_MODE = "plan"


def words(app: CoachApp, selector: str) -> list[str]:
    widget = app.screen.query_one(selector)
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


def said(app: CoachApp) -> str:
    return " ".join(line.strip() for line in words(app, "#said")).strip()


async def test_an_empty_plan_says_which_key_makes_one(runtime: Runtime) -> None:
    async with running(PlanApp(runtime)) as pilot:
        assert "Nothing is planned yet." in words(pilot.app, "#why")[0]
        await press(pilot, "y")
        assert said(pilot.app) == "✗ No block is selected here"
        assert toasts(pilot.app) == []


async def test_r_plans_and_y_accepts_the_block_under_the_cursor(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~60m due:2026-11-21")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        assert said(pilot.app) == "✓ 1 block proposed, every task has its place"
        assert "┆ Write the report" in "\n".join(words(pilot.app, "#grid"))
        assert words(pilot.app, "#why")[0] == "Write the report"
        await press(pilot, "y")
        assert [b.status for b in blocks.with_status(db, "accepted")] == ["accepted"]
        assert "▌ Write the report" in "\n".join(words(pilot.app, "#grid"))
        await press(pilot, "u")
        assert blocks.with_status(db, "accepted") == []


async def test_x_refuses_and_the_block_is_not_offered_there_again(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~60m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        (first,) = blocks.with_status(db, "proposed")
        await press(pilot, "x")
        assert "Write the report" not in "\n".join(words(pilot.app, "#grid"))
        await press(pilot, "r")
        (second,) = blocks.with_status(db, "proposed")
        assert second.start != first.start


async def test_brackets_move_a_block_by_a_quarter(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~60m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        (first,) = blocks.with_status(db, "proposed")
        await press(pilot, "right_square_bracket")
        (moved,) = blocks.with_status(db, "accepted")
        assert (moved.start - first.start).total_seconds() == 900
        await press(pilot, "left_square_bracket", "left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert said(pilot.app) == "✗ a block cannot begin before now"


async def test_capital_y_accepts_all_and_j_goes_from_block_to_block(runtime: Runtime, db: Connection, add: Add) -> None:
    for title in ("One", "Two", "Three"):
        add(f"{title} ~30m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        first = pilot.app.screen.query_one(BlockGrid).selected
        await press(pilot, "j")
        assert pilot.app.screen.query_one(BlockGrid).selected != first
        await press(pilot, "Y")
        assert len(blocks.with_status(db, "accepted")) == 3


async def test_v_shows_one_day_beside_what_happened(runtime: Runtime, db: Connection, add: Add) -> None:
    filled.fortnight(db)
    async with running(PlanApp(runtime), (120, 40)) as pilot:
        assert "What happened" not in words(pilot.app, "#grid")[0]
        await press(pilot, "v")
        assert "What happened" in words(pilot.app, "#grid")[0]
        assert "Programming" in "\n".join(words(pilot.app, "#grid"))
        read = pilot.app.screen.view
        await press(pilot, "l")
        assert "Fri 20" in words(pilot.app, "#grid")[0]
        assert pilot.app.screen.view is read  # with thousands of tasks reading it anew takes most of a second


async def test_what_has_no_place_says_all_of_why(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the whole long report by today ~20h")
    async with running(PlanApp(runtime), (200, 60)) as pilot:
        await press(pilot, "r")
        (left,) = blocks.unplaced(db)
        said = " ".join(" ".join(words(pilot.app, "#unplaced")).split())
        assert left.reason in said
        assert left.would_fit_if in said


async def test_space_completes_the_planned_task(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~60m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r", "y", "space")
        assert "✓ Write the report" in "\n".join(words(pilot.app, "#grid"))


@pytest.mark.parametrize("size", [(20, 5), (60, 20), (200, 60)])
async def test_every_size_draws(runtime: Runtime, add: Add, size: tuple[int, int]) -> None:
    add("Write the report ~60m")
    async with running(PlanApp(runtime), size) as pilot:
        await press(pilot, "r")
        grid = pilot.app.screen.query_one(BlockGrid)
        assert all(len(grid.render_line(y).text) == grid.size.width for y in range(grid.size.height))


async def test_plus_and_minus_change_the_length_and_angles_the_day(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~60m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        (first,) = blocks.with_status(db, "proposed")
        await press(pilot, "plus")
        (longer,) = blocks.with_status(db, "accepted")
        assert (longer.start, longer.minutes) == (first.start, 75)
        await press(pilot, "minus", "minus", "greater_than_sign")
        (moved,) = blocks.with_status(db, "accepted")
        assert (moved.minutes, moved.start - first.start) == (45, timedelta(days=1))
        await press(pilot, "u", "u", "u", "u")
        assert [b.minutes for b in blocks.with_status(db, "proposed")] == [60]
        await press(pilot, "minus", "minus", "minus", "minus")
        assert "a quarter of an hour at least; reject it instead" in said(pilot.app)


async def test_a_day_goes_with_the_block_that_is_moved_to_another(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~30m due:tomorrow")
    add("Read the paper ~30m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r", "v")
        grid = pilot.app.screen.query_one(BlockGrid)
        chosen = grid.selected
        await press(pilot, "greater_than_sign")
        (moved,) = blocks.with_status(db, "accepted")
        assert (moved.id, grid.selected) == (chosen, chosen)
        assert f"{moved.start:%a} {moved.start.day}" in words(pilot.app, "#grid")[0]
        await press(pilot, "less_than_sign", "greater_than_sign")  # the second one, not what stands there besides
        assert (grid.selected, [b.id for b in blocks.with_status(db, "accepted")]) == (chosen, [chosen])


async def test_what_if_shows_the_difference_before_anything_is_done(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~60m p1")
    add("Call the bank ~30m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        before = [(b.task_id, b.start) for b in blocks.with_status(db, "proposed")]
        await press(pilot, "i")
        await type_text(pilot, "nonsense")
        await press(pilot, "enter")
        assert "no change of a block" in str(pilot.app.screen.query_one("#said", Static).content)
        for _ in "nonsense":
            await pilot.press("backspace")
        await type_text(pilot, "skip")
        await press(pilot, "enter")
        while "Nothing has been changed" not in str(pilot.app.screen.query_one("#said", Static).content):
            await pilot.pause(0.01)
        assert any("is gone" in line for line in words(pilot.app, "#difference"))
        assert [(b.task_id, b.start) for b in blocks.with_status(db, "proposed")] == before
        await press(pilot, "enter")
        assert len(blocks.with_status(db, "proposed")) == 1


async def test_a_week_that_cannot_hold_the_work_says_by_when_and_by_how_much(runtime: Runtime, add: Add) -> None:
    for n in range(6):
        add(f"Huge {n} ~8h due:2026-11-20")
    async with running(PlanApp(runtime)) as pilot:
        load = " ".join(words(pilot.app, "#load"))
        assert "Too much:" in load
        assert "more is due by Fri 20 Nov" in load


async def test_the_search_can_be_stopped_and_the_plan_stays(
    runtime: Runtime, db: Connection, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("Write the report ~60m")
    searching = Event()

    def endless(instance: Instance, seed: int = 0, *, progress: Any, cancelled: Callable[[], bool]) -> Plan:
        progress(0.4)
        searching.set()
        while not cancelled():
            time.sleep(0.002)
        return Plan(stopped="cancelled")

    monkeypatch.setattr(planning, "solve", endless)
    async with running(PlanApp(runtime)) as pilot:
        await pilot.press("r")
        while not searching.is_set():
            await pilot.pause(0.01)
        await pilot.pause(0.15)
        assert "Planning" in words(pilot.app, "#working")[0]
        assert "40%" in words(pilot.app, "#working")[0].replace(" %", "%")
        await press(pilot, "escape")
        assert said(pilot.app) == "✓ Stopped; the plan is as it was"
        assert blocks.with_status(db, "proposed") == []


async def test_a_day_gone_by_stands_beside_what_happened(runtime: Runtime, db: Connection, add: Add, now: datetime) -> None:
    filled.fortnight(db)
    task = add("Write the report ~60m")
    start = now.replace(hour=9, minute=0) - timedelta(days=1)
    blocks.replace_proposals(db, [Block("gone", task.id, start, start + timedelta(hours=1))], [], now)
    planning.accept(db, ["gone"], now)
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "v", "h")
        why = " ".join(words(pilot.app, "#why"))
        assert "in 1 block: 0 done" in why
        assert "In this time:" in why


async def test_what_a_move_displaces_is_said_in_one_line_and_undone_with_it(runtime: Runtime, db: Connection, add: Add) -> None:
    start, hour = filled.NOW.replace(day=20, hour=11, minute=0), timedelta(hours=1)
    call, read = add("Call ~60m p1"), add("Read ~60m")
    blocks.replace_proposals(db, [
        Block("call", call.id, start, start + hour), Block("read", read.id, start + 1.25 * hour, start + 2.25 * hour),
    ], [], filled.NOW)
    async with running(PlanApp(runtime)) as pilot:
        before = {b.task_id: (b.start, b.end) for b in blocks.with_status(db, "proposed")}
        await press(pilot, *["right_square_bracket"] * 2)
        (moved,) = blocks.with_status(db, "accepted")
        (other,) = blocks.with_status(db, "proposed")
        assert before[other.task_id] != (other.start, other.end)
        assert said(pilot.app) == (
            f'✓ {moved.start.astimezone(pilot.app.tz):%a %H:%M}-{moved.end.astimezone(pilot.app.tz):%H:%M}; "Read" is now at'
            f" {other.start.astimezone(pilot.app.tz):%a %H:%M}-{other.end.astimezone(pilot.app.tz):%H:%M} · u takes it back")
        assert toasts(pilot.app) == []
        await press(pilot, "u", "u")
        assert {b.task_id: (b.start, b.end) for b in blocks.with_status(db, "proposed")} == before


async def test_a_move_that_breaks_a_limit_wants_its_key_once_more(runtime: Runtime, db: Connection, add: Add) -> None:
    task = add("Write the report ~60m")
    start = filled.NOW.replace(hour=15, minute=0)  # 16:00 to 17:00 in Berlin, when work ends
    blocks.replace_proposals(db, [Block("late", task.id, start, start + timedelta(hours=1))], [], filled.NOW)
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "right_square_bracket")
        assert said(pilot.app) == "▲ Thu 16:15-17:15 would be outside working hours: ] once more does it"
        assert [b.start for b in blocks.with_status(db, "proposed")] == [start]
        await press(pilot, "plus")  # another key asks for itself
        assert "working hours: + once more does it" in said(pilot.app)
        assert blocks.with_status(db, "accepted") == []
        await press(pilot, "right_square_bracket", "right_square_bracket")
        assert [b.start - start for b in blocks.with_status(db, "accepted")] == [timedelta(minutes=15)]
        assert said(pilot.app).startswith("✓ Thu 16:15-17:15, outside working hours")
        assert "▲ it stands outside working hours" in words(pilot.app, "#why")
        await press(pilot, "right_square_bracket")  # what is broken already is not asked about again
        assert said(pilot.app).startswith("✓ Thu 16:30-17:30 ")


async def test_the_number_without_a_place_stands_where_it_is_seen(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the whole long report by today ~20h")
    add("Call the bank ~30m")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        assert "1 without a place, listed below" in " ".join(words(pilot.app, "#load"))


async def test_days_of_a_longer_plan_are_shown_and_a_what_if_keeps_them(
    runtime: Runtime, db: Connection, add: Add, now: datetime,
) -> None:
    add("Write the report ~60m wait:2026-11-27")
    add("Call the bank ~30m")
    config = runtime.config
    assert config.plan.days < 9
    planning.replan(db, config, now, CoachApp(runtime).tz, 9)
    late = max(blocks.with_status(db, "proposed"), key=lambda b: b.start)
    async with running(PlanApp(runtime), (120, 40)) as pilot:
        await press(pilot, "l")
        assert pilot.app.screen.query_one(BlockGrid).selected == late.id
        await press(pilot, "h", "i")
        await type_text(pilot, "skip")
        await press(pilot, "enter")
        while "Nothing has been changed" not in str(pilot.app.screen.query_one("#said", Static).content):
            await pilot.pause(0.01)
        gone = [line for line in words(pilot.app, "#difference") if "is gone" in line]
        assert len(gone) == 1
        assert "Call the bank" in gone[0]
