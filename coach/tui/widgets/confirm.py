"""A question before something that reaches further than it looks."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static


class Confirm(ModalScreen[bool]):
    """Dismissed with True by enter or y, with False by esc or n."""

    DEFAULT_CSS = """
    Confirm {
        align: center middle;
        & > Vertical { width: 60; max-width: 100%; }
        Static { padding: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "answer(True)", "yes"), Binding("escape,n", "answer(False)", "no"),
    ]

    def __init__(self, title: str, question: str) -> None:
        super().__init__()
        self._title, self._question = title, question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = self._title
            box.border_subtitle = "enter yes · esc no"
            yield Static(self._question, markup=False)

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)
