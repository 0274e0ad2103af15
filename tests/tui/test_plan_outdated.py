"""What the app says and does once the plan that it shows no longer holds."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from textual.pilot import Pilot

from coach.config import PlanConfig
from coach.core.plan import Block
from coach.core.when import iso
from coach.engine import planning, tasks
from coach.engine.runtime import Runtime
from coach.store import blocks
from coach.store.db import Connection
from coach.tui import anew
from tests.engine.test_planning import meeting
from tests.tui.driving import Add, CoachApp, press, running, settled, toasts
from tests.tui.test_plan_screen import PlanApp, words


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anew, "SETTLE_S", 0.01)


def asking(runtime: Runtime) -> Runtime:
    runtime.config = replace(runtime.config, plan=PlanConfig(replan="ask"))
    return runtime


def planned(runtime: Runtime, db: Connection, now: datetime, accept: bool = False) -> Block:
    made = planning.replan(db, runtime.config, now, runtime.tz)
    if accept:
        planning.apply(db, made, now)
    return made.plan.blocks[0]


def said(app: CoachApp, selector: str) -> str:
    return " ".join(" ".join(words(app, selector)).split())


@asynccontextmanager
async def elsewhere(pilot: Pilot[int], runtime: Runtime) -> AsyncIterator[Connection]:
    """Another process writes to the store, and the app looks."""
    await pilot.app._poll()
    with closing(runtime.connect()) as shell:
        yield shell
    await pilot.app._poll()
    await settled(pilot)


async def rest(pilot: Pilot[int]) -> None:
    """Until a plan that nobody asked for is made, where one is to be."""
    for _ in range(10):
        await pilot.pause(0.01)
    await settled(pilot)


async def test_an_event_from_elsewhere_over_an_accepted_block_is_said_and_r_offers_another_time(
    runtime: Runtime, db: Connection, add: Add, now: datetime,
) -> None:
    add("Document audit logs ~60m")
    block = planned(runtime, db, now, accept=True)
    async with running(PlanApp(runtime), (200, 60)) as pilot:
        assert said(pilot.app, "#outdated") == ""
        async with elsewhere(pilot, runtime) as shell:
            meeting(shell, block.start, block.end, now)
        line = said(pilot.app, "#outdated")
        assert line.endswith("offers another time")
        assert '"Board" lies over "Document audit logs"' in line
        assert "UTC" not in line
        await rest(pilot)
        assert [b.start for b in blocks.with_status(db, "accepted")] == [block.start]  # nothing moves without the person's word
        await press(pilot, "r")
        assert "1 accepted block given back, u takes it back" in said(pilot.app, "#said")
        assert [b.status for b in blocks.of_task(db, block.task_id)] == ["rejected", "proposed"]
        assert said(pilot.app, "#outdated") == ""
        await press(pilot, "u")
        assert [b.start for b in blocks.with_status(db, "accepted")] == [block.start]


async def test_accepted_blocks_that_went_by_are_said_on_plan_and_today(
    runtime: Runtime, db: Connection, add: Add, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("One", "Two"):
        add(f"{name} ~60m")
    planned(runtime, db, now, accept=True)
    monkeypatch.setenv("COACH_NOW", str(iso(now + timedelta(hours=5))))
    async with running(PlanApp(runtime), (200, 60)) as pilot:
        assert "2 accepted blocks went by and their tasks are still open. r plans anew" in said(pilot.app, "#outdated")
        await press(pilot, "1")
        assert "2 accepted blocks went by and their tasks are still open. 3 r plans anew" in said(pilot.app, "#now")
        await press(pilot, "3", "r")
        assert len(blocks.with_status(db, "proposed")) == 2
        assert said(pilot.app, "#outdated") == ""
        await press(pilot, "1")
        assert "no longer holds" not in said(pilot.app, "#now")


async def test_proposals_under_a_new_event_are_laid_anew_unasked_and_one_line_says_so(
    runtime: Runtime, db: Connection, add: Add, now: datetime,
) -> None:
    add("Report ~60m")
    block = planned(runtime, db, now)
    async with running(PlanApp(runtime), (200, 60)) as pilot:
        async with elsewhere(pilot, runtime) as shell:
            meeting(shell, block.start, block.end, now)
        await rest(pilot)
        assert toasts(pilot.app)[0].startswith('Planned anew, "Board" lies over "Report" (')
        (moved,) = blocks.with_status(db, "proposed")
        assert moved.start >= block.end
        await settled(pilot)
        assert said(pilot.app, "#outdated") == ""
        async with elsewhere(pilot, runtime) as shell:
            meeting(shell, moved.start, moved.end, now)
        await rest(pilot)
        assert "no longer holds" in said(pilot.app, "#outdated")
        assert [b.start for b in blocks.with_status(db, "proposed")] == [moved.start]  # once in a few minutes is often enough


@pytest.mark.parametrize("why", ["ask", "touched", "dialog"])
async def test_nothing_is_laid_anew_unasked_where(runtime: Runtime, db: Connection, add: Add, now: datetime, why: str) -> None:
    """The setting asks, the person's hand was on a block, or a dialog is open."""
    add("Report ~60m")
    block = planned(runtime, db, now)
    with closing(runtime.connect()) as shell:
        meeting(shell, block.start, block.end, now)
    app = PlanApp(asking(runtime) if why == "ask" else runtime)
    if why == "touched":
        app.unasked.touched_s = time.monotonic() - anew.REST_S + 5
    if why == "dialog":
        app.unasked.touched_s = time.monotonic()
    async with running(app, (200, 60)) as pilot:
        assert said(app, "#outdated").endswith("r plans anew")
        if why == "dialog":
            await press(pilot, "i")
            app.unasked.touched_s = float("-inf")
            anew.follow(app, app.page.view.outdated)
        await rest(pilot)
        assert [b.start for b in blocks.with_status(db, "proposed")] == [block.start]
        assert toasts(app) == []


