"""The coach's last line, and when the next one may come."""

from __future__ import annotations

import textwrap

from coach.tui.widgets.paint import Line, Painted, clean, fit


class NudgeCard(Painted):
    """A quotation with a line below it that says where it came from."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = self._about = self._more = ""

    def show(self, text: str, about: str, more: str = "") -> None:
        """`text` may be empty; `about` is then all that is said. `more` says how to see all of it where there is not the room."""
        self._text, self._about, self._more = text, about, more
        self.repaint(layout=True)

    def lines(self, width: int, height: int) -> list[Line]:
        words = textwrap.wrap(clean(self._text), max(8, width - 2)) if self._text else []
        quoted: list[Line] = [[("▎ ", "accent"), (line, "")] for line in words]
        about: list[Line] = [[(fit(line, width), "muted")] for line in textwrap.wrap(clean(self._about), max(8, width))]
        if not 0 < height < len(quoted) + len(about) or not quoted:
            return quoted + about
        kept = quoted[:max(1, height - 1)]
        kept[-1] = [("▎ ", "accent"), (fit(f"{kept[-1][1][0]} …", max(8, width - 2)), "")]
        return [*kept, [(fit(" · ".join(w for w in (self._more, clean(self._about)) if w), width), "muted")]]
