"""Today's question with its answers; Esc leaves it open, and it can be dismissed for good."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from coach.engine.asking import Question
from coach.tui.widgets.paint import clean

DISMISS, OFF = "-dismiss", "-off"


class QuestionDialog(ModalScreen[str | None]):
    """Dismissed with a choice of the question, DISMISS, OFF, or None to leave it for later."""

    DEFAULT_CSS = """
    QuestionDialog {
        align: center middle;
        & > Vertical { width: 64; max-width: 100%; height: auto; max-height: 100%; }
        Static { height: auto; padding: 0 1; margin-bottom: 1; }
        OptionList, OptionList:focus { height: auto; border: none; background: $surface; }
        #why { color: $quiet; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "later")]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = "A question"
            box.border_subtitle = "enter answers · esc later"
            yield Static(clean(self._question.text), markup=False)
            yield Static(clean(self._question.why), id="why", markup=False)
            yield OptionList(
                *(Option(choice, id=f"c{n}") for n, choice in enumerate(self._question.choices)), None,
                Option("Do not ask this again", id=DISMISS), Option("Ask me nothing", id=OFF), markup=False,
            )

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        chosen = event.option_id or DISMISS
        self.dismiss(self._question.choices[int(chosen[1:])] if chosen.startswith("c") else chosen)
