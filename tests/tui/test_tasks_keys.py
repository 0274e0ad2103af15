"""The keys of the Tasks screen that act on many tasks, on their order and on filters; and what a broken view does."""

from __future__ import annotations

from datetime import datetime

import pytest
from textual.app import App
from textual.widgets import Input, Static
from textual.worker import WorkerFailed

from coach.core.task import Task
from coach.engine import arranging, filters, tasks
from coach.engine.runtime import Runtime
from coach.store import tasks as store
from coach.store.db import Connection
from coach.tui.screens.base import DEFECTS
from coach.tui.screens.tasks import REMEMBER_S, TasksScreen
from coach.tui.widgets.confirm import Confirm
from coach.tui.widgets.filters import FilterPicker
from coach.tui.widgets.footer import KeyBar
from coach.tui.widgets.quickadd import GrammarInput, QuickAdd
from coach.tui.widgets.tasklist import TaskList
from tests.tui.driving import Add, TasksApp, press, running, settled, toasts, type_text


def groups(app: App[int]) -> dict[str, list[str]]:
    return {group.title: [row.title for row in group.rows] for group in app.page.view.groups}


def count(app: App[int]) -> str:
    return str(app.page.query_one("#count", Static).content)


async def test_o_goes_through_the_groupings_and_the_cursor_stays_on_its_task(runtime: Runtime, add: Add) -> None:
    add("Late #work due:2026-11-10")
    here = add("Soon p1 #home due:2026-11-22")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "j", "o")
        assert groups(pilot.app) == {"home": ["Soon"], "work": ["Late"]}
        assert "by project" in count(pilot.app)
        await press(pilot, "o")
        assert groups(pilot.app) == {"Priority 1": ["Soon"], "No priority": ["Late"]}
        await press(pilot, "o")
        assert list(groups(pilot.app)) == ["Most urgent first"]
        assert pilot.app.page.selected_tasks() == (here.id,)
        await press(pilot, "o")
        assert list(groups(pilot.app)) == ["Overdue", "Next 7 days"]
        assert "by" not in count(pilot.app)


async def test_tasks_are_moved_by_keys_and_undo_takes_them_back(runtime: Runtime, add: Add) -> None:
    for text in ("One p3", "Two p1", "Three p2"):
        add(text)
    async with running(TasksApp(runtime)) as pilot:
        assert groups(pilot.app) == {"No date": ["Two", "Three", "One"]}
        await press(pilot, "J")  # the first press shows the own order, and says so
        assert groups(pilot.app) == {"No date": ["One", "Two", "Three"]}
        assert "J shift+↓ and K shift+↑ move tasks" in toasts(pilot.app)[-1]
        await press(pilot, "g", "J", "shift+down")
        assert groups(pilot.app) == {"No date": ["Two", "Three", "One"]}
        await press(pilot, "J", "K")  # the last one stays; then up
        assert groups(pilot.app) == {"No date": ["Two", "One", "Three"]}
        assert pilot.app.page.query_one(TaskList).row.title == "One"
        await press(pilot, "u")
        assert groups(pilot.app) == {"No date": ["Two", "Three", "One"]}
        await press(pilot, "O")
        assert groups(pilot.app) == {"No date": ["Two", "Three", "One"]}
        assert "by hand" not in count(pilot.app)


async def test_the_list_is_looked_at_as_it_was_left(runtime: Runtime, add: Add, db: Connection) -> None:
    add("One p3")
    add("Two p1")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "o", "o", "O")
        await pilot.pause(REMEMBER_S + 0.2)
        await settled(pilot)
    async with running(TasksApp(runtime)) as pilot:
        assert list(groups(pilot.app)) == ["Priority 1", "Priority 3"]
        assert "by hand" in count(pilot.app)
        await press(pilot, "space", "o", "u")  # what is undone is the task, not the look
        assert list(groups(pilot.app)) == ["In your own order"]
        assert pilot.app.page.view.shown == 2


async def test_many_moves_in_a_burst_arrive_one_after_the_other(runtime: Runtime, add: Add) -> None:
    for n in range(8):
        add(f"Task {n}")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "O", "g", *["J"] * 7)
        assert groups(pilot.app)["No date"] == [*(f"Task {n}" for n in range(1, 8)), "Task 0"]


async def test_e_with_marks_sets_the_words_in_all_of_them(runtime: Runtime, add: Add, db: Connection) -> None:
    ids = [add(text).id for text in ("One @old #x", "Two due:2026-12-01", "Three")]
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "ctrl+a", "e")
        assert pilot.app.screen.query_one(GrammarInput).value == ""
        await type_text(pilot, "#home p1 @phone due:")
        await press(pilot, "enter")
        assert toasts(pilot.app)[-1] == "Saved: 3 tasks · u takes it back"
        edited = [store.get(db, i) for i in ids]
        assert {(t.project, t.priority, t.due) for t in edited} == {("home", 1, None)}
        assert [t.tags for t in edited] == [("old", "phone"), ("phone",), ("phone",)]
        assert [t.title for t in edited] == ["One", "Two", "Three"]
        await press(pilot, "u")
        assert [store.get(db, i).project for i in ids] == ["x", None, None]