@pytest.mark.parametrize("asked", [False, True])
async def test_a_key_on_a_block_ends_the_search_for_a_plan(
    runtime: Runtime, db: Connection, add: Add, now: datetime, monkeypatch: pytest.MonkeyPatch, asked: bool,
) -> None:
    """Both the one that nobody asked for and the one that the person did."""
    add("Report ~60m")
    block = planned(runtime, db, now)
    if not asked:
        with closing(runtime.connect()) as shell:
            meeting(shell, block.start + timedelta(minutes=15), block.end, now)
    solve, began = planning.solve, []

    def slow(instance, seed=0, *, progress=None, cancelled=None):
        began.append(time.monotonic())
        while not cancelled() and time.monotonic() - began[0] < 5:
            time.sleep(0.005)
        return solve(instance, seed, progress=progress, cancelled=cancelled)

    monkeypatch.setattr(planning, "solve", slow)
    app = PlanApp(runtime)
    async with app.run_test(size=(200, 60)) as pilot:
        if asked:
            await settled(pilot)
            await pilot.press("r")
        for _ in range(400):
            if began:
                break
            await pilot.pause(0.01)
        assert began
        await pilot.press("y")
        await settled(pilot)
        assert time.monotonic() - began[0] < 4
        assert [b.start for b in blocks.with_status(db, "accepted")] == [block.start]
        assert blocks.with_status(db, "proposed") == []
        assert "Accepted" in said(app, "#said")
        assert toasts(app) == []


async def test_an_early_finish_in_the_shell_needs_no_word_where_nothing_moves(
    runtime: Runtime, db: Connection, add: Add, now: datetime,
) -> None:
    first, second = add("First due:2026-11-19T14:00 ~60m"), add("Second ~60m")
    planned(runtime, db, now)
    stays = [b for b in blocks.with_status(db, "proposed") if b.task_id == second.id]
    async with running(PlanApp(runtime), (200, 60)) as pilot:
        async with elsewhere(pilot, runtime) as shell:
            tasks.done(shell, [first], now + timedelta(minutes=1))
        await rest(pilot)
        assert said(pilot.app, "#outdated") == ""
        left = blocks.with_status(db, "proposed")
        assert [b.task_id for b in left] == [second.id]
        assert bool(toasts(pilot.app)) == ([b.start for b in left] != [b.start for b in stays])
