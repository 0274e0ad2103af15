"""The pages of a screen in one line, the one that is shown in brackets; a click goes to another."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from coach.tui.widgets.paint import Line, Painted


class PageStrip(Painted):
    """`pages` are (name, title); each title with its key, where there is one."""

    DEFAULT_CSS = "PageStrip { height: 1; padding: 0 1; }"

    class Chosen(Message):
        """A page was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, pages: Sequence[tuple[str, str]], current: str, keys: Sequence[str] = (), note: str = "") -> None:
        super().__init__()
        self._pages, self._current, self._note = tuple(pages), current, note
        self._keys = tuple(keys) or ("",) * len(self._pages)
        self._spans: list[tuple[int, int, str]] = []

    def lines(self, width: int, height: int) -> list[Line]:
        line: Line = []
        self._spans, at = [], 0
        for (name, title), key in zip(self._pages, self._keys, strict=True):
            here = name == self._current
            text = f"[{title}]" if here else f" {title} "
            hint = f"{key} " if key and not here else " "
            line += [(text, "strong" if here else "muted"), (hint, "accent")]
            self._spans.append((at, at + len(text), name))
            at += len(text) + len(hint)
        room = width - at - 1
        return [[*line, (self._note.rjust(room)[:room] if room > len(self._note) else "", "muted")]]

    def on_click(self, event: events.Click) -> None:
        for start, end, name in self._spans:
            if start <= event.x - 1 < end:
                self.post_message(self.Chosen(name))
