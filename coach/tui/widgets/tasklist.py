"""A list of tasks in groups. Only the lines on screen are drawn, so ten thousand tasks scroll like ten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from coach.engine.task_view import TaskGroup, TaskRow, minutes

SIGNS = {"overdue": "!", "waiting": "…", "completed": "✓", "deleted": "✗"}

_CONTROLS = dict.fromkeys((*range(32), 127, 0x2028, 0x2029), " ")


class TaskList(ScrollView, can_focus=True):
    """Rows under headings, a cursor, and marks for bulk edits. Left of a title: `›` cursor, `●` marked, then `!`
    overdue, `▶` started, `↻` repeating, `✓` done."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tasklist--head", "tasklist--row", "tasklist--cursor", "tasklist--marked", "tasklist--overdue",
        "tasklist--quiet", "tasklist--started", "tasklist--priority",
    }
    DEFAULT_CSS = """
    TaskList {
        scrollbar-size-vertical: 1; overflow-x: hidden;
        & > .tasklist--head { color: $secondary; text-style: bold; }
        & > .tasklist--row { color: $foreground; }
        & > .tasklist--cursor { background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground; }
        &:focus > .tasklist--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
        & > .tasklist--marked { background: $marked; }
        & > .tasklist--overdue { color: $error; }
        & > .tasklist--quiet { color: $quiet; }
        & > .tasklist--started { color: $success; text-style: bold; }
        & > .tasklist--priority { color: $accent; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "cursor_up", show=False), Binding("down", "cursor_down", show=False),
        Binding("home", "first", show=False), Binding("end", "last", show=False),
        Binding("pageup", "page_up", show=False), Binding("pagedown", "page_down", show=False),
    ]

    cursor: reactive[int] = reactive(-1, repaint=False)
    """Line of the cursor; -1 when there is no task."""

    class Highlighted(Message):
        """The cursor stands on another task, or on none."""

        def __init__(self, row: TaskRow | None) -> None:
            super().__init__()
            self.row = row

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TaskList.Highlighted)

    class Marked(Message):
        """The marks changed."""

        def __init__(self, count: int) -> None:
            super().__init__()
            self.count = count

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, TaskList.Marked)

    class Opened(Message):
        """A task was double-clicked."""

        def __init__(self, row: TaskRow) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks: frozenset[str] = frozenset()
        self._lines: list[TaskGroup | TaskRow] = []
        self._place: dict[str, int] = {}
        self._last_mark = -1

    # What is shown

    def load(self, groups: Sequence[TaskGroup]) -> None:
        """Show these; the cursor stays on its task, or on its line when that task is gone."""
        before = self.row
        self._lines = []
        for group in groups:
            self._lines += [group, *group.rows]
        self._place = {line.task.id: y for y, line in enumerate(self._lines) if isinstance(line, TaskRow)}
        self._set_marks(frozenset(self.marks & self._place.keys()))
        self.virtual_size = Size(self.size.width, len(self._lines))
        line = self._place.get(before.task.id) if before else None
        self.set_reactive(TaskList.cursor, self._nearest(self.cursor if line is None else line))
        self._follow(animate=False)
        self.refresh()
        if self.row != before:
            self.post_message(self.Highlighted(self.row))

    @property
    def row(self) -> TaskRow | None:
        """The task under the cursor."""
        line = self._lines[self.cursor] if 0 <= self.cursor < len(self._lines) else None
        return line if isinstance(line, TaskRow) else None

    @property
    def chosen(self) -> tuple[TaskRow, ...]:
        """The marked tasks in the order shown, else the one under the cursor."""
        if self.marks:
            return tuple(x for x in self._lines if isinstance(x, TaskRow) and x.task.id in self.marks)
        return (self.row,) if self.row else ()

    def select(self, task_id: str) -> bool:
        """Put the cursor on that task; False when it is not listed."""
        if task_id not in self._place:
            return False
        self.cursor = self._place[task_id]
        return True

    # Marks

    def mark(self) -> None:
        """Mark or unmark the task under the cursor, and go one down."""
        if self.row:
            self._last_mark = self.cursor
            self._set_marks(self.marks ^ {self.row.task.id})
            self.action_cursor_down()

    def mark_range(self) -> None:
        """Mark everything between the last mark and the cursor."""
        start = self._last_mark if self._last_mark >= 0 else self.cursor
        low, high = sorted((start, self.cursor))
        self._last_mark = self.cursor
        between = {x.task.id for x in self._lines[max(low, 0) : high + 1] if isinstance(x, TaskRow)}
        self._set_marks(self.marks | between)

    def unmark(self) -> None:
        self._last_mark = -1
        self._set_marks(frozenset())

    def _set_marks(self, marks: frozenset[str]) -> None:
        if marks != self.marks:
            self.marks = marks
            self.refresh()
            self.post_message(self.Marked(len(marks)))

    # Moving

    def action_cursor_down(self) -> None:
        self.cursor = self._step(self.cursor, 1)

    def action_cursor_up(self) -> None:
        self.cursor = self._step(self.cursor, -1)

    def action_first(self) -> None:
        self.cursor = self._nearest(0)
        self.scroll_to(y=0, animate=False)

    def action_last(self) -> None:
        self.cursor = self._nearest(len(self._lines) - 1)

    def action_page_down(self) -> None:
        self.cursor = self._nearest(self.cursor + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self.cursor = self._nearest(max(0, self.cursor - max(1, self.size.height - 1)))

    def watch_cursor(self, old: int, new: int) -> None:
        for y in (old, new):
            self.refresh(Region(0, y - self.scroll_offset.y, self.size.width, 1))
        self._follow(animate=False)
        self.post_message(self.Highlighted(self.row))

    def on_click(self, event: events.Click) -> None:
        y = event.y + self.scroll_offset.y
        if 0 <= y < len(self._lines) and isinstance(self._lines[y], TaskRow):
            self.cursor = y
            if event.chain == 2 and self.row:
                self.post_message(self.Opened(self.row))

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self._lines))
        self._follow(animate=False)

    def _follow(self, *, animate: bool) -> None:
        if self.cursor >= 0:
            above = 1 if isinstance(self._lines[self.cursor - 1], TaskGroup) else 0
            self.scroll_to_region(Region(0, self.cursor - above, 1, 1 + above), animate=animate, force=True)

    def _step(self, y: int, by: int) -> int:
        start, y = y, y + by
        while 0 <= y < len(self._lines):
            if isinstance(self._lines[y], TaskRow):
                return y
            y += by
        return start

    def _nearest(self, y: int) -> int:
        """The line of a task at or below y, else the last one above it, else -1."""
        y = max(0, y)
        below, above = range(y, min(len(self._lines), y + 2)), range(min(y, len(self._lines)) - 1, -1, -1)
        candidates: tuple[int, ...] = (*below, *above)
        for candidate in candidates:
            if isinstance(self._lines[candidate], TaskRow):
                return candidate
        return -1

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        y += self.scroll_offset.y
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._lines[y]
        if isinstance(line, TaskGroup):
            head = self.get_component_rich_style("tasklist--head")
            quiet = self.get_component_rich_style("tasklist--quiet", partial=True)
            pieces = [(f" {line.title} ", head), (str(len(line.rows)), head + quiet)]
        else:
            pieces = list(self._row_pieces(line, width, y == self.cursor))
        return Strip([Segment(*piece) for piece in pieces]).adjust_cell_length(width, pieces[-1][1])

    def _row_pieces(self, row: TaskRow, width: int, here: bool) -> Iterable[tuple[str, Style]]:
        task = row.task
        marked = task.id in self.marks
        base = self.get_component_rich_style("tasklist--row")
        if marked:
            base += self.get_component_rich_style("tasklist--marked", partial=True)
        if here:
            base += self.get_component_rich_style("tasklist--cursor", partial=True)

        def part(name: str) -> Style:
            return base + self.get_component_rich_style(f"tasklist--{name}", partial=True)

        sign, sign_style = self._sign(row)
        right = self._right(row, width)
        room = width - 7 - sum(cell_len(text) for text, _ in right)
        yield ("›" if here else " ") + ("●" if marked else " "), base
        yield f"{sign} ", part(sign_style)
        priority = f"p{task.priority} " if task.priority in (1, 2, 3) else "   "
        yield priority, part("priority" if task.priority == 1 else "quiet")
        yield set_cell_size(task.title.translate(_CONTROLS), max(1, room)), base
        for text, name in right:
            yield text, part(name) if name else base

    def _sign(self, row: TaskRow) -> tuple[str, str]:
        if row.task.started and row.group not in ("completed", "deleted"):
            return "▶", "started"
        if row.group in SIGNS:
            return SIGNS[row.group], "overdue" if row.group == "overdue" else "quiet"
        return ("↻" if row.task.recurrence else " "), "quiet"

    def _right(self, row: TaskRow, width: int) -> list[tuple[str, str]]:
        """Project, estimate and due, as far as there is room for them beside a title."""
        found: list[tuple[str, str]] = []
        if width >= 70:
            project = f"#{row.task.project}" if row.task.project else ""
            found.append((" " + set_cell_size(project, 18 if width >= 100 else 14), "quiet"))
        if width >= 52:
            found.append((f"{minutes(row.task.estimate_min):>9}", "quiet"))
        if width >= 34:
            found.append((f"   {row.due:<15}", "overdue" if row.group == "overdue" else ""))
        return found