@pytest.mark.parametrize(("text", "said"), [
    ("New title for all", "would all be called"), ("due:2026-13-45 oh", "'due:2026-13-45' cannot be read"),
])
async def test_e_with_marks_refuses_one_title_for_many(
    runtime: Runtime, add: Add, db: Connection, text: str, said: str
) -> None:
    ids = [add(f"Task {n}").id for n in range(2)]
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "ctrl+a", "e")
        await type_text(pilot, text)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, QuickAdd)
        assert said in toasts(pilot.app)[-1]
        assert [store.get(db, i).title for i in ids] == ["Task 0", "Task 1"]
        await press(pilot, "ctrl+u", "escape")
        assert count(pilot.app).endswith("2 marked")


async def test_marks_can_be_snoozed_deleted_and_copied_together(runtime: Runtime, add: Add) -> None:
    for n in range(3):
        add(f"Task {n} #p")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "v", "v", "c")
        assert toasts(pilot.app)[-1] == "Copied: 2 tasks · u takes it back"
        assert sorted(groups(pilot.app)["No date"]) == ["Task 0", "Task 0", "Task 1", "Task 1", "Task 2"]
        await press(pilot, "ctrl+a", "z", "enter")
        assert pilot.app.page.view.shown == 0
        assert "5 tasks wait" in str(pilot.app.page.query_one("#empty", Static).content)
        await press(pilot, "u", "ctrl+a", "d")
        assert toasts(pilot.app)[-1] == "Deleted: 5 tasks · u brings them back"
        await press(pilot, "u")
        assert pilot.app.page.view.shown == 5


async def test_ctrl_a_marks_everything_and_then_nothing(runtime: Runtime, add: Add) -> None:
    for n in range(3):
        add(f"Task {n} due:2026-11-{21 + n}")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "ctrl+a")
        assert len(pilot.app.page.selected_tasks()) == 3
        await press(pilot, "ctrl+a")
        assert pilot.app.page.query_one(TaskList).marks == frozenset()


async def test_a_subtask_is_added_below_and_indented(runtime: Runtime, add: Add, db: Connection) -> None:
    party = add("Party")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "A")
        await type_text(pilot, "Cake p2")
        await press(pilot, "enter")
        rows = pilot.app.page.query_one(TaskList)
        assert "  ↳ Cake" in rows.render_line(2).text or "p2 ↳ Cake" in rows.render_line(2).text
    cake = store.children(db, party.id)[0]
    assert (cake.title, cake.priority) == ("Cake", 2)


@pytest.mark.parametrize(("key", "status"), [("space", "completed"), ("d", "deleted")])
async def test_what_has_open_subtasks_asks_before_it_takes_them_along(
    runtime: Runtime, add: Add, db: Connection, now: datetime, key: str, status: str
) -> None:
    party = add("Party")
    cake = arranging.add_below(db, party, "Cake", runtime.config, now, runtime.tz)
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, key)
        assert isinstance(pilot.app.screen, Confirm)
        await press(pilot, "escape")
        assert {store.get(db, t.id).status for t in (party, cake)} == {"pending"}
        await press(pilot, key, "enter")
        assert {store.get(db, t.id).status for t in (party, cake)} == {status}
        await press(pilot, "u")
        assert {store.get(db, t.id).status for t in (party, cake)} == {"pending"}


async def test_space_opens_closed_tasks_again(runtime: Runtime, add: Add, db: Connection, now: datetime) -> None:
    task = add("Done too early")
    tasks.done(db, [task], now)
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "status:completed")
        await press(pilot, "enter", "space")
        assert toasts(pilot.app)[-1].startswith("Open again: Done too early")
    assert store.get(db, task.id).status == "pending"


# Finding and saved filters


async def test_letters_find_best_first_and_the_cursor_is_on_it(runtime: Runtime, add: Add) -> None:
    add("Mow the lawn due:2026-11-18")
    wanted = add("Book [train] tickets 2027-05-05")
    add("Reticketing")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "tick")
        assert groups(pilot.app) == {"Best matches": ["Book [train] tickets", "Reticketing"]}
        assert pilot.app.page.selected_tasks() == (wanted.id,)
        line = pilot.app.page.query_one(TaskList).render_line(1)
        found = [s.text for s in line if s.style and s.style.underline]
        assert "".join(found) == "tick"
        await press(pilot, "enter", "J")
        assert "sorted by how well they fit" in toasts(pilot.app)[-1]
        await press(pilot, "escape")
        assert pilot.app.page.view.shown == 3
        assert pilot.app.page.selected_tasks() == (wanted.id,)


