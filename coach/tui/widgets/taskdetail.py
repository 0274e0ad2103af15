"""Everything about one task."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static


class TaskDetail(VerticalScroll):
    """Title, facts as label and words, then the notes."""

    DEFAULT_CSS = """
    TaskDetail { background: $surface; padding: 1 2; scrollbar-size-vertical: 1; }
    TaskDetail:focus { background: $panel; }
    """

    def compose(self) -> ComposeResult:
        yield Static(id="facts", markup=False)

    def show(self, title: str, facts: Sequence[tuple[str, str]], notes: Sequence[str]) -> None:
        lines = [Content.styled(" ".join(title.split()), "bold"), Content("")]
        lines += [Content.assemble((f"{label:<13} ", "$quiet"), words) for label, words in facts]
        for note in notes:
            lines += [Content(""), Content(note)]
        self.query_one("#facts", Static).update(Content("\n").join(lines))
        self.scroll_home(animate=False)

    def show_nothing(self) -> None:
        self.query_one("#facts", Static).update("")
