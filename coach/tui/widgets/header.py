"""The top line: the six screens, and at the right what is going on."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from coach.tui.actions import SCREENS

TRACKING = {"on": "● tracking", "elsewhere": "● tracking", "paused": "‖ paused", "off": "○ not tracking"}
"""How each state of the tracker reads; the sign alone tells them apart without colour."""


@dataclass(frozen=True, slots=True)
class Status:
    """What every screen's top line shows. `tracking` is a key of TRACKING, `focus` such as "24 min left" or empty."""

    clock: str = ""
    tracking: str = "off"
    focus: str = ""


class TopBar(Widget):
    """One line. A click on a screen's name goes there."""

    DEFAULT_CSS = "TopBar { dock: top; height: 1; background: $panel; color: $quiet; }"

    status: reactive[Status] = reactive(Status())

    def __init__(self, current: str) -> None:
        super().__init__()
        self.current = current
        self._tabs: list[tuple[int, int, str]] = []

    def render(self) -> Content:
        width = self.size.width
        tabs = self._names(full=True)
        if tabs.cell_length > width - 6:
            tabs = self._names(full=False)
        right = self._right(width - tabs.cell_length)
        gap = max(0, width - tabs.cell_length - right.cell_length)
        return Content.assemble(tabs, " " * gap, right).truncate(width)

    async def on_click(self, event: events.Click) -> None:
        for start, end, name in self._tabs:
            if start <= event.x < end:
                await self.app.run_action(f"go({name!r})")

    def _names(self, *, full: bool) -> Content:
        parts: list[Content] = [Content(" ")]
        self._tabs = []
        at = 1
        for number, screen in enumerate(SCREENS, 1):
            here = screen.name == self.current
            text = f"{number} {screen.title}" if full or here else str(number)
            parts.append(Content.styled(text, "bold underline $primary") if here else Content(text))
            parts.append(Content("  "))
            self._tabs.append((at, at + len(text), screen.name))
            at += len(text) + 2
        return Content("").join(parts)

    def _right(self, room: int) -> Content:
        status = self.status
        focus = (f"◷ {status.focus}", "$accent") if status.focus else None
        short = (f"◷ {status.focus.removesuffix(' left')}", "$accent") if status.focus else None
        tracking = (TRACKING[status.tracking], "$success" if status.tracking in ("on", "elsewhere") else "$quiet")
        sign = (tracking[0][0], tracking[1])
        clock = (status.clock, "$foreground")
        # While a focus timer runs it is the last to go: a clock stands elsewhere too.
        for pieces in ((focus, tracking, clock), (focus, sign, clock), (short, sign, clock), (short, sign), (short or sign,)):
            line = Content("  ").join([Content.styled(*p) for p in pieces if p is not None])
            if line.cell_length + 1 <= room:
                return line + Content(" ")
        return Content("")
