"""The frame: keys everywhere, themes, pause, sizes, crash reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from coach.config import AppConfig, load
from coach.core.errors import StoreClosed
from coach.core.when import iso
from coach.engine import focusing, tracking
from coach.engine.runtime import Runtime
from coach.store.db import Connection
from coach.tui.crash import report
from coach.tui.help import Help
from coach.tui.theme import THEMES, fallbacks
from coach.tui.widgets.footer import KeyBar
from coach.tui.widgets.header import Status, TopBar
from coach.tui.widgets.quickadd import GrammarInput, QuickAdd
from coach.tui.widgets.tasklist import TaskList
from tests.tui.driving import Add, TasksApp, press, running, settled, toasts, type_text


async def test_keys_of_the_config_replace_the_default(runtime: Runtime, add: Add) -> None:
    add("A task")
    runtime.config = replace(runtime.config, keys={"task.done": "x", "task.dne": "y"})
    async with running(TasksApp(runtime)) as pilot:
        assert "did you mean 'task.done'?" in toasts(pilot.app)[0]
        await press(pilot, "space")
        assert len(pilot.app.page.view.groups) == 1
        assert "x done" in pilot.app.page.query_one(KeyBar).render().plain
        await press(pilot, "x")
        assert pilot.app.page.view.groups == ()


async def test_question_mark_shows_help_and_esc_closes_it(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "question_mark")
        assert isinstance(pilot.app.screen, Help)
        await press(pilot, "j", "G", "g", "escape")
        assert pilot.app.screen is pilot.app.page


async def test_the_palette_runs_an_action_by_name(runtime: Runtime, add: Add) -> None:
    add("A task")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "ctrl+p")
        assert isinstance(pilot.app.screen, CommandPalette)
        await type_text(pilot, "mark to here")
        await pilot.pause(0.3)
        await press(pilot, "down", "enter")
        await pilot.pause(0.3)
        await settled(pilot)
        assert len(pilot.app.page.selected_tasks()) == 1
        assert pilot.app.page.query_one("#list").marks


async def test_the_palette_finds_a_command_by_what_is_said_of_it(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "ctrl+p")
        await type_text(pilot, "privacy")
        await pilot.pause(0.3)
        await press(pilot, "down", "enter")
        await pilot.pause(0.3)
        await settled(pilot)
        assert pilot.app.current_mode == "setup"


async def test_f9_pauses_tracking_and_goes_on(runtime: Runtime, db: Connection, now: datetime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "f9")
        assert tracking.paused_until(db, now)
        await press(pilot, "f9")
        assert not tracking.paused_until(db, now)
        assert "not allowed yet" in toasts(pilot.app)[-1]
        tracking.set_consent(db, True, now)
        await press(pilot, "f9", "f9")
        assert toasts(pilot.app)[-1] == "Tracking goes on"


async def test_f_starts_and_ends_the_focus_timer_on_a_task(
    runtime: Runtime, add: Add, db: Connection, now: datetime
) -> None:
    task = add("Deep work")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "f")
        timer = focusing.running(db, now)
        assert timer is not None
        assert timer.task_id == task.id
        assert "Deep work until 11:50" in toasts(pilot.app)[-1]
        await press(pilot, "f")
        assert focusing.running(db, now) is None


async def test_the_top_line_counts_the_focus_down_and_a_toast_ends_it(
    runtime: Runtime, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "f")
        await pilot.app._poll()
        assert pilot.app.status.focus == "50 min left"
        monkeypatch.setenv("COACH_NOW", str(iso(now + timedelta(minutes=51))))
        await pilot.app._poll()
        assert pilot.app.status.focus == ""
        await settled(pilot)
        assert toasts(pilot.app)[-1] == "Focus time is over; take 10 minutes off"


async def test_slash_finds_a_task_from_any_screen(runtime: Runtime, add: Add) -> None:
    add("Mow the lawn due:2026-11-18")
    wanted = add("Book [train] tickets 2027-05-05")
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "4", "slash")
        await type_text(pilot, "bktrtik")
        await pilot.pause(0.3)
        await press(pilot, "down", "enter")
        await pilot.pause(0.2)
        await settled(pilot)
        assert pilot.app.current_mode == "tasks"
        assert pilot.app.page.selected_tasks() == (wanted.id,)


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (80, 24), (200, 60), (1, 1)])
async def test_every_size_can_be_used(runtime: Runtime, add: Add, size: tuple[int, int]) -> None:
    for n in range(30):
        add(f"Task {n} tomorrow #home p{n % 4 + 1} ~{n + 1}m")
    async with running(TasksApp(runtime), size=size) as pilot:
        for key in ("j", "k", "G", "g", "l", "h"):
            await press(pilot, key)
        for key in ("z", "a", "e", "question_mark"):
            await press(pilot, key, "escape")
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert pilot.app.page.view.shown == 30


async def test_the_theme_switches_and_an_unknown_one_is_a_toast(runtime: Runtime) -> None:
    runtime.config = replace(runtime.config, app=AppConfig(theme="neon"))
    async with running(TasksApp(runtime)) as pilot:
        assert toasts(pilot.app) == ["there is no theme 'neon'; the palette lists them"]
        assert pilot.app.theme == "coach-dark"
        await press(pilot, "f8")
        assert pilot.app.theme == "coach-light"
    assert load(runtime.home).app.theme == runtime.config.app.theme == "coach-light"


@pytest.mark.parametrize("name", ["textual-light", "nord", "ansi-dark", "solarized-light"])
async def test_textuals_own_themes_work(runtime: Runtime, add: Add, name: str) -> None:
    add("A task p1 #home due:2026-11-18")
    runtime.config = replace(runtime.config, app=AppConfig(theme=name))
    async with running(TasksApp(runtime)) as pilot:
        assert pilot.app.theme == name
        await press(pilot, "v", "a", "escape", "question_mark", "escape")
        assert pilot.app.theme_variables["quiet"] == fallbacks(pilot.app.current_theme.dark)["quiet"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda t: t.name)
def test_text_can_be_read_on_every_ground(theme) -> None:
    """WCAG contrast: 4.5 for text, 3 for what is only a sign."""
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        lin = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]

    def contrast(a: str, b: str) -> float:
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    inks = (theme.foreground, theme.primary, theme.secondary, theme.accent, theme.success, theme.error)
    for ground in (theme.background, theme.surface, theme.panel):
        for ink in (*inks, theme.variables["quiet"]):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    pair = theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]
    assert contrast(*pair) >= 7


async def test_an_error_of_the_store_is_words_not_a_traceback(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        def fail(db: object, now: datetime) -> None:
            raise StoreClosed("the disk is full; nothing was written", "free some space and try again")

        pilot.app.change(fail)
        await settled(pilot)
        assert toasts(pilot.app) == ["the disk is full; nothing was written\nfree some space and try again"]


async def test_a_full_disk_is_a_toast_and_nothing_is_lost(runtime: Runtime, add: Add, db: Connection) -> None:
    add("A task")
    async with running(TasksApp(runtime)) as pilot:
        full = db.execute("PRAGMA page_count").fetchone()[0]
        await pilot.app._writer.run(lambda own: own.execute(f"PRAGMA max_page_count = {full}").fetchall())
        await press(pilot, "a")
        pilot.app.screen.query_one(GrammarInput).value = "x" * 15_000
        await press(pilot, "enter")
        assert "full" in toasts(pilot.app)[-1]
        assert len(pilot.app.screen.query_one(GrammarInput).value) == 15_000
        await press(pilot, "escape")
        assert pilot.app.page.view.shown == 1


async def test_esc_leaves_a_text_field(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        await press(pilot, "slash")
        assert isinstance(pilot.app.focused, Input)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.focused, Input)


async def test_esc_takes_the_toasts_away_where_it_has_nothing_else_to_leave(runtime: Runtime) -> None:
    async with running(TasksApp(runtime)) as pilot:
        for number in "123456":
            await press(pilot, number, *(["escape"] if number == "5" else []))
            pilot.app.notify("Something long", timeout=60)
            await press(pilot, "escape")
            assert toasts(pilot.app) == [], pilot.app.current_mode


def test_a_crash_report_names_places_and_never_values() -> None:
    try:
        {}["call the doctor about the lump"]
    except KeyError as error:
        text = report(error)
    assert "KeyError" in text
    assert Path(__file__).name in text
    assert "doctor" not in text


@pytest.mark.parametrize(("width", "whole"), [(120, True), (80, True), (40, False), (20, False), (3, False)])
async def test_the_top_line_fits_and_names_the_screen(runtime: Runtime, width: int, whole: bool) -> None:
    async with running(TasksApp(runtime), size=(width, 10)) as pilot:
        bar = pilot.app.page.query_one(TopBar)
        bar.status = Status("12:00", "paused", "124 min left")
        line = bar.render()
        assert line.cell_length <= width
        if width >= 20:
            assert "2 Tasks" in line.plain
        assert ("4 Insights" in line.plain) == whole
        if width >= 80:
            assert "‖" in line.plain
            assert "12:00" in line.plain
            assert "◷ 124 min" in line.plain


async def test_the_mouse_works(runtime: Runtime, add: Add) -> None:
    for n in range(3):
        add(f"Task {n}")
    async with running(TasksApp(runtime)) as pilot:
        rows = pilot.app.page.query_one(TaskList)
        await pilot.click(rows, offset=(10, 3))
        assert rows.row.title == pilot.app.page.view.groups[0].rows[2].title
        await pilot.click(rows, offset=(10, 2), times=2)
        await settled(pilot)
        assert pilot.app.page.has_class("-detail")
        await pilot.click(KeyBar, offset=(2, 0))
        await settled(pilot)
        assert isinstance(pilot.app.screen, QuickAdd)
        await press(pilot, "escape")
        await pilot.click(TopBar, offset=(32, 0))
        await settled(pilot)
        assert pilot.app.current_mode == "insights"
