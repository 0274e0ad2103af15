"""The Plan screen by its keys, against the blocks that they change."""

from __future__ import annotations

from datetime import datetime

import pytest

from coach.engine.runtime import Runtime
from coach.store import blocks
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.widgets.blocks import BlockGrid
from tests.engine import filled
from tests.tui.driving import Add, press, running, toasts


@pytest.fixture
def now() -> datetime:
    return filled.NOW


class PlanApp(CoachApp):
    DEFAULT_MODE = "plan"


def words(app: CoachApp, selector: str) -> list[str]:
    widget = app.screen.query_one(selector)
    return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]


async def test_an_empty_plan_says_which_key_makes_one(runtime: Runtime) -> None:
    async with running(PlanApp(runtime)) as pilot:
        assert "Nothing is planned yet." in words(pilot.app, "#why")[0]
        await press(pilot, "y")
        assert toasts(pilot.app) == ["No block is selected here"]


async def test_r_plans_and_y_accepts_the_block_under_the_cursor(runtime: Runtime, db: Connection, add: Add) -> None:
    add("Write the report ~60m due:2026-11-21")
    async with running(PlanApp(runtime)) as pilot:
        await press(pilot, "r")
        assert toasts(pilot.app)[-1] == "1 block proposed, every task has its place"
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
        assert toasts(pilot.app)[-1].startswith("a block cannot begin before now")


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
        await press(pilot, "l")
        assert "Fri 20" in words(pilot.app, "#grid")[0]


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