async def test_a_filter_is_saved_picked_and_forgotten(runtime: Runtime, add: Add, db: Connection) -> None:
    add("Call Ann @phone")
    add("Write to Bea")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "S")
        assert "no filter to save" in toasts(pilot.app)[-1]
        await press(pilot, "slash")
        await type_text(pilot, "+phone status:pending")
        await press(pilot, "enter", "S")
        await type_text(pilot, "no good name!")
        await press(pilot, "enter")
        assert "cannot be the name" in str(pilot.app.screen.query_one("#said", Static).content)
        pilot.app.screen.query_one(Input).value = "calls"
        await press(pilot, "enter")
        assert filters.saved(db) == [("calls", ["+phone", "status:pending"])]
        await press(pilot, "escape")
        assert pilot.app.page.view.shown == 2
        await press(pilot, "F")
        await type_text(pilot, "al")
        await press(pilot, "enter")
        assert pilot.app.page.query_one("#filter", Input).value == "@calls"
        assert groups(pilot.app) == {"No date": ["Call Ann"]}
        assert isinstance(pilot.app.focused, TaskList)
        await press(pilot, "F", "ctrl+d")
        assert filters.saved(db) == []
        assert "Forgotten: @calls" in str(pilot.app.screen.query_one("#said", Static).content)
        await press(pilot, "escape", "u")
        assert [name for name, _ in filters.saved(db)] == ["calls"]


async def test_the_picker_without_filters_says_how_to_make_one(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "F")
        assert isinstance(pilot.app.screen, FilterPicker)
        assert "then S saves it" in str(pilot.app.screen.query_one("#said", Static).content)
        await press(pilot, "down", "enter", "ctrl+d", "escape")
        assert pilot.app.screen is pilot.app.page


async def test_saving_under_a_name_that_is_taken_says_so_and_replaces(runtime: Runtime, db: Connection, now: datetime) -> None:
    filters.save(db, "calls", ["+phone"], runtime.config, now, runtime.tz)
    async with running(TasksApp(runtime)) as pilot:
        pilot.app.page.use_filter("p1 @home")
        await settled(pilot)
        await press(pilot, "S")
        await type_text(pilot, "calls")
        assert "replaces" in str(pilot.app.screen.query_one("#said", Static).content)
        await press(pilot, "enter")
        assert filters.saved(db) == [("calls", ["priority:1", "@home"])]


async def test_nothing_found_says_what_to_do(runtime: Runtime, add: Add) -> None:
    add("A task")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        await type_text(pilot, "zzz")
        words = str(pilot.app.page.query_one("#empty", Static).content)
        assert "Nothing fits “zzz”" in words
        assert "esc clears the filter" in words


# Words that are too long, and defects


async def test_a_very_long_title_is_one_short_line_in_every_toast(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        pilot.app.screen.query_one(GrammarInput).value = "long\twords\n " * 300
        await press(pilot, "enter")
        await press(pilot, "s", "s", "c", "c", "d", "space", "z", "enter")
        for said in toasts(pilot.app):
            assert len(said) < 110
            assert "long words long" in said
            assert "…" in said
        assert len(store.newest(db, 1)[0].title) > 2000


async def test_a_defect_in_a_view_is_an_empty_screen_that_says_so_until_it_works_again(
    runtime: Runtime, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("A task")
    build, broken = TasksScreen.build, [True]

    def fail(self: TasksScreen, db: Connection, now: datetime) -> object:
        if broken[0]:
            raise KeyError("call the doctor about the lump")
        return build(self, db, now)

    monkeypatch.setattr(TasksScreen, "build", fail)
    async with running(TasksApp(runtime)) as pilot:
        words = str(pilot.app.page.query_one("#broken", Static).content)
        assert "KeyError" in words
        assert "ctrl+q leaves" in words
        assert "doctor" not in words + " ".join(toasts(pilot.app))
        assert not pilot.app.page.query_one(TaskList).display or pilot.app.page.query_one(TaskList).size.width == 0
        assert pilot.app.page.query_one(KeyBar).size.width == 80
        await press(pilot, "4", "2")
        broken[0] = False
        add("Another")
        await pilot.app._poll()
        await pilot.app._poll()
        pilot.app.page.reload()
        await settled(pilot)
        assert pilot.app.page.query_one(TaskList).size.height > 10
        assert not pilot.app.page.query_one("#broken").display
        assert pilot.app.page.view.shown == 2


async def test_a_defect_that_stays_ends_the_app(runtime: Runtime, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    add("A task")

    def fail(self: TasksScreen, db: Connection, now: datetime) -> object:
        raise KeyError("x")

    monkeypatch.setattr(TasksScreen, "build", fail)

    async def insist() -> None:
        async with running(TasksApp(runtime)) as pilot:
            for _ in range(DEFECTS - 1):
                pilot.app.page.reload()
                await settled(pilot)

    with pytest.raises(WorkerFailed, match="KeyError"):
        await insist()


async def test_edit_keys_typed_at_once_go_into_the_field(runtime: Runtime, add: Add, db: Connection) -> None:
    task: Task = add("Call mum")
    async with running(TasksApp(runtime)) as pilot:
        await pilot.press("e", "d", "a", "d")
        await settled(pilot)
        assert pilot.app.screen.query_one(GrammarInput).value == "Call mumdad"
    assert store.get(db, task.id).status == "pending"
