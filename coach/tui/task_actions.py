"""What the keys do to tasks on any screen: each acts on the tasks that the screen says are selected."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from coach.core.errors import CoachError
from coach.core.task import Task
from coach.core.when import Moment
from coach.engine import focusing, tasks, tracking
from coach.engine.task_text import spoken, understood
from coach.engine.task_view import full_words, urgent_ids

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


def add(app: CoachApp) -> None:
    from coach.tui.widgets.quickadd import QuickAdd

    config, tz = app.runtime.config, app.tz

    def said(task: Task) -> str:
        extra = spoken(understood(task, app.now(), tz))
        return f"Added: {task.title}" + (f"\n{extra}" if extra else "")

    app.push_screen(QuickAdd(
        lambda db, now, text, ignored: tasks.add(db, text, config, now, tz, ignored), said,
        text=app.quickadd_text, keep=True,
    ))


def complete(app: CoachApp) -> None:
    ids = _selected(app)
    if ids:
        app.change(
            lambda db, now: tasks.done(db, [tasks.find(db, i) for i in ids], now),
            lambda done: f"Done: {named(done)} · u takes it back",
        )


def snooze(app: CoachApp) -> None:
    from coach.tui.widgets.snooze import SnoozePicker

    ids = _selected(app)
    if not ids:
        return

    def put_off(moment: Moment | None) -> None:
        if moment is not None:
            app.change(
                lambda db, now: tasks.snooze(db, [tasks.find(db, i) for i in ids], moment, now),
                lambda put: f"Until {full_words(moment, app.tz, app.now())}: {named(put)}",
            )

    app.push_screen(SnoozePicker("Snooze" if len(ids) == 1 else f"Snooze {len(ids)} tasks"), put_off)


def go_to_next(app: CoachApp) -> None:
    """To the most urgent open task; from there to the one after it."""
    here = app.page.selected_tasks()
    config = app.runtime.config

    async def go() -> None:
        try:
            order = await app.read(lambda db, now: urgent_ids(db, config, now))
        except CoachError as error:
            app.complain(error)
            return
        if not order:
            app.notify("Nothing is waiting for you")
            return
        at = order.index(here[0]) + 1 if len(here) == 1 and here[0] in order else 0
        app.show_task(order[at % len(order)] if here and here[0] == order[0] else order[0])

    app.run_worker(go(), group="next", exclusive=True)


def toggle_focus(app: CoachApp) -> None:
    """Stop the timer that runs, or start one on the selected task (on none where the screen has no tasks)."""
    ids = app.page.selected_tasks()

    def flip(db: Any, now: datetime) -> str:
        if focusing.running(db, now):
            ended = focusing.stop(db, now)
            return f"Focus ended; take {ended.break_min()} minutes off"
        task = tasks.find(db, ids[0]) if len(ids) == 1 else None
        begun = focusing.start(db, now, task=task)
        on = f" on {task.title}" if task else ""
        return f"Focus{on} until {begun.planned_end.astimezone(app.tz):%H:%M}"

    app.change(flip, lambda words: words)


def undo(app: CoachApp) -> None:
    app.change(lambda db, now: tasks.undo(db, now)[0], lambda done: f"Undone: {done.label}{_left(done.refused)}")


def redo(app: CoachApp) -> None:
    app.change(lambda db, now: tasks.redo(db, now)[0], lambda done: f"Redone: {done.label}{_left(done.refused)}")


def toggle_pause(app: CoachApp) -> None:
    """Recording stops at once and stays off until the key is pressed again."""
    def flip(db: Any, now: datetime) -> str:
        if tracking.paused_until(db, now):
            tracking.resume(db)
            return "Tracking goes on"
        tracking.pause(db, now)
        return "Tracking is paused: nothing is recorded"

    app.change(flip, lambda words: words)


def named(chosen: list[Task]) -> str:
    """One title, or how many."""
    return chosen[0].title if len(chosen) == 1 else f"{len(chosen)} tasks"


def _selected(app: CoachApp) -> tuple[str, ...]:
    ids = app.page.selected_tasks()
    if not ids:
        app.notify("No task is selected here")
    else:
        app.page.after_bulk()
    return ids


def _left(refused: tuple[str, ...]) -> str:
    return f" (left as it is, changed since: {', '.join(refused)})" if refused else ""
