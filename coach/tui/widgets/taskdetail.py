"""Everything about one task."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from coach.tui.widgets.labelled import Labelled
from coach.tui.widgets.paint import clean


class TaskDetail(VerticalScroll):
    """Title, facts as label and words, then the notes."""

    DEFAULT_CSS = """
    TaskDetail { background: $surface; padding: 1 2; scrollbar-size-vertical: 1; }
    TaskDetail:focus { background: $panel; }
    """

    def compose(self) -> ComposeResult:
        yield self._facts

    def __init__(self, *, id: str | None = None, can_focus: bool | None = None) -> None:
        super().__init__(id=id, can_focus=can_focus)
        self._of = ""
        self._facts = Labelled(id="facts")  # held here: what was read may come before this is mounted or after

    def show(self, task_id: str, title: str, facts: Sequence[tuple[str, str]], notes: Sequence[str]) -> None:
        """Show these; scrolled to the top when it is another task than before."""
        none = Content("")
        rows = [(none, Content.styled(clean(" ".join(title.split())), "bold")), (none, none)]
        rows += [(Content.styled(f"{label:<13} ", "$quiet"), Content(clean(words))) for label, words in facts]
        for note in notes:
            rows += [(none, none), *((none, Content(clean(line))) for line in note.splitlines())]
        self._facts.show(rows)
        if task_id != self._of:
            self._of = task_id
            self.scroll_home(animate=False)

    def show_nothing(self) -> None:
        self._of = ""
        self._facts.show([])
