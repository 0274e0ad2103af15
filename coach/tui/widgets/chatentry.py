"""Where a question is typed: several lines where it needs them; enter sends, Up on the first line brings an older one back."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from coach.tui.actions import bindings

LEFT_TO_THE_APP = frozenset({"redo", "select_all", "select_line"})
"""Actions of the text area whose keys (ctrl+y, f7, f6) mean something else here."""


class ChatEntry(TextArea):
    """Grows to five lines. Enter sends what is typed; ctrl+j, or shift+enter where the terminal tells it apart, makes a line."""

    DEFAULT_CSS = """
    ChatEntry, ChatEntry:focus { height: auto; max-height: 7; min-height: 3; border: tall $border-blurred; padding: 0 1;
        scrollbar-size-vertical: 1; background: $surface; }
    ChatEntry:focus { border: tall $border; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("chat_entry")

    class Sent(Message):
        """Enter was pressed on something."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, placeholder: str, *, id: str) -> None:
        super().__init__(placeholder=placeholder, id=id, compact=False, highlight_cursor_line=False)
        self.cursor_blink = False

    def recall(self, text: str) -> None:
        """Show an older text, the cursor behind it."""
        self.load_text(text)
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            if text := self.text.strip():
                self.load_text("")
                self.post_message(self.Sent(text))

    def action_chat_newline(self) -> None:
        self.insert("\n")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Up and Down leave the text where there is no further line: the history is above and below."""
        if action in LEFT_TO_THE_APP:
            return False
        row = self.cursor_location[0]
        if action == "cursor_up" and row == 0:
            return False
        if action == "cursor_down" and row == self.document.line_count - 1:
            return False
        return super().check_action(action, parameters)
