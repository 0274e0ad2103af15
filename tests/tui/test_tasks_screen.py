"""The Tasks screen by its keys, against the store that they change."""

from __future__ import annotations

from datetime import datetime

from textual.widgets import Input, Static

from coach.core.task import status_at
from coach.engine.runtime import Runtime
from coach.store import tasks as store
from coach.store.db import Connection
from coach.tui.screens.tasks import words_of
from coach.tui.widgets.quickadd import GrammarInput
from coach.tui.widgets.tasklist import TaskList
from tests.tui.driving import Add, TasksApp, press, running, settled, toasts, type_text


def titles(app: TasksApp) -> list[str]:
    view = app.page.view
    return [row.title for group in view.groups for row in group.rows] if view else []


async def test_groups_are_in_order_with_the_late_first(runtime: Runtime, add: Add) -> None:
    for text in ("Someday", "Soon due:2026-11-23", "Late due:2026-11-18", "Tonight due:2026-11-20T18:00"):
        add(text)
    async with running(TasksApp(runtime)) as pilot:
        assert titles(pilot.app) == ["Late", "Tonight", "Soon", "Someday"]
        assert [g.name for g in pilot.app.page.view.groups] == ["overdue", "today", "week", "none"]
        assert pilot.app.page.selected_tasks() == (pilot.app.page.view.groups[0].rows[0].id,)


async def test_space_completes_and_u_takes_it_back(runtime: Runtime, add: Add, db: Connection) -> None:
    task = add("Buy milk")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "space")
        assert store.get(db, task.id).status == "completed"
        assert toasts(pilot.app)[-1].startswith("Done: Buy milk")
        assert titles(pilot.app) == []
        await press(pilot, "u")
        assert store.get(db, task.id).status == "pending"
        assert titles(pilot.app) == ["Buy milk"]
        await press(pilot, "U")
        assert store.get(db, task.id).status == "completed"


async def test_undo_with_nothing_to_undo_is_a_sentence(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "u")  # the first questions, which the fixture has answered
        await press(pilot, "u")
        assert "nothing to undo" in toasts(pilot.app)[-1]


async def test_space_on_an_empty_list_says_that_nothing_is_selected(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "space")
        assert toasts(pilot.app) == ["No task is selected here"]


async def test_marks_make_bulk_edits_one_undo_step(runtime: Runtime, add: Add, db: Connection) -> None:
    ids = [add(f"Task {n}").id for n in range(4)]
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "v", "j", "V")  # marks 0, then 0 to 2
        assert "3 marked" in str(pilot.app.page.query_one("#count", Static).content)
        await press(pilot, "space")
        assert "marked" not in str(pilot.app.page.query_one("#count", Static).content)
        assert [store.get(db, i).status for i in ids] == ["completed"] * 3 + ["pending"]
        await press(pilot, "u")
        assert [store.get(db, i).status for i in ids] == ["pending"] * 4


async def test_the_cursor_goes_to_the_next_task_when_its_own_is_done(runtime: Runtime, add: Add) -> None:
    for n in range(3):
        add(f"Task {n}")
    async with running(TasksApp(runtime)) as pilot:
        before = titles(pilot.app)
        await press(pilot, "j", "space")
        assert pilot.app.page.query_one(TaskList).row.title == before[2]


async def test_d_deletes_and_s_starts(runtime: Runtime, add: Add, db: Connection, now: datetime) -> None:
    task = add("Old thing")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "s")
        assert store.get(db, task.id).started == now
        await press(pilot, "d")
        assert store.get(db, task.id).status == "deleted"


async def test_z_snoozes_to_a_choice_and_to_words(runtime: Runtime, add: Add, db: Connection, now: datetime) -> None:
    first, second = add("First"), add("Second")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "z", "down", "enter")
        assert status_at(store.get(db, first.id), now) == "waiting"
        assert titles(pilot.app) == ["Second"]
        await press(pilot, "z")
        await type_text(pilot, "nonsense")
        await press(pilot, "enter")
        assert store.get(db, second.id).wait is None
        await press(pilot, *["backspace"] * 8)
        await type_text(pilot, "tomorrow 9:00")
        await press(pilot, "enter")
        wait = store.get(db, second.id).wait
        assert isinstance(wait, datetime)
        assert (wait.day, wait.hour) == (21, 9)


