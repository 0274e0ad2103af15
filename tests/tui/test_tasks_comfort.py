"""What annoys when it is missing: marks that outlive a second thought, subtasks beside their parent, room that is used."""

from __future__ import annotations

from datetime import datetime

import pytest
from textual.widgets import Input, Static

from coach.engine import arranging, tasks
from coach.engine.runtime import Runtime
from coach.engine.task_list import GROUPINGS
from coach.store import tasks as store
from coach.store.db import Connection
from coach.tui.screens.tasks import TasksScreen
from coach.tui.widgets.confirm import Confirm
from coach.tui.widgets.snooze import SnoozePicker
from coach.tui.widgets.tasklist import TaskList
from tests.tui.driving import Add, TasksApp, press, running, settled, toasts, type_text
from tests.tui.test_tasks_keys import count, groups


def line(app: TasksApp, title: str) -> str:
    """The line on the screen that begins with this title."""
    rows = app.page.query_one(TaskList)
    texts = ["".join(s.text for s in rows.render_line(y)) for y in range(rows.size.height)]
    return next(text for text in texts if title in text)


@pytest.mark.parametrize("keys", [("z",), ("d",), ("space",)])
async def test_marks_stay_when_a_dialog_is_left(
    runtime: Runtime, add: Add, db: Connection, now: datetime, keys: tuple[str]
) -> None:
    party = add("Party")
    arranging.add_below(db, party, "Cake", runtime.config, now, runtime.tz)
    add("Walk")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "v", "j", "v", *keys)
        assert isinstance(pilot.app.screen, SnoozePicker | Confirm)
        await press(pilot, "escape")
        assert count(pilot.app).endswith("2 marked")
        await press(pilot, *keys, "enter")
        assert "marked" not in count(pilot.app)


async def test_a_subtask_without_a_day_stands_below_its_parent_in_every_grouping(runtime: Runtime, add: Add) -> None:
    add("Party tomorrow #fun p1")
    add("Cake parent:1")
    add("Candles parent:2")
    add("Invite parent:1 today #mail p3")
    add("Walk")
    async with running(TasksApp(runtime)) as pilot:
        seen = {}
        for name in GROUPINGS:
            seen[name] = groups(pilot.app)
            await press(pilot, "o")
        assert seen["due"] == {"Today": ["Invite"], "Next 7 days": ["Party", "Cake", "Candles"], "No date": ["Walk"]}
        assert seen["project"] == {"fun": ["Party", "Cake", "Candles"], "mail": ["Invite"], "No project": ["Walk"]}
        assert seen["priority"] == {"Priority 1": ["Party", "Cake", "Candles"], "Priority 3": ["Invite"], "No priority": ["Walk"]}
        rows = pilot.app.page.view.groups[1].rows
        assert [row.depth for row in rows] == [0, 1, 2]


async def test_a_title_reaches_over_empty_columns_and_labels_fill_what_is_left(runtime: Runtime, add: Add) -> None:
    long = "A title that goes on and on about nothing in particular so that it is cut at last somewhere"
    add(f"{long} @phone")
    add("With all of it, and a title that is cut #home ~15m tomorrow")
    add("Short @phone @café")
    async with running(TasksApp(runtime)) as pilot:
        assert line(pilot.app, "A title").rstrip().endswith("so that it is cu…")
        assert "With all of it, and a title th… #home" in line(pilot.app, "With all")
        assert "Short  @phone @café" in line(pilot.app, "Short")
        assert "@phone" not in line(pilot.app, "A title")
        assert all(len(line(pilot.app, t)) == 80 for t in ("A title", "With all", "Short"))


async def test_of_a_broken_filter_the_rest_still_holds(runtime: Runtime, add: Add) -> None:
    add("Paint the fence #home")
    add("Write #work")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "#home due.bef:fri")
        problem = pilot.app.page.query_one("#problem", Static)
        assert "due.before" in str(problem.content)
        assert groups(pilot.app) == {"No date": ["Paint the fence"]}
        await type_text(pilot, " or #work")
        assert pilot.app.page.view.shown == 2  # joined conditions cannot be taken apart


async def test_the_arrows_leave_words_for_the_choices(runtime: Runtime, add: Add, db: Connection) -> None:
    task = add("Walk")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "z")
        await type_text(pilot, "nonsense")
        await press(pilot, "down")
        assert pilot.app.screen.query_one(Input).value == ""
        await press(pilot, "down", "enter")
        assert store.get(db, task.id).snooze_count == 1


async def test_the_cursor_goes_to_a_copy(runtime: Runtime, add: Add, db: Connection) -> None:
    add("Walk")
    add("Run")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "c", "e")
        assert pilot.app.screen.query(".dialog").first().border_title == "Edit task 3"
        await press(pilot, "escape", "u")
        assert pilot.app.page.view.shown == 2
        assert toasts(pilot.app)[-1] == "Undone: copy task · 3 Walk"


async def test_deleting_a_closed_parent_asks_about_what_is_open_below(
    runtime: Runtime, add: Add, db: Connection, now: datetime
) -> None:
    party = add("Party")
    tasks.done(db, [party], now)
    cake = add("Cake")
    tasks.update(db, cake, now, parent=party.id)
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "status:completed")
        await press(pilot, "enter", "d")
        assert isinstance(pilot.app.screen, Confirm)
        assert store.get(db, cake.id).status == "pending"


async def test_every_key_of_the_screen_works_where_there_is_no_room(runtime: Runtime, add: Add) -> None:
    for n in range(4):
        add(f"Task {n} tomorrow #home @phone p1 ~15m")
    async with running(TasksApp(runtime), size=(20, 5)) as pilot:
        for key in (*"oOJvVczeAFSa", "slash", "question_mark", "enter"):
            await press(pilot, key)
            assert pilot.app.is_running
            await press(pilot, "escape", "escape")
            assert isinstance(pilot.app.screen, TasksScreen)
        await pilot.resize_terminal(200, 60)
        await settled(pilot)
        assert pilot.app.page.view.shown >= 4


async def test_an_edit_that_cannot_be_read_stays_open_and_keeps_the_day(runtime: Runtime, add: Add, db: Connection) -> None:
    task = add("Note: due:soon tomorrow")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "e")
        field = pilot.app.screen.query_one(Input)
        field.value = "Note: due:soon due:2026-02-30"
        await settled(pilot)
        assert "“due:2026-02-30” cannot be read" in str(pilot.app.screen.query_one("#understood", Static).content)
        await press(pilot, "enter")
        assert toasts(pilot.app)[-1].startswith("'due:2026-02-30' cannot be read")
        assert store.get(db, task.id) == task
        field.value = "Note: due:soon due:2026-02-28"
        await press(pilot, "enter")
        assert str(store.get(db, task.id).due) == "2026-02-28"
        assert store.get(db, task.id).title == "Note: due:soon"
