"""What Coach said, in the app: the toast names the key, and a key answers the line under the cursor."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from coach.core.nudge import Nudge
from coach.engine import clock, nudging, tasks
from coach.engine.runtime import Runtime
from coach.store import nudges
from coach.store.db import Connection
from coach.tui.app import CoachApp
from coach.tui.widgets.nudge import NudgeCard
from coach.tui.widgets.nudges import NudgeList, NudgesDialog
from coach.tui.widgets.paint import Words
from coach.tui.widgets.tasklist import TaskList
from tests.tui.driving import press, running, settled


@pytest.fixture
def said(runtime: Runtime, db: Connection) -> list[str]:
    """Two lines, the newer one about a task."""
    now = clock.now()
    task = tasks.add(db, "Pay the rent", runtime.config, now, runtime.tz)
    older = Nudge("aaaa1", now - timedelta(hours=2), "break_due", "neutral", "coach", "bank", "A break is due.")
    newer = Nudge("bbbb2", now, "overdue_one", "neutral", "coach", "bank", "Pay the rent is late.", task.id)
    for one in (older, newer):
        nudges.insert(db, replace(one, channel="toast", status="shown"))
    return [task.id]


async def test_a_key_does_what_it_says_to_the_task_of_the_line(runtime: Runtime, db: Connection, said: list[str]) -> None:
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "!")
        assert isinstance(pilot.app.screen, NudgesDialog)
        assert pilot.app.screen.query_one(NudgeList).render_line(0).text.split()[3:5] == ["shown", "Pay"]
        await press(pilot, "s")
        started = tasks.find(db, said[0])
        assert started.started is not None
        await press(pilot, "4", "escape")
        assert [(n.status, n.rating) for n in nudging.history(db)] == [("started", 4), ("shown", None)]


async def test_a_line_about_no_task_is_not_done_but_can_be_called_unhelpful(
    runtime: Runtime, db: Connection, said: list[str],
) -> None:
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "!", "j", "d")
        assert nudging.history(db)[1].status == "shown"
        await press(pilot, "x")
        assert (nudging.history(db)[1].status, nudging.history(db)[1].useful) == ("dismissed", False)
        assert "not helpful" in pilot.app.screen.query_one(NudgeList).render_line(1).text


async def test_without_a_line_the_panel_says_when_one_comes(runtime: Runtime) -> None:
    async with running(CoachApp(runtime)) as pilot:
        await press(pilot, "!")
        whole = pilot.app.screen.query_one("#whole", Words)
        assert "Nothing was said yet" in "".join(text for line in whole.lines(90, 3) for text, _ in line)


async def test_the_toast_names_the_key_that_answers_it(runtime: Runtime, db: Connection, said: list[str]) -> None:
    async with running(CoachApp(runtime)) as pilot:
        assert runtime.deliver is not None
        assert runtime.deliver(nudging.history(db)[0]) == "toast"
        await settled(pilot)
        assert [n.message for n in pilot.app._notifications] == ["Pay the rent is late.\n! answers it"]


async def test_a_long_line_leaves_room_for_the_tasks(runtime: Runtime, db: Connection) -> None:
    now = clock.now()
    for number in range(6):
        tasks.add(db, f"Task {number} today", runtime.config, now, runtime.tz)
    digest = Nudge("cccc3", now, "weekly_digest", "neutral", "coach", "bank", "Of your week all this is to be told. " * 12)
    nudges.insert(db, replace(digest, channel="toast", status="shown"))
    async with running(CoachApp(runtime), size=(80, 24)) as pilot:
        assert pilot.app.screen.query_one(TaskList).size.height >= 6
        card = pilot.app.screen.query_one(NudgeCard)
        assert "! shows all" in card.render_line(card.size.height - 1).text
