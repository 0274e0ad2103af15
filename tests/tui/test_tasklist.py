"""The list widget line by line."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from textual.app import App, ComposeResult

from coach.config import Config
from coach.core.task import Recurrence, Task
from coach.engine.task_view import GROUPS, TaskGroup, rows_of
from coach.tui.widgets.tasklist import TaskList


class ListApp(App[None]):
    def compose(self) -> ComposeResult:
        yield TaskList()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"quiet": "#888888", "marked": "#333333"}


@pytest.fixture
def groups(now: datetime, tz: ZoneInfo):
    def make(*tasks: Task) -> Any:
        rows = rows_of([(t, 0.0) for t in tasks], Config(), now, tz)
        members = {name: tuple(row for row in rows if row.group == name) for name in GROUPS}
        return tuple(TaskGroup(name, GROUPS[name], found) for name, found in members.items() if found)

    return make


def task(now: datetime, title: str, **fields: Any) -> Task:
    return Task(id=title, title=title, created=now, modified=now, **fields)


def lines(widget: TaskList, count: int) -> list[str]:
    return [widget.render_line(y).text for y in range(count)]


async def test_states_read_without_colour(groups, now: datetime) -> None:
    shown = groups(
        task(now, "Late", due=date(2026, 11, 18)), task(now, "Going", started=now),
        task(now, "Weekly", recurrence=Recurrence("FREQ=WEEKLY")), task(now, "Urgent", priority=1),
    )
    async with ListApp().run_test(size=(80, 12)) as pilot:
        widget = pilot.app.query_one(TaskList)
        widget.load(shown)
        await pilot.pause()
        text = lines(widget, 6)
        assert text[0].startswith(" Overdue 1")
        assert text[1].startswith("› ! ")
        assert "2 d late" in text[1]
        assert text[3].startswith("  ▶ ")
        assert text[4].startswith("  ↻ ")
        assert text[5].startswith("    p1 Urgent")
        widget.mark()
        assert lines(widget, 2)[1].startswith(" ●! ")


@pytest.mark.parametrize("width", [1, 7, 20, 34, 52, 70, 100, 200])
async def test_a_line_is_exactly_as_wide_as_the_widget(groups, now: datetime, width: int) -> None:
    title = "日本語 with 🥛 and\nnewlines\tand \x07 bells " * 5
    shown = groups(replace(task(now, title, project="家" * 30, estimate_min=90, due=date(2026, 12, 1)), priority=2))
    async with ListApp().run_test(size=(width, 5)) as pilot:
        widget = pilot.app.query_one(TaskList)
        widget.load(shown)
        await pilot.pause()
        for y in range(4):
            strip = widget.render_line(y)
            assert strip.cell_length == widget.size.width
            assert not any(c in strip.text for c in "\n\t\x07")


async def test_the_cursor_skips_headings_and_stays_on_its_task(groups, now: datetime) -> None:
    late, soon = task(now, "Late", due=date(2026, 11, 18)), task(now, "Soon", due=date(2026, 11, 24))
    async with ListApp().run_test(size=(60, 10)) as pilot:
        widget = pilot.app.query_one(TaskList)
        widget.load(groups(late, soon))
        await pilot.press("down")
        assert widget.row.title == "Soon"
        widget.load(groups(late, task(now, "Between", due=date(2026, 11, 22)), soon))
        assert widget.row.title == "Soon"
        widget.load(groups(late))
        assert widget.row.title == "Late"
        widget.load(())
        assert widget.row is None
        await pilot.press("down", "up", "home", "end", "pagedown")
        assert widget.row is None


async def test_ten_thousand_tasks_scroll_within_a_frame(groups, now: datetime) -> None:
    shown = groups(*(task(now, f"Task {n}", due=date(2026, 11, 18)) for n in range(10_000)))
    async with ListApp().run_test(size=(200, 60)) as pilot:
        widget = pilot.app.query_one(TaskList)
        widget.load(shown)
        await pilot.press("end")
        assert widget.row.title == shown[0].rows[-1].title
        started = time.perf_counter()
        drawn = [widget.render_line(y) for y in range(60)]
        assert len(drawn) == 60
        assert time.perf_counter() - started < 0.25  # a frame with much room for a busy machine


async def test_the_scrollbar_hides_no_end_of_a_line(groups, now: datetime) -> None:
    shown = groups(*(task(now, f"{n} a title that is longer than the line") for n in range(20)))
    async with ListApp().run_test(size=(32, 6)) as pilot:
        widget = pilot.app.query_one(TaskList)
        widget.load(shown)
        await pilot.pause()
        assert widget.show_vertical_scrollbar
        assert [(len(line), line.rstrip()[-1]) for line in lines(widget, 4)[1:]] == [(31, "…")] * 3
