"""Tasks: the list in groups, the details beside it, a filter on top."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Static

from coach.core.when import iso
from coach.engine import task_view, tasks
from coach.engine.task_text import ignored_in, rewrite, text_of
from coach.engine.task_view import TaskRow, TasksView, full_words
from coach.engine.watch import edits
from coach.tui.actions import bindings
from coach.tui.screens.base import CoachScreen
from coach.tui.widgets.quickadd import QuickAdd
from coach.tui.widgets.taskdetail import TaskDetail
from coach.tui.widgets.tasklist import TaskList

EMPTY = "Nothing to do.\n\nPress a and type, for example: Call mum tomorrow 18:00 #home p2 ~15m"
NO_MATCH = "No task passes this filter.\n\nEsc clears it."
NO_FOCUS_ADVICE = "filter: words  project:home  +tag  due.before:fri  priority:1  status:waiting  /text/"


class TasksScreen(CoachScreen[TasksView]):
    NAME = "tasks"
    BINDINGS: ClassVar[list[BindingType]] = bindings("tasks")
    AUTO_FOCUS = "TaskList"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (96, "-wide")]  # noqa: RUF012  Textual declares it without ClassVar
    CSS = """
    TasksScreen {
        #bar { height: 1; }
        #filter { width: 1fr; background: $background; }
        #filter:focus { background: $panel; }
        #count { width: auto; padding: 0 1; color: $quiet; }
        #problem { height: auto; color: $error; padding: 0 1; display: none; }
        TaskList { width: 3fr; }
        TaskDetail { width: 2fr; max-width: 72; }
        &.-narrow TaskDetail { display: none; }
        &.-narrow.-detail TaskDetail { display: block; width: 1fr; max-width: 100%; }
        &.-narrow.-detail TaskList { display: none; }
        &.-empty Horizontal#main { display: none; }
        #empty { display: none; }
        &.-empty #empty { display: block; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._words: tuple[str, ...] = ()

    def body(self) -> ComposeResult:
        with Horizontal(id="bar"):
            yield Input(placeholder=NO_FOCUS_ADVICE, id="filter", select_on_focus=False)
            yield Static(id="count", markup=False)
        yield Static(id="problem", markup=False)
        with Horizontal(id="main"):
            yield TaskList(id="list")
            yield TaskDetail(id="detail", can_focus=True)
        yield Static(classes="empty", id="empty", markup=False)

    def on_mount(self) -> None:
        self.query_one("#filter", Input).cursor_blink = False

    # The view

    def stamp(self, db: Any, now: datetime) -> object:
        return edits(db), iso(now.replace(second=0, microsecond=0)), self._words

    def build(self, db: Any, now: datetime) -> TasksView:
        return task_view.tasks_view(db, self._words, self.app.runtime.config, now, self.app.tz)

    def show(self, view: TasksView) -> None:
        self.query_one(TaskList).load(view.groups)
        self._count()
        problem = self.query_one("#problem", Static)
        problem.update(view.problem)
        problem.display = bool(view.problem)
        self.set_class(not view.shown, "-empty")
        self.query_one("#empty", Static).update(NO_MATCH if view.words else EMPTY)
        if self.focused is None and not view.shown:
            self.set_focus(None)
        elif self.focused is None:
            self.query_one(TaskList).focus()

    @on(TaskList.Marked)
    def _count(self) -> None:
        if self.view:
            marked = len(self.query_one(TaskList).marks)
            self.query_one("#count", Static).update(counts(self.view) + (f" · {marked} marked" if marked else ""))

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        self._words = words_of(event.value)
        self.reload()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.query_one(TaskList).focus()

    @on(TaskList.Highlighted)
    def _highlighted(self, message: TaskList.Highlighted) -> None:
        detail = self.query_one(TaskDetail)
        row = message.row
        if row is None:
            detail.show_nothing()
            return
        notes = [row.task.notes] if row.task.notes else []
        now, tz = self.app.now(), self.app.tz
        notes += [f"{full_words(a.at, tz, now)}  {a.text}" for a in row.task.annotations]
        detail.show(row.task.title, task_view.facts(row, now, tz), notes)

    # What the app asks

    def selected_tasks(self) -> tuple[str, ...]:
        return tuple(row.task.id for row in self.query_one(TaskList).chosen)

    def select_task(self, id: str) -> bool:
        return self.query_one(TaskList).select(id)

    def after_bulk(self) -> None:
        self.query_one(TaskList).unmark()

    def action_search(self) -> None:
        self.query_one("#filter", Input).focus()

    # Keys of this screen

    @property
    def _row(self) -> TaskRow | None:
        return self.query_one(TaskList).row

    @on(TaskList.Opened)
    def action_tasks_open(self) -> None:
        if self._row:
            self.add_class("-detail")
            self.query_one(TaskDetail).focus()

    def action_move_right(self) -> None:
        self.action_tasks_open()

    def action_move_left(self) -> None:
        self.remove_class("-detail")
        self.query_one(TaskList).focus()

    def action_tasks_edit(self) -> None:
        row = self._row
        if row is None:
            return
        app, task = self.app, row.task
        config, tz = app.runtime.config, app.tz
        self.app.push_screen(QuickAdd(
            lambda db, now, text, ignored: rewrite(db, tasks.find(db, task.id), text, config, now, tz, ignored),
            lambda new: f"Saved: {new.title}", title=f"Edit task {task.num}", text=text_of(task),
            ignored=ignored_in(task, config, app.now(), tz),
        ))

    def action_tasks_delete(self) -> None:
        ids = self.selected_tasks()
        if ids:
            self.after_bulk()
            self.app.change(
                lambda db, now: tasks.delete(db, [tasks.find(db, i) for i in ids], now),
                lambda gone: f"Deleted: {named([t.title for t in gone])} · u brings it back",
            )

    def action_tasks_start(self) -> None:
        row = self._row
        if row is None:
            return
        task_id, verb = row.task.id, "Stopped" if row.task.started else "Started"
        act = tasks.stop if row.task.started else tasks.start
        self.app.change(lambda db, now: act(db, tasks.find(db, task_id), now), lambda t: f"{verb}: {t.title}")

    def action_tasks_mark(self) -> None:
        self.query_one(TaskList).mark()

    def action_tasks_mark_range(self) -> None:
        self.query_one(TaskList).mark_range()

    def action_tasks_clear(self) -> None:
        """Esc, one step at a time: out of the filter, back from the details, drop the marks, drop the filter."""
        entry, rows = self.query_one("#filter", Input), self.query_one(TaskList)
        if self.focused is entry or self.focused is self.query_one(TaskDetail):
            self.action_move_left()
        elif rows.marks:
            rows.unmark()
        elif entry.value:
            entry.value = ""


_WORD = re.compile(r"""/[^/]+/(?!\S)|(?:[^\s"']|"[^"]*"|'[^']*')+|\S+""")


def words_of(text: str) -> tuple[str, ...]:
    """A filter line as words; quotes and /slashes/ hold words together."""
    words: list[str] = _WORD.findall(text)
    return tuple(w if w.startswith("/") else w.replace('"', "").replace("'", "") for w in words)


def counts(view: TasksView) -> str:
    late = sum(len(g.rows) for g in view.groups if g.name == "overdue")
    filtered = " · filtered" if view.words and not view.problem else ""
    return f"{view.shown} task{'s' * (view.shown != 1)}" + (f" · {late} overdue" if late else "") + filtered


def named(titles: list[str]) -> str:
    """One title, or how many."""
    return titles[0] if len(titles) == 1 else f"{len(titles)} tasks"
