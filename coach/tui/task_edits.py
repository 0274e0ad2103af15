"""What the keys of the Tasks screen do to tasks: edit one or many, copy, hang one below, move by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from coach.core.errors import InvalidInput
from coach.core.task import Task
from coach.engine import arranging, tasks
from coach.engine.task_text import ignored_in, rewrite, spoken, text_of, understood
from coach.tui.task_actions import brief, named
from coach.tui.widgets.quickadd import Ignored, QuickAdd

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

FOR_ALL = "#home  p1  @phone  -label  due:fri  due:  ~30m"
"""What can be typed for several tasks at once."""


async def edit(app: CoachApp, ids: Sequence[str]) -> None:
    """One task in the words that make it; several by the words that all of them take on."""
    if len(ids) == 1:
        await _edit_one(app, ids[0])
    elif ids:
        _edit_all(app, ids)


async def _edit_one(app: CoachApp, task_id: str) -> None:
    config, tz = app.runtime.config, app.tz
    task = await app.read(lambda db, now: tasks.find(db, task_id))
    app.push_screen(QuickAdd(
        lambda db, now, text, ignored: rewrite(db, tasks.find(db, task_id), text, config, now, tz, ignored),
        lambda new: f"Saved: {brief(new.title)}", title=f"Edit task {task.num}", text=text_of(task),
        ignored=ignored_in(task, config, app.now(), tz), edits=True,
    ))


def _edit_all(app: CoachApp, ids: Sequence[str]) -> None:
    config, tz = app.runtime.config, app.tz

    def write(db: Any, now: datetime, text: str, ignored: Ignored) -> list[Task]:
        if ignored:
            raise InvalidInput("several tasks cannot take on one title", "words kept as text would become it")
        return tasks.edit_all(db, [tasks.find(db, i) for i in ids], text, config, now, tz)

    def said(edited: list[Task]) -> str:
        app.page.after_bulk()
        return f"Saved: {named(edited)} · u takes it back"

    title = f"Edit {len(ids):,} tasks: what you type is set in all of them"
    app.push_screen(QuickAdd(write, said, title=title, example=FOR_ALL, titled=False))


def add_below(app: CoachApp, parent_id: str, parent_title: str) -> None:
    """Quick-add of a subtask."""
    config, tz = app.runtime.config, app.tz

    def write(db: Any, now: datetime, text: str, ignored: Ignored) -> Task:
        return arranging.add_below(db, tasks.find(db, parent_id), text, config, now, tz, ignored)

    def said(task: Task) -> str:
        extra = spoken(understood(task, app.now(), tz))
        return f"Added: {brief(task.title)}" + (f"\n{extra}" if extra else "")

    app.push_screen(QuickAdd(write, said, title=f"Add below: {brief(parent_title, 40)}", example="Buy the paint ~30m"))


def copy(app: CoachApp, ids: Sequence[str]) -> None:
    """The cursor goes to the first copy, which is there to be edited."""
    page = app.page

    def said(made: list[Task]) -> str:
        page.after_bulk()
        page.when_loaded(lambda: page.select_task(made[0].id))
        return f"Copied: {named(made)} · u takes it back"

    app.change(lambda db, now: arranging.copies(db, [tasks.find(db, i) for i in ids], now, app.tz), said)


def start_or_stop(app: CoachApp, task_id: str) -> None:
    def flip(db: Any, now: datetime) -> str:
        task = tasks.find(db, task_id)
        if task.started:
            tasks.stop(db, task, now)
            return f"Stopped: {brief(task.title)}"
        tasks.start(db, task, now)
        return f"Started: {brief(task.title)}"

    app.change(flip, lambda words: words)
