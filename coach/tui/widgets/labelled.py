"""Text in two columns: what is too long for the second one goes on below it, not below the label."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

LEAST = 16
"""Columns that the words keep; where a label leaves less they go on at the left edge."""


class Labelled(Static):
    """Rows of a label, whose width is the place of the words, and words. A row with an empty label is text of its own."""

    def __init__(self, rows: Sequence[tuple[Content, Content]] = (), *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self._rows = rows
        self._width = 0

    def show(self, rows: Sequence[tuple[Content, Content]]) -> None:
        """Show these rows instead."""
        self._rows = rows
        self.update(laid_out(rows, self._width))

    def on_resize(self) -> None:
        if self.content_size.width != self._width:
            self._width = self.content_size.width
            self.update(laid_out(self._rows, self._width))


def laid_out(rows: Sequence[tuple[Content, Content]], width: int) -> Content:
    """The rows for that many columns; 0, before the width is known, breaks nothing."""
    lines: list[Content] = []
    for label, words in rows:
        indent = label.cell_length
        room = width - indent
        if not indent or room < LEAST:
            lines.append(label + words)
            continue
        first, *more = words.wrap(room) or [Content("")]
        lines += [label + first, *(Content(" " * indent) + line for line in more)]
    return Content("\n").join(lines)
