"""A list of tasks in groups. Only the lines on screen are drawn, so ten thousand tasks scroll like ten."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, dropwhile, groupby
from typing import ClassVar, Generic, Protocol, TypeVar

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

from coach.core import fuzzy
from coach.engine.task_view import minutes
from coach.tui.widgets.paint import clean, fit

SIGNS = {"overdue": "!", "waiting": "…", "completed": "✓", "deleted": "✗"}

MOST_INDENTED = 6
MOST_NEIGHBOURS = 200


class Listed(Protocol):
    """What is shown of a task. `state` is a key of `task_view.GROUPS`, `depth` counts the tasks above it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def project(self) -> str | None: ...
    @property
    def labels(self) -> Sequence[str]: ...
    @property
    def priority(self) -> int | None: ...
    @property
    def estimate_min(self) -> int | None: ...
    @property
    def due(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def depth(self) -> int: ...
    @property
    def is_started(self) -> bool: ...
    @property
    def repeats(self) -> bool: ...


R = TypeVar("R", bound=Listed)
R_co = TypeVar("R_co", bound=Listed, covariant=True)


class Grouped(Protocol[R_co]):
    """Tasks under a heading: at least one. Rows may be made only when they are looked at; `ids` are there at once."""

    @property
    def title(self) -> str: ...
    @property
    def rows(self) -> Sequence[R_co]: ...
    @property
    def ids(self) -> Sequence[str]: ...


class TaskList(ScrollView, Generic[R], can_focus=True):
    """Rows under headings, a cursor, and marks for bulk edits. Left of a title: `›` cursor, `●` marked, then `!`
    overdue, `▶` started, `↻` repeating, `✓` done."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tasklist--head", "tasklist--row", "tasklist--cursor", "tasklist--marked", "tasklist--overdue",
        "tasklist--quiet", "tasklist--started", "tasklist--priority", "tasklist--found",
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
        & > .tasklist--found { color: $primary; text-style: bold underline; }
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

        def __init__(self, row: Listed | None) -> None:
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

        def __init__(self, row: Listed) -> None:
            super().__init__()
            self.row = row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.marks: frozenset[str] = frozenset()
        self._groups: Sequence[Grouped[R]] = ()
        self._heads: list[int] = []
        """The lines of the headings."""
        self._count = 0
        self._letters: tuple[str, ...] = ()
        self._last_mark = -1

    # What is shown

    def load(self, groups: Sequence[Grouped[R]], letters: Sequence[str] = (), *, to_top: bool = False) -> None:
        """Show these, with the letters that were looked for marked in the titles. The cursor stays on its task, or on its
        line when that task is gone; `to_top` puts it on the first."""
        before = self.row
        self._groups = groups
        sizes = [len(group.ids) + 1 for group in groups]
        self._heads = [0, *accumulate(sizes)][: len(sizes)]
        self._count = sum(sizes)
        self._letters = tuple(word.casefold() for word in letters)
        if self.marks:
            self._set_marks(self.marks & {i for group in groups for i in group.ids})
        self.virtual_size = Size(self.size.width, self._count)
        line = 0 if to_top else self._line_of(before.id) if before else None
        self.set_reactive(TaskList.cursor, self._nearest(self.cursor if line is None else line))
        self._follow(animate=False)
        self.refresh()
        if self.row != before:
            self.post_message(self.Highlighted(self.row))

    def _line_of(self, task_id: str) -> int | None:
        for head, group in zip(self._heads, self._groups, strict=True):
            if task_id in group.ids:
                return head + 1 + group.ids.index(task_id)
        return None

    def _at(self, y: int) -> tuple[Grouped[R], int] | None:
        """The group of a line and the place in it, -1 for its heading."""
        if not 0 <= y < self._count:
            return None
        n = bisect_right(self._heads, y) - 1
        return self._groups[n], y - self._heads[n] - 1

    def _is_row(self, y: int) -> bool:
        at = self._at(y)
        return at is not None and at[1] >= 0

    @property
    def row(self) -> R | None:
        """The task under the cursor."""
        at = self._at(self.cursor)
        return at[0].rows[at[1]] if at and at[1] >= 0 else None

    @property
    def chosen(self) -> tuple[R, ...]:
        """The marked tasks in the order shown, else the one under the cursor."""
        if self.marks:
            return tuple(g.rows[n] for g in self._groups for n, i in enumerate(g.ids) if i in self.marks)
        return (self.row,) if self.row else ()

    @property
    def neighbours(self) -> tuple[Sequence[R], int]:
        """The rows among which the one under the cursor can be moved, and which of them it is: the nearest ones of its group
        that lie as deep as it, below the same one."""
        at = self._at(self.cursor)
        if at is None or at[1] < 0:
            return (), -1
        rows, here = at[0].rows, at[1]
        depth = rows[here].depth
        before = []
        for n in range(here - 1, max(-1, here - MOST_NEIGHBOURS), -1):
            if rows[n].depth < depth:
                break
            if rows[n].depth == depth:
                before.append(rows[n])
        after = []
        for n in range(here + 1, min(len(rows), here + MOST_NEIGHBOURS)):
            if rows[n].depth < depth:
                break
            if rows[n].depth == depth:
                after.append(rows[n])
        return [*reversed(before), rows[here], *after], len(before)

    def select(self, task_id: str) -> bool:
        """Put the cursor on that task; False when it is not listed."""
        line = self._line_of(task_id)
        if line is None:
            return False
        self.cursor = line
        return True

    # Marks

    def mark(self) -> None:
        """Mark or unmark the task under the cursor, and go one down."""
        if self.row:
            self._last_mark = self.cursor
            self._set_marks(self.marks ^ {self.row.id})
            self.action_cursor_down()

    def mark_range(self) -> None:
        """Mark everything between the last mark and the cursor."""
        start = self._last_mark if self._last_mark >= 0 else self.cursor
        low, high = sorted((start, self.cursor))
        self._last_mark = self.cursor
        between = (self._at(y) for y in range(max(low, 0), high + 1))
        self._set_marks(self.marks | {at[0].ids[at[1]] for at in between if at and at[1] >= 0})

    def mark_all(self) -> None:
        """Mark everything that is listed, or nothing where all of it is marked."""
        every = frozenset(i for group in self._groups for i in group.ids)
        self._set_marks(frozenset() if self.marks == every else every)

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
        self.cursor = self._nearest(self._count - 1)

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
        if self._is_row(y):
            self.cursor = y
            if event.chain == 2 and self.row:
                self.post_message(self.Opened(self.row))

    def on_resize(self) -> None:
        self.virtual_size = Size(self.size.width, self._count)
        self._follow(animate=False)

    def _follow(self, *, animate: bool) -> None:
        if self.cursor >= 0:
            above = 0 if self._is_row(self.cursor - 1) else 1
            self.scroll_to_region(Region(0, self.cursor - above, 1, 1 + above), animate=animate, force=True)

    def _step(self, y: int, by: int) -> int:
        """The next line of a task in that direction; headings lie between two of them."""
        return next((line for line in (y + by, y + 2 * by) if self._is_row(line)), y)

    def _nearest(self, y: int) -> int:
        """The line of a task at or below y, else the last one above it, else -1."""
        y = min(max(0, y), self._count - 1)
        return next((line for line in (y, y + 1, y - 1) if self._is_row(line)), -1)

    # Drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width  # the size has the scrollbar in it, which would hide the ellipsis
        y += self.scroll_offset.y
        at = self._at(y)
        if at is None:
            return Strip.blank(width, self.rich_style)
        group, n = at
        if n < 0:
            head = self.get_component_rich_style("tasklist--head")
            quiet = self.get_component_rich_style("tasklist--quiet", partial=True)
            title = fit(group.title, min(cell_len(group.title), max(1, width - 12)))
            pieces = [(f" {title} ", head), (f"{len(group.ids):,}", head + quiet)]
        else:
            pieces = list(self._row_pieces(group.rows[n], width, y == self.cursor))
        return Strip([Segment(*piece) for piece in pieces]).adjust_cell_length(width, pieces[-1][1])

    def _row_pieces(self, row: Listed, width: int, here: bool) -> Iterable[tuple[str, Style]]:
        marked = row.id in self.marks
        base = self.get_component_rich_style("tasklist--row")
        if marked:
            base += self.get_component_rich_style("tasklist--marked", partial=True)
        if here:
            base += self.get_component_rich_style("tasklist--cursor", partial=True)

        def part(name: str) -> Style:
            return base + self.get_component_rich_style(f"tasklist--{name}", partial=True)

        sign, sign_style = self._sign(row)
        right = self._right(row, width)
        room = max(1, width - 7 - sum(cell_len(text) for text, _ in right))
        yield ("›" if here else " ") + ("●" if marked else " "), base
        yield f"{sign} ", part(sign_style)
        priority = f"p{row.priority} " if row.priority in (1, 2, 3) else "   "
        yield priority, part("priority" if row.priority == 1 else "quiet")
        indent = ("  " * (min(row.depth, MOST_INDENTED) - 1) + "↳ ")[: room // 2] if row.depth else ""
        if indent:
            yield indent, part("quiet")
        # No more of it than can be seen: a title may have thousands of characters.
        room -= len(indent)
        title = clean(row.title[: 4 * room])
        labels = _fitting(row.labels, room - cell_len(title) - 2)
        yield from self._title_pieces(title if labels else fit(title, room), base, part)
        if labels:
            yield set_cell_size(f"  {labels}", room - cell_len(title)), part("quiet")
        for text, name in right:
            yield text, part(name) if name else base

    def _title_pieces(
        self, title: str, base: Style, part: Callable[[str], Style]
    ) -> Iterable[tuple[str, Style]]:
        """The title, with the letters apart by which it was found."""
        plain = title.casefold()
        hits = {at for word in self._letters for at in fuzzy.places(word, plain)} if self._letters else ()
        if not hits or len(plain) != len(title):
            yield title, base
            return
        for hit, members in groupby(range(len(title)), key=hits.__contains__):
            yield "".join(title[n] for n in members), part("found") if hit else base

    def _sign(self, row: Listed) -> tuple[str, str]:
        if row.is_started and row.state not in ("completed", "deleted"):
            return "▶", "started"
        if row.state in SIGNS:
            return SIGNS[row.state], "overdue" if row.state == "overdue" else "quiet"
        return ("↻" if row.repeats else " "), "quiet"

    def _right(self, row: Listed, width: int) -> list[tuple[str, str]]:
        """Project, estimate and due, as far as there is room for them beside a title; it may reach over the first of them
        that are empty."""
        found: list[tuple[str, str]] = []
        if width >= 70:
            project = f"#{clean(row.project)}" if row.project else ""
            found.append((" " + set_cell_size(project, 18 if width >= 100 else 14), "quiet"))
        if width >= 52:
            found.append((f"{minutes(row.estimate_min):>9}", "quiet"))
        if width >= 34:
            found.append((f"   {row.due:<15}", "overdue" if row.state == "overdue" else ""))
        return list(dropwhile(lambda piece: not piece[0].strip(), found))


def _fitting(labels: Sequence[str], room: int) -> str:
    """The labels that fit into so many cells beside a title."""
    found = ""
    for label in labels if room > 1 else ():
        longer = f"{found} @{clean(label)}".strip()
        if cell_len(longer) > room:
            break
        found = longer
    return found
