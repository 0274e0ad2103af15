"""Coach: the conversation, over the whole screen."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical

from coach.engine import chat_past
from coach.tui import conversing
from coach.tui.actions import bindings
from coach.tui.screens.base import CoachScreen
from coach.tui.widgets.chat import ChatPane
from coach.tui.widgets.proposal import ProposalBox

Past: TypeAlias = "tuple[tuple[str, str], ...]"
"""(side, text) of earlier lines; side is me, coach or tone."""


class ChatScreen(CoachScreen[Past]):
    NAME = "coach"
    BINDINGS: ClassVar[list[BindingType]] = bindings("coach")
    AUTO_FOCUS = "#ask"
    LOOKS = """
    ChatScreen { #room { align-horizontal: center; } ChatPane { max-width: 110; } }
    """

    def body(self) -> ComposeResult:
        with Vertical(id="room"):
            yield ChatPane(conversing.asker(self.app), self.app.keymap)

    @on(ChatPane.Wanted)
    def _wanted(self, event: ChatPane.Wanted) -> None:
        conversing.serve(self.app, event)

    def come_in(self) -> None:
        if all(box.is_over for box in self.query(ProposalBox)):
            self.query_one(ChatPane).focus_entry()

    def stamp(self, db: Any, now: datetime) -> object:
        return chat_past.past(db, 2)

    def build(self, db: Any, now: datetime) -> Past:
        return chat_past.past(db)

    def show(self, view: Past) -> None:
        self.query_one(ChatPane).load(view)
