"""The conversation slid over any screen from the right."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from coach.core.errors import CoachError
from coach.engine import chat_past
from coach.tui import conversing
from coach.tui.widgets import chat as widget

if TYPE_CHECKING:
    from coach.tui.app import CoachApp


class ChatPane(ModalScreen[None]):
    """Esc or the key that opened it closes it; an answer that is being written is stopped by the first Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "close", show=False)]
    DEFAULT_CSS = """
    ChatPane { align-horizontal: right; }
    ChatPane > Vertical { width: 64; max-width: 100%; height: 1fr; background: $surface; border-left: outer $border; }
    ChatPane #ask { background: $panel; }
    """

    app: CoachApp

    def compose(self) -> ComposeResult:
        with Vertical():
            yield widget.ChatPane(conversing.asker(self.app), self.app.keymap)

    def on_mount(self) -> None:
        self.query_one(widget.ChatPane).focus_entry()
        self.run_worker(self._fill(), exclusive=True)

    @on(widget.ChatPane.Wanted)
    def _wanted(self, event: widget.ChatPane.Wanted) -> None:
        conversing.serve(self.app, event)

    async def _fill(self) -> None:
        def past(db: Any, _now: datetime) -> tuple[tuple[str, str], ...]:
            return chat_past.past(db, 10)

        try:
            lines = await self.app.read(past)
        except CoachError as error:
            self.app.complain(error)
            return
        if self.is_attached:
            self.query_one(widget.ChatPane).load(lines)
