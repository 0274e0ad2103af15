"""Quick-add: what is typed is understood, shown, and kept."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import Static

from coach.engine.runtime import Runtime
from coach.store import tasks as store
from coach.store.db import Connection
from coach.tui.widgets.quickadd import GrammarInput, QuickAdd, shifted
from tests.tui.driving import TasksApp, press, running, toasts, type_text


async def test_what_was_typed_is_understood_and_added(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Call mum tomorrow 18:00 #home p2 ~15m")
        line = str(pilot.app.screen.query_one("#understood", Static).content)
        assert line == "Call mum · Sat 21 Nov 18:00 · #home · p2 · 15 min"
        await press(pilot, "enter")
        assert not isinstance(pilot.app.screen, QuickAdd)
        assert toasts(pilot.app)[-1].startswith("Added: Call mum")
    (task,) = store.open_tasks(db)
    assert (task.title, task.project, task.priority, task.estimate_min) == ("Call mum", "home", 2, 15)
    assert isinstance(task.due, datetime)


async def test_recognised_words_are_underlined(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Pay rent fri #home")
        field = pilot.app.screen.query_one(GrammarInput)
        marked = {field.value[s.start : s.end] for s in field._value.spans if "underline" in str(s.style)}
        assert marked == {"fri", "#home"}


async def test_ctrl_u_keeps_the_words_at_the_cursor_as_text(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Ask about friday")
        await press(pilot, "ctrl+u")
        await type_text(pilot, " menu")
        await press(pilot, "enter")
    (task,) = store.open_tasks(db)
    assert (task.title, task.due) == ("Ask about friday menu", None)


async def test_ctrl_u_again_recognises_them_again(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Pay rent 2026-12-01")
        await press(pilot, "ctrl+u", "ctrl+u", "enter")
    (task,) = store.open_tasks(db)
    assert (task.title, task.due) == ("Pay rent", date(2026, 12, 1))


async def test_esc_keeps_the_text_for_next_time(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Half a thou")
        await press(pilot, "escape", "a")
        assert pilot.app.screen.query_one(GrammarInput).value == "Half a thou"
        await type_text(pilot, "ght")
        await press(pilot, "enter", "a")
        assert pilot.app.screen.query_one(GrammarInput).value == ""
    assert [t.title for t in store.open_tasks(db)] == ["Half a thought"]


async def test_keys_of_the_app_are_letters_here(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "1 a z?/j")
        assert pilot.app.screen.query_one(GrammarInput).value == "1 a z?/j"
        assert pilot.app.current_mode == "tasks"
    assert store.open_tasks(db) == []


async def test_a_text_that_cannot_be_added_stays_and_says_why(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        pilot.app.screen.query_one(GrammarInput).value = "x" * 30_000
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, QuickAdd)
        assert "30,000 characters" in toasts(pilot.app)[-1]
        assert len(pilot.app.quickadd_text) == 30_000
    assert store.open_tasks(db) == []


async def test_emoji_and_brackets_are_shown_as_they_are(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        pilot.app.screen.query_one(GrammarInput).value = "Fix [bold]🥛[/x] [[ 日本"
        await press(pilot, "enter")
        assert toasts(pilot.app)[-1] == "Added: Fix [bold]🥛[/x] [[ 日本"
    assert store.open_tasks(db)[0].title == "Fix [bold]🥛[/x] [[ 日本"


async def test_it_works_on_a_terminal_of_20_by_5(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime), size=(20, 5)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Tiny p1")
        await press(pilot, "enter")
    assert [(t.title, t.priority) for t in store.open_tasks(db)] == [("Tiny", 1)]


texts = st.text(alphabet="ab c", max_size=12)


@given(texts, texts, texts, texts)
def test_ignored_spans_move_with_their_words(before: str, kept: str, after: str, typed: str) -> None:
    """Typing before or after a span leaves it on the same word."""
    old = before + "<" + kept + ">" + after
    span = (len(before), len(before) + len(kept) + 2)
    for new in (typed + old, old + typed):
        for start, end in shifted(frozenset({span}), old, new):
            assert new[start:end] == "<" + kept + ">"


def test_an_edit_inside_an_ignored_span_drops_it() -> None:
    assert shifted(frozenset({(2, 8)}), "a friday b", "a fryday b") == frozenset()
    assert shifted(frozenset({(2, 8)}), "a friday b", "xx a friday b") == {(5, 11)}


async def test_a_day_typed_behind_a_tasks_line_shows_as_its_day(runtime: Runtime, db: Connection) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "a")
        await type_text(pilot, "Pay rent 2026-12-01 ~15m")
        await press(pilot, "enter", "2", "e")
        await type_text(pilot, " 2026-12-04 1h")
        line = str(pilot.app.screen.query_one("#understood", Static).content)
        assert line == "Pay rent · Fri 4 Dec · 1 h"
        await press(pilot, "enter")
    (task,) = store.open_tasks(db)
    assert (task.title, task.due, task.estimate_min) == ("Pay rent", date(2026, 12, 4), 60)


async def test_marks_for_several_tasks_are_no_title(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        for text in ("One", "Two"):
            await press(pilot, "a")
            await type_text(pilot, text)
            await press(pilot, "enter")
        await press(pilot, "2", "ctrl+a", "e")
        await type_text(pilot, "+batch due:2026-12-01")
        assert str(pilot.app.screen.query_one("#understood", Static).content) == "Tue 1 Dec · @batch"
