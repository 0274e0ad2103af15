"""The coach's last line, and when the next one may come."""

from __future__ import annotations

import textwrap

from coach.tui.widgets.paint import Line, Painted, clean, fit


class NudgeCard(Painted):
    """A quotation with a line below it that says where it came from."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = self._about = ""

    def show(self, text: str, about: str) -> None:
        """`text` may be empty; `about` is then all that is said."""
        self._text, self._about = text, about
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        words = textwrap.wrap(clean(self._text), max(8, width - 2)) if self._text else []
        quoted: list[Line] = [[("▎ ", "accent"), (line, "")] for line in words]
        about: list[Line] = [[(fit(line, width), "muted")] for line in textwrap.wrap(clean(self._about), max(8, width))]
        return quoted + about
