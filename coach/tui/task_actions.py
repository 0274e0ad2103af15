"""What the keys do to tasks on any screen: each acts on the tasks that the screen says are selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from coach.core.errors import CoachError
from coach.core.task import Task
from coach.core.when import Moment
from coach.engine import arranging, focusing, manual, tasks, tracking, undoing
from coach.engine.task_text import spoken, understood
from coach.engine.task_view import full_words
from coach.engine.undoing import Undone
from coach.tui.widgets.paint import fit

if TYPE_CHECKING:
    from coach.tui.app import CoachApp

MANY = 1000
"""More tasks than that take so long to write that a word is said before."""


def add(app: CoachApp) -> None:
    from coach.tui.widgets.quickadd import QuickAdd

    config, tz = app.runtime.config, app.tz

    def said(task: Task) -> str:
        extra = spoken(understood(task, app.now(), tz))
        return f"Added: {brief(task.title)}" + (f"\n{extra}" if extra else "")

    app.push_screen(QuickAdd(
        lambda db, now, text, ignored: tasks.add(db, text, config, now, tz, ignored), said,
        text=app.quickadd_text, keep=True, suggests=True,
    ))


def complete(app: CoachApp) -> None:
    """Complete them; those that are closed already are opened again."""
    ids = _selected(app)
    if ids:
        act_on_families(app, ids, "Complete", _done_or_open)


def delete(app: CoachApp) -> None:
    ids = _selected(app)
    if ids:
        act_on_families(app, ids, "Delete", _delete)


def _delete(db: Any, chosen: list[Task], now: datetime) -> str:
    gone = tasks.delete(db, chosen, now, children=True)
    return f"Deleted: {named(gone)} · u brings {'it' if len(gone) == 1 else 'them'} back"


def _done_or_open(db: Any, chosen: list[Task], now: datetime) -> str:
    closed = [task for task in chosen if task.status != "pending"]
    if len(closed) == len(chosen):
        return f"Open again: {named(arranging.reopen(db, closed, now))} · u takes it back"
    pending = [task for task in chosen if task.status == "pending"]
    return f"Done: {named(tasks.done(db, pending, now, children=True))} · u takes it back"


def act_on_families(
    app: CoachApp, ids: Sequence[str], verb: str, act: Callable[[Any, list[Task], datetime], str]
) -> None:
    """Act on tasks and what hangs below them; where more tasks hang below than were chosen, ask first."""
    page = app.page

    def unless_more_hang_below(db: Any, now: datetime) -> str | list[Task]:
        chosen = [tasks.find(db, i) for i in ids]
        return arranging.open_below(db, [t for t in chosen if t.status == "pending" or verb == "Delete"]) or act(db, chosen, now)

    def said(words: str) -> str:
        page.after_bulk()
        return words

    def say(result: str | list[Task]) -> str:
        if isinstance(result, str):
            return said(result)
        from coach.tui.widgets.confirm import Confirm

        count = "an open subtask" if len(result) == 1 else f"{len(result)} open subtasks"
        listed = "\n".join(f"  {brief(task.title, 50)}" for task in result[:5]) + ("\n  …" if len(result) > 5 else "")

        def go_on(sure: bool | None) -> None:
            if sure:
                app.change(lambda db, now: act(db, [tasks.find(db, i) for i in ids], now), said)

        there = "There is" if len(result) == 1 else "There are"
        app.push_screen(Confirm(verb, f"{there} {count} below:\n{listed}\n\n{verb} all?"), go_on)
        return ""

    if len(ids) > MANY:
        app.notify(f"{verb} {len(ids):,} tasks: this takes a moment")
    app.change(unless_more_hang_below, say)


def snooze(app: CoachApp) -> None:
    from coach.tui.widgets.snooze import SnoozePicker

    ids, page = _selected(app), app.page
    if not ids:
        return

    def put_off(moment: Moment | None) -> None:
        def said(put: list[Task]) -> str:
            page.after_bulk()
            return f"Until {full_words(moment, app.tz, app.now())}: {named(put)}" if moment else ""

        if moment is not None:
            app.change(lambda db, now: tasks.snooze(db, [tasks.find(db, i) for i in ids], moment, now), said)

    app.push_screen(SnoozePicker("Snooze" if len(ids) == 1 else f"Snooze {len(ids)} tasks"), put_off)


def go_to_next(app: CoachApp) -> None:
    """To the task to do next; from there to the one after it, and at last to those that cannot be done yet."""
    from coach.engine import lines, prioritising, task_list  # with the filters 5 ms, which the start of the app does not need

    here = app.page.selected_tasks()
    config = app.runtime.config

    def in_order(db: Any, now: datetime) -> list[str]:
        first = [one.task.id for one in prioritising.chosen_next(db, config, now, app.tz, learning=False).ranked]
        return list(dict.fromkeys((*first, *(line.id for line in task_list.by_urgency(lines.read(db), config, now)))))

    async def go() -> None:
        try:
            order = await app.read(in_order)
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
        on = f" on {brief(task.title)}" if task else ""
        return f"Focus{on} until {begun.planned_end.astimezone(app.tz):%H:%M}"

    app.change(flip, lambda words: words)


def undo(app: CoachApp) -> None:
    app.change(lambda db, now: _unwound(app, db, now, tasks.undo), lambda done: f"Undone: {_what(done)}")


def redo(app: CoachApp) -> None:
    app.change(lambda db, now: _unwound(app, db, now, tasks.redo), lambda done: f"Redone: {_what(done)}")


def _unwound(app: CoachApp, db: Any, now: datetime, back: Callable[[Any, datetime], list[Any]]) -> Any:
    """What one step took back; labels and the timeline follow at once, not when the jobs next run."""
    taken = back(db, now)
    manual.after_undo(db, taken, app.runtime.config, app.tz, now)
    return taken[0]


def toggle_pause(app: CoachApp) -> None:
    """Recording stops at once and stays off until the key is pressed again."""
    def flip(db: Any, now: datetime) -> str:
        if tracking.paused_until(db, now):
            tracking.resume(db)
            return "Tracking goes on" if tracking.consent(db) else "No longer paused; tracking is not allowed yet (6 Setup)"
        tracking.pause(db, now)
        return "Tracking is paused: nothing is recorded"

    app.change(flip, lambda words: words)


def named(chosen: list[Task]) -> str:
    """One title, or how many."""
    return brief(chosen[0].title) if len(chosen) == 1 else f"{len(chosen):,} tasks"


def brief(title: str, width: int = 56) -> str:
    """A title as one short line, whatever was typed."""
    return fit(" ".join(title[: 4 * width].split()), width).rstrip()


def _selected(app: CoachApp) -> tuple[str, ...]:
    ids = app.page.selected_tasks()
    if not ids:
        app.notify("No task is selected here")
    return ids


def _what(unwound: Undone) -> str:
    left = f"\nleft as it is, changed since: {', '.join(unwound.refused[:6])}" if unwound.refused else ""
    return brief(undoing.words(unwound), 90) + left
