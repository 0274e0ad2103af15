"""Tasks: the list in groups, the details beside it, a filter on top."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widgets import Input, Static

from coach.core.errors import CoachError, NotFound
from coach.core.filter import arguments
from coach.core.filter_words import line_words
from coach.core.when import iso
from coach.engine import arranging, filters, finding, lines, task_facts, task_list
from coach.engine.task_list import GROUPINGS, Look, Row, TasksView
from coach.engine.watch import edits
from coach.tui import task_actions, task_category, task_edits
from coach.tui.actions import BY_ID, bindings, keys_of
from coach.tui.screens.base import CoachScreen
from coach.tui.widgets.filters import FilterPicker
from coach.tui.widgets.taskdetail import TaskDetail
from coach.tui.widgets.tasklist import TaskList

FILTER_HINT = "find: a few letters  #home  @phone  p1  due.before:fri  status:waiting  @saved  -label"

WARM_AT_ONCE = 250
"""Tasks that are read in one go before conditions are asked about them; other reads come between."""
REST_S = 0.05
"""How long the cursor must rest before the details follow it: a key that is held moves the list only."""
REMEMBER_S = 0.7
"""How long a grouping must stand until it is kept for the next time: who goes through them all waits for no disk."""


class TasksScreen(CoachScreen[TasksView]):
    NAME = "tasks"
    BINDINGS: ClassVar[list[BindingType]] = bindings("tasks")
    AUTO_FOCUS = "TaskList"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (96, "-wide")]  # noqa: RUF012  Textual declares it without ClassVar
    VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-high")]  # noqa: RUF012  see above
    LOOKS = """
    TasksScreen {
        #bar { height: 1; }
        #filter { width: 1fr; background: $background; }
        #filter:focus { background: $panel; }
        #count { width: auto; padding: 0 1; color: $quiet; }
        #problem { height: auto; color: $error; padding: 0 1; display: none; }
        TaskList { width: 3fr; }
        TaskDetail { width: 2fr; max-width: 72; }
        &.-low TaskDetail { padding: 0 1; }
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
        self._look: Look | None = None  # until the first view: as it was left
        self._listing: lines.Listing | None = None  # the reader thread's
        self._warming = False
        self._remembering: Timer | None = None
        self._resting: Timer | None = None

    def body(self) -> ComposeResult:
        with Horizontal(id="bar"):
            yield Input(placeholder=FILTER_HINT, id="filter", select_on_focus=False)
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
        if self._look is None:
            self._look = task_list.remembered(db)
        return edits(db), iso(now.replace(second=0, microsecond=0)), self._words, self._look

    def build(self, db: Any, now: datetime) -> TasksView:
        self._listing = lines.read(db, self._listing)
        look = self._look or Look()
        return task_list.tasks_view(db, self._listing, self._words, look, self.app.runtime.config, now, self.app.tz)

    def show(self, view: TasksView) -> None:
        rows, entry = self.query_one(TaskList), self.query_one("#filter", Input)
        typing = self.focused is entry and bool(view.letters)
        rows.load(view.groups, view.letters, to_top=typing)  # while letters are typed the best one is wanted
        self._count()
        problem = self.query_one("#problem", Static)
        problem.update(view.problem)
        problem.display = bool(view.problem)
        self.set_class(not view.shown, "-empty")
        if not view.shown:
            self.query_one("#empty", Static).update(self._empty_words(view))
        if self.focused is None and not view.shown:
            self.set_focus(None)
        elif self.focused is None:
            rows.focus()

    def _empty_words(self, view: TasksView) -> str:
        add, clear = self._key("task.add"), self._key("tasks.clear")
        if view.words:
            return (
                f"Nothing fits “{task_actions.brief(' '.join(view.words), 40)}”.\n\n{clear} clears the filter; "
                "status:completed looks among what is done."
            )
        example = f"Press {add} and type, for example: Call mum tomorrow 18:00 #home p2 ~15m"
        if view.hidden:
            count = "One task waits" if view.hidden == 1 else f"{view.hidden:,} tasks wait"
            return f"Nothing to do now. {count} for a later day; the filter status:waiting shows what.\n\n{example}"
        return f"Nothing to do.\n\n{example}"

    def _key(self, action: str) -> str:
        return keys_of(BY_ID[action], self.app.keymap)

    @on(TaskList.Marked)
    def _count(self) -> None:
        if self.view:
            marked = len(self.query_one(TaskList).marks)
            self.query_one("#count", Static).update(counts(self.view) + (f" · {marked:,} marked" if marked else ""))

    # The filter

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        self._words = words_of(event.value)
        if not self._warming and set(event.value) & set(".:+-/"):
            self._warming = True  # a condition is being typed: what it asks about can be read meanwhile
            self._warm()
        self.reload()

    @work(group="warm")
    async def _warm(self) -> None:
        def some(db: Any, now: datetime) -> bool:
            self._listing = lines.read(db, self._listing)
            return lines.warm(db, self._listing, WARM_AT_ONCE)

        try:
            while await self.app.read(some):
                pass
        except CoachError:
            pass  # the list itself reads the same and says what is wrong
        finally:
            self._warming = False

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.query_one(TaskList).focus()

    def use_filter(self, line: str) -> None:
        """Show what this filter line names."""
        entry = self.query_one("#filter", Input)
        entry.value = line
        entry.cursor_position = len(line)

    # Details

    @on(TaskList.Highlighted)
    def _highlighted(self, message: TaskList.Highlighted) -> None:
        if message.row is None:
            self.query_one(TaskDetail).show_nothing()
        elif self.has_class("-wide") or self.has_class("-detail"):
            if self._resting:
                self._resting.stop()
            self._resting = self.set_timer(REST_S, self._show_details)

    @work(group="details", exclusive=True)
    async def _show_details(self) -> None:
        row = self._row
        if row is None:
            return
        config, tz = self.app.runtime.config, self.app.tz
        try:
            shown = await self.app.read(lambda db, now: task_facts.shown(db, row.id, config, now, tz))
        except NotFound:
            return  # gone meanwhile; the list is being made anew
        except CoachError as error:
            self.app.complain(error)
            return
        if self.is_attached:
            self.query_one(TaskDetail).show(row.id, shown.title, shown.facts, shown.notes)

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_details)

    # What the app asks

    def selected_tasks(self) -> tuple[str, ...]:
        return tuple(row.id for row in self.query_one(TaskList).chosen)

    def select_task(self, id: str) -> bool:
        return self.query_one(TaskList).select(id)

    def after_bulk(self) -> None:
        self.query_one(TaskList).unmark()

    def action_search(self) -> None:
        self.query_one("#filter", Input).focus()
        self.app.begin_read(self._prepare)

    def _prepare(self, db: Any, now: datetime) -> None:
        self._listing = lines.read(db, self._listing)
        finding.prepare(self._listing)

    # Keys of this screen

    @property
    def _row(self) -> Row | None:
        row = self.query_one(TaskList).row
        return row if isinstance(row, Row) else None

    @on(TaskList.Opened)
    def action_tasks_open(self) -> None:
        if self._row:
            self.add_class("-detail")
            self.query_one(TaskDetail).focus()
            self._show_details()

    def action_move_right(self) -> None:
        self.action_tasks_open()

    def action_move_left(self) -> None:
        self.remove_class("-detail")
        self.query_one(TaskList).focus()

    async def action_tasks_edit(self) -> None:
        try:
            await task_edits.edit(self.app, self.selected_tasks())
        except CoachError as error:
            self.app.complain(error)

    def action_tasks_delete(self) -> None:
        task_actions.delete(self.app)

    def action_tasks_start(self) -> None:
        if self._row:
            task_edits.start_or_stop(self.app, self._row.id)

    def action_tasks_copy(self) -> None:
        ids = self.selected_tasks()
        if ids:
            task_edits.copy(self.app, ids)

    def action_tasks_subtask(self) -> None:
        if self._row:
            task_edits.add_below(self.app, self._row.id, self._row.title)

    async def action_tasks_category(self) -> None:
        try:
            await task_category.ask(self.app, self.selected_tasks())
        except CoachError as error:
            self.app.complain(error)

    def action_tasks_mark(self) -> None:
        self.query_one(TaskList).mark()

    def action_tasks_mark_range(self) -> None:
        self.query_one(TaskList).mark_range()

    def action_tasks_mark_all(self) -> None:
        self.query_one(TaskList).mark_all()

    def action_tasks_clear(self) -> None:
        """Esc, one step at a time: out of the filter, back from the details, drop the marks, drop the filter, drop the toasts."""
        entry, rows = self.query_one("#filter", Input), self.query_one(TaskList)
        if self.focused is entry or self.focused is self.query_one(TaskDetail):
            self.action_move_left()
        elif rows.marks:
            rows.unmark()
        elif entry.value:
            entry.value = ""
        else:
            self.drop_toasts()

    # Groups and order

    def _look_at(self, look: Look) -> None:
        self._look = look
        self.reload()
        if self._remembering:
            self._remembering.stop()
        self._remembering = self.set_timer(
            REMEMBER_S, lambda: self.app.change(lambda db, now: task_list.remember(db, look, now))
        )

    def action_tasks_group(self) -> None:
        look, names = self._look or Look(), list(GROUPINGS)
        self._look_at(replace(look, by=names[(names.index(look.by) + 1) % len(names)]))

    def action_tasks_by_hand(self) -> None:
        look = self._look or Look()
        self._look_at(replace(look, by_hand=not look.by_hand))

    async def action_tasks_move_down(self) -> None:
        await self._move(1)

    async def action_tasks_move_up(self) -> None:
        await self._move(-1)

    async def _move(self, by: int) -> None:
        """Keys wait until the task has arrived, so that the next one moves it on from there."""
        if self.view and self.view.letters:
            self.app.notify(f"These are sorted by how well they fit; {self._key('tasks.clear')} clears the filter")
            return
        if not (self._look and self._look.by_hand):
            self.action_tasks_by_hand()
            keys = f"{self._key('tasks.move_down')} and {self._key('tasks.move_up')}"
            self.app.notify(f"This is your own order now: {keys} move tasks, {self._key('tasks.by_hand')} goes back")
            return
        rows, at = self.query_one(TaskList).neighbours
        to = at + by
        if at < 0 or not 0 <= to < len(rows):
            return
        places = [(row.id, row.place) for row in rows if isinstance(row, Row)]
        try:
            await self.app.write(lambda db, now: arranging.move(db, places, at, to, now))
        except CoachError as error:
            self.app.complain(error)
        await self.loaded()

    # Saved filters

    async def action_tasks_filters(self) -> None:
        def use(name: str | None) -> None:
            if name is not None:
                self.use_filter(f"@{name}")
                self.query_one(TaskList).focus()

        await self._pick((), use)

    async def action_tasks_save_filter(self) -> None:
        words = self._words
        if not words:
            self.app.notify(f"There is no filter to save: {self._key('search')} types one")
            return

        def saved(name: str | None) -> None:
            if name is not None:
                self.app.notify(f"Saved as @{name}: {self._key('tasks.filters')} picks it", markup=False)

        await self._pick(words, saved)

    async def _pick(self, words: tuple[str, ...], then: Any) -> None:
        try:
            known = await self.app.read(lambda db, now: filters.saved(db))
        except CoachError as error:
            self.app.complain(error)
            return
        self.app.push_screen(FilterPicker(known, words), then)


def words_of(text: str) -> tuple[str, ...]:
    """A filter line as words; p1 is quick-add's priority."""
    return tuple(arguments(line_words(text)))


def counts(view: TasksView) -> str:
    parts = [f"{view.shown:,} task{'s' * (view.shown != 1)}"]
    parts += [f"{view.late:,} overdue"] if view.late else []
    if view.words and not view.problem:
        parts.append("filtered")
    if not view.letters and view.look.by != "due":
        parts.append(GROUPINGS[view.look.by])
    if not view.letters and view.look.by_hand:
        parts.append("by hand")
    return " · ".join(parts)
