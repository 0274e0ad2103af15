"""How good was it: one key from 1 to 5."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from coach.tui.actions import bindings


class RatingDialog(ModalScreen[int | None]):
    """Returns 1 (poor) to 5 (good), or None."""

    DEFAULT_CSS = """
    RatingDialog {
        align: center middle;
        & > Vertical { width: 48; max-width: 100%; height: auto; }
        Static { padding: 0 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("rating"), Binding("escape", "dismiss(None)", "leave")]

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "How good was that answer?"
            box.border_subtitle = "esc leaves"
            yield Static("1 poor   2   3   4   5 good", markup=False)

    def action_rate(self, number: str) -> None:
        self.dismiss(int(number))