async def test_the_filter_narrows_while_it_is_typed_and_esc_drops_it(runtime: Runtime, add: Add) -> None:
    add("Paint the fence #home")
    add("Write report #work")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "project:work")
        assert titles(pilot.app) == ["Write report"]
        await press(pilot, "escape")
        assert isinstance(pilot.app.focused, TaskList)
        await press(pilot, "escape")
        assert len(titles(pilot.app)) == 2


async def test_a_broken_filter_names_the_problem_and_hides_nothing(runtime: Runtime, add: Add) -> None:
    add("Paint the fence")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "due.before:blurb")
        problem = pilot.app.page.query_one("#problem", Static)
        assert problem.display
        assert "blurb" in str(problem.content)
        assert titles(pilot.app) == ["Paint the fence"]


async def test_letters_are_typed_in_the_filter_and_do_nothing_else(runtime: Runtime, add: Add, db: Connection) -> None:
    task = add("Paint the fence")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "d 1zu?")
        assert pilot.app.page.query_one("#filter", Input).value == "d 1zu?"
        assert pilot.app.current_mode == "tasks"
        assert store.get(db, task.id).status == "pending"


async def test_e_edits_in_the_words_of_quick_add(runtime: Runtime, add: Add, db: Connection) -> None:
    task = add("Call mum tomorrow 18:00 #home p2 ~15m")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "e")
        field = pilot.app.screen.query_one(GrammarInput)
        assert field.value.startswith("Call mum ")
        field.value = field.value.replace("project:home", "").replace("p2", "p1").replace("Call mum", "Call dad")
        await press(pilot, "enter")
    after = store.get(db, task.id)
    assert (after.title, after.project, after.priority, after.estimate_min) == ("Call dad", None, 1, 15)
    assert after.due == task.due


async def test_an_edit_that_changes_nothing_writes_nothing(runtime: Runtime, add: Add, db: Connection) -> None:
    task = add("Create monthly report fri @work // with numbers")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "e", "enter")
    assert store.get(db, task.id) == task


async def test_n_goes_to_the_most_urgent_and_then_on(runtime: Runtime, add: Add) -> None:
    add("Plain")
    urgent = add("Urgent p1 due:2026-11-18")
    second = add("Second p1")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "G", "n")
        assert pilot.app.page.selected_tasks() == (urgent.id,)
        await press(pilot, "n")
        assert pilot.app.page.selected_tasks() == (second.id,)


async def test_details_open_beside_the_list_or_instead_of_it(runtime: Runtime, add: Add) -> None:
    add("Call mum #home ~15m // ask about the garden")
    async with running(TasksApp(runtime), size=(80, 24)) as pilot:
        detail = pilot.app.page.query_one("#detail")
        assert not detail.display or detail.size.width == 0
        await press(pilot, "l")
        assert detail.size.width > 60
        assert "ask about the garden" in str(pilot.app.page.query_one("#facts", Static).content)
        await press(pilot, "h")
        assert isinstance(pilot.app.focused, TaskList)
        await pilot.resize_terminal(160, 40)
        await settled(pilot)
        assert detail.size.width > 40
        assert pilot.app.page.query_one(TaskList).size.width > 80


async def test_an_empty_list_says_what_to_do(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        empty = pilot.app.page.query_one("#empty", Static)
        assert empty.display
        assert "Press a" in str(empty.content)


async def test_a_change_from_elsewhere_is_shown(runtime: Runtime, add: Add) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await pilot.app._poll()
        add("From the shell")
        await pilot.app._poll()
        await settled(pilot)
        assert titles(pilot.app) == ["From the shell"]


async def test_tracked_time_does_not_rebuild_the_list(runtime: Runtime, add: Add, db: Connection) -> None:
    add("A task")
    async with running(TasksApp(runtime)) as pilot:
        await pilot.app._poll()
        view = pilot.app.page.view
        db.execute("INSERT INTO meta(key, value) VALUES('x', '1')")
        before = pilot.app.version
        await pilot.app._poll()
        await settled(pilot)
        assert pilot.app.version > before
        assert pilot.app.page.view is view


def test_words_of_a_filter_line() -> None:
    assert words_of('project:"big house" +tag /two words/ due.before:fri') == (
        "project:big house", "+tag", "/two words/", "due.before:fri",
    )
    assert words_of("p1 xp1 P1 p5") == ("priority:1", "xp1", "P1", "p5")
    assert words_of("  ") == ()
    assert words_of("and/or 1/2") == ("and/or", "1/2")
